"""Where there is no room, or nothing can be written, a command says so in one sentence and leaves all as it was.

A disk that is full or read-only needs a mount, which only root may make; elsewhere files that may not grow stand for it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import TYPE_CHECKING

from tests.faults import commands
from tests.promises import Promise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from random import Random

NAMES = sorted(set(commands.COMMANDS) - {"add-concept"})
"""add-concept refreshes the index first, which is tried by itself."""

DISK = 64_000_000
"""Bytes of the disk in memory: the tiny knowledge base takes half of it, with the model that is kept for browsers."""


def no_room(random: Random, folder: Path) -> None:
    """Some bytes are left on the disk, fewer than a command may need; then there is room again."""
    case = commands.case(random.choice(NAMES))
    with _disk(folder) as disk:
        if disk is None:
            _cannot_grow(random, case, folder)
            return
        root = commands.copy(case, disk)
        left = os.statvfs(disk)
        kept = random.choice([0, 1, 2, 4, 8, 16, 32]) * left.f_frsize
        (disk / "filler").write_bytes(bytes(max(0, left.f_bavail * left.f_frsize - kept)))
        outcome = commands.run(root, *case.command.arguments)
        _require_old(case, root, outcome, room=disk / "filler")


def _cannot_grow(random: Random, case: commands.Case, folder: Path) -> None:
    root = commands.copy(case, folder)
    (outcome,) = commands.together(
        commands.Run(str(root), case.command.arguments, largest=random.choice([0, 64, 512, 4096]))
    )
    _require_old(case, root, outcome)


def read_only(random: Random, folder: Path) -> None:
    """Nothing can be written below the folder; or a file has the place of one that is to be made."""
    case = commands.case(random.choice(NAMES))
    with _disk(folder) as disk:
        root = commands.copy(case, disk or folder)
        if disk:
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        else:
            _permit(root, 0o555, 0o444)
        outcome = commands.run(root, *case.command.arguments)
        if disk:
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        else:
            _permit(root, 0o755, 0o644)
        assert outcome.status == 1, outcome
        _require_old(case, root, outcome)


def _require_old(case: commands.Case, root: Path, outcome: commands.Outcome, room: Path | None = None) -> None:
    if outcome.status == 1 and case.command.arguments[:2] != ("check", "--fix"):
        outcome.require_sentence()
    assert "Traceback" not in outcome.said, outcome
    done = commands.state(root) == case.new
    if room:
        room.unlink()
    if not done:
        commands.require_old_or_new(case, root)
        commands.require_new(case, root)


def _permit(root: Path, folders: int, files: int) -> None:
    for path in [root, *root.rglob("*")]:
        path.chmod(folders if path.is_dir() else files)


@contextlib.contextmanager
def _disk(folder: Path) -> Iterator[Path | None]:
    """A small disk of one's own; None where nobody may have one."""
    place = folder / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mounting, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)  # what a command started may end after it


PROMISES = [
    Promise("no room: one sentence, all as it was", no_room, short=4, long=200),
    Promise("read-only: one sentence, all as it was", read_only, short=3, long=60),
]
