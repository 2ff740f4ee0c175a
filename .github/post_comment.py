"""Posts the comment that the check of a pull request wrote, or updates the one posted before.

Runs in the one workflow that may write to a pull request, so everything that comes from the pull request is a stranger's:
which pull request it is, is asked of GitHub and not of the artifact; the text is bounded and made harmless. Standard
library only, as it runs without setting anything up.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import urllib.parse
import urllib.request
import zipfile
import zlib
from pathlib import Path
from typing import Any

MARKER = "<!-- cxkb -->"
"""The first line of our comment, by which it is found again."""

AUTHOR = "github-actions[bot]"

ARTIFACT = "comment"
FILE = "comment.md"

MAX_ZIP = 100_000
"""Bytes of the artifact; the longest comments take a tenth."""

MAX_TEXT = 40_000
"""Characters of the text; GitHub takes 65,536, and neutralising adds some."""

PAUSE = "\u200b"
"""A space without width: a reader sees no difference, GitHub sees no mention, reference or link."""

INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, and those that reorder text."""

ENTITY = re.compile(r"&(?!#(?:3[3-9]|4[0-7]|5[89]|6[0-3]|9[1-6]|12[3-6]);)")
"""An ampersand that does not begin a spelled-out mark of punctuation, `@` not among them."""

TAG = re.compile(r"<(?!(?:br|/?details|/?summary)>)")
"""What begins HTML, but for what folds and breaks lines."""

ACTIVE = re.compile(r"@|(?:(?<!&)#|&#35;)(?=\d)|\bGH(?=-\d)|\](?=[(:\[])|:(?=//)|\bwww(?=\.)", re.IGNORECASE)
"""Where GitHub would notify a person, write into another thread, load a picture or make a link."""


def neutral(text: str) -> str:
    """Markdown that formats, and does nothing else: no mention, reference, link, picture or HTML but to fold; bounded."""
    text = INVISIBLE.sub("", text)
    if len(text) > MAX_TEXT:
        text = f"{text[:MAX_TEXT].rpartition(chr(10))[0]}\n\n… (the rest is left out)"
    text = ENTITY.sub("&amp;", text.removeprefix(MARKER).strip().replace("<!-- -->", PAUSE))
    text = TAG.sub("&lt;", text)
    return ACTIVE.sub(lambda match: match[0] + PAUSE, text)


def body(text: str, run_url: str) -> str:
    """The whole comment. What we vouch for stands first: nothing in the text can come before it."""
    about = f"Written by [this check]({run_url}) from the pull request's own files; its artifact *preview* is the site."
    return f"{MARKER}\n{about}\n\n{neutral(text)}\n"


def first_member(raw: bytes) -> str:
    """The text in the artifact. Raises ValueError for one that is not as the check makes it."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive, archive.open(FILE) as member:
            return member.read(MAX_ZIP).decode("utf-8", "replace")  # no more is unpacked, whatever it claims to be
    except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise ValueError(f"The artifact is not a zip file that holds {FILE}: {error}") from error


class GitHub:
    """The API, for one repository."""

    def __init__(self, api: str, repository: str, token: str) -> None:
        self.base, self.token = f"{api}/repos/{repository}", token

    def ask(self, path: str, *, method: str = "GET", send: dict[str, str] | None = None) -> bytes:
        """The answer's bytes. The token goes to GitHub only, not to where it redirects."""
        data = None if send is None else json.dumps(send).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        request.add_header("Accept", "application/vnd.github+json")
        request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read(10_000_000))

    def json(self, path: str, **values: str) -> Any:
        """The answer to a question with these values in its query, the first hundred of a list."""
        return json.loads(self.ask(f"{path}?{urllib.parse.urlencode({'per_page': '100', **values})}"))


def pull_request(github: GitHub, run: dict[str, Any]) -> str | None:
    """The number of the open pull request whose newest commit this run has checked; None when there is none."""
    head = run["head_repository"]
    found = github.json("/pulls", state="open", head=f"{head['owner']['login']}:{run['head_branch']}")
    for pull in found:
        repository = (pull["head"]["repo"] or {}).get("full_name")
        if (repository, pull["head"]["sha"]) == (head["full_name"], run["head_sha"]):
            return number(pull["number"])
    return None


def number(value: object) -> str:
    """A number as part of an address. Raises ValueError for anything else."""
    if not re.fullmatch(r"[1-9][0-9]{0,18}", str(value), re.ASCII):
        raise ValueError(f"{value!r} is not a number")
    return str(value)


def text_of(github: GitHub, run: dict[str, Any]) -> str | None:
    """What the run's check wrote; None when it did not get so far. Raises ValueError for an artifact that is none of ours."""
    found = github.json(f"/actions/runs/{number(run['id'])}/artifacts", name=ARTIFACT)["artifacts"]
    if not found:
        return None
    artifact = found[0]
    if artifact["size_in_bytes"] > MAX_ZIP:
        raise ValueError(f"The artifact has {artifact['size_in_bytes']:,} bytes; a comment has at most {MAX_ZIP:,}.")
    return first_member(github.ask(f"/actions/artifacts/{number(artifact['id'])}/zip"))


def post(github: GitHub, pull: str, text: str) -> str:
    """Post the comment, or update ours in place; says which."""
    for page in range(1, 11):  # a thousand comments; ours is among the first
        comments = github.json(f"/issues/{pull}/comments", page=str(page))
        for comment in comments:
            if (comment["user"] or {}).get("login") == AUTHOR and comment["body"].startswith(MARKER):
                github.ask(f"/issues/comments/{number(comment['id'])}", method="PATCH", send={"body": text})
                return "updated"
        if len(comments) < 100:
            break
    github.ask(f"/issues/{pull}/comments", method="POST", send={"body": text})
    return "posted"


def main() -> None:
    """What the workflow runs."""
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    run = event["workflow_run"]
    github = GitHub(os.environ["GITHUB_API_URL"], os.environ["GITHUB_REPOSITORY"], os.environ["GITHUB_TOKEN"])
    try:
        pull = pull_request(github, run)
        text = text_of(github, run) if pull else None
    except ValueError as error:
        sys.exit(f"No comment: {error}")
    if pull is None:
        print("No open pull request has this commit as its newest; nothing to say.")
    elif text is None:
        print("The check did not get as far as writing a comment.")
    else:
        print(f"The comment on #{pull} is {post(github, pull, body(text, run['html_url']))}.")


if __name__ == "__main__":
    main()
