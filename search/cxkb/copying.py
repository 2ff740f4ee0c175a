"""Runs of words that our texts share with others: what was copied instead of put in our own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cxkb.content import GROUP
from cxkb.errors import ContentError
from cxkb.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

RUN = 8
"""Consecutive words from which a shared run counts as copied: names of things are shorter."""

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

BIBLIOGRAPHIC = re.compile(r"^(?:title|title-short|container-title|URL|DOI):.*$", re.MULTILINE)
"""Lines of a head that name the source and have to say what it says."""

Place = tuple[str, int]
"""A file and a line in it."""


def problems(root: Path, ours: Iterable[Path], folder: Path, run: int = RUN) -> list[Problem]:
    """A problem for each run of `run` or more words that one of our files shares with a text file in `folder`.

    Case, punctuation, citations and addresses of links do not count. Raises ContentError when `folder` has no text.
    """
    known: dict[tuple[str, ...], Place] = {}
    texts = sorted(file for file in folder.rglob("*") if file.suffix in (".txt", ".md") and file.is_file())
    if not texts:
        raise ContentError(f"{folder} has no .txt or .md files to compare with.")
    for file in texts:
        words = list(_words(file.read_text(encoding="utf-8", errors="replace")))
        for start in range(len(words) - run + 1):
            shingle = tuple(word for word, _ in words[start : start + run])
            known.setdefault(shingle, (file.relative_to(folder).as_posix(), words[start][1]))
    found = []
    for file in ours:
        path = file.relative_to(root).as_posix()
        words = list(_words(_own_text(file.read_text(encoding="utf-8", errors="replace"))))
        found += [
            Problem(path, line, f"{said!r} stands in {there[0]}:{there[1]}; say it in other words.", "copied")
            for line, said, there in _shared(words, known, run)
        ]
    return sorted(found)


def _shared(
    words: list[tuple[str, int]], known: dict[tuple[str, ...], Place], run: int
) -> Iterator[tuple[int, str, Place]]:
    """Line, words and place of each longest shared run."""
    start = 0
    while start <= len(words) - run:
        there = known.get(tuple(word for word, _ in words[start : start + run]))
        if there is None:
            start += 1
            continue
        end = start + run
        while end < len(words) and tuple(word for word, _ in words[end - run + 1 : end + 1]) in known:
            end += 1
        yield words[start][1], " ".join(word for word, _ in words[start:end]), there
        start = end


def _words(text: str) -> Iterator[tuple[str, int]]:
    """The words with their lines, case and apostrophes levelled."""
    for number, line in enumerate(text.split("\n"), 1):
        for match in WORD.finditer(line.casefold()):
            yield match[0].replace("’", "").replace("'", ""), number


def _own_text(text: str) -> str:
    """The text without citations, addresses and a source's title, its lines where they were."""
    text = re.sub(r"\A---\n.*?\n---\n", lambda head: BIBLIOGRAPHIC.sub("", head[0]), text, flags=re.DOTALL)
    return re.sub(r"\]\([^)\n]*\)", "]", GROUP.sub(lambda match: "\n" * match[0].count("\n"), text))
