"""The comment on a pull request, as Markdown: what it brings, what the check found, how the search figures moved.

Every text in it may be a stranger's: it is shown, and neither formats nor links nor notifies anybody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkb.markup import count, join, listed
from cxkb.render import safe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cxkb.history import Action
    from cxkb.records import Kind, Problem

MARKER = "<!-- cxkb -->"
"""The first line, by which the comment is found again and updated in place."""

SHOWN = {"pages": 12, "problems": 10, "questions": 5}
"""How many of each are listed; of the rest only the number is told."""

LONGEST = 240
"""Characters of one text."""

FIGURES = {
    "success@1": "a right page comes first (success@1)",
    "nDCG@10": "the best pages stand high in the list (nDCG@10)",
    "false abstention": "we wrongly say that we have no answer (false abstention; less is better)",
}
"""Measure of `cxkb eval` -> what it says to a reader: the share of questions in which …"""

PAUSE = "\u200b"
"""A space without width: with it GitHub takes a name for no mention and a number for no reference."""

MARKUP = re.compile(r"[\\`*_\[\]<>|~&$]")
"""What formats text, wherever it stands."""

BLOCK = re.compile(r"[-+#=]|\d+[.)]")
"""What begins a list, a heading or a rule at the start of a line."""

ACTIVE = re.compile(r"@|#(?=\d)|\bGH(?=-\d)|:(?=//)|\bwww(?=\.)", re.IGNORECASE)
"""What GitHub makes a mention, a reference or a link of."""


@dataclass(frozen=True, slots=True)
class Change:
    """A page that a pull request adds, changes or removes."""

    action: Action
    kind: Kind
    path: str
    title: str


@dataclass(frozen=True, slots=True)
class Brought:
    """A source that is new."""

    title: str
    label: str
    """Who and when."""
    ideas: int
    cited_by: Sequence[str]
    """Titles of the pages that rest on it."""
    summary: Sequence[str] = ()
    """What it repeats, touches and adds, a sentence each."""
    details: str = ""
    """What that rests on, from `report_wording.details`: Markdown, made harmless there."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The search figures before and after."""

    questions: int
    before: Mapping[str, float]
    after: Mapping[str, float]
    """Measure -> mean over the questions that the knowledge base answers; in [0, 1]."""
    won: Sequence[str]
    lost: Sequence[str]
    """Questions that are answered rightly after and not before; and the other way round."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What is to be said."""

    changes: Sequence[Change] = ()
    brought: Sequence[Brought] = ()
    problems: Sequence[Problem] = ()
    moved: Moved | None = None
    unmeasured: str = ""
    """Why the figures are not known, when `moved` is None."""


def compose(request: PullRequest) -> str:
    """The comment. It thanks, and says first what a contributor has to do next."""
    return join(
        [
            f"{MARKER}\nThank you! {_verdict(request)}",
            "### What it brings",
            _changes(request.changes),
            *map(_brought, request.brought),
            "### What the check found",
            _problems(request.problems),
            "### How search moved",
            _moved(request.moved) if request.moved else shown(request.unmeasured),
        ]
    )


def _verdict(request: PullRequest) -> str:
    if request.problems:
        return f"{count(len(request.problems), 'thing')} to mend before this can be merged: see below."
    return "The check found nothing to mend; a person reads it next."


def _changes(changes: Sequence[Change]) -> str:
    """One line for what happened to pages of one kind, their titles listed."""
    if not changes:
        return "No page and no source is touched."
    lines = []
    for action, kind in sorted({(change.action, change.kind) for change in changes}):
        titles = [change.title for change in changes if (change.action, change.kind) == (action, kind)]
        lines.append(f"- {count(len(titles), kind)} {action}: {_some(titles, SHOWN['pages'])}")
    return "\n".join(lines)


def _brought(source: Brought) -> str:
    cited = f"Cited by: {_some(source.cited_by, SHOWN['pages'])}." if source.cited_by else "No page cites it yet."
    line = f"**{shown(source.title)}** ({shown(source.label)}) brings {count(source.ideas, 'idea')}. {cited}"
    told = "\n".join(f"- {shown(sentence)}" for sentence in source.summary)
    folded = "<details>\n<summary>The passages</summary>\n\n{}\n\n</details>"
    return join([line, told, folded.format(source.details.strip()) if source.details else ""]).rstrip()


def _some(texts: Sequence[str], most: int) -> str:
    """'a, b and 3 more'."""
    named = [shown(text) for text in texts[:most]]
    return listed([*named, f"{len(texts) - most} more"] if len(texts) > most else named)


def _problems(problems: Sequence[Problem]) -> str:
    if not problems:
        return "Nothing."
    most = SHOWN["problems"]
    lines = [
        f"- {code(f'{problem.path}:{problem.line}')} {shown(problem.message)} {code(problem.code)}"
        for problem in problems[:most]
    ]
    if len(problems) > most:
        lines.append(f"- and {len(problems) - most} more")
    return "\n".join(
        [*lines, "", "`cxkb explain CODE` says why it matters; `cxkb check --fix` mends what needs no judgement."]
    )


def _moved(moved: Moved) -> str:
    table = ["| Of questions we can answer, share in which | before | after | |", "| --- | ---: | ---: | ---: |"]
    for measure, said in FIGURES.items():
        before, after = moved.before[measure], moved.after[measure]
        table.append(f"| {said} | {before:.3f} | {after:.3f} | {_step(after - before)} |")
    parts = [f"{count(moved.questions, 'question')}, asked of the pages before and after."]
    parts.append("\n".join(table))
    for name, questions in (("Won", moved.won), ("Lost", moved.lost)):
        if questions:
            lines = [f"- {shown(question)}" for question in questions[: SHOWN["questions"]]]
            if len(questions) > len(lines):
                lines.append(f"- and {len(questions) - len(lines)} more")
            parts.append(f"{name}: {count(len(questions), 'question')}\n\n" + "\n".join(lines))
    if not moved.won and not moved.lost:
        parts.append("No question was won, and none lost.")
    return "\n\n".join(parts)


def _step(difference: float) -> str:
    return f"{difference:+.3f}" if round(difference, 3) else "same"


def shown(text: str) -> str:
    """A stranger's text on one line, as Markdown that shows just that; no more is escaped than has to be, for those who read it raw."""
    text = safe(" ".join(text.split()))
    text = text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"
    text = ACTIVE.sub(lambda match: match[0] + PAUSE, f"{PAUSE}{text}" if BLOCK.match(text) else text)
    return MARKUP.sub(lambda match: f"&#{ord(match[0])};", text)


def code(text: str) -> str:
    """A stranger's text as code."""
    return f"`{safe(' '.join(text.split())).replace('`', chr(39))[:LONGEST]}`"
