"""What stands in .github/: the workflows by the judgement of those who know how they are attacked, and our own rules."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

GITHUB = Path(__file__).resolve().parent.parent / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml"))

PINNED = re.compile(r"^ +(?:- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")

MAY_WRITE = {
    ("comment.yml", "comment", "pull-requests"),
    ("publish.yml", "deploy", "pages"),
    ("publish.yml", "deploy", "id-token"),
}
"""Workflow, job, scope; whatever else a job is permitted is to read."""


def workflow(name: str) -> dict[Any, Any]:
    """A workflow; its key `on` is True, which is what YAML 1.1 reads."""
    found: dict[Any, Any] = yaml.safe_load((GITHUB / "workflows" / name).read_text(encoding="utf-8"))
    return found


def tool(*command: str, cwd: Path = GITHUB.parent) -> None:
    """Run a checker that is installed beside Python, and fail with what it says."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_workflows_have_no_known_weakness():
    tool("zizmor", "--offline", "--persona=pedantic", "--quiet", ".github")


def test_the_workflows_are_what_github_understands():
    tool("jactionlint", "--shellcheck=", *map(str, WORKFLOWS))


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", WORKFLOWS),
        ("dependabot", [GITHUB / "dependabot.yml"]),
        ("github-issue-forms", [form for form in FORMS if form.stem != "config"]),
        ("github-issue-config", [form for form in FORMS if form.stem == "config"]),
    ],
)
def test_every_file_is_as_its_schema_says(schema: str, files: list[Path]):
    assert files
    tool("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_action_is_pinned_by_its_commit(file: Path):
    uses = [line for line in file.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert uses
    assert [line for line in uses if not PINNED.match(line)] == []


def test_one_commit_stands_for_one_version_everywhere():
    named = {
        tuple(re.findall(r"uses: ([^@]+)@(\w+) # (\S+)", line)[0])
        for file in WORKFLOWS
        for line in file.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    }
    assert len(named) == len({action for action, _, _ in named})


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_may_do_no_more_than_it_has_to(file: Path):
    found = workflow(file.name)
    assert found["permissions"] == {}
    for name, job in found["jobs"].items():
        assert job["permissions"]
        assert job["timeout-minutes"] <= 60
        writing = {(file.name, name, scope) for scope, access in job["permissions"].items() if access != "read"}
        assert writing <= MAY_WRITE


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_nothing_that_a_stranger_has_written_gets_into_a_script(file: Path):
    for job in workflow(file.name)["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")


def test_no_workflow_runs_a_strangers_code_with_rights():
    for file in WORKFLOWS:
        assert "pull_request_target" not in file.read_text(encoding="utf-8")
    steps = [step for job in workflow("comment.yml")["jobs"].values() for step in job["steps"]]
    assert steps[0]["with"]["ref"] == "${{ github.event.repository.default_branch }}"
    assert [step["run"] for step in steps if "run" in step] == ["python3 .github/post_comment.py"]


def test_what_is_published_is_made_without_a_cache():
    text = (GITHUB / "workflows" / "publish.yml").read_text(encoding="utf-8")
    assert "cache:" not in text
    assert "download-artifact" not in text


def test_no_workflow_keeps_an_index():
    for file in WORKFLOWS:
        assert ".cxkb" not in file.read_text(encoding="utf-8")


def test_the_commenting_workflow_waits_for_the_check():
    assert workflow("comment.yml")[True]["workflow_run"]["workflows"] == [workflow("check.yml")["name"]]


def test_the_pull_request_template_fits_on_a_screen():
    assert len((GITHUB / "pull_request_template.md").read_text(encoding="utf-8").splitlines()) <= 25


def test_there_is_a_form_for_each_thing_that_readers_bring():
    names = {yaml.safe_load(form.read_text(encoding="utf-8")).get("name") for form in FORMS} - {None}
    assert names == {"Propose a source", "Propose a concept", "Report an error in a page", "Search did not find it"}
