"""How much of a source is used: which of its ideas, on which pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkb.markup import count, listed

if TYPE_CHECKING:
    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Concept, Source, Tension


@dataclass(frozen=True, slots=True)
class Usage:
    """What draws on a source. A page that cites it as a whole, naming no idea, draws on 0 ideas."""

    ideas: int
    """Ideas of the source that at least one page cites."""
    concepts: tuple[tuple[Concept, int], ...]
    """Concepts with the number of ideas they cite, most first, then by title."""
    tensions: tuple[tuple[Tension, int], ...]
    """Likewise."""


def of(source: Source, knowledge: KnowledgeBase) -> Usage:
    """Which concept and tension pages cite this source, and how many of its ideas each."""
    used: set[str] = set()

    def counted(page: Concept | Tension) -> int | None:
        cited = [citation.idea for citation in page.citations if citation.key == source.key]
        known = {idea for idea in cited if idea in source.ideas}
        used.update(known)
        return len(known) if cited else None

    concepts = [(page, n) for page in knowledge.concepts.values() if (n := counted(page)) is not None]
    tensions = [(page, n) for page in knowledge.tensions.values() if (n := counted(page)) is not None]
    return Usage(
        len(used),
        tuple(sorted(concepts, key=lambda found: (-found[1], found[0].head.title.lower()))),
        tuple(sorted(tensions, key=lambda found: (-found[1], found[0].head.title.lower()))),
    )


def sentence(source: Source, found: Usage) -> str:
    """How much that is: `40 of 41 ideas are used, on 30 concept pages and 12 tension pages.`"""
    share = f"**{found.ideas} of {count(len(source.ideas), 'idea')}** {'is' if len(source.ideas) == 1 else 'are'} used"
    pages = ((found.concepts, "concept page"), (found.tensions, "tension page"))
    where = [count(len(some), noun) for some, noun in pages if some]
    return f"{share}, on {listed(where)}." if where else "No page uses it yet."


def meter(part: int, whole: int) -> str:
    """The share as a bar; whoever cannot see it has the sentence."""
    filled = 100 * part / whole if whole else 0
    return (
        '<svg class="cxkb-meter" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="1"/><rect width="{filled:.1f}" height="1"/></svg>'
    )
