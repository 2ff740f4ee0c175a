"""A page that `cxkb check` lets pass, as Python-Markdown renders it with the extensions of mkdocs.yml and ours."""

from __future__ import annotations

from typing import Any

import markdown

from cxkb import tangle, terms

SEEDS = ("cases/passages/*.md", "cases/tiny/docs/*/*.md", "cases/tiny/sources/*.md")

EXTENSIONS = (
    "abbr", "admonition", "attr_list", "def_list", "fenced_code", "footnotes", "md_in_html", "tables", "toc",
    "cxkb.access", "cxkb.citations", "cxkb.terms",
)  # fmt: skip


def read(raw: bytes) -> None:
    """HTML, unless the page is refused."""
    text = raw.decode(errors="replace")
    if tangle.find(text) is None:
        own: dict[str, dict[str, Any]] = {"cxkb.citations": {"sources": {}}, "cxkb.terms": terms.configuration({})}
        assert isinstance(markdown.markdown(text, extensions=EXTENSIONS, extension_configs=own), str)
