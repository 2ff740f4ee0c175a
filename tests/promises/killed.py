"""Killed anywhere, a command leaves the old state or the new one, and the next one works without help.

Not kept: a site's JavaScript files are replaced one by one, so that a process killed while a newer cxkb replaces those of an
older one leaves some of each until it runs again. A power cut is no kill: files and folders are flushed to the disk in the
order that survives one, but nothing here tries it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults import commands
from tests.promises import Promise

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

SOON = 0.002
"""Seconds after a step within which a process is killed: in the middle of writing a file, too."""


def at_a_moment(random: Random, folder: Path) -> None:
    """The moments are uniform over what the command takes."""
    case = _case(random)
    _killed(case, folder, step=0, after=random.uniform(0.0001, case.seconds))


def at_a_step(random: Random, folder: Path) -> None:
    """Before, or shortly after, any change of the disk."""
    case = _case(random)
    _killed(case, folder, random.randint(1, case.steps), random.choice([0, random.uniform(0.0001, SOON)]))


def _case(random: Random) -> commands.Case:
    return commands.case(random.choice(sorted(commands.COMMANDS)))


def _killed(case: commands.Case, folder: Path, step: int, after: float) -> None:
    root = commands.copy(case, folder)
    (outcome,) = commands.together(commands.Run(str(root), case.command.arguments, step, after))
    assert outcome.status in (0, 1, -9, -14), outcome
    commands.require_old_or_new(case, root)
    commands.require_new(case, root)


PROMISES = [
    Promise("killed at any step, all is old or new", at_a_step, short=6, long=400, share=2),
    Promise("killed at any moment, all is old or new", at_a_moment, short=4, long=400, share=4),
]
