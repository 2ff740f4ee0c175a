"""Files written whole or not at all, by one process at a time; and what is made once."""

from __future__ import annotations

import hashlib
import os
import stat
from importlib.metadata import version
from typing import TYPE_CHECKING

import filelock
import pytest

from cxkb import storage
from cxkb.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_written_whole_and_keeps_its_permissions(tmp_path: Path):
    file = tmp_path / "a.txt"
    storage.write(file, b"one\r\n")
    file.chmod(0o640)
    storage.write(file, b"two")
    assert file.read_bytes() == b"two"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_file_that_cannot_be_written_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
):
    file = tmp_path / "a.txt"
    file.write_bytes(b"one")

    def refuse(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(type(error)):
        storage.write(file, b"two")
    assert file.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_in_no_folder_is_an_error_of_the_system(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"\.a\.txt\.writing-"):
        storage.write(tmp_path / "gone" / "a.txt", b"")


def test_who_waits_for_another_too_long_is_told_what_it_does(tmp_path: Path):
    lock = tmp_path / ".cxkb" / "lock"
    with storage.alone(lock, 5, "encoding"), pytest.raises(StorageError) as told, storage.alone(lock, 0.05, "encoding"):
        pass
    assert str(told.value) == "Another process has been encoding for 0.05 s; end it and try again."


def test_a_lock_is_let_go_whatever_happened(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), storage.alone(tmp_path / "lock", 5, "dividing"):
        raise ZeroDivisionError
    with filelock.FileLock(tmp_path / "lock", timeout=0):
        pass


@pytest.mark.parametrize(
    ("error", "said"), [(OSError(30, "Read-only file system"), "Read-only file system"), (OSError("odd"), "odd")]
)
def test_a_folder_that_takes_no_lock_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, said: str
):
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    with pytest.raises(StorageError) as told, storage.alone(tmp_path / "lock", 5, "writing"):
        pass
    assert str(told.value) == f"{tmp_path} cannot be written to: {said}."


def test_what_is_kept_is_made_once_for_the_same_words(tmp_path: Path):
    folder = tmp_path / ".cxkb" / "drawings"
    made: list[bytes] = []

    def make() -> bytes:
        made.append(b"drawing %d" % len(made))
        return made[-1]

    asked = [(".svg", ["a", 1]), (".svg", ["a", 1]), (".svg", ["a", 2]), (".png", ["a", 1])]
    assert [storage.kept(folder, suffix, words, make) for suffix, words in asked] == [
        b"drawing 0", b"drawing 0", b"drawing 1", b"drawing 2"
    ]  # fmt: skip
    kept = folder / (hashlib.sha256(b'["a", 1]').hexdigest() + ".svg")
    assert kept.read_bytes() == b"drawing 0"


def test_an_edition_is_a_release_and_the_files_that_make_the_thing(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    sums = [hashlib.sha256(raw).hexdigest() for raw in (b"a", b"b")]
    assert storage.edition("pyyaml", tmp_path / "a", tmp_path / "b") == version("pyyaml") + "".join(sums)
