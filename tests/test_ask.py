"""`cxkb ask`, as somebody at a terminal or in a script meets it."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from cxkb.cli import app
from tests.conftest import Command, environment

if TYPE_CHECKING:
    from pathlib import Path

QUESTIONS = {
    "why do departments that do not talk to each other hurt the customer?": "silos",
    "what is a customer journey?": "customer-journey",
    "digital interaction layer": "digital-interaction-layer",
    "who coined digital Darwinism and what is it": "digital-darwinism",
    "should we improve in small steps?": "small-steps",
    "how do I draw a customer experience map on one sheet?": "customer-experience-map",
    "subscription economy": "subscription-economy",
    "Warum schaden Silos in der Organisation dem Kunden?": "silos",
    "Was bedeutet die DSGVO für Unternehmen?": "gdpr",
    "Warum steigen die Erwartungen der Kunden?": "customer-expectations",
    "wat is een klantreis?": "customer-journey",
    "waar staan de drie P's voor?": "three-ps",
}

COMMANDS = sorted(getattr(get_command(app), "commands"))  # noqa: B009 - Typer's type does not say that it is a group

ASKED = "what are the three Ps"


@pytest.fixture(scope="session")
def ask(cxkb: Command, index: Path) -> Command:
    """`cxkb ask` in the real knowledge base, its index built."""
    return functools.partial(cxkb, "ask", cwd=index)


def hits(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The hits of `cxkb ask --json`."""
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["hits"]
    return found


def pages(found: list[dict[str, Any]]) -> list[str]:
    """The pages of the hits."""
    return [hit["location"].partition("#")[0] for hit in found]


def assert_refused(done: subprocess.CompletedProcess[str], *named: str) -> None:
    """Nothing but one message that names what is wrong."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("Building the index")]
    assert len(said) == 1
    assert said[0].startswith("cxkb: ")
    assert said[0].endswith((".", "?", '"'))
    for part in named:
        assert part in said[0]


def test_what_the_three_ps_are_is_answered_by_their_page(ask: Command):
    assert hits(ask("--json", ASKED))[0]["concepts"] == ["three-ps"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_finds_its_page_among_the_first_three(ask: Command, question: str):
    assert f"concepts/{QUESTIONS[question]}/" in pages(hits(ask("--json", question)))


def shape(value: Any) -> Any:
    """Keys and types of a JSON value; a list's are those of its first member."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(inner) for inner in value[:1]] if isinstance(value, list) else type(value)


