"""What `cxkb add source` makes of a file, here in the process itself: there it is stopped in time (cxkb.confined)."""

from __future__ import annotations

from cxkb import article, frontmatter, heads, scaffold
from cxkb.errors import ArticleError

SEEDS = ("articles/*.html", "articles/*.pdf", "articles/*.md")

NAMES = {b"%PDF-": "a.pdf", b"---": "a.md", b"<": "a.html"}
"""How a file begins -> what it may be called."""


def read(raw: bytes) -> None:
    """An article whose record can be read, or ArticleError."""
    name = next((name for start, name in NAMES.items() if raw.lstrip().startswith(start)), "a.txt")
    try:
        found = article.read(raw, name)
    except ArticleError:
        return
    record = scaffold.record(found, scaffold.propose_key(found.origin, name), "2020-01-01")
    front, problems = frontmatter.parse(record.encode(), "sources/a.md")
    assert front, problems
    head, problems = heads.validate(heads.SourceHead, front, "sources/a.md")
    assert head, problems
