"""A page for a new concept: everything but what only a person can write, and the places for that marked.

`cxkb check` reports exactly those places (`TO_WRITE`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cxkb import frontmatter, knowledge, moving, names, transaction
from cxkb.editorial import form
from cxkb.errors import ContentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cxkb.knowledge import KnowledgeBase
    from cxkb.settings import Settings

TO_WRITE = ("definition", "page-length", "uncited-page", "unknown-group")
"""Codes of the problems that a draft has; the last only where no group was given."""

SAME = 0.85
"""Cosine of two names from which they are taken to mean the same (benchmarks/names.py)."""

PAGE = """---
title: {title}
definition: "…" # one sentence of plain text that can stand on its own
group: {group}
# aliases: {{en: [what people call it], de: [], nl: []}}
# questions: # what somebody types who needs this page and does not know its name
#   en: []
{near}---

## What it means {{ #what-it-means }}

<!-- What each source understands by it. Each claim cites its idea in the same sentence, before the full stop: -->
<!-- [@key#idea]. Say nothing that the cited idea does not say; leave unknown what is unknown. A sentence a line. -->

## Why it matters {{ #why-it-matters }}

<!-- What follows from it, in the sources' eyes. Link to other concepts: [Title](their-id.md). -->

## In practice {{ #in-practice }}

<!-- What sources tell to do or to leave; without such, remove the section. -->

## Where sources differ {{ #where-sources-differ }}

<!-- On what, and who says which. Link to the question, if it has a page: [Title](../tensions/its-id.md). -->
"""


def id_of(title: str) -> str:
    """The id that a title suggests: its words before a colon or bracket in ASCII. Raises ContentError when it has none."""
    short = re.split(r"[:(]", title, maxsplit=1)[0]
    for text in (short, title):
        if id_ := names.slug(text):
            whole_words = id_ if len(id_) <= names.MAX_LENGTH else id_[: names.MAX_LENGTH + 1].rpartition("-")[0]
            return whole_words or id_[: names.MAX_LENGTH]
    raise ContentError(f"{title!r} has no letters that could make an id; give one with --id.")


def page(title: str, group: str | None, groups: Mapping[str, str], near: Sequence[str]) -> str:
    """The text of a new page; `near` are ids of concepts that may be related, nearest first."""
    related = (
        f"# related: [{', '.join(near)}] # nearest by meaning; state it on both pages, or say how else they relate\n"
    )
    return PAGE.format(
        title=frontmatter.scalar(title),
        group=group or f"to-choose # one of {', '.join(groups)}",
        near=related if near else "",
    )


def clean_title(text: str) -> str:
    """The title on one line. Raises ContentError for what cannot be one."""
    title = " ".join(text.split())
    if not title or len(title) > 200 or not title.isprintable():
        raise ContentError(f"{text!r} cannot be a title: a few words that can be seen, at most 200 characters.")
    return title


def require_new(loaded: KnowledgeBase, title: str, id_: str, group: str | None) -> None:
    """Raise ContentError when the id, or the title as a name, is taken, or there is no such group."""
    if group is not None and group not in loaded.settings.groups:
        raise ContentError(f"There is no group {group!r}; there are {', '.join(loaded.settings.groups)}.")
    moving.require_free(loaded, "concepts", id_)
    for concept in loaded.concepts.values():
        if form(title) in map(form, concept.head.names()):
            raise ContentError(f"{title!r} is already a name of {concept.path}: {concept.head.title!r}.")


def add(settings: Settings, id_: str, text: str) -> str:
    """Write the page; its path, relative to the knowledge base. Raises ContentError when its id is taken, or StorageError."""
    path = moving.path_of(("concepts", id_))
    with transaction.exclusive(settings.root):
        moving.require_free(knowledge.load(settings)[0], "concepts", id_)
        transaction.commit(settings.root, {path: text.encode()})
    return path
