"""Pages at old addresses that lead to where the page is now, with its anchors; they work without JavaScript, too."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cxkb.markup import unbracketed

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from cxkb.knowledge import KnowledgeBase

SCRIPT = "assets/cxkb/moved.js"
"""Takes the anchor along, which a refresh drops."""

TEMPLATE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="refresh" content="0; url={to}">
    <meta name="robots" content="noindex">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="canonical" href="{canonical}">
    <title>{title}</title>
  </head>
  <body>
    <p>This page has moved: <a href="{to}">{title}</a></p>
    <script src="../../{script}"></script>
  </body>
</html>
"""


def pages(knowledge: KnowledgeBase, site_url: str = "") -> dict[str, str]:
    """Path in the site -> HTML, for every former id that no page bears now.

    `site_url` ends with a slash; without it the new address is named relative to the old one.
    """
    found = {}
    for folder, id_, title, formerly, taken in _all(knowledge):
        for old in formerly:
            if old not in taken:
                to = f"../{id_}/"
                canonical = f"{site_url}{folder}/{id_}/" if site_url else to
                found[f"{folder}/{old}/index.html"] = TEMPLATE.format(
                    to=to, canonical=escape(canonical), title=escape(unbracketed(title)), script=SCRIPT
                )
    return found


def _all(knowledge: KnowledgeBase) -> Iterator[tuple[str, str, str, list[str], Container[str]]]:
    for folder, by_id in (
        ("concepts", knowledge.concepts),
        ("tensions", knowledge.tensions),
        ("sources", knowledge.sources),
    ):
        for id_, page in by_id.items():
            yield folder, id_, page.head.title, page.head.formerly, by_id
