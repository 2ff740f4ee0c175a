"""The MkDocs plugin `cxkb`: hands MkDocs what the pure functions make, and has no rule of its own."""

from __future__ import annotations

import logging
from html import escape, unescape
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File
from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.utils import get_relative_url

from cxkb import (
    asking,
    changes,
    check,
    concept_map,
    exports,
    frontmatter,
    guides,
    history,
    home,
    knowledge,
    metadata,
    pages,
    redirects,
    render,
    sanitise,
    security,
    settings,
    sharing,
    siblings,
    tangle,
    terms,
)
from cxkb.errors import CxkbError
from cxkb.records import Website

if TYPE_CHECKING:
    from collections.abc import Container

    import jinja2
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.livereload import LiveReloadServer
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.utils.templates import TemplateContext

    from cxkb.history import History
    from cxkb.knowledge import KnowledgeBase
    from cxkb.pages import ComposedPage
    from cxkb.records import Problem

log = logging.getLogger("mkdocs.plugins.cxkb")

NAVIGATION = "cxkb:"
"""`- Concepts: cxkb:concepts` in mkdocs.yml's nav stands for all concepts by group."""

STYLES = ("cxkb.css", "map.css", "search.css")
FONTS = ("source-serif-4-latin-400-normal.woff2", "source-serif-4-latin-600-normal.woff2", "OFL.txt")
ASSETS = (
    *STYLES,
    *(f"fonts/{name}" for name in FONTS),
    "icon.svg",
    "icon-180.png",
    "logo.svg",
    "map.mjs",
    "lost.mjs",
    "asked.js",
    "moved.js",
)

INLINE_SCRIPTS = (
    "partials/javascripts/base.html",
    "partials/javascripts/palette.html",
    "partials/javascripts/content.html",
)
"""Material's templates whose scripts stand in the pages themselves."""


class CxkbConfig(Config):  # type: ignore[no-untyped-call]
    """The plugin has no options: what there is to set stands in [tool.cxkb]."""


