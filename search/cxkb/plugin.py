"""The MkDocs plugin `cxkb`: hands MkDocs what the pure functions make, and has no rule of its own."""

from __future__ import annotations

import logging
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

from cxkb import check, knowledge, pages, security, settings, terms
from cxkb.errors import CxkbError

if TYPE_CHECKING:
    import jinja2
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from cxkb.knowledge import KnowledgeBase
    from cxkb.pages import ComposedPage
    from cxkb.records import Problem

log = logging.getLogger("mkdocs.plugins.cxkb")

NAVIGATION = "cxkb:"
"""`- Concepts: cxkb:concepts` in mkdocs.yml's nav stands for all concepts by group."""

ASSETS = ("cxkb.css",)

INLINE_SCRIPTS = (
    "partials/javascripts/base.html",
    "partials/javascripts/palette.html",
    "partials/javascripts/content.html",
)
"""Material's templates whose scripts stand in the pages themselves."""


class CxkbConfig(Config):  # type: ignore[no-untyped-call]
    """The plugin has no options: what there is to set stands in [tool.cxkb]."""


class CxkbPlugin(BasePlugin[CxkbConfig]):  # type: ignore[no-untyped-call]
    """Adds the generated pages, citations and styles to a site."""

    knowledge: KnowledgeBase
    unreadable: list[Problem]
    pages: dict[str, ComposedPage]
    policy: str = ""
    is_preview: bool = False

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Note whether this is a preview, whose reloading script no policy could foresee."""
        del dirty
        self.is_preview = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the knowledge base; set up citations, navigation and styles."""
        try:
            self.knowledge, self.unreadable = knowledge.load(settings.find(Path(config.config_file_path).parent))
        except CxkbError as error:
            raise PluginError(str(error)) from error
        self.pages = pages.compose(self.knowledge)
        config.markdown_extensions.append("cxkb.citations")
        config.mdx_configs["cxkb.citations"] = {"sources": self.knowledge.sources}
        config.markdown_extensions.append("cxkb.terms")
        config.mdx_configs["cxkb.terms"] = terms.configuration(self.knowledge.concepts)
        config.markdown_extensions.append("cxkb.access")
        if config.theme.name == "material":
            config.theme.dirs.insert(0, str(resources("cxkb") / "theme"))
        config.nav = _expand(config.nav, self.knowledge)
        config.extra_css = [*(f"assets/cxkb/{name}" for name in ASSETS), *config.extra_css]
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Warn of every problem in the content: a strict build fails on them."""
        del config
        for problem in check.problems_of(self.knowledge, self.unreadable):
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

    def on_env(self, env: jinja2.Environment, *, config: MkDocsConfig, files: Files) -> None:
        """Draw up the content security policy for the theme's inline scripts, as they are on pages of every depth."""
        if self.is_preview or config.theme.name != "material":
            return
        not_found = urlsplit(config.site_url or "/").path
        bases = {get_relative_url(".", file.url) for file in files.documentation_pages()} | {not_found}
        contexts = [{"config": config, "features": config.theme["features"], "base_url": base} for base in bases]
        self.policy = security.policy(
            env.get_template(name).render(context) for name in INLINE_SCRIPTS for context in contexts
        )

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Give the page the policy."""
        del page, config
        return security.guarded(output, self.policy) if self.policy else output

    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        """Give the page for addresses that lead nowhere the policy."""
        del config
        is_page = self.policy and template_name.endswith(".html")
        return security.guarded(output_content, self.policy) if is_page else output_content

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
