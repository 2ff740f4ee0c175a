"""`cxkb check` for people and programs: colour, GitHub's annotations, JSON, SARIF; `--fix`, `explain` and the hook."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cxkb.annotations import annotated, explained
from cxkb.explanations import explanations
from cxkb.records import Problem
from tests.conftest import environment

SCHEMA = json.loads((Path(__file__).parent / "cases" / "sarif" / "sarif-2.1.0.json").read_text(encoding="utf-8"))

SARIF = jsonschema.Draft4Validator(SCHEMA)

PROBLEMS = st.lists(
    st.builds(
        Problem, st.text(min_size=1), st.integers(1, 10**6), st.text(min_size=1), st.sampled_from([*explanations()])
    ),
    max_size=3,
)

TERMINAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal would act on, or what reorders text."""


def unescaped(text: str) -> str:
    """As the runner of GitHub's workflows reads a value: actions/runner, ActionCommand.cs."""
    for number, character in (("0D", "\r"), ("0A", "\n"), ("3A", ":"), ("2C", ","), ("25", "%")):
        text = text.replace(f"%{number}", character)
    return text


@given(PROBLEMS)
def test_every_form_has_a_line_or_an_entry_for_each_problem_and_nothing_a_terminal_acts_on(problems):
    text, github = annotated(problems, "text"), annotated(problems, "github")
    assert [len(form.splitlines()) for form in (text, github)] == [len(problems)] * 2
    for shown in (text, github, annotated(problems, "json"), annotated(problems, "sarif")):
        assert not TERMINAL.search(shown)
    assert [
        (entry["path"], entry["line"], entry["code"], entry["message"])
        for entry in json.loads(annotated(problems, "json"))
    ] == [(problem.path, problem.line, problem.code, problem.message) for problem in problems]


@settings(max_examples=25)  # validation against the whole of SARIF takes its time
@given(PROBLEMS)
def test_sarif_is_valid_and_complete(problems):
    log = json.loads(annotated(problems, "sarif"))
    SARIF.validate(log)
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [problem.code for problem in problems]
    assert all(rule["help"]["text"] and rule["fullDescription"]["text"] for rule in rules)
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert [unquote_to_bytes(place["artifactLocation"]["uri"]).decode() for place in places] == [
        p.path for p in problems
    ]
    assert [place["region"]["startLine"] for place in places] == [problem.line for problem in problems]


def test_the_schema_refuses_what_is_not_sarif():
    log = json.loads(annotated([Problem("a.md", 1, "No.", "bom")], "sarif"))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    with pytest.raises(jsonschema.ValidationError):
        SARIF.validate(log)


@pytest.mark.parametrize(
    ("path", "message"),
    [("docs/a.md", "Plain."), ("docs/a,b:c%.md", "100 %, one: two"), ("a.md", "::error::x%0A"), ("a.md", "%25")],
)
def test_an_annotation_reads_as_it_was_meant(path, message):
    shown = annotated([Problem(path, 7, message, "bom")], "github")
    match = re.fullmatch(r"::error file=([^,:]*),line=7,title=bom::(.*)", shown)
    assert match
    assert unescaped(match[1]) == path
    said, why = unescaped(match[2]).split("\n")
    assert (said, why) == (message, explanations()["bom"].why)


def test_a_line_break_in_a_path_begins_no_line_of_its_own():
    problem = Problem("a\n::error::b\r.md", 1, "No.", "bom")
    assert annotated([problem], "text") == "a\ufffd::error::b\ufffd.md:1: No. [bom]"
    assert "%0A" in annotated([problem], "github")


@pytest.mark.parametrize("form", ["text", "github", "json", "sarif"])
def test_a_file_whose_name_is_not_unicode_stops_no_form(tiny, cxkb, form):
    Path(os.fsdecode(bytes(tiny / "sources") + b"/b\xff.md")).write_text("x")
    done = cxkb("check", "--format", form, cwd=tiny)
    assert (done.returncode, done.stderr) == (1, "1 problem; cxkb explain CODE tells more\n")
    assert "bad-id" in done.stdout


@pytest.mark.parametrize(("form", "said"), [("text", ""), ("github", ""), ("json", "[]\n")])
def test_a_clean_knowledge_base_in_every_form(tiny, cxkb, form, said):
    done = cxkb("check", "--format", form, cwd=tiny)
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")


