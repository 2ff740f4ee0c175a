"""Markdown bodies, as far as content is checked: headings with their ids, and citations.

What counts is what Python-Markdown makes of a body: code and comments hold neither headings nor citations.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cxkb.records import Citation, Heading

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTRIBUTES = r"[ \t]*(?P<attributes>\{[^{}]*\})?[ \t]*$"
HEADING = re.compile(r"^(?P<level>#{1,6})[ \t]*(?P<text>.+?)[ \t]*#*" + ATTRIBUTES)
UNDERLINED = re.compile(r"^(?P<text>.+?)" + ATTRIBUTES)
UNDERLINE = re.compile(r"^(?:=+|-+) *$")
"""A line that makes a heading of the line above it, where that line starts a paragraph."""

ID = re.compile(r"#(?P<id>[\w-]+)")

FENCED = re.compile(r"^(?P<fence>`{3,}|~{3,})[^`\n]*\n(?:.*?\n)??(?P=fence) *$", re.MULTILINE | re.DOTALL)
"""Fenced code as Python-Markdown sees it: at the start of a line, closed by the same fence; unclosed it is text."""

UNFINISHED = "<!--\nStill to write"
"""How the comment starts that a new record or page holds until a person has written it."""

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)

CODE_OR_ESCAPE = re.compile(r"\\[^\n]|(?P<ticks>`+)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
"""A code span, within its paragraph, or a character after a backslash."""

GROUP = re.compile(r"\[(?P<inside>@[^\[\]]+)\](?!\()")
"""`[@key]`, `[@key#idea]`, `[@key#idea; @other]`, but not `[@name](address)`, which is a link."""

MEMBER = re.compile(r"@(?P<key>[A-Za-z0-9][A-Za-z0-9_-]*)(?:#(?P<idea>[\w-]+))?")


UNREAD = re.compile(
    r"!\[[^\]]*\]\([^)]*\)|\]\([^)]*\)|\]\[[^\]]*\]|\{[^{}]*\}|^ {0,3}\[[^\]\n]+\]:[ \t]*\S+|</?[a-zA-Z][^<>]*>|https?://\S+",
    re.MULTILINE,
)
"""What stands among words without being read: pictures, addresses, attributes, tags."""


def headings(body: str, first: int) -> tuple[Heading, ...]:
    """The body's headings in order, `first` being the number of the body's first line."""
    found = []
    lines = ["", *_blank(COMMENT, _blank(FENCED, body)).split("\n"), ""]
    for number, (before, line, after) in enumerate(zip(lines, lines[1:], lines[2:], strict=False), first):
        level = 0
        if match := HEADING.match(line):
            level = len(match["level"])
        elif line.strip() and not before.strip() and UNDERLINE.match(after) and (match := UNDERLINED.match(line)):
            level = 1 if after.startswith("=") else 2
        if match and level:
            id_ = ID.search(match["attributes"] or "")
            found.append(Heading(level, match["text"].strip(), id_["id"] if id_ else None, number))
    return tuple(found)


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
    for group in GROUP.finditer(text):
        at = group.start("inside")
        for member in group["inside"].split(";"):
            indent = len(member) - len(member.lstrip())
            yield first + text.count("\n", 0, at + indent), member.strip()
            at += len(member) + 1


def read_text(body: str) -> str:
    """The body without code, comments and characters after a backslash, its lines where they were."""
    return _blank(CODE_OR_ESCAPE, _blank(COMMENT, _blank(FENCED, body)))


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """The text without what matches, its lines where they were."""
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), text)


def word_count(body: str) -> int:
    """Words of running text: without citations, pictures, addresses, attributes, tags, code and comments."""
    text = read_text(body)
    text = UNREAD.sub(" ", GROUP.sub(" ", text))
    return len(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text))
