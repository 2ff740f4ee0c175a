"""The pages of the site as Markdown: a pure function of the knowledge base.

Concept, tension and source files hold what people write; here they get what follows from the rest of the knowledge
base: definition, names, evidence, relations, tensions, who cites an idea; and the overview pages are made. Any builder
that reads Markdown can build the result: MkDocs gets it from `plugin`, and nothing here knows of it.

What is not for reading on its own is marked for the splitter (`passages`): `data-passage="none"` is left out,
`data-passage="question"` and the like are passages by themselves.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from cxkb import asking, concept_map, glossary, graph, neighbours, overviews, source_page
from cxkb.errors import SettingsError
from cxkb.heads import LANGUAGES, TENSION_KINDS
from cxkb.markup import count, join, link, listed, plain, unbracketed, unindexed
from cxkb.nearest import hint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Concept, Heading, Kind, Source, Tension

STRENGTHS = {
    "core": "several independent voices say what it means",
    "supported": "one voice says what it means, in at least three ideas",
    "thin": "one or two ideas are all there is",
}


@dataclass(frozen=True, slots=True)
class ComposedPage:
    """A page as Markdown, ready for a site builder, and what it was made from."""

    uri: str
    """Its place among the site's Markdown files: `concepts/three-ps.md`."""
    markdown: str
    kind: Kind | None = None
    """None for overview pages, which are made from others and answer nothing themselves."""
    id: str = ""
    title: str = ""
    path: str = ""
    """The file it was written in, relative to the knowledge base; empty for overview pages."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Anchor -> line in that file."""
    concepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Anchor -> ids of the concepts that this section is about; under "" those of all other sections."""


def compose(knowledge: KnowledgeBase) -> dict[str, ComposedPage]:
    """Every page made from the knowledge base, by URI."""
    pages = [
        *(_concept(concept, knowledge) for concept in knowledge.concepts.values()),
        *(_tension(tension, knowledge) for tension in knowledge.tensions.values()),
        *(_source(source, knowledge) for source in knowledge.sources.values()),
        *_overviews(knowledge),
        _concept_map(knowledge),
        _asking(knowledge),
    ]
    return {page.uri: page for page in pages}


def navigation(knowledge: KnowledgeBase, part: str) -> list[Any]:
    """The navigation below 'concepts', 'tensions' or 'sources', in MkDocs' form. Raises SettingsError for another part."""
    groups = [
        {escape(knowledge.settings.groups[group]): [f"concepts/{concept.id}.md" for concept in members]}
        for group, members in knowledge.groups.items()
    ]
    parts: dict[str, list[Any]] = {
        "concepts": ["concepts/index.md", *groups],
        "tensions": ["tensions/index.md", *(f"tensions/{id_}.md" for id_ in knowledge.tensions)],
        "sources": ["sources/index.md", *(f"sources/{key}.md" for key in knowledge.sources)],
    }
    if part not in parts:
        raise SettingsError(f"mkdocs.yml: there is no navigation 'cxkb:{part}'{hint(part, parts)}")
    return parts[part]


def _concept(concept: Concept, knowledge: KnowledgeBase) -> ComposedPage:
    head = concept.head
    parts = [
        _head(head.title, head.definition),
        f'<p class="cxkb-definition" data-passage="title">{escape(head.definition)}</p>',
        _facts(concept, knowledge),
        _with_pictures(concept.body.strip("\n"), knowledge.pictures),
        _tension_links(knowledge.tensions_of.get(concept.id, ())),
        _see_also(knowledge.relations_of(concept), neighbours.figure(concept, knowledge)),
        _questions(head.questions),
    ]
    return ComposedPage(
        uri=f"concepts/{concept.id}.md",
        markdown=join(parts),
        kind="concept",
        id=concept.id,
        title=head.title,
        path=concept.path,
        lines=_anchors(concept.headings),
        concepts={"": (concept.id,)},
    )


def _tension(tension: Tension, knowledge: KnowledgeBase) -> ComposedPage:
    head = tension.head
    concerned = [knowledge.concepts[id_] for id_ in head.concepts if id_ in knowledge.concepts]
    links = (
        "Concerns " + listed([link(concept.head.title, f"../concepts/{concept.id}.md") for concept in concerned]) + "."
    )
    parts = [
        _head(head.title, head.summary),
        f'<p class="cxkb-definition" data-passage="title">{escape(head.summary)}</p>',
        unindexed("cxkb-kind", link(f"{TENSION_KINDS[head.kind]}.", f"index.md#{head.kind}")),
        unindexed("cxkb-concerns", links) if concerned else "",
        _with_pictures(tension.body.strip("\n"), knowledge.pictures),
        _questions(head.questions),
    ]
    return ComposedPage(
        uri=f"tensions/{tension.id}.md",
        markdown=join(parts),
        kind="tension",
        id=tension.id,
        title=head.title,
        path=tension.path,
        lines=_anchors(tension.headings),
        concepts={"": tuple(concept.id for concept in concerned)},
    )


def _source(source: Source, knowledge: KnowledgeBase) -> ComposedPage:
    head = source.head
    return ComposedPage(
        uri=f"sources/{source.key}.md",
        markdown=join([_head(head.title, f"Notes on {head.title}"), source_page.markdown(source, knowledge)]),
        kind="source",
        id=source.key,
        title=unbracketed(head.title),
        path=source.path,
        lines=_anchors(source.headings),
        concepts={
            idea: tuple(
                page.id
                for page in knowledge.cited_by.get((source.key, idea), ())
                if page.id in knowledge.concepts and page.path == knowledge.concepts[page.id].path
            )
            for idea in source.ideas
        },
    )


