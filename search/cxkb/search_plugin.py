"""The MkDocs plugin `cxkb-search`: after the site is built, adds what answers questions in the reader's browser.

Apart from the plugin `cxkb`, because the index that is searched is made from the pages which that one makes.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.config.base import Config
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.plugins import BasePlugin

from cxkb import build, render, retrieve, settings, site_assets
from cxkb.errors import CxkbError

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

ENTRY = "search.mjs"

log = logging.getLogger("mkdocs.plugins.cxkb-search")


class SearchConfig(Config):  # type: ignore[no-untyped-call]
    """The plugin has no options: what there is to set stands in [tool.cxkb]."""


class SearchPlugin(BasePlugin[SearchConfig]):  # type: ignore[no-untyped-call]
    """Refreshes the index, and writes it and the model into the site."""

    is_preview: bool = False
    is_refreshed: bool = False

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Note whether this is a preview, which is built again at every change."""
        del dirty
        # MkDocs keeps a plugin for the whole process, and building the index starts it as for a build.
        self.is_preview = self.is_preview or command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Let every page load the one small script that fetches the rest when a reader turns to search."""
        script = ExtraScriptValue(f"{site_assets.SCRIPTS}/{ENTRY}")
        script.type = "module"
        config.extra_javascript.append(script)
        return config

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write the search; a preview's answers from the index as it was when the preview started.

        What stops that is a warning: the site has Material's search by keywords still, and a strict build fails.
        """
        found = settings.find(Path(config.config_file_path).parent)
        try:
            if not (self.is_preview and self.is_refreshed) and (reason := retrieve.stale(found)):
                log.info("Building the index: %s. What is new is encoded, at some hundred passages a second.", reason)
                build.build(found)
            self.is_refreshed = True
            log.info("%s", site_assets.write(found, Path(config.site_dir)))
        except CxkbError as error:
            log.warning("No search by meaning in the browser: %s", render.safe(str(error)))
