"""Answers, problems and reports -> text for a terminal, plain text for a pipe, JSON for a program."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from cxkb.records import Answer, Hit
    from cxkb.retrieve import Built

WIDTH = 80
"""Columns of plain text; a terminal's own width is used up to MAX_WIDTH."""

MAX_WIDTH = 100
"""Longer lines are hard to read."""

INDENT = "   "

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters, invisible ones, and those that reorder text: none may reach a terminal from content."""


def safe(text: str) -> str:
    """The text without anything that a terminal would act on."""
    return UNPRINTABLE.sub("\ufffd", text)


def answer_json(answer: Answer, site: str) -> str:
    """The answer as one JSON object, keys as documented in the README."""
    return json.dumps(
        {
            "query": answer.query,
            "answered": answer.answered,
            "hits": [
                {
                    "rank": hit.rank,
                    "score": round(hit.score, 6),
                    "kind": hit.passage.kind,
                    "title": hit.passage.title,
                    "heading": hit.passage.heading,
                    "location": hit.passage.location,
                    "url": site + hit.passage.location,
                    "text": hit.passage.text,
                    "sentence": hit.sentence,
                    "concepts": list(hit.passage.concepts),
                    "sources": list(hit.passage.sources),
                    "file": f"{hit.passage.path}:{hit.passage.line}",
                }
                for hit in answer.hits
            ],
        },
        ensure_ascii=False,
    )


def run_json(id_: Any, answer: Answer) -> str:
    """One line of a run: what was found for the question with this id."""
    ranking = [
        {
            "concepts": list(hit.passage.concepts),
            "location": hit.passage.location,
            "score": round(hit.score, 6),
        }
        for hit in answer.hits
    ]
    return json.dumps({"id": id_, "ranking": ranking, "abstained": not answer.answered}, ensure_ascii=False)


def answer_plain(answer: Answer, site: str) -> str:
    """The answer as plain text of 80 columns, the best sentence between double asterisks."""
    return "\n\n".join(_hit_plain(hit, answer, site) for hit in answer.hits)


def _hit_plain(hit: Hit, answer: Answer, site: str) -> str:
    passage = hit.passage
    before, best, after = _parts(hit)
    text = f"{before}**{best}**{after}" if best else before
    lines = [
        f"{hit.rank}. {_title(hit)}",
        *textwrap.wrap(
            text,
            WIDTH,
            initial_indent=INDENT,
            subsequent_indent=INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        ),
        *textwrap.wrap(_sources(hit, answer), WIDTH, initial_indent=INDENT, subsequent_indent=INDENT),
        f"{INDENT}{safe(site + passage.location)}",
        f"{INDENT}{safe(passage.path)}:{passage.line}",
    ]
    return "\n".join(lines)


def answer_rich(answer: Answer, site: str) -> list[RenderableType]:
    """The answer for a terminal: best sentence bold, titles and addresses as links where the terminal has them."""
    from rich.padding import Padding
    from rich.text import Text

    shown: list[RenderableType] = []
    for hit in answer.hits:
        passage = hit.passage
        before, best, after = _parts(hit)
        url = safe(site + passage.location)
        title = Text.assemble((f"{hit.rank}. ", "dim"), (_title(hit), f"bold cyan link {url}"))
        body = Text.assemble(before, (best, "bold"), after)
        place = Text.assemble((url, f"dim link {url}"), "\n", (f"{safe(passage.path)}:{passage.line}", "dim"))
        sources = Text(_sources(hit, answer), style="green")
        shown += [
            title,
            *(Padding(part, (0, 0, 0, len(INDENT))) for part in (body, sources, place) if part),
            Text(),
        ]
    return shown


def _title(hit: Hit) -> str:
    passage = hit.passage
    title = passage.title if passage.heading == passage.title else f"{passage.title} › {passage.heading}"
    return safe(title if passage.kind == "concept" else f"{title} [{passage.kind}]")


def _parts(hit: Hit) -> tuple[str, str, str]:
    """The passage before its best sentence, the sentence, and what follows."""
    text, best = safe(hit.passage.text), safe(hit.sentence)
    if best and best in text:
        before, _, after = text.partition(best)
        return before, best, after
    return text, "", ""


def _sources(hit: Hit, answer: Answer) -> str:
    """The sources the section draws on, by name and year."""
    labels = [safe(answer.labels.get(key, key)) for key in hit.passage.sources]
    return ("Source: " if len(labels) == 1 else "Sources: ") + "; ".join(labels) if labels else ""


def built(report: Built) -> str:
    """What building the index did, in one line."""
    return (
        f"{report.pages} pages, {report.sections} sections, {report.passages} passages: "
        f"{report.encoded} encoded, {report.reused} reused, {report.seconds:.1f} s"
    )


def console(*, stderr: bool = False) -> Console:
    """Rich's console, no wider than is good to read; it minds NO_COLOR by itself."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    made.width = min(made.width, MAX_WIDTH)
    return made
