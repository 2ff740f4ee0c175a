"""The knowledge base works wherever it lies, however its lines end, and whoever's home this is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cxkb import check, fixes, moving, passages, settings, site
from tests.promises import Lost, Promise

if TYPE_CHECKING:
    from random import Random

TINY = Path(__file__).parent.parent / "cases" / "tiny"

TEXTS = (".md", ".yml", ".toml", ".svg")

FOLDERS = ("Ünï cödé dir/it's", "50 % off #1 & more", "日本語/कोश", " $HOME/`x`;", "e\u0301 [a](b)", "-n/*?")

CHANGED = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR", "PYTHONUTF8", "LANG", "LC_ALL")
"""What of its surroundings a trial sets, or leaves unset."""

CXKB = "from cxkb.cli import main; main()"

FILED = "sys.path[:0] = {path!r}; "
"""Finds what this process finds, for an interpreter that heeds no environment."""


def surroundings(random: Random, folder: Path) -> dict[str, str]:
    """An environment like no other: no home or one that is not there, no UTF-8, a temporary folder with spaces."""
    scratch = folder / "tmp dir é"
    scratch.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name not in CHANGED}
    homes: tuple[dict[str, str], ...] = (
        {},
        {"HOME": "/proc/nowhere"},
        {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null"},
    )
    locales: tuple[dict[str, str], ...] = (
        {},
        {"LANG": "C"},
        {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    )
    temporary = {"TMPDIR": str(scratch)} if random.random() < 0.5 else {}
    return kept | random.choice(homes) | random.choice(locales) | temporary | {"NO_MKDOCS_2_WARNING": "1"}


def run(root: Path, env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """A command of ours in this folder, in Python's isolated mode; its locale is `env`'s."""
    code = f"import sys; {FILED.format(path=sys.path)}sys.argv[0] = 'cxkb'; {CXKB}"
    isolated = [] if "PYTHONUTF8" in env else ["-I"]  # which would not heed it
    done = subprocess.run(
        [sys.executable, *isolated, "-c", code, *arguments], cwd=root, env=env, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode(errors="replace")
    return done


def everything(root: Path) -> dict[str, bytes]:
    """Path -> bytes of the content."""
    files = (file for file in sorted(root.rglob("*")) if file.suffix in TEXTS)
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in files}


def with_crlf(texts: dict[str, bytes]) -> dict[str, bytes]:
    """The texts as Windows' git checks them out."""
    return {path: raw.replace(b"\n", b"\r\n") for path, raw in texts.items()}


def elsewhere(random: Random, folder: Path) -> None:
    """Check, rename, mend in a folder with an odd name, in odd surroundings; from a folder that is gone, one sentence."""
    root = Path(shutil.copytree(TINY, folder / random.choice(FOLDERS)))
    env = surroundings(random, folder)
    checked = run(root, env, "check")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b""), checked
    renamed = run(root, env, "rename", "step", "pace")
    assert renamed.returncode == 0, renamed.stderr
    assert b"docs/concepts/step.md -> docs/concepts/pace.md" in renamed.stdout
    refused = run(root, env, "rename", "pace", random.choice(("con", "aux", "nul", "com1", "lpt9")))
    assert refused.returncode == 1, refused.stdout
    assert b"Windows cannot keep" in refused.stderr
    gone = folder / "gone"
    gone.mkdir()
    code = f"import os, sys; {FILED.format(path=sys.path)}os.rmdir(os.getcwd()); sys.argv[0] = 'cxkb'; {CXKB}"
    for arguments, expected in ((["check"], 1), (["--root", "..", "check"], 1), (["--root", str(root), "check"], 0)):
        gone.mkdir(exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], cwd=gone, env=env, capture_output=True, check=False
        )
        assert done.returncode == expected, done.stderr
        assert done.stderr.count(b"\n") == expected, done.stderr


def lines_end_otherwise(random: Random, folder: Path) -> None:
    """The same is done to content with Windows' line ends: what is found and changed is the same, and they stay."""
    unix, windows = (Path(shutil.copytree(TINY, folder / name)) for name in ("unix", "windows"))
    spoil(random, unix)
    for path, raw in with_crlf(everything(unix)).items():
        (windows / path).parent.mkdir(parents=True, exist_ok=True)
        (windows / path).write_bytes(raw)
    ids = ["step", "silo", "journey", "who-walks", "koch", "doe-2016"]
    for n in range(random.randint(1, 4)):
        found = [check.problems(settings.find(root)) for root in (unix, windows)]
        assert found[0] == found[1]
        if random.random() < 0.5:
            for root in (unix, windows):
                fixes.mend(settings.find(root))
        else:
            old = ids.pop(random.randrange(len(ids)))
            ids.append(f"new-{n}")
            for root in (unix, windows):
                moving.rename(settings.find(root), old, f"new-{n}")
        wanted, is_ = with_crlf(everything(unix)), everything(windows)
        for path in wanted.keys() | is_.keys():
            if wanted.get(path) != is_.get(path):
                raise Lost(f"{path} is other with Windows' line ends: {is_.get(path)!r}, not {wanted.get(path)!r}")
    rendered = [[passages.split(page) for page in site.render(settings.find(root))] for root in (unix, windows)]
    if rendered[0] != rendered[1]:
        raise Lost("other passages are found with Windows' line ends")


def spoil(random: Random, root: Path) -> None:
    """Some of the mistakes that `check --fix` mends."""
    step = root / "docs" / "concepts" / "step.md"
    text = step.read_text(encoding="utf-8")
    for old, new in (
        ("broader: [journey]\n", ""),
        (" { #what-it-means }", ""),
        ("title: Step\ndefinition: A part of a journey.\n", "definition: A part of a journey.\ntitle: Step\n"),
    ):
        if random.random() < 0.5:
            assert old in text
            text = text.replace(old, new)
    step.write_text(text, encoding="utf-8")


PROMISES = [
    Promise("it works wherever it lies", elsewhere, short=2, long=100),
    Promise("Windows' line ends are kept", lines_end_otherwise, short=8, long=2000),
]
