"""A source's page below its title: what it is, what draws on it, and its notes with the pages that use each idea."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cxkb import usage
from cxkb.heads import SOURCE_KINDS
from cxkb.markup import count, join, link, listed, plain, unindexed
from cxkb.reference import MONTHS, apa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxkb.heads import Name, SourceHead
    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Concept, Page, Source, Tension

ON_THE_WEB = {"post", "post-weblog", "webpage"}
"""Kinds of source that appear on their container, not in it."""


def markdown(source: Source, knowledge: KnowledgeBase) -> str:
    """The page as Markdown; only the record's own text is indexed."""
    introduction, notes = _notes(source, knowledge)
    return join(
        [
            f'<p class="cxkb-definition" data-passage="none">{escape(sentence(source.head))}</p>',
            f'<p class="cxkb-source-reference" data-passage="none">{apa(source.head)}</p>',
            introduction,
            _facts(source),
            _editions(source, knowledge),
            _use(source, knowledge),
            _contents(source, knowledge),
            notes,
        ]
    )


def sentence(head: SourceHead) -> str:
    """What the source is, as far as the record knows; then what it does not know. Plain text.

    An English-language interview with Brian Solis by Silvia Hänig, published in acquisa, September 2016.
    """
    spoken = head.type in {"interview", "speech"}
    what = f"{language(head.language)}-language {SOURCE_KINDS[head.type]}"
    text = f"An {what}" if what[0] in "AEIOU" else f"A {what}"
    if head.author:
        text += f" {'with' if head.type == 'interview' else 'by'} {_people(head.author)}"
    if head.interviewer:
        text += f" by {_people(head.interviewer)}"
    if head.container_title and head.container_title not in {name.literal for name in head.author}:
        text += f", published {'on' if head.type in ON_THE_WEB else 'in'} {head.container_title}"
    elif head.publisher:
        text += f", published by {head.publisher}"
    if head.issued:
        text += f", {date(head.issued)}"
    unknown = {
        "who speaks" if spoken else "who wrote it": bool(head.author or head.editor),
        "who asks": head.type != "interview" or bool(head.interviewer),
        "where it appeared": bool(head.container_title or head.publisher or head.url or head.doi),
        "when it appeared": bool(head.issued),
    }
    missing = [what for what, known in unknown.items() if not known]
    return text + "." + (f" Not known: {', '.join(missing)}." if missing else "")


def date(issued: str) -> str:
    """A date as exactly as it is known: `2016`, `September 2016`, `30 September 2016`."""
    year, *rest = issued.split("-")
    month = [MONTHS[int(rest[0]) - 1]] if rest else []
    return " ".join([*(str(int(day)) for day in rest[1:]), *month, year])


def language(tag: str) -> str:
    """The English name of a BCP 47 tag's language, `German` for `de-AT`; the tag itself where it has none."""
    from babel import Locale

    return str(Locale("en").languages.get(tag.partition("-")[0], tag))


def _people(names: Sequence[Name]) -> str:
    return listed([f"{name.given or ''} {name.family or name.literal}".strip() for name in names])


def _facts(source: Source) -> str:
    head = source.head
    people = {
        "Author": head.author,
        "Interviewer": head.interviewer,
        "Translator": head.translator,
        "Editor": head.editor,
    }
    facts = {label: _people(names) for label, names in people.items() if names}
    facts |= {
        "Kind": SOURCE_KINDS[head.type],
        "In": head.container_title or "",
        "Publisher": head.publisher or "",
        "Date": date(head.issued) if head.issued else "",
        "Language": language(head.language),
        "Read on": date(head.accessed) if head.accessed else "",
        "Cite as": f"[@{source.key}]",
        "Origin": head.note or "",
    }
    rows = [f"<div><dt>{label}</dt><dd>{escape(fact)}</dd></div>" for label, fact in facts.items() if fact]
    return '<dl class="cxkb-facts" data-passage="none">\n' + "\n".join(rows) + "\n</dl>"


def _editions(source: Source, knowledge: KnowledgeBase) -> str:
    editions = [
        other
        for other in knowledge.sources.values()
        if other.key != source.key and knowledge.voice(other.key) == knowledge.voice(source.key)
    ]
    links = [link(other.label, f"{other.key}.md") for other in editions]
    said = f"The same voice speaks in {listed(links)}; together they count once." if links else ""
    return unindexed("cxkb-editions", said) if said else ""


def _use(source: Source, knowledge: KnowledgeBase) -> str:
    found = usage.of(source, knowledge)
    parts = ["## How much of it is used", usage.meter(found.ideas, len(source.ideas)), usage.sentence(source, found)]
    for noun, pages in (("Concepts", found.concepts), ("Tensions", found.tensions)):
        if pages:
            parts += [
                f"**{noun}**, with the number of ideas that each draws on:",
                "\n".join(_counted(*page) for page in pages),
            ]
    return unindexed("cxkb-use", join(parts))


def _counted(page: Concept | Tension, ideas: int) -> str:
    """An entry in the list of pages; a page that names no idea has no number."""
    number = f' <span class="cxkb-count">{ideas}</span>' if ideas else ""
    return f"- {_link(page)}{number}"


def _contents(source: Source, knowledge: KnowledgeBase) -> str:
    """Every idea under the heading it stands under; folded, for it is long."""
    items = []
    below = ""
    for heading in source.headings:
        if heading.level == 2:
            items.append(f"- [{plain(heading.text)}](#{heading.id})" if heading.id else f"- {plain(heading.text)}")
            below = "    "
        elif heading.level == 3 and heading.id:
            unused = "" if (source.key, heading.id) in knowledge.cited_by else " (not used yet)"
            items.append(f"{below}- [{plain(heading.text)}](#{heading.id}){unused}")
    if not source.ideas:
        return ""
    summary = f"<summary>Its {count(len(source.ideas), 'idea')}, one by one</summary>"
    listing = "\n".join(items)
    return f'<details class="cxkb-contents" data-passage="none" markdown>\n{summary}\n\n{listing}\n\n</details>'


def _notes(source: Source, knowledge: KnowledgeBase) -> tuple[str, str]:
    """What the record says before its first heading, and the rest: each idea followed by the pages that cite it."""
    lines = source.body.split("\n")
    bounds = [*(heading.line - source.body_line for heading in source.headings), len(lines)]
    introduction = "\n".join(lines[: bounds[0]])
    blocks: list[str] = []
    for heading, start, end in zip(source.headings, bounds, bounds[1:], strict=False):
        blocks.append("\n".join(lines[start:end]).strip("\n"))
        if heading.id and (pages := knowledge.cited_by.get((source.key, heading.id))):
            blocks.append(unindexed("cxkb-cited-by", "Used in " + listed([_link(page) for page in pages])))
    return introduction.strip("\n"), join(blocks).strip("\n")


def _link(page: Page) -> str:
    title = str(page.head.title)  # type: ignore[attr-defined]  # both kinds of page have a head with a title
    return link(title, f"../{page.path.removeprefix('docs/')}")
