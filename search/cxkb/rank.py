"""Dense and lexical evidence -> pages in order, each with its best passage, and how sure we are. Pure functions.

A page has two fields, its names and its text (`records.FIELDS`). Its score is the mean over its fields of what the two
nearest passages say, the nearest counting most, plus a share for the letters that each field has in common with the
query. The sum, unlike fusion by ranks, lets a strong match of any kind win, and none can bury the others: see
decisions/0006 for what was tried. Weights are fitted by benchmarks/fit_ranking.py on the tune questions of
tests/retrieval and kept in assets/ranking.json.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import itemgetter
from typing import TYPE_CHECKING

from cxkb.records import Hit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cxkb.records import Field, Passage

LEAD = 4
"""The page, counted from the best, that the lead is measured to."""

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
    """Weight of a field's second-nearest passage, in [0, 1); the nearest has the rest."""
    letters: dict[Field, float]
    """Field -> weight of its lexical score, which is in [0, 1], beside cosines."""
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
    letters: float
    """What letters add to the score: each field's share of the query's letters times its weight."""


NO_PAGE = Scored(("", ""), 0.0, 0.0, 0.0)
"""The best page where there is none."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the index has on a query, before it is weighed."""

    near: list[tuple[int, float]]
    """Rows of passages, nearest first, with their cosines in [-1, 1]."""
    nearest: dict[Page, dict[Field, tuple[float, float]]]
    """Page -> field -> cosines of its two nearest passages, see `nearest`."""
    letters: dict[Field, dict[Page, float]]
    """Field -> page -> share, in (0, 1], of the query's letters that it has."""
    outside: float
    """Cosine of the nearest question that the knowledge base does not answer; -1 if there are none."""
    outside_letters: float
    """Share, in [0, 1], of the query's letters that the most alike of those questions has."""
    words: int
    """How many words of the query are no stop words."""


def nearest(
    near: Iterable[tuple[int, float]], field_of: Callable[[int], tuple[Page, Field]]
) -> dict[Page, dict[Field, tuple[float, float]]]:
    """The cosines of each field's two nearest passages; those of a field with only one are equal.

    `near` are passages' rows with their cosines, nearest first.
    """
    found: dict[Page, dict[Field, tuple[float, float]]] = {}
    complete = set()
    for row, cosine in near:
        page, field = field_of(row)
        fields = found.setdefault(page, {})
        if field not in fields:
            fields[field] = cosine, cosine
        elif (page, field) not in complete:
            fields[field] = fields[field][0], cosine
            complete.add((page, field))
    return found


def score_pages(evidence: Evidence, weights: Parameters) -> list[Scored]:
    """Every page that has a passage near the query, best first; equal ones in the order of their ids.

    A page without one of the fields, as a record of a source is without names, has the other's cosines for both, and the
    letters of one: of a record and a page made from it, the page comes first.
    """
    scored = []
    for page, fields in evidence.nearest.items():
        dense = sum((1 - weights.second) * first + weights.second * second for first, second in fields.values())
        letters = sum(weights.letters[field] * evidence.letters[field].get(page, 0.0) for field in fields)
        first = max(first for first, _ in fields.values())
        scored.append(Scored(page, dense / len(fields) + letters, first, letters))
    return sorted(scored, key=lambda found: (-found.score, found.page))


def features(scored: Sequence[Scored], evidence: Evidence) -> dict[str, float]:
    """What confidence is estimated from, cosines being in [-1, 1].

    nearest and letters: the best page's evidence. lead: how far it is ahead of the fourth. density: cosine of the
    DENSITY-th nearest passage, high where there is much on the matter. outside and outside_letters: the nearest question
    that is not answered. length: logarithm of one more than the query's words.
    """
    first = scored[:LEAD] or [NO_PAGE]
    best, rival = first[0], first[-1]
    return {
        "nearest": best.nearest,
        "letters": best.letters,
        "lead": best.score - rival.score,
        "density": evidence.near[min(DENSITY, len(evidence.near)) - 1][1] if evidence.near else 0.0,
        "outside": evidence.outside,
        "outside_letters": evidence.outside_letters,
        "length": math.log1p(evidence.words),
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
    told = list(zip(passages, cosines, strict=True))
    best, shown, body = -math.inf, passages[0], passages[0]
    for passage, cosine in told:
        if passage.role == "body":
            body = passage
        elif passage.role != "sentence":
            continue
        if cosine > best:
            best, shown = cosine, body
    of_shown = [
        (cosine, passage.text)
        for passage, cosine in told
        if passage.role == "sentence" and passage.location == shown.location and passage.text in shown.text
    ]
    single = shown.text if shown.role == "body" else ""
    _, sentence = max(of_shown, key=itemgetter(0), default=(best, single))
    return Hit(rank, scored.score, shown, sentence)
