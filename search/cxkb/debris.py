"""What is on a page and not in its article: pure, text in, text out, and a name for what was taken away.

Rules for short paragraphs only: a sentence of the article may speak of newsletters and cookies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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
