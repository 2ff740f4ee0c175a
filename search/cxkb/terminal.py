"""What all commands share: errors as messages, output, progress, an index that is fresh."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from typer.core import TyperGroup
from typer.exceptions import TyperException

from cxkb.errors import CxkbError, IndexDamaged, IndexNotFound, IndexOutdated
from cxkb.render import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import typer

    from cxkb.retrieve import Searcher
    from cxkb.settings import Settings


class Group(TyperGroup):
    """Turns our errors into one sentence and exit code 1, wherever in a command they arise."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the options before the command."""
        try:
            return super().make_context(*args, **kwargs)
        except TyperException as error:
            error.message = safe(error.message)  # it quotes what was typed
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except TyperException as error:
            error.message = safe(error.message)  # it quotes what was typed
            raise
        except CxkbError as error:
            say(f"cxkb: {chr(10).join(str(error).splitlines())}")
            raise SystemExit(1) from None
        except BrokenPipeError:  # the reader of our output has seen enough: `cxkb ask … | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(1) from None
        except KeyboardInterrupt:
            say("cxkb: stopped")
            raise SystemExit(130) from None


def open_searcher(ctx: typer.Context) -> Searcher:
    """An opened index, built or refreshed first where that is needed."""
    from cxkb import retrieve, settings

    found = settings.find(ctx.obj)
    if reason := retrieve.stale(found):
        refresh(found, reason)
    try:
        searcher = retrieve.Searcher(found)
    except (IndexDamaged, IndexNotFound, IndexOutdated) as error:
        refresh(found, str(error).partition(". ")[0])
        searcher = retrieve.Searcher(found)
    if searcher.slow:
        say(f"The model {found.model!r} is encoded by sentence-transformers, which takes seconds to start.")
    return searcher


def refresh(found: Settings, reason: str) -> None:
    """Build the index, saying why and what was done."""
    from cxkb import build, render

    say(f"Building the index: {reason}.")
    with encoding_progress() as progress:
        report = build.build(found, progress)
    say(render.built(report))


@contextlib.contextmanager
def encoding_progress() -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on standard error, where a person is watching."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from cxkb.render import console

    columns = (
        TextColumn("Encoding"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, speed="")

        def update(done: int, total: int) -> None:
            elapsed = bar.tasks[0].elapsed or 0
            bar.update(task, completed=done, total=total, speed=f"{done / elapsed:.0f}/s" if elapsed else "")

        yield update


def out(text: str) -> None:
    """To standard output, as far as a terminal only shows it and its encoding can."""
    _write(text, sys.stdout)


def say(text: str) -> None:
    """To standard error, likewise: what is not the answer."""
    _write(text, sys.stderr)
    sys.stderr.flush()


def _write(text: str, stream: TextIO) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(safe(text).encode(encoding, "replace").decode(encoding) + "\n")
