"""Whether the content is still what the index was made from, told in milliseconds.

A file whose size and time of change are as noted is taken to be unchanged, as git and make do; any other is hashed,
so that a fresh checkout with new times does not count as a change.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Stamp: TypeAlias = "tuple[int, int, str]"
"""Time of change in nanoseconds, size in bytes, sha256."""

FOLDERS = ("docs", "sources")
FILES = ("mkdocs.yml", "pyproject.toml")
OTHERS = ("sources/prints",)
"""Folders within FOLDERS that no page is made from."""


def stamps(root: Path, known: dict[str, Stamp] | None = None) -> dict[str, Stamp]:
    """Path, relative to `root` -> stamp, of every file that pages are made from; hashes are taken from `known` where they hold."""
    known = known or {}
    found: dict[str, Stamp] = {}
    for entry, path in _files(root):
        status = entry.stat()
        before = known.get(path)
        if before and (before[0], before[1]) == (status.st_mtime_ns, status.st_size):
            found[path] = before
        else:
            with open(entry.path, "rb") as file:  # noqa: PTH123 - an os.DirEntry; a Path for each of 500 files shows
                found[path] = (
                    status.st_mtime_ns,
                    status.st_size,
                    hashlib.file_digest(file, "sha256").hexdigest(),
                )
    return found


def timeless(stamped: dict[str, Stamp]) -> dict[str, Stamp]:
    """The stamps without times, the same wherever the content is: whoever compares with them hashes every file."""
    return {path: (0, size, sum_) for path, (_, size, sum_) in stamped.items()}


def digest(stamped: dict[str, Stamp]) -> str:
    """One sha256 over all files' paths and contents, whatever their times."""
    lines = (f"{path}\0{stamp[2]}\n" for path, stamp in sorted(stamped.items()))
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _files(root: Path) -> Iterator[tuple[os.DirEntry[str], str]]:
    """The files themselves and their paths with forward slashes, links left out."""
    with os.scandir(root) as entries:
        for entry in entries:
            if entry.name in FILES and entry.is_file(follow_symlinks=False):
                yield entry, entry.name
            elif entry.name in FOLDERS and entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path, entry.name)


def _below(folder: str, path: str) -> Iterator[tuple[os.DirEntry[str], str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if f"{path}/{entry.name}" not in OTHERS:
                    yield from _below(entry.path, f"{path}/{entry.name}")
            elif entry.is_file(follow_symlinks=False):
                yield entry, f"{path}/{entry.name}"
