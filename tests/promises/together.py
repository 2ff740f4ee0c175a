"""Two commands at once: one waits for the other or says so in one sentence, and the outcome is that of one after the other."""

from __future__ import annotations

import functools
import shutil
from typing import TYPE_CHECKING

from tests.faults import commands
from tests.faults.commands import Run
from tests.promises import Lost, Promise

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

PAIRS = {
    "index twice": ("index", ("index",), ("index",)),
    "site files twice": ("site-assets", ("site-assets", "site"), ("site-assets", "site")),
    "index and site files": ("site-assets", ("index",), ("site-assets", "site")),
    "two renames": ("rename", ("rename", "step", "pace"), ("rename", "silo", "tower")),
    "one page renamed twice": ("rename", ("rename", "step", "pace"), ("rename", "step", "stride")),
    "index and rename": ("rename", ("index",), ("rename", "step", "pace")),
    "fix and rename": ("fix", ("check", "--fix"), ("rename", "step", "pace")),
    "one key for two sources": (
        "add-source",
        ("add", "source", "article.txt", "--key", "walker-2020"),
        ("add", "source", "article.txt", "--key", "walker-2020"),
    ),
}
"""Name -> the command whose folder it begins with, and the two."""


def at_once(random: Random, folder: Path) -> None:
    """A pair of commands; the second may start a little later."""
    name = random.choice(sorted(PAIRS))
    begin, first, second = PAIRS[name]
    root = commands.copy(commands.case(begin), folder)
    outcomes = commands.together(Run(str(root), first), Run(str(root), second))
    for outcome in outcomes:
        assert "Traceback" not in outcome.said, outcome
        assert outcome.status in (0, 1), outcome
    left = commands.content(commands.state(root))
    if left not in _one_after_the_other(name):
        raise Lost(f"{name}: not the outcome of one after the other: {outcomes}")
    asked = commands.run(root, "ask", "Who walks through the firm?")
    if asked.status:
        raise Lost(f"{name}: the next command does not work: {asked}")
    written = commands.run(root, "site-assets", "site")
    assert written.status == 0, written
    assert b"missing" not in commands.state(root).values()


@functools.cache
def _one_after_the_other(name: str) -> list[commands.State]:
    """The content after both, in either order."""
    begin, *both = PAIRS[name]
    found = []
    for number, order in enumerate((both, both[::-1])):
        root = commands.case(begin).before.parent / f"{name} {number}"
        shutil.copytree(commands.case(begin).before, root)
        for arguments in order:
            commands.run(root, *arguments)
        found.append(commands.content(commands.state(root)))
    return found


PROMISES = [Promise("two commands at once are one after the other", at_once, short=4, long=200)]
