"""`cxkb eval`: measures on runs small enough to reckon by hand, and the floors that search keeps on our questions."""

from __future__ import annotations

import json
import math
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxkb import evaluate
from cxkb.errors import CxkbError, QuestionError
from cxkb.evaluate import Outcome, Question

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command

INSIDE = Question("q1", "why silos", "en", "paraphrase", grades={"silos": 2, "local-optimisation": 1})
OUTSIDE = Question("q2", "missile silo", "de", "out-of-scope", "sense")


def outcome(question: Question, *ranking: str, abstained: bool = False, confidence: float = 0.5) -> Outcome:
    """An outcome from hits written as their concepts: "silos", "silos gdpr"."""
    return Outcome(question, [hit.split() for hit in ranking], abstained, confidence)


def values(*ranking: str) -> dict[str, float]:
    """The measures of one question whose hits have these concepts."""
    return evaluate.measures([outcome(INSIDE, *ranking)])["q1"]


IDEAL = 2 + 1 / math.log2(3)


@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        (["silos", "local-optimisation"], (1, 1, 1, 1, 1)),
        (["local-optimisation", "silos"], (1, 1, 1, 1, (1 + 2 / math.log2(3)) / IDEAL)),
        (["gdpr", "silos", "x", "local-optimisation"], (0, 1, 1, 1 / 2, (2 / math.log2(3) + 1 / math.log2(5)) / IDEAL)),
        (["a", "b", "c", "silos"], (0, 0, 1 / 2, 1 / 4, 2 / math.log2(5) / IDEAL)),
        (["a", "b", "c", "d", "e", "silos"], (0, 0, 0, 1 / 6, 2 / math.log2(7) / IDEAL)),
        (["a", "b", "c"], (0, 0, 0, 0, 0)),
        ([], (0, 0, 0, 0, 0)),
    ],
)
def test_measures_are_those_reckoned_by_hand(ranking: list[str], expected: tuple[float, ...]):
    assert values(*ranking) == pytest.approx(dict(zip(evaluate.MEASURES, expected, strict=True)))


def test_a_hit_of_several_concepts_earns_its_highest_grade():
    assert values("local-optimisation silos gdpr") == values("silos")


def test_a_grade_is_earned_once():
    assert values("silos", "silos", "local-optimisation") == values("silos", "x", "local-optimisation")


def test_a_hit_earns_what_no_hit_above_it_has_earned():
    assert values("silos", "silos local-optimisation") == values("silos", "local-optimisation")


def test_questions_out_of_scope_have_no_measures():
    assert evaluate.measures([outcome(OUTSIDE, "silos")]) == {}


def test_measures_do_not_mind_abstention():
    assert evaluate.measures([outcome(INSIDE, "silos", abstained=True)])["q1"]["success@1"] == 1


def test_missing_ir_measures_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    with pytest.raises(CxkbError, match="pip install ir-measures"):
        values("silos")


def test_a_report_has_means_by_type_and_language():
    german = Question("q3", "Silos", "de", "keyword", grades={"silos": 2})
    rows = evaluate.report([outcome(INSIDE, "gdpr"), outcome(german, "silos"), outcome(OUTSIDE)]).rows
    assert {group: (row["n"], row["success@1"]) for group, row in rows.items()} == {
        "all": (2, 0.5),
        "language de": (1, 1),
        "language en": (1, 0),
        "type keyword": (1, 1),
        "type paraphrase": (1, 0),
    }


def test_a_report_counts_who_was_sent_away_and_rightly_so():
    other = Question("q4", "weather", "en", "out-of-scope")
    outcomes = [
        outcome(INSIDE, abstained=True),
        outcome(Question("q5", "gdpr", "en", "keyword", grades={"gdpr": 2}), "gdpr"),
        outcome(OUTSIDE, abstained=True),
        outcome(other),
    ]
    report = evaluate.report(outcomes)
    assert report.rows["all"]["false abstention"] == 0.5
    assert report.abstentions == {"all": (1, 2), "sense": (1, 1), "other": (0, 1)}


@pytest.mark.parametrize(
    ("inside", "outside", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1),
        ([0.1], [0.9], 0),
        ([0.5], [0.5], 0.5),
        ([0.9, 0.3], [0.5, 0.3], (2 + 0 + 0.5) / 4),
    ],
)
def test_auroc_is_the_share_of_pairs_in_order(inside: list[float], outside: list[float], expected: float):
    assert evaluate.auroc(inside, outside) == expected


