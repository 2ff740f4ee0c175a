"""What each kind of problem means: why it matters and how to mend it, by the problem's code."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files as resources


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a contributor learns of a kind of problem. Texts are plain, on one line but for the examples."""

    code: str
    says: str
    """What is wrong, in a sentence."""
    why: str
    mend: str
    wrong: str
    """An example as it should not be, of one line or more."""
    right: str
    kind: str = ""
    """What the example stands in: concept, source or tension; empty for names of files, bytes, and two pages at once."""
    is_mechanical: bool = False
    """Whether `cxkb check --fix` mends it, wherever that needs no judgement."""


@functools.cache
def explanations() -> dict[str, Explanation]:
    """Every explanation by its code: files and front matter first, then headings, citations, relations, whole texts."""
    text = (resources("cxkb") / "assets" / "explanations.toml").read_text(encoding="utf-8")
    return {
        code: Explanation(
            code,
            entry["says"],
            entry["why"],
            entry["mend"],
            entry["wrong"].strip("\n"),
            entry["right"].strip("\n"),
            entry.get("in", ""),
            entry.get("fix", False),
        )
        for code, entry in tomllib.loads(text).items()
    }
