"""Which picture stands for a page where its address is shared: where it lies, and what `cards` draws on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkb import cards, graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Kind

SITE = "assets/cxkb/cards/site.png"
"""Path of the picture of all pages that have none of their own."""

OWN: tuple[Kind, ...] = ("concept", "tension")
"""Kinds of pages with a picture of their own."""


def path(kind: Kind | None, id_: str) -> str:
    """Path of a page's picture."""
    return f"assets/cxkb/cards/{kind}-{id_}.png" if kind in OWN else SITE


def pictures(knowledge: KnowledgeBase, site_name: str) -> dict[str, bytes]:
    """Path -> PNG of every picture, each drawn once and kept from build to build."""
    folder = knowledge.settings.cards
    return {
        path: cards.load_or_draw(folder, title, text, colour, site_name, label)
        for path, title, text, colour, label in _cards(knowledge, site_name)
    }


def _cards(knowledge: KnowledgeBase, site_name: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Path, title, text, colour and label of each."""
    colours, groups = cards.colours(), knowledge.settings.groups
    yield SITE, site_name, "", colours[0], ""
    for concept in knowledge.concepts.values():
        head = concept.head
        colour = colours[graph.colour(graph.number_of(head.group, knowledge))]
        label = f"Concept · {groups.get(head.group, head.group)}"
        yield path("concept", concept.id), head.title, head.definition, colour, label
    for tension in knowledge.tensions.values():
        yield path("tension", tension.id), tension.head.title, tension.head.summary, colours[0], "Where sources differ"
