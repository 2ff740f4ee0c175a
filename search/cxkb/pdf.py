"""A PDF's text as paragraphs, in reading order, without what its pages repeat. The only module that knows pdfminer."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pdfminer.high_level import extract_pages
from pdfminer.layout import LTTextContainer, LTTextLine
from pdfminer.pdfdocument import PDFDocument, PDFPasswordIncorrect
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1
from pdfminer.psexceptions import PSException
from pdfminer.utils import decode_text

from cxkb.debris import Stripped
from cxkb.errors import ArticleError
from cxkb.paragraphs import END, unwrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DAMAGED = (
    PDFException, PSException, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError,
    OverflowError, struct.error, zlib.error,
)  # fmt: skip
"""What pdfminer lets out when a file is not what it says."""

EDGE = 0.15
"""Share of a page's height, at its top and foot, in which running heads and page numbers stand."""

SAME_SIZE = 0.5
"""Points by which two lines of one paragraph may differ in height."""


@dataclass(frozen=True, slots=True)
class Pdf:
    """What a PDF holds."""

    paragraphs: list[str]
    stripped: list[Stripped]
    info: dict[str, str] = field(default_factory=dict)
    """Its metadata as written: Title, Author, CreationDate, Lang."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of one size that stand together."""

    text: str
    size: float
    """Height of a line, in points."""
    at_edge: bool


def read(raw: bytes) -> Pdf:
    """The text of these bytes. Raises ArticleError when there is none, or when they cannot be read."""
    try:
        info = _info(raw)
        pages = [list(_blocks(page)) for page in extract_pages(io.BytesIO(raw))]
    except PDFPasswordIncorrect:
        raise ArticleError("The PDF is locked by a password; save it without one.") from None
    except DAMAGED as error:
        raise ArticleError("The PDF is damaged and cannot be read.") from error
    if not any(block.text.strip() for page in pages for block in page):
        raise ArticleError(
            "The PDF holds pictures of pages and no text; make one with text recognition (such as ocrmypdf) and add that."
        )
    kept, stripped = _without_repeats(pages)
    return Pdf(_joined(kept), stripped, info)


def _info(raw: bytes) -> dict[str, str]:
    document = PDFDocument(PDFParser(io.BytesIO(raw)))
    written: dict[str, Any] = {key: value for info in document.info for key, value in info.items()}
    written["Lang"] = document.catalog.get("Lang")
    found = {}
    for key in ("Title", "Author", "CreationDate", "Lang"):
        value = resolve1(written.get(key))
        if isinstance(value, bytes):
            found[key] = " ".join(decode_text(value).split())
    return {key: value for key, value in found.items() if value}


def _blocks(page: Any) -> Iterator[_Block]:
    """The page's pieces of text in reading order, parted where the size of type changes."""
    for box in page:
        if not isinstance(box, LTTextContainer):
            continue
        at_edge = box.y1 < page.y0 + EDGE * page.height or box.y0 > page.y1 - EDGE * page.height
        lines: list[LTTextLine] = [line for line in box if isinstance(line, LTTextLine)]
        text, size = "", 0.0
        for line in lines:
            if text and abs(line.height - size) > SAME_SIZE:
                yield _Block(text, size, at_edge)
                text = ""
            text, size = text + line.get_text().rstrip() + "\n", line.height
        if text.strip():
            yield _Block(text, size, at_edge)


def _without_repeats(pages: Sequence[Sequence[_Block]]) -> tuple[list[_Block], list[Stripped]]:
    """The blocks without running heads and page numbers: what stands at the edge of two pages, but for its digits."""
    seen = Counter(key for page in pages for key in {_but_digits(block) for block in page if block.at_edge})
    kept: list[_Block] = []
    stripped: dict[str, Stripped] = {}
    for page in pages:
        for block in page:
            key = _but_digits(block)
            if block.at_edge and (seen[key] > 1 or not key.strip("# ")):
                stripped.setdefault(key, Stripped(unwrap(block.text), "running head"))
            else:
                kept.append(block)
    return kept, list(stripped.values())


def _but_digits(block: _Block) -> str:
    return re.sub(r"\d+", "#", " ".join(block.text.split()))


def _joined(blocks: Sequence[_Block]) -> list[str]:
    """Paragraphs, those that go on across a page or column put together."""
    merged: list[_Block] = []
    for block in blocks:
        last = merged[-1] if merged else None
        if (
            last
            and abs(last.size - block.size) <= SAME_SIZE
            and not END.search(last.text.rstrip())
            and block.text.lstrip()[:1].islower()
        ):
            merged[-1] = _Block(last.text.rstrip() + "\n" + block.text, block.size, block.at_edge)
        else:
            merged.append(block)
    return [text for block in merged if (text := unwrap(block.text))]
