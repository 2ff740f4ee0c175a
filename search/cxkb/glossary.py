"""The glossary: every name of every concept, A to Z, with its definition and its page, a language at a time."""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING

from cxkb.heads import LANGUAGES
from cxkb.markup import join, link, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cxkb.heads import Lang
    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Concept

SEE: dict[Lang, str] = {"en": "see", "de": "siehe", "nl": "zie"}


def markdown(knowledge: KnowledgeBase) -> str:
    """The page below its title."""
    parts = ["Every name of every concept, A to Z, in three languages; each leads to its page."]
    for lang, language in LANGUAGES.items():
        if listing := entries(knowledge.concepts.values(), lang):
            section = f'<div class="cxkb-glossary" lang="{lang}" markdown>\n\n{listing}\n\n</div>'
            parts += [f"## {language} {{ #{lang} }}", section]
    return join(parts)


def entries(concepts: Iterable[Concept], lang: Lang) -> str:
    """One language's names as Markdown definition lists under the letters they start with, after a bar of the letters.

    A concept's definition stands with its preferred name: its title in English, its first alias in another language
    (as in the SKOS export). Its other names say which that is. What there is in English only is marked as English.
    """
    found = sorted(_entries(concepts, lang), key=lambda entry: (_key(entry[0]), entry[0]))
    letters = {letter: list(group) for letter, group in groupby(found, key=lambda entry: _letter(entry[0]))}
    if not letters:
        return ""
    bar = " ".join(f"[{letter}](#{_anchor(lang, letter)})" for letter in letters)
    parts = [f'<nav class="cxkb-letters" aria-label="{LANGUAGES[lang]}, A to Z" markdown>\n\n{bar}\n\n</nav>']
    for letter, names in letters.items():
        parts.append(f"### {letter} {{ #{_anchor(lang, letter)} }}")
        parts += [f"{term}\n:   {said}" for _, term, said in names]
    return "\n\n".join(parts)


def _entries(concepts: Iterable[Concept], lang: Lang) -> Iterator[tuple[str, str, str]]:
    """Name; the name, and what is said of it, as Markdown, one of them with a link to the concept's page."""
    for concept in concepts:
        head = concept.head
        address = f"concepts/{concept.id}.md"
        preferred, *others = [*([head.title] if lang == "en" else []), *head.aliases.get(lang, [])] or [""]
        if preferred:
            yield preferred, link(preferred, address), _definition(concept, lang)
        for name in others:
            yield name, plain(name), f"{SEE[lang]} {link(preferred, address)}"


def _definition(concept: Concept, lang: Lang) -> str:
    """The definition in this language, or in English where there is none; and the concept's title, if that is another."""
    head = concept.head
    if lang == "en":
        return plain(head.definition)
    own = head.definitions.get(lang)
    definition = plain(own) if own else f'<span lang="en">{plain(head.definition)}</span>'
    return f'{definition} <span class="cxkb-english" lang="en">{plain(head.title)}</span>'


def _anchor(lang: Lang, letter: str) -> str:
    return f"{lang}-{letter.lower()}"


def _key(name: str) -> str:
    """Sorting form: without case, accents and punctuation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if c.isalnum() or c == " ").strip()


def _letter(name: str) -> str:
    """What a name is filed under: its first letter, or 0-9."""
    first = _key(name)[:1].upper()
    return first if first.isalpha() else "0-9"
