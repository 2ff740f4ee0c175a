"""Runs commands of cxkb in forks of a process that has loaded everything, and kills them where it is told.

A command takes a fraction of a second so, and what it spends is its own work: a random moment of it is not one of
importing libraries. Reads a list of runs on each line of standard input, starts them together and answers with a list
of outcomes, all as JSON; see `commands.Run`.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import threading
import time
import traceback
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

STEPS = {"os.chmod", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"}
"""What changes a disk, by its audit event (https://docs.python.org/3/library/audit_events.html); so does opening to write."""


def work(run: dict[str, Any], said: int, counted: int) -> None:
    """In the fork: the command, to its end or to ours."""
    steps = 0

    def at_step() -> None:
        if steps == run["step"]:
            if run["after"]:
                signal.setitimer(signal.ITIMER_REAL, run["after"])  # its signal ends a process as kill -9 does
            else:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal steps
        if event in STEPS or (event == "open" and arguments[2] & WRITING):
            steps += 1
            at_step()

    from cxkb import cli

    os.dup2(said, 1)
    os.dup2(said, 2)
    os.chdir(run["folder"])
    sys.argv = ["cxkb", *run["arguments"]]
    if run["largest"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (run["largest"], run["largest"]))
    sys.addaudithook(watch)
    at_step()
    status = 0
    try:
        cli.main()
    except SystemExit as stop:
        status = int(stop.code or 0)
    except BaseException:  # noqa: BLE001 - it is looked for
        traceback.print_exc()
        status = 70
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os.write(counted, str(steps).encode())
    os._exit(status)


def start(run: dict[str, Any]) -> tuple[int, float, Any, int]:
    """Process, time, the file of what it says, and the pipe that the number of its steps comes through."""
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been read
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        work(run, said.fileno(), write)
    os.close(write)
    return process, time.perf_counter(), said, read


def end(process: int, started: float, said: Any, counted: int) -> dict[str, Any]:
    """What became of it."""
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    seconds = time.perf_counter() - started
    with said, open(counted, "rb") as steps:
        said.seek(0)
        return {"status": status, "seconds": seconds, "steps": int(steps.read() or 0), "said": said.read().decode()}


def load() -> None:
    """Import what the commands need; use none of it, for threads would not come along into a fork."""
    for name in (
        "faiss", "filelock", "material", "mkdocs.commands.build", "sentence_transformers", "torch",
        "cxkb.adding", "cxkb.build", "cxkb.check", "cxkb.drafting", "cxkb.fixes", "cxkb.moving", "cxkb.site_assets",
    ):  # fmt: skip
        importlib.import_module(name)
    assert threading.active_count() == 1


def main() -> None:
    load()
    for line in sys.stdin:
        running = [start(run) for run in json.loads(line)]
        print(json.dumps([end(*started) for started in running]), flush=True)


if __name__ == "__main__":
    main()
