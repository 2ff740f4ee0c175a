"""The MkDocs plugin `cxkb`: hands MkDocs what the pure functions make, and has no rule of its own."""

from __future__ import annotations

import logging
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File

from cxkb import check, knowledge, pages, settings, terms
from cxkb.errors import CxkbError

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files

    from cxkb.knowledge import KnowledgeBase
    from cxkb.pages import ComposedPage

log = logging.getLogger("mkdocs.plugins.cxkb")

NAVIGATION = "cxkb:"
"""`- Concepts: cxkb:concepts` in mkdocs.yml's nav stands for all concepts by group."""

STYLES = ("cxkb.css",)
FONTS = ("source-serif-4-latin-400-normal.woff2", "source-serif-4-latin-600-normal.woff2", "OFL.txt")
ASSETS = (*STYLES, *(f"fonts/{name}" for name in FONTS), "icon.svg", "icon-180.png", "logo.svg")


class CxkbConfig(Config):  # type: ignore[no-untyped-call]
    """The plugin has no options: what there is to set stands in [tool.cxkb]."""


class CxkbPlugin(BasePlugin[CxkbConfig]):  # type: ignore[no-untyped-call]
    """Adds the generated pages, citations and styles to a site."""

    knowledge: KnowledgeBase
    pages: dict[str, ComposedPage]

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the knowledge base; set up citations, navigation and styles."""
        try:
            self.knowledge, _ = knowledge.load(settings.find(Path(config.config_file_path).parent))
        except CxkbError as error:
            raise PluginError(str(error)) from error
        self.pages = pages.compose(self.knowledge)
        config.markdown_extensions.append("cxkb.citations")
        config.mdx_configs["cxkb.citations"] = {"sources": self.knowledge.sources}
        config.markdown_extensions.append("cxkb.terms")
        config.mdx_configs["cxkb.terms"] = terms.configuration(self.knowledge.concepts)
        config.nav = _expand(config.nav, self.knowledge)
        config.extra_css = [*(f"assets/cxkb/{name}" for name in STYLES), *config.extra_css]
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Warn of every problem in the content: a strict build fails on them."""
        del config
        for problem in check.problems(self.knowledge.settings):
            log.warning("%s", problem)

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Put the composed pages in the place of the files they were written in."""
        for uri, page in self.pages.items():
            if written := files.get_file_from_path(uri):
                files.remove(written)
            files.append(File.generated(config, uri, content=page.markdown))
        for name in ASSETS:
            asset = str(resources("cxkb") / "assets" / name)
            files.append(File.generated(config, f"assets/cxkb/{name}", abs_src_path=asset))
        return files

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        """Rebuild the preview when a source record changes, too."""
        del config, builder
        server.watch(str(self.knowledge.settings.sources))
        return server


def _expand(nav: Any, loaded: KnowledgeBase) -> Any:
    """The navigation with `cxkb:…` entries replaced by the pages they stand for."""
    if isinstance(nav, list):
        return [_expand(item, loaded) for item in nav]
    if isinstance(nav, dict):
        return {title: _expand(item, loaded) for title, item in nav.items()}
    if isinstance(nav, str) and nav.startswith(NAVIGATION):
        return pages.navigation(loaded, nav.removeprefix(NAVIGATION))
    return nav
