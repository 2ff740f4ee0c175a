"""THE splitter: a rendered page -> passages, each with the anchor it is read at.

One splitter for the index, the site's search and the tests, over rendered HTML rather than Markdown, so that every
passage's location is one that the site has. What HTML of a knowledge base brings along and no reader asks for is left
out: permalink signs, footnote marks, tab labels, line numbers, scripts, and parts marked `data-passage="none"`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import escape, unescape
from typing import TYPE_CHECKING, get_args

from cxkb.errors import ContentError
from cxkb.records import Passage, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

    from cxkb.records import RenderedPage

RULES = 3
"""Version of the rules below; an index made by other rules is outdated."""

MAX_WORDS = 120
"""A passage's length. Longer ones blur in one vector, and the encoder reads 256 tokens, about 190 words."""

MAX_DEPTH = 100
"""Elements within elements. libxml2 leaves out without a word what lies deeper than 256."""

HEADINGS = {f"h{n}": n for n in range(1, 7)}

LEFT_OUT = {
    "audio", "button", "canvas", "dialog", "embed", "form", "iframe", "input", "math", "nav", "noscript", "object",
    "script", "select", "style", "svg", "template", "textarea", "video",
}  # fmt: skip

LEFT_OUT_CLASSES = {
    "footnote-ref",
    "footnote-backref",
    "headerlink",
    "linenos",
    "linenodiv",
    "tabbed-labels",
    "cxkb-citation",
}
"""Permalink signs, footnote marks, line numbers, tab labels; and citations, whose sources a passage names apart."""

BLOCKS = {
    "address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "header", "hr", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul", *HEADINGS,
}  # fmt: skip

ROLES = set(get_args(Role))

SENTENCE_END = re.compile(
    r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bn\.d\.)(?<!\bDr\.)(?<!\b[Nn]o\.)(?<=[.!?…])"
    r"(?P<closing>[\"'”’)\]]*)\s+(?=[\"'“‘(\[]?[A-ZÀ-ÞΑ-Я0-9])"
)
"""Where a sentence ends: after its full stop and what closes around it, before a capital or a digit."""

CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]|&#(?:x[0-9a-f]+|[0-9]+);?", re.IGNORECASE
)
"""Characters that XML has no place for, and references by number, which may name one."""

POINTER = re.compile(r"(?:See|More (?:on|about|in)) [^.!?]*[.!?]?$")
"""How our pages send a reader elsewhere: `See [Who owns CX?](…)`, `More on this under [silos](…).`"""

CONCEPT_LINK = re.compile(r"(?:^|/)concepts/(?P<id>[a-z0-9-]+)/?(?:#.*)?$")


@dataclass(slots=True)
class _Section:
    """What stands under one heading."""

    anchor: str
    heading: str
    blocks: list[str] = field(default_factory=list)
    sources: dict[str, None] = field(default_factory=dict)
    linked: dict[str, None] = field(default_factory=dict)
    """Concepts that the section links to."""


@dataclass(slots=True)
class _Marked:
    """An element marked as a passage of its own."""

    role: Role
    text: str
    section: _Section


class _Walk:
    """One pass over a page, in reading order."""

    def __init__(self, page: RenderedPage) -> None:
        self.sections = [_Section("", page.title)]
        self.marked: list[_Marked] = []

    def block(self, element: HtmlElement) -> None:
        """Take in a block element: its own text, and what is nested in it."""
        tag = _tag(element)
        if _is_left_out(element, tag):
            return
        if role := _role(element):
            self.own_passage(element, role)
        elif (role := element.get("data-passage-each")) in ROLES:
            for item in element.iter("li"):
                self.own_passage(item, role)
        elif tag in HEADINGS:
            self.heading(element, tag)
        elif tag == "tr":
            if all(_tag(cell) == "th" for cell in element):  # names of columns say nothing by themselves
                return
            self.add(": ".join(cell for td in element if (cell := self.text(td))))
        elif not any(_tag(child) in BLOCKS for child in element.iterdescendants()):
            self.add(self.text(element))
        else:
            self.mixed(element)

    def mixed(self, element: HtmlElement) -> None:
        """An element that holds blocks, with or without loose text between them."""
        if _tag(element) == "li" and (anchor := element.get("id", "")).startswith("fn:"):
            self.sections.append(_Section(anchor, self.sections[-1].heading))
        loose = [element.text or ""]
        for child in element:
            tag = _tag(child)
            holds_blocks = tag in BLOCKS or any(_tag(below) in BLOCKS for below in child.iterdescendants())
            if holds_blocks:
                self.add(_one_line(loose))
                self.block(child)
                loose = []
            else:
                self._gather(child, loose)
            loose.append(child.tail or "")
        self.add(_one_line(loose))

    def heading(self, element: HtmlElement, tag: str) -> None:
        """Open a section. Text under a level-one heading is the page's own; a heading without id keeps the anchor above."""
        text = self.text(element)
        anchor = "" if tag == "h1" else element.get("id") or self.sections[-1].anchor
        self.sections.append(_Section(anchor, text or self.sections[-1].heading))

    def own_passage(self, element: HtmlElement, role: Role) -> None:
        """An element that is a passage by itself."""
        if text := self.text(element, inside=True):
            self.marked.append(_Marked(role, text, self.sections[-1]))

    def text(self, element: HtmlElement, *, inside: bool = False) -> str:
        """The element's text on one line; sources and concepts it links to are noted on the way."""
        pieces: list[str] = []
        self._gather(element, pieces, inside=inside)
        return _one_line(pieces)

    def _gather(self, element: HtmlElement, pieces: list[str], *, inside: bool = False) -> None:
        tag = _tag(element)
        section = self.sections[-1]
        for link in element.iter("a") if "cxkb-citation" in _classes(element) else ():
            if key := link.get("data-source"):
                section.sources[key] = None
        if not tag or _is_left_out(element, tag):
            return
        if not inside and (role := _role(element)):
            self.own_passage(element, role)
            return
        if tag == "a" and (match := CONCEPT_LINK.search(element.get("href", ""))):
            section.linked[match["id"]] = None
        if tag == "br":
            pieces.append(" ")
        pieces.append(element.text or "")
        for child in element:
            self._gather(child, pieces)
            pieces.append(" " if _tag(child) in BLOCKS else "")
            pieces.append(child.tail or "")

    def add(self, text: str) -> None:
        """Add a block of text to the section, if there is any."""
        if text:
            self.sections[-1].blocks.append(text)


