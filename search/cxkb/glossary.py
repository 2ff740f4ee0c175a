"""The glossary: every name of every concept, A to Z, with its definition and its page, a language at a time."""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING

from cxkb.markup import link, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cxkb.heads import Lang
    from cxkb.records import Concept


def entries(concepts: Iterable[Concept], lang: Lang) -> str:
    """One language's names as Markdown definition lists under the letters they start with.

    English has titles and aliases, other languages their aliases; the definition is the language's own where the
    concept has one.
    """
    found = sorted(_entries(concepts, lang), key=lambda entry: (_key(entry[0]), entry[0]))
    parts = []
    for letter, group in groupby(found, key=lambda entry: _letter(entry[0])):
        parts.append(f"### {letter} {{ #{lang}-{letter.lower()} }}")
        for name, definition, concept in group:
            address = link(concept.head.title, f"concepts/{concept.id}.md")
            parts.append(f"{plain(name)}\n:   {plain(definition)} {address}")
    return "\n\n".join(parts)


def _entries(concepts: Iterable[Concept], lang: Lang) -> Iterator[tuple[str, str, Concept]]:
    """Name, definition and concept."""
    for concept in concepts:
        head = concept.head
        if lang == "en":
            yield head.title, head.definition, concept
        for name in head.aliases.get(lang, []):
            yield name, head.definitions.get(lang, head.definition), concept


def _key(name: str) -> str:
    """Sorting form: without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if c.isalnum() or c == " ").strip()


def _letter(name: str) -> str:
    """What a name is filed under: its first letter, or 0-9."""
    first = _key(name)[:1].upper()
    return first if first.isalpha() else "0-9"
