"""The knowledge base in memory, and what follows from its parts: voices, evidence, who cites what."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

from cxkb import concepts, names, plain, sources
from cxkb.errors import ContentError
from cxkb.heads import RELATIONS
from cxkb.records import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from cxkb.records import Citation, Concept, Page, Source, Tension
    from cxkb.settings import Settings

Item = TypeVar("Item")

Strength = Literal["core", "supported", "thin"]


THIN = 2
"""Ideas up to which a concept's evidence is thin."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a concept rests on. Two editions of one text are one voice and repeat one idea."""

    voices: tuple[str, ...]
    """Keys of the independent voices, most ideas first."""
    ideas: int
    """Distinct ideas cited, editions of one text not counted twice."""

    @property
    def strength(self) -> Strength:
        """Thin: at most THIN ideas. Core: two independent voices or more with more than that. Supported: one such voice."""
        if self.ideas <= THIN:
            return "thin"
        return "core" if len(self.voices) >= 2 else "supported"


@dataclass(frozen=True)
class KnowledgeBase:
    """All records and pages by id, each mapping in the order of the ids."""

    settings: Settings
    sources: dict[str, Source]
    concepts: dict[str, Concept]
    tensions: dict[str, Tension]
    pictures: dict[str, str]
    """Name -> SVG, from docs/pictures/."""

    @property
    def folders(self) -> dict[str, Mapping[str, Concept | Tension | Source]]:
        """Folder of the site -> what has a page of its own there, by id."""
        return {"concepts": self.concepts, "tensions": self.tensions, "sources": self.sources}

    def voice(self, key: str) -> str:
        """The key that stands for this source's voice: of editions of one text, the one the others name."""
        seen = {key}
        while (other := self.sources[key].head.same_voice_as) and other in self.sources and other not in seen:
            seen.add(key := other)
        return key

    def evidence(self, concept: Concept) -> Evidence:
        """The voices that the concept's first section, which says what it means, rests on; and their ideas on the page.

        Later sections cite for other reasons, too: to set a voice apart, or to recall a neighbour.
        """
        end = concept.headings[1].line if len(concept.headings) > 1 else float("inf")
        cited = [citation for citation in concept.citations if citation.key in self.sources]
        carrying = {self.voice(citation.key) for citation in cited if citation.line < end}
        ideas: dict[str, set[str]] = defaultdict(set)
        for citation in cited:
            if (voice := self.voice(citation.key)) in carrying:
                ideas[voice].add(citation.idea or "")
        voices = sorted(ideas, key=lambda key: (-len(ideas[key]), key))
        return Evidence(tuple(voices), sum(len(found) for found in ideas.values()))

    @cached_property
    def cited_by(self) -> dict[tuple[str, str | None], tuple[Page, ...]]:
        """(key, idea) -> the concept and tension pages that cite it, in the order of their ids."""
        found: dict[tuple[str, str | None], dict[str, Page]] = defaultdict(dict)
        for page in (*self.concepts.values(), *self.tensions.values()):
            for citation in page.citations:
                found[citation.key, citation.idea][page.path] = page
        return {cited: tuple(pages.values()) for cited, pages in found.items()}

    @cached_property
    def tensions_of(self) -> dict[str, tuple[Tension, ...]]:
        """Concept id -> the tensions that concern it."""
        found: dict[str, list[Tension]] = defaultdict(list)
        for tension in self.tensions.values():
            for id_ in tension.head.concepts:
                found[id_].append(tension)
        return {id_: tuple(tensions) for id_, tensions in found.items()}

    @cached_property
    def _relations(self) -> dict[str, dict[str, tuple[Concept, ...]]]:
        found: dict[str, dict[str, dict[str, Concept]]] = defaultdict(lambda: defaultdict(dict))
        for concept in self.concepts.values():
            for relation, ids in concept.head.relations().items():
                label, inverse_label, _ = RELATIONS[relation]
                for id_ in ids:
                    if other := self.concepts.get(id_):
                        found[concept.id][label][other.id] = other
                        found[other.id][inverse_label][concept.id] = concept
        labels = [label for pair in RELATIONS.values() for label in pair[:2]]
        order = {label: n for n, label in reversed(list(enumerate(labels)))}
        return {
            id_: {label: tuple(by_label[label].values()) for label in sorted(by_label, key=order.__getitem__)}
            for id_, by_label in found.items()
        }

    def relations_of(self, concept: Concept) -> dict[str, tuple[Concept, ...]]:
        """Relation's label -> concepts, both those the page states and those that others state of it."""
        return self._relations.get(concept.id, {})

    @cached_property
    def groups(self) -> dict[str, tuple[Concept, ...]]:
        """Group id -> its concepts by title, groups in the order of the settings, empty ones left out."""
        found = {
            group: tuple(
                sorted(
                    (c for c in self.concepts.values() if c.head.group == group),
                    key=lambda c: c.head.title.lower(),
                )
            )
            for group in self.settings.groups
        }
        return {group: members for group, members in found.items() if members}

    def labels(self, citations: Iterable[Citation]) -> dict[str, str]:
        """Key -> who and when, for the sources cited, in order of first mention."""
        return {c.key: self.sources[c.key].label for c in citations if c.key in self.sources}


