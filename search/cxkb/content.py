"""Markdown bodies, as far as content is checked: headings with their ids, and citations.

What counts is what Python-Markdown makes of a body: code and comments hold neither headings nor citations.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from cxkb import unread
from cxkb.records import Citation, Heading

if TYPE_CHECKING:
    from collections.abc import Iterator

UNDERLINE = re.compile(r"^(?:=+|-+) *$")
"""A line that makes a heading of the line above it, where that line starts a paragraph."""

ID = re.compile(r"#(?P<id>[\w-]+)")

UNFINISHED = "<!--\nStill to write"
"""How the comment starts that a new record holds until a person has written it."""

GROUP = re.compile(r"\[(?P<inside>@[^\[\]]+)\](?!\()")
"""`[@key]`, `[@key#idea]`, `[@key#idea; @other]`, but not `[@name](address)`, which is a link."""

MEMBER = re.compile(r"@(?P<key>[A-Za-z0-9][A-Za-z0-9_-]*)(?:#(?P<idea>[\w-]+))?")


UNREAD = re.compile(
    r"!\[[^\[\]]*\]\([^()]*\)|\]\((?:[^()]|\([^()]*\))*+\)|\]\[[^\]]*\]|\{[^{}]*\}|^ {0,3}\[[^\]\n]+\]:[ \t]*\S+|</?[a-zA-Z][^<>]*>"
    r"|https?://\S+",
    re.MULTILINE,
)
"""What stands among words without being read: pictures, addresses, attributes, tags."""


def headings(body: str, first: int) -> tuple[Heading, ...]:
    """The body's headings in order, `first` being the number of the body's first line."""
    found = []
    lines = ["", *unread.blank(body, unread.fenced, unread.comments).split("\n"), ""]
    for number, (before, line, after) in enumerate(zip(lines, lines[1:], lines[2:], strict=False), first):
        level = 0
        if line.startswith("#"):
            level = min(len(line) - len(line.lstrip("#")), 6)
        elif line.strip() and not before.strip() and UNDERLINE.match(after):
            level = 1 if after.startswith("=") else 2
        if level:
            text, attributes = _parted(line)
            id_ = ID.search(attributes)
            text = text[level:].rstrip("#") if line.startswith("#") else text
            found.append(Heading(level, text.strip(), id_["id"] if id_ else None, number))
    return tuple(found)


def _parted(line: str) -> tuple[str, str]:
    """A heading's line without its attributes, and these: what stands in braces at its end."""
    bare = line.rstrip(" \t")
    start = bare.rfind("{")
    if start > 0 and bare.find("}", start) == len(bare) - 1:
        return bare[:start].rstrip(" \t"), bare[start:]
    return bare, ""


def citations(body: str, first: int) -> tuple[Citation, ...]:
    """Every source cited in the body, in order; malformed members are left to `malformed_citations`."""
    return tuple(
        Citation(match["key"], match["idea"], line)
        for line, member in _members(body, first)
        if (match := MEMBER.fullmatch(member))
    )


def malformed_citations(body: str, first: int) -> Iterator[tuple[int, str]]:
    """Line and text of each thing in brackets that starts like a citation and is none."""
    for line, member in _members(body, first):
        if not MEMBER.fullmatch(member):
            yield line, member


def _members(body: str, first: int) -> Iterator[tuple[int, str]]:
    """Line and text of what stands between semicolons in brackets that start with @."""
    text = read_text(body)
    line, counted = first, 0
    for group in GROUP.finditer(text):
        at = group.start("inside")
        for member in group["inside"].split(";"):
            start = at + len(member) - len(member.lstrip())
            line += text.count("\n", counted, start)
            counted = start
            yield line, member.strip()
            at += len(member) + 1


@functools.lru_cache(maxsize=1)  # several rules look at a body one after the other
def read_text(body: str) -> str:
    """The body with spaces for code, comments and characters after a backslash."""
    return unread.blank(body, unread.fenced, unread.comments, unread.code_or_escapes)


def word_count(body: str) -> int:
    """Words of running text: without citations, pictures, addresses, attributes, tags, code and comments."""
    text = UNREAD.sub(" ", GROUP.sub(" ", read_text(body)))
    return len(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text))