def test_auroc_of_no_pairs_is_no_number():
    assert math.isnan(evaluate.auroc([0.5], []))


def test_a_report_has_the_auroc_of_confidence_within_scope_over_without():
    outcomes = [outcome(INSIDE, confidence=0.7), outcome(OUTSIDE, confidence=0.2)]
    assert evaluate.report(outcomes).auroc == 1


VALUES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=40)


@given(VALUES)
def test_an_interval_contains_the_mean(found: list[float]):
    low, high = evaluate.interval(found)
    assert min(found) <= low <= sum(found) / len(found) <= high <= max(found)


@given(VALUES)
def test_an_interval_is_the_same_for_the_same_values(found: list[float]):
    assert evaluate.interval(found) == evaluate.interval(found)


def test_an_interval_narrows_with_more_values():
    low, high = evaluate.interval([0.0, 1.0] * 10)
    narrow = evaluate.interval([0.0, 1.0] * 1_000)
    assert low < narrow[0] < 0.5 < narrow[1] < high


def test_the_interval_of_no_values_is_no_number():
    assert all(map(math.isnan, evaluate.interval([])))


def test_questions_won_and_lost_are_named():
    second = Question("q6", "law", "en", "keyword", grades={"gdpr": 2})
    same = Question("q7", "trust", "en", "keyword", grades={"customer-trust": 2})
    before = [outcome(INSIDE, "x", "silos"), outcome(second, "gdpr"), outcome(same, "x"), outcome(OUTSIDE)]
    after = [outcome(INSIDE, "silos"), outcome(second, "x"), outcome(same, "y"), outcome(OUTSIDE, abstained=True)]
    assert evaluate.compare(before, after) == ([INSIDE, OUTSIDE], [second])


def test_questions_that_the_old_run_lacks_are_neither_won_nor_lost():
    assert evaluate.compare([], [outcome(INSIDE, "silos")]) == ([], [])


