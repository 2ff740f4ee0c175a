"""What a page's HTML head says to machines, and how its foot says to cite it; `theme/main.html` prints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkb import citing, sharing, structured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxkb.citing import Forms
    from cxkb.knowledge import KnowledgeBase
    from cxkb.pages import ComposedPage
    from cxkb.records import Website

SCHEME = (("text/turtle", "exports/concepts.ttl"), ("application/ld+json", "exports/concepts.jsonld"))

REFERENCES = (
    ("application/vnd.citationstyles.csl+json", "exports/sources.json"),
    ("application/x-bibtex", "exports/sources.bib"),
)

DESCRIPTIONS = {"concepts": SCHEME, "sources": REFERENCES}
"""Folder of pages -> type and path of the files that describe what they are about."""

CITED = {"concept", "tension"}
"""Kinds of pages that are cited themselves; of a source page, the source is cited."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Plain text, but for what says otherwise: the template escapes."""

    title: str
    description: str
    url: str
    """Absolute."""
    type: str
    """Open Graph's: `website` for the home page, else `article`."""
    structured: str
    """JSON-LD, safe within a <script> element."""
    described_by: tuple[tuple[str, str], ...]
    """Type and path, relative to the site, of the files that describe what the page is about."""
    feed: str | None
    """Path of the feed of changes, if there is one."""
    card: str
    """Path of the picture that stands for the page where a link to it is shown."""
    changed: str | None
    """Day of its last change, if it is known: `2026-11-22`."""
    citation: Forms | None
    """How to cite the page, if it is one to be cited."""


def describe(
    url: str, title: str, description: str, page: ComposedPage | None,
    *, knowledge: KnowledgeBase, site: Website, changed: Mapping[str, str], feed: str | None, path: str,
) -> Metadata:  # fmt: skip
    """A page's metadata. `url` is relative to the site, `path` the file it was written in, title and description are plain."""
    kind = page.kind if page else None
    day = changed.get(path)
    document = structured.page(
        url, title, description, day, kind=kind, id_=page.id if page else "", knowledge=knowledge, site=site
    )
    return Metadata(
        title=title,
        description=description,
        url=site.url + url,
        type="article" if url else "website",
        structured=structured.script(document),
        described_by=DESCRIPTIONS.get(url.partition("/")[0], ()),
        feed=feed,
        card=sharing.path(kind, page.id if page else ""),
        changed=day,
        citation=citing.cite(title, site.url + url, site.name, day) if kind in CITED else None,
    )
