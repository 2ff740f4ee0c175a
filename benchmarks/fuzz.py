"""Any bytes: each reader of tests/fuzz on every adversarial family, and then under a coverage-guided fuzzer.

    python benchmarks/fuzz.py [--minutes 2] [--only READER]

First a table: the families that took each reader longest, in CPU seconds and megabytes of memory for a megabyte, each in
a process of its own that is stopped after 20 seconds. Then atheris, so many minutes a reader. What it finds is kept in
.cxkb/fuzz; a finding that is mended becomes a file in tests/cases/fuzz/<reader>/. Exits with 1 if there was any.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fuzz import READERS, families

from cxkb import confined

ROOT = Path(__file__).resolve().parent.parent

MEGABYTE = 1_000_000

SHOWN = 3
"""Families of each reader in the table."""

LIMIT_SECONDS, LIMIT_MEGABYTES = 20, 4_000

FOUND = ROOT / ".cxkb" / "fuzz"


def cost(reader: str, raw: bytes) -> tuple[float, float]:
    """CPU seconds and megabytes that the reader takes for these bytes, in this process."""
    read = importlib.import_module(f"tests.fuzz.{reader}").read
    read(b"")  # what is loaded once
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    read(raw)
    return time.process_time() - start, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000


def slowest(reader: str) -> None:
    """Print the families that the reader takes longest for."""
    found: list[tuple[float, float, str]] = []
    for name in families.NAMES:
        raw = families.text(name, MEGABYTE).encode()[: families.LONGEST.get(reader, MEGABYTE)]
        try:
            seconds, megabytes = confined.run(cost, reader, raw, seconds=LIMIT_SECONDS, megabytes=LIMIT_MEGABYTES)
        except confined.Exhausted:
            seconds, megabytes = float("inf"), float("nan")
        found.append((seconds, megabytes, name))
    for seconds, megabytes, name in sorted(found, reverse=True)[:SHOWN]:
        print(f"{reader:16} {name:32} {seconds:8.2f} {megabytes:9.0f}", flush=True)


def fuzzed(reader: str, minutes: float) -> bool:
    """Whether the fuzzer found anything in so many minutes."""
    folder = FOUND / reader
    folder.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={60 * minutes:.0f}", f"-artifact_prefix={folder}/", "-verbosity=0"]
    done = subprocess.run([sys.executable, "-m", "tests.fuzz", reader, *options], cwd=ROOT, check=False)
    print(f"{reader:16} {'found something: ' + str(folder) if done.returncode else 'nothing found'}", flush=True)
    return done.returncode != 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--only", choices=READERS)
    arguments = parser.parse_args()
    readers = [arguments.only] if arguments.only else READERS
    print(f"{'reader':16} {'family':32} {'CPU s/MB':>8} {'memory MB':>9}")
    for reader in readers:
        slowest(reader)
    if importlib.util.find_spec("atheris") is None:
        raise SystemExit("atheris is not installed: pip install -e '.[torture]'")
    found = [reader for reader in readers if fuzzed(reader, arguments.minutes)]
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
