"""What a pull request brings: its pages, their problems, and search asked before and after."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cxkb import (
    build,
    changes,
    check,
    evaluate,
    git,
    guides,
    history,
    knowledge,
    report_wording,
    retrieve,
    source_report,
)
from cxkb import settings as settings_
from cxkb.errors import CxkbError
from cxkb.pr_comment import FIGURES, Brought, Change, Moved, PullRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cxkb.evaluate import Outcome
    from cxkb.knowledge import KnowledgeBase
    from cxkb.retrieve import Searcher
    from cxkb.settings import Settings
    from cxkb.source_report import Report

    Progress = Callable[[int, int], None] | None

QUESTIONS = "tests/retrieval/questions.jsonl"

SPLIT = "tune"
"""The comment shows questions, and pages get written towards what is shown: those that are published on stay unseen."""

CONTENT = ("docs", "sources", "mkdocs.yml", "pyproject.toml", QUESTIONS)
"""What an earlier state of the knowledge base is made of: its content, not its code."""


def gather(settings: Settings, revision: str, progress: Progress = None) -> PullRequest:
    """What the working folder brings since it went apart from the revision.

    Both states of the content are searched with the code at hand, so the figures tell what the content did. Builds the
    index first when it is stale. What keeps search from being measured is told in the comment; RepositoryError is raised
    for an unknown revision.
    """
    base = git.merge_base(settings.root, revision)
    loaded, unreadable = knowledge.load(settings)
    titles = changes.titles(loaded, guides.load(settings))
    changed = _changes(git.changed(settings.root, base), titles)
    new = [change.path for change in changed if _is_new_source(change, loaded)]
    moved, unmeasured = None, "No page and no source is touched, so the figures are those of before."
    reports: dict[str, Report] = {}
    if changed:
        try:
            if retrieve.stale(settings):
                build.build(settings, progress)
            searcher = retrieve.Searcher(settings)
            for path in new:
                reports[path] = source_report.compose(Path(path).stem, loaded, searcher)
            moved = _measure(settings, searcher, base, progress)
        except CxkbError as error:
            unmeasured = f"Search could not be measured: {error}"
    return PullRequest(
        changes=changed,
        brought=[_brought(loaded, path, titles, reports.get(path)) for path in new],
        problems=check.problems_of(loaded, unreadable),
        moved=moved,
        unmeasured=unmeasured,
    )


def _changes(files: Sequence[tuple[str, str]], titles: Mapping[str, str]) -> list[Change]:
    return [
        Change(history.STATUS[status], kind, path, titles.get(path, Path(path).stem))
        for status, path in files
        if path.endswith(".md") and status in history.STATUS and (kind := history.kind_of(path))
    ]


def _is_new_source(change: Change, loaded: KnowledgeBase) -> bool:
    return (change.action, change.kind) == ("added", "source") and Path(change.path).stem in loaded.sources


def _brought(loaded: KnowledgeBase, path: str, titles: Mapping[str, str], report: Report | None) -> Brought:
    source = loaded.sources[Path(path).stem]
    citing = {page.path for (key, _), pages in loaded.cited_by.items() if key == source.key for page in pages}
    return Brought(
        source.head.title,
        source.label,
        len(source.ideas),
        [titles[path] for path in sorted(citing)],
        report_wording.summary(report) if report else (),
        report_wording.details(report) if report else "",
    )


def _measure(settings: Settings, searcher: Searcher, base: str, progress: Progress) -> Moved:
    """Search on the test questions with the content of the commit and with the present one.

    Each state is judged by its own judgements, on the questions that both have: a page that got another name is not a
    question lost.
    """
    after = evaluate.load_questions(settings.root / QUESTIONS, SPLIT)
    with tempfile.TemporaryDirectory(prefix="cxkb-") as scratch:
        git.export(settings.root, base, CONTENT, Path(scratch))
        earlier = settings_.find(Path(scratch))
        shutil.copytree(settings.index, earlier.index)  # so that only what has changed is encoded
        build.build(earlier, progress)
        before = evaluate.load_questions(earlier.root / QUESTIONS, SPLIT)
        both = {question.id for question in before} & {question.id for question in after}
        old, new = (
            evaluate.run([question for question in questions if question.id in both], asked.ask)
            for questions, asked in ((before, retrieve.Searcher(earlier)), (after, searcher))
        )
    won, lost = evaluate.compare(old, new)
    return Moved(
        questions=len(both),
        before=_figures(old),
        after=_figures(new),
        won=[question.query for question in won],
        lost=[question.query for question in lost],
    )


def _figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    row = evaluate.report(outcomes).rows["all"]
    return {measure: row[measure] for measure in FIGURES}
