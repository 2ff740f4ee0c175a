"""A source's entry in a list of references, in APA style (Publication Manual, 7th edition, chapters 9 and 10).

Our own formatter because the rival, citeproc-py with the APA style, gets three of our five sources wrong
(decisions/0003): it repeats the title of a work without author, sets described titles in italics, and capitalises
the magazine acquisa.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxkb.heads import Name, SourceHead

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip

YEAR_ONLY = {"article-journal", "book", "chapter", "report", "thesis"}
"""Types dated by the year; magazines, newspapers, blogs and interviews by the day as far as known (9.14)."""

IN_BOOK = {"chapter", "paper-conference"}
"""Types whose container is a book: `In E. Editor (Ed.), Book (pp. 1-9)` (10.3, 10.5)."""


def apa(head: SourceHead) -> str:
    """The reference as HTML: text with <i> and <a> only, everything from the record escaped."""
    title = _title(head)
    if head.author:
        parts = [names(head.author), _date(head), title]
    elif _edited(head):
        parts = [f"{names(head.editor)} ({_editors(head)})", _date(head), title]
    else:
        parts = [title, _date(head)]
    parts += _source(head)
    text = " ".join(part if part.endswith((".", "?", "!", ".</i>", "?</i>", "!</i>")) else part + "." for part in parts)
    if address := f"https://doi.org/{head.doi}" if head.doi else head.url:
        text += f' <a href="{escape(address)}">{escape(address)}</a>'
    return text


def names(people: Sequence[Name]) -> str:
    """Names as the author element: family name first, given names as initials, '&' before the last."""
    listed = [_family_first(name) for name in people]
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + ", &amp; " + listed[-1]


def _family_first(name: Name) -> str:
    if not name.family:
        return escape(name.literal or "")
    return escape(f"{name.family}, {_initials(name.given)}" if name.given else name.family)


def _initials_first(name: Name) -> str:
    return escape(f"{_initials(name.given)} {name.family}".strip() if name.family else name.literal or "")


def _initials(given: str | None) -> str:
    """'Silvia Maria' -> 'S. M.', 'Jean-Paul' -> 'J.-P.'."""
    return " ".join("-".join(f"{part[0]}." for part in word.split("-") if part) for word in (given or "").split())


def _date(head: SourceHead) -> str:
    if not head.issued:
        return "(n.d.)"
    year, *rest = head.issued.split("-")
    if not rest or head.type in YEAR_ONLY:
        return f"({year})"
    month = MONTHS[int(rest[0]) - 1]
    return f"({year}, {month} {int(rest[1])})" if len(rest) == 2 else f"({year}, {month})"


def _edited(head: SourceHead) -> bool:
    """Whether its editors stand in the author's place: a whole book without author (9.10)."""
    return bool(head.editor) and not head.author and not head.container_title


def _editors(head: SourceHead) -> str:
    return "Eds." if len(head.editor) > 1 else "Ed."


def _title(head: SourceHead) -> str:
    """Italic for a work that stands alone; plain within a container and for a description in brackets (9.22).

    A web page stands alone within its site (10.16).
    """
    title = escape(head.title)
    alone = not head.container_title or head.type == "webpage"
    if alone and not head.title.startswith("["):
        title = f"<i>{title}</i>"
    roles = [
        (head.interviewer, "Interviewers" if len(head.interviewer) > 1 else "Interviewer"),
        (head.editor if head.author and not head.container_title else [], _editors(head)),
        (head.translator, "Trans."),
    ]
    credited = "; ".join(f"{_as_spoken(people)}, {role}" for people, role in roles if people)
    return f"{title} ({credited})" if credited else title


def _as_spoken(people: Sequence[Name]) -> str:
    """Names with the initials first, '&' before the last and a comma there from three names on."""
    listed = [_initials_first(name) for name in people]
    return " &amp; ".join(listed) if len(listed) < 3 else ", ".join(listed[:-1]) + ", &amp; " + listed[-1]


def _source(head: SourceHead) -> list[str]:
    """Where the work is found, without its address: nothing, a container, a publisher, or a book with its publisher."""
    authors = [name.literal for name in head.author]
    publisher = (
        [escape(head.publisher)] if head.publisher and head.publisher not in authors else []
    )  # named once (9.29)
    if not head.container_title:
        return publisher
    if head.type == "webpage":
        return [] if head.container_title in authors else [escape(head.container_title)]
    if head.type in IN_BOOK:
        return [_book(head), *publisher]
    return [_container(head)]


def _book(head: SourceHead) -> str:
    """In E. Editor (Ed.), *Book* (Vol. 2, pp. 1-9)."""
    editors = f"{_as_spoken(head.editor)} ({_editors(head)}), " if head.editor else ""
    place = []
    if head.volume:
        place.append(f"Vol. {escape(head.volume)}")
    if head.page:
        place.append(f"{'pp.' if re.search(r'[-–,]', head.page) else 'p.'} {escape(head.page)}")
    where = f" ({', '.join(place)})" if place else ""
    return f"In {editors}<i>{escape(head.container_title or '')}</i>{where}"


def _container(head: SourceHead) -> str:
    """Magazine, journal or blog: *Title*, *volume*(issue), pages."""
    text = f"<i>{escape(head.container_title or '')}</i>"
    if head.volume:
        text += f", <i>{escape(head.volume)}</i>"
    if head.issue:
        text += f"({escape(head.issue)})" if head.volume else f", ({escape(head.issue)})"
    if head.page:
        text += f", {escape(head.page)}"
    return text
