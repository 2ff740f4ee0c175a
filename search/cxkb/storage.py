"""A file written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(file: Path, raw: bytes) -> None:
    """The whole file or nothing: written beside its place, flushed to disk, then moved into it. Raises OSError."""
    beside = file.with_name(f".writing-{os.getpid()}-{file.name}")
    try:
        with beside.open("wb") as temporary:
            temporary.write(raw)
            temporary.flush()
            os.fsync(temporary.fileno())
        beside.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
