"""`cxkb check` of a knowledge base with these bytes as a concept, a source and a guide."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from cxkb import check, settings
from tests.fuzz import require_told

SEEDS = ("cases/tiny/docs/*/*.md", "cases/tiny/sources/*.md")

TINY = Path(__file__).parent.parent / "cases" / "tiny"
HEADS = {
    "docs/concepts/silo.md": b"---\ntitle: Silo\ndefinition: It is one.\ngroup: basics\n---\n",
    "sources/doe-2016.md": b"---\ntitle: Doe\ntype: book\nlanguage: en\n---\n",
    "docs/guide.md": b"",
}
"""File -> the head that makes a page of bytes without one."""


def read(raw: bytes) -> None:
    """Problems of these files on lines that there are."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(shutil.copytree(TINY, Path(folder) / "tiny"))
        for path, head in HEADS.items():
            (base / path).write_bytes(raw if raw.startswith(b"---") else head + raw)
        found = check.problems(settings.find(base))
        for path in HEADS:
            require_told((problem for problem in found if problem.path == path), (base / path).read_bytes())
