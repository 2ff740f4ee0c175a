"""What somebody meant who wrote a word that is not known: the known word nearest to it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

FEW = 6
"""Known words up to which all are named where none is near; more are not read."""


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word most like this one, case aside; None when none is like it."""
    spelled = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), spelled, n=1)
    return spelled[found[0]] if found else None


def hint(word: str, known: Collection[str], elsewhere: str = "") -> str:
    """The end of a message about a word that is not known: what was meant, or what there is.

    Where neither helps it names `elsewhere`, a place to look, if given.
    """
    if meant := nearest(word, known):
        return f"; did you mean {meant!r}?"
    if 0 < len(known) <= FEW:
        return f"; there {'is' if len(known) == 1 else 'are'} {', '.join(known)}."
    return f"; see {elsewhere}." if elsewhere else "."
