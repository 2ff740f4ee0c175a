"""The concept map: all concepts in one drawing, and the same as a list for those who would rather read it.

The page has the list and an empty place for the drawing. The drawing is made only when a site is built: no index needs it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from importlib.resources import files as resources
from typing import TYPE_CHECKING

from cxkb import captions, graph, layout, storage
from cxkb.heads import RELATIONS
from cxkb.markup import count, link, plain, unindexed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from cxkb.graph import Edge, Graph, Node
    from cxkb.knowledge import KnowledgeBase

    Address = Callable[[str], str]
    """A file of the site, `concepts/three-ps.md`, -> its address, seen from the map's page."""

URI = "map.md"
SCRIPT = "assets/cxkb/map.mjs"
PLACE = '<figure class="cxkb-map" data-passage="none" data-search-exclude=""></figure>'

SIZE, LEADING, ROOM = 13, 15, 116
"""Of concepts' names: letters, distance of lines and longest line, in units of the drawing (about a pixel)."""

GROUP_SIZE = 18
"""Of groups' names, in the same unit."""

APART = 8
"""Between two names."""

REGION = 14
"""How far the region of a group reaches beyond what is in it."""

GAP = 2 * REGION + 12


@dataclass(frozen=True, slots=True)
class Label:
    """A concept's dot with its name below, or a group's name, where (x, y) is the middle of the whole."""

    lines: tuple[str, ...]
    size: float
    radius: float
    """Of the dot; 0 for a group's name."""
    x: float
    y: float

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height."""
        longest = max(captions.width(line, self.size) for line in self.lines)
        return max(longest, 2 * self.radius), 2 * self.radius + len(self.lines) * self.size * LEADING / SIZE

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        width, height = self.extent
        return self.x - width / 2, self.y - height / 2, self.x + width / 2, self.y + height / 2

    @property
    def dot(self) -> tuple[int, int]:
        """The middle of the dot."""
        return round(self.x), round(self.box[1] + self.radius)


@dataclass(frozen=True, slots=True)
class Placed:
    """All labels at their places; no two overlap."""

    concepts: Mapping[str, Label]
    groups: Mapping[int, Label]


def markdown(knowledge: KnowledgeBase) -> str:
    """The page below its title: the place of the drawing, then every concept with its relations, by group."""
    found = graph.of(knowledge)
    numbers = f"{count(len(found.nodes), 'concept')} and {count(len(found.edges), 'relation')} between them"
    parts = ["## The same as a list { #list }"]
    for group, members in knowledge.groups.items():
        parts.append(f"### {plain(knowledge.settings.groups[group])} {{ #list-of-{group} }}")
        for concept in members:
            parts.append(f"#### {link(concept.head.title, f'concepts/{concept.id}.md')} {{ #list-{concept.id} }}")
            items = graph.listed(knowledge.relations_of(concept), folder="concepts/")
            tensions = knowledge.tensions_of.get(concept.id, ())
            if asked := " ".join(link(tension.head.title, f"tensions/{tension.id}.md") for tension in tensions):
                items.append(f"- **Sources differ:** {asked}")
            parts.append("\n".join(items))
    introduction = (
        f"{numbers}: as a map, and [as a list](#list). An arrow leads to what is broader, to the whole, or to what is enabled "
        "or hindered; a dashed line is a contrast."
    )
    return "\n\n".join([introduction, PLACE, unindexed("cxkb-map-list", "\n\n".join(part for part in parts if part))])


def with_drawing(html: str, knowledge: KnowledgeBase, address: Address) -> str:
    """The rendered page, with the drawing, its legend and its script in their place."""
    groups = {graph.number_of(group, knowledge): knowledge.settings.groups[group] for group in knowledge.groups}
    drawn = kept(knowledge.settings.drawings, graph.of(knowledge), groups, address)
    window = f'<div class="cxkb-map-window">\n{drawn}\n</div>'
    drawing = "\n".join([_legend(groups), window, _script(address)])
    return html.replace(PLACE, PLACE.replace("></", f">\n{drawing}\n</", 1))


def kept(folder: Path, found: Graph, groups: Mapping[int, str], address: Address) -> str:
    """As `svg`, taken from `folder` if it was drawn before, and kept there if not: finding places takes the most time."""
    package = resources("cxkb")
    code = (package / f"{name}.py" for name in ("captions", "concept_map", "graph", "layout"))
    addresses = [address(f"concepts/{node.id}.md") for node in found.nodes]
    words = [storage.edition("numpy", *code), repr(found), groups, addresses]
    return storage.kept(folder, ".svg", words, lambda: svg(found, groups, address).encode()).decode()


def place(found: Graph, groups: Mapping[int, str]) -> Placed:
    """A place for each concept and each group's name. `groups` are the names of the groups that have concepts."""
    import numpy

    names = _names(found.nodes)
    labels = [
        Label(captions.wrap(names[node.id], ROOM, SIZE), SIZE, 4 + round(1.8 * node.degree**0.5, 1), 0, 0)
        for node in found.nodes
    ]
    titles = [Label((name,), GROUP_SIZE, 0, 0, 0) for name in groups.values()]
    if not labels:
        return Placed({}, {})
    number = {node.id: n for n, node in enumerate(found.nodes)}
    pull = numpy.zeros((len(labels), len(labels)))
    for edge in found.edges:
        a, b = number[edge.source], number[edge.target]
        pull[a, b] = pull[b, a] = max(pull[a, b], 1 if edge.relation == "related" else 2)
    order = list(groups)
    concepts, middles = layout.clustered(
        numpy.array([label.extent for label in labels]) + APART,
        numpy.array([order.index(node.group) for node in found.nodes]),
        pull,
        numpy.array([title.extent for title in titles]) + APART,
        GAP,
    )
    return Placed(
        {node.id: _at(label, spot) for node, label, spot in zip(found.nodes, labels, concepts.tolist(), strict=True)},
        {group: _at(title, spot) for group, title, spot in zip(groups, titles, middles.tolist(), strict=True)},
    )


