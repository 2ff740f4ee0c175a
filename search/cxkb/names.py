"""What pages, records and other files may be called, so that every system can keep them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""The form of ids and citation keys."""

MAX_LENGTH = 80
"""Characters of an id or key."""

OVERVIEW = "index"

REFUSED = re.compile(
    r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?|.*[<>:\"|?*\\\x00-\x1f].*|.*[. ]", re.IGNORECASE | re.DOTALL
)
"""Names that Windows refuses: devices, whatever their suffix, signs with a meaning, and an end that it drops
(https://learn.microsoft.com/windows/win32/fileio/naming-a-file)."""


LETTERS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "oe",
        "ł": "l",
        "&": " and ",
        "'": "",
        "’": "",
    }
)
"""What Unicode does not take apart into an ASCII letter and an accent, or not as it is written without one."""


def slug(text: str) -> str:
    """The words of a text as an id, in ASCII, of any length; empty when it has no letters for one."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def unfit(name: str) -> str | None:
    """Why no new page or record can have this id or key, in a sentence for contributors; None if one can."""
    if not ID.fullmatch(name) or len(name) > MAX_LENGTH:
        return (
            f"{name!r} cannot be an id: lower case words of letters and digits joined by hyphens, "
            f"at most {MAX_LENGTH} characters."
        )
    return taken(name)


def taken(name: str) -> str | None:
    """Why no page can have this id, in a sentence for contributors; None if one can."""
    if name == OVERVIEW:
        return f"The name {name!r} is taken by the overview page; choose another."
    return refused(name)


def refused(name: str) -> str | None:
    """Why no file or folder is to have this name, in a sentence for contributors; None if one can."""
    return f"Windows cannot keep a file named {name!r}; choose another name." if REFUSED.fullmatch(name) else None


def clashes(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each path that is one with a path before it where capitals, or ways to write an accent, are not told apart."""
    first: dict[str, str] = {}
    for path in paths:
        alike = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
        if (other := first.setdefault(alike, path)) != path:
            yield path, other
