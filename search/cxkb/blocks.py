"""The text of an HTML tree, block by block, as a reader sees them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import lxml.etree

from cxkb.decoding import INVISIBLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

LAYOUT_CELL = 60
"""Words from which a table's cell holds text that was put into columns, not a value."""

BLOCKS = frozenset(
    "address article aside blockquote body button caption cell code dd details div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 head header hr item label legend li list main nav ol option p pre quote row section select"
    " summary table tbody td tfoot th thead title tr ul".split()
)
"""Elements of HTML, and of trafilatura's trees, that start a paragraph; cells of one row stay together."""

BREAK = "\0"
"""A line break while white space is collapsed; no text holds this character."""

UNSEEN = ("script", "style", "template", "noscript", "svg", "head", "math")


def of(tree: Any) -> Iterator[str]:
    """The texts of the tree's blocks, in order, white space collapsed; cells of a row are joined by commas.

    Two line breaks in a row part paragraphs, as they do on old pages.
    """
    pieces: list[str] = []

    def flush() -> Iterator[str]:
        parts = re.split(rf"{BREAK}\s*{BREAK}", "".join(pieces))
        pieces.clear()
        for part in parts:
            if text := " ".join(part.replace(BREAK, " ").split()).strip(" ,"):
                yield INVISIBLE.sub("", text.replace("\u00ad", ""))

    skipping = 0
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        is_cell = tag in ("td", "th", "cell")
        if event == "start":
            skipping += tag in UNSEEN and element.getparent() is not None and not _is_heading(element)
            if tag in BLOCKS and not (is_cell or _in_cell(element)):
                yield from flush()
            if not skipping:
                pieces.append(element.text or "")
            continue
        if event == "end":
            skipping -= tag in UNSEEN and element.getparent() is not None and not _is_heading(element)
            if tag in BLOCKS and not (is_cell or _in_cell(element)):
                yield from flush()
            elif is_cell and not skipping:
                pieces.append(", ")
            elif tag in ("br", "lb"):
                pieces.append(BREAK)
        if element is not tree and not skipping:
            pieces.append(element.tail or "")
    yield from flush()


def _is_heading(element: Any) -> bool:
    """Whether this `head` is a heading of trafilatura's and not the head of a page."""
    return bool(element.tag == "head" and element.getparent().tag != "html")


def _in_cell(element: Any) -> bool:
    """Whether a block stands directly in the cell of a table of values."""
    parent = element.getparent()
    return parent is not None and parent.tag in ("td", "th", "cell") and element.tag in ("p", "div")


def undo_layout(tree: HtmlElement) -> None:
    """Turn tables that only put text into columns into plain blocks.

    Those are tables with a table or a long text in a cell, and those of one row or one column.
    """
    tables = [table for table in tree.iter("table") if _is_layout(table)]
    parts = {table: list(table.iterfind("tr")) + list(table.iterfind("*/tr")) for table in tables}
    for table, rows in parts.items():
        for element in (
            table,
            *table.iterfind("tbody"),
            *table.iterfind("thead"),
            *rows,
            *(c for row in rows for c in row),
        ):
            if isinstance(element.tag, str):
                element.tag = "div"


def _is_layout(table: HtmlElement) -> bool:
    rows = [*table.iterfind("tr"), *table.iterfind("*/tr")]
    return (
        len(rows) < 2
        or all(len(row) < 2 for row in rows)
        or bool(table.xpath(".//table"))
        or any(_is_long(cell) for row in rows for cell in row)
    )


def _is_long(cell: HtmlElement) -> bool:
    return len(cell.text_content().split(maxsplit=LAYOUT_CELL)) > LAYOUT_CELL
