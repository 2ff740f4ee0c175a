"""Who and when, from a line such as `By Jane Doe and John Roe, 9 June 2022`: names and a date, each where there is one."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from cxkb.heads import LANGUAGES

MAX_LENGTH = 200
"""Characters; a longer line is no byline."""

NAME = r"[^\W\d_]\.?(?:[^\W\d_]|['’.-])*"
PERSON = rf"{NAME}(?: {NAME}){{1,4}}"
AND = r"(?:,? (?:and|und|en|&) |, )"
PEOPLE = re.compile(rf"(?:(?:posted )?(?:by|von|door) )?(?P<people>{PERSON}(?:{AND}{PERSON}){{0,3}})", re.IGNORECASE)

SEPARATOR = re.compile(r"\s*[,|·•–—/-]?\s*(?:\b(?:on|op|am|vom)\s*)?$", re.IGNORECASE)

PARTICLES = frozenset("van von der den de del della di da du la le zu zur ten ter op 't bin al".split())


def parse(text: str) -> tuple[tuple[str, ...], str]:
    """The names, and the date as exactly as it is given (2022-06-09, 2022-06, 2022); empty what is not there.

    Names are looked for only where a date follows, or an introducing word comes first: any two words look like a name.
    """
    if len(text) > MAX_LENGTH:
        return (), ""
    date, start = _date(text)
    before = text[:start] if date else text
    before = SEPARATOR.sub("", before).strip()
    match = PEOPLE.fullmatch(before)
    introduced = re.match(r"\s*(?:posted )?(?:by|von|door) ", text, re.IGNORECASE)
    if not match or not (date or introduced):
        return (), date
    names = tuple(re.split(AND, match["people"]))
    return (names if all(_is_name(name) for name in names) else ()), date


def _is_name(name: str) -> bool:
    return all(part[0].isupper() or part in PARTICLES for part in name.split())


def _date(text: str) -> tuple[str, int]:
    """The date and where it starts."""
    for pattern in _dates():
        if match := pattern.search(text):
            found = match.groupdict()
            month = _months().get((found.get("m") or "").lower()) or int(found.get("m") or 0)
            day = int(found.get("d") or 0)
            if month > 12 or day > 31:
                continue
            return found["y"] + (f"-{month:02}" + (f"-{day:02}" if day else "") if month else ""), match.start()
    return "", 0


@cache
def _dates() -> tuple[re.Pattern[str], ...]:
    """How dates are written, the surest way first: day `d`, month `m` as a name or number, year `y`."""
    months = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    written = (
        rf"\b(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)? )?(?P<m>{months})\.?,? (?P<y>(?:19|20)\d\d)\b",
        rf"\b(?P<m>{months})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?, (?P<y>(?:19|20)\d\d)\b",
        r"\b(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>(?:19|20)\d\d)\b",
        r"\b(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)(?:-(?P<d>\d\d))?\b",
        r"(?:^|[,|·•] ?|\()(?P<y>(?:19|20)\d\d)\)?$",
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in written)


@cache
def _months() -> dict[str, int]:
    """The months' names, whole and short, in the languages of the knowledge base."""
    return {
        name.lower().rstrip("."): number
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in Locale(language).months["format"][width].items()
    }
