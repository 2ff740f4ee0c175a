"""A file written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(file: Path, raw: bytes) -> None:
    """The whole file or nothing: written beside its place, flushed to disk, then moved into it. Raises OSError.

    A file that was there keeps its permissions.
    """
    beside = file.with_name(f".{file.name}.writing-{os.getpid()}")  # no suffix of ours: what is left over is no page
    try:
        with beside.open("wb") as temporary:
            temporary.write(raw)
            temporary.flush()
            os.fsync(temporary.fileno())
        if file.exists():
            shutil.copymode(file, beside)
        beside.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
