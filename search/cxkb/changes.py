"""The page "What changed": pages day by day, and the changelog."""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from cxkb.markup import join, link, plain
from cxkb.pages import ComposedPage
from cxkb.reference import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cxkb.guides import Guide
    from cxkb.history import Batch, History
    from cxkb.knowledge import KnowledgeBase

URI = "changes.md"

SHORT = 5
"""Pages up to which a batch is listed openly; longer lists are folded."""

HEAD = """---
title: What changed
description: Which pages were added, changed and removed, day by day, and what else is new
search:
  exclude: true
---

# What changed"""

UNKNOWN = "When which page changed is not known here: this site was built without the history of its repository."


def compose(history: History, titles: Mapping[str, str], changelog: str, *, feed: bool) -> ComposedPage:
    """The page; `titles` are those of `titles()`, `changelog` is Markdown as CHANGELOG.md holds it, or nothing.

    `feed` says whether there is one to link to.
    """
    parts = [HEAD]
    if feed:
        parts.append("[Follow the changes](feed.xml) with a feed reader.")
    if history.batches:
        parts.append("## Pages { #pages }")
        for day, batches in groupby(history.batches, key=lambda batch: batch.day):
            parts.append(f"### {_spelled(day)} {{ #{day} }}")
            parts += (_batch(batch, titles) for batch in batches)
    else:
        parts.append(UNKNOWN)
    if released := _released(changelog):
        parts += ["## Site and search { #site }", released]
    return ComposedPage(uri=URI, markdown=join(parts))


def titles(knowledge: KnowledgeBase, guides: Iterable[Guide]) -> dict[str, str]:
    """Path -> title of every page that people write, as plain text."""
    return {
        **{concept.path: concept.head.title for concept in knowledge.concepts.values()},
        **{tension.path: tension.head.title for tension in knowledge.tensions.values()},
        **{source.path: source.head.title for source in knowledge.sources.values()},
        **{guide.path: guide.title for guide in guides},
    }


def _batch(batch: Batch, titles: Mapping[str, str]) -> str:
    """What happened, and the pages; those that are no longer there go by their file's name."""
    pages = "\n".join(
        f"- {link(titles[path], path.removeprefix('docs/')) if path in titles else plain(_name(path))}"
        for path in batch.paths
    )
    summary = escape(str(batch))
    opened = " open" if len(batch.paths) <= SHORT else ""
    return f'<details id="{batch.id}"{opened} markdown>\n<summary>{summary}</summary>\n\n{pages}\n\n</details>'


def _name(path: str) -> str:
    """'docs/concepts/three-ps.md' -> 'three ps'."""
    return path.rpartition("/")[2].removesuffix(".md").replace("-", " ")


def _spelled(day: str) -> str:
    """'2026-11-02' -> '2 November 2026'."""
    year, month, number = (int(part) for part in day.split("-"))
    return f"{number} {MONTHS[month - 1]} {year}"


def _released(changelog: str) -> str:
    """The changelog from its first release on, a level deeper; ids so that equal headings of releases stay apart."""
    _, mark, text = changelog.partition("\n## ")
    return "\n".join(_deeper(f"## {text}".strip())) if mark else ""


def _deeper(markdown: str) -> Iterator[str]:
    release = ""
    for line in markdown.split("\n"):
        if heading := re.match(r"^(?P<level>##+) (?P<text>[^{]*)$", line):
            slug = re.sub(r"[^a-z0-9]+", "-", heading["text"].lower()).strip("-")
            release = slug if heading["level"] == "##" else release
            id_ = slug if slug == release else f"{release}-{slug}"
            yield f"#{heading['level']} {heading['text'].strip()} {{ #release-{id_} }}"
        else:
            yield line
