"""Files written whole or not at all, by one process at a time, and what is made once and kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from importlib.metadata import version
from typing import TYPE_CHECKING

from cxkb.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.resources.abc import Traversable
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


@contextlib.contextmanager
def alone(lock: Path, seconds: float, doing: str) -> Iterator[None]:
    """Keep other processes that name the same lock waiting meanwhile; `doing` says what they do.

    Raises StorageError after so many seconds, or when the lock's folder cannot be written to.
    """
    from filelock import FileLock, Timeout

    held = FileLock(str(lock), timeout=seconds)
    try:
        lock.parent.mkdir(exist_ok=True)
        held.acquire()
    except Timeout:
        raise StorageError(f"Another process has been {doing} for {seconds} s; end it and try again.") from None
    except OSError as error:
        raise StorageError(f"{lock.parent} cannot be written to: {error.strerror or error}.") from error
    try:
        yield
    finally:
        held.release()


def kept(folder: Path, suffix: str, words: object, make: Callable[[], bytes]) -> bytes:
    """What `make` makes of these words, which JSON can hold: from `folder` if it was made before, else kept there."""
    name = hashlib.sha256(json.dumps(words).encode()).hexdigest()
    file = folder / f"{name}{suffix}"
    with contextlib.suppress(FileNotFoundError):
        return file.read_bytes()
    made = make()
    folder.mkdir(parents=True, exist_ok=True)
    write(file, made)
    return made


def edition(library: str, *parts: Traversable) -> str:
    """What a thing that is kept depends on besides its words: the files that make it, and the library that they use."""
    return version(library) + "".join(hashlib.sha256(part.read_bytes()).hexdigest() for part in parts)
