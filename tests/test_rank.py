"""The order of pages, the passage that each shows, and how sure the answer is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cxkb import rank, settings
from cxkb.records import FIELDS, Passage
from cxkb.retrieve import Searcher

if TYPE_CHECKING:
    from pathlib import Path

    from cxkb.records import Field, Kind, Role

WEIGHTS = replace(rank.parameters(), second=0.25, letters={"names": 1.0, "text": 0.5})

A, B, C = ("concept", "a"), ("concept", "b"), ("concept", "c")


Near = tuple[rank.Page, "Field", float]
"""A passage: its page, the field it belongs to, its cosine."""

NOTHING = rank.Evidence([], {}, {"names": {}, "text": {}}, -1.0, 0.0, 0)


def order(near: list[tuple[rank.Page, float]], letters: dict[rank.Page, float] | None = None) -> list[rank.Page]:
    """The pages in order, given the page and cosine of each passage of running text."""
    return [found.page for found in scored([(page, "text", cosine) for page, cosine in near], letters)]


def scored(near: list[Near], letters: dict[rank.Page, float] | None = None) -> list[rank.Scored]:
    """The pages with their scores, given each passage, and the share of letters that each page's text has."""
    rows = [(row, cosine) for row, (_, _, cosine) in enumerate(near)]
    nearest = rank.nearest(rows, lambda row: near[row][:2])
    shares: dict[Field, dict[rank.Page, float]] = {"names": {}, "text": letters or {}}
    return rank.score_pages(rank.Evidence(rows, nearest, shares, -1.0, 0.0, 0), WEIGHTS)


def test_the_page_with_the_nearest_passage_is_first():
    assert order([(B, 0.9), (A, 0.5), (C, 0.1)]) == [B, A, C]


def test_equal_pages_stand_in_the_order_of_their_ids():
    assert order([(C, 0.5), (A, 0.5), (B, 0.5)]) == [A, B, C]


def test_a_page_is_there_once():
    assert order([(A, 0.9), (B, 0.8), (A, 0.7), (B, 0.6)]) == [A, B]


def test_a_near_second_passage_lifts_a_page():
    assert order([(A, 0.90), (B, 0.89), (B, 0.88), (A, 0.1)]) == [B, A]


def test_a_third_passage_of_a_field_changes_nothing():
    two: list[Near] = [(A, "text", 0.9), (A, "text", 0.8)]
    assert scored([*two, (A, "text", 0.7)]) == scored(two)


def test_a_page_of_one_passage_has_its_cosine_as_its_score():
    assert scored([(A, "text", 0.9)])[0].score == pytest.approx(0.9)


def test_names_and_text_count_half_each():
    (found,) = scored([(A, "names", 0.9), (A, "text", 0.5)])
    assert found.score == pytest.approx(0.7)
    assert found.nearest == 0.9


def test_a_page_near_in_both_fields_is_before_one_that_is_nearer_in_one():
    near: list[Near] = [(A, "names", 0.9), (B, "names", 0.8), (B, "text", 0.7), (A, "text", 0.4)]
    assert [found.page for found in scored(near)] == [B, A]


def test_the_score_is_what_passages_and_letters_say_by_their_weights():
    (found,) = scored([(A, "text", 0.8), (A, "text", 0.4)], {A: 0.6})
    assert found.score == pytest.approx(0.75 * 0.8 + 0.25 * 0.4 + 0.5 * 0.6)
    assert found.letters == pytest.approx(0.5 * 0.6)


def test_letters_of_a_field_that_a_page_lacks_do_not_count():
    nearest: dict[rank.Page, dict[Field, tuple[float, float]]] = {A: {"text": (0.5, 0.5)}}
    evidence = replace(NOTHING, nearest=nearest, letters={"names": {A: 1.0}, "text": {}})
    assert rank.score_pages(evidence, WEIGHTS)[0].letters == 0


