"""Scores of passages -> pages in order, each with its best passage. Pure functions of arrays and passages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkb.passages import sentences
from cxkb.records import Hit

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from cxkb.records import Kind, Passage


def rank(
    scores: NDArray[np.float32], passages: Sequence[Passage], count: int, kinds: Collection[Kind] = ()
) -> list[Hit]:
    """The `count` best pages, best first; one hit a page, of the given kinds if any are given.

    `scores` is (n,), one a passage, higher is better. A page scores as its best passage does, whichever part of the page
    that is; what is shown is its best passage of running text. Equal scores keep the order of the passages.
    """
    best: dict[tuple[str, str], float] = {}
    shown: dict[tuple[str, str], tuple[float, int]] = {}
    for row, (score, passage) in enumerate(zip(scores.tolist(), passages, strict=True)):
        if kinds and passage.kind not in kinds:
            continue
        page = (passage.kind, passage.page)
        if page not in best or score > best[page]:
            best[page] = score
        if passage.role == "body" and (page not in shown or score > shown[page][0]):
            shown[page] = (score, row)
        elif page not in shown:
            shown[page] = (float("-inf"), row)
    order = sorted(best, key=lambda page: -best[page])[:count]
    return [Hit(n, best[page], passages[shown[page][1]]) for n, page in enumerate(order, 1)]


def sentences_of(hits: Sequence[Hit]) -> list[list[str]]:
    """The sentences of each hit's passage, for choosing the best."""
    return [sentences(hit.passage.text) for hit in hits]
