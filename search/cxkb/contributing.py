"""Commands for those who write the knowledge base: `cxkb check`, `cxkb source report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxkb.terminal import open_searcher, out, say

app = typer.Typer(rich_markup_mode=None)


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


source = typer.Typer(rich_markup_mode=None, help="What a source brings, and the fingerprint of its text.")
app.add_typer(source, name="source")


@source.command()
def report(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(help="The source's key: the name of its record without .md.")],
    json: Annotated[bool, typer.Option("--json", help="Print all of it as one JSON object.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print it for a comment on a pull request.")] = False,
) -> None:
    """Print what a source repeats, which concepts it touches, what is new in it, what may disagree, what is not noted yet.

    Example:  cxkb source report solis-2016
    """
    from cxkb import knowledge, render, settings, source_report

    loaded = knowledge.load_or_fail(settings.find(ctx.obj))
    found = source_report.compose(key, loaded, open_searcher(ctx))
    form = source_report.as_json if json else source_report.markdown if markdown else source_report.plain
    out(render.safe_lines(form(found)))


@source.command("print")
def print_(
    ctx: typer.Context,
    keys: Annotated[
        list[str] | None, typer.Argument(help="Keys of sources; all whose text is here when left out.")
    ] = None,
) -> None:
    """Make the fingerprint of a source's text, .cxkb/originals/KEY.txt, by which later editions of it are recognised.

    It is kept in sources/prints and belongs into the repository; the text does not.
    """
    from cxkb import prints, settings

    base = settings.find(ctx.obj)
    for file in prints.make_all(base, keys or ()):
        out(file)
