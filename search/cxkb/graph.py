"""The knowledge base as a graph: a node for each concept, an edge for each relation between two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkb.heads import RELATIONS
from cxkb.markup import link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Concept

COLOURS = 9
"""More cannot be told from each other."""


@dataclass(frozen=True, slots=True)
class Node:
    """A concept."""

    id: str
    title: str
    definition: str
    group: int
    """See `number_of`."""
    degree: int
    """How many concepts it has a relation with."""


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """A relation, told once: `a broader b` and `b narrower a` are one edge, so are both sides of `related`."""

    source: str
    target: str
    relation: str
    """As spelled in a concept's head; never `narrower`, which is `broader` the other way round."""
    directed: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes by group, then title, as the groups of the knowledge base have them; edges sorted."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def of(knowledge: KnowledgeBase) -> Graph:
    """The graph of all concepts that have a group. Relations with any other are passed over."""
    grouped = {concept.id: concept for members in knowledge.groups.values() for concept in members}
    edges = sorted(
        {
            _edge(concept.id, relation, other)
            for concept in grouped.values()
            for relation, ids in concept.head.relations().items()
            for other in ids
            if other in grouped and other != concept.id
        }
    )
    met: dict[str, set[str]] = {id_: set() for id_ in grouped}
    for edge in edges:
        met[edge.source].add(edge.target)
        met[edge.target].add(edge.source)
    nodes = [
        Node(concept.id, concept.head.title, concept.head.definition, number_of(group, knowledge), len(met[concept.id]))
        for group, members in knowledge.groups.items()
        for concept in members
    ]
    return Graph(tuple(nodes), tuple(edges))


def number_of(group: str, knowledge: KnowledgeBase) -> int:
    """The group's number, counted from 1 in the order of the settings; 0 for one that they do not have."""
    return ([*knowledge.settings.groups].index(group) + 1) if group in knowledge.settings.groups else 0


def listed(relations: Mapping[str, tuple[Concept, ...]], folder: str) -> list[str]:
    """A concept's relations as a Markdown list, an item for each label; `folder` is where concepts are seen from there."""
    return [
        f"- **{label}:** " + ", ".join(link(concept.head.title, f"{folder}{concept.id}.md") for concept in concepts)
        for label, concepts in relations.items()
    ]


def colour(number: int) -> int:
    """The number of the group's colour in cxkb.css: there are COLOURS of them, and they recur."""
    return (number - 1) % COLOURS + 1 if number else 0


def _edge(id_: str, relation: str, other: str) -> Edge:
    """The one form of a relation that two pages may each state in their own way."""
    _, _, inverse = RELATIONS[relation]
    if inverse == relation:
        return Edge(min(id_, other), max(id_, other), relation, directed=False)
    if inverse and list(RELATIONS).index(inverse) < list(RELATIONS).index(relation):
        return Edge(other, id_, inverse, directed=True)
    return Edge(id_, other, relation, directed=True)
