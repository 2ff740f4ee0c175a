"""Small edits of a page's or record's text: whatever is not edited keeps its bytes, line ends and comments included.

Each gives the text as it is where it cannot be edited with certainty: when reading the result again does not give
the very values that were meant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from cxkb import content, frontmatter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cxkb.frontmatter import Front, Value

LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
"""A line with its end; the last may have none."""

ATTRIBUTES = re.compile(r"\{:?(?P<rest>[^{}]*\}[ \t]*)$")


def in_order(text: str, keys: Sequence[str]) -> str:
    """The text with the keys of its head in this order, each with its value and the comment lines right above it.

    `keys` has every key of the head. A comment at the very top may speak of the first key or of the whole: a head
    whose first key would have to move from under one is left alone.
    """
    front, lines = _read(text)
    starts = _starts(front, lines)
    written, wanted = list(starts), sorted(starts, key=keys.index)
    first = starts[written[0]]
    if first > 1 and wanted[0] != written[0]:
        return text
    ends = [*list(starts.values())[1:], front.body_line - 2]
    blocks = {key: lines[start:end] for (key, start), end in zip(starts.items(), ends, strict=True)}
    edited = "".join([*lines[:first], *(line for key in wanted for line in blocks[key]), *lines[front.body_line - 2 :]])
    return edited if _says(edited, {key: front.values[key] for key in wanted}, front.body) else text


def with_member(text: str, key: str, member: str, keys: Sequence[str]) -> str:
    """The text with `member` at the end of the head's list `key`, in the style of that list.

    A list that is not there yet is put where it belongs in the order of `keys`, on a line of its own.
    """
    front, lines = _read(text)
    if key in front.values:
        listed = front.values[key]
        if not isinstance(listed, list):
            return text
        _append(lines, _sequence(lines, front, key), member)
    else:
        listed = []
        after = [start for other, start in _starts(front, lines).items() if keys.index(other) > keys.index(key)]
        end = lines[0][len(lines[0].rstrip("\r\n")) :]
        lines.insert(min([*after, front.body_line - 2]), f"{key}: [{member}]{end}")
    edited = "".join(lines)
    return edited if _says(edited, {**front.values, key: [*listed, member]}, front.body) else text


def with_heading_id(text: str, line: int, id_: str) -> str:
    """The text with `{ #id }` at the end of the heading on this line, counted from 1, beside what attributes it has.

    Only for headings made by '#': a line that is underlined may be a heading by mistake.
    """
    front, lines = _read(text)
    before = {heading.line: heading for heading in content.headings(front.body, front.body_line)}
    written = lines[line - 1]
    if line not in before or not written.startswith("#"):
        return text
    bare = written.rstrip("\r\n")
    kept = bare.rstrip(" \t")
    edited, found = ATTRIBUTES.subn(lambda match: f"{{ #{id_}{_apart(match['rest'])}", bare)
    lines[line - 1] = (edited if found else f"{kept} {{ #{id_} }}{bare[len(kept) :]}") + written[len(bare) :]
    after, _ = _read("".join(lines))
    for heading in content.headings(after.body, after.body_line):
        was = before[heading.line]
        if (heading.level, heading.text, heading.id) != (was.level, was.text, id_ if heading.line == line else was.id):
            return text
    return "".join(lines)


def _apart(rest: str) -> str:
    return rest if rest.startswith(" ") else f" {rest}"


def _read(text: str) -> tuple[Front, list[str]]:
    """The text taken apart, and its lines with their ends."""
    front, problems = frontmatter.parse(text.encode(), "")
    assert front, problems  # only what has been read without a problem is edited
    return front, LINE.findall(text)


def _starts(front: Front, lines: Sequence[str]) -> dict[str, int]:
    """Key -> index of the line on which it starts, comments right above included; in the order of the text."""
    starts: dict[str, int] = {}
    for key in front.values:
        start = front.lines[key,] - 1
        while starts and lines[start - 1].startswith("#"):
            start -= 1
        starts[key] = start
    return starts


def _sequence(lines: Sequence[str], front: Front, key: str) -> yaml.SequenceNode:
    """The head's list with this key, as YAML sees it; its lines are counted from the one below the fence."""
    head = "".join(line.rstrip("\r\n") + "\n" for line in lines[1 : front.body_line - 2])
    mapping = yaml.compose(head, yaml.SafeLoader)
    assert isinstance(mapping, yaml.MappingNode)
    found = next(value for name, value in mapping.value if name.value == key)
    assert isinstance(found, yaml.SequenceNode)
    return found


def _append(lines: list[str], sequence: yaml.SequenceNode, member: str) -> None:
    """Write `member` behind the list's last one."""
    last = sequence.value[-1] if sequence.value else None
    if last and not sequence.flow_style:
        number = last.end_mark.line + 1
        line = lines[number]
        end = line[len(line.rstrip("\r\n")) :]
        lines.insert(number + 1, lines[last.start_mark.line + 1][: last.start_mark.column] + member + end)
        return
    at = last.end_mark if last else sequence.start_mark
    column = at.column if last else at.column + 1
    line = lines[at.line + 1]
    lines[at.line + 1] = f"{line[:column]}{', ' if last else ''}{member}{line[column:]}"


def _says(text: str, values: Mapping[str, Value], body: str) -> bool:
    """Whether the text reads as these values, and this body below them."""
    front, _ = frontmatter.parse(text.encode(), "")
    return front is not None and front.values == values and front.body == body
