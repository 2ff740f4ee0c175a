"""How good search is: questions with graded judgements -> measures, by type and language, with intervals.

A question's judgements name concepts: `best` ones are graded 2, `ok` ones 1. A hit may stand for several concepts (a
tension does); it earns the highest grade that no hit above it has earned. Ranking measures are ir-measures' own.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cxkb.errors import CxkbError, QuestionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

DEPTH = 10
"""Hits ranked for each question."""

RESAMPLES = 1_000
"""Bootstrap samples of an interval (Efron and Tibshirani 1993, chapter 13: percentile intervals)."""

MEASURES = ("success@1", "success@3", "recall@5", "MRR@10", "nDCG@10")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its judgements; out of scope when it has none."""

    id: str
    query: str
    lang: str
    type: str
    subtype: str = ""
    grades: Mapping[str, int] = field(default_factory=dict)
    """Concept id -> 2 (best) or 1 (ok)."""

    @property
    def is_in_scope(self) -> bool:
        """Whether the knowledge base answers it."""
        return bool(self.grades)

    @property
    def split(self) -> str:
        """'tune' for an even number in its id, else 'test'."""
        digits = "".join(c for c in self.id if c.isdecimal())
        return "tune" if digits and int(digits) % 2 == 0 else "test"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a system did with a question."""

    question: Question
    ranking: Sequence[Sequence[str]]
    """The concepts of each hit, best first."""
    abstained: bool
    confidence: float
    """Higher means surer that there is an answer."""


def load_questions(file: Path, split: str = "all") -> list[Question]:
    """The questions of a file, those of one split only for 'tune' (even ids) or 'test' (odd ones).

    Raises QuestionError naming the line that is no question with judgements, or has the id of another.
    """
    found: dict[str, Question] = {}
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{file} cannot be read: {error}.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            judged = raw.get("concepts") or {}
            grades = dict.fromkeys(judged.get("ok", []), 1) | dict.fromkeys(judged.get("best", []), 2)
            question = Question(raw["id"], raw["query"], raw["lang"], raw["type"], raw.get("subtype", ""), grades)
            if not isinstance(question.id, str) or not isinstance(question.query, str):
                raise TypeError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise QuestionError(
                f"{file}:{number}: not a question with judgements; see tests/retrieval/README.md."
            ) from None
        if question.id in found:
            raise QuestionError(f"{file}:{number}: the id {question.id!r} is taken by a question above.")
        found[question.id] = question
    chosen = [question for question in found.values() if split in ("all", question.split)]
    if not chosen:
        raise QuestionError(f"{file} has no questions in the split {split!r}.")
    return chosen


def queries(raw: bytes, name: str) -> Iterator[tuple[int, str | int, str]]:
    """Line, id and query of each question in a file of these bytes, with or without judgements.

    Raises QuestionError naming the file and the first line that is none.
    """
    for number, line in enumerate(raw.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            question = json.loads(line.decode("utf-8"))
            id_, query = question["id"], question["query"]
            if not isinstance(query, str) or not isinstance(id_, str | int):
                raise TypeError
        except (ValueError, KeyError, TypeError, RecursionError):
            raise QuestionError(
                f'{name}:{number}: not a question; write {{"id": "q1", "query": "…"}}, in UTF-8, on one line.'
            ) from None
        yield number, id_, query


def run(questions: Iterable[Question], ask: Callable[[str, int], Any]) -> list[Outcome]:
    """Each question asked; `ask` is `Searcher.ask`."""
    outcomes = []
    for question in questions:
        try:
            answer = ask(question.query, DEPTH)
        except QuestionError as error:
            raise QuestionError(f"{question.id}: {error}") from error
        ranking = [hit.passage.concepts for hit in answer.hits]
        outcomes.append(Outcome(question, ranking, not answer.answered, answer.confidence))
    return outcomes


def measures(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Question id -> measure -> value in [0, 1], of the questions in scope, as if nothing had been withheld.

    Raises CxkbError when ir-measures is not installed.
    """
    try:
        from ir_measures import RR, Qrel, R, ScoredDoc, Success, iter_calc, nDCG
    except ModuleNotFoundError as error:
        raise CxkbError("`cxkb eval` needs ir-measures. Install it with: pip install ir-measures") from error

    names = {
        Success @ 1: "success@1",
        Success @ 3: "success@3",
        R @ 5: "recall@5",
        RR @ 10: "MRR@10",
        nDCG @ 10: "nDCG@10",
    }
    judged = [outcome for outcome in outcomes if outcome.question.is_in_scope]
    qrels = [
        Qrel(outcome.question.id, concept, grade)
        for outcome in judged
        for concept, grade in outcome.question.grades.items()
    ]
    scored = [
        ScoredDoc(outcome.question.id, earned, float(-rank))
        for outcome in judged
        for rank, earned in enumerate(_earned(outcome))
    ]
    found = {outcome.question.id: dict.fromkeys(MEASURES, 0.0) for outcome in judged}
    for value in iter_calc(list(names), qrels, scored):
        found[value.query_id][names[value.measure]] = value.value
    return found