def svg(found: Graph, groups: Mapping[int, str], address: Address) -> str:
    """The drawing. Every concept is a link with its definition as title; without styles it is black on white."""
    placed = place(found, groups)
    boxes = [label.box for label in (*placed.concepts.values(), *placed.groups.values())]
    edge = GAP
    width = round(max((box[2] for box in boxes), default=0)) + 2 * edge
    height = round(max((box[3] for box in boxes), default=0)) + 2 * edge
    lines = [
        f'<svg class="cxkb-map-drawing" viewBox="{-edge} {-edge} {width} {height}" role="group" aria-label="Concept map">',
        '<defs><marker id="cxkb-arrow" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L6 3L0 6z"/></marker></defs>',
        *(_region(number, name, found, placed) for number, name in groups.items()),
        *_lines(found.edges, placed),
        *(_node(node, placed.concepts[node.id], address) for node in found.nodes),
        "</svg>",
    ]
    return "\n".join(lines)


def _names(nodes: Sequence[Node]) -> dict[str, str]:
    """Names for the drawing, in full where two concepts would share the short form."""
    short = [captions.short(node.title) for node in nodes]
    shared = Counter(short)
    return {node.id: node.title if shared[name] > 1 else name for node, name in zip(nodes, short, strict=True)}


def _at(label: Label, spot: list[float]) -> Label:
    return Label(label.lines, label.size, label.radius, round(spot[0], 1), round(spot[1], 1))


def _region(number: int, name: str, found: Graph, placed: Placed) -> str:
    """What a group covers, and its name."""
    title = placed.groups[number]
    labels = [title, *(placed.concepts[node.id] for node in found.nodes if node.group == number)]
    corners = [
        (x, y) for left, top, right, low in (label.box for label in labels) for x in (left, right) for y in (top, low)
    ]
    path = "L".join(f"{x:.0f} {y:.0f}" for x, y in layout.outline(corners))
    return (
        f'<g class="cxkb-region cxkb-group-{graph.colour(number)}" data-group="{number}">'
        f'<path d="M{path}z" fill="none" stroke-width="{2 * REGION}" stroke-linejoin="round"/>'
        f'<text x="{title.x:.0f}" y="{title.y + GROUP_SIZE * 0.35:.0f}" text-anchor="middle">{escape(name)}</text></g>'
    )


def _lines(edges: Sequence[Edge], placed: Placed) -> Iterator[str]:
    """One line for every two concepts that have a relation; of several, the one that says most."""
    telling = sorted(edges, key=lambda edge: list(RELATIONS).index(edge.relation))
    drawn: set[frozenset[str]] = set()
    for edge in telling:
        if (ends := frozenset((edge.source, edge.target))) in drawn:
            continue
        drawn.add(ends)
        source, target = placed.concepts[edge.source], placed.concepts[edge.target]
        (x1, y1), (x2, y2) = source.dot, target.dot
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1
        along, across = (x2 - x1) / length, (y2 - y1) / length
        start, end = source.radius + 1, target.radius + 2
        arrow = ' marker-end="url(#cxkb-arrow)"' if edge.directed else ""
        yield (
            f'<line class="cxkb-edge cxkb-edge-{edge.relation}" data-from="{edge.source}" data-to="{edge.target}"'
            f' x1="{x1 + along * start:.1f}" y1="{y1 + across * start:.1f}" x2="{x2 - along * end:.1f}" y2="{y2 - across * end:.1f}"'
            f' stroke="#999"{arrow}/>'
        )


def _node(node: Node, label: Label, address: Address) -> str:
    x, y = label.dot
    space = '<tspan font-size="0"> </tspan>'  # who listens hears words, who looks sees lines that are centred
    text = space.join(
        f'<tspan x="{x}" y="{label.box[1] + 2 * label.radius + LEADING * (n + 0.85):.1f}">{escape(line)}</tspan>'
        for n, line in enumerate(label.lines)
    )
    # xlink:href, since Material's instant navigation cannot bear a relative `href` in SVG (it assigns to the property).
    return (
        f'<a id="{node.id}" role="link" class="cxkb-node cxkb-group-{graph.colour(node.group)}" data-group="{node.group}" xlink:href="{escape(address(f"concepts/{node.id}.md"))}">'
        f"<title>{escape(node.title)}: {escape(node.definition)}</title>"
        f'<circle cx="{x}" cy="{y}" r="{label.radius}"/><text text-anchor="middle" font-size="{SIZE}">{text}</text></a>'
    )


def _legend(groups: Mapping[int, str]) -> str:
    """The groups with their colours. The script makes them a filter by showing the boxes to tick."""
    items = "".join(
        f'<label class="cxkb-group-{graph.colour(number)}"><input type="checkbox" value="{number}" hidden> {escape(name)}</label>'
        for number, name in groups.items()
    )
    return f'<form class="cxkb-map-legend" aria-label="Groups">{items}</form>'


def _script(address: Address) -> str:
    return f'<script type="module" src="{escape(address(SCRIPT))}"></script>'
