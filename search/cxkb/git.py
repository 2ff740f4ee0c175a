"""What git tells about the repository that the knowledge base lies in. Only reads."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING

from cxkb.errors import RepositoryError

if TYPE_CHECKING:
    from pathlib import Path

READ_ONLY = ("--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
"""Git starts no other program, and writes nothing beside what it is asked for."""


def merge_base(root: Path, revision: str) -> str:
    """The commit from which HEAD and the revision went apart. Raises RepositoryError for an unknown revision."""
    commit = text(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").strip()
    return text(root, "merge-base", commit, "HEAD").strip()


def changed(root: Path, commit: str) -> list[tuple[str, str]]:
    """What is otherwise in docs/ and sources/ than in the commit: letter (A, M, T, D), path, in path order.

    Files not yet added to git count, those it is to ignore do not.
    """
    told = text(
        root, "diff", "--name-status", "-z", "--no-renames", "--relative", "--no-ext-diff", "--no-textconv",
        commit, "--", "docs", "sources",
    ).split("\0")  # fmt: skip
    found = list(zip(told[1::2], told[::2], strict=False))
    new = text(root, "ls-files", "-z", "--others", "--exclude-standard", "--", "docs", "sources").split("\0")
    return [(status, path) for path, status in sorted([*found, *((path, "A") for path in new if path)])]


def export(root: Path, commit: str, names: tuple[str, ...], folder: Path) -> None:
    """Write those of the files and folders that the commit has, as they were, into `folder`; links are left out."""
    wanted = [name for name in text(root, "ls-tree", "--name-only", "-z", commit, "--", *names).split("\0") if name]
    if not wanted:
        return
    with tarfile.open(fileobj=io.BytesIO(ask(root, "archive", "--format=tar", commit, "--", *wanted))) as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)):
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read())


def text(root: Path, *arguments: str) -> str:
    """What git prints, as text. Raises RepositoryError."""
    return ask(root, *arguments).decode("utf-8", "replace")


def ask(root: Path, *arguments: str) -> bytes:
    """What git prints about the repository that `root` lies in. Raises RepositoryError when it cannot."""
    git = shutil.which("git")
    if git is None:
        raise RepositoryError("git is not on PATH; install it.")
    command = [git, *READ_ONLY, "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a list, no shell
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RepositoryError(f"git cannot tell: {said[0] if said else arguments[0]}")
    return done.stdout
