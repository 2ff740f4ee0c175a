"""Ranking in the real knowledge base, opened once: what the pure functions of test_rank.py make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cxkb import rank, settings
from cxkb.retrieve import Searcher

if TYPE_CHECKING:
    from pathlib import Path

    from cxkb.records import Kind


@pytest.fixture(scope="module")
def searcher(index: Path) -> Searcher:
    """The real knowledge base, opened."""
    return Searcher(settings.find(index))


QUESTION = "can an experience be managed"


@pytest.mark.parametrize("kind", ["concept", "tension", "source", "guide"])
def test_pages_of_a_kind_stand_in_the_order_they_have_among_all(searcher: Searcher, kind: Kind):
    everything = [hit.passage for hit in searcher.ask(QUESTION, 1_000).hits]
    of_kind = [hit.passage for hit in searcher.ask(QUESTION, 1_000, [kind]).hits]
    assert of_kind == [passage for passage in everything if passage.kind == kind] != []


def test_asking_for_a_kind_does_not_change_how_sure_the_answer_is(searcher: Searcher):
    assert searcher.ask(QUESTION, 5, ["source"]).confidence == searcher.ask(QUESTION).confidence


def test_questions_kept_as_examples_of_no_answer_are_never_hits(searcher: Searcher):
    passages = searcher.index.passages
    outside = {searcher.page_of(row) for row, role in enumerate(passages.roles) if role == "outside"}
    found = {(hit.passage.kind, hit.passage.page) for hit in searcher.ask(QUESTION, 1_000).hits}
    assert outside
    assert not outside & found


def test_every_feature_that_confidence_needs_is_there(searcher: Searcher):
    evidence = searcher.evidence(QUESTION)
    pages = rank.score_pages(evidence, searcher.weights)
    assert set(rank.features(pages, evidence)) == set(searcher.weights.coefficients)
