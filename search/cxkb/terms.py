"""Python-Markdown extension: a term's definition where a reader meets it, sparingly.

A link to a concept page carries the concept's definition as its title, except in the lists of pages that use an idea,
and the first mention of an acronym (CX, DCX) on a page is marked as an abbreviation; themes show both as tooltips. Every
other mention is left in peace.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from typing import TYPE_CHECKING, Any

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markdown import Markdown

    from cxkb.records import Concept

CONCEPT = re.compile(r"^(?:\./|(?:\.{0,2}/)*concepts/)?(?P<id>[a-z0-9-]+)\.md(?:#.*)?$")
"""An address of a page in concepts/, or of a neighbour: not of another folder, nor of another site."""

ACRONYM = re.compile(r"^[A-Z][A-Z0-9]{1,5}$")

LEFT_ALONE = {"a", "abbr", "code", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "script", "style", "svg"}

LISTS = {"cxkb-cited-by", "cxkb-groups", "cxkb-cards"}
"""Classes of lists of many pages: those that use an idea, those of a group, and those whose definition stands beside."""

AFTER_INLINE = 12
"""Priority: after inline patterns (20) and the list of references (15), before links are resolved (0)."""


class TermsExtension(Extension):
    """Configured with `definitions` (concept id -> definition) and `acronyms` (acronym -> what it stands for)."""

    def __init__(self, **kwargs: Any) -> None:
        self.config = {"definitions": [{}, "Concept id -> definition"], "acronyms": [{}, "Acronym -> explanation"]}
        super().__init__(**kwargs)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Register the treeprocessor; called by Python-Markdown."""
        processor = _Terms(md, self.getConfig("definitions"), self.getConfig("acronyms"))
        md.treeprocessors.register(processor, "terms", AFTER_INLINE)


class _Terms(Treeprocessor):
    def __init__(self, md: Markdown, definitions: Mapping[str, str], acronyms: Mapping[str, str]) -> None:
        super().__init__(md)
        self.definitions, self.acronyms = definitions, acronyms
        self.acronym = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, acronyms))})(?![\w-])")

    def run(self, root: etree.Element) -> None:
        for link in _links(root):
            match = CONCEPT.search(link.get("href", ""))
            if match and not link.get("title") and (definition := self.definitions.get(match["id"])):
                link.set("title", _plain(definition))
        waiting = dict(self.acronyms)
        for parent, child in list(_texts(root)):
            marked = child
            while waiting and (marked := self._mark_first(parent, marked, waiting)) is not None:
                pass

    def _mark_first(
        self, parent: etree.Element, child: etree.Element | None, waiting: dict[str, str]
    ) -> etree.Element | None:
        """Wrap the first acronym in this stretch of text, `parent`'s own text or what follows `child`, and return it."""
        text = (parent.text if child is None else child.tail) or ""
        match = next((match for match in self.acronym.finditer(text) if match[1] in waiting), None)
        if match is None:
            return None
        marked = etree.Element("abbr", {"title": _plain(waiting.pop(match[1]))})
        marked.text, marked.tail = match[1], text[match.end() :]
        if child is None:
            parent.text = text[: match.start()]
            parent.insert(0, marked)
        else:
            child.tail = text[: match.start()]
            parent.insert(list(parent).index(child) + 1, marked)
        return marked


def _plain(text: str) -> str:
    """Plain text as an attribute: Python-Markdown leaves `&lt;` in one as it is, for the browser to read as `<`."""
    return text.replace("&", f"{AMP_SUBSTITUTE}amp;")


def _links(element: etree.Element) -> Iterator[etree.Element]:
    """The links below an element, in reading order, without those of long lists.

    A source has a hundred and more of these, and themes set up each tooltip when the page loads: seen in Lighthouse.
    """
    if not LISTS.isdisjoint((element.get("class") or "").split()):
        return
    if element.tag == "a":
        yield element
    for child in element:
        yield from _links(child)


def _texts(element: etree.Element) -> Iterator[tuple[etree.Element, etree.Element | None]]:
    """The stretches of running text below an element, in reading order."""
    if element.tag in LEFT_ALONE or element.get("data-passage") == "none":
        return
    yield element, None
    for child in element:
        yield from _texts(child)
        yield element, child


def configuration(concepts: Mapping[str, Concept]) -> dict[str, dict[str, str]]:
    """The extension's configuration for these concepts; an acronym of two concepts is left out."""
    explained: dict[str, list[str]] = {}
    for concept in concepts.values():
        for alias in concept.head.aliases.get("en", []):
            if ACRONYM.match(alias):
                explained.setdefault(alias, []).append(f"{concept.head.title}: {concept.head.definition}")
    return {
        "definitions": {id_: concept.head.definition for id_, concept in concepts.items()},
        "acronyms": {acronym: found[0] for acronym, found in explained.items() if len(found) == 1},
    }


def makeExtension(**kwargs: Any) -> TermsExtension:  # noqa: N802 - the name Python-Markdown looks for
    """Python-Markdown's entry point."""
    return TermsExtension(**kwargs)
