"""What the navigation beside a page shows of a section with many: each page naming all others is a site by their square."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

Entry = TypeVar("Entry")

OPEN = 100
"""Most entries of the section that the page is in."""

CLOSED = 20
"""Most entries of any other section."""


def near(entries: Sequence[Entry], page: object, *, is_open: bool) -> Sequence[Entry]:
    """The entries nearest to the page, in their order; the first ones of a section that the page is not in."""
    most = OPEN if is_open else CLOSED
    if len(entries) <= most:
        return entries
    at = next((n for n, entry in enumerate(entries) if entry is page), 0)
    start = min(max(at - most // 2, 0), len(entries) - most)
    return entries[start : start + most]
