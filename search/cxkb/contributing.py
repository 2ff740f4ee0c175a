"""Commands for those who write the knowledge base: `cxkb check`, `cxkb add`, `cxkb source`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxkb.terminal import open_searcher, out, say

app = typer.Typer(rich_markup_mode=None)

add = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Begin a new page or record.")
app.add_typer(add, name="add")
source = typer.Typer(rich_markup_mode=None, help="What a source brings, and the fingerprint of its text.")
app.add_typer(source, name="source")


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


@add.command("source")
def add_source(
    ctx: typer.Context,
    origin: Annotated[
        str, typer.Argument(metavar="URL|FILE", help="A public web page, or a file: HTML, Markdown, plain text, PDF.")
    ],
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help="What pages cite it by, if not the author's name and the year.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the record and write nothing.")] = False,
) -> None:
    """Begin a source record from an article: reads it, says what it left out, fills in what is sure.

    Writes sources/KEY.md, its text's fingerprint to sources/prints/KEY.txt, and the article's own text to
    .cxkb/originals/KEY.txt, which is never committed; then prints what the source brings. Nothing is overwritten. An address is asked for once, without cookies, and only if anybody on the internet can reach it.

    Examples:  cxkb add source https://example.org/an-interview   |   cxkb add source --dry-run paper.pdf
    """
    from cxkb import adding, prints, render, settings

    found = settings.find(ctx.obj)
    added = adding.add(found, origin, key, dry_run=dry_run)
    say(render.safe_lines(render.kept_and_stripped(added.article)))
    if dry_run:
        out(render.safe_lines(added.record_text.rstrip()))
        return
    for file in (added.record, added.original):
        out(render.safe(file.relative_to(found.root).as_posix()))
    for path in prints.make_all(found, [added.key]):
        out(path)
    say(render.next_steps(added))
    _report(ctx, added.key, "plain")


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
    _report(ctx, key, "json" if json else "markdown" if markdown else "plain")


def _report(ctx: typer.Context, key: str, form: str) -> None:
    """Print what the source brings."""
    from cxkb import knowledge, render, settings, source_report

    loaded = knowledge.load_or_fail(settings.find(ctx.obj))
    found = source_report.compose(key, loaded, open_searcher(ctx))
    forms = {"json": source_report.as_json, "markdown": source_report.markdown, "plain": source_report.plain}
    out(render.safe_lines(forms[form](found)))


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
