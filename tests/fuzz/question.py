"""A question on its way: cleaned, glossed, searched by letters, encoded."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from cxkb import encoder, gloss, lexical, render, retrieve
from cxkb.bert import QueryEncoder
from cxkb.errors import QuestionError

SEEDS = ("cases/sentences.txt", "cases/gloss.tsv")

LETTERS = lexical.build([["who owns customer experience", "silos hurt"], ["a journey of many steps"]])


@cache
def _encoder() -> QueryEncoder:
    spec = find_spec(encoder.BUNDLED_PACKAGE)
    assert spec
    assert spec.submodule_search_locations
    return QueryEncoder(Path(spec.submodule_search_locations[0]) / "model")


def read(raw: bytes) -> None:
    """A vector of length one and shares of letters, or QuestionError."""
    try:
        question = retrieve.clean_question(raw.decode(errors="surrogateescape"))
    except QuestionError:
        return
    render.safe(question).encode()
    for text in filter(None, (question, gloss.gloss(question))):
        assert all(0 < share <= 1 for share in lexical.search(LETTERS, text).values())
        assert np.isclose(np.linalg.norm(_encoder().encode(text)), 1, atol=1e-3)
