"""Text in the vendored font: spelled in its letters, measured, and broken into lines of a given width in pixels."""

from __future__ import annotations

import bisect
import functools
import io
import math
import re
import unicodedata
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Weight = Literal[400, 600]

FONTS = {
    weight: resources("cxkb") / "assets" / "fonts" / f"source-serif-4-latin-{weight}-normal.woff2"
    for weight in (400, 600)
}

LETTERS = re.compile(r"[ -~\xa1-\xac\xae-\xffıŒœ–—‘-‚“-„•…‹›€™]")
"""What the vendored Latin subset draws, combining marks, arrows and fractions left aside."""

LONGEST = 500
"""Letters of a text that are looked at: more than a card holds even of the narrowest."""

ELLIPSIS = "…"


def spelled(text: str) -> str:
    """The text in letters that the font has, on one line; empty if it cannot be spelled with them.

    Accents and symbols that the font lacks can be left out, letters and digits cannot.
    """
    spelled = ""
    for letter in unicodedata.normalize("NFC", " ".join(text.split())[:LONGEST]):
        if LETTERS.fullmatch(letter):
            spelled += letter
            continue
        for part in unicodedata.normalize("NFKD", letter):
            if LETTERS.fullmatch(part):
                spelled += part
            elif part.isalnum():
                return ""
    return " ".join(spelled.split())


def rows(text: str, most: int, limit: int, weight: Weight, size: int) -> list[str]:
    """The text in lines of at most `limit` pixels, the last of them clipped if there would be more than `most`."""
    found = _wrapped(text, limit, weight, size)
    if len(found) <= most:
        return found
    return [*found[: most - 1], clipped(f"{found[most - 1]} {found[most]}", limit, weight, size)]


def even(text: str, most: int, limit: int, weight: Weight, size: int) -> list[str] | None:
    """The text in as few lines as `limit` pixels allow, of lengths as even as can be.

    None if these are more than `most` lines or a word is longer than a line.
    """
    longest = math.ceil(max((_length(word, weight, size) for word in text.split()), default=0))
    fewest = len(_wrapped(text, limit, weight, size))
    if longest > limit or fewest > most:
        return None
    narrower = range(longest, limit)
    at = bisect.bisect_left(narrower, True, key=lambda width: len(_wrapped(text, width, weight, size)) <= fewest)
    return _wrapped(text, longest + at, weight, size)


def clipped(text: str, limit: int, weight: Weight, size: int) -> str:
    """As much of the text, in whole words, as `limit` pixels hold, with an ellipsis if that is not all."""
    if _length(text, weight, size) <= limit:
        return text
    kept = text[: _fitting(text, limit - _length(ELLIPSIS, weight, size), weight, size)]
    return kept.rpartition(" ")[0].rstrip(" ,;:.–") + ELLIPSIS if " " in kept else kept + ELLIPSIS


@functools.cache
def font(weight: Weight, size: int) -> FreeTypeFont:
    """The font at this size in pixels. Pillow's own wheels read WOFF2."""
    from PIL import ImageFont

    return ImageFont.truetype(io.BytesIO(FONTS[weight].read_bytes()), size)


def _wrapped(text: str, limit: int, weight: Weight, size: int) -> list[str]:
    """The text in lines of at most `limit` pixels, each as full as it can be; longer words are broken."""
    found: list[str] = []
    space, width = _length(" ", weight, size), math.inf
    for word in text.split():
        *full, piece = _pieces(word, limit, weight, size)
        length = _length(piece, weight, size)
        if full or width + space + length > limit:
            found += [*full, piece]
            width = length
        else:
            found[-1] += f" {piece}"
            width += space + length
    return found


def _pieces(word: str, limit: int, weight: Weight, size: int) -> list[str]:
    """The word, broken where a line of `limit` pixels is full."""
    pieces = []
    while _length(word, weight, size) > limit and len(word) > 1:
        end = _fitting(word, limit, weight, size)
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word]


def _fitting(text: str, limit: float, weight: Weight, size: int) -> int:
    """How many of the text's first letters `limit` pixels hold; at least one."""
    face = font(weight, size)
    return 1 + bisect.bisect_right(range(2, len(text) + 1), limit, key=lambda end: face.getlength(text[:end]))


@functools.lru_cache(maxsize=8192)  # words come again, from page to page and from size to size
def _length(text: str, weight: Weight, size: int) -> float:
    """Width in pixels."""
    return font(weight, size).getlength(text)
