"""What the browser's smaller weights and passage vectors lose, beside the terminal's, on the same questions in one run.

    python benchmarks/browser_quality.py

Questions: tests/retrieval/questions.jsonl, both splits. "same first" is the share of questions with the same page first
as in the first row, "same verdict" the share answered or refused alike; "cosine" is the mean and the least cosine of a
question's vector to its vector in the first row.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkb import bert, encoder, evaluate, quantise, retrieve, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxkb.records import Answer

QUESTIONS = Path(__file__).parent.parent / "tests" / "retrieval" / "questions.jsonl"


def main() -> None:
    base = settings.find(Path(__file__).parent)
    model = encoder.find(base.model, base.root)
    assert model.folder
    small = quantise.quantise(model)
    megabytes = sum(map(len, small.files().values())) / 1e6
    print(f"The model for the browser: {megabytes:.1f} MB, compressed")

    terminal = retrieve.Searcher(base)
    vectors_only, both = copy.copy(terminal), copy.copy(terminal)
    vectors_only.index = replace(terminal.index, faiss=with_int8(terminal.index.vectors()))
    both.index = vectors_only.index
    both.encoder = bert.QueryEncoder(model.folder, quantise.Dequantised(small))

    questions = evaluate.load_questions(QUESTIONS)
    plain = Run(terminal, questions)
    print(f"{len(questions)} questions".ljust(34) + "success@1 nDCG@10  same first  same verdict   cosine")
    report("terminal", plain, plain, questions)
    report("passage vectors in int8", Run(vectors_only, questions), plain, questions)
    report("and the browser's weights", Run(both, questions), plain, questions)


def with_int8(vectors: np.ndarray) -> Any:
    """A FAISS index of the vectors, (n, d), as the browser has them."""
    import faiss

    steps, scales = quantise.int8(vectors)
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(steps * scales[:, None])
    return flat


class Run:
    """What a searcher does with the questions."""

    def __init__(self, searcher: retrieve.Searcher, questions: Sequence[evaluate.Question]) -> None:
        self.answers = {question.query: searcher.ask(question.query, evaluate.DEPTH) for question in questions}
        self.vectors = {question.query: searcher.encoder.encode(question.query) for question in questions}

    def ask(self, query: str, count: int) -> Answer:
        """The answer that was given."""
        assert count == evaluate.DEPTH
        return self.answers[query]


def report(name: str, ours: Run, terminal: Run, questions: Sequence[evaluate.Question]) -> None:
    """Print one row for each split."""
    for split in ("tune", "test"):
        chosen = [question for question in questions if question.split == split]
        queries = [question.query for question in chosen]
        pairs = [(ours.answers[query], terminal.answers[query]) for query in queries]
        row = evaluate.report(evaluate.run(chosen, ours.ask)).rows["all"]
        cosines = [float(ours.vectors[query] @ terminal.vectors[query]) for query in queries]
        first = np.mean([first_page(a) == first_page(b) for a, b in pairs])
        verdict = np.mean([a.answered == b.answered for a, b in pairs])
        print(
            f"{name:28} {split}      {row['success@1']:.3f}   {row['nDCG@10']:.3f}       {first:.3f}         {verdict:.3f}"
            f"   {np.mean(cosines):.4f} {min(cosines):.4f}",
            flush=True,
        )


def first_page(answer: Answer) -> tuple[str, str]:
    """The page of the first hit, by kind and id."""
    passage = answer.hits[0].passage
    return passage.kind, passage.page


if __name__ == "__main__":
    main()