def test_json_has_the_shape_that_the_readme_documents(ask: Command, repo: Path):
    example = re.search(r"```json\n(.*?)```", (repo / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert example
    assert shape(json.loads(ask("--json", ASKED).stdout)) == shape(json.loads(example[1]))


def test_every_hit_has_the_same_keys(ask: Command):
    assert len({tuple(hit) for hit in hits(ask("--json", "-n", "20", ASKED))}) == 1


def test_json_is_all_that_is_printed(ask: Command):
    done = ask("--json", ASKED)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_a_page_is_one_hit(ask: Command):
    found = pages(hits(ask("--json", "-n", "100", ASKED)))
    assert len(found) == len(set(found)) > 50


def test_ranks_count_from_one_and_scores_fall(ask: Command):
    found = hits(ask("--json", "-n", "20", ASKED))
    scores = [hit["score"] for hit in found]
    assert [hit["rank"] for hit in found] == list(range(1, 21))
    assert scores == sorted(scores, reverse=True)


def test_the_best_sentence_stands_in_the_text(ask: Command):
    for hit in hits(ask("--json", "-n", "20", ASKED)):
        assert hit["sentence"]
        assert hit["sentence"] in hit["text"]


def test_a_hit_names_the_line_of_its_heading(ask: Command, index: Path):
    for hit in hits(ask("--json", "-n", "20", ASKED)):
        path, _, line = hit["file"].rpartition(":")
        anchor = hit["location"].partition("#")[2]
        if int(line) > 1:
            assert f"#{anchor} " in (index / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_the_address_begins_with_site_url(ask: Command):
    hit = hits(ask("--json", ASKED, env={"SITE_URL": "https://kb.example/cx"}))[0]
    assert hit["url"] == f"https://kb.example/cx/{hit['location']}"


def test_n_is_the_number_of_hits(ask: Command):
    assert len(hits(ask("--json", "-n", "7", ASKED))) == 7


@pytest.mark.parametrize("kinds", [["tension"], ["source"], ["guide"], ["concept", "tension"]])
def test_kind_leaves_only_pages_of_these_kinds(ask: Command, kinds: list[str]):
    named = [part for kind in kinds for part in ("--kind", kind)]
    found = {hit["kind"] for hit in hits(ask("--json", "-n", "60", *named, "can an experience be managed"))}
    assert found == set(kinds)


def test_an_unknown_kind_is_wrong_usage(ask: Command):
    done = ask("--kind", "recipe", ASKED)
    assert done.returncode == 2
    assert "'recipe' is not one of concept, tension, source, guide" in " ".join(done.stderr.split())


def test_a_question_of_several_words_needs_no_quotes(ask: Command):
    assert ask(*ASKED.split()).stdout == ask(ASKED).stdout


def test_a_question_is_read_from_standard_input(ask: Command):
    assert ask(stdin=f"{ASKED}\n").stdout == ask(ASKED).stdout


def test_a_question_may_begin_with_a_hyphen(ask: Command):
    assert ask("--", "--help me understand silos").returncode == 0


def test_plain_output_names_title_source_address_and_file(ask: Command):
    first = ask(ASKED).stdout.split("\n\n")[0].splitlines()
    assert first[0].startswith("1. Three Ps")
    assert "   Source: Solis, 2016" in first
    assert first[-2].startswith("   http://127.0.0.1:8000/concepts/three-ps/#")
    assert re.fullmatch(r"   docs/concepts/three-ps\.md:\d+", first[-1])


def test_plain_output_fits_80_columns(ask: Command):
    lines = ask("-n", "20", ASKED).stdout.splitlines()
    assert max(len(line) for line in lines if "http" not in line) <= 80


def test_output_in_a_pipe_has_no_escape_codes(ask: Command):
    assert "\x1b" not in ask(ASKED, env={"FORCE_COLOR": "1", "TERM": "xterm-256color"}).stdout


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_control_characters_in_content_never_reach_the_output(cxkb: Command, hostile_index: Path, options: list[str]):
    done = cxkb("ask", *options, "--kind", "guide", "marked text that is red and reversed", cwd=hostile_index)
    assert "reversed" in done.stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout)


def test_text_that_reorders_others_never_reaches_a_terminal(cxkb: Command, hostile_index: Path):
    done = cxkb("ask", "--kind", "guide", "marked text that is red and reversed", cwd=hostile_index)
    assert "reversed" in done.stdout
    assert not re.search(r"[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]", done.stdout)


def test_an_empty_question_is_refused(ask: Command):
    assert_refused(ask(), "question is empty", "cxkb ask")


def test_a_blank_question_is_refused(ask: Command):
    assert_refused(ask(" \t "), "question is empty")


def test_a_question_that_is_too_long_is_refused(ask: Command):
    assert_refused(ask("why " * 1_000), "3,999 characters", "2,000")


def test_ten_megabytes_on_standard_input_are_refused(ask: Command):
    assert_refused(ask(stdin=b"why " * 2_500_000), "1,000,000 bytes")


def test_binary_standard_input_is_refused(ask: Command):
    assert_refused(ask(stdin=bytes(range(256))), "not UTF-8")


def test_control_bytes_in_a_question_are_refused(ask: Command):
    assert_refused(ask("three \x1b[31mPs"), "not text")


def test_no_knowledge_base_in_sight_is_said_with_the_remedy(cxkb: Command, tmp_path: Path):
    assert_refused(cxkb("ask", ASKED, cwd=tmp_path), "No knowledge base in", "--root FOLDER", "CXKB_ROOT")


def test_a_folder_that_cannot_hold_an_index_is_named(cxkb: Command, snapshot: Path, tmp_path: Path):
    folder = shutil.copytree(snapshot, tmp_path / "kb", ignore=shutil.ignore_patterns(".cxkb"))
    (folder / ".cxkb").write_text("in the way")
    assert_refused(cxkb("ask", ASKED, cwd=folder), "cannot be written", str(folder / ".cxkb"))


@pytest.mark.parametrize("where", ["root", "variable"])
def test_the_knowledge_base_may_be_elsewhere(cxkb: Command, index: Path, tmp_path: Path, where: str):
    named = ["--root", str(index)] if where == "root" else []
    env = {"CXKB_ROOT": str(index)} if where == "variable" else {}
    assert cxkb(*named, "ask", ASKED, cwd=tmp_path, env=env).stdout.startswith("1. Three Ps")


def python(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Code run by a Python of its own."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False)


def test_asking_needs_no_network(index: Path):
    code = f"""
import socket, sys
def refuse(*args, **kwargs):
    raise SystemExit("the network was asked for")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.getaddrinfo = socket.create_connection = refuse
sys.argv = ["cxkb", "ask", "-n", "1", {ASKED!r}]
import cxkb.cli
cxkb.cli.main()
"""
    done = python(code, index)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1. Three Ps")


def test_the_command_line_starts_without_heavy_libraries(tmp_path: Path):
    heavy = {"torch", "faiss", "numpy", "mkdocs", "pydantic", "rich", "sentence_transformers", "lxml", "yaml"}
    done = python("import sys, cxkb.cli; print(*sys.modules)", tmp_path)
    assert heavy & set(done.stdout.split()) == set()


def test_version_is_printed(cxkb: Command, tmp_path: Path):
    from cxkb import __version__

    assert cxkb("--version", cwd=tmp_path).stdout == f"cxkb {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(cxkb: Command, tmp_path: Path, command: str):
    shown = cxkb(command, "--help", cwd=tmp_path)
    assert shown.returncode == 0
    assert re.match(rf"Usage: cxkb {command} .*\n\n  [A-Z].{{20,}}", shown.stdout)


@pytest.mark.parametrize("command", [[], ["ask"]])
def test_help_shows_a_question_to_try(cxkb: Command, tmp_path: Path, command: list[str]):
    assert re.search(r'Examples?:\s+cxkb ask "', cxkb(*command, "--help", cwd=tmp_path).stdout)


def test_help_names_every_command(cxkb: Command, tmp_path: Path):
    shown = cxkb(cwd=tmp_path)
    assert set(COMMANDS) <= set(shown.stdout.split() + shown.stderr.split())


def test_bash_is_offered_the_commands(cxkb: Command, tmp_path: Path):
    env = {"_CXKB_COMPLETE": "complete_bash", "COMP_WORDS": "cxkb ", "COMP_CWORD": "1"}
    assert set(cxkb(cwd=tmp_path, env=env).stdout.split()) == set(COMMANDS)


def test_bash_gets_a_completion_script(cxkb: Command, tmp_path: Path):
    script = cxkb(cwd=tmp_path, env={"_CXKB_COMPLETE": "source_bash"}).stdout
    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert "complete" in script
    assert checked.returncode == 0
