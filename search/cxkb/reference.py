"""A source's entry in a list of references, in APA style (Publication Manual, 7th edition, chapters 9 and 10).

Our own formatter because the rival, citeproc-py with the APA style, gets three of our five sources wrong
(decisions/0003): it repeats the title of a work without author, sets described titles in italics, and capitalises
the magazine acquisa.
"""

from __future__ import annotations

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


def apa(head: SourceHead) -> str:
    """The reference as HTML: text with <i> and <a> only, everything from the record escaped."""
    title = _title(head)
    parts = [names(head.author), _date(head), title] if head.author else [title, _date(head)]
    if head.container_title:
        parts.append(_container(head))
    elif head.publisher and head.publisher not in (name.literal for name in head.author):  # named once (9.29)
        parts.append(escape(head.publisher))
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


def _title(head: SourceHead) -> str:
    """Italic for a work that stands alone; plain within a container and for a description in brackets (9.22)."""
    title = escape(head.title)
    if not head.container_title and not head.title.startswith("["):
        title = f"<i>{title}</i>"
    roles = [(head.interviewer, "Interviewer"), (head.translator, "Trans.")]
    credited = "; ".join(
        " &amp; ".join(_initials_first(name) for name in people)
        + f", {role}{'s' if role == 'Interviewer' and len(people) > 1 else ''}"
        for people, role in roles
        if people
    )
    return f"{title} ({credited})" if credited else title


def _container(head: SourceHead) -> str:
    """Magazine or book: *Title*, *volume*(issue), pages."""
    text = f"<i>{escape(head.container_title or '')}</i>"
    if head.volume:
        text += f", <i>{escape(head.volume)}</i>"
    if head.issue:
        text += f"({escape(head.issue)})" if head.volume else f", ({escape(head.issue)})"
    if head.page:
        text += f", {escape(head.page)}"
    return text
