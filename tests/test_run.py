"""`cxkb run`: many questions, a line of JSON each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.conftest import Command

QUESTIONS = {
    "z": "what are the three Ps",
    "a": "Warum schaden Silos in der Organisation dem Kunden?",
    "m": "subscription economy",
    "b": "wat is een klantreis?",
}


@pytest.fixture(scope="session")
def ran(cxkb: Command, index: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The lines that QUESTIONS gave."""
    file = tmp_path_factory.mktemp("run") / "questions.jsonl"
    lines = [json.dumps({"id": id_, "query": query}, ensure_ascii=False) for id_, query in QUESTIONS.items()]
    file.write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    done = cxkb("run", str(file), cwd=index)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one message of a run that answered nothing."""
    assert done.returncode == 1
    assert done.stdout == ""
    (said,) = done.stderr.splitlines()
    return said


def test_each_question_gives_a_line_in_the_order_of_the_file(ran: list[dict[str, Any]]):
    assert [line["id"] for line in ran] == list(QUESTIONS)


def test_a_line_has_the_documented_keys(ran: list[dict[str, Any]]):
    for line in ran:
        assert list(line) == ["id", "ranking", "abstained"]
        assert all(list(ranked) == ["concepts", "location", "score"] for ranked in line["ranking"])


def test_run_ranks_as_ask_does(cxkb: Command, index: Path, ran: list[dict[str, Any]]):
    for line in ran:
        asked = json.loads(cxkb("ask", "--json", "-n", "10", QUESTIONS[line["id"]], cwd=index).stdout)
        found = [(hit["location"], hit["score"]) for hit in asked["hits"]]
        assert [(ranked["location"], ranked["score"]) for ranked in line["ranking"]] == found
        assert line["abstained"] is not asked["answered"]


def test_n_is_the_number_of_pages_ranked(cxkb: Command, index: Path):
    done = cxkb("run", "-n", "3", "-", cwd=index, stdin='{"id": 1, "query": "silos"}')
    assert len(json.loads(done.stdout)["ranking"]) == 3


def test_questions_are_read_from_standard_input(cxkb: Command, index: Path):
    done = cxkb("run", "-", cwd=index, stdin='{"id": 7, "query": "silos"}\r\n')
    assert json.loads(done.stdout)["id"] == 7


def test_no_questions_give_no_lines(cxkb: Command, index: Path):
    done = cxkb("run", "-", cwd=index, stdin=" \n\n")
    assert (done.returncode, done.stdout) == (0, "")


BAD = [
    b"what are the three Ps",
    b'"what are the three Ps"',
    b'{"query": "no id"}',
    b'{"id": "no query"}',
    b'{"id": 1, "query": 2}',
    b'{"id": ["list"], "query": "silos"}',
    b'{"id": 1, "query": "\xff"}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_a_bad_line_is_named_with_its_file_and_number(cxkb: Command, index: Path, tmp_path: Path, bad: bytes):
    file = tmp_path / "questions.jsonl"
    file.write_bytes(b'{"id": 1, "query": "silos"}\n\n' + bad + b"\n")
    said = refusal(cxkb("run", str(file), cwd=index))
    assert said.startswith(f"cxkb: {file}:3: not a question; write ")


@pytest.mark.parametrize("query", ["", " ", "why " * 1_000, "\u0000"])
def test_a_question_that_cannot_be_asked_is_named_with_its_file_and_number(
    cxkb: Command, index: Path, tmp_path: Path, query: str
):
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"id": 1, "query": query}), encoding="utf-8")
    assert refusal(cxkb("run", str(file), cwd=index)).startswith(f"cxkb: {file}:1: The question ")


def test_a_missing_file_is_named(cxkb: Command, index: Path, tmp_path: Path):
    file = tmp_path / "nowhere.jsonl"
    assert refusal(cxkb("run", str(file), cwd=index)).startswith(f"cxkb: {file} cannot be read: ")
