"""`cxkb pr-comment`: what a pull request is told, from its texts and from a real repository."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cxkb import git, pr_comment, pull_request, settings
from cxkb.errors import RepositoryError
from cxkb.pr_comment import Brought, Change, Moved, PullRequest
from cxkb.records import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command

MOVED = Moved(
    questions=180,
    before={"success@1": 0.894, "nDCG@10": 0.8221, "false abstention": 0.06},
    after={"success@1": 0.9, "nDCG@10": 0.8222, "false abstention": 0.05},
    won=["why do they wait?"],
    lost=[f"question {n}" for n in range(7)],
)

FULL = PullRequest(
    changes=[
        Change("added", "source", "sources/kim-2024.md", "Waiting rooms"),
        Change("changed", "concept", "docs/concepts/silos.md", "Silos"),
        Change("changed", "concept", "docs/concepts/wait.md", "Waiting"),
    ],
    brought=[
        Brought(
            "Waiting rooms", "Kim, 2024", 3, ["Silos", "Waiting"], ["Repeats *no* earlier source."], "#### Touches\n"
        )
    ],
    problems=[Problem("docs/concepts/wait.md", 7, "no such idea", "unknown-idea")],
    moved=MOVED,
)

SOURCE = """---
title: Gates
type: book
author: [{family: Kim}]
language: en
---

### A gate that is watched opens sooner { #watched-gate }
A customer who is seen at the gate waits less and complains less.
"""

QUESTIONS = {
    "q2": ("why do departments not talk?", {"best": ["silo"]}),
    "q4": ("all that a customer goes through", {"best": ["journey"]}),
    "q6": ("does it help to watch the gate?", {"best": ["step"]}),
}


def test_the_comment_says_what_it_brings_what_was_found_and_how_search_moved():
    assert pr_comment.compose(FULL) == (
        "<!-- cxkb -->\n"
        "Thank you! 1 thing to mend before this can be merged: see below.\n\n"
        "### What it brings\n\n"
        "- 1 source added: Waiting rooms\n"
        "- 2 concepts changed: Silos and Waiting\n\n"
        "**Waiting rooms** (Kim, 2024) brings 3 ideas. Cited by: Silos and Waiting.\n\n"
        "- Repeats &#42;no&#42; earlier source.\n\n"
        "<details>\n<summary>The passages</summary>\n\n#### Touches\n\n</details>\n\n"
        "### What the check found\n\n"
        "- `docs/concepts/wait.md:7` no such idea `unknown-idea`\n\n"
        "`cxkb explain CODE` says why it matters; `cxkb check --fix` mends what needs no judgement.\n\n"
        "### How search moved\n\n"
        "180 questions, asked of the pages before and after.\n\n"
        "| Of questions we can answer, share in which | before | after | |\n"
        "| --- | ---: | ---: | ---: |\n"
        "| a right page comes first (success@1) | 0.894 | 0.900 | +0.006 |\n"
        "| the best pages stand high in the list (nDCG@10) | 0.822 | 0.822 | same |\n"
        "| we wrongly say that we have no answer (false abstention; less is better) | 0.060 | 0.050 | -0.010 |\n\n"
        "Won: 1 question\n\n"
        "- why do they wait?\n\n"
        "Lost: 7 questions\n\n"
        "- question 0\n- question 1\n- question 2\n- question 3\n- question 4\n- and 2 more\n"
    )


def test_where_nothing_moved_that_is_said():
    still = pr_comment.compose(replace(FULL, moved=replace(MOVED, after=MOVED.before, won=[], lost=[])))
    assert still.endswith("| 0.060 | 0.060 | same |\n\nNo question was won, and none lost.\n")


def test_only_the_first_ten_problems_are_listed():
    found = pr_comment.compose(replace(FULL, problems=[Problem("docs/a.md", n, "wrong", "bad") for n in range(1, 14)]))
    assert "13 things to mend" in found
    assert "- `docs/a.md:10` wrong `bad`\n- and 3 more\n" in found
    assert "docs/a.md:11" not in found


P = "\u200b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@octocat and a@x.example", f"@{P}octocat and a@{P}x.example"),
        ("fixes #12 and GH-12", f"fixes #{P}12 and GH{P}-12"),
        ("<script>alert(1)</script>", "&#60;script&#62;alert(1)&#60;/script&#62;"),
        ("[a](https://x.example)", f"&#91;a&#93;(https:{P}//x.example)"),
        ("a | b `c` **d** $e$", "a &#124; b &#96;c&#96; &#42;&#42;d&#42;&#42; &#36;e&#36;"),
        ("one\n\n# two\u202e", "one # two\ufffd"),
        ("# heading", f"{P}# heading"),
        ("1. item", f"{P}1. item"),
        ("x" * 1000, "x" * 240 + "…"),
    ],
)
def test_a_strangers_text_is_shown_and_does_nothing(text: str, shown: str):
    assert pr_comment.shown(text) == shown


def test_a_file_name_cannot_end_the_code_it_stands_in():
    assert pr_comment.code("docs/`@x`<b>\n.md:1") == "`docs/'@x'<b> .md:1`"


@pytest.fixture(scope="session")
def forked(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of the small knowledge base, on a branch that brings a source. Do not change it."""
    root = shutil.copytree(repo / "tests" / "cases" / "tiny", tmp_path_factory.mktemp("forked") / "kb")
    questions = root / pull_request.QUESTIONS
    questions.parent.mkdir(parents=True)
    lines = [
        json.dumps({"id": id_, "query": query, "lang": "en", "type": "paraphrase", "concepts": judged})
        for id_, (query, judged) in QUESTIONS.items()
    ]
    questions.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / ".gitignore").write_text(".cxkb/\n", encoding="utf-8")
    _git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "Begin")
    _git(root, "switch", "--quiet", "--create=mine")
    (root / "sources" / "kim.md").write_text(SOURCE, encoding="utf-8")
    step = root / "docs" / "concepts" / "step.md"
    step.write_text(
        step.read_text(encoding="utf-8")
        + "\nTo watch the gate helps: whoever is seen there waits less [@kim#watched-gate; @nobody].\n",
        encoding="utf-8",
    )
    commit(root, "Bring gates")
    (root / "docs" / "concepts" / "journey.md").write_bytes((root / "docs/concepts/journey.md").read_bytes() + b"\n")
    return root


