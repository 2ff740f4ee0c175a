"""The files that the site gives to machines: path -> content, a pure function of what is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cxkb import asking, bibtex, csl, feed, llms, skos
from cxkb.turtle import turtle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cxkb.guides import Guide
    from cxkb.history import History
    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Website


def files(
    knowledge: KnowledgeBase, site: Website, guides: Iterable[Guide], history: History, titles: Mapping[str, str]
) -> dict[str, bytes]:
    """Every file by its path on the site. `feed.xml` is missing where no change is known."""
    scheme = skos.scheme(knowledge, site, history.changed)
    entries = [csl.entry(key, source.head) for key, source in knowledge.sources.items()]
    texts = {
        "exports/concepts.ttl": turtle(scheme),
        "exports/concepts.jsonld": json.dumps(scheme, ensure_ascii=False, indent=1) + "\n",
        "exports/sources.json": csl.listing(entries),
        "exports/sources.bib": "\n".join(bibtex.entry(entry) for entry in entries),
        "llms.txt": llms.contents(knowledge, guides, site),
        "robots.txt": _robots(site),
        asking.DESCRIPTION: asking.opensearch(site),
    }
    found = {path: text.encode() for path, text in texts.items()}
    if (changes := feed.atom(history, titles, site)) is not None:
        found["feed.xml"] = changes
    return found


def _robots(site: Website) -> str:
    """Everything may be read; MkDocs makes the sitemap. Robots ask for the file at the root of a host only (RFC 9309)."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {site.url}sitemap.xml\n"
