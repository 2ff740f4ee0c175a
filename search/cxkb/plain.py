"""What is neither a folder nor a plain file: a link may lead anywhere, a pipe never ends. Nothing is read or written through one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def others(place: Path) -> Iterator[Path]:
    """The links, pipes and devices at or below this place, in path order; links are not followed."""
    if place.is_symlink():
        yield place
    elif place.is_dir():
        with os.scandir(place) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                yield from others(Path(entry.path))
            elif not entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
    elif place.exists() and not place.is_file():
        yield place
