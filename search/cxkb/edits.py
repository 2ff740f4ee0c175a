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


def front_of(text: str) -> Front:
    """The text taken apart; only what has been read without a problem is edited."""
    front, problems = frontmatter.parse(text.encode(), "")
    assert front, problems
    return front


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
    """The text with `member` at the end of the head's list `key`, as `with_list` writes it."""
    front, _ = _read(text)
    listed = front.values.get(key, [])
    return with_list(text, key, [*map(str, listed), member], keys) if isinstance(listed, list) else text


def with_list(text: str, key: str, ids: Sequence[str], keys: Sequence[str]) -> str:
    """The text with these ids as the head's list `key`, and without the key when there are none.

    What is only added to a list is written in the style of that list; else all of it stands on the key's line. A list
    that is not there yet is put where it belongs in the order of `keys`.
    """
    front, lines = _read(text)
    others = {name: value for name, value in front.values.items() if name != key}
    if key not in front.values:
        after = [start for other, start in _starts(front, lines).items() if keys.index(other) > keys.index(key)]
        end = lines[0][len(lines[0].rstrip("\r\n")) :]
        lines[(at := min([*after, front.body_line - 2])) : at] = [_on_one_line(key, ids) + end] if ids else []
        edited = "".join(lines)
    elif ids and (count := _kept(front.values[key], ids)) is not None:
        edited = text
        for member in ids[count:]:
            edited = _with_appended(edited, key, member)
    else:
        name, value = _entry(lines, front, key)
        first, last = name.start_mark.line + 1, _last(value)
        rest = lines[last.line + 1][last.column :]
        lines[first : last.line + 2] = [_on_one_line(key, ids) + rest] if ids else []
        edited = "".join(lines)
    return edited if _says(edited, others | ({key: [*ids]} if ids else {}), front.body) else text


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
    return front_of(text), LINE.findall(text)


def _starts(front: Front, lines: Sequence[str]) -> dict[str, int]:
    """Key -> index of the line on which it starts, comments right above included; in the order of the text."""
    starts: dict[str, int] = {}
    for key in front.values:
        start = front.lines[key,] - 1
        while starts and lines[start - 1].startswith("#"):
            start -= 1
        starts[key] = start
    return starts


def _on_one_line(key: str, ids: Sequence[str]) -> str:
    return f"{key}: [{', '.join(ids)}]"


def _kept(value: Value, ids: Sequence[str]) -> int | None:
    """How many ids the head's list has, when they are the first of these."""
    return len(value) if isinstance(value, list) and [*ids[: len(value)]] == value else None


def _entry(lines: Sequence[str], front: Front, key: str) -> tuple[yaml.Node, yaml.Node]:
    """The head's key and its value, as YAML sees them; their lines are counted from the one below the fence."""
    head = "".join(line.rstrip("\r\n") + "\n" for line in lines[1 : front.body_line - 2])
    mapping = yaml.compose(head, yaml.SafeLoader)
    assert isinstance(mapping, yaml.MappingNode)
    return next((name, value) for name, value in mapping.value if name.value == key)


def _last(value: yaml.Node) -> yaml.Mark:
    """Where a value ends; a block list, by its own mark, ends where the next key begins."""
    if isinstance(value, yaml.SequenceNode) and not value.flow_style and value.value:
        return _last(value.value[-1])
    return value.end_mark


def _with_appended(text: str, key: str, member: str) -> str:
    """The text with `member` behind the last one of the head's list."""
    front, lines = _read(text)
    _, sequence = _entry(lines, front, key)
    assert isinstance(sequence, yaml.SequenceNode)
    last = sequence.value[-1] if sequence.value else None
    if last and not sequence.flow_style:
        number = last.end_mark.line + 1
        line = lines[number]
        end = line[len(line.rstrip("\r\n")) :]
        lines.insert(number + 1, lines[last.start_mark.line + 1][: last.start_mark.column] + member + end)
    else:
        at = last.end_mark if last else sequence.start_mark
        column = at.column if last else at.column + 1
        line = lines[at.line + 1]
        lines[at.line + 1] = f"{line[:column]}{', ' if last else ''}{member}{line[column:]}"
    return "".join(lines)


def _says(text: str, values: Mapping[str, Value], body: str) -> bool:
    """Whether the text reads as these values, and this body below them."""
    front, _ = frontmatter.parse(text.encode(), "")
    return front is not None and front.values == values and front.body == body
