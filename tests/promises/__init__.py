"""What users can rely on (docs/trust.md), as trials with seeds: a few of each in the tests, many in `make torture`.

A promise is a module of this package with a constant PROMISES. A trial breaks something on purpose and then looks: it
raises AssertionError for a fault (a traceback, a message that does not help) and Lost for what no user forgives.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random


class Lost(AssertionError):
    """Content, an index's old state or a right answer is gone: worse than a fault."""


@dataclass(frozen=True)
class Promise:
    """One sentence that users can rely on, and how it is put to the test."""

    title: str
    trial: Callable[[Random, Path], None]
    """Tries once in an empty folder of its own; all that is random comes from the generator."""
    short: int
    """Trials in the tests: seconds."""
    long: int
    """Trials in `make torture`: minutes."""
    share: float = 1
    """Of the time of `make torture`, beside the others."""


def promises() -> list[Promise]:
    """All promises, in the order of the modules' names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [promise for name in names for promise in importlib.import_module(f"{__name__}.{name}").PROMISES]
