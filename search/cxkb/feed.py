"""The changes of the pages as an Atom feed (RFC 4287)."""

from __future__ import annotations

import xml.etree.ElementTree as etree
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxkb.history import Batch, History
    from cxkb.records import Website

ATOM = "http://www.w3.org/2005/Atom"

NEWEST = 50
"""Entries in the feed: a reader who comes back after longer looks at the page."""


def atom(history: History, titles: Mapping[str, str], site: Website) -> bytes | None:
    """The feed, an entry for each batch, newest first; None when no change is known, for a feed has a date."""
    if not history.batches:
        return None
    feed = etree.Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    _add(feed, "title", f"{site.name}: what changed")
    _add(feed, "id", f"{site.url}changes/")
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{site.url}feed.xml")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{site.url}changes/")
    _add(feed, "updated", _moment(history.batches[0].day))
    _add(_add(feed, "author"), "name", site.name)
    _add(feed, "rights", "CC BY 4.0")
    for batch in history.batches[:NEWEST]:
        _entry(feed, batch, titles, site)
    etree.indent(feed)
    return f"{etree.tostring(feed, encoding='unicode')}\n".encode()  # without a declaration XML is UTF-8


def _entry(feed: etree.Element, batch: Batch, titles: Mapping[str, str], site: Website) -> None:
    address = f"{site.url}changes/#{batch.id}"
    names = [titles.get(path, path) for path in batch.paths]
    entry = _add(feed, "entry")
    _add(entry, "title", str(batch))
    _add(entry, "id", address)
    _add(entry, "link", rel="alternate", type="text/html", href=address)
    _add(entry, "updated", _moment(batch.day))
    listed = "".join(f"<li>{escape(name)}</li>" for name in names)
    _add(entry, "content", f"<ul>{listed}</ul>", type="html")


def _add(parent: etree.Element, tag: str, text: str = "", **attributes: str) -> etree.Element:
    element = etree.SubElement(parent, tag, attributes)
    element.text = text or None
    return element


def _moment(day: str) -> str:
    """RFC 3339 asks for a time; the history is told by the day."""
    return f"{day}T00:00:00Z"
