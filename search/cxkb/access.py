"""Python-Markdown extension: what readers without a mouse or without sight need of tables and headings.

A table too wide for the screen scrolls within the page, by keyboard, too. The link at a heading says what it is by a label,
not by a title: a title is read after the sign `¶`, and themes set up a tooltip for every one when the page loads.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from typing import TYPE_CHECKING, Any

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

if TYPE_CHECKING:
    from markdown import Markdown

AFTER_HEADINGS = 4
"""Priority: after the table of contents (5), which puts the links at headings."""

FRAME = {"class": "md-typeset__scrollwrap", "tabindex": "0", "role": "group", "aria-label": "Table"}
"""The classes are Material's, whose script would put such a frame around a table without making it reachable by Tab."""


class AccessExtension(Extension):
    """Looks after every table and heading that is written in Markdown."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Register the treeprocessor; called by Python-Markdown."""
        md.treeprocessors.register(_Access(md), "access", AFTER_HEADINGS)


class _Access(Treeprocessor):
    def run(self, root: etree.Element) -> None:
        for element in list(root.iter()):
            if element.get("class") == "headerlink" and (title := element.attrib.pop("title", None)):
                element.set("aria-label", title)
            for place, child in enumerate(element):
                if child.tag == "table":
                    element[place] = _framed(child)


def _framed(table: etree.Element) -> etree.Element:
    frame = etree.Element("div", FRAME)
    frame.tail, table.tail = table.tail, None
    etree.SubElement(frame, "div", {"class": "md-typeset__table"}).append(table)
    return frame


def makeExtension(**kwargs: Any) -> AccessExtension:  # noqa: N802 - the name Python-Markdown looks for
    """Python-Markdown's entry point."""
    return AccessExtension(**kwargs)
