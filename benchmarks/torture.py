"""Many trials of every promise that docs/trust.md makes, and a table of what was kept.

    python benchmarks/torture.py [--minutes 20] [--only WORD] [--seed 1000]

Promises share the time; one that needs less leaves the rest to those after it. A fault is a trial after which something was
wrong; lost is a fault after which content, an index's old state or a right answer was gone. Exits with 1 if there was any.
The seed of each fault is printed: `--only WORD --seed N` begins there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.promises import Lost, Promise, promises


def tried(promise: Promise, seconds: float, first: int) -> tuple[int, int, int]:
    """Trials made, faults and losses among them, within so many seconds."""
    end = time.monotonic() + seconds
    trials = faults = lost = 0
    for seed in range(first, first + promise.long):
        with tempfile.TemporaryDirectory() as folder:
            try:
                promise.trial(Random(seed), Path(folder))
            except Exception as error:  # noqa: BLE001 - whatever a trial raises is a fault of the promise
                faults += 1
                lost += isinstance(error, Lost)
                print(f"{promise.title}: seed {seed}", file=sys.stderr)
                traceback.print_exception(error, limit=-3)
        trials += 1
        if time.monotonic() > end:
            break
    return trials, faults, lost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--only", default="", help="promises whose title has this word")
    parser.add_argument("--seed", type=int, default=1000)
    arguments = parser.parse_args()
    chosen = [promise for promise in promises() if arguments.only.casefold() in promise.title.casefold()]
    end = time.monotonic() + 60 * arguments.minutes
    width = max((len(promise.title) for promise in chosen), default=0)
    print(f"{'promise':{width}} {'trials':>7} {'faults':>7} {'lost':>5}")
    broken = 0
    for number, promise in enumerate(chosen):
        share = promise.share / sum(later.share for later in chosen[number:])
        trials, faults, lost = tried(promise, share * (end - time.monotonic()), arguments.seed)
        broken += faults
        print(f"{promise.title:{width}} {trials:7} {faults:7} {lost:5}", flush=True)
    raise SystemExit(bool(broken))


if __name__ == "__main__":
    main()
