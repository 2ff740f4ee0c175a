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

FEEDBACK = 3
"""Passages taken for relevant in pseudo-relevance feedback (Rocchio 1971)."""

SHORT = 3
"""Words, stop words left out, up to which a query is taken for keywords."""

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
    weights: dict[str, Any] = field(default_factory=dict)
    by_ranks: bool = False
    fields: bool = True
    """Whether names and text are weighed apart."""
    feedback: float = 0.0
    """Weight of the mean of the FEEDBACK nearest passages in the query's vector."""
    short: float = 1.0
    """What the weights of letters are multiplied by for queries of at most SHORT words."""

    def roles(self, field: str) -> Collection[Role]:
        """The roles whose letters are in this field."""
        if not self.fields:
            return ("title", "alias", "question", "body")
        return ("title", "alias", "question") if field == "names" else ("title", "body")


VARIANTS = (
    Variant("ours"),
    Variant("names and text in one", fields=False),
    Variant("dense alone", weights={"letters": {"names": 0.0, "text": 0.0}}),
    Variant("letters alone", weights={"letters": {"names": 1000.0, "text": 500.0}}),
    Variant("fused by ranks (RRF)", by_ranks=True),
    Variant("nearest passage only", weights={"second": 0.0}),
    Variant("whole words for runs of letters", gram=99),
    Variant("runs of three letters", gram=3),
    Variant("runs of five letters", gram=5),
    Variant("feedback of 3 passages, 0.25", feedback=0.25),
    Variant("feedback of 3 passages, 0.5", feedback=0.5),
    Variant("letters x 1.5 for up to 3 words", short=1.5),
    Variant("letters x 0.67 for up to 3 words", short=0.67),
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

    def letters(self, variant: Variant) -> dict[str, bytes]:
        """The lexical indexes of this variant's fields."""
        texts: dict[str, dict[rank.Page, list[str]]] = {name: {} for name in ("names", "text")}
        for passage in self.passages:
            pieces = [passage.title, passage.text] if passage.role == "title" else [passage.text]
            for name, pages in texts.items():
                own = pages.setdefault((passage.kind, passage.page), [])
                if passage.role in variant.letters and passage.role in variant.roles(name):
                    own += pieces
        return with_gram(
            variant.gram, lambda: {name: lexical.build(list(pages.values())) for name, pages in texts.items()}
        )

    def outcomes(self, variant: Variant) -> list[evaluate.Outcome]:
        """What the variant does with every question."""
        raw = self.letters(variant)
        pages = self.searcher.index.passages.pages
        vectors = self.searcher.index.vectors()
        found = []
        for number, question in enumerate(self.questions):
            vector = self.plain[number] if variant.gloss is None else self.glossed[number]
            near = self.near(vector, variant)
            if variant.feedback:
                relevant = vectors[[row for row, _ in near[:FEEDBACK]]].mean(axis=0)
                near = self.near(unit(vector + variant.feedback * relevant), variant)
            shares: dict[Any, dict[rank.Page, float]] = {}
            for name in raw:
                own = with_gram(variant.gram, lambda q=question, f=name: lexical.search(raw[f], q.query))
                if variant.gloss and (text := self.glosses[number]):
                    glossed = with_gram(variant.gram, lambda t=text, f=name: lexical.search(raw[f], t))
                    for page, share in glossed.items():
                        own[page] = max(own.get(page, 0.0), variant.gloss * share)
                shares[name] = {pages[page]: share for page, share in own.items()}
            words = len(lexical.words(question.query))
            fields = rank.nearest(near, self.searcher.field_of if variant.fields else self.one_field)
            evidence = rank.Evidence(near, fields, shares, -1.0, 0.0, words)
            weights = replace(self.searcher.weights, **variant.weights)
            if words <= SHORT:
                times = variant.short
                weights = replace(weights, letters={field: times * w for field, w in weights.letters.items()})
            scored = rank.score_pages(evidence, weights)
            if variant.by_ranks:
                scored = fused_by_ranks(scored)
            hits = self.searcher.hits(scored[: evaluate.DEPTH], dict(near))
            found.append(evaluate.Outcome(question, [hit.passage.concepts for hit in hits], False, 0.0))
        return found

    def near(self, vector: np.ndarray, variant: Variant) -> list[tuple[int, float]]:
        """The passages of the roles that count, nearest first."""
        found = self.searcher.index.search(vector)
        return [(row, cosine) for row, cosine in found if self.passages[row].role in variant.dense]

    def one_field(self, row: int) -> tuple[rank.Page, Any]:
        """As `Searcher.field_of`, all of a page being one field."""
        return self.searcher.page_of(row), "text"


def fused_by_ranks(scored: list[rank.Scored]) -> list[rank.Scored]:
    """Reciprocal rank fusion of the pages' dense and lexical orders."""
    totals: dict[rank.Page, float] = {}
    for key in ("nearest", "letters"):
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
