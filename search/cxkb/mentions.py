"""Where a file names a concept, a tension or a source: relations, links, citations, judgements, navigation.

What counts is what check and Python-Markdown take for one: code and comments name nothing.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import yaml

from cxkb.content import GROUP, MEMBER, read_text
from cxkb.heads import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Name: TypeAlias = "tuple[str, str]"
"""A page: its folder among the site's pages (`concepts`, `tensions`, `sources`) and its id."""

RELATING = {
    "docs/concepts": (tuple(RELATIONS), "concepts"),
    "docs/tensions": (("concepts",), "concepts"),
    "sources": (("same-voice-as",), "sources"),
}
"""Folder -> the keys of a head that name pages, and the folder of the pages they name."""

HEAD = re.compile(r"---[ \t]*\n(?P<head>.*?^)---[ \t]*$", re.DOTALL | re.MULTILINE)

LINK = re.compile(
    r"(?:\]\([ \t]*|^ {0,3}\[[^\]\n]+\]:[ \t]*)<?(?P<path>[^\s<>()#?:]+)(?:#(?P<anchor>[^\s<>()]*))?", re.MULTILINE
)
"""A link's address within the site, written in the text or below it."""

PAGE = re.compile(r"(?P<folder>concepts|tensions|sources)/(?P<id>[^/]+)\.md")

HTML_LINK = re.compile(
    r"""<a\s[^<>]*?\bhref\s*=\s*["']?(?P<path>[^\s<>"'()#?:]+)(?:#(?P<anchor>[^\s<>"']*))?""", re.IGNORECASE
)
"""A link in raw HTML: its address is within the site as it is published, where each page is a folder."""

PUBLISHED = re.compile(r"(?P<folder>concepts|tensions|sources)/(?P<id>[^/.]+)")

NAVIGATION = re.compile(
    r"^[^#\n]*?(?<![\w./-])(?P<folder>concepts|tensions|sources)/(?P<id>[a-z0-9-]+)\.md\b", re.MULTILINE
)

HOME = re.compile(r"<!-- cxkb:tensions(?P<ids>[a-z0-9 -]*)-->")

JUDGED = re.compile(r'"(?:(?P<concepts>concepts)"\s*:\s*\{[^{}]*\}|ideas"\s*:\s*\[[^\[\]]*\])')
QUOTED = re.compile(r'"(?P<id>[a-z0-9-]+)(?:#[^"]*)?"(?!\s*:)')


@dataclass(frozen=True, slots=True)
class Mention:
    """A page's id as it stands in a file."""

    page: Name
    start: int
    """Of the id, in characters of the text."""
    end: int
    line: int
    """Counted from 1."""
    key: str | None = None
    """The key of the head that it stands under."""
    is_citation: bool = False
    anchor: str | None = None
    """The idea cited, or the section linked to."""
    fragment: tuple[int, int] | None = None
    """Where a link has its anchor, with the `#`."""


def of(path: str, text: str) -> list[Mention]:
    """Every mention in the file at `path`, relative to the knowledge base, in the order of the text."""
    plain = text.replace("\r\n", " \n").replace("\r", "\n")  # of the same length
    found: Iterable[Mention]
    if path.endswith(".jsonl"):
        found = _judgements(plain)
    elif path.endswith(".yml"):
        found = (_mention(plain, (m["folder"], m["id"]), m.start("id")) for m in NAVIGATION.finditer(plain))
    else:
        head = HEAD.match(plain)
        related = _related(path, plain, head) if head and posixpath.dirname(path) in RELATING else ()
        found = (*related, *_in_body(path, plain, head.end() if head else 0))
    return sorted(found, key=lambda mention: mention.start)


def _related(path: str, text: str, head: re.Match[str]) -> Iterator[Mention]:
    """Those in the head of a page or record, which has been read without a problem."""
    keys, folder = RELATING[posixpath.dirname(path)]
    node = yaml.compose(head["head"], yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)
    for key, value in node.value:
        if key.value in keys:
            for named in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                at = text.index(named.value, head.start("head") + named.start_mark.index)  # past a quotation mark
                yield _mention(text, (folder, named.value), at, key=key.value)


def _in_body(path: str, text: str, body: int) -> Iterator[Mention]:
    if path == "docs/index.md":
        for listed in HOME.finditer(text):
            for word in re.finditer(r"\S+", listed["ids"]):
                yield _mention(text, ("tensions", word[0]), listed.start("ids") + word.start())
    read = " " * body + read_text(text[body:])
    for group in GROUP.finditer(read):
        at = group.start("inside")
        for member in group["inside"].split(";"):
            if cited := MEMBER.fullmatch(member.strip()):
                key_at = at + member.index("@") + 1
                yield _mention(text, ("sources", cited["key"]), key_at, is_citation=True, anchor=cited["idea"])
            at += len(member) + 1
    written = path.removeprefix("docs/")
    folder, name = posixpath.split(written)
    published = folder if name == "index.md" else written.removesuffix(".md")
    yield from _linked(text, LINK.finditer(read), folder, PAGE)
    yield from _linked(text, HTML_LINK.finditer(read), published, PUBLISHED)


def _linked(text: str, links: Iterable[re.Match[str]], folder: str, form: re.Pattern[str]) -> Iterator[Mention]:
    """The pages that these links, whose addresses start from `folder`, lead to by an address of this form."""
    for link in links:
        to = posixpath.normpath(posixpath.join("/", folder, link["path"])).lstrip("/")
        stem = link["path"].rstrip("/").removesuffix(".md")
        if (page := form.fullmatch(to)) and stem.endswith(page["id"]):
            at = link.start("path") + len(stem) - len(page["id"])
            fragment = (link.start("anchor") - 1, link.end("anchor")) if link["anchor"] else None
            yield _mention(text, (page["folder"], page["id"]), at, anchor=link["anchor"], fragment=fragment)


def _judgements(text: str) -> Iterator[Mention]:
    for judged in JUDGED.finditer(text):
        folder = "concepts" if judged["concepts"] else "sources"
        for quoted in QUOTED.finditer(judged[0]):
            yield _mention(text, (folder, quoted["id"]), judged.start() + quoted.start("id"))


def _mention(text: str, page: Name, start: int, **rest: object) -> Mention:
    line = text.count("\n", 0, start) + 1
    return Mention(page, start, start + len(page[1]), line, **rest)  # type: ignore[arg-type]


def replaced(text: str, pieces: Iterable[tuple[int, int, str]]) -> str:
    """The text with each piece from start to end in other words, everything else as it was."""
    for start, end, new in sorted(pieces, reverse=True):
        text = text[:start] + new + text[end:]
    return text
