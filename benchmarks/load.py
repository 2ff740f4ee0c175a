"""Many questions in one process, and many pages: what memory and time they take.

    python benchmarks/load.py [--questions 10000] [--pages 2000]

Questions go through `cxkb run`, on the real knowledge base; every tenth is one of the judged questions as it stands, the
others are made of their words. Memory is the process's resident set, read after the first tenth of the answers and after
the last; `growth` is of the one over the other. Some answers are compared with those of processes that are asked one
question each. Pages are made of sentences that no page shares, with titles of their own, and each relates to the page
before it; `index` encodes them all. Exits with 1 when memory grew by more than 5 % or an answer differs. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parent.parent

PARTS = ("docs", "sources", "mkdocs.yml", "pyproject.toml")

TINY = REPO / "tests" / "cases" / "tiny"

CXKB = [sys.executable, "-c", "from cxkb.cli import main; main()"]

SINGLE = 5
"""Answers that are compared with a process of their own each."""

ALLOWED = 0.05
"""Growth of memory."""


def judged() -> list[str]:
    """The questions of tests/retrieval."""
    lines = (REPO / "tests" / "retrieval" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["query"] for line in lines]


def many(count: int) -> list[str]:
    """So many questions, hardly two of them the same."""
    asked, generator = judged(), random.Random(1)  # always the same
    words = sorted({word for question in asked for word in question.split()})
    return [
        asked[n // 10 % len(asked)] if n % 10 == 0 else " ".join(generator.choices(words, k=generator.randint(1, 20)))
        for n in range(count)
    ]


def resident(process: int) -> float:
    """Megabytes of memory that the process has."""
    fields = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def asked_at_once(root: Path, questions: list[str]) -> tuple[list[dict[str, Any]], float, float, float]:
    """Answers of one `cxkb run`; megabytes after a tenth of them and after all; seconds."""
    file = root / "questions.jsonl"
    lines = [json.dumps({"id": n, "query": question}) for n, question in enumerate(questions)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    answers: list[dict[str, Any]] = []
    early = late = 0.0
    start = time.perf_counter()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([*CXKB, "run", str(file)], cwd=root, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        for line in process.stdout:
            answers.append(json.loads(line))
            if len(answers) == len(questions) // 10:
                early = resident(process.pid)
            if len(answers) == len(questions) - 1:  # it may end after the last
                late = resident(process.pid)
    if process.returncode or len(answers) != len(questions):
        raise SystemExit(f"cxkb run ended with {process.returncode} after {len(answers)} answers")
    return answers, early, late, time.perf_counter() - start


def asked_alone(root: Path, question: str) -> dict[str, Any]:
    """The answer of a process that is asked nothing else."""
    line = json.dumps({"id": 0, "query": question})
    done = subprocess.run([*CXKB, "run", "-"], cwd=root, input=line, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measured(root: Path, *command: str) -> tuple[float, float]:
    """Seconds and peak megabytes of a command that succeeds."""
    start = time.perf_counter()
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    with subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[-3:])} ended with {process.returncode}")
    return seconds, used.ru_maxrss * 1024 / 1e6


def written(folder: Path, count: int) -> Path:
    """A clean knowledge base of so many concept pages."""
    root = Path(shutil.copytree(TINY, folder))
    settings = root / "mkdocs.yml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("[cxkb]", "[search, cxkb, cxkb-search]"), encoding="utf-8"
    )
    generator = random.Random(1)  # always the same
    words = sorted({word.strip("?!.,").lower() for question in judged() for word in question.split() if word.isalpha()})
    for n in range(count):
        sentences = [" ".join(generator.choices(words, k=20)).capitalize() for _ in range(3)]
        neighbours = [f"page-{other}" for other in (n - 1, n + 1) if 0 <= other < count]
        text = "\n".join(f"{sentence} [@doe-2016#steps]." for sentence in sentences)
        (root / "docs" / "concepts" / f"page-{n}.md").write_text(
            f"---\ntitle: {' '.join(generator.choices(words, k=3))} {n}\ndefinition: {sentences[0]}.\ngroup: work\n"
            f"related: [{', '.join(neighbours)}]\n---\n\n## What it means {{ #what-it-means }}\n\n{text}\n",
            encoding="utf-8",
        )
    return root


def questions(scratch: Path, count: int) -> bool:
    """Print what many questions take; whether memory stayed and the answers are those of single processes."""
    root = scratch / "real"
    root.mkdir()
    for part in PARTS:
        source = REPO / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / part)
    if (made := REPO / ".cxkb" / "index").is_dir():  # no text of it is encoded twice
        shutil.copytree(made, root / ".cxkb" / "index")
    measured(root, *CXKB, "index")
    asked = many(count)
    answers, early, late, seconds = asked_at_once(root, asked)
    growth = late / early - 1
    chosen = random.Random(2).sample(range(count), SINGLE)
    same = sum(asked_alone(root, asked[n]) | {"id": n} == answers[n] for n in chosen)
    print(f"{count:,} questions in one process: {seconds:.0f} s, {1000 * seconds / count:.1f} ms each")
    print(f"{early:.0f} MB after {count // 10:,}, {late:.0f} MB after {count:,}: growth {growth:+.1%}")
    print(f"{same} of {SINGLE} answers are those of a process of their own", flush=True)
    return abs(growth) <= ALLOWED and same == SINGLE


def pages(scratch: Path, count: int) -> None:
    """Print what a knowledge base of so many pages takes."""
    root = written(scratch / "many", count)
    commands = {
        "check": [*CXKB, "check"],
        "index, from nothing": [*CXKB, "index"],
        "index, nothing changed": [*CXKB, "index"],
        "ask": [*CXKB, "ask", "--", judged()[0]],
        "build, the first": [sys.executable, "-m", "mkdocs", "build", "--strict"],
        "build, later": [sys.executable, "-m", "mkdocs", "build", "--strict"],
    }
    print(f"{f'{count:,} pages':24}{'wall s':>8}{'peak MB':>9}")
    for name, command in commands.items():
        seconds, megabytes = measured(root, *command)
        print(f"{name:24}{seconds:8.1f}{megabytes:9.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=2_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = not arguments.questions or questions(Path(folder), arguments.questions)
        if arguments.pages:
            pages(Path(folder), arguments.pages)
    raise SystemExit(not kept)


if __name__ == "__main__":
    main()
