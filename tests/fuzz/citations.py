"""What is checked of a body: headings, citations, words."""

from __future__ import annotations

from cxkb import content

SEEDS = ("cases/citations.toml", "cases/passages/*.md", "cases/tiny/docs/*/*.md")


def read(raw: bytes) -> None:
    """Headings and citations on lines that there are."""
    body = raw.decode(errors="replace")
    lines = range(1, body.count("\n") + 2)
    assert all(heading.line in lines for heading in content.headings(body, 1))
    assert all(citation.line in lines for citation in content.citations(body, 1))
    assert all(line in lines for line, _ in content.malformed_citations(body, 1))
    assert content.word_count(body) <= len(body)
