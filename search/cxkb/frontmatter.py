"""The strict reader of front matter: YAML whose every mistake is reported with its line.

General YAML readers lose things that contributors get wrong: the last of two equal keys wins, `010` becomes 8,
`12:30` becomes 750, an alias can grow into gigabytes. This reader accepts the part of YAML that front matter needs
(mappings, lists, strings) and reports the rest. Every scalar is text; what a text means is the model's business.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from cxkb import content, tangle
from cxkb.records import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
At: TypeAlias = "tuple[str | int, ...]"
"""Where a value stands in the head: ('aliases', 'en', 0)."""

FENCE = "---"

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""C0 and C1 without the tab and the line feed."""

PLAIN = re.compile(r"https?://[\w./%~?=&+,;:@-]*[\w/]|[^\W_][\w .,'’&/()–-]*[\w.)]")
"""Text that needs no quotes, as it neither ends like a key nor looks like something else."""

FAST_LOADER = getattr(yaml, "CSafeLoader", None)

MAX_DEPTH = 4
"""Heads nest three deep (aliases, a language, a list); deeper is a mistake or an attack."""

MAX_BYTES = 200_000
"""A page or record is some kilobytes; a file past this is not one."""

ENDLESS = ("too-long", "tangled")
"""Codes of files that nothing but this reader is to touch: rendering them could take hours."""


@dataclass(slots=True)
class Front:
    """A file taken apart: its head's values, where each stands, and the Markdown below."""

    body: str
    body_line: int
    """The line of the file on which the body starts, counted from 1."""
    values: dict[str, Value] = field(default_factory=dict)
    lines: dict[At, int] = field(default_factory=dict)

    def line(self, at: At) -> int:
        """Line of the value at this place; of the nearest value around it when it is not written."""
        while at not in self.lines:
            at = at[:-1]
        return self.lines[at]

    def written(self, path: str) -> dict[str, Any]:
        """The fields that `records.Written` asks for."""
        return {
            "path": path,
            "body": self.body,
            "body_line": self.body_line,
            "headings": content.headings(self.body, self.body_line),
            "head_lines": self.lines,
        }


class _Mistake(Exception):
    def __init__(self, line: int, message: str, code: str) -> None:
        self.line, self.message, self.code = line, message, code


def read(file: Path, path: str) -> tuple[Front | None, list[Problem]]:
    """The file's head and body, and the problems found; the head is None when it cannot be used.

    `path` is the file's name in problems: relative to the knowledge base, with forward slashes.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        return None, [Problem(path, 1, f"The file cannot be read: {error.strerror or error}.", "unreadable")]
    return parse(raw, path)


def parse(raw: bytes, path: str) -> tuple[Front | None, list[Problem]]:
    """As `read`, from the file's bytes."""
    try:
        return _parse(raw), []
    except _Mistake as mistake:
        return None, [Problem(path, mistake.line, mistake.message, mistake.code)]


def scalar(text: str, *, in_braces: bool = False) -> str:
    """A text on one line as a value of a head: as it is where YAML reads that so, else quoted as JSON, read alike.

    `in_braces`, where a comma parts values.
    """
    is_plain = PLAIN.fullmatch(text) and not (in_braces and "," in text)
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _parse(raw: bytes) -> Front:
    if len(raw) > MAX_BYTES:
        raise _Mistake(
            1, f"The file is {len(raw):,} bytes long; a page or record has at most {MAX_BYTES:,}.", "too-long"
        )
    if raw.startswith(b"\xef\xbb\xbf"):
        raise _Mistake(1, "The file starts with a byte order mark; save it as UTF-8 without one.", "bom")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        at = raw[: error.start].count(b"\n") + 1
        raise _Mistake(
            at, f"Byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8.", "not-utf-8"
        ) from None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    has_head = lines[0].rstrip() == FENCE
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None) if has_head else None
    above = 0 if end is None else end + 1
    if found := tangle.find("\n".join(lines[above:])):
        raise _Mistake(above + found[0], found[1], "tangled")
    if not has_head:
        raise _Mistake(1, "The file does not start with front matter; its first line is to be '---'.", "no-head")
    if end is None:
        raise _Mistake(1, "The front matter is not closed; put a line '---' below its last key.", "head-not-closed")
    head = lines[1:end]
    for number, line in enumerate(head, 2):
        if "\t" in line:
            raise _Mistake(number, "A tab in the front matter; indent with spaces.", "tab")
        _check_visible(line, number)
    for number, line in enumerate(lines[end + 1 :], end + 2):
        if control := CONTROL.search(line):
            raise _Mistake(number, f"A control character (U+{ord(control[0]):04X}) in the text; remove it.", "control")
    front = Front(body="\n".join(lines[end + 1 :]), body_line=end + 2)
    _build("\n".join(head) + "\n", front)
    return front


