"""A source's report in words: a screen for a terminal, folded details for a pull request, JSON for a program.

    summary(report)      # a handful of sentences
    plain(report)        # the summary, then what it rests on; `whole` for all of that
    markdown(report)     # nothing of the text can act as Markdown, HTML, a link or a mention there
    as_json(report)      # all of it

Every line may hold text of the source: print it with `terminal.out`, or pass it through `render.safe`.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from cxkb.markup import count, listed
from cxkb.render import WIDTH
from cxkb.source_page import language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxkb.source_report import Candidate, Link, Repeat, Report

SHOWN = 5
"""Entries of each part that are shown; of the rest only the number."""

COMPARED = 3
"""Likewise of what is to be compared, which takes three lines each."""

MOST = 3
"""Concepts that the summary names."""


class Part(NamedTuple):
    """A part of the report."""

    heading: str
    entries: Sequence[tuple[str, ...]]
    """Each of one line or several."""
    shown: int
    """Of how many of them, unless all are wanted."""


def summary(report: Report) -> list[str]:
    """What a reader with a minute has to know, a sentence or two each."""
    lines = [*_read_from(report), _repeated(report.repeats), _touched(report)]
    if report.new is not None:
        lines.append(
            f"New: {len(report.new)} of {count(report.passages, 'passage')}, close to no page."
            if report.new
            else "Nothing new: our pages are close to every passage."
        )
    if report.differs:
        closest = listed([f"“{_title(link)}”" for link in report.differs[:COMPARED]])
        of = (
            f", the closest of {len(report.differs)} tensions and definitions" if len(report.differs) > COMPARED else ""
        )
        lines.append(f"May disagree: compare it with {closest}{of}.")
    if report.uncovered is not None:
        missing = f"{len(report.uncovered)} of {count(report.passages, 'passage')}"
        lines.append(f"Without a note: {missing}." if report.uncovered else "The notes cover every passage.")
    return lines


def _read_from(report: Report) -> list[str]:
    """What was read, where it is not an English text."""
    if report.basis == "text" and report.new is None:
        name = language(report.language)
        return [
            f"The text is in {name} and is held against our English pages word by word: what is named here is close to it, "
            "but much is missed, so it is not told what is new."
        ]
    if report.basis == "notes":
        return ["The text is not at hand: this is told from the record's notes."]
    return ["There is neither text nor note to tell from."] if report.basis == "nothing" else []


def _repeated(repeats: Sequence[Repeat]) -> str:
    """The one that is repeated most."""
    if not repeats:
        return "Repeats no earlier source."
    first = repeats[0]
    edition = next((repeat for repeat in repeats if repeat.is_edition), None)
    if not edition:
        return f"Repeats {first.share:.0%} of its words from {first.key}."
    advice = "as the record says" if edition.is_declared else f"put same-voice-as: {edition.key} into the record"
    return f"Repeats {edition.key} ({edition.share:.0%} of this text stands there): an edition of it; {advice}."


def _touched(report: Report) -> str:
    most = [_title(link) for link in _by_passages(report)[:MOST]]
    return f"Touches {count(len(report.touches), 'concept')}, most: {listed(most)}." if most else "Touches no concept."


def _title(link: Link) -> str:
    """The page's title, without the section's."""
    return link.title.partition(" › ")[0]


def _by_passages(report: Report) -> list[Link]:
    """The concepts that most passages touch first."""
    counted = _passages(report)
    return sorted(report.touches, key=lambda link: -counted[link.id])


def _passages(report: Report) -> Counter[str]:
    """Concept -> passages that touch it."""
    return Counter(id_ for _, ids in report.by_passage for id_ in ids)


def plain(report: Report, *, whole: bool = False) -> str:
    """The report for a terminal, 80 columns wide: a screen or so; all entries and sentences if `whole`."""
    lines = [*_wrapped(_heading(report), "", ""), ""]
    for line in summary(report):
        lines += _wrapped(line, "  ", "    ")
    return "\n".join([*lines, *_details(report, whole=whole)])


def _heading(report: Report) -> str:
    read = f"{count(report.passages, 'passage')} of its {report.basis} read" if report.passages else "nothing read"
    return f"What {report.key} brings: {report.title} ({read})"


def _details(report: Report, *, whole: bool = False) -> list[str]:
    lines = []
    for part in _parts(report, whole=whole):
        shown = len(part.entries) if whole else part.shown
        lines += ["", part.heading]
        for first, *rest in part.entries[:shown]:
            lines += _wrapped(first, "  ", "      ")
            for line in rest:
                lines += _wrapped(line, "      ", "      ")
        if len(part.entries) > shown:
            lines.append(f"  and {len(part.entries) - shown} more (--all)")
    return lines


def _parts(report: Report, *, whole: bool) -> list[Part]:
    """What the summary rests on; parts without entries left out."""

    def quoted(before: str, text: str) -> str:
        room = WIDTH - len("      “”") - len(before) - 1
        return f"{before} “{text if whole else _short(text, room)}”"

    def candidates(found: Sequence[Candidate]) -> list[tuple[str, ...]]:
        return [(quoted(_place(each.place), each.said),) for each in found]

    def page(link: Link) -> str:
        return f"{link.title}  {link.file}" if whole else f"{_title(link)} ({link.id})"

    counted = _passages(report)
    where = " (¶: paragraph of the text)" if report.basis == "text" else ""
    repeats = [
        (f"{repeat.key}: {repeat.share:.0%} of this text, {repeat.share_there:.0%} of that one",
         _place("; ".join(repeat.places if whole else repeat.places[:MOST])))
        for repeat in report.repeats
    ]  # fmt: skip
    touches = [
        (f"{page(link)}, {count(counted[link.id], 'passage')}{', cites it' if link.cites else ''}",
         quoted(_place(link.place), link.said))
        for link in _by_passages(report)
    ]  # fmt: skip
    differs = [
        (page(link), quoted(_place(link.place), link.said), quoted("ours:", link.ours)) for link in report.differs
    ]
    parts = [
        Part(f"Repeats{where}", repeats, SHOWN),
        Part(f"Touches{where}", touches, SHOWN),
        Part("New?", candidates(report.new or ()), SHOWN),
        Part("Disagrees? (the same matter; for you to judge)", differs, COMPARED),
        Part("Not in the notes yet", candidates(report.uncovered or ()), SHOWN),
    ]
    return [part for part in parts if part.entries]


def _place(text: str) -> str:
    return re.sub(r"paragraphs? (?=\d)", "¶ ", text)


def _short(text: str, room: int) -> str:
    return textwrap.shorten(text, room, placeholder=" …") if len(text.split()) > 1 else text[:room]


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def markdown(report: Report) -> str:
    """The report for a comment on a pull request, in one block of code, where no link, mention, picture or HTML acts."""
    return _fenced(plain(report))


def details(report: Report) -> str:
    """As `markdown`, without the summary: to be folded below it."""
    return _fenced("\n".join(_details(report)).strip("\n"))


def _fenced(text: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}\n"


def as_json(report: Report) -> str:
    """All of the report as one JSON object, its keys those of `Report`, in ASCII."""
    return json.dumps(asdict(report), indent=2)