CONTENT = ("docs", "sources", "CHANGELOG.md")
"""All that is read, and shown, of a knowledge base."""


def links(root: Path) -> list[Problem]:
    """What of the content is no plain file, in path order. As long as there is any, nothing at all is to be read."""
    return [
        Problem(
            link.relative_to(root).as_posix(),
            1,
            "A link or device, which may lead out of the knowledge base; put the file itself here.",
            "link",
        )
        for name in CONTENT
        for link in plain.others(root / name)
    ]


def load(settings: Settings) -> tuple[KnowledgeBase, list[Problem]]:
    """What can be read of the knowledge base, and what is wrong with the rest, in path order; nothing where there are `links`."""
    if problems := links(settings.root):
        return KnowledgeBase(settings, {}, {}, {}, {}), sorted(problems)

    def collect(
        files: Iterable[Path], load_one: Callable[[Path, Path], tuple[Item | None, list[Problem]]]
    ) -> dict[str, Item]:
        found = {}
        for file in sorted(files):
            if wrong_name := _misnamed(file.stem):
                problems.append(Problem(file.relative_to(settings.root).as_posix(), 1, wrong_name, "bad-id"))
                continue
            item, wrong = load_one(file, settings.root)
            problems.extend(wrong)
            if item is not None:
                found[file.stem] = item
        return found

    knowledge = KnowledgeBase(
        settings=settings,
        sources=collect(settings.sources.glob("*.md"), sources.load),
        concepts=collect(settings.concepts.glob("*.md"), concepts.load_concept),
        tensions=collect(settings.tensions.glob("*.md"), concepts.load_tension),
        pictures=collect(settings.pictures.glob("*.svg"), _picture),
    )
    return knowledge, sorted(problems)


def _misnamed(name: str) -> str:
    """What is wrong with a file's name, which becomes part of addresses and exports; nothing if it will do."""
    if refusal := names.taken(name):
        return refusal
    if not names.ID.fullmatch(name):
        return f"The file's name {name!r} is its id: lower case words of letters and digits joined by hyphens."
    return ""


def _picture(file: Path, root: Path) -> tuple[str | None, list[Problem]]:
    """The drawing in this file, or None; and why."""
    try:
        svg = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        svg = ""
    if "<svg" in svg:
        return svg, []
    path = file.relative_to(root).as_posix()
    return None, [Problem(path, 1, "The drawing cannot be read; save it as SVG, in UTF-8.", "unreadable")]


def load_or_fail(settings: Settings) -> KnowledgeBase:
    """As `load`, for work that needs every page. Raises ContentError naming the first problem."""
    knowledge, problems = load(settings)
    if problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ContentError(f"{problems[0]}{more}\nSee all with: cxkb check")
    return knowledge