def test_a_form_that_there_is_not_is_wrong_usage(tiny, cxkb):
    done = cxkb("check", "--format", "xml", cwd=tiny)
    assert done.returncode == 2
    assert "'xml' is not one of text, github, json, sarif" in done.stderr


@pytest.fixture
def broken(tiny: Path) -> Path:
    """The tiny knowledge base with one mistake that can be mended and one that cannot."""
    step = tiny / "docs" / "concepts" / "step.md"
    step.write_text(step.read_text().replace("broader: [journey]\n", "").replace("group: people", "group: folk"))
    return tiny


def test_fix_mends_what_it_can_says_so_and_then_what_is_left(broken, cxkb):
    done = cxkb("check", cwd=broken)
    assert done.stderr == "2 problems; cxkb explain CODE tells more, cxkb check --fix mends what it can\n"
    done = cxkb("check", "--fix", "--format", "json", cwd=broken)
    assert done.returncode == 1
    assert done.stderr == (
        "mended: docs/concepts/step.md:5: Added 'journey' to 'broader'. [one-sided-relation]\n"
        "1 problem; cxkb explain CODE tells more\n"
    )
    assert [problem["code"] for problem in json.loads(done.stdout)] == ["unknown-group"]
    again = cxkb("check", "--fix", cwd=broken)
    assert again.stderr == "1 problem; cxkb explain CODE tells more\n"


def test_fix_ends_well_when_nothing_is_left(broken, cxkb):
    step = broken / "docs" / "concepts" / "step.md"
    step.write_text(step.read_text().replace("folk", "people"))
    done = cxkb("check", "--fix", cwd=broken)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_copied_cannot_be_fixed(tiny, cxkb):
    assert cxkb("check", "--fix", "--against", ".", cwd=tiny).returncode == 2


@pytest.mark.parametrize(("env", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=["colour", "no colour"])
def test_a_terminal_shows_whole_lines_in_colour_unless_asked_not_to(broken, env, is_coloured):
    keyboard, screen = pty.openpty()
    command = [str(Path(sys.executable).with_name("cxkb")), "check"]
    steering = environment(TERM="xterm-256color", COLUMNS="40", **env)
    subprocess.run(
        command, cwd=broken, env=steering, stdin=screen, stdout=screen, stderr=subprocess.DEVNULL, check=False
    )
    os.close(screen)
    shown = os.read(keyboard, 65_536).decode()
    os.close(keyboard)
    lines = re.sub(r"\x1b\[[\d;]*m", "", shown).splitlines()
    assert (
        "docs/concepts/step.md:4: group: there is no group 'folk'; there are people, work, empty. [unknown-group]"
        in lines
    )
    assert "\x1b[1m" in shown
    assert bool(re.search(r"\x1b\[(?:\d+;)*3\d", shown)) == is_coloured


def test_explain_tells_why_and_how_within_80_columns(tiny, cxkb):
    done = cxkb("explain", "heading-without-id", cwd=tiny)
    assert done.returncode == 0
    about = explanations()["heading-without-id"]
    told = " ".join(done.stdout.split())
    assert all(text in told for text in (about.says, about.why, about.mend, about.wrong, about.right))
    assert "cxkb check --fix" in told
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_explain_promises_no_mending_of_what_needs_judgement():
    assert "--fix" not in explained(explanations()["unknown-idea"])


def test_explain_lists_every_code(tiny, cxkb):
    done = cxkb("explain", cwd=tiny)
    assert [line.split()[0] for line in done.stdout.splitlines()] == [*explanations()]


def test_explain_suggests_the_nearest_code(tiny, cxkb):
    done = cxkb("explain", "unknwon-idea", cwd=tiny)
    assert done.returncode == 2
    assert "did you mean 'unknown-idea'?" in " ".join(done.stderr.split())


def test_the_pre_commit_hook_runs_where_a_contributor_commits(repo, broken):
    """What pre-commit does with the hook, but for the environment it would install: its entry, for files it names."""
    [hook] = yaml.safe_load((repo / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("cxkb-check", "python", False)
    content = ["docs/concepts/step.md", "docs/pictures/silos.svg", "sources/koch.md", "pyproject.toml"]
    assert [
        path for path in [*content, "search/cxkb/check.py", "README.md"] if re.search(hook["files"], path)
    ] == content
    program, *arguments = hook["entry"].split()
    command = shutil.which(program, path=str(Path(sys.executable).parent))
    assert command
    done = subprocess.run(
        [command, *arguments], cwd=broken, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "[unknown-group]" in done.stdout
