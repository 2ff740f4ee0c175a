"""Answers, problems and reports -> text for a terminal, plain text for a pipe, JSON for a program."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Any

from cxkb.markup import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType

    from cxkb.adding import Added
    from cxkb.article import Article
    from cxkb.build import Built
    from cxkb.evaluate import Question, Report
    from cxkb.records import Answer, Hit

WIDTH = 80
"""Columns of plain text; a terminal's own width is used up to MAX_WIDTH."""

MAX_WIDTH = 100
"""Longer lines are hard to read."""

PIECE = 60
"""Characters that a piece of text is shown by where it is only to be recognised."""

INDENT = "   "

CLOSEST = 3
"""Pages named as closest topics when there is no answer."""

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters, invisible ones, and those that reorder text: none may reach a terminal from content."""


def safe(text: str) -> str:
    """The text without anything that a terminal would act on, but for its tabs and line feeds."""
    return UNPRINTABLE.sub("\ufffd", text)


def kept_and_stripped(article: Article) -> str:
    """How much of a page was kept, and every piece that was not, shortened, by the reason."""
    pieces: dict[str, list[str]] = {}
    for piece in article.stripped:
        pieces.setdefault(piece.why, []).append(textwrap.shorten(piece.text, PIECE, placeholder="…"))
    lines = [f"{article.words} words kept." + (" Left out:" if pieces else "")]
    for why, texts in pieces.items():
        lines.append(
            textwrap.fill(
                f"{why} ({len(texts)}): {' / '.join(dict.fromkeys(texts))}",
                WIDTH,
                initial_indent="  ",
                subsequent_indent="    ",
            )
        )
    return "\n".join(lines)


def next_steps(added: Added) -> str:
    """What remains to do after a source was begun, in three lines."""
    return (
        f"Next: 1. Fill in the blanks marked # in sources/{added.key}.md; compare its text beside it.\n"
        f"      2. Write one note for each idea, in your own words; cite it on a page: [@{added.key}#the-id].\n"
        "      3. cxkb check, and cxkb check --against .cxkb/originals for what was copied by accident."
    )


def answer_json(answer: Answer, site: str) -> str:
    """The answer as one JSON object, keys as documented in the README."""
    return to_json(
        {
            "query": answer.query,
            "answered": answer.answered,
            "confidence": round(answer.confidence, 4),
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
        }
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
    return to_json({"id": id_, "ranking": ranking, "abstained": not answer.answered})


def to_json(value: Any) -> str:
    """JSON in readable letters, with an escape for whatever a terminal would act on."""
    return UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


NO_ANSWER = "This knowledge base has no answer to that. Closest topics:"


def answer_plain(answer: Answer, site: str) -> str:
    """The answer as plain text of 80 columns, the best sentence between double asterisks; or that there is none."""
    if not answer.answered:
        topics = [f"{INDENT}{_topic(hit)}\n{INDENT}{safe(site + page_url(hit))}" for hit in answer.hits[:CLOSEST]]
        return "\n\n".join([NO_ANSWER, *topics])
    return "\n\n".join(_hit_plain(hit, answer, site) for hit in answer.hits)


def page_url(hit: Hit) -> str:
    """The address of the hit's page, relative to the site, without the anchor."""
    return hit.passage.location.partition("#")[0]


def _topic(hit: Hit) -> str:
    title = hit.passage.title
    return safe(title if hit.passage.kind == "concept" else f"{title} [{hit.passage.kind}]")


def _hit_plain(hit: Hit, answer: Answer, site: str) -> str:
    passage = hit.passage
    before, best, after = _parts(hit)
    text = f"{before}**{best}**{after}" if best else before
    lines = [
        *textwrap.wrap(f"{hit.rank}. {_title(hit)}", WIDTH, subsequent_indent=INDENT),
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

    if not answer.answered:
        lines: list[RenderableType] = [Text(NO_ANSWER)]
        for hit in answer.hits[:CLOSEST]:
            url = safe(site + page_url(hit))
            topic = Text.assemble((_topic(hit), f"bold cyan link {url}"), "\n", (url, f"dim link {url}"))
            lines.append(Padding(topic, (1, 0, 0, len(INDENT))))
        return [*lines, Text()]
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
        f"{count(report.pages, 'page')}, {count(report.sections, 'section')}, {count(report.passages, 'passage')}: "
        f"{report.encoded} encoded, {report.reused} reused, {report.seconds:.1f} s"
    )


def report(found: Report) -> str:
    """Measures as a table of plain text."""
    names = ("success@1", "success@3", "recall@5", "MRR@10", "nDCG@10", "false abstention")
    lines = [f"{'in scope':24}{'n':>5}" + "".join(f"{name:>11}" for name in (*names[:-1], "withheld"))]
    for group, row in found.rows.items():
        lines.append(f"{group:24}{row['n']:5.0f}" + "".join(f"{row[name]:11.3f}" for name in names))
    bounds = "".join(f"{low:6.2f}-{high:.2f}" for low, high in found.intervals.values())
    lines.append(f"{'  95 % interval of all':29}{bounds}")
    lines.append("")
    lines.append(f"{'out of scope':24}{'n':>5}{'withheld':>11}")
    for group, (done, total) in sorted(found.abstentions.items()):
        lines.append(f"{group:24}{total:5}{done / total:11.3f}")
    lines.append("")
    lines.append(f"AUROC of the confidence: {found.auroc:.3f}")
    return "\n".join(lines)


def comparison(won: Sequence[Question], lost: Sequence[Question]) -> str:
    """The questions that a change won and lost."""
    lines = [f"won {len(won)}, lost {len(lost)}"]
    lines += [safe(f"+ {q.id} {q.lang} {q.type}: {q.query}") for q in won]
    lines += [safe(f"- {q.id} {q.lang} {q.type}: {q.query}") for q in lost]
    return "\n".join(lines)


def console(*, stderr: bool = False) -> Console:
    """Rich's console, no wider than is good to read; it minds NO_COLOR by itself."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    made.width = min(made.width, MAX_WIDTH)
    return made
