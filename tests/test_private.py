"""Asking is private: no question leaves the machine, and nothing is written but what is kept of the index.

The kernel watches the first: a filter ends the process at its first socket, whoever opens it, a library in C among them.
Making the index loads libraries of which one, when imported, asks the system for a socket to see whether it knows IPv6;
there the kernel refuses, and the index is made all the same.
"""

from __future__ import annotations

import ctypes
import errno
import json
import platform
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import environment, missing

if TYPE_CHECKING:
    from collections.abc import Callable

SOCKET = {"x86_64": 41, "aarch64": 198}
"""Number of the system call."""

QUESTION = '{"id": "q", "query": "which animal eats beetles"}\n'

COMMANDS = {
    "ask": ["ask", "which animal eats beetles"],
    "run": ["run", "-"],
    "show": ["show", "badger"],
    "related": ["related", "badger"],
    "check": ["check"],
}

WATCH = """
import os, sys

def watch(event, arguments):
    if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        path = arguments[0]
    elif event in ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate"):
        path = arguments[0]
    else:
        return
    if isinstance(path, (str, bytes)):
        os.write(log, os.fsencode(os.path.abspath(path)) + b"\\n")

log = os.open({log!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
sys.addaudithook(watch)
"""
"""Python code that notes every file that this process opens to write, makes or removes."""


END, REFUSE = 0x80000000, 0x00050000 | errno.EACCES
"""What becomes of a process that wants a socket."""


def _filter(answer: int) -> Callable[[], None]:
    """What a child process calls to get this answer to the wish for a socket (seccomp: linux/filter.h, linux/seccomp.h)."""
    if sys.platform != "linux" or platform.machine() not in SOCKET:
        missing("sockets are refused by the kernel of Linux on x86-64 and ARM only; run the tests there")
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (0x20, 0, 0, 0),  # load the number of the call
            (0x15, 0, 1, SOCKET[platform.machine()]),  # unless it is this one, skip one
            (0x06, 0, 0, answer),
            (0x06, 0, 0, 0x7FFF0000),  # allow
        )
    )
    code = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)

    def refuse() -> None:
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, described, 0, 0):  # no new privileges; filter
            raise OSError(ctypes.get_errno(), "the kernel takes no filter")

    refuse.program = code  # type: ignore[attr-defined]  # lives as long as its address is in use
    return refuse


@pytest.fixture(scope="module")
def end() -> Callable[[], None]:
    return _filter(END)


@pytest.fixture(scope="module")
def refuse() -> Callable[[], None]:
    return _filter(REFUSE)


def cxkb(
    arguments: list[str], folder: Path, refuse: Callable[[], None], **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from cxkb.cli import main; main()", *arguments],
        cwd=folder, env=environment(**env), input=QUESTION, capture_output=True, text=True, check=False,
        preexec_fn=refuse,
    )  # fmt: skip


def test_the_filter_ends_a_process_at_its_first_socket(end: Callable[[], None]):
    done = subprocess.run([sys.executable, "-c", "import socket; socket.socket()"], preexec_fn=end, check=False)
    assert done.returncode < 0


@pytest.mark.parametrize("command", COMMANDS)
def test_no_socket_is_opened(hostile: Path, end: Callable[[], None], command: str):
    done = cxkb(COMMANDS[command], hostile, end)
    assert done.returncode == (1 if command == "check" else 0), done.stderr
    assert done.stdout


def test_the_index_is_made_without_a_socket(hostile: Path, refuse: Callable[[], None]):
    shutil.rmtree(hostile / ".cxkb")
    done = cxkb(["ask", "--json", "which animal eats beetles"], hostile, refuse)
    assert json.loads(done.stdout)["hits"], done.stderr


@pytest.mark.parametrize("command", ["ask", "run", "check", "index"])
def test_nothing_is_written_but_what_is_kept(hostile: Path, tmp_path: Path, refuse: Callable[[], None], command: str):
    home, temporary, log, watching = (tmp_path / name for name in ("home", "temporary", "log", "watching"))
    for folder in (home, temporary, watching):
        folder.mkdir()
    (watching / "sitecustomize.py").write_text(WATCH.format(log=str(log)), encoding="utf-8")
    before = contents(hostile)
    done = cxkb(
        COMMANDS.get(command, ["index", "--whole"]), hostile, refuse, HOME=str(home), TMPDIR=str(temporary), XDG_CACHE_HOME=str(home / "cache"),
        TORCHINDUCTOR_CACHE_DIR=str(temporary / "torch"),  # which PyTorch sets, where a test imported it before
        PYTHONPATH=f"{watching}:{Path(__file__).parent.parent / 'search'}",
        PYTHONDONTWRITEBYTECODE="1",  # what Python keeps for itself, where cxkb is installed
        COVERAGE_PROCESS_CONFIG="",  # `make coverage` would keep what it measures
    )  # fmt: skip
    assert done.returncode == (1 if command == "check" else 0), done.stderr
    written = {Path(line) for line in log.read_text(encoding="utf-8").splitlines()} - {Path("/dev/null"), log}
    if command == "index":  # PyTorch makes itself a folder when it is imported, and leaves it empty
        written = {path for path in written if not path.is_relative_to(temporary)}
    assert {path for path in written if not path.is_relative_to(hostile / ".cxkb")} == set()
    assert contents(home) == contents(temporary) == {}  # libraries in C are not watched
    assert contents(hostile) == before


def contents(folder: Path) -> dict[Path, bytes]:
    """The folder's files, without what is kept of the index."""
    return {
        file: file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.is_relative_to(folder / ".cxkb")
    }


@pytest.mark.parametrize("variable", ["HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "HF_HUB_OFFLINE"])
def test_the_model_library_is_told_to_send_neither_figures_nor_token(variable: str):
    """Where a hub is asked at all: for another model than the bundled one, once. See huggingface_hub.constants."""
    code = (
        "from pathlib import Path\nfrom cxkb import encoder\n"
        "encoder.SentenceEncoder(encoder.find('all-MiniLM-L6-v2', Path()))\n"
        "import huggingface_hub.constants as found\n"
        f"print(found.{variable})"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
