"""The script that posts the comment on a pull request, against a GitHub that remembers what it was asked."""

from __future__ import annotations

import http.server
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import urllib.parse
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

SCRIPT = Path(__file__).resolve().parent.parent / ".github" / "post_comment.py"

RUN = {
    "id": 77,
    "event": "pull_request",
    "html_url": "https://github.com/o/kb/actions/runs/77",
    "head_sha": "a" * 40,
    "head_branch": "mine&state=all",
    "head_repository": {"full_name": "guest/kb", "owner": {"login": "guest"}},
}


@pytest.fixture(scope="session")
def script() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("post_comment", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip file of these."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


class FakeGitHub:
    """The few answers that the script asks for. Not ours, and not to be reached from here."""

    def __init__(self) -> None:
        self.pulls = [{"number": 5, "head": {"sha": RUN["head_sha"], "repo": {"full_name": "guest/kb"}}}]
        self.artifact = zipped({"comment.md": b"<!-- cxkb -->\nThank you!"})
        self.size: int | None = None
        self.comments: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, dict[str, list[str]]]] = []
        self.tokens: set[str | None] = set()
        self.storage_tokens: set[str | None] = set()
        self.origin = ""

    def answer(self, method: str, path: str, sent: Any) -> Any:
        """What GitHub answers; bytes for a file, a string for a redirection."""
        if path == "/pulls":
            return self.pulls
        if path == "/actions/runs/77/artifacts":
            size = len(self.artifact) if self.size is None else self.size
            return {"artifacts": [{"id": 9, "size_in_bytes": size}] if self.artifact else []}
        if path == "/actions/artifacts/9/zip":
            return f"{self.origin.replace('127.0.0.1', 'localhost')}/storage"
        if method == "GET" and path == "/issues/5/comments":
            return self.comments
        if method == "POST" and path == "/issues/5/comments":
            self.comments.append({"id": 100 + len(self.comments), "user": {"login": "github-actions[bot]"}, **sent})
            return {}
        if method == "PATCH" and (match := re.fullmatch(r"/issues/comments/(\d+)", path)):
            next(comment for comment in self.comments if comment["id"] == int(match[1])).update(sent)
            return {}
        raise AssertionError(f"{method} {path}")


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """A GitHub on a port of its own."""
    fake = FakeGitHub()

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            parts = urllib.parse.urlsplit(self.path)
            token = self.headers["Authorization"]
            if parts.path == "/storage":
                fake.storage_tokens.add(token)
                made: Any = fake.artifact
            else:
                fake.tokens.add(token)
                path = parts.path.removeprefix("/repos/o/kb")
                fake.asked.append((self.command, path, urllib.parse.parse_qs(parts.query)))
                raw = self.rfile.read(int(self.headers["Content-Length"] or 0))
                made = fake.answer(self.command, path, json.loads(raw) if raw else None)
            self.send_response(302 if isinstance(made, str) else 200)
            if isinstance(made, str):
                self.send_header("Location", made)
            self.end_headers()
            self.wfile.write(made if isinstance(made, bytes) else json.dumps(made).encode())

        do_GET = do_POST = do_PATCH = handle_any  # noqa: N815 - the names they have there

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
            del format, args

    with answering(Handler) as fake.origin:
        yield fake


