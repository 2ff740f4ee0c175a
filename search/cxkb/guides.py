"""The other pages of docs/, which are neither concepts nor tensions: overviews and reading paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkb import content, frontmatter, plain

if TYPE_CHECKING:
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
    """Every guide that can be read, in path order; a head is not asked of them. None where docs/ holds links."""
    found: list[Guide] = []
    docs = settings.root / "docs"
    if any(plain.others(docs)):
        return found
    for file in sorted(docs.rglob("*.md")):
        if file.parent in (settings.concepts, settings.tensions):
            continue
        path = file.relative_to(settings.root).as_posix()
        front, problems = frontmatter.read(file, path)
        if front:
            values, body = front.values, front.body
        elif problems[0].code == "no-head":
            values, body = {}, file.read_text(encoding="utf-8")
        else:
            continue
        headings = content.headings(body, 1)
        title = values.get("title") or (headings[0].text if headings else file.stem)
        found.append(Guide(path, str(title), str(values.get("description", ""))))
    return found
