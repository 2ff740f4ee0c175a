"""Commands about mistakes: check, explain."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from cxkb.terminal import out, say

if TYPE_CHECKING:
    from cxkb.annotations import Format
    from cxkb.records import Problem

app = typer.Typer(rich_markup_mode=None)


@app.command()
def check(
    ctx: typer.Context,
    against: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Instead: what our texts share, word for word, with the texts in FOLDER."),
    ] = None,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="First mend what needs no judgement: key order, mutual relations, heading ids."),
    ] = False,
    form: Annotated[
        str, typer.Option("--format", metavar="text|github|json|sarif", help="For people, or for programs.")
    ] = "text",
) -> None:
    """Print every problem in docs/ and sources/ as path:line: message; exit with 1 if there are any.

    cxkb explain CODE says of each why it matters and how to mend it. --format json has an object for each with path,
    line, code, message, why and mend; github is for workflows on GitHub, sarif for what reads SARIF 2.1.0.

    With --against it reports each run of eight or more words that a page or record shares with a .txt or .md file in
    the folder: keep the originals of your sources there, outside the repository.
    """
    from cxkb import check as checks
    from cxkb import copying, fixes, settings
    from cxkb.annotations import Format, line

    if form not in get_args(Format):
        raise typer.BadParameter(f"{form!r} is not one of {', '.join(get_args(Format))}", param_hint="--format")
    if against and fix:
        raise typer.BadParameter("what is copied cannot be mended by a program", param_hint="--fix")
    base = settings.find(ctx.obj)
    if against:
        ours = [*sorted((base.root / "docs").rglob("*.md")), *sorted(base.sources.glob("*.md"))]
        problems = copying.problems(base.root, ours, against)
    else:
        if fix:
            for mended in fixes.mend(base):
                say(f"mended: {line(mended)}")
        problems = checks.problems(base)
    _show(problems, form)  # type: ignore[arg-type]  # one of its values, as checked above
    if problems:
        say(_summary(problems, may_fix=not (fix or against)))
        raise typer.Exit(1)


def _show(problems: list[Problem], form: Format) -> None:
    from cxkb import annotations, render

    if form == "text" and sys.stdout.isatty():
        console = render.console()
        for problem in problems:
            console.print(annotations.line_rich(problem), soft_wrap=True)
    elif shown := annotations.annotated(problems, form):
        out(shown)


def _summary(problems: list[Problem], *, may_fix: bool) -> str:
    from cxkb.explanations import explanations

    count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    mendable = may_fix and any(explanations()[problem.code].is_mechanical for problem in problems)
    return f"{count}; cxkb explain CODE tells more" + (", cxkb check --fix mends what it can" if mendable else "")


@app.command()
def explain(
    code: Annotated[
        str | None,
        typer.Argument(metavar="[CODE]", help="As it stands in brackets behind a problem.", show_default=False),
    ] = None,
) -> None:
    """Say why a problem matters and how to mend it, with an example; without CODE, list them all.

    Example:  cxkb explain unknown-idea
    """
    from cxkb.annotations import explained, listed
    from cxkb.explanations import explanations
    from cxkb.nearest import hint

    known = explanations()
    if code is None:
        out(listed())
    elif code in known:
        out(explained(known[code]))
    else:
        raise typer.BadParameter(f"there is no problem {code!r}{hint(code, known, 'cxkb explain')}", param_hint="CODE")
