"""Pages at old addresses that lead to where the page is now, with its anchors; they work without JavaScript, too."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cxkb.markup import unbracketed

if TYPE_CHECKING:
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
    for folder, by_id in knowledge.folders.items():
        for id_, page in by_id.items():
            for old in page.head.formerly:
                if old not in by_id:
                    to = f"../{id_}/"
                    canonical = f"{site_url}{folder}/{id_}/" if site_url else to
                    title = unbracketed(page.head.title)
                    found[f"{folder}/{old}/index.html"] = TEMPLATE.format(
                        to=to, canonical=escape(canonical), title=escape(title), script=SCRIPT
                    )
    return found
