"""Plain text as Markdown, and the small phrases that pages are composed of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def link(text: str, address: str) -> str:
    """A link with plain text."""
    return f"[{plain(text)}]({address})"


def plain(text: str) -> str:
    """Plain text as Markdown that shows just that."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>&~^=:\"'$])", lambda m: f"&#{ord(m[1])};", text)


def listed(links: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return links[0] if len(links) == 1 else ", ".join(links[:-1]) + " and " + links[-1]


def count(number: int, noun: str) -> str:
    """'1 idea', '2 ideas'."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def join(parts: Iterable[str]) -> str:
    """The parts of a page, empty ones left out."""
    return "\n\n".join(part for part in parts if part) + "\n"


def unindexed(name: str, markdown: str) -> str:
    """A part of the page that leads elsewhere: shown, and found by neither search."""
    return f'<div class="{name}" data-passage="none" data-search-exclude markdown>\n\n{markdown}\n\n</div>'


def unbracketed(title: str) -> str:
    """A title of ours for a text without one, `[Interview with …]`, as a heading."""
    return title[1:-1] if re.fullmatch(r"\[[^\[\]]*\]", title) else title