def post(github: FakeGitHub, tmp_path: Path, **changed: Any) -> subprocess.CompletedProcess[str]:
    """Run the script for a run of the check."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"workflow_run": RUN | changed}), encoding="utf-8")
    steering = {
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_API_URL": github.origin,
        "GITHUB_REPOSITORY": "o/kb",
        "GITHUB_TOKEN": "secret",
        "no_proxy": "*",
    }
    return subprocess.run(
        [sys.executable, str(SCRIPT)], env=os.environ | steering, capture_output=True, text=True, check=False
    )


def test_the_comment_is_posted_once_and_then_updated_in_place(github: FakeGitHub, tmp_path: Path):
    github.comments.append({"id": 1, "user": {"login": "someone"}, "body": "<!-- cxkb -->\nnot the bot's"})
    assert post(github, tmp_path).stdout == "The comment on #5 is posted.\n"
    github.artifact = zipped({"comment.md": b"<!-- cxkb -->\nSecond thoughts"})
    assert post(github, tmp_path).stdout == "The comment on #5 is updated.\n"
    someone, ours = (comment["body"] for comment in github.comments)
    assert someone == "<!-- cxkb -->\nnot the bot's"
    assert ours.startswith("<!-- cxkb -->\nWritten by [this check](https://github.com/o/kb/actions/runs/77)")
    assert ours.endswith("\n\nSecond thoughts\n")


def test_the_token_stays_with_github(github: FakeGitHub, tmp_path: Path):
    post(github, tmp_path)
    assert github.tokens == {"Bearer secret"}
    assert github.storage_tokens == {None}


def test_a_branch_name_cannot_ask_for_something_else(github: FakeGitHub, tmp_path: Path):
    post(github, tmp_path)
    _, _, query = next(asked for asked in github.asked if asked[1] == "/pulls")
    assert query == {"per_page": ["100"], "state": ["open"], "head": ["guest:mine&state=all"]}


@pytest.mark.parametrize(
    "head",
    [
        {"sha": "b" * 40, "repo": {"full_name": "guest/kb"}},
        {"sha": RUN["head_sha"], "repo": {"full_name": "guest/other"}},
        {"sha": RUN["head_sha"], "repo": None},
    ],
)
def test_a_run_of_another_commit_or_repository_says_nothing(github: FakeGitHub, tmp_path: Path, head: dict[str, Any]):
    github.pulls[0]["head"] = head
    done = post(github, tmp_path)
    assert (done.returncode, github.comments) == (0, [])
    assert done.stdout == "No open pull request has this commit as its newest; nothing to say.\n"


def test_a_check_that_wrote_nothing_is_no_failure(github: FakeGitHub, tmp_path: Path):
    github.artifact = b""
    assert post(github, tmp_path).stdout == "The check did not get as far as writing a comment.\n"
    assert github.comments == []


@pytest.mark.parametrize(
    ("artifact", "said"),
    [
        (zipped({"other.md": b"x"}), "is not a zip file that holds comment.md"),
        (b"no zip", "is not a zip file that holds comment.md"),
        (zipped({"comment.md": b"x" * 1000})[:60], "is not a zip file that holds comment.md"),
        (zipped({"comment.md": os.urandom(200_000)}), "The artifact has 200,"),
    ],
)
def test_an_artifact_that_is_none_is_refused(github: FakeGitHub, tmp_path: Path, artifact: bytes, said: str):
    github.artifact = artifact
    done = post(github, tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert github.comments == []


@pytest.mark.parametrize("value", ["5x", "../5", "5\n", "", "0", "-5", "５", None, [5]])
def test_only_a_number_becomes_part_of_an_address(script: ModuleType, value: object):
    with pytest.raises(ValueError, match="is not a number"):
        script.number(value)


def test_a_run_without_a_number_is_refused(github: FakeGitHub, tmp_path: Path):
    done = post(github, tmp_path, id="77/../78")
    assert done.returncode == 1
    assert "'77/../78' is not a number" in done.stderr
    assert github.comments == []


def test_a_bomb_is_not_unpacked(script: ModuleType, github: FakeGitHub, tmp_path: Path):
    github.artifact = zipped({"comment.md": b"line\n" * 10_000_000})
    assert len(github.artifact) < script.MAX_ZIP
    assert len(script.first_member(github.artifact)) == script.MAX_ZIP
    post(github, tmp_path)
    assert len(github.comments[0]["body"]) < 65_536
    assert github.comments[0]["body"].endswith("(the rest is left out)\n")


P = "\u200b"


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("Hello @octocat", f"Hello @{P}octocat"),
        ("Hello &#64;octocat &commat;octocat", f"Hello &amp;#{P}64;octocat &amp;commat;octocat"),
        ("See #12, GH-12, o/kb#12, &#35;12", f"See #{P}12, GH{P}-12, o/kb#{P}12, &#35;{P}12"),
        ("<img src=x onerror=alert(1)><!-- cxkb -->", "&lt;img src=x onerror=alert(1)>&lt;!-- cxkb -->"),
        ("[a](https://x.example) ![b](//x)", f"[a]{P}(https:{P}//x.example) ![b]{P}(//x)"),
        ("[a][b]\n\n[b]: //x", f"[a]{P}[b]\n\n[b]{P}: //x"),
        ("www.x.example a@x.example", f"www{P}.x.example a@{P}x.example"),
        ("\u202egnp.exe\x1b[2J\x00", "gnp.exe[2J"),
        ("<details><summary>a</summary>b<br>c</details>", None),
        ("<details open><BR><br/>", "&lt;details open>&lt;BR>&lt;br/>"),
        ("@<!-- -->octocat", f"@{P}{P}octocat"),
        ("&lt;b&gt; Q&A &#60;b&#62;", "&amp;lt;b&amp;gt; Q&amp;A &#60;b&#62;"),
        ("## What it brings\n\n| a | b |\n| --- | --: |\n\n- **1** `code`", None),
    ],
)
def test_the_text_formats_and_does_nothing_else(script: ModuleType, text: str, harmless: str | None):
    assert script.neutral(text) == (text if harmless is None else harmless)


def test_what_we_say_ourselves_stands_before_the_strangers_text(script: ModuleType):
    made = script.body("```\n<!-- cxkb -->", RUN["html_url"])
    assert made.index("this check") < made.index("```")
    assert made.count("<!--") == 1


def test_a_comment_of_our_own_making_comes_through_as_it_is(script: ModuleType):
    from cxkb import pr_comment
    from cxkb.records import Problem

    composed = pr_comment.compose(
        pr_comment.PullRequest(problems=[Problem("docs/a.md", 3, "'x' @y #1 <b> [z](//q) is unknown", "bad")])
    )
    assert script.MARKER == pr_comment.MARKER
    assert script.neutral(composed).replace(P, "") == composed.removeprefix(pr_comment.MARKER).strip().replace(P, "")
