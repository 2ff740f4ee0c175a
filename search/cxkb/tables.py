"""Python-Markdown extension: a table too wide for the screen scrolls within the page, by keyboard, too.

The classes are Material's, whose script would put such a frame around a table without making it reachable by Tab.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from typing import TYPE_CHECKING, Any

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

if TYPE_CHECKING:
    from markdown import Markdown

AFTER_INLINE = 13
"""Priority: after inline patterns (20), before links are resolved (0)."""


class TablesExtension(Extension):
    """Frames every table that is written in Markdown."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Register the treeprocessor; called by Python-Markdown."""
        md.treeprocessors.register(_Frames(md), "frames", AFTER_INLINE)


class _Frames(Treeprocessor):
    def run(self, root: etree.Element) -> None:
        for parent in list(root.iter()):
            for place, child in enumerate(parent):
                if child.tag == "table":
                    parent[place] = _framed(child)


def _framed(table: etree.Element) -> etree.Element:
    attributes = {"class": "md-typeset__scrollwrap", "tabindex": "0", "role": "group", "aria-label": "Table"}
    frame = etree.Element("div", attributes)
    frame.tail, table.tail = table.tail, None
    etree.SubElement(frame, "div", {"class": "md-typeset__table"}).append(table)
    return frame


def makeExtension(**kwargs: Any) -> TablesExtension:  # noqa: N802 - Python-Markdown's name
    """Entry point of Python-Markdown: `markdown_extensions: [cxkb.tables]`."""
    return TablesExtension(**kwargs)
