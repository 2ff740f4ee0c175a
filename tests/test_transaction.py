"""Several files change at once or not at all: whoever else is at work, however full the disk.

That a process may be killed at any moment is tried in promises/killed.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cxkb import check, moving, settings, storage, transaction
from cxkb.errors import StorageError
from tests.conftest import environment, missing


def content(root: Path) -> dict[str, str]:
    """Path -> text of everything in the knowledge base but the lock."""
    files = (file for file in sorted(root.rglob("*")) if file.is_file() and file.suffix != ".lock")
    return {file.relative_to(root).as_posix(): file.read_bytes().decode("utf-8", "surrogateescape") for file in files}


def test_what_was_never_decided_is_forgotten(tiny):
    pending = tiny / ".cxkb" / "pending"
    pending.mkdir(parents=True)
    (pending / "0").write_text("half a pa")
    before = content(tiny)
    found = settings.find(tiny)
    assert content(tiny) == before
    moving.rename(found, "step", "pace")
    assert not pending.exists()


def test_two_at_once_wait_for_each_other(tiny):
    script = Path(sys.executable).with_name("cxkb")
    commands = [[str(script), "rename", *ids] for ids in (("step", "pace"), ("silo", "tower"), ("doe-2016", "doe"))]
    running = [subprocess.Popen(command, cwd=tiny, env=environment()) for command in commands]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert check.problems(settings.find(tiny)) == []
    assert sorted(file.stem for file in (tiny / "docs" / "concepts").iterdir()) == ["journey", "pace", "tower"]


def test_who_waits_too_long_says_so(tiny, monkeypatch):
    monkeypatch.setattr(transaction, "LOCK_SECONDS", 0.05)
    before = content(tiny)
    holding = "import sys; from pathlib import Path; from cxkb import transaction\nwith transaction.exclusive(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", holding, str(tiny)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdout
        process.stdout.readline()
        with pytest.raises(StorageError, match="Another process has been changing"):
            moving.rename(settings.find(tiny), "step", "pace")
        process.communicate(b"")
    assert content(tiny) == before


def test_a_folder_that_cannot_be_written_keeps_all_as_it_was(tiny):
    setpriv = shutil.which("setpriv")
    if os.geteuid() == 0 and not setpriv:
        missing("root writes everywhere; install util-linux for setpriv, or test as another user")
    unprivileged = [str(setpriv), "--bounding-set=-dac_override", "--"] if os.geteuid() == 0 else []
    script = Path(sys.executable).with_name("cxkb")
    command = [*unprivileged, str(script), "rename", "step", "pace"]
    before = content(tiny)
    for folder in (tiny / "docs" / "tensions", tiny):  # one of several; where nothing at all can be written
        folder.chmod(0o555)
        done = subprocess.run(command, cwd=tiny, env=environment(), capture_output=True, text=True, check=False)
        folder.chmod(0o755)
        assert done.returncode == 1
        assert done.stderr.startswith("cxkb: ")
        assert "cannot be written to" in done.stderr
        assert done.stderr.count("\n") == 1
        assert content(tiny) == before
        shutil.rmtree(tiny / ".cxkb", ignore_errors=True)


def test_a_full_disk_keeps_all_as_it_was(tiny):
    script = Path(sys.executable).with_name("cxkb")
    with (tiny / "docs" / "concepts" / "step.md").open("a") as step:
        step.write("Step by step. " * 100)
    before = content(tiny)
    command = f"ulimit -f 1; exec {script} rename step pace"  # no file past 1,024 bytes
    env = environment(COVERAGE_PROCESS_CONFIG="")  # `make coverage` would keep what it measures
    done = subprocess.run(["bash", "-c", command], cwd=tiny, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("cxkb: Nothing has been changed")
    assert done.stderr.count("\n") == 1
    assert content(tiny) == before


@pytest.mark.parametrize("path", ["../outside.md", "pyproject.toml", ".git/hooks/pre-commit", "docs/../../outside.md", "/tmp/outside.md"])  # fmt: skip
def test_a_list_that_came_with_the_content_writes_nothing_elsewhere(tiny, path):
    pending = tiny / ".cxkb" / "pending"
    pending.mkdir(parents=True)
    (pending / "0").write_text("stray")
    (pending / "commit.json").write_text(json.dumps({"remove": [], "write": {path: "0"}}))
    before = content(tiny.parent)
    with pytest.raises(StorageError, match="not in the knowledge base"):
        settings.find(tiny)
    assert content(tiny.parent) == before


def test_a_folder_that_is_a_link_to_elsewhere_is_not_written_through(tiny, tmp_path):
    outside = tmp_path / "outside"
    (tiny / "docs" / "concepts").rename(outside)
    (tiny / "docs" / "concepts").symlink_to(outside)
    before = content(outside)
    with pytest.raises(StorageError, match="not in the knowledge base"), transaction.exclusive(tiny):
        transaction.commit(tiny, {"docs/concepts/new.md": b"x"})
    assert content(outside) == before
    assert not (tiny / ".cxkb" / "pending").exists()


def test_a_list_that_cannot_be_read_is_one_sentence(tiny):
    pending = tiny / ".cxkb" / "pending"
    pending.mkdir(parents=True)
    (pending / "commit.json").write_text("[")
    with pytest.raises(StorageError, match=r"commit\.json cannot be read"):
        settings.find(tiny)


def test_what_is_in_the_way_of_a_decided_change_is_named_and_the_change_is_made_when_it_is_gone(tiny):
    pending = tiny / ".cxkb" / "pending"
    pending.mkdir(parents=True)
    (pending / "0").write_text("new")
    (pending / "commit.json").write_text(json.dumps({"remove": [], "write": {"docs/new.md": "0"}}))
    place = tiny / "docs" / "new.md"
    place.mkdir()
    for _ in range(2):
        with pytest.raises(StorageError, match=rf"could not be finished at {place}"):
            settings.find(tiny)
    place.rmdir()
    settings.find(tiny)
    assert place.read_text() == "new"


def test_a_change_that_is_interrupted_before_it_is_decided_leaves_nothing(tiny, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    before = content(tiny)
    with transaction.exclusive(tiny):
        monkeypatch.setattr(storage, "write", interrupt)
        with pytest.raises(KeyboardInterrupt):
            transaction.commit(tiny, {"docs/new.md": b"new"})
    assert content(tiny) == before
    assert not (tiny / ".cxkb" / "pending").exists()
