"""Places for boxes that pull at each other: near what they belong to, and never one upon another.

A concept map is laid out from the inside out: the concepts of a group among themselves, then the groups with their
actual extents. So groups stay together and apart from each other whatever the relations between them. Every step starts
from a fixed place and no chance is involved: the same boxes get the same places on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy
    from numpy.typing import NDArray

    Array = NDArray[numpy.float64]

STEPS = 60
"""Steps in which the pull cools down to nothing."""

PARTINGS = 3
"""How often boxes that overlap are parted in a step."""

SHARE = 0.4
"""Of an overlap, by which each of two boxes gives way at once; more makes crowds tremble."""

LAST_PARTINGS = 3000
"""Most partings after the last step; as many are made as it takes, which is a few dozen for a group of ten."""

MANY = 200
"""Most boxes that settle; more stand in rows. Settling 200 takes a second, and of twice as many about ten times that."""

TURNS = 8
"""Ways to start that are tried for the clusters; where they end depends on it."""

BREADTH = 1.6
"""Width of a picture for its height: screens are wider than high."""

GOLDEN_ANGLE = 2.399963
"""In radians; each next point of a sunflower's spiral is this much further round (Vogel, 1979)."""


def clustered(
    sizes: Array, cluster: NDArray[numpy.intp], pull: Array, titles: Array, gap: float
) -> tuple[Array, Array]:
    """Places (n, 2) of the middles of n boxes in k clusters, and (k, 2) of the clusters' titles; no two boxes overlap.

    `sizes` (n, 2) and `titles` (k, 2) are widths and heights; `cluster` (n,) is in [0, k); `pull` (n, n) says how strongly
    two boxes belong together, symmetrical, 0 for not at all. A rectangle around a cluster and its title is at least `gap`
    away from that around any other. The picture's corner is at (0, 0); y grows downwards.
    """
    import numpy

    belongs = numpy.eye(len(titles))[cluster]  # (n, k)
    outward = pull @ belongs
    between = belongs.T @ outward
    numpy.fill_diagonal(between, 0)
    sides = numpy.sqrt(belongs.T @ sizes.prod(axis=1))
    home = numpy.zeros_like(titles)
    busiest = numpy.argsort(-between.sum(axis=1), kind="stable")
    squares = numpy.stack([sides, sides], axis=1) * 1.2 + gap
    tried = []
    for turn in range(TURNS):
        start = numpy.zeros_like(titles)
        start[busiest] = _sunflower(squares[busiest], turn / TURNS * 2 * numpy.pi) * (BREADTH, 1)
        found = _settle(start, squares, between, home)
        tried.append((_cost(found, squares, between), turn, found))
    centres = min(tried, key=lambda one: one[:2])[2]

    places, names, extents = numpy.zeros_like(sizes), numpy.zeros_like(titles), numpy.zeros_like(titles)
    for k, side in enumerate(sides):
        members = numpy.flatnonzero(cluster == k)
        if len(members) <= MANY:
            members = members[numpy.argsort(-pull[members].sum(axis=1), kind="stable")]
        away = centres - centres[k]
        away /= numpy.maximum(numpy.linalg.norm(away, axis=1, keepdims=True), 1)
        lean = outward[members] @ away / numpy.maximum(outward[members].sum(axis=1, keepdims=True), 1) * side / 2
        boxes = sizes[members]
        inner = _settle(_sunflower(boxes), boxes, pull[numpy.ix_(members, members)], lean)
        low, high = (inner - boxes / 2).min(axis=0), (inner + boxes / 2).max(axis=0)
        name = numpy.array([(low[0] + high[0]) / 2, 0])
        below = numpy.abs(inner[:, 0] - name[0]) < (boxes[:, 0] + titles[k, 0]) / 2
        name[1] = (inner - boxes / 2)[below, 1].min(initial=high[1]) - titles[k, 1] / 2
        low, high = numpy.minimum(low, name - titles[k] / 2), numpy.maximum(high, name + titles[k] / 2)
        middle = (low + high) / 2
        places[members], names[k], extents[k] = inner - middle, name - middle, high - low

    centres = _settle(centres, extents + gap, between, home)
    corner = (centres - extents / 2).min(axis=0)
    return places + (centres - corner)[cluster], names + centres - corner


