"""Front matter, as all three kinds of head. Bytes without fences are taken for what stands between them."""

from __future__ import annotations

from cxkb import frontmatter
from cxkb.heads import HEADS, validate
from tests.fuzz import require_told

SEEDS = ("cases/front_matter/*/*.txt",)


def read(raw: bytes) -> None:
    """A head and no problem, or problems and no head."""
    for file in (raw, b"---\n" + raw + b"\n---\n", b"---\ntitle: " + raw + b"\n---\n"):
        front, problems = frontmatter.parse(file, "a.md")
        assert (front is None) == bool(problems)
        require_told(problems, file)
        for model in HEADS.values() if front else ():
            assert front
            head, problems = validate(model, front, "a.md")
            assert (head is None) == bool(problems)
            require_told(problems, file)
