"""Readers of what others wrote: any bytes give a value, problems with a line each, or an error that says what to do.

A module each, with `read`, which raises for whatever it should not have let out, and SEEDS, files that are nearly right.
They are tried on adversarial families (promises/any_bytes.py), on random bytes (test_any_bytes.py) and on what a
coverage-guided fuzzer comes up with (`make fuzz`). A finding becomes a file in tests/cases/fuzz/<reader>/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cxkb.records import Problem

READERS = ("article", "citations", "head", "page", "print_file", "question", "questions_file", "rendering", "splitter")


def require_told(problems: Iterable[Problem], raw: bytes) -> None:
    """Each problem stands on a line that there is, and can be shown."""
    lines = len(raw.splitlines()) + 1
    for problem in problems:
        assert 1 <= problem.line <= lines, problem
        assert str(problem).isprintable(), problem