def split(page: RenderedPage) -> list[Passage]:
    """The page's passages in reading order: marked ones (title, aliases, questions) first, then its running text.

    Each section gives at least one passage of at most MAX_WORDS words, cut between blocks, or between sentences where
    one block is longer. A page without text gives none. Raises ContentError for one that is nested too deeply.
    """
    from lxml import html

    document = html.document_fromstring(f"<html><body>{CONTROL.sub(_readable, page.html)}</body></html>")
    body = next(document.iter("body"))
    if body.find("*/" * MAX_DEPTH + "*") is not None:
        raise ContentError(
            f"{page.path}: lists, quotations or tags are nested more than {MAX_DEPTH} deep; make it flat."
        )
    walk = _Walk(page)
    walk.mixed(body)
    found = [_passage(page, marked.section, marked.text, marked.role) for marked in walk.marked]
    if any(passage.role == "outside" for passage in found):  # a page of what is not answered answers nothing itself
        return [passage for passage in found if passage.role == "outside"]
    for section in walk.sections:
        found += [_passage(page, section, text, "body") for text in pack(section.blocks)]
    return found


def with_sentences(split_page: Iterable[Passage]) -> Iterator[Passage]:
    """The passages, each of running text followed by its sentences as passages of their own, where it has several.

    A sentence is nearer to a question that it answers than the passage around it, and is what an answer marks. One that
    only sends the reader elsewhere answers nothing.
    """
    for passage in split_page:
        yield passage
        if passage.role == "body" and len(found := sentences(passage.text)) > 1:
            telling = (sentence for sentence in found if not POINTER.match(sentence))
            yield from (replace(passage, text=sentence, role="sentence") for sentence in telling)


def pack(blocks: list[str], most: int = MAX_WORDS) -> Iterator[str]:
    """Blocks joined into texts of at most `most` words; a longer block is cut between its sentences, a longer sentence stays."""
    packed: list[str] = []
    size = 0
    for block in blocks:
        pieces = [block] if len(block.split()) <= most else sentences(block)
        for piece in pieces:
            words = len(piece.split())
            if packed and size + words > most:
                yield " ".join(packed)
                packed, size = [], 0
            packed.append(piece)
            size += words
    if packed:
        yield " ".join(packed)


def sentences(text: str) -> list[str]:
    """The text cut after each sentence; nothing is lost but the white space between them."""
    found, start = [], 0
    for end in SENTENCE_END.finditer(text):
        found.append(text[start : end.end("closing")])
        start = end.end()
    return [sentence for sentence in [*found, text[start:]] if sentence]


def _readable(match: re.Match[str]) -> str:
    """A reference to a character as that character; nothing for what XML has no place for."""
    character = unescape(match[0])
    return "" if CONTROL.search(character) else escape(character)


def _passage(page: RenderedPage, section: _Section, text: str, role: Role) -> Passage:
    by_anchor = page.concepts.get(section.anchor, page.concepts.get("", ()))
    return Passage(
        location=page.url + (f"#{section.anchor}" if section.anchor and role == "body" else ""),
        kind=page.kind,
        page=page.id,
        title=page.title,
        heading=section.heading,
        text=text,
        role=role,
        path=page.path,
        line=page.lines.get(section.anchor, 1),
        concepts=by_anchor or (tuple(section.linked) if page.kind == "guide" else ()),
        sources=(page.id,) if page.kind == "source" else tuple(section.sources),
    )


def _tag(element: HtmlElement) -> str:
    """The element's name; empty for comments and the like."""
    return element.tag if isinstance(element.tag, str) else ""


def _classes(element: HtmlElement) -> set[str]:
    return set((element.get("class") or "").split())


def _is_left_out(element: HtmlElement, tag: str) -> bool:
    return (
        not tag
        or tag in LEFT_OUT
        or element.get("data-passage") == "none"
        or not LEFT_OUT_CLASSES.isdisjoint(_classes(element))
    )


def _role(element: HtmlElement) -> Role | None:
    role = element.get("data-passage")
    return role if role in ROLES else None


def _one_line(pieces: list[str]) -> str:
    """The text of these pieces with single spaces, and none where a mark or citation that was left out stood."""
    return re.sub(r" ([.,;:!?)])", r"\1", " ".join("".join(pieces).split()))
