"""Runs of words that our texts share with others: what was copied instead of put in our own words."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from cxkb.content import GROUP
from cxkb.errors import ContentError
from cxkb.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

RUN = 8
"""Consecutive words from which a shared run counts as copied: names of things are shorter."""

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

HEAD = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*$", re.DOTALL | re.MULTILINE)

BIBLIOGRAPHIC = re.compile(r"^(?:title|title-short|container-title|URL|DOI):.*$", re.MULTILINE)
"""Lines of a head that name the source and have to say what it says."""

ADDRESS = re.compile(r"\]\([^)\n]*\)|https?://[^\s<>]+")


class _Text(NamedTuple):
    path: str
    words: list[str]
    lines: list[int]
    """Of each word."""


Places = dict[tuple[str, ...], list[tuple[_Text, int]]]
"""Run of words -> the texts it stands in, with the number of its first word there."""


def problems(root: Path, ours: Iterable[Path], folder: Path, run: int = RUN) -> list[Problem]:
    """A problem for each run of `run` or more words that one of our files shares with a text file in `folder`.

    Case, punctuation, citations and addresses of links do not count. Raises ContentError when `folder` has no text.
    """
    texts = sorted(file for file in folder.rglob("*") if file.suffix.lower() in (".txt", ".md") and file.is_file())
    if not texts:
        raise ContentError(f"{folder} has no .txt or .md files to compare with.")
    known: Places = defaultdict(list)
    for file in texts:
        text = _read(file, folder)
        for start in range(len(text.words) - run + 1):
            known[tuple(text.words[start : start + run])].append((text, start))
    return sorted(problem for file in ours for problem in _copied(_read(file, root), known, run))


def _copied(text: _Text, known: Mapping[tuple[str, ...], list[tuple[_Text, int]]], run: int) -> Iterator[Problem]:
    """Each longest shared run, with where it stands in the other text."""
    start = 0
    while start <= len(text.words) - run:
        places = known.get(tuple(text.words[start : start + run]), [])
        length, there = 1, None
        for other, at in places:
            if (common := _common(text.words, start, other.words, at)) > length:
                length, there = common, f"{other.path}:{other.lines[at]}"
        if there:
            said = " ".join(text.words[start : start + length])
            message = f"{said!r} stands in {there}; say it in other words."
            yield Problem(text.path, text.lines[start], message, "copied")
        start += length


def _common(words: list[str], start: int, others: list[str], at: int) -> int:
    """How many words are the same from there on."""
    length = 0
    while start + length < len(words) and at + length < len(others) and words[start + length] == others[at + length]:
        length += 1
    return length


def _read(file: Path, root: Path) -> _Text:
    """The file's words, case and apostrophes levelled."""
    text = _Text(file.relative_to(root).as_posix(), [], [])
    for number, line in enumerate(_running(file.read_text(encoding="utf-8", errors="replace")).split("\n"), 1):
        found = words(line)
        text.words.extend(found)
        text.lines.extend([number] * len(found))
    return text


def words(text: str) -> list[str]:
    """The words as they are compared: without case, apostrophes and the difference of equal letters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [re.sub("['’]", "", match[0]) for match in WORD.finditer(folded)]


def _running(text: str) -> str:
    """The text without citations, addresses and a source's title, its lines where they were."""
    text = HEAD.sub(lambda head: BIBLIOGRAPHIC.sub("", head[0]), text)
    return ADDRESS.sub(" ", GROUP.sub(lambda match: " " + "\n" * match[0].count("\n"), text))
