"""The index of a knowledge base: what is encoded again, what is noticed, and that what is damaged is mended."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from cxkb import build, retrieve, settings
from cxkb import index as indexes
from cxkb.errors import ContentError, StorageError
from tests.test_index_files import flip_a_byte, the_file, truncate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Command

ASKED = "which animal eats beetles"


def encoded(said: str) -> int:
    """How many passages a build said that it encoded."""
    match = re.search(r"(\d+) encoded", said)
    assert match, said
    return int(match[1])


def files(folder: Path) -> dict[str, bytes]:
    """The index's files by name."""
    return {file.name: file.read_bytes() for file in sorted((folder / ".cxkb" / "index").iterdir())}


def test_a_second_build_encodes_nothing(cxkb: Command, hostile: Path):
    assert encoded(cxkb("index", cwd=hostile).stdout) == 0


def test_a_second_build_writes_the_same_bytes(cxkb: Command, hostile: Path):
    before = files(hostile)
    cxkb("index", cwd=hostile)
    assert files(hostile) == before


def test_two_builds_from_nothing_give_the_same_bytes(cxkb: Command, hostile: Path):
    before = files(hostile)
    shutil.rmtree(hostile / ".cxkb")
    cxkb("index", cwd=hostile)
    assert files(hostile) == before


def test_whole_encodes_everything_again(cxkb: Command, hostile: Path):
    before = files(hostile)
    done = cxkb("index", "--whole", cwd=hostile)
    assert encoded(done.stdout) == len(indexes.load(hostile / ".cxkb" / "index").passages)
    assert files(hostile) == before


def test_editing_a_page_encodes_only_what_changed_on_it(cxkb: Command, hostile: Path):
    page = hostile / "docs" / "concepts" / "badger.md"
    page.write_text(page.read_text(encoding="utf-8").replace("is about cubs", "is about young ones"), encoding="utf-8")
    assert encoded(cxkb("index", cwd=hostile).stdout) == 1


def test_moving_a_page_encodes_nothing(cxkb: Command, hostile: Path):
    (hostile / "docs" / "guide.md").rename(hostile / "docs" / "another.md")
    page = hostile / "docs" / "another.md"
    page.write_text("---\ntitle: Guide\n---\n" + page.read_text(encoding="utf-8"), encoding="utf-8")
    assert encoded(cxkb("index", cwd=hostile).stdout) == 0


def test_an_edited_page_is_answered_from_at_once(cxkb: Command, hostile: Path):
    page = hostile / "docs" / "concepts" / "badger.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nBadgers play the saxophone.\n", encoding="utf-8")
    done = cxkb("ask", "-n", "1", "who plays the saxophone", cwd=hostile)
    assert "saxophone.**" in done.stdout
    assert "badger.md has changed" in done.stderr


def test_a_removed_page_is_answered_from_no_more(cxkb: Command, hostile: Path):
    (hostile / "docs" / "concepts" / "badger.md").unlink()
    assert "concepts/badger/" not in cxkb("ask", "--json", "-n", "100", "badger", cwd=hostile).stdout


def stale(folder: Path) -> str | None:
    """Why the index is built before it is asked."""
    return retrieve.stale(settings.find(folder))


CONTENT = ["docs/guide.md", "sources/brehm-1864.md", "mkdocs.yml", "pyproject.toml"]


@pytest.mark.parametrize("path", CONTENT)
def test_a_file_that_was_only_touched_has_not_changed(hostile: Path, path: str):
    os.utime(hostile / path, ns=(1, 1))
    assert stale(hostile) is None


@pytest.mark.parametrize("path", CONTENT)
def test_a_changed_file_is_named(hostile: Path, path: str):
    with (hostile / path).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert stale(hostile) == f"{path} has changed"


def test_a_new_file_and_a_removed_one_are_counted(hostile: Path):
    (hostile / "docs" / "new.md").write_text("# New", encoding="utf-8")
    (hostile / "docs" / "guide.md").unlink()
    assert stale(hostile) == "2 files have changed"


def test_what_lies_beside_the_content_does_not_count(hostile: Path):
    (hostile / "README.md").write_text("# Read me", encoding="utf-8")
    (hostile / "site").mkdir()
    assert stale(hostile) is None


def test_asking_a_fresh_index_says_nothing_else(cxkb: Command, hostile: Path):
    assert cxkb("ask", ASKED, cwd=hostile).stderr == ""


def test_the_files_of_an_older_index_are_removed(cxkb: Command, hostile: Path):
    before = set(files(hostile))
    (hostile / "docs" / "guide.md").unlink()
    cxkb("index", cwd=hostile)
    after = set(files(hostile))
    same = {name.partition("-")[0] for name in before & after}
    assert same == {"manifest.json", "outside"}  # the guide holds no question from outside
    assert len(after) == len(before)


@pytest.mark.parametrize(
    ("pattern", "damage"), [("vectors-*", flip_a_byte), ("passages-*", truncate), ("names-*", Path.unlink)]
)
def test_asking_mends_a_damaged_file(cxkb: Command, hostile: Path, pattern: str, damage: Callable[[Path], None]):
    before = files(hostile)
    damage(the_file(hostile / ".cxkb" / "index", pattern))
    done = cxkb("ask", ASKED, cwd=hostile)
    assert done.returncode == 0, done.stderr
    assert files(hostile) == before


@pytest.mark.parametrize("garbage", [b"garbage", b'{"format": 1}'])
def test_asking_mends_the_manifest(cxkb: Command, hostile: Path, garbage: bytes):
    before = files(hostile)
    (hostile / ".cxkb" / "index" / "manifest.json").write_bytes(garbage)
    done = cxkb("ask", ASKED, cwd=hostile)
    assert done.returncode == 0, done.stderr
    assert files(hostile) == before


def test_who_waits_too_long_for_another_build_says_so(hostile: Path, monkeypatch: pytest.MonkeyPatch):
    found = settings.find(hostile)
    monkeypatch.setattr(build, "LOCK_SECONDS", 0)
    with FileLock(found.kept / "index.lock"), pytest.raises(StorageError, match="Another process has been building"):
        build.build(found)


def test_a_knowledge_base_without_pages_has_no_index(hostile: Path):
    for file in [*hostile.rglob("docs/**/*.md"), *hostile.glob("sources/*.md")]:
        file.unlink()
    (hostile / "docs" / "index.md").write_text("# Nothing yet\n")
    (hostile / "mkdocs.yml").write_text("site_name: Nothing\nplugins: [cxkb]\n")
    before = files(hostile)
    with pytest.raises(ContentError, match="has no pages to search"):
        build.build(settings.find(hostile))
    assert files(hostile) == before


def test_content_that_cannot_be_read_keeps_the_old_index(cxkb: Command, hostile: Path):
    before = files(hostile)
    (hostile / "docs" / "concepts" / "badger.md").write_text("---\nno head", encoding="utf-8")
    done = cxkb("index", cwd=hostile)
    assert done.returncode == 1
    assert "docs/concepts/badger.md:1: " in done.stderr
    assert "cxkb check" in done.stderr
    assert files(hostile) == before
