"""The paragraphs of a plain text, each on one line: wrapped lines joined, words parted at a line's end put together."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WRAPPED = 120
"""Characters that no wrapped line has more of."""

MOST = 250
"""Words of a paragraph; a block of more holds several."""

END = re.compile(r"[.!?:;…][\"'”’“»)\]]*$")
"""The end of a sentence."""

TABLE_ROW = re.compile(r"\s*\|.*\|\s*$|.*\S\s+\|\s+\S.*\|.*$")
RULE = re.compile(r"[\s|+:=-]*-[\s|+:=-]*$")

WITH_HYPHENS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
HYPHENATED = re.compile(r"(?<![^\W\d_])(?P<before>[^\W\d_]+)-\n(?P<after>[^\W\d_]+)")

AND = frozenset("und oder and or en of".split())
"""After a hyphen at a line's end these show that it belongs to the word: `Vor-` / `und Nachteile`."""


def unwrap(text: str) -> str:
    """One paragraph on one line: hard line wraps joined, words that were parted at a line's end put together.

    A hyphen stays where the text has the word with it elsewhere (`forty-one`) or where a capital or an `and` follows.
    """
    text = text.replace("\u00ad\n", "").replace("\u00ad", "")

    whole = {pair for word in WITH_HYPHENS.findall(text) for pair in pairwise(word.split("-"))}

    def join(match: re.Match[str]) -> str:
        before, after = match["before"], match["after"]
        if after.lower() in AND:
            return f"{before}- {after}"
        keeps = not after[0].islower() or (before, after) in whole
        return f"{before}-{after}" if keeps else before + after

    return " ".join(HYPHENATED.sub(join, text).split())


def split(text: str) -> list[str]:
    """Paragraphs of a plain text, each on one line; rows of a table as `cell, cell`.

    They are parted by blank lines. Where those are missing, lines longer than any wrapped line are a paragraph each;
    in a wrapped text one ends with a line that ends a sentence and had room for the next word.
    """
    lines = text.splitlines()
    long = sum(len(line) for line in lines if len(line) > WRAPPED)
    if long * 2 > sum(map(len, lines)):
        return [unwrap(line) for line in lines if line.strip()]
    paragraphs: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        row = TABLE_ROW.match(line)
        if block and (row or not line.strip()):
            paragraphs += [unwrap("\n".join(part)) for part in _parted(block)]
            block = []
        if row and not RULE.match(line):
            cells = [cell.strip() for cell in line.split("|")]
            paragraphs.append(", ".join(cell for cell in cells if cell))
        elif line.strip() and not row:
            block.append(line.strip())
    return [paragraph for paragraph in paragraphs if paragraph]


def _parted(block: Sequence[str]) -> list[list[str]]:
    """The wrapped lines of each paragraph in a block without blank lines; the block as it is when it may be one paragraph."""
    if sum(len(line.split()) for line in block) <= MOST:
        return [list(block)]
    width = max(map(len, block))
    parts = [[block[0]]]
    for before, line in pairwise(block):
        if END.search(before) and len(before) + 1 + len(line.split(maxsplit=1)[0]) <= width:
            parts.append([])
        parts[-1].append(line)
    return parts
