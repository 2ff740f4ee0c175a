"""What the home page says of the knowledge base: its groups, what its sources differ on, how much stands behind it.

`docs/index.md` is written by hand; a line `<!-- cxkb:groups -->` in it stands for the part of that name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cxkb import asking, graph
from cxkb.markup import count, link, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from cxkb.knowledge import KnowledgeBase

URI = "index.md"

MARK = re.compile(r"^<!-- cxkb:(?P<part>[a-z]+)(?: (?P<words>[^>\n]*?))? -->$", re.MULTILINE)


def fill(markdown: str, knowledge: KnowledgeBase) -> str:
    """The page with its marks replaced by the parts they stand for; an unknown mark stays, as a comment does."""

    def part(match: re.Match[str]) -> str:
        made = PARTS.get(match["part"])
        return made(knowledge, match["words"] or "") if made else match[0]

    return MARK.sub(part, markdown)


def _ask(knowledge: KnowledgeBase, words: str) -> str:
    """A field for a question. The words are examples, `|` between them; the first stands in the field."""
    del knowledge
    examples = [example.strip() for example in words.split("|") if example.strip()]
    return asking.form("ask/", examples)


def _groups(knowledge: KnowledgeBase, words: str) -> str:
    """Every concept, under its group."""
    del words
    cards = []
    for group, members in knowledge.groups.items():
        number = graph.colour(graph.number_of(group, knowledge))
        title = link(knowledge.settings.groups[group], f"concepts/index.md#{group}")
        names = " · ".join(link(concept.head.title, f"concepts/{concept.id}.md") for concept in members)
        cards.append(
            f'<section class="cxkb-card cxkb-group-{number}" markdown>\n\n### {title} {{ #{group} }}\n\n{names}\n\n</section>'
        )
    return '<div class="cxkb-cards" markdown>\n\n' + "\n\n".join(cards) + "\n\n</div>"


def _tensions(knowledge: KnowledgeBase, words: str) -> str:
    """The tensions named, by id, with what each is about."""
    items = [
        f"- {link(tension.head.title, f'tensions/{tension.id}.md')}{{ .cxkb-hook }} {plain(tension.head.summary)}"
        for id_ in words.split()
        if (tension := knowledge.tensions.get(id_))
    ]
    return '<div class="cxkb-hooks" markdown>\n\n' + "\n".join(items) + "\n\n</div>"


def _numbers(knowledge: KnowledgeBase, words: str) -> str:
    """How much there is."""
    del words
    voices = {knowledge.voice(key) for key in knowledge.sources}
    ideas = sum(len(source.ideas) for source in knowledge.sources.values())
    amounts = (
        (len(knowledge.concepts), "concept"),
        (len(knowledge.tensions), "tension"),
        (len(knowledge.sources), "source"),
        (len(voices), "independent voice"),
        (ideas, "idea"),
    )
    items = [f"<li><strong>{number}</strong> {count(number, noun).partition(' ')[2]}</li>" for number, noun in amounts]
    return f'<ul class="cxkb-numbers">{"".join(items)}</ul>'


PARTS: dict[str, Callable[[KnowledgeBase, str], str]] = {
    "ask": _ask,
    "groups": _groups,
    "tensions": _tensions,
    "numbers": _numbers,
}
