"""The order of pages, the passage that each shows, and how sure the answer is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cxkb import rank
from cxkb.records import FIELDS, Passage

CASES = json.loads((Path(__file__).parent / "cases" / "ranking.json").read_text(encoding="utf-8"))
"""What Python and JavaScript both have to do: test_browser_engine.py has the same file."""

WEIGHTS = rank.Parameters(**CASES["weights"])

NOTHING = rank.Evidence([], {}, {"names": {}, "text": {}}, -1.0, 0.0, 0)


def ordered(case: dict[str, Any]) -> dict[str, Any]:
    """Pages, their scores, features and confidence of a case of `order`."""
    page = {name: ("concept", name) for name in "abcde"}
    near = [(row, cosine) for row, (_, _, cosine) in enumerate(case["passages"])]
    letters = {"names": {}, "text": {}} | case.get("letters", {})
    evidence = rank.Evidence(
        near=near,
        nearest=rank.nearest(near, lambda row: (page[case["passages"][row][0]], case["passages"][row][1])),
        letters={field: {page[name]: found for name, found in shares.items()} for field, shares in letters.items()},
        outside=case.get("outside", -1.0),
        outside_letters=case.get("outside_letters", 0.0),
        words=case.get("words", 0),
    )
    scored = rank.score_pages(evidence, WEIGHTS)
    features = rank.features(scored, evidence)
    return {
        "pages": [found.page[1] for found in scored],
        "scores": [found.score for found in scored],
        "features": features,
        "confidence": rank.confidence(features, WEIGHTS),
    }


def shown(case: dict[str, Any]) -> dict[str, str]:
    """Text and sentence of a case of `shown`."""
    passages = [
        Passage(location, "concept", "a", "A", "First", text, role, "docs/concepts/a.md", 1)
        for role, location, text, _ in case["passages"]
    ]
    hit = rank.hit(1, rank.Scored(("concept", "a"), 0.5, 0.5, 0.0), passages, [found[3] for found in case["passages"]])
    return {"text": hit.passage.text, "sentence": hit.sentence}


def check_order(case: dict[str, Any], found: dict[str, Any]) -> None:
    """What was found is what the case of `order` says."""
    assert found["pages"] == case["pages"], case["name"]
    assert found["scores"] == pytest.approx(case["scores"]), case["name"]
    assert {name: found["features"][name] for name in case["features"]} == pytest.approx(case["features"]), case["name"]


@pytest.mark.parametrize("case", CASES["order"], ids=lambda case: case["name"])
def test_pages_stand_in_the_order_of_their_evidence(case: dict[str, Any]):
    check_order(case, ordered(case))


@pytest.mark.parametrize("case", CASES["shown"], ids=lambda case: case["name"])
def test_a_page_shows_the_passage_and_sentence_nearest_to_the_question(case: dict[str, Any]):
    assert shown(case) == {"text": case["text"], "sentence": case["sentence"]}


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


def test_a_hit_carries_its_rank_and_score():
    passage = Passage("concepts/a/", "concept", "a", "A", "First", "Text.", "body", "docs/concepts/a.md", 1)
    hit = rank.hit(4, rank.Scored(("concept", "a"), 0.7, 0.5, 0.0), [passage], [0.1])
    assert (hit.rank, hit.score) == (4, 0.7)


def test_every_passage_has_its_cosine():
    passage = Passage("concepts/a/", "concept", "a", "A", "First", "Text.", "body", "docs/concepts/a.md", 1)
    with pytest.raises(ValueError, match="shorter"):
        rank.hit(1, rank.NO_PAGE, [passage, passage], [0.1])


def test_evidence_of_nothing_gives_features_all_the_same():
    assert set(rank.features([], NOTHING)) == set(rank.parameters().coefficients)
