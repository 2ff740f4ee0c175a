"""Commands of cxkb on small knowledge bases of one's own: what they change when all is well, and runs that are disturbed."""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from cxkb import index, transaction
from tests.promises import Lost

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
TINY = HERE.parent / "cases" / "tiny"

State: TypeAlias = "dict[str, bytes]"
"""Path -> content."""


@dataclass(frozen=True, slots=True)
class Run:
    """A command, and what is to befall it."""

    folder: str
    arguments: tuple[str, ...]
    step: int = -1
    """The change of the disk, counted from 1, before which it is killed; 0 for its start."""
    after: float = 0
    """Seconds after that step at which it is killed instead."""
    largest: int | None = None
    """Bytes that no file may grow beyond."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run."""

    status: int
    """Exit code; negative when it was killed."""
    seconds: float
    steps: int
    said: str

    def require_sentence(self) -> None:
        """Raise unless the command did its work, or said in one sentence why not."""
        assert self.status in (0, 1), self
        if self.status:
            last = self.said.rstrip("\n").split("\n")[-1]
            assert last.startswith("cxkb: "), self
            assert "Traceback" not in self.said, self


def together(*runs: Run) -> list[Outcome]:
    """What becomes of these, started at once."""
    process = _forks()
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps([asdict(run) for run in runs]) + "\n")
    process.stdin.flush()
    return [Outcome(**outcome) for outcome in json.loads(process.stdout.readline())]


def run(folder: Path, *arguments: str) -> Outcome:
    """What becomes of one that nothing disturbs."""
    return together(Run(str(folder), arguments))[0]


@functools.cache
def _scratch() -> Path:
    """A folder for what the trials share, gone at the end."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def _forks() -> subprocess.Popen[str]:
    from tests.conftest import environment

    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.forks"],
        cwd=HERE.parent.parent,
        env=environment(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def stop() -> None:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]

    atexit.register(stop)
    return process


@functools.cache
def indexed() -> Path:
    """The tiny knowledge base with its index and the files of a site; not to be changed."""
    folder = Path(shutil.copytree(TINY, _scratch() / "indexed"))
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("<!doctype html>", encoding="utf-8")
    done = run(folder, "site-assets", "site")
    assert done.status == 0, done
    return folder


# --- the commands ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Command:
    """A command that changes something, and what is there before."""

    arguments: tuple[str, ...]
    prepare: Callable[[Path], object] = str
    """Makes of the tiny knowledge base what the command finds; nothing, unless given."""
    again: bool = True
    """Whether it can be given again when it is done."""


def _edited(root: Path) -> None:
    step = root / "docs" / "concepts" / "step.md"
    step.write_text(step.read_text(encoding="utf-8") + "\nA stride is a long step.\n", encoding="utf-8")


def _reindexed(root: Path) -> None:
    """A site whose files are of an older index."""
    _edited(root)
    assert run(root, "index").status == 0


def _broken(root: Path) -> None:
    for page in sorted((root / "docs" / "concepts").glob("*.md")):
        text = page.read_text(encoding="utf-8").replace(" { #what-it-means }", "").replace("narrower: [step]\n", "")
        page.write_text(text, encoding="utf-8")


def _article(root: Path) -> None:
    sentence = "The people who walk through a firm count the steps, and the firm that counts with them learns where they stop. "
    (root / "article.txt").write_text("Of steps\n\nBy Ann Doe\n\n" + 12 * sentence + "\n", encoding="utf-8")


COMMANDS = {
    "index": Command(("index",), _edited),
    "site-assets": Command(("site-assets", "site"), _reindexed),
    "fix": Command(("check", "--fix"), _broken),
    "rename": Command(("rename", "step", "pace"), again=False),
    "remove": Command(("remove", "step", "--into", "silo"), again=False),
    "add-concept": Command(("add", "concept", "Corridor talk", "--group", "work", "--anyway"), again=False),
    "add-source": Command(("add", "source", "article.txt", "--key", "walker-2020"), _article, again=False),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A command with its folder before and after, when nothing disturbs it."""

    command: Command
    before: Path
    old: State
    new: State
    seconds: float
    steps: int


