"""The site's table of contents for language models, llms.txt (llmstxt.org): every page with one line on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cxkb.guides import Guide
    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Website


def contents(knowledge: KnowledgeBase, guides: Iterable[Guide], site: Website) -> str:
    """Markdown: the site's name, what it is, and a section of links for each group of pages."""
    parts = [f"# {_line(site.name)}"]
    if site.description:
        parts.append(f"> {_line(site.description)}")
    parts.append(
        "Every claim cites an idea of a source. A tension page says who says what where the sources differ."
        f" The data behind the pages: {site.url}for-machines/"
    )
    sections = {
        f"Concepts: {knowledge.settings.groups[group]}": [
            _link(concept.head.title, f"{site.url}concepts/{concept.id}/", concept.head.definition)
            for concept in members
        ]
        for group, members in knowledge.groups.items()
    }
    sections["Tensions"] = [
        _link(tension.head.title, f"{site.url}tensions/{tension.id}/", tension.head.summary)
        for tension in knowledge.tensions.values()
    ]
    sections["Sources"] = [
        _link(
            source.head.title, f"{site.url}sources/{source.key}/", f"{source.label}; notes on {len(source.ideas)} ideas"
        )
        for source in knowledge.sources.values()
    ]
    sections["Optional"] = [  # the name that tells a reader short of room what to leave out
        _link(guide.title, f"{site.url}{_address(guide.uri)}", guide.description) for guide in guides
    ]
    for title, links in sections.items():
        if links:
            parts.append(f"## {_line(title)}\n\n" + "\n".join(links))
    return "\n\n".join(parts) + "\n"


def _link(title: str, address: str, description: str) -> str:
    name = re.sub(r"([\[\]\\])", r"\\\1", _line(title))
    return f"- [{name}]({address})" + (f": {_line(description)}" if description else "")


def _line(text: str) -> str:
    return " ".join(text.split())


def _address(uri: str) -> str:
    """'paths/new-to-cx.md' -> 'paths/new-to-cx/', 'index.md' -> ''."""
    return re.sub(r"(^|/)index/$", r"\1", uri.removesuffix(".md") + "/")
