"""The other pages that people write, which are neither concepts nor tensions: overviews, reading paths, the changelog."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from cxkb import content, frontmatter, plain
from cxkb.frontmatter import Front

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cxkb.records import Problem
    from cxkb.settings import Settings


@dataclass(frozen=True, slots=True)
class Guide:
    """A page as its file names it."""

    path: str
    """Relative to the knowledge base: `docs/paths/new-to-cx.md`."""
    title: str
    description: str
    """One sentence, or nothing."""

    @property
    def uri(self) -> str:
        """Its place among the site's Markdown files: `paths/new-to-cx.md`."""
        return self.path.removeprefix("docs/")


def load(settings: Settings) -> list[Guide]:
    """Every guide that can be read, in path order. None where docs/ holds links."""
    if any(plain.others(settings.root / "docs")):
        return []
    return [_guide(path, front) for path, front, _ in written(settings) if front]


def written(settings: Settings) -> Iterator[tuple[str, Front | None, list[Problem]]]:
    """Path of every guide, in path order; what stands there, or None; and why. A head is not asked of them."""
    for file in sorted((settings.root / "docs").rglob("*.md")):
        if file.parent in (settings.concepts, settings.tensions):
            continue
        path = file.relative_to(settings.root).as_posix()
        yield path, *_read(file, path)


def changelog(settings: Settings) -> tuple[str, list[Problem]]:
    """What CHANGELOG.md says, nothing if it is not there or cannot be shown; and why it cannot."""
    file = settings.root / "CHANGELOG.md"
    if not file.exists():
        return "", []
    front, problems = _read(file, file.name)
    return front.body if front else "", problems


def _read(file: Path, path: str) -> tuple[Front | None, list[Problem]]:
    front, problems = frontmatter.read(file, path)
    if problems and problems[0].code == "no-head":
        return Front(values={}, body=file.read_text(encoding="utf-8"), body_line=1), []
    return front, problems


def _guide(path: str, front: Front) -> Guide:
    headings = content.headings(front.body, 1)
    title = front.values.get("title") or (headings[0].text if headings else PurePosixPath(path).stem)
    return Guide(path, str(title), str(front.values.get("description", "")))
