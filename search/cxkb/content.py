"""Markdown bodies, as far as content is checked: headings with their ids, citations, words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cxkb.records import Citation, Heading

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADING = re.compile(r"^(?P<level>#{1,6})[ \t]+(?P<text>.*?)[ \t]*#*[ \t]*(?P<attributes>\{[^{}]*\})?[ \t]*$")
ID = re.compile(r"#(?P<id>[\w-]+)")

FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")

GROUP = re.compile(r"\[(?P<inside>@[^\[\]\n]+)\]")
"""`[@key]`, `[@key#idea]`, `[@key#idea; @other]`."""

MEMBER = re.compile(r"@(?P<key>[A-Za-z0-9][A-Za-z0-9_-]*)(?:#(?P<idea>[\w-]+))?")


def text_lines(body: str, first: int) -> Iterator[tuple[int, str]]:
    """The body's lines outside fenced code with their numbers, `first` being the number of the first one."""
    fence = ""
    for number, line in enumerate(body.split("\n"), first):
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark["fence"]
        elif mark and mark["fence"].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        elif not fence:
            yield number, line


def headings(body: str, first: int) -> tuple[Heading, ...]:
    """The body's headings (written with #), in order."""
    found = []
    for number, line in text_lines(body, first):
        if match := HEADING.match(line):
            id_ = ID.search(match["attributes"] or "")
            found.append(Heading(len(match["level"]), match["text"].strip(), id_["id"] if id_ else None, number))
    return tuple(found)


def citations(body: str, first: int) -> tuple[Citation, ...]:
    """Every source cited in the body, in order; malformed members are left to `malformed_citations`."""
    found = []
    for number, line in text_lines(body, first):
        for group in GROUP.finditer(CODE.sub("", line)):
            members = (MEMBER.fullmatch(member.strip()) for member in group["inside"].split(";"))
            found += [Citation(match["key"], match["idea"], number) for match in members if match]
    return tuple(found)


def malformed_citations(body: str, first: int) -> Iterator[tuple[int, str]]:
    """Line and text of each thing in brackets that starts like a citation and is none."""
    for number, line in text_lines(body, first):
        for group in GROUP.finditer(CODE.sub("", line)):
            for member in group["inside"].split(";"):
                if not MEMBER.fullmatch(member.strip()):
                    yield number, member.strip()


def word_count(body: str) -> int:
    """Words of running text: without citations, link addresses, attributes and code."""
    lines = (CODE.sub("", line) for _, line in text_lines(body, 1))
    text = re.sub(r"\]\([^)]*\)|\{[^{}]*\}", " ", GROUP.sub(" ", "\n".join(lines)))
    return len(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text))
