"""Several files change at once or not at all: whatever stops the process, whoever else is at work, however full the disk.

CXKB_KILLS sets how often a process is killed at a random moment.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cxkb import check, moving, settings, transaction
from cxkb.errors import StorageError
from tests.conftest import environment, missing

KILLS = int(os.environ.get("CXKB_KILLS", "15"))

LONGEST = 0.06
"""Seconds after which a process is killed at the latest: about five renames."""

RENAMING = """
import sys
from pathlib import Path
from cxkb import moving, settings
root = Path(sys.argv[1])
print("ready", flush=True)
while True:
    old, new = ("step", "pace") if (root / "docs" / "concepts" / "step.md").exists() else ("pace", "step")
    moving.rename(settings.find(root), old, new)
"""

DYING = """
import filelock, itertools, json, os, shutil, sys  # filelock: that loading it is no step
from pathlib import Path
from cxkb import moving, settings
from tests.test_transaction import content
root, pristine = Path(sys.argv[1]), Path(sys.argv[2])
STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
states = []
for deadly in itertools.count(1):
    shutil.rmtree(root)
    shutil.copytree(pristine, root)
    child = os.fork()
    if child == 0:
        left = deadly
        def die(event, arguments):
            global left
            left -= event in STEPS
            if not left:
                os._exit(9)
        sys.addaudithook(die)
        moving.rename(settings.find(root), "step", "pace")
        os._exit(0)
    alive = os.waitpid(child, 0)[1] == 0
    settings.find(root)
    states.append(content(root))
    if alive:
        break
json.dump(states, sys.stdout)
"""


def content(root: Path) -> dict[str, str]:
    """Path -> text of everything in the knowledge base but the lock."""
    files = (file for file in sorted(root.rglob("*")) if file.is_file() and file.suffix != ".lock")
    return {file.relative_to(root).as_posix(): file.read_bytes().decode("utf-8", "surrogateescape") for file in files}


@pytest.fixture
def states(tiny: Path) -> list[dict[str, str]]:
    """What the content is with `step` and with `pace`, each of which was the other before; it is with `step` now."""
    found = []
    for old, new in (("step", "pace"), ("pace", "step"), ("step", "pace"), ("pace", "step")):
        moving.rename(settings.find(tiny), old, new)
        found.append(content(tiny))
    assert found[1] == found[3]
    return found[2:]


def test_a_process_killed_at_any_moment_leaves_the_old_or_the_new(tiny, states):
    moments = random.Random(7)
    for _ in range(KILLS):
        command = [sys.executable, "-c", RENAMING, str(tiny)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(moments.uniform(0, LONGEST))
            process.kill()
        found = settings.find(tiny)
        assert check.problems(found) == []
        left = {path: text for path, text in content(tiny).items() if not path.startswith(".cxkb/")}
        assert left in states


def test_a_process_that_dies_at_any_step_leaves_the_old_or_the_new(tiny, tmp_path, repo):
    before = content(tiny)
    pristine = shutil.copytree(tiny, tmp_path / "pristine")
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(tiny), str(pristine)], cwd=repo, env=environment(),
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = [
        {path: text for path, text in state.items() if not path.startswith(".cxkb/")}
        for state in json.loads(done.stdout)
    ]
    after = found[-1]
    assert after != before
    assert [state for state in found if state not in (before, after)] == []
    changed = found.index(after)
    assert found == [before] * changed + [after] * (len(found) - changed)
    assert len(found) - changed > 5  # it died while the files were moved, too


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
    done = subprocess.run(["bash", "-c", command], cwd=tiny, env=environment(), capture_output=True, text=True, check=False)  # fmt: skip
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
