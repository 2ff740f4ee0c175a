"""Source records: sources/<key>.md -> Source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkb import frontmatter
from cxkb.heads import SourceHead, validate
from cxkb.records import Problem, Source

if TYPE_CHECKING:
    from pathlib import Path


def load(file: Path, root: Path) -> tuple[Source | None, list[Problem]]:
    """The record in this file, or None; and what is wrong with its head."""
    path = file.relative_to(root).as_posix()
    front, problems = frontmatter.read(file, path)
    if front is None:
        return None, problems
    head, problems = validate(SourceHead, front, path)
    if head is None:
        return None, problems
    return Source(**front.written(path), key=file.stem, head=head), []
