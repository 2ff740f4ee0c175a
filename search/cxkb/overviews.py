"""The pages that only list others, below their titles: concepts by group, tensions by kind, sources with their use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkb import graph, source_page, usage
from cxkb.heads import TENSION_KINDS
from cxkb.markup import count, join, link, listed, plain, unbracketed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Concept, Source, Tension


def concepts(knowledge: KnowledgeBase) -> str:
    """Every concept with its definition and its evidence, by group in the group's colour."""
    groups = knowledge.settings.groups
    shown = sum(map(len, knowledge.groups.values()))
    jumps = [f"- [{plain(groups[group])}](#{group}){{ .{_colour(group, knowledge)} }}" for group in knowledge.groups]
    parts = [f"{count(shown, 'concept')} in {count(len(jumps), 'group')}.", _div("cxkb-jumps", "\n".join(jumps))]
    for group, members in knowledge.groups.items():
        colour = _colour(group, knowledge)
        cards = _cards(colour, (_concept(concept, knowledge) for concept in members))
        parts += [f"## {plain(groups[group])} {{ #{group} .cxkb-group .{colour} }}", cards]
    return join(parts)


def _concept(concept: Concept, knowledge: KnowledgeBase) -> list[str]:
    evidence = knowledge.evidence(concept)
    counted = f"{count(len(evidence.voices), 'voice')}, {count(evidence.ideas, 'idea')}"
    return [link(concept.head.title, f"{concept.id}.md"), plain(concept.head.definition), counted]


def tensions(knowledge: KnowledgeBase) -> str:
    """Every tension with its summary and the concepts it concerns, by kind."""
    parts = ["Questions on which the sources differ, each with who says what."]
    for kind, says in TENSION_KINDS.items():
        found = [tension for tension in knowledge.tensions.values() if tension.head.kind == kind]
        if found:
            cards = _cards("cxkb-questions-asked", (_tension(tension, knowledge) for tension in found))
            parts += [f"## {says} {{ #{kind} }}", cards]
    return join(parts)


def _tension(tension: Tension, knowledge: KnowledgeBase) -> list[str]:
    concerned = [knowledge.concepts[id_] for id_ in tension.head.concepts if id_ in knowledge.concepts]
    links = [link(concept.head.title, f"../concepts/{concept.id}.md") for concept in concerned]
    about = [f"Concerns {listed(links)}"] if links else []
    return [link(tension.head.title, f"{tension.id}.md"), plain(tension.head.summary), *about]


def sources(knowledge: KnowledgeBase) -> str:
    """Every source with what it is and how much of it is used."""
    voices = len({knowledge.voice(key) for key in knowledge.sources})
    introduction = (
        f"{count(len(knowledge.sources), 'source')}, {count(voices, 'independent voice')}. "
        "Each record holds notes in our own words, one idea under each heading."
    )
    cards = _cards("cxkb-sources", (_source(source, knowledge) for source in knowledge.sources.values()))
    return join([introduction, cards])


def _source(source: Source, knowledge: KnowledgeBase) -> list[str]:
    found = usage.of(source, knowledge)
    voice = knowledge.sources[knowledge.voice(source.key)]
    same = (
        []
        if voice is source
        else [f"The same voice as {link(voice.label, f'{voice.key}.md')}; together they count once."]
    )
    return [
        link(unbracketed(source.head.title), f"{source.key}.md"),
        f"**{plain(source.label)}**",
        plain(source_page.sentence(source.head)),
        *same,
        f"{usage.meter(found.ideas, len(source.ideas))} {usage.sentence(source, found)}",
    ]


def _cards(name: str, cards: Iterable[list[str]]) -> str:
    """A list whose every entry is some paragraphs, the first its title and the last in small print."""
    items = ["\n\n    ".join(card) for card in cards]
    return _div(f"cxkb-cards {name}", "\n\n".join(f"-   {item}" for item in items))


def _div(name: str, markdown: str) -> str:
    return f'<div class="{name}" markdown>\n\n{markdown}\n\n</div>'


def _colour(group: str, knowledge: KnowledgeBase) -> str:
    """The class of the group's colour in cxkb.css."""
    return f"cxkb-group-{graph.colour(graph.number_of(group, knowledge))}"
