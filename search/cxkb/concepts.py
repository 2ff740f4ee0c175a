"""Concept and tension pages: docs/concepts/<id>.md -> Concept, docs/tensions/<id>.md -> Tension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from cxkb import content, frontmatter
from cxkb.heads import ConceptHead, TensionHead, validate
from cxkb.records import Concept, Problem, Tension

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

Head = TypeVar("Head", bound="BaseModel")


def load_concept(file: Path, root: Path) -> tuple[Concept | None, list[Problem]]:
    """The concept in this file, or None; and what is wrong with its head."""
    fields, problems = _load(ConceptHead, file, root)
    return (Concept(**fields) if fields else None), problems


def load_tension(file: Path, root: Path) -> tuple[Tension | None, list[Problem]]:
    """The tension in this file, or None; and what is wrong with its head."""
    fields, problems = _load(TensionHead, file, root)
    return (Tension(**fields) if fields else None), problems


def _load(model: type[Head], file: Path, root: Path) -> tuple[dict[str, Any] | None, list[Problem]]:
    """What concepts and tensions share, with a head of this model; or None, and why."""
    path = file.relative_to(root).as_posix()
    front, problems = frontmatter.read(file, path)
    if front is None:
        return None, problems
    head, problems = validate(model, front, path)
    if head is None:
        return None, problems
    cited = content.citations(front.body, front.body_line)
    return {**front.written(path), "id": file.stem, "citations": cited, "head": head}, []
