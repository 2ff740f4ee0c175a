"""HTML in Markdown, as far as the site leaves it out: told to who wrote it, so that no text goes missing in silence.

A look at the text as it is written, not at what Markdown makes of it: what this misses is cut all the same.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from cxkb import content, sanitise

if TYPE_CHECKING:
    from collections.abc import Iterator

AUTOLINK = re.compile(r"<(?:https?://[^<>\s]*|[^<>\s@/]+@[^<>\s]+)>|\](?:\(|:)[ \t]*<[^<>\n]*>")
"""An address between angle brackets: on its own, or a link's."""

LINK = re.compile(r"(?P<picture>!?)\[(?:[^\[\]]|\[[^\[\]]*\])*\](?:\(\s*<?|:[ \t]*<?(?=\S))(?P<address>[^\s)>]+)")
"""`[text](address)`, `![text](address)`, and `[name]: address` on a line of its own."""

ATTRIBUTES = re.compile(r"\{[^{}\n]*\}")
HANDLER = re.compile(r"(?<![\w-])(?P<name>on[a-z]+|style)\s*=", re.IGNORECASE)


def cut(markdown: str, first: int) -> Iterator[tuple[int, str]]:
    """Line and text of each thing that the site leaves out, `first` being the number of the text's first line."""
    text = content.read_text(markdown)
    for match in LINK.finditer(text):
        address = unescape(match["address"])
        if not (sanitise.is_ours(address) if match["picture"] else sanitise.follows(address)):
            yield first + text.count("\n", 0, match.start("address")), match["address"]
    for attributes in ATTRIBUTES.finditer(text):
        for match in HANDLER.finditer(attributes[0]):
            yield first + text.count("\n", 0, attributes.start()), match["name"]
    yield from in_html(AUTOLINK.sub("", text), first)


def in_html(text: str, first: int) -> Iterator[tuple[int, str]]:
    """As `cut`, for what is all HTML or SVG."""
    tags = _Tags(convert_charrefs=True)
    tags.feed(text)
    for line, what in tags.cut:
        yield first + line - 1, what


class _Tags(HTMLParser):
    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self.cut: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what of the tag will not be there."""
        said = {name: value for name, value in attrs if name != "markdown"}  # Python-Markdown's own
        self.cut += [(self.getpos()[0], what) for what in sanitise.removed(tag, said)]