def _build(head: str, front: Front) -> None:
    """Fill `front` from the YAML of its head, whose first line is the file's second.

    libyaml is much the faster parser. Mistakes are told in the words of PyYAML's own, which runs only then, or where
    PyYAML came without libyaml.
    """
    if FAST_LOADER:
        try:
            _fill(front, iter(FAST_LOADER(head).get_event, None))
        except (_Mistake, yaml.YAMLError, ValueError, OverflowError):
            front.lines.clear()
        else:
            return
    loader = yaml.SafeLoader(head)
    try:
        _fill(front, iter(loader.get_event, None))  # an event at a time: what follows a mistake is not read
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        assert mark  # the scanner and the parser always say where
        raise _Mistake(
            mark.line + 2,
            f"The front matter cannot be read: {error.problem}. Quote a value that holds ': ' or ' #'.",
            "yaml",
        ) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # PyYAML lets int() and chr() fail: "\UFFFFFFFF"
        raise _Mistake(
            loader.line + 2, "The front matter cannot be read: a number or an escape is out of range.", "yaml"
        ) from None


def _fill(front: Front, events: Iterator[yaml.Event]) -> None:
    next(events)  # the stream starts
    if isinstance(next(events), yaml.StreamEndEvent):
        raise _Mistake(1, "The front matter is empty.", "empty-head")
    first = next(events)
    if not isinstance(first, yaml.MappingStartEvent):
        raise _Mistake(_line(first), "The front matter is to be 'key: value' lines.", "head-type")
    value = _value(first, events, (), front)
    assert isinstance(value, dict)
    front.values = value
    next(events)  # the document ends
    if not isinstance(extra := next(events), yaml.StreamEndEvent):
        raise _Mistake(_line(extra), "A second document in the front matter; keep one.", "two-documents")


def _value(event: yaml.Event, events: Iterator[yaml.Event], at: At, front: Front) -> Value:
    """The value that starts with this event, its lines noted in `front`."""
    line = _line(event)
    if isinstance(event, yaml.AliasEvent):
        raise _Mistake(
            line,
            f"A YAML alias (*{event.anchor}); write the value out, or quote a text that starts with '*'.",
            "alias",
        )
    assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
    if event.anchor:
        raise _Mistake(
            line,
            f"A YAML anchor (&{event.anchor}); write the value out, or quote a text that starts with '&'.",
            "anchor",
        )
    if event.tag:
        raise _Mistake(
            line, f"A YAML tag ({event.tag}); write plain text, or quote a text that starts with '!'.", "tag"
        )
    if len(at) > MAX_DEPTH:
        raise _Mistake(line, "The front matter is nested too deeply.", "too-deep")
    front.lines[at] = line
    if isinstance(event, yaml.ScalarEvent):
        text: str = event.value
        if not text.strip():
            raise _Mistake(line, f"{'.'.join(map(str, at))!r} has no value; write one, or remove the key.", "empty")
        _check_visible(text.replace("\n", ""), line)
        return text
    if isinstance(event, yaml.SequenceStartEvent):
        return [_value(item, events, (*at, n), front) for n, item in enumerate(_until(events, yaml.SequenceEndEvent))]
    mapping: dict[str, Value] = {}
    for key in _until(events, yaml.MappingEndEvent):
        if (
            not isinstance(key, yaml.ScalarEvent)
            or key.anchor
            or key.tag
            or not key.value.isprintable()
            or not key.value
        ):
            raise _Mistake(_line(key), "A key is to be plain text.", "key-type")
        if key.value in mapping:
            first = front.lines[*at, key.value]
            raise _Mistake(
                _line(key),
                f"The key {key.value!r} stands here for the second time; it is already on line {first}.",
                "equal-keys",
            )
        mapping[key.value] = _value(next(events), events, (*at, key.value), front)
        front.lines[*at, key.value] = _line(key)  # a list or mapping may start on the line below
    return mapping


def _check_visible(text: str, line: int) -> None:
    """Refuse what an editor does not show, be it written as it is or as an escape."""
    if not text.isprintable():
        unseen = next(character for character in text if not character.isprintable())
        raise _Mistake(
            line, f"A character that cannot be seen (U+{ord(unseen):04X}) in the front matter; remove it.", "control"
        )


def _until(events: Iterator[yaml.Event], end: Callable[..., yaml.Event]) -> Iterator[yaml.Event]:
    """Events up to the one that ends this collection; whoever iterates consumes what is nested."""
    for event in events:
        if isinstance(event, end):  # type: ignore[arg-type]
            return
        yield event


def _line(event: yaml.Event) -> int:
    """Line of the file; the head's first line is the file's second."""
    assert event.start_mark
    return event.start_mark.line + 2
