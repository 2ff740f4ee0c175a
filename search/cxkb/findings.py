"""A text held against the knowledge base by meaning: which pages its passages are close to, and which they are not.

Closeness is told sentence by sentence: two passages are as close as their two closest sentences. It tells that two
texts speak of the same thing, never whether they agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxkb import gloss
from cxkb.passages import pack, sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from cxkb.records import Passage
    from cxkb.retrieve import Searcher

CLOSE = 0.5
"""Cosine from which a page counts as speaking of what a passage says; benchmarks/new_passages.py measures either side."""

MAX_WORDS = 60
"""A passage's length. Longer ones hold several thoughts, of which one is always close to some page."""

MIN_WORDS = 8
"""Shorter paragraphs are headings, names and buttons, which say nothing."""

MIN_SENTENCE = 5
"""Words below which a sentence (`It was enough.`) means nothing by itself."""


@dataclass(frozen=True, slots=True)
class Extract:
    """A passage of the text that is held against the knowledge base."""

    place: str
    """Where it stands: `paragraph 4`, or `#customer-owns` for a note."""
    text: str


@dataclass(frozen=True, slots=True)
class Near:
    """A page that speaks of what an extract says."""

    extract: Extract
    said: str
    """The extract's sentence that is closest to the page."""
    passage: Passage
    """The page's sentence, or definition, that is closest to it."""
    cosine: float
    """In [-1, 1], higher is closer."""


def extracts(paragraphs: Sequence[str]) -> list[Extract]:
    """The paragraphs as passages of at most MAX_WORDS words, or of one longer sentence."""
    return [
        Extract(f"paragraph {number}", piece)
        for number, paragraph in enumerate(paragraphs, 1)
        if len(paragraph.split()) >= MIN_WORDS
        for piece in pack([paragraph], MAX_WORDS)
    ]


class Comparison:
    """Extracts of a text, encoded once, to be held against one set of pages after another.

    About 15 ms a sentence on one core.
    """

    def __init__(self, texts: Sequence[Extract], searcher: Searcher) -> None:
        self.extracts = texts
        self.passages = searcher.index.passages
        self.known = searcher.index.vectors()
        self.said = [_sentences(extract.text) for extract in texts]
        self.vectors = [
            np.array([searcher.vector(sentence, gloss.gloss(sentence)) for sentence in said]) for said in self.said
        ]

    def rows(self, kinds: Collection[str], key: str = "") -> list[int]:
        """Rows of the index that hold one sentence or definition of pages of these kinds; only of page `key` if given."""
        passages, found = self.passages, []
        wanted = {page for page in passages.rows_of if page[0] in kinds and key in ("", page[1])}
        for page in sorted(wanted):
            own = passages.rows_of[page]
            for row in own:
                parted = row + 1 < own.stop and passages.roles[row + 1] == "sentence"
                if passages.roles[row] in ("title", "sentence") or (passages.roles[row] == "body" and not parted):
                    found.append(row)
        return found

    def nearest(self, rows: Sequence[int]) -> list[list[Near]]:
        """For each extract the pages that these rows belong to, nearest first, each with its closest sentence."""
        if not rows:
            return [[] for _ in self.extracts]
        own, every = self.known[list(rows)], []
        for extract, said, vectors in zip(self.extracts, self.said, self.vectors, strict=True):
            cosines = own @ vectors.T
            best: dict[int, Near] = {}
            for at in np.argsort(-cosines.max(axis=1), kind="stable").tolist():
                page = self.passages.page_of[rows[at]]
                if page not in best:
                    sentence = int(cosines[at].argmax())
                    best[page] = Near(extract, said[sentence], self.passages[rows[at]], float(cosines[at, sentence]))
            every.append(list(best.values()))
        return every

    def central(self, chosen: Sequence[int]) -> list[tuple[int, str]]:
        """The chosen extracts, by number, the most typical of the whole text first; each with its most typical sentence."""
        if not chosen:
            return []
        centre: NDArray[np.float32] = np.concatenate(self.vectors).mean(axis=0)
        typical = {at: self.vectors[at] @ centre for at in chosen}
        ordered = sorted(chosen, key=lambda at: (-float(typical[at].mean()), at))
        return [(at, self.said[at][int(typical[at].argmax())]) for at in ordered]


def _sentences(text: str) -> list[str]:
    """The sentences that mean something by themselves; the whole text if none does."""
    return [sentence for sentence in sentences(text) if len(sentence.split()) > MIN_SENTENCE] or [text]


def first_of_each(found: Iterable[Near], of: Callable[[Near], object]) -> list[Near]:
    """The closest of each kind that `of` tells apart, closest first."""
    best: dict[object, Near] = {}
    for near in sorted(found, key=lambda near: -near.cosine):
        best.setdefault(of(near), near)
    return list(best.values())