class CxkbPlugin(BasePlugin[CxkbConfig]):  # type: ignore[no-untyped-call]
    """Adds the generated pages, citations, styles and exports to a site."""

    knowledge: KnowledgeBase
    unreadable: list[Problem]
    pages: dict[str, ComposedPage]
    history: History | None
    """None unless a site is being built: the index, which is made from the pages alone, goes without exports."""
    exports: dict[str, bytes]
    policy: str = ""
    is_preview: bool = False

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Note whether this is a preview, whose reloading script no policy could foresee."""
        del dirty
        # MkDocs keeps a plugin for the whole process: making the index within a preview starts it as for a build.
        self.is_preview = self.is_preview or command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the knowledge base; set up citations, navigation and styles."""
        try:
            self.knowledge, self.unreadable = knowledge.load(settings.find(Path(config.config_file_path).parent))
            config.nav = _expand(config.nav, self.knowledge)
        except CxkbError as error:
            raise PluginError(str(error)) from error
        for problem in self.unreadable:
            if problem.code == "link":  # MkDocs would follow it, and put what it leads to on the site
                raise PluginError(str(problem))
        self.pages = pages.compose(self.knowledge)
        self.history, self.exports = None, {}
        config.markdown_extensions.append("cxkb.citations")
        config.mdx_configs["cxkb.citations"] = {"sources": self.knowledge.sources}
        config.markdown_extensions.append("cxkb.terms")
        config.mdx_configs["cxkb.terms"] = terms.configuration(self.knowledge.concepts)
        config.markdown_extensions.append("cxkb.access")
        if config.theme.name == "material":
            config.theme.dirs.insert(0, str(resources("cxkb") / "theme"))
        config.extra_css = [*(f"assets/cxkb/{name}" for name in STYLES), *config.extra_css]
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Warn of every problem in the content: a strict build fails on them. Read what changed."""
        if Path(config.site_dir).is_symlink():
            raise PluginError(f"{config.site_dir} is a link; remove it: MkDocs would empty the folder it leads to.")
        self.history = history.read(self.knowledge.settings.root)
        for problem in check.problems_of(self.knowledge, self.unreadable):
            log.warning("%s", render.safe(str(problem)))

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Put the composed pages in the place of the files they were written in; publish no file that could run."""
        _still(files, config)
        _renderable(files, self.pages)
        for uri, page in self.pages.items():
            if written := files.get_file_from_path(uri):
                files.remove(written)
            files.append(File.generated(config, uri, content=page.markdown))
        for name in ASSETS:
            asset = str(resources("cxkb") / "assets" / name)
            files.append(File.generated(config, f"assets/cxkb/{name}", abs_src_path=asset))
        if self.history is not None:
            self._export(files, config, self.history)
        return files

    def _export(self, files: Files, config: MkDocsConfig, found: History) -> None:
        """Add what the site gives to machines, and the page of changes; a file of the same name in docs/ goes first."""
        written = guides.load(self.knowledge.settings)
        titles = changes.titles(self.knowledge, written)
        if site := _website(config):
            self.exports = exports.files(self.knowledge, site, written, found, titles)
        changelog, _ = guides.changelog(self.knowledge.settings)
        page = changes.compose(found, titles, changelog, feed="feed.xml" in self.exports)
        for uri, content in {**self.exports, page.uri: page.markdown.encode()}.items():
            if files.get_file_from_path(uri) is None:
                files.append(File.generated(config, uri, content=content))
        for uri, png in sharing.pictures(self.knowledge, config.site_name).items():
            files.append(File.generated(config, uri, content=png))

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Take what a page written by hand says of itself; fill in the home page."""
        del config, files
        if page.file.src_uri not in self.pages:
            page.meta = sanitise.head(page.meta)
        return home.fill(markdown, self.knowledge) if page.file.src_uri == home.URI else markdown

    def on_page_context(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """Give the template what the page says to machines."""
        del nav
        composed = self.pages.get(page.file.src_uri)
        if (site := _website(config)) and self.history is not None:
            context["cxkb"] = metadata.describe(  # type: ignore[typeddict-unknown-key]
                page.url, unescape(str(page.title)), unescape(str(page.meta.get("description", ""))), composed,
                knowledge=self.knowledge, site=site, changed=self.history.changed,
                feed="feed.xml" if "feed.xml" in self.exports else None,
                path=composed.path if composed else f"docs/{page.file.src_uri}",
            )  # fmt: skip
        return context

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Sanitise what people wrote, and only then put in what is ours: the form's last words and the concept map."""
        del config
        html = sanitise.html(html)
        page.title = sanitise.words(str(page.title or ""))
        page.toc = _sanitised(page.toc)
        if page.file.src_uri == asking.URI:
            return html + asking.WITHOUT_SCRIPTS
        if page.file.src_uri != concept_map.URI:
            return html

        def address(uri: str) -> str:
            file = files.get_file_from_path(uri)
            assert file, f"{uri} was put among the files"
            return file.url_relative_to(page.file)

        page.toc = TableOfContents([])  # its list has the groups' names, which the navigation beside it has, too
        return concept_map.with_drawing(html, self.knowledge, address)

    def on_env(self, env: jinja2.Environment, *, config: MkDocsConfig, files: Files) -> None:
        """Draw up the content security policy; add the pages at old addresses, which need it."""
        env.globals["question_form"] = asking.form
        env.globals["near"] = siblings.near
        guards = not self.is_preview and config.theme.name == "material"
        self.policy = self._policy(env, config, files) if guards else ""
        site = _website(config)
        for uri, html in redirects.pages(self.knowledge, site.url if site else "").items():
            content = security.guarded(html, self.policy) if self.policy else html
            files.append(File.generated(config, uri, content=content))

    def _policy(self, env: jinja2.Environment, config: MkDocsConfig, files: Files) -> str:
        """The policy for the theme's inline scripts, as they are on pages of every depth."""
        not_found = urlsplit(config.site_url or "/").path
        bases = {get_relative_url(".", file.url) for file in files.documentation_pages()} | {not_found}
        contexts = [{"config": config, "features": config.theme["features"], "base_url": base} for base in bases]
        return security.policy(
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


def _website(config: MkDocsConfig) -> Website | None:
    """The site as it is published; None when it does not know its address, for then its pages have no names."""
    return Website(config.site_name, config.site_url, config.site_description or "") if config.site_url else None


def _still(files: Files, config: MkDocsConfig) -> None:
    """Of the files in docs/, leave the pages, what cannot run, what mkdocs.yml names, and sanitised drawings."""
    named = {*config.extra_css, *map(str, config.extra_javascript)}
    for file in [file for file in files if file.src_dir == config.docs_dir and not file.is_documentation_page()]:
        if file.src_uri in named or sanitise.is_still(file.src_uri):
            continue
        files.remove(file)
        if file.src_uri.endswith(".svg"):
            svg = file.content_bytes.decode("utf-8", "replace")
            files.append(File.generated(config, file.src_uri, content=sanitise.drawing(svg)))


def _renderable(files: Files, composed: Container[str]) -> None:
    """Leave out pages that would take too long to render; the warnings of `on_pre_build` name them and say why."""
    for file in files.documentation_pages():
        if file.src_uri in composed:
            continue
        raw = file.content_bytes
        _, problems = frontmatter.parse(raw, file.src_uri)
        if problems and (problems[0].code in frontmatter.ENDLESS or tangle.find(raw.decode(errors="replace"))):
            files.remove(file)  # MkDocs renders a head that it cannot read, too


def _sanitised(toc: TableOfContents) -> TableOfContents:
    """The table of contents, whose words and ids themes print as they are."""

    def entry(link: AnchorLink) -> AnchorLink:
        made = AnchorLink(sanitise.words(link.title), escape(link.id), link.level)
        made.children = [entry(child) for child in link.children]
        return made

    return TableOfContents([entry(link) for link in toc])


def _expand(nav: Any, loaded: KnowledgeBase) -> Any:
    """The navigation with `cxkb:…` entries replaced by the pages they stand for."""
    if isinstance(nav, list):
        return [_expand(item, loaded) for item in nav]
    if isinstance(nav, dict):
        return {title: _expand(item, loaded) for title, item in nav.items()}
    if isinstance(nav, str) and nav.startswith(NAVIGATION):
        return pages.navigation(loaded, nav.removeprefix(NAVIGATION))
    return nav
