"""The command line: `cxkb`. Parses, calls one function, renders."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxkb import __version__, checking, contributing
from cxkb.errors import QuestionError
from cxkb.terminal import Group, encoding_progress, open_searcher, out, refresh, say

if TYPE_CHECKING:
    from cxkb.records import Answer

MAX_STDIN = 1_000_000
"""Bytes of a question read from standard input before it is refused as too long."""


app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A knowledge base of customer experience concepts: ask it, check it, index it.",
    epilog='Example:  cxkb ask "who owns the customer experience?"',
)

Root = Annotated[
    Path | None,
    typer.Option("--root", "-C", metavar="FOLDER", help="The knowledge base, if not the folder you are in."),
]


def _print_version(value: bool) -> None:
    if value:
        print(f"cxkb {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    ctx: typer.Context,
    root: Root = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version  # its callback has printed it
    ctx.obj = root
    for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # before anything imports numpy
        os.environ.setdefault(pool, "1")  # starting a pool of threads costs more than one question gains by it


@app.command()
def ask(
    ctx: typer.Context,
    question: Annotated[
        list[str] | None,
        typer.Argument(help="In your own words; read from standard input when left out.", show_default=False),
    ] = None,
    number: Annotated[int, typer.Option("-n", "--number", min=1, max=100, help="How many pages to show.")] = 3,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", metavar="concept|tension|source|guide", help="Only pages of this kind; may be repeated."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open the best page in the browser.")] = False,
) -> None:
    """Answer a question from the knowledge base, with the sources.

    Builds or refreshes the index first when the content has changed.

    Without a question, on a terminal, it opens a prompt: ask on, leave with Ctrl-D.

    Examples:  cxkb ask "why do silos hurt customers?"   |   cxkb ask --json -n 1 website touchpoint
    """
    from cxkb import render, retrieve

    kinds = _kinds(kind)
    site = retrieve.site_url()

    def show(answer: Answer) -> None:
        if as_json:
            out(render.answer_json(answer, site))
        elif sys.stdout.isatty():
            console = render.console()
            for part in render.answer_rich(answer, site):
                console.print(part)
        else:
            out(render.answer_plain(answer, site))

    if not question and sys.stdin and sys.stdin.isatty() and sys.stdout.isatty():
        searcher = open_searcher(ctx)
        for asked in _prompt():
            try:
                show(searcher.ask(asked, number, kinds))
            except QuestionError as error:
                say(str(error))
        return
    asked = retrieve.clean_question(" ".join(question) if question else _stdin())
    answer = open_searcher(ctx).ask(asked, number, kinds)
    show(answer)
    if open_ and answer.answered:
        typer.launch(site + answer.hits[0].passage.location)


@app.command()
def run(
    ctx: typer.Context,
    questions: Annotated[
        Path, typer.Argument(help='One JSON object a line: {"id": …, "query": …}; - for standard input.')
    ],
    number: Annotated[
        int, typer.Option("-n", "--number", min=1, max=1000, help="How many pages to rank for each.")
    ] = 10,
) -> None:
    """Answer many questions with one load of the model, a line of JSON each.

    Prints {"id", "ranking": [{"concepts", "location", "score"}, …], "abstained"}, in the order of the questions.
    """
    from cxkb import evaluate, render

    asked = list(evaluate.queries(_raw(questions), str(questions)))
    searcher = open_searcher(ctx)
    for line, id_, query in asked:
        try:
            out(render.run_json(id_, searcher.ask(query, number)))
        except QuestionError as error:
            raise QuestionError(f"{questions}:{line}: {error}") from error


@app.command("eval")
def evaluate_(
    ctx: typer.Context,
    questions: Annotated[
        Path | None,
        typer.Argument(help="Questions with judgements, JSON lines; tests/retrieval/questions.jsonl when left out."),
    ] = None,
    split: Annotated[str, typer.Option(help="tune (even ids), test (odd ids) or all.")] = "test",
    compare: Annotated[
        Path | None, typer.Option(metavar="RUN", help="A run of `cxkb run`: which questions were won and lost since.")
    ] = None,
) -> None:
    """Measure search on questions with graded judgements: by type and language, with 95 % intervals.

    Example:  cxkb run tests/retrieval/questions.jsonl > before.jsonl; …; cxkb eval --split all --compare before.jsonl
    """
    from cxkb import evaluate, render, settings

    if split not in ("tune", "test", "all"):
        raise typer.BadParameter(f"{split!r} is not one of tune, test, all", param_hint="--split")
    file = questions or settings.find(ctx.obj).root / "tests" / "retrieval" / "questions.jsonl"
    asked = evaluate.load_questions(file, split)
    outcomes = evaluate.run(asked, open_searcher(ctx).ask)
    out(render.report(evaluate.report(outcomes)))
    if compare:
        won, lost = evaluate.compare(evaluate.load_run(compare, asked), outcomes)
        out(render.comparison(won, lost))


@app.command()
def show(
    ctx: typer.Context,
    name: Annotated[
        list[str], typer.Argument(help="Id, title or alias of a concept; id of a tension; key of a source.")
    ],
) -> None:
    """Read a page in the terminal.

    Example:  cxkb show silos   |   cxkb show can-cx-be-managed   |   cxkb show solis-2016
    """
    from cxkb import knowledge, reading, render, settings

    loaded = knowledge.load_or_fail(settings.find(ctx.obj))
    text = render.safe(reading.markdown(loaded, reading.find(loaded, " ".join(name))))
    if sys.stdout.isatty():
        from rich.markdown import Markdown

        console = render.console()
        with console.pager(styles=True) if console.height < text.count("\n") else contextlib.nullcontext():
            console.print(Markdown(text))
    else:
        out(text.rstrip("\n"))


@app.command()
def related(
    ctx: typer.Context,
    name: Annotated[list[str], typer.Argument(help="Id, title or alias of a concept.")],
    number: Annotated[int, typer.Option("-n", "--number", min=1, max=50, help="How many neighbours by meaning.")] = 5,
) -> None:
    """List a concept's neighbours: by relation, and by meaning.

    Example:  cxkb related silos
    """
    from cxkb import knowledge, reading, settings

    loaded = knowledge.load_or_fail(settings.find(ctx.obj))
    page = reading.find(loaded, " ".join(name))
    if page.path.startswith("docs/concepts/"):
        for label, others in loaded.relations_of(page).items():  # type: ignore[arg-type]
            for other in others:
                out(f"{label}: {other.head.title} ({other.id})")
    searcher = open_searcher(ctx)
    for cosine, kind, id_, title in searcher.neighbours(page.path, number):
        out(f"By meaning: {title} ({id_}, {kind}, {cosine:.2f})")


@app.command()
def index(
    ctx: typer.Context,
    whole: Annotated[bool, typer.Option("--whole", help="Encode everything again, not only what has changed.")] = False,
) -> None:
    """Build the index that questions are answered from. Only what has changed is encoded."""
    from cxkb import build, render, settings

    found = settings.find(ctx.obj)
    with encoding_progress() as progress:
        report = build.build(found, progress, whole=whole)
    out(render.built(report))


@app.command("site-assets")
def site_assets_(
    ctx: typer.Context,
    site: Annotated[
        Path, typer.Argument(metavar="SITE", help="The folder of a built site, as `mkdocs build` makes it.")
    ],
) -> None:
    """Write what answers questions in the reader's browser into a built site: model, vectors, texts, JavaScript.

    The MkDocs plugin cxkb-search does the same after each build; this is for sites built by something else. Builds or
    refreshes the index first when the content has changed. The same index gives the same bytes.

    Example:  mkdocs build && cxkb site-assets site
    """
    from cxkb import retrieve, settings, site_assets

    found = settings.find(ctx.obj)
    site_assets.require_site(site)
    if reason := retrieve.stale(found):
        refresh(found, reason)
    out(str(site_assets.write(found, site)))


app.add_typer(checking.app)
app.add_typer(contributing.app)


@app.command()
def schema(
    head: Annotated[str, typer.Argument(metavar="source|concept|tension", help="Which front matter.")],
) -> None:
    """Print the JSON Schema of a kind of front matter, for editors to complete and check it."""
    from cxkb.heads import HEADS

    if head not in HEADS:
        raise typer.BadParameter(f"{head!r} is not one of {', '.join(HEADS)}")
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | HEADS[head].model_json_schema(by_alias=True)
    out(json.dumps(made, ensure_ascii=False, indent=2))


def _kinds(named: list[str] | None) -> tuple[Any, ...]:
    from cxkb.records import KINDS

    for name in named or ():
        if name not in KINDS:
            raise typer.BadParameter(f"{name!r} is not one of {', '.join(KINDS)}", param_hint="--kind")
    return tuple(named or ())


def _prompt() -> Iterator[str]:
    """Questions typed one after the other, with the history of this terminal session; ends with Ctrl-D."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - gives input() its history and editing

    while True:
        try:
            asked = input("Ask: ")
        except EOFError:
            say("")
            return
        if asked.strip():
            yield asked


def _stdin() -> str:
    """The question from standard input; nothing when a person sits at it."""
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    raw = sys.stdin.buffer.read(MAX_STDIN + 1)
    if len(raw) > MAX_STDIN:
        raise QuestionError(f"The question on standard input is longer than {MAX_STDIN:,} bytes; ask in a sentence.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise QuestionError("The question on standard input is not UTF-8 text. Ask in words.") from None


def _raw(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise QuestionError(f"{file} cannot be read: {error.strerror or error}.") from error


def main() -> None:
    """The console script."""
    app()
