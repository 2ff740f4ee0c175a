"""What of a text Python-Markdown could not render in time, or not at all.

From most of its marks it looks to the end of the paragraph for another, so that 20 kB of opening brackets take minutes;
and what nests some hundred deep is more than Python's stack holds. Nobody writes such texts to be read.
"""

from __future__ import annotations

import re
from itertools import pairwise

MARK = re.compile(r"[\[<\\`#|*_=~&]|^[ \t]*-+[ \t]*$", re.MULTILINE)
"""What may make Markdown look further: a character, or a line of hyphens."""

MOST_WORK = 2_500_000
"""Most marks times characters of their paragraph, in all of a text; a fifth of a microsecond each at the worst."""

PARAGRAPH = 2_000
"""Characters that a paragraph counts for at least: footnotes look further than their own."""

PART = re.compile(r"\n[ \t]*(?=\n)")
"""Where a paragraph ends."""

INDENT = re.compile(r"^[ \t]*+(?:(?:>|[-+*](?=[ \t])|[0-9]++\.(?=[ \t]))[ \t]*+)*+", re.MULTILINE)
"""How a line of a list or quotation starts."""

WIDEST = 100
"""Characters of it: 25 lists in each other."""

NESTING = re.compile(r"<[a-zA-Z][^<>]*\smarkdown\b")
"""A tag that may have others in it, of which the same is true."""

MOST_NESTING = 100
"""Such tags in a text."""


def find(text: str) -> tuple[int, str] | None:
    """The line, counted from 1, on which the text becomes too much for Markdown, and why; None for any other text."""
    for found in INDENT.finditer(text):
        if found.end() - found.start() > WIDEST:
            return _line(text, found.start()), "Lists or quotations in each other, or indented, too deep to be read."
    for number, found in enumerate(NESTING.finditer(text), 1):
        if number > MOST_NESTING:
            return _line(text, found.start()), f"There are more than {MOST_NESTING} tags with 'markdown'; use fewer."
    work = 0
    for start, end in pairwise([0, *(part.start() for part in PART.finditer(text)), len(text)]):
        work += len(MARK.findall(text, start, end)) * max(end - start, PARAGRAPH)
        if work > MOST_WORK:
            line = _line(text, start + len(text[start:end]) - len(text[start:end].lstrip()))
            return line, "Too many marks of Markdown ([ < * _ ` and the like); part the paragraph, or the page."
    return None


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
