"""The site as a reader's browser has it: nothing from elsewhere, no error, light, and every way through it works."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pypdf
import pytest
from playwright.sync_api import expect

from tests.conftest import KEY_PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page

    from tests.conftest import Server

pytestmark = pytest.mark.browser

NARROW = 360
"""The narrowest screen we promise to fit, in CSS pixels."""

BUDGET = 250_000
"""Bytes over the wire of a concept page, all that it loads except for search."""

PRINTED = ["brand-positioning", "customer-engagement-management", "digital-interaction-layer", "silos"]
"""The concepts that fill a sheet the most."""

SEARCH = ("/search/", "/assets/javascripts/workers/")
"""What search loads, and Material's script asks for at once."""


@dataclass
class Visit:
    """What a page asked for and complained of while it was read, searched from and seen in the other colours."""

    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    overflow: int = 0
    """Pixels by which it is wider than a narrow screen."""

    def note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


def watch(page: Page) -> Visit:
    """A record of what the page does from now on."""
    seen = Visit()
    page.on("request", lambda request: seen.asked.append(request.url))
    page.on("response", lambda response: seen.refused.append(response.url) if response.status >= 400 else None)
    page.on("requestfailed", lambda request: seen.refused.append(request.url))
    page.on("console", seen.note)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    return seen


def search(page: Page, query: str) -> None:
    """Type the query into the search field and wait for what it finds."""
    page.get_by_role("textbox", name="Search").first.press_sequentially(query)
    expect(page.locator(".md-search-result__link").first).to_be_visible()


def toggle_colours(page: Page) -> None:
    page.locator("label.md-header__button[title^='Switch to']:visible").click()


@pytest.fixture(scope="module", params=KEY_PAGES)
def visit(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Visit]:
    """A page, visited once for all that is asked of it below."""
    context = browser.new_context()
    page = context.new_page()
    seen = watch(page)
    page.goto(f"{server.origin}/{request.param}", wait_until="networkidle")
    toggle_colours(page)
    search(page, "silos")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": NARROW, "height": 740})
    seen.overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    yield seen
    context.close()


def test_a_page_makes_the_browser_complain_of_nothing(visit: Visit):
    assert visit.complaints == []


def test_a_page_asks_only_its_own_origin(visit: Visit, server: Server):
    assert visit.asked
    assert [url for url in visit.asked if not url.startswith((f"{server.origin}/", "data:"))] == []


def test_a_page_gets_all_that_it_asks_for(visit: Visit):
    assert visit.refused == []


def test_a_page_fits_a_narrow_screen(visit: Visit):
    assert visit.overflow <= 0


def test_a_script_that_slips_into_a_page_does_nothing(page: Page, server: Server):
    page.goto(f"{server.origin}/concepts/silos/")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.slipped = true";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", '<img src="/none" onerror="window.slipped = true">');
            return new Promise(done => document.body.lastElementChild.addEventListener("error", () => done()));
        }"""
    )
    assert page.evaluate("window.slipped") is None


def test_the_colours_that_a_reader_chose_stay(page: Page, server: Server):
    page.emulate_media(color_scheme="light")
    page.goto(f"{server.origin}/concepts/silos/")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "default")
    toggle_colours(page)
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.goto(f"{server.origin}/glossary/")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")


def test_going_from_page_to_page_loads_no_frame_anew_and_complains_of_nothing(page: Page, server: Server):
    seen = watch(page)
    page.goto(f"{server.origin}/", wait_until="networkidle")
    page.evaluate("window.stayed = true")
    for tab, depth in {"Concepts": "/concepts/", "Glossary": "/glossary/"}.items():
        page.locator(".md-tabs").get_by_role("link", name=tab, exact=True).click()
        page.wait_for_url(f"**{depth}")
    page.locator("article a[href*='/concepts/silos/']").first.click()
    page.wait_for_url("**/concepts/silos/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Silos")
    assert page.evaluate("window.stayed")
    assert seen.complaints == []


def test_back_and_forward_lead_to_where_the_reader_was(page: Page, server: Server):
    page.goto(f"{server.origin}/concepts/silos/#in-practice", wait_until="networkidle")
    expect(page.locator("#in-practice")).to_be_in_viewport()
    page.locator("#in-practice ~ ul a[href*='/sources/solis-2016/#']").first.click()
    page.wait_for_url("**/sources/solis-2016/#*")
    expect(page.locator(":target, #cross-functional-groups").first).to_be_in_viewport()
    page.go_back()
    page.wait_for_url("**/concepts/silos/#in-practice")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Silos")
    page.go_forward()
    page.wait_for_url("**/sources/solis-2016/#*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Solis")


def test_an_address_that_leads_nowhere_shows_a_page_of_the_site(page: Page, server: Server):
    answer = page.goto(f"{server.origin}/concepts/none/such/")
    assert answer is not None
    assert answer.status == 404
    page.locator(".md-tabs").get_by_role("link", name="Glossary").click()
    page.wait_for_url("**/glossary/")


def test_a_concept_page_is_light(page: Page, server: Server):
    seen = watch(page)
    page.goto(f"{server.origin}/concepts/silos/", wait_until="networkidle")
    paths = {url.removeprefix(server.origin) for url in seen.asked}
    weights = {path: server.weight(path) for path in paths if not path.startswith(SEARCH)}
    assert len(weights) >= 5
    assert sum(weights.values()) <= BUDGET, weights


@pytest.mark.parametrize("concept", PRINTED)
def test_a_concept_prints_on_one_sheet(page: Page, server: Server, concept: str):
    page.goto(f"{server.origin}/concepts/{concept}/", wait_until="networkidle")
    sheets = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    assert len(sheets) == 1
    assert "References" in sheets[0].extract_text()


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A tab without JavaScript, on a telephone."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def test_without_javascript_a_page_can_be_read_and_its_links_followed(plain: Page, server: Server):
    plain.goto(f"{server.origin}/concepts/silos/")
    expect(plain.locator("#in-practice")).to_be_visible()
    plain.locator("article a[href$='../customer-experience/']").first.click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("Customer experience")


def test_without_javascript_the_navigation_opens(plain: Page, server: Server):
    plain.goto(f"{server.origin}/glossary/")
    plain.locator("label.md-header__button[for=__drawer]").click()
    plain.locator(".md-nav--primary").get_by_role("link", name="What the sources agree on").click()
    expect(plain).to_have_url(f"{server.origin}/agreements/")
