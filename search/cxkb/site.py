"""Pages as the site shows them: MkDocs' rendering of every page, without the theme's frame around it.

One of the two modules that know MkDocs. The index is made from these pages, so that a hit's anchor is one that the site
has: Python-Markdown alone decides what a heading's id is.
"""

from __future__ import annotations

import contextlib
import logging
from html import unescape
from typing import TYPE_CHECKING

from cxkb.errors import SiteError
from cxkb.records import RenderedPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import File, Files

    from cxkb.plugin import CxkbPlugin
    from cxkb.settings import Settings


def render(settings: Settings) -> list[RenderedPage]:
    """The pages that can answer a question, in the order of their URLs.

    Overview pages, which only list others, and pages whose front matter says `search: {exclude: true}` are left out.
    Raises SiteError when MkDocs' configuration or a page cannot be read.
    """
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException
    from mkdocs.structure.files import get_files, set_exclusions
    from mkdocs.structure.nav import get_navigation

    from cxkb.plugin import CxkbPlugin

    file = settings.root / "mkdocs.yml"
    with _quiet():
        try:
            config = load_config(str(file))
            plugin = next((p for p in config.plugins.values() if isinstance(p, CxkbPlugin)), None)
            if plugin is None:
                raise SiteError(f"{file}: the plugin 'cxkb' is missing; add it under 'plugins'.")
            config.plugins.on_startup(command="build", dirty=False)
            config = config.plugins.on_config(config)
            files = config.plugins.on_files(get_files(config), config=config)
            set_exclusions(files, config)
            nav = get_navigation(files, config)
            config.plugins.on_nav(nav, config=config, files=files)
            pages = [page for found in files.documentation_pages() if (page := _render(found, config, files, plugin))]
        except MkDocsException as error:
            raise SiteError(f"MkDocs cannot build the pages: {error}") from error
    return sorted(pages, key=lambda page: page.url)


def _render(file: File, config: MkDocsConfig, files: Files, plugin: CxkbPlugin) -> RenderedPage | None:
    """The page as the site shows it; None for one that answers nothing."""
    from mkdocs.structure.pages import Page

    composed = plugin.pages.get(file.src_uri)
    if (composed and composed.kind is None) or file.src_uri == "index.md":
        return None
    page = file.page if isinstance(file.page, Page) else Page(None, file, config)
    page.read_source(config)
    excluded = page.meta.get("search")
    if isinstance(excluded, dict) and excluded.get("exclude"):
        return None
    page.markdown = config.plugins.on_page_markdown(page.markdown or "", page=page, config=config, files=files)
    page.render(config, files)
    html = config.plugins.on_page_content(page.content or "", page=page, config=config, files=files)
    if composed and composed.kind:
        return RenderedPage(
            url=file.url, kind=composed.kind, id=composed.id, title=composed.title, html=html,
            path=composed.path, lines=dict(composed.lines), concepts=dict(composed.concepts),
        )  # fmt: skip
    title = unescape(str(page.title or file.name))
    path = f"docs/{file.src_uri}"
    return RenderedPage(
        url=file.url, kind="guide", id=file.src_uri.removesuffix(".md"), title=title, html=html, path=path
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """MkDocs' log held back: what it warns about is `cxkb check`'s and the site build's to say."""
    log = logging.getLogger("mkdocs")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)
