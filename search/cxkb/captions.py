"""Names on drawings: short enough to stand beside a dot, and how much room they take."""

from __future__ import annotations

import functools
import re

NARROW, WIDE = frozenset("fijlrtI.,:;'’()|!- "), frozenset("mwMWÆŒ@—%")

GENEROUS = 1.06
"""The reader's font is not known when the site is built; Verdana aside, none that systems come with is wider than this."""


def width(text: str, size: float) -> float:
    """Estimated width of the text on one line, in the unit of the font size; rather too wide than too narrow."""
    return sum(map(_ems, text)) * size * GENEROUS


@functools.cache
def _ems(c: str) -> float:
    """Width of a letter in ems."""
    if c in NARROW:
        return 0.34
    if c in WIDE:
        return 0.9
    if ord(c) > 0x2E7F:  # Chinese, Japanese, Korean, pictographs: as wide as high
        return 1.05
    return 0.7 if c.isupper() else 0.56


def short(title: str) -> str:
    """The title without the explanation in brackets it ends in: `Silos (organisational and data)` is `Silos`."""
    return re.sub(r"\s*\([^()]*\)$", "", title) or title


@functools.lru_cache(maxsize=1024)  # a neighbour's name stands on every page that it is near to
def wrap(text: str, room: float, size: float, most: int = 3) -> tuple[str, ...]:
    """The text in lines of at most this width, in the unit of the font size; what needs more lines ends in `…`.

    A line may end after a hyphen; a word that is wider than the room is cut.
    """
    lines: list[str] = []
    for part in re.findall(r"\s*(?:[^\s-]+-?|-)", text.strip()):
        if lines and width(lines[-1] + part, size) <= room:
            lines[-1] += part
        else:
            lines.append(part.strip())
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
    return tuple(_cut(line, room, size) for line in lines)


def _cut(line: str, room: float, size: float) -> str:
    if width(line, size) <= room:
        return line
    kept = line.rstrip(" …")
    while len(kept) > 1 and width(f"{kept}…", size) > room:
        kept = kept[:-1].rstrip()
    return f"{kept}…"
