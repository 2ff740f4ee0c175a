"""Several files of the content changed at once or not at all, whatever stops the process.

A write-ahead log (Gray and Reuter 1993, chapter 10) that only goes forward: the new files are written whole to
`.cxkb/pending/`; one rename of the list of what is to go where decides; then they are moved into their places. Who finds
such a list finishes the work. Without it, what lies in the folder never happened.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from cxkb import storage
from cxkb.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LOCK_SECONDS = 60
"""How long to wait for another process that is changing the content; it takes less than one."""

PLACES = ("docs", "sources", "tests/retrieval", ".cxkb/originals", "mkdocs.yml")
"""All that is ever written: a list that came with somebody's knowledge base reaches nothing else."""

PENDING = ".cxkb/pending"

LIST = "commit.json"


@contextlib.contextmanager
def exclusive(root: Path) -> Iterator[None]:
    """Keep others from changing the content below `root` meanwhile; read it within. Raises StorageError."""
    with storage.alone(root / ".cxkb" / "content.lock", LOCK_SECONDS, f"changing the content of {root}"):
        _apply(root)
        yield


def commit(root: Path, changes: Mapping[str, bytes | None]) -> None:
    """Write these files, path relative to `root` -> content, and remove those without; within `exclusive`.

    A file that was there keeps its permissions. Raises StorageError, everything being as it was.
    """
    pending = root / PENDING
    written = {path: str(n) for n, path in enumerate(sorted(changes)) if changes[path] is not None}
    listed = {"remove": sorted(changes.keys() - written.keys()), "write": written}
    places = [_place(root, path) for path in changes]
    try:
        _forget(pending)  # of a process that was stopped before it had decided
        pending.mkdir()
        for place in places:
            place.parent.mkdir(parents=True, exist_ok=True)
            if not os.access(place.parent, os.W_OK | os.X_OK):
                raise StorageError(f"{place.parent} cannot be written to; nothing has been changed.")
            if place.parent.stat().st_dev != pending.stat().st_dev:  # pragma: no cover - takes a second disk
                raise StorageError(f"{place.parent} and {pending} are to be on one disk; nothing has been changed.")
        for path, name in written.items():
            storage.write(pending / name, changes[path] or b"")
            if (root / path).exists():
                shutil.copymode(root / path, pending / name)
        _sync(pending)
        storage.write(pending / LIST, json.dumps(listed).encode())
    except BaseException as error:
        with contextlib.suppress(OSError):
            _forget(pending)
        if isinstance(error, OSError):
            raise StorageError(f"Nothing has been changed, for {pending}: {error.strerror or error}.") from error
        raise
    _apply(root)


def finish(root: Path) -> None:
    """Finish what a process had decided to change and was stopped at; costs one look when there is nothing.

    Raises StorageError when that is not possible.
    """
    if (root / PENDING / LIST).exists():
        with exclusive(root):
            pass


def _apply(root: Path) -> None:
    """Move what is decided into its place, from wherever it was left: every step can be taken twice."""
    pending = root / PENDING
    file = pending / LIST
    try:
        listed = json.loads(file.read_bytes())
        removed = [_place(root, path) for path in listed["remove"]]
        written = [(pending / str(int(name)), _place(root, path)) for path, name in listed["write"].items()]
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise StorageError(f"{file} cannot be read; remove {pending} and look at your last change.") from error
    try:
        for place in removed:  # first: where names have no case, the new file may bear the old one's
            place.unlink(missing_ok=True)
        for staged, place in written:
            with contextlib.suppress(FileNotFoundError):
                staged.replace(place)
        for folder in {place.parent for place in (*removed, *(place for _, place in written))}:
            _sync(folder)
        _forget(pending)
    except OSError as error:
        named = error.filename2 or error.filename
        raise StorageError(
            f"A change of several files could not be finished at {named}: {error.strerror}. Mend that; the next command finishes it."
        ) from error


def _forget(pending: Path) -> None:
    """Remove what is pending, the list first: what it names is whole as long as there is one."""
    if pending.exists():
        (pending / LIST).unlink(missing_ok=True)
        shutil.rmtree(pending)


def _place(root: Path, path: str) -> Path:
    """Where this path of a list is. Raises StorageError for one that is none of ours or leads out of `root`."""
    pure = PurePosixPath(path)
    place = root / pure
    is_ours = ".." not in pure.parts and any(pure.is_relative_to(ours) for ours in PLACES)
    if not is_ours or any((root / folder).is_symlink() for folder in pure.parents[:-1]):
        raise StorageError(f"{path!r} is not in the knowledge base {root}; nothing is written there.")
    return place


def _sync(folder: Path) -> None:
    """The folder's entries flushed to disk, where a system knows how."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
