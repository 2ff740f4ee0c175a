"""The splitter, on any HTML."""

from __future__ import annotations

import contextlib

from cxkb.errors import ContentError
from cxkb.passages import split, with_sentences
from cxkb.records import RenderedPage

SEEDS = ("cases/passages/*.md", "articles/*.html")


def read(raw: bytes) -> None:
    """Passages with text, or an error that names the page."""
    html = raw.decode(errors="surrogateescape")
    page = RenderedPage(url="page/", kind="concept", id="page", title="Page", html=html, path="docs/page.md")
    with contextlib.suppress(ContentError):
        for passage in with_sentences(split(page)):
            assert passage.text.strip()
            passage.text.encode()
