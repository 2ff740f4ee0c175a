"""A concept and its neighbours as a small drawing for the concept's page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cxkb import captions, graph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Concept

MOST = 12
"""Neighbours shown: more cannot be read on a telephone."""

WIDTH, ROOM, SIZE, LEADING = 404, 114, 14, 17
"""Of the drawing, of a name on each side, of its letters, and between its lines, in units of the drawing.

On a screen 320 pixels wide a unit is 0.7 pixels; wider ones show the drawing 22rem wide (see map.css).
"""

SMALL = 12
"""Letters of the relations' names."""

BETWEEN = 7
"""Between two neighbours."""

Row = tuple[str, "Concept | None", tuple[str, ...]]
"""A relation's name (without a concept) or a neighbour, and the lines it is written in."""


def figure(concept: Concept, knowledge: KnowledgeBase) -> str:
    """The drawing as HTML without blank lines; empty for a concept without relations.

    Neighbours are links. Who tabs or listens gets them from the list that follows: the drawing would say them twice.
    """
    shown = telling(concept, knowledge)
    if not shown:
        return ""
    half = _half(shown)
    sides = _rows(shown[:half]), _rows(shown[half:])
    title = captions.wrap(captions.short(concept.head.title), ROOM - 4, SIZE, most=4)
    height = max(*(_height(side) for side in sides), len(title) * LEADING + 20)
    lines: list[str] = []
    words: list[str] = []
    middle = height / 2
    reach = max(captions.width(line, SIZE) for line in title) / 2 + 8
    for rows, right in zip(sides, (False, True), strict=True):
        _side(rows, (height - _height(rows)) / 2, middle, reach, knowledge, lines, words, right=right)
    colour = graph.colour(graph.number_of(concept.head.group, knowledge))
    top = middle - len(title) * LEADING / 2
    spans = _spans(title, WIDTH / 2, top)
    box = f'x="{WIDTH / 2 - reach:.1f}" y="{top - 8:.1f}" width="{2 * reach:.1f}" height="{len(title) * LEADING + 16}" rx="8"'
    drawing = [
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" font-size="{SIZE}" aria-hidden="true">',
        f'<g fill="none" stroke="#999">{"".join(lines)}</g>',
        *words,
        f'<g class="cxkb-neighbours-self cxkb-group-{colour}"><rect {box} fill="none" stroke="#999"/><text text-anchor="middle" font-weight="700">{spans}</text></g>',
        "</svg>",
    ]
    caption = f'<a href="../../map/#{concept.id}">On the concept map</a>'
    return "\n".join(
        [
            '<figure class="cxkb-neighbours" data-passage="none" data-search-exclude>',
            *drawing,
            f"<figcaption>{caption}</figcaption>",
            "</figure>",
        ]
    )


def telling(concept: Concept, knowledge: KnowledgeBase) -> list[tuple[str, Concept]]:
    """Up to MOST neighbours, each once, with the relation's label: particular relations first, `Related` last.

    Within a relation, those that have most neighbours in common with the concept come first.
    """
    relations = knowledge.relations_of(concept)
    mine = {other.id for others in relations.values() for other in others}
    found: dict[str, tuple[str, Concept]] = {}
    for label, others in relations.items():
        for other in sorted(others, key=lambda other: (-_shared(other, mine, knowledge), other.id)):
            found.setdefault(other.id, (label, other))
    return list(found.values())[:MOST]


def _shared(other: Concept, mine: set[str], knowledge: KnowledgeBase) -> int:
    """How many of these concepts the other one is related to."""
    return len(mine & {one.id for others in knowledge.relations_of(other).values() for one in others})


def _half(shown: Sequence[tuple[str, Concept]]) -> int:
    """How many neighbours stand on the left, for both sides to be about as high."""
    return min(range(len(shown) + 1), key=lambda n: (abs(_height(_rows(shown[:n])) - _height(_rows(shown[n:]))), n))


def _rows(shown: Sequence[tuple[str, Concept]]) -> list[Row]:
    """What stands on one side, from top to bottom: each relation, then its neighbours."""
    rows: list[Row] = []
    last = ""
    for label, other in shown:
        if label != last:
            rows.append((label, None, (label,)))
        rows.append((label, other, captions.wrap(captions.short(other.head.title), ROOM, SIZE)))
        last = label
    return rows


def _height(rows: Sequence[Row]) -> float:
    return sum(len(lines) * LEADING + BETWEEN for _, _, lines in rows)


def _side(
    rows: Sequence[Row], y: float, middle: float, reach: float,
    knowledge: KnowledgeBase, lines: list[str], words: list[str], *, right: bool,
) -> None:  # fmt: skip
    """Draw one side from this height downwards: lines from the middle, and words at their ends."""
    edge = ROOM if not right else WIDTH - ROOM
    outwards = 1 if right else -1
    anchor = "start" if right else "end"
    for label, other, written in rows:
        if other is None:
            words.append(
                f'<text class="cxkb-neighbours-relation" x="{edge}" y="{y + LEADING * 0.8:.1f}" text-anchor="{anchor}" font-size="{SMALL}">{escape(label)}</text>'
            )
        else:
            dot, centre = edge - 8 * outwards, y + len(written) * LEADING / 2
            start = WIDTH / 2 + reach * outwards
            bend = (start + dot) / 2
            lines.append(
                f'<path d="M{start:.1f} {middle:.1f}C{bend:.1f} {middle:.1f} {bend:.1f} {centre:.1f} {dot} {centre:.1f}"/>'
            )
            colour = graph.colour(graph.number_of(other.head.group, knowledge))
            # xlink:href, since Material's instant navigation cannot bear a relative `href` in SVG.
            words.append(
                f'<a class="cxkb-group-{colour}" role="link" xlink:href="../{other.id}/" tabindex="-1"><title>{escape(other.head.definition)}</title>'
                f'<circle cx="{dot}" cy="{centre:.1f}" r="4"/><text text-anchor="{anchor}">{_spans(written, edge, y)}</text></a>'
            )
        y += len(written) * LEADING + BETWEEN


def _spans(lines: Sequence[str], x: float, top: float) -> str:
    """Lines of text below this height."""
    return "".join(
        f'<tspan x="{x:g}" y="{top + LEADING * (n + 0.78):.1f}">{escape(line)}</tspan>' for n, line in enumerate(lines)
    )