def _head(title: str, description: str) -> str:
    """Front matter for the site builder, and the title as heading. Themes print a page's title without escaping it."""
    shown = escape(unbracketed(title))
    head = "".join(
        f"{key}: {json.dumps(value, ensure_ascii=False)}\n"  # YAML does not know JSON's surrogate pairs
        for key, value in (("title", shown), ("description", escape(description)))
    )
    return f"---\n{head}---\n\n# {plain(unbracketed(title))}"


def _facts(concept: Concept, knowledge: KnowledgeBase) -> str:
    """What it belongs to and rests on, and what it is also called."""
    evidence = knowledge.evidence(concept)
    group = concept.head.group
    chip = link(knowledge.settings.groups.get(group, group), f"index.md#{group}") + "{ .cxkb-chip }"
    strength = f'<span class="cxkb-strength" title="{STRENGTHS[evidence.strength]}">{evidence.strength} evidence</span>'
    voices = listed([link(knowledge.sources[key].label, f"../sources/{key}.md") for key in evidence.voices] or ["none"])
    counted = f"{count(len(evidence.voices), 'independent voice')}, {count(evidence.ideas, 'idea')}"
    about = unindexed(
        f"cxkb-about cxkb-group-{graph.colour(graph.number_of(group, knowledge))}",
        f"{chip} {strength} {counted}: {voices}",
    )
    rows = []
    for lang, names in concept.head.aliases.items():
        items = "".join(f'<li data-passage="alias">{escape(name)}</li>' for name in names)
        label = "Also known as" if lang == "en" else f"In {LANGUAGES[lang]}"
        rows.append(
            f'<div><dt data-passage="none">{label}</dt><dd lang="{lang}"><ul class="cxkb-names">{items}</ul></dd></div>'
        )
    listing = '<dl class="cxkb-facts">\n' + "\n".join(rows) + "\n</dl>" if rows else ""
    return join([about, listing]).rstrip("\n")


PICTURE = re.compile(r"^!\[(?P<caption>[^\]\n]*)\]\(\.\./pictures/(?P<name>[\w-]+)\.svg\)$", re.MULTILINE)


def _with_pictures(body: str, pictures: Mapping[str, str]) -> str:
    """Drawings put into the page itself, where they take its colours: an image could not know of the dark scheme."""

    def inline(match: re.Match[str]) -> str:
        if match["name"] not in pictures:
            return match[0]
        svg = re.sub(r"<!--.*?-->", "", pictures[match["name"]], flags=re.DOTALL)
        svg = re.sub(r"\s*\n\s*", "\n", svg[svg.find("<svg") :].strip())  # a blank line would end the HTML block
        return f'<figure class="cxkb-picture">\n{svg}\n<figcaption>{escape(match["caption"])}</figcaption>\n</figure>'

    return PICTURE.sub(inline, body)


def _tension_links(tensions: Iterable[Tension]) -> str:
    items = [
        f"- {link(tension.head.title, f'../tensions/{tension.id}.md')}: {plain(tension.head.summary)}"
        for tension in tensions
    ]
    return unindexed("cxkb-tensions", "**Sources differ**\n\n" + "\n".join(items)) if items else ""


def _see_also(relations: Mapping[str, tuple[Concept, ...]], figure: str) -> str:
    if not relations:
        return ""
    items = "\n".join(graph.listed(relations, folder=""))
    return unindexed("cxkb-relations", join(["## See also { #see-also }", figure, items]))


def _questions(questions: Mapping[Any, list[str]]) -> str:
    items = [
        f'<li lang="{lang}" data-passage="question">{escape(question)}</li>'
        for lang, asked in questions.items()
        for question in asked
    ]
    if not items:
        return ""
    entries = "\n".join(items)
    return f'<details class="cxkb-questions" data-search-exclude>\n<summary data-passage="none">Questions this page answers</summary>\n<ul>\n{entries}\n</ul>\n</details>'


def _overviews(knowledge: KnowledgeBase) -> Iterator[ComposedPage]:
    """The pages that only list others."""
    concepts = "All concepts of customer experience in this knowledge base, by group"
    tensions = "Questions on which the sources differ, each with who says what"
    names = "Every name of every concept, A to Z, in three languages"
    for uri, title, description, markdown in (
        ("concepts/index.md", "Concepts", concepts, overviews.concepts(knowledge)),
        ("tensions/index.md", "Tensions", tensions, overviews.tensions(knowledge)),
        ("sources/index.md", "Sources", "The texts behind this knowledge base", overviews.sources(knowledge)),
        ("glossary.md", "Glossary", names, glossary.markdown(knowledge)),
    ):
        yield ComposedPage(uri=uri, markdown=join([_head(title, description), markdown]))


def _concept_map(knowledge: KnowledgeBase) -> ComposedPage:
    head = _head("Concept map", "All concepts of customer experience in this knowledge base and how they are related")
    wide = head.replace("---\n", "---\nhide: [navigation, toc]\n", 1)
    return ComposedPage(uri=concept_map.URI, markdown=join([wide, concept_map.markdown(knowledge)]))


def _asking(knowledge: KnowledgeBase) -> ComposedPage:
    head = _head(asking.TITLE, asking.INTRODUCTION)
    apart = head.replace("---\n", "---\nhide: [toc]\nsearch: {exclude: true}\n", 1)
    return ComposedPage(uri=asking.URI, markdown=join([apart, asking.INTRODUCTION, asking.body(knowledge)]))


def _anchors(headings: Iterable[Heading]) -> dict[str, int]:
    return {heading.id: heading.line for heading in headings if heading.id}
