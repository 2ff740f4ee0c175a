"""The built site, as its files say and as a reader in Chromium sees it."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import html
from playwright.sync_api import expect

from cxkb import index as indexes
from cxkb.records import KINDS
from tests.conftest import environment

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.html import HtmlElement
    from playwright.sync_api import Page

    from cxkb.records import Kind
    from tests.conftest import Server

Pages = dict[str, "HtmlElement"]


def parsed(folder: Path) -> Pages:
    """Page URL, relative to the site -> its HTML."""
    return {
        file.relative_to(folder).as_posix().removesuffix("index.html"): html.fromstring(file.read_bytes())
        for file in sorted(folder.rglob("*.html"))
    }


def locations(knowledge_base: Path) -> list[tuple[Kind, str]]:
    """Kind and location of every section that the index can answer with."""
    found = indexes.load(knowledge_base / ".cxkb" / "index").passages
    return sorted({(passage.kind, passage.location) for passage in found})


def missing(pages: Pages, knowledge_base: Path) -> list[str]:
    """Locations of the index that the site does not have."""
    ids = {url: set(page.xpath("//@id")) | {""} for url, page in pages.items()}
    found = [location.partition("#") for _, location in locations(knowledge_base)]
    return [url + mark + anchor for url, mark, anchor in found if anchor not in ids.get(url, ())]


@pytest.fixture(scope="session")
def pages(site: Path) -> Pages:
    """Every page of the real site."""
    return parsed(site)


def of_kind(pages: Pages, kind: str) -> Pages:
    """The pages of concepts, tensions or sources, without the overview."""
    return {url: page for url, page in pages.items() if re.fullmatch(rf"{kind}s/[^/]+/", url)}


def shows(page: HtmlElement, name: str) -> bool:
    """Whether there is text in an element of this class."""
    return any(element.text_content().strip() for element in page.find_class(name))


def test_every_location_of_the_index_is_on_the_site(pages: Pages, index: Path):
    assert len(locations(index)) > 300
    assert missing(pages, index) == []


def test_every_location_of_the_hostile_knowledge_base_is_on_its_site(hostile: Path):
    build = [sys.executable, "-m", "mkdocs", "build"]
    subprocess.run(build, cwd=hostile, env=environment(), capture_output=True, check=True)
    assert {kind for kind, _ in locations(hostile)} == set(KINDS)
    assert missing(parsed(hostile / "site"), hostile) == []


def test_an_id_stands_once_on_a_page(pages: Pages):
    for url, page in pages.items():
        ids = page.xpath("//main//@id")
        assert len(ids) == len(set(ids)), url


LOADED = (
    "//script/@src | //img/@src | //img/@srcset | //iframe/@src | //source/@src | //video/@src | //audio/@src"
    " | //object/@data | //embed/@src | //*[local-name()='image' or local-name()='use']/@href"
    " | //link[not(@rel='canonical' or @rel='prev' or @rel='next')]/@href"
)

IN_CSS = re.compile(r"url\(\s*['\"]?(?!data:)([^'\")]+)|@import\s+['\"]([^'\"]+)")


def test_nothing_that_a_page_loads_comes_from_elsewhere(pages: Pages, listening: Server):
    for url, page in pages.items():
        styles = " ".join([*page.xpath("//style/text()"), *page.xpath("//@style")])
        addresses = [*page.xpath(LOADED), *("".join(found) for found in IN_CSS.findall(styles))]
        assert addresses
        home = f"{listening.origin}/"
        assert {urljoin(home, to) for to in addresses if not urljoin(home, to).startswith((home, "data:"))} == set(), (
            url
        )


def test_nothing_that_a_style_sheet_loads_comes_from_elsewhere(site: Path):
    sheets = sorted(site.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        addresses = ["".join(found) for found in IN_CSS.findall(sheet.read_text(encoding="utf-8"))]
        assert [to for to in addresses if urlsplit(to).netloc] == [], sheet.name


def test_no_page_has_an_unknown_citation(pages: Pages):
    assert [url for url, page in pages.items() if page.find_class("cxkb-unknown")] == []


def test_no_citation_is_left_as_it_was_typed(pages: Pages):
    typed = re.compile(r"\[@[a-z]")
    shown = {
        url: " ".join(page.xpath("//article//*[self::p or self::li or self::td]//text()"))
        for url, page in pages.items()
    }
    assert [url for url, seen in shown.items() if typed.search(seen)] == []


PARTS = {
    "concept": ["definition", "names", "strength", "relations", "references", "questions"],
    "tension": ["definition", "kind", "concerns", "references"],
    "source": ["source-reference", "facts", "cited-by"],
}


@pytest.mark.parametrize(("kind", "part"), [(kind, part) for kind, parts in PARTS.items() for part in parts])
def test_every_page_of_a_kind_shows(pages: Pages, kind: str, part: str):
    found = of_kind(pages, kind)
    assert found
    assert [url for url, page in found.items() if not shows(page, f"cxkb-{part}")] == []


@pytest.mark.parametrize(
    ("kind", "folder"), [("concept", "docs/concepts"), ("tension", "docs/tensions"), ("source", "sources")]
)
def test_the_overview_and_the_sitemap_list_every_page(pages: Pages, site: Path, snapshot: Path, kind: str, folder: str):
    written = {file.stem for file in (snapshot / folder).glob("*.md")}
    listed = {address.rstrip("/").rpartition("/")[2] for address in pages[f"{kind}s/"].xpath("//article//li//a/@href")}
    mapped = set(re.findall(rf"/{kind}s/([^/<]+)/<", (site / "sitemap.xml").read_text(encoding="utf-8")))
    assert written
    assert written - listed == set()
    assert written == mapped


def test_the_search_of_the_site_knows_every_concept(site: Path, snapshot: Path):
    known = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    assert [
        file.stem for file in (snapshot / "docs" / "concepts").glob("*.md") if f'"concepts/{file.stem}/' not in known
    ] == []


def visit(page: Page, address: str) -> None:
    """Go there and wait until everything is loaded."""
    page.goto(address, wait_until="networkidle")


def anchored(index: Path, kind: Kind, number: int) -> str:
    """One of the locations of this kind that have an anchor, spread over all of them."""
    found = [location for of, location in locations(index) if of == kind and "#" in location]
    return found[len(found) * number // 3]


@pytest.mark.browser
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("kind", KINDS)
def test_a_hit_opens_at_its_section(page: Page, server: Server, index: Path, kind: Kind, number: int):
    visit(page, f"{server.origin}/{anchored(index, kind, number)}")
    expect(page.locator(":target")).to_be_in_viewport()


@pytest.mark.browser
def test_a_citation_leads_to_the_idea_that_it_cites(page: Page, server: Server):
    visit(page, f"{server.origin}/concepts/three-ps/")
    page.locator(".cxkb-citation a[data-source=solis-2016][href$='#three-ps']").first.click()
    page.wait_for_url("**/sources/solis-2016/#three-ps")
    expect(page.locator("#three-ps")).to_be_in_viewport()


@pytest.mark.browser
def test_a_drawing_is_seen(page: Page, server: Server):
    visit(page, f"{server.origin}/concepts/three-ps/")
    page.locator("figure.cxkb-picture svg").scroll_into_view_if_needed()
    expect(page.locator("figure.cxkb-picture svg")).to_be_in_viewport()
