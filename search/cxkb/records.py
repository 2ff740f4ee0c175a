"""The things cxkb speaks of: frozen, without input or output, cheap to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxkb.heads import ConceptHead, SourceHead, TensionHead

Kind = Literal["concept", "tension", "source", "guide"]
"""What a page is. A guide is any other page of docs/: an overview, a reading path."""

KINDS: tuple[Kind, ...] = get_args(Kind)

Role = Literal["title", "alias", "question", "body", "sentence", "outside"]
"""What part of its page a passage is: its title with the definition, a name people use for it, a question it
answers, running text, or a sentence of the running text before it. A passage outside is the contrary: a question that
the knowledge base does not answer, kept as an example of what to say no to."""


Field = Literal["names", "text"]
"""The two sides of a page that a question can meet: what people call it and would ask to find it, and what it says."""

FIELDS: dict[Role, Field] = {
    "title": "names",
    "alias": "names",
    "question": "names",
    "body": "text",
    "sentence": "text",
}


MOST_PROBLEMS = 100
"""Of one kind in one file that are told: nobody mends more at once, and each takes looking for what was meant."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A contributor's mistake: where it is and how to mend it. Sorts in path order."""

    path: str
    """Relative to the knowledge base, with forward slashes."""
    line: int
    """Counted from 1."""
    message: str
    code: str
    """A short stable name of the kind of mistake, such as `unknown-idea`; `explanations` tells of each."""

    def __str__(self) -> str:
        """Printed form that editors can jump to: `path:line: message [code]`."""
        return f"{self.path}:{self.line}: {self.message} [{self.code}]"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a Markdown text, as written."""

    level: int
    text: str
    id: str | None
    """The explicit id, `## Text { #id }`, or None."""
    line: int
    """Line in the file, counted from 1."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One use of a source on a page: `[@key#idea]`; `idea` is None for the source as a whole."""

    key: str
    idea: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the knowledge base, taken apart."""

    path: str
    """Relative to the knowledge base, with forward slashes."""
    body: str
    body_line: int
    """The line on which the body starts, counted from 1."""
    headings: tuple[Heading, ...]
    head_lines: Mapping[tuple[str | int, ...], int]
    """Where in the head a value stands: ('aliases', 'en', 0) -> line."""

    def line(self, *at: str | int) -> int:
        """Line of this value of the head, or of the nearest one around it: `line("related", 2)`."""
        while at and at not in self.head_lines:
            at = at[:-1]
        return self.head_lines.get(at, 1)


@dataclass(frozen=True)
class Source(Written):
    """A record in sources/: bibliographic data and notes, one idea under each level-three heading."""

    key: str
    head: SourceHead

    @cached_property
    def ideas(self) -> dict[str, Heading]:
        """The citable ideas by id, in the order of the text: the level-three headings."""
        return {heading.id: heading for heading in self.headings if heading.level == 3 and heading.id}

    @cached_property
    def label(self) -> str:
        """Who and when, for running text: `Solis, 2016`, `Koch, n.d.`, `2020 article`."""
        head = self.head
        year = head.issued[:4] if head.issued else "n.d."
        if head.author:
            families = [name.family or name.literal or "" for name in head.author]
            who = (
                families[0]
                if len(families) == 1
                else " & ".join(families)
                if len(families) == 2
                else f"{families[0]} et al."
            )
            return f"{who}, {year}"
        return f"{head.title_short or head.title}, {year}"


@dataclass(frozen=True, slots=True)
class Page(Written):
    """What concept and tension pages share."""

    id: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Concept(Page):
    """A concept page: docs/concepts/<id>.md."""

    head: ConceptHead


@dataclass(frozen=True, slots=True)
class Tension(Page):
    """A question on which the sources differ: docs/tensions/<id>.md."""

    head: TensionHead


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit we index: a piece of a rendered page that can be read, and linked to, on its own."""

    location: str
    """Page URL relative to the site with the anchor: `concepts/three-ps/#in-practice`."""
    kind: Kind
    page: str
    """The page's id: a concept's or tension's id, a source's key, a guide's path without its suffix."""
    title: str
    """The page's title."""
    heading: str
    """The heading the passage stands under; the page's title for text before the first heading."""
    text: str
    role: Role
    path: str
    """The file it was written in, relative to the knowledge base."""
    line: int
    """The line of its heading in that file, counted from 1."""
    concepts: tuple[str, ...] = ()
    """The page's own id for a concept; else the concepts that cite or concern this section."""
    sources: tuple[str, ...] = ()
    """Citation keys of the sources it draws on, in order of first mention."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that answers a query, with the passage that answers best."""

    rank: int
    """Counted from 1, best first."""
    score: float
    """Higher is better; comparable within one query only."""
    passage: Passage
    sentence: str = ""
    """The sentence of the passage nearest to the query."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query brought: hits, best first, and whether they answer it."""

    query: str
    hits: tuple[Hit, ...]
    answered: bool
    confidence: float = 1.0
    """Estimated probability, in [0, 1], that the knowledge base answers the query."""
    labels: dict[str, str] = field(default_factory=dict)
    """Citation key -> who and when, for the sources that the hits name."""


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page as the site shows it, before the theme's frame is put around it."""

    url: str
    """Relative to the site: `concepts/three-ps/`."""
    kind: Kind
    id: str
    title: str
    html: str
    path: str
    """The file it was written in, relative to the knowledge base."""
    lines: dict[str, int] = field(default_factory=dict)
    """Anchor -> line in that file."""
    concepts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Anchor -> ids of the concepts that this section is about; under "" those of all other sections."""


LICENCE = "https://creativecommons.org/licenses/by/4.0/"
"""Of the texts and of everything made from them (LICENSE-CONTENT)."""


@dataclass(frozen=True, slots=True)
class Website:
    """The site as it is published: what machines get names every page by its whole address."""

    name: str
    url: str
    """Absolute, with a slash at its end; the preview's own while no other is set."""
    description: str = ""
