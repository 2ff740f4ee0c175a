"""The site's fonts and mark, as they are kept and as a reader gets them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from cxkb import lettering

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.conftest import Server

SHOWN_IN_SERIF = ".md-content h1, .md-content h2, .md-content h3, .cxkb-definition"
PAGE = "concepts/customer-journey/"


def test_the_fonts_hold_every_letter_of_the_pages(repo: Path):
    folders = [repo / "docs", repo / "sources"]
    texts = [file.read_text(encoding="utf-8") for folder in folders for file in folder.rglob("*.md")]
    letters = {letter for text in texts for letter in text if letter != "\n"}
    for file in lettering.FONTS.values():
        with file.open("rb") as font:
            assert letters <= {chr(code) for code in TTFont(font).getBestCmap()}


def test_the_fonts_travel_with_their_licence_and_weigh_little(site: Path):
    fonts = site / "assets" / "cxkb" / "fonts"
    assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts / "OFL.txt").read_text(encoding="utf-8")
    assert sum(file.stat().st_size for file in fonts.glob("*.woff2")) < 60_000


@pytest.mark.browser
def test_headings_are_set_in_the_fonts_that_the_site_brings(server: Server, page: Page):
    page.goto(f"{server.origin}/{PAGE}")
    page.evaluate("() => document.fonts.ready")
    loaded = page.evaluate("() => [...document.fonts].filter(f => f.status == 'loaded').map(f => [f.family, f.weight])")
    assert {("Source Serif 4", "400"), ("Source Serif 4", "600")} <= {
        (family.strip('"'), weight) for family, weight in loaded
    }
    families = page.eval_on_selector_all(SHOWN_IN_SERIF, "all => all.map(e => getComputedStyle(e).fontFamily)")
    assert families
    assert all(family.startswith('"Source Serif 4"') for family in families)


@pytest.mark.browser
@pytest.mark.parametrize("path", [PAGE, "tensions/one-thing-or-several/"])
def test_nothing_jumps_when_the_fonts_arrive(server: Server, page: Page, path: str):
    def heights() -> list[float]:
        page.goto(f"{server.origin}/{path}")
        page.evaluate("() => document.fonts.ready")
        found = page.eval_on_selector_all(SHOWN_IN_SERIF, "all => all.map(e => e.getBoundingClientRect().height)")
        assert len(found) > 3
        return list(found)

    with_fonts = heights()
    page.route("**/*.woff2", lambda route: route.abort())
    assert heights() == with_fonts


def test_the_site_shows_its_own_mark(site: Path):
    home = (site / "index.html").read_text(encoding="utf-8")
    for name in ("icon.svg", "logo.svg"):
        assert re.search(rf'(href|src)="[^"]*assets/cxkb/{name}"', home), name
        assert (site / "assets" / "cxkb" / name).is_file()
    with Image.open(site / "assets" / "cxkb" / "icon-180.png") as icon:
        assert icon.size == (180, 180)
        assert icon.getpixel((0, 0)) != icon.getpixel((105, 90))
