"""Commands for those who write the knowledge base: add, rename, remove, source, pr-comment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cxkb.terminal import encoding_progress, open_searcher, out, say

if TYPE_CHECKING:
    from cxkb.moving import Moved
    from cxkb.retrieve import Searcher
    from cxkb.settings import Settings

Form = Literal["plain", "whole", "markdown", "json"]
"""How a source's report is printed."""

app = typer.Typer(rich_markup_mode=None)
Page = Annotated[str, typer.Argument(metavar="PAGE", help="Id of a concept, tension or source, or its file.")]

add = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Begin a new page or record.")
app.add_typer(add, name="add")
source = typer.Typer(rich_markup_mode=None, help="What a source brings, and the fingerprint of its text.")
app.add_typer(source, name="source")


@add.command("concept")
def add_concept(
    ctx: typer.Context,
    title: Annotated[str, typer.Argument(help="What people call it, in English.")],
    group: Annotated[str | None, typer.Option(help="Id of a group; left to be chosen in the page otherwise.")] = None,
    id_: Annotated[str | None, typer.Option("--id", help="Its address; made from the title otherwise.")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Even if a page seems to mean the same.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the page, write nothing.")] = False,
) -> None:
    """Begin the page of a new concept. `cxkb check` then reports what is left to write.

    Refuses a title that a page has as a name already, or that seems to mean the same as one; else names the three nearest.

    Example:  cxkb add concept "Service recovery" --group practice
    """
    from cxkb import drafting, knowledge, settings
    from cxkb.errors import ContentError

    found = settings.find(ctx.obj)
    loaded = knowledge.load_or_fail(found)
    title = drafting.clean_title(title)
    id_ = id_ or drafting.id_of(title)
    drafting.require_new(loaded, title, id_, group)
    near = open_searcher(ctx).concepts_like(title, 3) if loaded.concepts else []
    nearest = [f"{path}: {name} ({text!r}, {cosine:.2f})" for cosine, path, name, text in near]
    if near and near[0][0] >= drafting.SAME and not anyway:
        raise ContentError(f"{title!r} seems to mean the same as a page; add to that, or say --anyway.\n{nearest[0]}")
    text = drafting.page(title, group, found.groups, [Path(path).stem for _, path, _, _ in near])
    if dry_run:
        out(text.rstrip("\n"))
    else:
        out(drafting.add(found, id_, text))
    if near:
        say("\n".join(["Nearest by meaning:", *nearest]))


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
    out(f"{moved.old} -> {moved.new}" if moved.new else f"{moved.old} removed")
    for path in moved.changed:
        out(f"changed {path}")


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
    .cxkb/originals/KEY.txt, which is never committed; then prints what the source brings. Nothing is
    overwritten. An address is asked for once, without cookies, and only if anybody on the internet can reach it.

    Examples:  cxkb add source https://example.org/an-interview   |   cxkb add source --dry-run paper.pdf
    """
    from cxkb import adding, render, retrieve, settings

    found = settings.find(ctx.obj)
    # The record has no notes yet, so that an index of the moment before tells all: it need not be built anew
    searcher = open_searcher(ctx) if not dry_run and retrieve.stale(found) is None else None
    added = adding.add(found, origin, key, dry_run=dry_run)
    say(render.kept_and_stripped(added.article))
    if dry_run:
        out(added.record_text.rstrip())
        return
    for file in added.files:
        out(file.relative_to(found.root).as_posix())
    _report(found, added.key, searcher or open_searcher(ctx), "plain")
    say(render.next_steps(added))


@app.command("pr-comment")
def pr_comment_(
    ctx: typer.Context,
    base: Annotated[str, typer.Option(metavar="REV", help="What the pull request is to be merged into: origin/main.")],
) -> None:
    """Print the comment that a pull request gets: what it brings, what the check found, how search moved. Markdown.

    Example:  cxkb pr-comment --base origin/main
    """
    from cxkb import pr_comment, pull_request, settings

    with encoding_progress() as progress:
        request = pull_request.gather(settings.find(ctx.obj), base, progress)
    out(pr_comment.compose(request).rstrip("\n"))


@source.command()
def report(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(help="The source's key: the name of its record without .md.")],
    json: Annotated[bool, typer.Option("--json", help="Print all of it as one JSON object.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print it for a comment on a pull request.")] = False,
    whole: Annotated[bool, typer.Option("--all", help="Print every passage, in full.")] = False,
) -> None:
    """Print what a source repeats, which concepts it touches, what is new in it, what may disagree, what is not noted yet.

    Example:  cxkb source report solis-2016
    """
    from cxkb import settings

    form: Form = "json" if json else "markdown" if markdown else "whole" if whole else "plain"
    _report(settings.find(ctx.obj), key, open_searcher(ctx), form)


def _report(found: Settings, key: str, searcher: Searcher, form: Form) -> None:
    """Print what the source brings."""
    from cxkb import knowledge, report_wording, source_report

    report = source_report.compose(key, knowledge.load_or_fail(found), searcher)
    if form == "json":
        out(report_wording.as_json(report))
    elif form == "markdown":
        out(report_wording.markdown(report))
    else:
        out(report_wording.plain(report, whole=form == "whole"))


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
