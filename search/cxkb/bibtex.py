"""CSL-JSON objects as BibTeX entries, in UTF-8, which LaTeX reads since 2018."""

from __future__ import annotations

import re
from typing import Any

TYPES = {
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "interview": "article",
    "paper-conference": "inproceedings",
    "report": "techreport",
    "thesis": "phdthesis",
}
"""CSL type -> entry type; all others are @misc. So is an interview that appeared in no magazine."""

CONTAINERS = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}
"""Entry type -> its field for the container; else `howpublished`."""

PUBLISHERS = {"techreport": "institution", "phdthesis": "school"}

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""Macros of every BibTeX style, so that each prints months in its own language."""

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$", "&": r"\&",
    "#": r"\#", "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", "–": "--", "\n": " ",
}  # fmt: skip
"""Character -> TeX. Not `\\{`: BibTeX counts braces without regard to backslashes, and one alone ends the entry."""


def entry(item: dict[str, Any]) -> str:
    """One CSL-JSON object as a BibTeX entry, its key the object's id."""
    kind = TYPES.get(item["type"], "misc")
    if kind == "article" and "container-title" not in item:
        kind = "misc"
    fields = {
        "author": _names(item.get("author", ())),
        "editor": _names(item.get("editor", ())),
        "translator": _names(item.get("translator", ())),
        "title": f"{{{escape(item['title'])}}}",  # a second pair of braces keeps its capitals
        "shorttitle": escape(item.get("title-short", "")),
        CONTAINERS.get(kind, "howpublished"): escape(item.get("container-title", "")),
        PUBLISHERS.get(kind, "publisher"): escape(item.get("publisher", "")),
        "volume": escape(item.get("volume", "")),
        "number": escape(item.get("issue", "")),
        "pages": escape(item.get("page", "")),
        **_issued(item),
        "language": escape(item.get("language", "")),
        "doi": _address(item.get("DOI", "")),
        "url": _address(item.get("URL", "")),
        "urldate": _day(item),
        "note": _interviewers(item),
        "annote": escape(item.get("note", "")),
    }
    lines = "".join(
        f"  {name} = {value if name == 'month' else f'{{{value}}}'},\n" for name, value in fields.items() if value
    )
    return f"@{kind}{{{item['id']},\n{lines}}}\n"


def escape(text: str) -> str:
    """Plain text as TeX that prints just that."""
    return re.sub("|".join(map(re.escape, SPECIAL)), lambda match: SPECIAL[match[0]], text)


def _address(address: str) -> str:
    """An address as it is: the package url takes it literally but for braces and backslashes, which end or escape a field."""
    return re.sub(r"[{}\\]", lambda match: f"%{ord(match[0]):02X}", address)


def _names(people: Any) -> str:
    """'Family, Given and {Organisation}'."""
    return " and ".join(
        f"{{{escape(name['literal'])}}}"
        if "family" not in name
        else ", ".join(_part(name[part]) for part in ("family", "given") if part in name)
        for name in people
    )


def _part(name: str) -> str:
    """Part of a name; in braces where BibTeX would take it apart."""
    text = escape(name)
    return f"{{{text}}}" if re.search(r",|(?i:\band\b)", name) else text


def _interviewers(item: dict[str, Any]) -> str:
    """BibTeX has no field for them."""
    people = [
        escape(f"{name.get('given', '')} {name.get('family') or name['literal']}".strip())
        for name in item.get("interviewer", ())
    ]
    return f"Interview by {' and '.join(people)}" if people else ""


def _issued(item: dict[str, Any]) -> dict[str, str]:
    """Year, month and day, as far as known."""
    parts = item["issued"]["date-parts"][0] if "issued" in item else []
    texts = [str(part) for part in parts]
    if len(parts) > 1:
        texts[1] = MONTHS[parts[1] - 1]
    return dict(zip(("year", "month", "day"), texts, strict=False))


def _day(item: dict[str, Any]) -> str:
    """The day on which the text was read, `2026-11-22`."""
    parts = item["accessed"]["date-parts"][0] if "accessed" in item else []
    return "-".join(f"{part:02}" for part in parts)