def _earned(outcome: Outcome) -> list[str]:
    """For each hit the concept whose grade it earns, or a name that nothing is judged by."""
    grades, taken, earned = outcome.question.grades, set(), []
    for rank, concepts in enumerate(outcome.ranking):
        open_ = [concept for concept in concepts if concept in grades and concept not in taken]
        best = max(open_, key=lambda concept: grades[concept], default=f"-{rank}")
        taken.add(best)
        earned.append(best)
    return earned


@dataclass(frozen=True, slots=True)
class Report:
    """The measures of a run."""

    rows: dict[str, dict[str, float]]
    """Group ('all', 'type paraphrase', 'language de') -> measure -> mean; with 'n' and 'false abstention'."""
    abstentions: dict[str, tuple[int, int]]
    """Out of scope, by subtype: how many were abstained from, of how many."""
    auroc: float
    intervals: dict[str, tuple[float, float]]
    """95 % bootstrap interval of the 'all' row's measures."""


def report(outcomes: Sequence[Outcome]) -> Report:
    """Means by group, abstentions, AUROC of the confidence, and intervals."""
    by_question = measures(outcomes)
    groups: dict[str, list[Outcome]] = {"all": []}
    abstentions: dict[str, tuple[int, int]] = {}
    for outcome in outcomes:
        question = outcome.question
        if question.is_in_scope:
            for group in ("all", f"type {question.type}", f"language {question.lang}"):
                groups.setdefault(group, []).append(outcome)
        else:
            for group in ("all", question.subtype or "other"):
                done, total = abstentions.get(group, (0, 0))
                abstentions[group] = (done + outcome.abstained, total + 1)
    rows = {}
    for group, members in sorted(groups.items()):
        values = [by_question[member.question.id] for member in members]
        rows[group] = {"n": float(len(members))} | {name: _mean([v[name] for v in values]) for name in MEASURES}
        rows[group]["false abstention"] = _mean([float(member.abstained) for member in members])
    intervals = {name: interval([values[name] for values in by_question.values()]) for name in MEASURES}
    inside = [o.confidence for o in outcomes if o.question.is_in_scope]
    outside = [o.confidence for o in outcomes if not o.question.is_in_scope]
    return Report(rows, abstentions, auroc(inside, outside), intervals)


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """Chance, in [0, 1], that a question in scope has the higher confidence than one out of scope; ties count half."""
    pairs = len(inside) * len(outside)
    won = sum((a > b) + 0.5 * (a == b) for a in inside for b in outside)
    return won / pairs if pairs else float("nan")


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean; the same for the same values."""
    if not values:
        return (float("nan"), float("nan"))
    chance = random.Random(seed)  # noqa: S311 - no secret: samples
    means = sorted(_mean(chance.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]


def compare(before: Sequence[Outcome], after: Sequence[Outcome]) -> tuple[list[Question], list[Question]]:
    """Questions won and lost: in scope by success@1, out of scope by abstention."""
    succeeded = [
        {id_: bool(values["success@1"]) for id_, values in measures(outcomes).items()}
        | {o.question.id: o.abstained for o in outcomes if not o.question.is_in_scope}
        for outcomes in (before, after)
    ]
    both = [o.question for o in after if o.question.id in succeeded[0]]
    won = [question for question in both if succeeded[1][question.id] and not succeeded[0][question.id]]
    lost = [question for question in both if succeeded[0][question.id] and not succeeded[1][question.id]]
    return won, lost


def load_run(file: Path, questions: Iterable[Question]) -> list[Outcome]:
    """A run as `cxkb run` prints it, for the questions it has. Raises QuestionError for a file that is none."""
    by_id = {question.id: question for question in questions}
    outcomes = []
    try:
        for line in file.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if question := by_id.get(entry["id"]):
                ranking = [item["concepts"] for item in entry["ranking"]]
                outcomes.append(Outcome(question, ranking, entry["abstained"], 0.0))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise QuestionError(f"{file} is not a run of `cxkb run`: {error}.") from error
    return outcomes


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
