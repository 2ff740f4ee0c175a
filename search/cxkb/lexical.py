"""Search by letters: BM25 over runs of four letters within words.

Runs of letters find names, acronyms and rare words as words do, and besides what words miss: inflected forms and
compounds of three languages without a stemmer for each, and misspellings. On our questions they beat stemmed words
(decisions/0006).

Robertson and Zaragoza (2009), The Probabilistic Relevance Framework: BM25 and Beyond, section 3.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from cxkb import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GRAM = 4
"""Letters a run; shorter words, with a mark on either side, are runs by themselves."""

RULES = 1
"""Version of what makes letters of a text; a lexical index made by another is outdated."""

K1, B = 1.2, 0.5
"""BM25's saturation of repeated runs, and its discount for long pages."""

WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
"""Letters and digits, with the accents that no composed letter has."""

STOP = frozenset(
    """
    a about all an and any are as at be but by can could do does did for from had has have how i if in into is
    it its just many more most much my no not of on one only or our out should so some than that the their them
    then there these they this those to up was we were what when where which who why will with would you your
    als am auch auf aus bei das dem den der des die dies diese du ein eine einem einen einer er es für hat ich
    ihr im ist kann kein keine man mit nicht oder sich sie sind soll über um und uns unser unsere von vor wann
    war warum welche welcher welches wenn wer werden wie wir wird wo zu zum zur aan bij dan dat de door dit een
    en geen heb heeft het hoe hun ik je jij kan met moet na naar niet nog om ons onze ook op over te tot uit van
    veel voor waar waarom want wat welke wij worden wordt ze zich zijn zo
    """.split()
)
"""Words that questions are made with in English, German and Dutch and that tell nothing of what is asked."""


def words(text: str) -> list[str]:
    """The words of a text without case and accents, stop words left out."""
    composed = unicodedata.normalize("NFKC", text.casefold())
    return [fold(word) for word in WORD.findall(composed) if word not in STOP]  # über is one of them, Uber is not


def grams(word: str) -> list[str]:
    """The runs of letters of a word: 'silos' -> _sil, silo, ilos, los_."""
    marked = f"_{word}_"
    return [marked[at : at + GRAM] for at in range(max(1, len(marked) - GRAM + 1))]


def fold(text: str) -> str:
    """The text without case and accents: 'Über' -> 'uber'."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def build(texts: Sequence[Iterable[str]]) -> bytes:
    """The lexical index of texts, each given as its pieces: lines of `run idf text:weight text:weight …`, sorted by run.

    Readable, and searched as it is: nothing is parsed but the lines of a query's runs. No texts at all give an index that
    finds nothing.
    """
    counts = [Counter(run for piece in pieces for word in words(piece) for run in grams(word)) for pieces in texts]
    lengths = [sum(count.values()) for count in counts]
    mean = sum(lengths) / len(lengths) if lengths else 0
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for text, count in enumerate(counts):
        for run, times in count.items():
            postings[run].append((text, times))
    written = [f"# {len(counts)} texts\n"]
    for run, found in sorted(postings.items(), key=lambda item: item[0].encode() + b" "):
        idf = _idf(len(found), len(counts))
        weights = (
            f"{text}:{idf * times * (K1 + 1) / (times + K1 * (1 - B + B * lengths[text] / mean)):.4g}"
            for text, times in found
        )
        written.append(f"{run} {idf:.4g} {' '.join(weights)}\n")
    return "".join(written).encode()


def search(index: bytes, query: str) -> dict[int, float]:
    """Text -> share, in (0, 1], of the best BM25 score that the query could get; texts that share nothing are left out.

    Letters that no text has count towards the best score: a query about something else stays low.
    """
    total = int(index[2 : index.index(b" ", 2)])
    best = 0.0
    scores: dict[int, float] = defaultdict(float)
    for run, times in Counter(run for word in words(query) for run in grams(word)).items():
        found = lines.value(index, run.encode() + b" ")
        idf, *weights = found.decode().split(" ") if found else [str(_idf(0, total))]
        best += times * float(idf) * (K1 + 1)
        for entry in weights:
            text, _, weight = entry.partition(":")
            scores[int(text)] += times * float(weight)
    return {text: min(1.0, score / best) for text, score in scores.items()}  # weights are rounded


def _idf(having: int, total: int) -> float:
    return math.log(1 + (total - having + 0.5) / (having + 0.5))
