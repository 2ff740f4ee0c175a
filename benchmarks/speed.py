"""How long one cold question takes, beside the same question through sentence-transformers, in one run; and a check.

    python benchmarks/speed.py [--rounds 5]

Each row is a process of its own; medians over the rounds, which alternate between rows. CPU is user and system time of
the whole process. "Times" is the row's CPU time as a multiple of `cxkb ask`'s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import resource

QUESTION = "Who owns the customer experience?"

CXKB = str(Path(sys.executable).with_name("cxkb"))

THROUGH_SENTENCE_TRANSFORMERS = f"""
import numpy as np
from sentence_transformers import SentenceTransformer
from cxkb import encoder, index, settings
base = settings.find()
opened = index.load(base.index)
model = SentenceTransformer(str(encoder.find(base.model, base.root).folder), device="cpu")
vector = model.encode([{QUESTION!r}], normalize_embeddings=True)[0]
for row, cosine in opened.search(vector, 3):
    print(f"{{cosine:.3f}} {{opened.passages[row].location}}")
"""


ROWS = {
    "cxkb ask": [CXKB, "ask", QUESTION],
    "the same through sentence-transformers": [sys.executable, "-c", THROUGH_SENTENCE_TRANSFORMERS],
    "cxkb check": [CXKB, "check"],
    "cxkb --help": [CXKB, "--help"],
    "python -c pass": [sys.executable, "-c", "pass"],
}


def measure(command: list[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak memory in MB of a process."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling modules anew each time is nobody's everyday
    start = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[:2]} ended with {process.returncode}")
    return wall, used.ru_utime + used.ru_stime, _megabytes(used)


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (1_000_000 if sys.platform == "darwin" else 1_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    subprocess.run([CXKB, "index"], check=True, stdout=subprocess.DEVNULL)
    taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ROWS}
    for command in ROWS.values():
        measure(command)  # once for the disk's cache and compiled modules
    for _ in range(rounds):
        for name, command in ROWS.items():
            taken[name].append(measure(command))
    medians = {name: [statistics.median(column) for column in zip(*runs, strict=True)] for name, runs in taken.items()}
    print(f"median of {rounds} rounds".ljust(42) + f"{'wall s':>8}{'CPU s':>8}{'MB':>7}{'times':>8}")
    for name, (wall, cpu, memory) in medians.items():
        print(f"{name:42}{wall:8.2f}{cpu:8.2f}{memory:7.0f}{cpu / medians['cxkb ask'][1]:8.1f}")


if __name__ == "__main__":
    main()
