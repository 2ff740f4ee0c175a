"""A file of questions, for `cxkb run` and for `cxkb eval`."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from cxkb import evaluate, render
from cxkb.errors import QuestionError
from cxkb.records import Answer

SEEDS = ("cases/beir/queries.jsonl", "retrieval/questions.jsonl")


def read(raw: bytes) -> None:
    """Questions whose answers can be printed, or QuestionError with the line."""
    with contextlib.suppress(QuestionError):
        for _, id_, query in evaluate.queries(raw, "a.jsonl"):
            render.run_json(id_, Answer(query, (), False, 0.0, {})).encode()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.jsonl"
        file.write_bytes(raw)
        with contextlib.suppress(QuestionError):
            evaluate.load_questions(file)
        with contextlib.suppress(QuestionError):
            evaluate.load_run(file, [])
