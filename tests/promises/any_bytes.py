"""Any bytes: whatever others wrote is read in time and memory, or refused in words; never a traceback.

Within 2 CPU seconds and 500 MB a megabyte, a file of less counting as one.

What the promise does not cover: the libraries that take articles out of pages and PDFs are not made faster but stopped at
the limits; and pages on which Python-Markdown would be slow are not rendered but refused (cxkb.tangle).
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING

from cxkb import confined
from cxkb.adding import FIRST_SECONDS, MEGABYTES, SECONDS_A_MEGABYTE
from tests.fuzz import READERS, families
from tests.promises import Promise

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

MEGABYTE = 1_000_000

STOPPED = "article"
"""The reader that may be stopped at the limits: `cxkb add source` runs it in a process of its own and says so."""


def _trial(reader: str, random: Random, folder: Path) -> None:
    """A family's megabyte, or two families mixed, within the time and memory that a megabyte may take."""
    del folder
    names = random.sample(families.NAMES, random.choice([1, 1, 2]))
    raw = "".join(families.text(name, MEGABYTE // len(names)) for name in names).encode()
    raw = raw[: families.LONGEST.get(reader, MEGABYTE)]
    read = importlib.import_module(f"tests.fuzz.{reader}").read
    seconds = SECONDS_A_MEGABYTE + (FIRST_SECONDS if reader == STOPPED else 0)
    try:
        confined.run(read, raw, seconds=seconds, megabytes=MEGABYTES)
    except confined.Exhausted:
        if reader != STOPPED:
            raise AssertionError(f"{reader}: {' and '.join(names)} take too long, or too much memory") from None


PROMISES = [
    Promise(
        f"any bytes, as {reader.replace('_', ' ')}", functools.partial(_trial, reader), short=3, long=1_000, share=0.5
    )
    for reader in READERS
]
