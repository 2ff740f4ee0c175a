"""A few trials of every promise, with fixed seeds; `make torture` makes many."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.promises import Promise, promises

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("promise", [pytest.param(promise, id=promise.title) for promise in promises()])
def test_a_promise_is_kept(promise: Promise, tmp_path: Path):
    for seed in range(promise.short):
        folder = tmp_path / str(seed)
        folder.mkdir()
        promise.trial(Random(seed), folder)
