"""Runs a function in a process of its own, with an end to the time and memory it may take.

For libraries that read what anybody may have written: a page can be made so that reading it takes hours, or gigabytes.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

Result = TypeVar("Result")


class Exhausted(Exception):
    """The function did not end within the time and memory it was given."""


def run(function: Callable[..., Result], *arguments: Any, seconds: int, megabytes: int) -> Result:
    """What the function returns, or raises, when it takes at most so many CPU seconds and megabytes more than its imports.

    Function, arguments and result must be picklable. Memory is limited on Linux only. Raises Exhausted.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(theirs, seconds, megabytes, function, arguments), daemon=True)
    child.start()
    theirs.close()
    try:
        outcome, value = ours.recv()
    except EOFError:
        raise Exhausted from None
    finally:
        child.kill()
        child.join()
        ours.close()
    if outcome == "raised":
        raise value
    result: Result = value
    return result


def _work(
    answer: Connection, seconds: int, megabytes: int, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    """In the child: the function is imported by now, so that what is counted from here is its work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer, by ending this process
    logging.disable()  # what libraries remark on is no message of ours
    _limit(seconds, megabytes)
    try:
        message = ("returned", function(*arguments))
    except (MemoryError, RecursionError):
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent raises it
        message = ("raised", error)
    answer.send(message)


def _limit(seconds: int, megabytes: int) -> None:
    """Set the ends; what passes the one of time is killed by the system."""
    try:
        import resource
    except ImportError:  # pragma: no cover - on Windows
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (end, end))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open("/proc/self/statm", encoding="ascii") as status:  # noqa: PTH123 - no file of anybody's
            pages = int(status.read().split()[0])
    except OSError:  # pragma: no cover - only Linux tells, and only Linux keeps to it
        return
    room = pages * resource.getpagesize() + megabytes * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