def test_letters_in_common_lift_a_page():
    assert order([(A, 0.9), (B, 0.8)], {B: 0.3}) == [B, A]


def test_no_passages_give_no_pages():
    assert order([], {A: 1.0}) == []


def test_the_fitted_weights_are_in_their_ranges():
    fitted = rank.parameters()
    assert 0 <= fitted.second < 1
    assert all(weight >= 0 for weight in fitted.letters.values())
    assert set(fitted.letters) == set(FIELDS.values())
    assert 0 < fitted.threshold < 1


def confidence(intercept: float, **features: float) -> float:
    """Confidence in these features, all of the same weight."""
    return rank.confidence(features, replace(WEIGHTS, intercept=intercept, coefficients=dict.fromkeys(features, 1.0)))


def test_confidence_is_the_logistic_function():
    assert confidence(0) == 0.5
    assert confidence(1, nearest=2, lead=-0.5) == pytest.approx(0.9241418)


def passage(text: str, role: Role = "body", anchor: str = "#first") -> Passage:
    """A passage of a page."""
    return Passage(f"concepts/a/{anchor}", "concept", "a", "A", "First", text, role, "docs/concepts/a.md", 1)


def shown(*evidence: tuple[Passage, float]) -> tuple[str, str]:
    """Text and sentence that a page shows, given its passages in reading order with their cosines."""
    hit = rank.hit(1, rank.Scored(A, 0.5, 0.5, 0.0), [made for made, _ in evidence], [cosine for _, cosine in evidence])
    return hit.passage.text, hit.sentence


def test_a_hit_shows_the_nearest_running_text():
    assert shown((passage("One."), 0.2), (passage("Two."), 0.9), (passage("Three."), 0.3)) == ("Two.", "Two.")


def test_a_hit_shows_the_text_of_the_nearest_sentence():
    near = shown(
        (passage("Far. Near.", anchor="#one"), 0.2),
        (passage("Far.", "sentence", "#one"), 0.1),
        (passage("Near.", "sentence", "#one"), 0.9),
        (passage("Middling.", anchor="#two"), 0.5),
    )
    assert near == ("Far. Near.", "Near.")


def test_the_sentence_is_the_nearest_of_the_text_that_is_shown():
    near = shown(
        (passage("Best text. Its other sentence."), 0.9),
        (passage("Best text.", "sentence"), 0.3),
        (passage("Its other sentence.", "sentence"), 0.4),
        (passage("Not best. Better.", anchor="#two"), 0.1),
        (passage("Better.", "sentence", "#two"), 0.8),
    )
    assert near == ("Best text. Its other sentence.", "Its other sentence.")


@pytest.mark.parametrize("role", ["title", "alias", "question"])
def test_titles_and_questions_are_not_shown_where_there_is_running_text(role: Role):
    assert shown((passage("A: a definition", role), 0.9), (passage("Text."), 0.1)) == ("Text.", "Text.")


def test_a_page_without_running_text_shows_its_title():
    assert shown((passage("A: a definition", "title"), 0.9), (passage("an alias", "alias"), 0.95)) == (
        "A: a definition",
        "",
    )


def test_a_hit_carries_its_rank_and_score():
    hit = rank.hit(4, rank.Scored(A, 0.7, 0.5, 0.0), [passage("Text.")], [0.1])
    assert (hit.rank, hit.score) == (4, 0.7)


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


def test_evidence_of_nothing_gives_features_all_the_same():
    assert set(rank.features([], NOTHING)) == set(rank.parameters().coefficients)


def test_the_lead_is_over_the_fourth_page():
    pages = [
        rank.Scored(("concept", name), score, score, 0.0) for name, score in zip("abcde", (9, 8, 7, 5, 1), strict=True)
    ]
    assert rank.features(pages, NOTHING)["lead"] == 4
    assert rank.features(pages[:2], NOTHING)["lead"] == 1
