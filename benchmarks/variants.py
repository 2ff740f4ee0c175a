"""What was tried for ranking and is not what we do: each variant on the same questions, in one run.

    python benchmarks/variants.py

Questions: those in scope of the tune split and of calibration.jsonl; the test split is not read. Every row changes one
thing of the first row, which is what `cxkb ask` does. success@1 and nDCG@10 for all questions, then success@1 for
paraphrases, German and Dutch.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkb import evaluate, gloss, lexical, rank, retrieve, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from cxkb.records import Role

RETRIEVAL = Path(__file__).parent.parent / "tests" / "retrieval"

RRF = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""

ALL: tuple[Role, ...] = ("title", "alias", "question", "body", "sentence")


@dataclass(frozen=True)
class Variant:
    """A way to rank; the defaults are ours."""

    name: str
    dense: Collection[Role] = ALL
    """Roles of passages whose vectors count."""
    letters: Collection[Role] = ALL
    """Roles of passages whose letters count."""
    gram: int = lexical.GRAM
    gloss: float | None = retrieve.GLOSS
    """Weight of the gloss's letters; None for no gloss at all."""
    weights: dict[str, float] = field(default_factory=dict)
    by_ranks: bool = False


VARIANTS = (
    Variant("ours"),
    Variant("dense alone", weights={"lexical": 0.0}),
    Variant("letters alone", weights={"lexical": 1000.0}),
    Variant("fused by ranks (RRF)", by_ranks=True),
    Variant("nearest passage only", weights={"second": 0.0}),
    Variant("whole words for runs of letters", gram=99),
    Variant("runs of three letters", gram=3),
    Variant("runs of five letters", gram=5),
    Variant("no gloss", gloss=None),
    Variant("gloss in the vector only", gloss=0.0),
    Variant("no vectors of sentences", dense=("title", "alias", "question", "body")),
    Variant("no vectors of questions", dense=("title", "alias", "body", "sentence")),
    Variant("letters of names and questions only", letters=("title", "alias", "question")),
    Variant("letters of running text only", letters=("title", "body")),
    Variant("no questions at all", dense=("title", "alias", "body", "sentence"), letters=("title", "alias", "body")),
)


class Bench:
    """The opened index and the questions."""

    def __init__(self) -> None:
        self.searcher = retrieve.Searcher(settings.find(Path(__file__).parent))
        self.passages = list(self.searcher.index.passages)
        tune = evaluate.load_questions(RETRIEVAL / "questions.jsonl", "tune")
        both = [*tune, *evaluate.load_questions(RETRIEVAL / "calibration.jsonl")]
        self.questions = [question for question in both if question.is_in_scope]
        self.glosses = [gloss.gloss(question.query) for question in self.questions]
        encode = self.searcher.encoder.encode
        self.plain = [encode(question.query) for question in self.questions]
        self.glossed = [
            unit(vector + encode(text)) if text else vector
            for vector, text in zip(self.plain, self.glosses, strict=True)
        ]

    def letters(self, variant: Variant) -> bytes:
        """The lexical index of this variant."""
        texts: dict[tuple[str, str], list[str]] = {}
        for passage in self.passages:
            pieces = texts.setdefault((passage.kind, passage.page), [])
            if passage.role in variant.letters and passage.role not in ("sentence", "outside"):
                pieces += [passage.title, passage.text] if passage.role == "title" else [passage.text]
        return with_gram(variant.gram, lambda: lexical.build(list(texts.values())))

    def outcomes(self, variant: Variant) -> list[evaluate.Outcome]:
        """What the variant does with every question."""
        raw = self.letters(variant)
        weights = replace(self.searcher.weights, **variant.weights)
        found = []
        for number, question in enumerate(self.questions):
            vector = self.plain[number] if variant.gloss is None else self.glossed[number]
            near = [
                (row, cosine)
                for row, cosine in self.searcher.index.search(vector)
                if self.passages[row].role in variant.dense
            ]
            shares = with_gram(variant.gram, lambda q=question: lexical.search(raw, q.query))
            if variant.gloss and (text := self.glosses[number]):
                for page, share in with_gram(variant.gram, lambda t=text: lexical.search(raw, t)).items():
                    shares[page] = max(shares.get(page, 0.0), variant.gloss * share)
            pages = self.searcher.index.passages.pages
            by_page = {pages[page]: share for page, share in shares.items()}
            scored = rank.score_pages(near, self.searcher.page_of, by_page, weights)
            if variant.by_ranks:
                scored = fused_by_ranks(scored)
            hits = self.searcher.hits(scored[: evaluate.DEPTH], dict(near))
            found.append(evaluate.Outcome(question, [hit.passage.concepts for hit in hits], False, 0.0))
        return found


def fused_by_ranks(scored: list[rank.Scored]) -> list[rank.Scored]:
    """Reciprocal rank fusion of the pages' dense and lexical orders."""
    totals: dict[rank.Page, float] = {}
    for key in ("nearest", "lexical"):
        for place, page in enumerate(sorted(scored, key=lambda found: -getattr(found, key)), 1):
            totals[page.page] = totals.get(page.page, 0.0) + 1 / (RRF + place)
    return sorted(scored, key=lambda found: -totals[found.page])


def with_gram(length: int, work: Callable[[], Any]) -> Any:
    """The work done with runs of this many letters."""
    before, lexical.GRAM = lexical.GRAM, length
    try:
        return work()
    finally:
        lexical.GRAM = before


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def main() -> None:
    bench = Bench()
    print(f"{len(bench.questions)} questions".ljust(38) + "success@1 nDCG@10 paraphrase     de     nl")
    for variant in VARIANTS:
        rows = evaluate.report(bench.outcomes(variant)).rows
        groups = ("type paraphrase", "language de", "language nl")
        parts = "  ".join(f"{rows[group]['success@1']:.3f}" for group in groups)
        print(
            f"{variant.name:38}    {rows['all']['success@1']:.3f}   {rows['all']['nDCG@10']:.3f}      {parts}",
            flush=True,
        )


if __name__ == "__main__":
    main()
