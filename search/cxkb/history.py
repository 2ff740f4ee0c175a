"""What changed on the pages, and when, as the repository's history tells."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from cxkb import git
from cxkb.errors import RepositoryError
from cxkb.markup import count
from cxkb.records import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cxkb.records import Kind

Action = Literal["added", "changed", "removed"]

ACTIONS: tuple[Action, ...] = get_args(Action)

STATUS: dict[str, Action] = {"A": "added", "M": "changed", "T": "changed", "D": "removed"}
"""Letters of `git log --name-status`."""

COMMIT = re.compile(r"^commit (?P<day>\d{4}-\d{2}-\d{2})$")
FILE = re.compile(r"^(?P<status>[AMTD])\t(?P<path>[^\"].*\.md)$")

FOLDERS: tuple[tuple[str, Kind], ...] = (
    ("docs/concepts/", "concept"),
    ("docs/tensions/", "tension"),
    ("sources/", "source"),
    ("docs/", "guide"),
)
"""Where pages are written -> their kind; the first that fits."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The pages of one kind to which the same happened on one day."""

    day: str
    """The author's: `2026-11-22`."""
    action: Action
    kind: Kind
    paths: tuple[str, ...]
    """Relative to the knowledge base, sorted."""

    @property
    def id(self) -> str:
        """A name that stays: `2026-11-22-added-concept`."""
        return f"{self.day}-{self.action}-{self.kind}"

    def __str__(self) -> str:
        """'55 concepts added'."""
        return f"{count(len(self.paths), self.kind)} {self.action}"


@dataclass(frozen=True, slots=True)
class History:
    """Batches, the newest day first; and the day of each page's last change by its path."""

    batches: tuple[Batch, ...] = ()
    changed: Mapping[str, str] = field(default_factory=dict)


def read(root: Path) -> History:
    """The history of docs/ and sources/ below `root`.

    Empty without git, outside a repository, and in a shallow clone, whose oldest commit would seem to have written
    everything: fetch the whole history to publish (`git clone` without `--depth`).
    """
    try:
        if git.text(root, "rev-parse", "--is-shallow-repository").strip() != "false":
            return History()
        log = git.text(
            root, "log", "--relative", "--no-renames", "--name-status", "--no-show-signature",
            "--date=short", "--format=commit %ad", "--", "docs", "sources",
        )  # fmt: skip
    except RepositoryError:
        return History()
    return summarise(log)


def summarise(log: str) -> History:
    """The history that git's log tells, newest commit first, of lines `commit DAY` and `STATUS<tab>PATH`.

    What happened to a page on one day is one thing: a page that was added and then changed is added.
    """
    actions: dict[tuple[str, str], list[Action]] = defaultdict(list)
    day = ""
    for line in log.splitlines():
        if commit := COMMIT.match(line):
            day = commit["day"]
        elif file := FILE.match(line):
            actions[day, file["path"]].append(STATUS[file["status"]])
    paths: dict[tuple[str, Action, Kind], list[str]] = defaultdict(list)
    changed: dict[str, str] = {}
    for (day, path), found in actions.items():
        changed[path] = max(day, changed.get(path, ""))
        if (action := _net(newest=found[0], oldest=found[-1])) and (kind := kind_of(path)):
            paths[day, action, kind].append(path)
    order = sorted(paths, key=lambda key: (ACTIONS.index(key[1]), KINDS.index(key[2])))
    order.sort(key=lambda key: key[0], reverse=True)
    return History(tuple(Batch(*key, tuple(sorted(paths[key]))) for key in order), changed)


def _net(newest: Action, oldest: Action) -> Action | None:
    """What a day's changes of a page come to; None when it came and went."""
    if newest == "removed":
        return None if oldest == "added" else "removed"
    return "added" if oldest == "added" else "changed"


def kind_of(path: str) -> Kind | None:
    """What a page written in this file, relative to the knowledge base, is."""
    return next((kind for folder, kind in FOLDERS if path.startswith(folder)), None)
