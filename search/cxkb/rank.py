"""Dense and lexical evidence -> pages in order, each with its best passage, and how sure we are. Pure functions.

A page's score is what its two nearest passages say, the nearest counting most, plus a share for the letters it has in
common with the query. The sum, unlike fusion by ranks, lets a strong match of either kind win, and neither can bury
the other: see decisions/0006 for what was tried. Weights are fitted by benchmarks/fit_ranking.py on the tune questions
of tests/retrieval and kept in assets/ranking.json.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from cxkb.records import Hit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cxkb.records import Passage

DENSITY = 10
"""The passage, counted from the nearest, whose cosine tells how much there is on a matter."""

Page = tuple[str, str]
"""A page by kind and id."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The weights of ranking and the coefficients of confidence."""

    model: str
    """The encoder that they were fitted for."""
    second: float
    """Weight of a page's second-nearest passage, in [0, 1); the nearest has the rest."""
    lexical: float
    """Weight of the lexical score, which is in [0, 1], beside cosines."""
    intercept: float
    coefficients: dict[str, float]
    """Of the logistic regression that estimates whether the best page answers: feature -> coefficient."""
    threshold: float
    """Confidence, in [0, 1], below which we say that there is no answer."""


@cache
def parameters() -> Parameters:
    """The fitted parameters."""
    found = json.loads((files("cxkb") / "assets" / "ranking.json").read_text(encoding="utf-8"))
    return Parameters(**{name: found[name] for name in Parameters.__slots__})


@dataclass(frozen=True, slots=True)
class Scored:
    """A page with the evidence for it."""

    page: Page
    score: float
    nearest: float
    """Cosine of its nearest passage, in [-1, 1]."""
    lexical: float
    """Share of the query's letters that it has, in [0, 1]."""


def score_pages(
    near: Iterable[tuple[int, float]],
    page_of: Callable[[int], Page],
    lexical: Mapping[Page, float],
    weights: Parameters,
) -> list[Scored]:
    """Every page that has a passage among `near`, best first; equal ones in the order of their ids.

    `near` are passages' rows with their cosines, in [-1, 1], nearest first. A page's nearest passage counts for its
    second-nearest, too, where it has only one.
    """
    nearest: dict[Page, list[float]] = {}
    for row, cosine in near:
        nearest.setdefault(page_of(row), []).append(cosine)
    scored = []
    for page, cosines in nearest.items():
        first, second = cosines[0], cosines[1] if len(cosines) > 1 else cosines[0]
        letters = lexical.get(page, 0.0)
        score = (1 - weights.second) * first + weights.second * second + weights.lexical * letters
        scored.append(Scored(page, score, first, letters))
    return sorted(scored, key=lambda found: (-found.score, found.page))


def features(
    scored: Sequence[Scored], near: Sequence[tuple[int, float]], outside: float, words: int
) -> dict[str, float]:
    """What confidence is estimated from, cosines being in [-1, 1].

    nearest and lexical: the best page's evidence. lead: how far it is ahead of the fourth. density: cosine of the
    DENSITY-th nearest passage, high where there is much on the matter. outside: cosine of the nearest question that is
    not answered. length: logarithm of one more than the query's words.
    """
    best = scored[0] if scored else Scored(("", ""), 0.0, 0.0, 0.0)
    rival = scored[min(3, len(scored) - 1)] if scored else best
    return {
        "nearest": best.nearest,
        "lexical": best.lexical,
        "lead": best.score - rival.score,
        "density": near[min(DENSITY, len(near)) - 1][1] if near else 0.0,
        "outside": outside,
        "length": math.log1p(words),
    }


def confidence(found: Mapping[str, float], weights: Parameters) -> float:
    """Estimated probability, in [0, 1], that the knowledge base answers: a logistic regression over `features`."""
    logit = weights.intercept + sum(coefficient * found[name] for name, coefficient in weights.coefficients.items())
    return 1 / (1 + math.exp(-logit))


def hit(rank: int, scored: Scored, passages: Sequence[Passage], cosines: Sequence[float]) -> Hit:
    """The page as a hit: of its passages of running text the one that is nearest to the query, or has the sentence
    that is; and that sentence.

    `passages` are the page's, in reading order, `cosines` theirs.
    """
    best, shown, sentence = float("-inf"), passages[0], ""
    body = passages[0]
    for passage, cosine in zip(passages, cosines, strict=True):
        if passage.role == "body":
            body = passage
        elif passage.role != "sentence":
            continue
        if cosine > best:
            best, shown = cosine, body
    of_shown = [
        (cosine, passage.text)
        for passage, cosine in zip(passages, cosines, strict=True)
        if passage.role == "sentence" and passage.location == shown.location and passage.text in shown.text
    ]
    if of_shown:
        sentence = max(of_shown)[1]
    elif shown.role == "body":  # a single sentence
        sentence = shown.text
    return Hit(rank, scored.score, shown, sentence)
