"""A coverage-guided fuzzer on one reader: `python -m tests.fuzz READER [libFuzzer's options]`; needs atheris.

Starts from the reader's seeds. What it finds lies in the current folder as crash-…, timeout-… or oom-….
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

import atheris

TESTS = Path(__file__).parent.parent


def main() -> None:
    """Fuzz until libFuzzer's options say that it is enough."""
    reader, *options = sys.argv[1:]
    with atheris.instrument_imports(include=["cxkb"]):
        module = importlib.import_module(f"tests.fuzz.{reader}")
    with tempfile.TemporaryDirectory() as corpus:
        for pattern in (*module.SEEDS, f"cases/fuzz/{reader}/*"):
            for file in TESTS.glob(pattern):
                Path(corpus, f"{file.parent.name}-{file.name}").write_bytes(file.read_bytes())
        atheris.Setup([sys.argv[0], "-timeout=10", "-rss_limit_mb=2000", *options, corpus], module.read)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