def line(**changed: Any) -> str:
    """A question with judgements as a line."""
    question = {"id": "q1", "lang": "en", "query": "silos", "type": "keyword", "concepts": {"best": ["silos"]}}
    return json.dumps(question | changed, ensure_ascii=False)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A file of questions."""
    return tmp_path / "questions.jsonl"


@pytest.mark.parametrize(
    ("split", "expected"),
    [("tune", ["q2", "c010"]), ("test", ["q1", "q13", "none"]), ("all", ["q1", "q2", "c010", "q13", "none"])],
)
def test_even_ids_are_for_tuning_and_the_others_for_testing(questions: Path, split: str, expected: list[str]):
    questions.write_text("\n\n".join(line(id=id_) for id_ in ("q1", "q2", "c010", "q13", "none")))
    assert [question.id for question in evaluate.load_questions(questions, split)] == expected


def test_the_real_questions_are_split_in_two(repo: Path):
    file = repo / "tests" / "retrieval" / "questions.jsonl"
    tune, test = evaluate.load_questions(file, "tune"), evaluate.load_questions(file, "test")
    assert len(tune) == len(test) == 180
    assert {question.id for question in tune} & {question.id for question in test} == set()


def test_best_concepts_have_grade_two_and_ok_ones_one(questions: Path):
    questions.write_text(line(concepts={"best": ["a", "c"], "ok": ["b", "c"]}))
    assert evaluate.load_questions(questions)[0].grades == {"a": 2, "b": 1, "c": 2}


def test_a_question_without_concepts_is_out_of_scope(questions: Path):
    questions.write_text(line(concepts={"best": [], "ok": []}))
    assert not evaluate.load_questions(questions)[0].is_in_scope


def test_a_line_separator_in_a_question_does_not_end_it(questions: Path):
    questions.write_text(line(query="one\u2028two"), encoding="utf-8")
    assert evaluate.load_questions(questions)[0].query == "one\u2028two"


BAD = [
    "silos",
    "[]",
    '"silos"',
    "{}",
    line(id=7),
    line(query=None),
    line(concepts=["silos"]),
    line(concepts={"best": [["silos"]]}),
    "[" * 100_000,
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_a_bad_line_is_named_with_its_file_and_number(questions: Path, bad: str):
    questions.write_text(f"{line()}\n\n{bad}\n")
    with pytest.raises(QuestionError, match=rf"^{re.escape(str(questions))}:3: not a question with judgements"):
        evaluate.load_questions(questions)


def test_an_id_used_twice_is_named_with_its_file_and_number(questions: Path):
    questions.write_text(f"{line()}\n{line(id='q2')}\n{line()}\n")
    with pytest.raises(QuestionError, match=rf"^{re.escape(str(questions))}:3: .*'q1'"):
        evaluate.load_questions(questions)


@pytest.mark.parametrize("raw", [None, b"\xff", b"", b"\n \n"])
def test_a_file_without_questions_is_named(questions: Path, raw: bytes | None):
    if raw is not None:
        questions.write_bytes(raw)
    with pytest.raises(QuestionError, match=rf"^{re.escape(str(questions))} "):
        evaluate.load_questions(questions)


def test_a_question_that_cannot_be_asked_is_named():
    def ask(query: str, count: int) -> None:
        raise QuestionError(f"{query} {count}")

    with pytest.raises(QuestionError, match=r"^q1: why silos 10$"):
        evaluate.run([INSIDE], ask)


RUN = (
    '{"id": "q1", "ranking": [{"concepts": ["silos"], "location": "concepts/silos/", "score": 1}], "abstained": true}\n'
)


def test_a_run_is_read_for_the_questions_at_hand(tmp_path: Path):
    file = tmp_path / "run.jsonl"
    file.write_text(RUN + RUN.replace("q1", "q9"))
    assert evaluate.load_run(file, [INSIDE, OUTSIDE]) == [Outcome(INSIDE, [["silos"]], True, 0.0)]


@pytest.mark.parametrize("bad", [None, "silos", "[]", "{}", '{"id": []}', '{"id": "q1", "ranking": 3}', "[" * 100_000])
def test_a_file_that_is_no_run_is_named(tmp_path: Path, bad: str | None):
    file = tmp_path / "run.jsonl"
    if bad is not None:
        file.write_text(RUN + bad)
    with pytest.raises(QuestionError, match=rf"^{re.escape(str(file))} is not a run of `cxkb run`"):
        evaluate.load_run(file, [INSIDE])


def test_eval_names_the_questions_won_and_lost_since_a_run(cxkb: Command, index: Path, questions: Path, tmp_path: Path):
    won, lost = line(id="q1"), line(id="q3", query="how deep is a missile silo", concepts={"best": ["gdpr"]})
    questions.write_text(f"{won}\n{lost}\n")
    run = tmp_path / "run.jsonl"
    run.write_text(RUN.replace("silos", "x") + RUN.replace("q1", "q3").replace("silos", "gdpr"))
    done = cxkb("eval", str(questions), "--compare", str(run), cwd=index)
    assert done.stdout.splitlines()[-3:] == [
        "won 1, lost 1",
        "+ q1 en keyword: silos",
        "- q3 en keyword: how deep is a missile silo",
    ]


def test_an_unknown_split_is_wrong_usage(cxkb: Command, index: Path):
    assert cxkb("eval", "--split", "dev", cwd=index).returncode == 2


def test_eval_says_which_file_it_cannot_read(cxkb: Command, index: Path, tmp_path: Path):
    done = cxkb("eval", str(tmp_path / "nowhere.jsonl"), cwd=index)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"cxkb: {tmp_path / 'nowhere.jsonl'} cannot be read")


@pytest.fixture(scope="module")
def table(cxkb: Command, index: Path) -> dict[str, float]:
    """What `cxkb eval` says of the test questions."""
    done = cxkb("eval", "--split", "test", cwd=index)
    assert done.returncode == 0, done.stderr
    inside, outside = re.findall(r"^all +(.*)$", done.stdout, re.MULTILINE)
    columns = ["n", *evaluate.MEASURES, "false abstention"]
    area = re.search(r"AUROC of the confidence: (.*)", done.stdout)
    assert area
    return dict(zip(columns, map(float, inside.split()), strict=True)) | {
        "correct abstention": float(outside.split()[1]),
        "AUROC": float(area[1]),
    }


@pytest.mark.parametrize(
    ("measure", "least"), [("success@1", 0.86), ("nDCG@10", 0.80), ("correct abstention", 0.85), ("AUROC", 0.935)]
)
def test_search_is_at_least_as_good_as_it_was(table: dict[str, float], measure: str, least: float):
    assert table[measure] >= least


def test_few_questions_in_scope_are_sent_away(table: dict[str, float]):
    assert table["false abstention"] <= 0.07
