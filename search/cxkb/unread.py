"""What of a Markdown body is no text: fenced code, comments, code spans, characters after a backslash.

Scanned, not matched by one pattern each: a pattern that looks for the end of every opening takes hours on a megabyte of
openings. These take time by the length of the text, whatever it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Span: TypeAlias = "tuple[int, int]"
"""A piece of a text: its first character, and the one after its last."""

FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,})(?P<rest>[^\n]*)\n?", re.MULTILINE)

SHORTEST = 3
"""Characters of a fence, at least."""

TICKS = re.compile(r"`+")
TICKS_OR_ESCAPE = re.compile(r"\\[^\n]|`+")
BLANK_LINE = re.compile(r"\n(?=[ \t]*\n)")
NO_BREAK = re.compile(r"[^\n]")


def blank(text: str, *kinds: Callable[[str], Iterable[Span]]) -> str:
    """The text with spaces for what these kinds find, one after the other; lines and columns stay as they were."""
    for kind in kinds:
        pieces: list[str] = []
        at = 0
        for start, end in kind(text):
            pieces += text[at:start], NO_BREAK.sub(" ", text[start:end])
            at = end
        text = "".join([*pieces, text[at:]])
    return text


def fenced(text: str) -> Iterator[Span]:
    """Fenced code as Python-Markdown sees it: at the start of a line, closed by the same fence; unclosed it is text."""
    lines = list(FENCE.finditer(text))
    closing: dict[Span, list[int]] = defaultdict(list)  # character and length of a bare fence -> its lines in `lines`
    for number, line in enumerate(lines):
        if not line["rest"].strip(" "):
            closing[ord(line["fence"][0]), len(line["fence"])].append(number)
    after = -1
    for number, line in enumerate(lines):
        is_opening = "`" not in line["rest"] and line.end() > line.end("rest")  # the text's last line opens nothing
        if number <= after or not is_opening:
            continue
        character, length = ord(line["fence"][0]), len(line["fence"])
        shortest = length if character == ord("`") else SHORTEST  # what follows ~~~ may be a ~
        for wanted in range(length, shortest - 1, -1):
            known = closing.get((character, wanted), ())
            if (place := bisect_left(known, number + 1)) < len(known):
                after = known[place]
                yield line.start(), lines[after].end("rest")
                break


def comments(text: str) -> Iterator[Span]:
    """Comments of HTML; what opens one and does not close it is text."""
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        at = end + 3
        yield start, at


def code_or_escapes(text: str) -> Iterator[Span]:
    """Code spans, each within its paragraph, and characters after a backslash, with the backslash.

    A code span ends at the next run of as many ticks as it began with. Where there is none, the last ticks of its
    beginning may begin a shorter one.
    """
    runs: dict[int, list[int]] = defaultdict(list)  # length of a run of ticks -> where such runs start
    for run in TICKS.finditer(text):
        runs[run.end() - run.start()].append(run.start())
    paragraphs = [match.start() for match in BLANK_LINE.finditer(text)]
    at = 0
    while found := TICKS_OR_ESCAPE.search(text, at):
        start, at = found.span()
        if found[0].startswith("\\"):
            yield start, at
            continue
        place = bisect_left(paragraphs, start)
        end = paragraphs[place] if place < len(paragraphs) else len(text)
        for length in range(at - start, 0, -1):
            known = runs.get(length, ())
            if (place := bisect_left(known, at)) < len(known) and known[place] < end:
                at = known[place] + length
                yield start, at
                break
