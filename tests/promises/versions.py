"""An index of another format, model, weights, splitter or content is recognised, explained and rebuilt.

Only that of a newer cxkb is left until `cxkb index` is asked for. Not kept: a file that is changed without a change of its
size and of its time, to the nanosecond, counts as unchanged.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cxkb import index
from tests.faults import commands
from tests.promises import Promise

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "format": ({"format": index.FORMAT - 1}, "it has another format"),
    "model": ({"model": "other"}, "it was made with the model 'other'"),
    "weights": ({"weights": "0" * 64, "weights_stamp": [0, 0]}, "The weights of the model"),
    "rules": ({"rules": "cxkb 0.0, splitter 0, letters 0, texts 0"}, "it was made by cxkb 0.0, splitter 0"),
    "content": ({"stamps": {}, "content": "0"}, "files have changed"),
}
"""What an index can be of another of -> fields of its manifest, and what is said."""


def other(random: Random, folder: Path) -> None:
    """One, by asking."""
    root = commands.copy(commands.case("rename"), folder)
    file = root / ".cxkb" / "index" / index.MANIFEST
    before = file.read_bytes()
    fields, said = OTHERS[random.choice(sorted(OTHERS))]
    _change(file, fields)
    asked = commands.run(root, "ask", "Who walks through the firm?")
    assert asked.status == 0, asked
    assert said in asked.said, asked
    assert file.read_bytes() == before


def newer(random: Random, folder: Path) -> None:
    """It is not answered from and not replaced, until that is asked for."""
    root = commands.copy(commands.case("rename"), folder)
    file = root / ".cxkb" / "index" / index.MANIFEST
    before = file.read_bytes()
    _change(file, {"format": index.FORMAT + random.randint(1, 1000)})
    raw = file.read_bytes()
    asked = commands.run(root, *random.choice([("ask", "Who walks?"), ("site-assets", "site")]))
    asked.require_sentence()
    assert asked.status == 1, asked
    assert "Update yours" in asked.said, asked
    assert file.read_bytes() == raw
    assert commands.run(root, "index").status == 0
    assert file.read_bytes() == before


def _change(file: Path, fields: dict[str, Any]) -> None:
    found = json.loads(file.read_bytes()) | fields
    del found["sha256"]
    file.write_bytes(index.sealed(found))


PROMISES = [
    Promise("an index of something else is explained and rebuilt", other, short=5, long=50),
    Promise("an index of a newer cxkb is refused kindly", newer, short=1, long=20),
]
