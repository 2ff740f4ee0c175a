"""The reports of the sample articles, in short: ids and places only, no similarities.

python -m tests.report_goldens --write     # into tests/cases/reports, to be read before they are committed
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.conftest import NOT_CONTENT, environment

ROOT = Path(__file__).resolve().parent.parent

FOLDER = ROOT / "tests" / "cases" / "reports"

ARTICLES = ("interview-magazine.html", "interview-blog.html", "sound.html", "german.html")
"""In the order in which they are added: the second is an edition of the first."""


def reports(knowledge_base: Path) -> dict[str, str]:
    """Name -> report in short, of each article after it was added to this folder, which must be a copy."""
    found = {}
    for article in ARTICLES:
        name = Path(article).stem
        _cxkb(knowledge_base, "add", "source", str(ROOT / "tests" / "articles" / article), "--key", name)
        found[name] = _short(json.loads(_cxkb(knowledge_base, "source", "report", name, "--json")))
    return found


def _cxkb(folder: Path, *arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("cxkb")), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _short(report: dict[str, Any]) -> str:
    """What it repeats, the concept nearest to each passage, and where it finds something new."""
    lines = [f"edition of {repeat['key']}" for repeat in report["repeats"] if repeat["is_edition"]]
    lines += [f"touches {place}: {' '.join(ids[:1])}" for place, ids in report["by_passage"]]
    if report["new"] is None:
        lines.append("new: not told")
    else:
        lines += sorted({f"new {candidate['place']}" for candidate in report["new"]})
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", required=True, help="write the files anew")
    parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        copy = shutil.copytree(ROOT, Path(scratch) / "kb", ignore=NOT_CONTENT, symlinks=True)
        made = reports(copy)
    FOLDER.mkdir(exist_ok=True)
    for name, text in made.items():
        (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
        print(FOLDER / f"{name}.txt")


if __name__ == "__main__":
    main()
