"""What makes pages worth reading, as far as a machine can tell: each claim cited, each idea used, no padding.

Rules of the texts as a whole; whether a file is sound by itself is `check`'s matter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cxkb import content
from cxkb.passages import sentences
from cxkb.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Concept, Page

MIN_WORDS, MAX_WORDS = 50, 450
"""Words of a concept's body: a thin one is openly thin, a long one is two concepts."""


def problems(loaded: KnowledgeBase) -> Iterator[Problem]:
    """What breaks the rules, in no particular order."""
    for concept in loaded.concepts.values():
        yield from _concept(concept)
    yield from _uncited_ideas(loaded)
    yield from _equal_questions(loaded)
    yield from _equal_names(loaded)


def _concept(concept: Concept) -> Iterator[Problem]:
    head = concept.head
    if not concept.citations:
        yield Problem(
            concept.path, concept.body_line, "The page cites nothing; each claim needs its idea.", "uncited-page"
        )
    if len(sentences(head.definition)) > 1 or not head.definition.endswith("."):
        message = "The definition is to be one sentence with a full stop; say the rest in the body."
        yield Problem(concept.path, concept.line("definition"), message, "definition")
    words = content.word_count(concept.body)
    if not MIN_WORDS <= words <= MAX_WORDS:
        remedy = (
            "say what the sources say, or fold it into a neighbour"
            if words < MIN_WORDS
            else "cut it, or make two pages of it"
        )
        message = f"The body has {words} words, a page has {MIN_WORDS} to {MAX_WORDS}; {remedy}."
        yield Problem(concept.path, concept.body_line, message, "page-length")


def _uncited_ideas(loaded: KnowledgeBase) -> Iterator[Problem]:
    for source in loaded.sources.values():
        for idea, heading in source.ideas.items():
            if (source.key, idea) not in loaded.cited_by:
                message = f"No page cites this idea; use it: [@{source.key}#{idea}]."
                yield Problem(source.path, heading.line, message, "uncited-idea")


def _equal_questions(loaded: KnowledgeBase) -> Iterator[Problem]:
    """A question on two pages, or twice on one, or one that only says the title again."""
    asked: dict[str, tuple[Page, int]] = {}
    for page in (*loaded.concepts.values(), *loaded.tensions.values()):
        title = form(page.head.title)  # type: ignore[attr-defined]  # both kinds have a head
        for lang, questions in page.head.questions.items():  # type: ignore[attr-defined]
            for n, question in enumerate(questions):
                said, line = form(question), page.line("questions", lang, n)
                if said == title:
                    yield Problem(
                        page.path,
                        line,
                        "The question is the page's title; ask as one who does not know it.",
                        "question-is-title",
                    )
                elif said in asked:
                    other, there = asked[said]
                    yield Problem(
                        page.path, line, f"The question stands already in {other.path}:{there}.", "equal-questions"
                    )
                asked.setdefault(said, (page, line))


def _equal_names(loaded: KnowledgeBase) -> Iterator[Problem]:
    """A title or alias that means two concepts, in one language."""
    named: dict[tuple[str, str], Concept] = {}
    for concept in loaded.concepts.values():
        names = [("en", concept.head.title, concept.line("title"))]
        names += [
            (lang, alias, concept.line("aliases", lang, n))
            for lang, aliases in concept.head.aliases.items()
            for n, alias in enumerate(aliases)
        ]
        for lang, name, line in names:
            other = named.setdefault((lang, form(name)), concept)
            if other is not concept:
                yield Problem(
                    concept.path,
                    line,
                    f"{name!r} is already a name of {other.path}; keep it on one page.",
                    "equal-names",
                )


def form(text: str) -> str:
    """The text as far as two are the same: letters and digits without case."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()