def _cost(places: Array, sizes: Array, pull: Array) -> float:
    """How far apart is what belongs together, in a picture of the breadth we want; lower is better."""
    import numpy

    apart = numpy.linalg.norm(places[:, None, :] - places[None, :, :], axis=2)
    width, height = (places + sizes / 2).max(axis=0) - (places - sizes / 2).min(axis=0)
    return float((apart * (pull + 0.1)).sum() * max(width / BREADTH, height))


def _sunflower(sizes: Array, turn: float = 0) -> Array:
    """(n, 2) starting places for (n, 2) boxes, the first in the middle, around (0, 0), turned by an angle in radians."""
    import numpy

    steps = numpy.arange(len(sizes))
    radius = numpy.sqrt(steps * float(sizes.prod(axis=1).mean()) / numpy.pi)
    angle = turn + steps * GOLDEN_ANGLE
    return numpy.stack([numpy.cos(angle) * radius, numpy.sin(angle) * radius], axis=1)


def _settle(start: Array, sizes: Array, pull: Array, lean: Array) -> Array:
    """Places (n, 2) of the boxes' centres, no two boxes overlapping.

    `sizes` (n, 2) are widths and heights; `pull` (n, n) is how strongly two boxes belong together, symmetrical, 0 for
    not at all; `lean` (n, 2) are the places that boxes tend to anyway. More than MANY boxes stand in rows instead.
    """
    import numpy

    if len(sizes) > MANY:
        return _in_rows(sizes)
    places = start
    room = (sizes.T[:, :, None] + sizes.T[:, None, :]) / 2
    strength = pull / numpy.maximum(pull.sum(axis=1, keepdims=True), 1)
    for step in range(STEPS):
        towards = strength @ places - strength.sum(axis=1, keepdims=True) * places
        places = places + 0.12 * (1 - step / STEPS) * (towards + (lean - places) / 2)
        places = _parted(places, room, PARTINGS)
    return _parted(places, room, LAST_PARTINGS)


def _in_rows(sizes: Array) -> Array:
    """(n, 2) places for (n, 2) boxes in rows, left to right and downwards, that together have the breadth we want."""
    import numpy

    room = float(numpy.sqrt(sizes.prod(axis=1).sum() * BREADTH))
    corners: list[tuple[float, float]] = []
    x = y = high = 0.0
    for width, height in sizes.tolist():
        if x + width > room and x:
            x, y, high = 0.0, y + high, 0.0
        corners.append((x, y))
        x, high = x + width, max(high, height)
    return numpy.array(corners) + sizes / 2


def _parted(places: Array, room: Array, most: int) -> Array:
    """The places after as many partings as it takes, but at most so many."""
    for _ in range(most):
        if (parted := _part(places, room)) is places:
            break
        places = parted
    return places


def _part(places: Array, room: Array) -> Array:
    """The places after every two boxes that overlap went apart a little; the same object if there are none.

    `room` (2, n, n) is how far apart two middles must be, sideways or downwards. Boxes go apart in the direction in which
    they are further apart already, measured in boxes: those that are wider than high would otherwise end up in a column.
    """
    import numpy

    apart = places.T[:, :, None] - places.T[:, None, :]
    close = numpy.abs(apart) < room - 1e-6
    one, two = numpy.nonzero(numpy.triu(close[0] & close[1], 1))
    if not len(one):
        return places
    apart, room = apart[:, one, two], room[:, one, two]
    chosen = numpy.argmax(numpy.abs(apart) / room, axis=0)
    pairs = numpy.arange(len(one))
    by = (room[chosen, pairs] - numpy.abs(apart[chosen, pairs])) * SHARE + 0.05
    by = numpy.where(apart[chosen, pairs] > 0, by, -by)
    moved = numpy.zeros_like(places)
    numpy.add.at(moved, (one, chosen), by)
    numpy.add.at(moved, (two, chosen), -by)
    return places + moved


def outline(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners of the smallest convex shape around the points (monotone chain; Andrew, 1979)."""
    ordered = sorted(set(points))
    chains = []
    for direction in (ordered, ordered[::-1]):
        chain: list[tuple[float, float]] = []
        for x, y in direction:
            while len(chain) > 1 and (chain[-1][0] - chain[-2][0]) * (y - chain[-2][1]) <= (
                chain[-1][1] - chain[-2][1]
            ) * (x - chain[-2][0]):
                chain.pop()
            chain.append((x, y))
        chains += chain[:-1]
    return chains
