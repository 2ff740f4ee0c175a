"""What the browser's smaller weights and passage vectors lose, beside the terminal's, on the same questions in one run.

    python benchmarks/browser_quality.py

The last row is the browser's JavaScript itself, run in node; those before it show in Python where its losses come from.
Questions: tests/retrieval/questions.jsonl, both splits, and calibration.jsonl. "same first" is the share of questions with the same page first
as in the first row, "same verdict" the share answered or refused alike; "cosine" is the mean and the least cosine of a
question's vector to its vector in the first row.
"""

from __future__ import annotations

import copy
import json
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkb import bert, browser, encoder, evaluate, quantise, retrieve, settings, site_assets
from cxkb.records import Answer, Hit, Passage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxkb.settings import Settings

TESTS = Path(__file__).parent.parent / "tests"


def main() -> None:
    base = settings.find(Path(__file__).parent)
    model = encoder.find(base.model, base.root)
    assert model.folder
    small = quantise.quantise(model)
    megabytes = sum(len(file.content) for file in site_assets.packed(browser.model(small)).values()) / 1e6
    print(f"The model for the browser: {megabytes:.1f} MB, compressed")

    terminal = retrieve.Searcher(base)
    vectors_only, both = copy.copy(terminal), copy.copy(terminal)
    vectors_only.index = replace(terminal.index, faiss=in_steps(terminal.index.vectors()))
    both.index = vectors_only.index
    both.encoder = bert.QueryEncoder(model.folder, quantise.Dequantised(small))

    groups = {name: evaluate.load_questions(TESTS / "retrieval" / "questions.jsonl", name) for name in ("tune", "test")}
    groups["calibration"] = evaluate.load_questions(TESTS / "retrieval" / "calibration.jsonl")
    queries = [question.query for questions in groups.values() for question in questions]
    plain = Run(terminal, queries)
    print(f"{len(queries)} questions".ljust(40) + "success@1 nDCG@10  same first  same verdict   cosine")
    report("terminal", plain, plain, groups)
    report("passage vectors in steps", Run(vectors_only, queries), plain, groups)
    report("and the browser's weights", Run(both, queries), plain, groups)
    report("the browser's engine", in_node(base, queries), plain, groups)


def in_steps(vectors: np.ndarray) -> Any:
    """A FAISS index of the vectors, (n, d), as the browser has them."""
    import faiss

    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(quantise.steps(vectors, browser.STEP) * np.float32(browser.STEP))
    return flat


class Run:
    """What a searcher does with the questions."""

    def __init__(self, searcher: retrieve.Searcher, queries: Sequence[str]) -> None:
        self.answers = {query: searcher.ask(query, evaluate.DEPTH) for query in queries}
        self.vectors = {query: searcher.encoder.encode(query) for query in queries}

    def ask(self, query: str, count: int) -> Answer:
        """The answer that was given."""
        assert count == evaluate.DEPTH
        return self.answers[query]


class Given(Run):
    """Answers that were given elsewhere."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.vectors = {}


def in_node(base: Settings, queries: Sequence[str]) -> Run:
    """What the browser's engine does with the questions, from the files as they are published."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        (site / "index.html").touch()
        print(site_assets.write(base, site))
        command = ["node", str(TESTS / "js" / "ask.mjs"), folder, str(evaluate.DEPTH)]
        done = subprocess.run(command, input=json.dumps(queries).encode(), stdout=subprocess.PIPE, check=True)
    return Given({query: record(answer) for query, answer in zip(queries, json.loads(done.stdout), strict=True)})


def record(answer: dict[str, Any]) -> Answer:
    """An answer of the engine as one of ours, without what only the terminal knows."""
    hits = tuple(
        Hit(found["rank"], found["score"], Passage(
            found["location"], found["kind"], found["page"], found["title"], found["heading"], found["text"], "body",
            path="", line=1, concepts=tuple(found["concepts"]),
        ))
        for found in answer["hits"]
    )  # fmt: skip
    return Answer(answer["query"], hits, answer["answered"], answer["confidence"])


def report(name: str, ours: Run, terminal: Run, groups: dict[str, list[evaluate.Question]]) -> None:
    """Print one row for each group of questions."""
    for group, chosen in groups.items():
        queries = [question.query for question in chosen]
        pairs = [(ours.answers[query], terminal.answers[query]) for query in queries]
        row = evaluate.report(evaluate.run(chosen, ours.ask)).rows["all"]
        cosines = [float(ours.vectors[query] @ terminal.vectors[query]) for query in queries if query in ours.vectors]
        first = np.mean([first_page(a) == first_page(b) for a, b in pairs])
        verdict = np.mean([a.answered == b.answered for a, b in pairs])
        print(
            f"{name:26} {group:12}    {row['success@1']:.3f}   {row['nDCG@10']:.3f}       {first:.3f}         {verdict:.3f}"
            + (f"   {np.mean(cosines):.4f} {min(cosines):.4f}" if cosines else ""),
            flush=True,
        )


def first_page(answer: Answer) -> tuple[str, str]:
    """The page of the first hit, by kind and id."""
    passage = answer.hits[0].passage
    return passage.kind, passage.page


if __name__ == "__main__":
    main()
