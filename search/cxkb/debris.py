"""What is on a page and not in its article: pure, text in, text out, and a name for what was taken away.

Rules for short paragraphs only: a sentence of the article may speak of newsletters and cookies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHORT = 40
"""Words up to which a paragraph can be debris."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """A piece of text that was left out."""

    text: str
    why: str


def _starts(phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{phrases})", re.IGNORECASE)


KINDS: dict[str, re.Pattern[str]] = {
    "table debris": re.compile(r"[\s|+=:_*–—-]*$"),
    "share bar": _starts(
        r"(?:share (?:this|on|via)|tweet\b|print this|e?-?mail this|send to a friend|back to top|like this:"
        r"|teilen\b|drucken\b|diesen (?:artikel|beitrag) teilen|delen\b|deel dit)"
    ),
    "read more": _starts(
        r"(?:read (?:more|also|next|this in your browser)\b|continue reading|related (?:articles|posts)|most read"
        r"|lesen sie auch|mehr zum thema|weiterlesen|lees (?:ook|meer|verder)|(?:next|previous) (?:post|article|essay):)"
    ),
    "comment form": _starts(
        r"(?:leave a (?:reply|comment)|post (?:a )?comment|your email address will not|required fields|(?:\d+ )?comments?(?:\W+post a comment)?\W*$"
        r"|kommentare?\W*$|um zu kommentieren|kommentar (?:schreiben|hinterlassen)|reageer|plaats een reactie)"
    ),
    "promotion": re.compile(
        r"\W*(?:(?:subscribe|sign up|unsubscribe|book now|download our|contact us|call us|advertisement\W*$|anzeige\W*$)"
        r"|(?:abonnieren|jetzt (?:abonnieren|testen|anmelden)|abonneer|meld je aan)"
        r"|if you (?:liked|enjoyed) this|dieser (?:beitrag|artikel) hat ihnen gefallen)"
        r"|.*(?:\bfree (?:newsletter|consultation|trial)\b|\bour (?:free )?newsletter\b|subscribe to (?:the|our) newsletter"
        r"|kostenlos testen|award-winning)",
        re.IGNORECASE | re.DOTALL,
    ),
    "small print": re.compile(
        r"\W*(?:copyright|©|\(c\)\s*\d{4}|skip to content|proudly powered by|impressum\b|filed under|posted in|tags?:|tagged)"
        r"|.*(?:all rights reserved|alle rechte vorbehalten|alle rechten voorbehouden)"
        r"|.*\b(?:uses?|verwenden|gebruiken?|accept|akzeptieren)\b.{0,20}\bcookies\b",
        re.IGNORECASE | re.DOTALL,
    ),
}


def strip(paragraphs: Iterable[str]) -> tuple[list[str], list[Stripped]]:
    """The article's paragraphs, and what was between them, both in the order of the text.

    A short paragraph that stands word for word in a longer one is a pull quote; equal ones are kept once.
    """
    given = list(paragraphs)
    kept: list[str] = []
    stripped: list[Stripped] = []
    for number, paragraph in enumerate(given):
        why = _why(paragraph) or ("pull quote" if _is_pulled(paragraph, number, given) else "")
        if why:
            stripped.append(Stripped(paragraph, why))
        else:
            kept.append(paragraph)
    return kept, stripped


def _why(paragraph: str) -> str:
    """The kind of debris that the paragraph is, or nothing."""
    if len(paragraph.split(maxsplit=SHORT)) > SHORT:
        return ""
    return next((kind for kind, pattern in KINDS.items() if pattern.match(paragraph)), "")


def _is_pulled(paragraph: str, number: int, given: Sequence[str]) -> bool:
    """Whether it repeats a sentence of another paragraph, or all of an earlier one."""
    bare = paragraph.strip(" \t\"'“”„‘’«»").rstrip(".")
    if not 6 <= len(bare.split(maxsplit=SHORT)) <= SHORT:
        return False
    return any(
        bare in other and (len(other) > len(paragraph) or at < number) for at, other in enumerate(given) if at != number
    )


WRAPPED = 120
"""Characters that no wrapped line has more of."""

MOST = 250
"""Words of a paragraph; a block of more holds several."""

END = re.compile(r"[.!?:;…][\"'”’“»)\]]*$")
"""The end of a sentence."""

TABLE_ROW = re.compile(r"\s*\|.*\|\s*$|.*\S\s+\|\s+\S.*\|.*$")
RULE = re.compile(r"[\s|+:=-]*-[\s|+:=-]*$")

HYPHENATED = re.compile(r"(?<![^\W\d_])(?P<before>[^\W\d_]+)-\n(?P<after>[^\W\d_]+)")

AND = frozenset("und oder and or en of".split())
"""After a hyphen at a line's end these show that it belongs to the word: `Vor-` / `und Nachteile`."""


def unwrap(text: str) -> str:
    """One paragraph on one line: hard line wraps joined, words that were parted at a line's end put together.

    A hyphen stays where the text has the word with it elsewhere (`forty-one`) or where a capital or an `and` follows.
    """
    text = text.replace("\u00ad\n", "").replace("\u00ad", "")

    def join(match: re.Match[str]) -> str:
        before, after = match["before"], match["after"]
        if after.lower() in AND:
            return f"{before}- {after}"
        keeps = not after[0].islower() or f"{before}-{after}" in text.replace(match[0], "")
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
