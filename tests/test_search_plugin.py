"""The MkDocs plugin that writes the browser's search: after a build, and in a preview."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from cxkb import index, retrieve, settings, site_assets

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def searchable(hostile: Path) -> Path:
    """The hostile knowledge base, with search in its site."""
    file = hostile / "mkdocs.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("[cxkb]", "[cxkb, cxkb-search]"), encoding="utf-8")
    return hostile


def change(base: Path) -> None:
    """Add a sentence to a page."""
    page = base / "docs" / "guide.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n\nA wombat digs.\n", encoding="utf-8")


def write(base: Path, command: str, times: int = 1) -> Any:
    """Build the site so many times in one process, changing a page between; what the search then knows."""
    config = load_config(str(base / "mkdocs.yml"))
    config.plugins.on_startup(command=command, dirty=False)  # type: ignore[arg-type]
    for time in range(times):
        if time:
            change(base)
        build(config)
    return json.loads((base / "site" / site_assets.FOLDER / "manifest.json").read_bytes())["files"]


def test_a_build_refreshes_the_index_and_writes_the_search(searchable: Path):
    change(searchable)
    assert {"passages", "vectors", "words"} <= set(write(searchable, "build"))
    assert retrieve.stale(settings.find(searchable)) is None
    assert any("wombat" in passage.text for passage in index.load(settings.find(searchable).index).passages)


def test_two_builds_write_the_same_search(searchable: Path):
    assert write(searchable, "build") == write(searchable, "build")


def test_a_preview_answers_from_the_index_as_it_was_at_its_start(searchable: Path):
    at_start = write(searchable, "serve")
    assert write(searchable, "serve", times=2) == at_start
    assert retrieve.stale(settings.find(searchable)) is not None


def test_what_stops_the_search_is_a_warning_and_the_site_is_there(searchable: Path, caplog: pytest.LogCaptureFixture):
    file = searchable / "pyproject.toml"
    table = file.read_text(encoding="utf-8")
    file.write_text(f'[tool.cxkb]\nmodel = "./nowhere"\n{table}', encoding="utf-8")
    config = load_config(str(searchable / "mkdocs.yml"))
    build(config)
    warnings = [record.getMessage() for record in caplog.records if record.name == "mkdocs.plugins.cxkb-search"]
    assert [w for w in warnings if w.startswith("No search by meaning in the browser: ") and "nowhere" in w]
    assert (searchable / "site" / "index.html").is_file()
