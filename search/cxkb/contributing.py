"""Commands for those who write the knowledge base: `cxkb check`, `add`, `rename`, `remove`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxkb.terminal import out, say

if TYPE_CHECKING:
    from cxkb.moving import Moved

app = typer.Typer(rich_markup_mode=None)

Page = Annotated[str, typer.Argument(metavar="PAGE", help="Id of a concept, tension or source, or its file.")]


@app.command()
def check(
    ctx: typer.Context,
    against: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Instead: what our texts share, word for word, with the texts in FOLDER."),
    ] = None,
) -> None:
    """Print every problem in docs/ and sources/ as path:line: message; exit with 1 if there are any.

    With --against it reports each run of eight or more words that a page or record shares with a .txt or .md file in
    the folder: keep the originals of your sources there, outside the repository.
    """
    from cxkb import check as checks
    from cxkb import copying, settings
    from cxkb.render import safe

    base = settings.find(ctx.obj)
    if against:
        ours = [*sorted((base.root / "docs").rglob("*.md")), *sorted(base.sources.glob("*.md"))]
        problems = copying.problems(base.root, ours, against)
    else:
        problems = checks.problems(base)
    for problem in problems:
        out(safe(str(problem)))
    if problems:
        say(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}")
        raise typer.Exit(1)


@app.command()
def rename(
    ctx: typer.Context,
    page: Page,
    new: Annotated[str, typer.Argument(metavar="NEW-ID", help="Lower case words joined by hyphens.")],
) -> None:
    """Give a page another id: its file, and all that links to it, cites it or is judged by it. Its old address leads on.

    Example:  cxkb rename silos organisational-silos
    """
    from cxkb import moving, settings

    _tell(moving.rename(settings.find(ctx.obj), page, new))


@app.command()
def remove(
    ctx: typer.Context,
    page: Page,
    into: Annotated[
        str | None,
        typer.Option(metavar="PAGE", help="What links to the page, and its address, lead to this one from then on."),
    ] = None,
) -> None:
    """Remove a page that nothing links to or cites; or fold it into another, whose text you have seen to.

    Example:  cxkb remove process-breaks --into silos
    """
    from cxkb import moving, settings

    _tell(moving.remove(settings.find(ctx.obj), page, into))


def _tell(moved: Moved) -> None:
    """What was done, a line for each file."""
    from cxkb.render import safe

    out(safe(f"{moved.old} -> {moved.new}" if moved.new else f"{moved.old} removed"))
    for path in moved.changed:
        out(safe(f"changed {path}"))