@functools.cache
def case(name: str) -> Case:
    """The command of this name."""
    command = COMMANDS[name]
    before = Path(shutil.copytree(indexed(), _scratch() / name / "before"))
    command.prepare(before)
    after = Path(shutil.copytree(before, _scratch() / name / "after"))
    done = run(after, *command.arguments)
    assert done.status in (0, 1), done
    assert "Traceback" not in done.said, done
    old, new = state(before), state(after)
    assert old != new, done
    return Case(command, before, old, new, done.seconds, done.steps)


def copy(case: Case, folder: Path) -> Path:
    """The folder before the command, for one trial to use up."""
    return Path(shutil.copytree(case.before, folder / "kb", symlinks=True))


def state(root: Path) -> State:
    """What must be as it was, or as it is to be: content and originals; the index and the site's files with what they name."""
    found = {
        file.relative_to(root).as_posix(): file.read_bytes()
        for place in ("docs", "sources", ".cxkb/originals", "mkdocs.yml", "pyproject.toml")
        for file in ([root / place] if (root / place).is_file() else (root / place).rglob("*"))
        if file.is_file() and ".writing-" not in file.name
    }
    for manifest in (root / ".cxkb" / "index" / index.MANIFEST, root / "site/assets/cxkb/search/manifest.json"):
        if manifest.exists():
            raw = manifest.read_bytes()
            named = [file if isinstance(file, str) else file["name"] for file in _files(raw)]
            for file in (manifest, *(manifest.parent / name for name in named)):
                found[file.relative_to(root).as_posix()] = file.read_bytes() if file.exists() else b"missing"
    return found


def _files(raw: bytes) -> list[str | dict[str, str]]:
    files = json.loads(raw)["files"]
    return list(files) if all(isinstance(value, str) for value in files.values()) else list(files.values())


def content(state: State) -> State:
    """What people have written."""
    return {path: raw for path, raw in state.items() if not path.startswith((".cxkb/index/", "site/"))}


def require_old_or_new(case: Case, root: Path, *, only_old: bool = False) -> None:
    """Raise Lost for anything between, as the next command finds it, and unless that command answers."""
    made = {path: raw for path, raw in state(root).items() if path.startswith((".cxkb/index/", "site/"))}
    for place in (".cxkb/index/", "site/"):
        part, old, new = (
            {path: raw for path, raw in whole.items() if path.startswith(place)} for whole in (made, case.old, case.new)
        )
        if part != old and (only_old or part != new):
            # a command that changes content renews the index on the way; then it is as new as the content was
            raise Lost(f"{place} is neither as it was nor as it is to be: {_difference(part, old, new)}")
    asked = run(root, "ask", "Who walks through the firm?")
    if asked.status:
        raise Lost(f"The next command does not work: {asked}")
    left = content(state(root))
    if left != content(case.old) and (only_old or left != content(case.new)):
        raise Lost(f"The content is neither: {_difference(left, content(case.old), content(case.new))}")


def require_new(case: Case, root: Path) -> None:
    """Raise unless the command, given again, brings the folder to where it was to be, and nothing is left that matters.

    A folder of what was pending may be left once all is in its place: without its list it means nothing.
    """
    if case.command.again or content(state(root)) == content(case.old):
        done = run(root, *case.command.arguments)
        assert done.status in (0, 1), done
        assert "Traceback" not in done.said, done
    left = content(state(root))
    if left != content(case.new):
        raise Lost(f"The command given again does not do its work: {_difference(left, content(case.new))}")
    stray = [file for file in root.rglob("*") if ".writing-" in file.name or file.name == transaction.LIST]
    assert stray == [], stray


def _difference(one: State, *others: State) -> list[list[str]]:
    return [sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path)) for other in others]