def commit(root: Path, message: str) -> None:
    """Commit everything."""
    _git(root, "add", "--all")
    _git(root, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", f"--message={message}")


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True)


def test_a_real_pull_request_is_told_what_it_brings(forked: Path, cxkb: Command):
    done = cxkb("pr-comment", "--base", "main", cwd=forked)
    assert done.returncode == 0, done.stderr
    brings, _, rest = done.stdout.partition("\n### What the check found\n")
    found, _, moved = rest.partition("\n### How search moved\n")
    assert "\n- Touches " in brings
    assert "- 1 source added: Gates\n- 2 concepts changed: Journey and Step\n" in brings
    assert "**Gates** (Kim, n.d.) brings 1 idea. Cited by: Step." in brings
    assert "`docs/concepts/step.md:" in found
    assert "nobody" in found
    assert "3 questions" in moved
    assert "Lost" not in moved
    assert "| a right page comes first (success@1) | " in moved


def test_what_keeps_search_from_being_measured_is_said(tiny: Path):
    _git(tiny, "init", "--quiet", "--initial-branch=main")
    commit(tiny, "Begin")
    (tiny / "sources" / "new.md").write_text(SOURCE, encoding="utf-8")
    request = pull_request.gather(settings.find(tiny), "main")
    assert [(change.action, change.path) for change in request.changes] == [("added", "sources/new.md")]
    assert request.moved is None
    assert request.unmeasured.startswith("Search could not be measured: ")
    assert "questions.jsonl" in request.unmeasured


def test_a_change_of_code_alone_is_not_measured(tiny: Path):
    _git(tiny, "init", "--quiet", "--initial-branch=main")
    commit(tiny, "Begin")
    request = pull_request.gather(settings.find(tiny), "HEAD")
    assert request.changes == []
    assert "No page and no source is touched" in pr_comment.compose(request)


@pytest.mark.parametrize("revision", ["nowhere", "--help", "main:docs", "", "-"])
def test_a_revision_that_is_none_is_refused(forked: Path, cxkb: Command, revision: str):
    done = cxkb("pr-comment", f"--base={revision}", cwd=forked)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("cxkb: git cannot tell: ")


def test_an_earlier_state_holds_its_content(forked: Path, tmp_path: Path):
    git.export(forked, "main", pull_request.CONTENT, tmp_path)
    assert not (tmp_path / "sources" / "kim.md").exists()
    assert "@kim" not in (tmp_path / "docs" / "concepts" / "step.md").read_text(encoding="utf-8")
    assert (tmp_path / pull_request.QUESTIONS).is_file()
    assert not (tmp_path / ".gitignore").exists()


def test_an_earlier_state_holds_no_links(tiny: Path, tmp_path: Path):
    (tiny / "sources" / "link.txt").symlink_to("doe-2016.md")
    _git(tiny, "init", "--quiet", "--initial-branch=main")
    commit(tiny, "Begin")
    git.export(tiny, "main", ("sources",), tmp_path / "earlier")
    assert (tmp_path / "earlier" / "sources" / "doe-2016.md").is_file()
    assert not (tmp_path / "earlier" / "sources" / "link.txt").exists()


def test_asking_git_starts_nothing_that_the_repository_names(tiny: Path, tmp_path: Path):
    _git(tiny, "init", "--quiet", "--initial-branch=main")
    (tiny / ".gitattributes").write_text("*.md diff=evil\n", encoding="utf-8")
    commit(tiny, "Begin")
    ran = tmp_path / "ran"
    for key in ("diff.external", "diff.evil.command", "diff.evil.textconv", "core.fsmonitor"):
        _git(tiny, "config", key, f"touch {ran};")
    (tiny / "docs" / "index.md").write_text("# Other\n", encoding="utf-8")
    assert git.changed(tiny, "main") == [("M", "docs/index.md")]
    assert not ran.exists()


def test_a_folder_outside_any_repository_is_told_so(tiny: Path):
    with pytest.raises(RepositoryError, match="git cannot tell"):
        git.merge_base(tiny, "main")
