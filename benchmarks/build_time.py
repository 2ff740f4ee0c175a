"""How long a site takes to build, beside plain Material on the same Markdown, in one run.

    python benchmarks/build_time.py [--rounds 3] [--turns 17] [--profile]

Two knowledge bases: the real one, and one grown to about a thousand pages by copies of its concepts under other names.
"Plain" is the Markdown that the plugin `cxkb` composes, written to files and built without our plugins, extensions and
templates. Each build is a process of its own; medians over the rounds, which take the rows in turn. CPU is user and
system time, and what the ratio is of.

The first build of a clone draws the pages' cards and encodes their passages, once: it has a row of its own, taken once.
A grown knowledge base has it easier there than one of a thousand different pages, since equal passages are encoded once.
The other rows are of later builds. With --profile, also where the time of one goes that is ours.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from cxkb import knowledge, pages, settings

REPO = Path(__file__).resolve().parent.parent

PARTS = ("docs", "sources", "mkdocs.yml", "pyproject.toml")

LINK = re.compile(r"\]\((?:\.\./concepts/)?([a-z0-9-]+)\.md")


def copied(folder: Path) -> Path:
    """The real knowledge base, in this folder."""
    folder.mkdir()
    for part in PARTS:
        source = REPO / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / part)
    return folder


def grown(folder: Path, turns: int) -> Path:
    """The real knowledge base with this many copies of all its concepts, each copy a web of its own."""
    copied(folder)
    originals = {
        file.stem: file.read_text(encoding="utf-8") for file in sorted((folder / "docs/concepts").glob("*.md"))
    }
    for turn in range(1, turns + 1):
        for name, text in originals.items():
            copy = folder / "docs" / "concepts" / f"{name}-{turn}.md"
            copy.write_text(_renamed(text, str(turn), set(originals)), encoding="utf-8")
    return folder


def _renamed(text: str, suffix: str, names: set[str]) -> str:
    """A concept page under other names, which relates and links to its neighbours of the same turn."""
    _, head, body = text.split("---\n", 2)
    fields = yaml.safe_load(head)
    fields["title"] += f" {suffix}"
    for of in ("aliases", "questions"):
        fields[of] = {lang: [f"{text} {suffix}" for text in texts] for lang, texts in fields.get(of, {}).items()}
    for key, value in fields.items():
        if isinstance(value, list):
            fields[key] = [f"{name}-{suffix}" for name in value]
    body = LINK.sub(lambda link: link[0][:-3] + f"-{suffix}.md" if link[1] in names else link[0], body)
    return f"---\n{yaml.safe_dump(fields, allow_unicode=True, sort_keys=False)}---\n{body}"


def plain(folder: Path, base: Path) -> Path:
    """The site of the knowledge base `base` as ordinary Markdown files in this folder, for MkDocs without the plugin."""
    loaded = knowledge.load_or_fail(settings.find(base))
    shutil.copytree(base / "docs", folder / "docs")
    for uri, page in pages.compose(loaded).items():
        file = folder / "docs" / uri
        file.parent.mkdir(exist_ok=True)
        file.write_text(page.markdown, encoding="utf-8")
    written = re.sub(r"^  - cxkb.*\n", "", (base / "mkdocs.yml").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for part in ("concepts", "tensions", "sources"):
        written = written.replace(f"cxkb:{part}", json.dumps(pages.navigation(loaded, part)))
    (folder / "mkdocs.yml").write_text(written, encoding="utf-8")
    return folder


def without_search(folder: Path, base: Path) -> Path:
    """The knowledge base `base` in this folder, its site without the plugin `cxkb-search`."""
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns("site"))
    written = (base / "mkdocs.yml").read_text(encoding="utf-8")
    (folder / "mkdocs.yml").write_text(
        re.sub(r"^  - cxkb-search.*\n", "", written, flags=re.MULTILINE), encoding="utf-8"
    )
    return folder


def measure(folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds of a build."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling modules anew each time is nobody's everyday
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"mkdocs build in {folder} ended with {process.returncode}")
    return wall, used.ru_utime + used.ru_stime


def profile(folder: Path) -> None:
    """Print what of a build with the plugin goes by our own functions, the most time first."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    profiler = cProfile.Profile()
    config = load_config(str(folder / "mkdocs.yml"))
    profiler.runcall(build, config)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(r"cxkb/\w+\.py", 25)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--turns", type=int, default=17, help="copies of all concepts in the grown knowledge base")
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    print(
        f"median of {arguments.rounds} rounds".ljust(28)
        + f"{'pages':>8}{'wall s':>8}{'CPU s':>8}{'ms/page':>9}{'ratio':>7}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        bases = {"real": copied(Path(scratch, "real")), "grown": grown(Path(scratch, "grown"), arguments.turns)}
        for name, base in bases.items():
            first = measure(base)
            rows = {
                "plain Material": plain(Path(scratch, f"{name}-plain"), base),
                "with cxkb": without_search(Path(scratch, f"{name}-unsearched"), base),
                "and cxkb-search": base,
            }
            runs = [[measure(folder) for folder in rows.values()] for _ in range(arguments.rounds)]
            taken = {
                row: [statistics.median(column) for column in zip(*times, strict=True)]
                for row, times in zip(rows, zip(*runs, strict=True), strict=True)
            }
            built = sum(1 for _ in (base / "site").rglob("*.html"))
            for row, (wall, cpu) in {**taken, "the first build, once": first}.items():
                ratio = cpu / taken["plain Material"][1]
                print(
                    f"{name + ', ' + row:28}{built:8}{wall:8.2f}{cpu:8.2f}{1000 * cpu / built:9.1f}{ratio:7.2f}",
                    flush=True,
                )
            if arguments.profile:
                profile(base)


if __name__ == "__main__":
    main()
