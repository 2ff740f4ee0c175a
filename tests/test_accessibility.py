"""The site for readers with a screen reader, a keyboard, low vision or a small screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import expect

from tests.conftest import KEY_PAGES

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page, ViewportSize

    from tests.conftest import Server

pytestmark = pytest.mark.browser

SCREENS: dict[str, ViewportSize] = {"desk": {"width": 1280, "height": 800}, "telephone": {"width": 390, "height": 844}}

SCHEMES = {"light": "default", "dark": "slate"}
"""What a reader's system prefers -> the theme's name for it."""

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


@pytest.fixture(scope="session")
def axe(packages: Path) -> str:
    """The source of axe-core, which a page's policy would not let it load."""
    return (packages / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("address", KEY_PAGES)
def test_a_page_breaks_no_rule_of_axe(
    browser: Browser, server: Server, axe: str, address: str, colours: Literal["light", "dark"]
):
    context = browser.new_context(color_scheme=colours, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{server.origin}/{address}")
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", SCHEMES[colours])
    page.evaluate(axe)
    broken = []
    for screen, size in SCREENS.items():
        page.set_viewport_size(size)
        found = page.evaluate("rules => axe.run(document, rules)", RULES)
        assert found["testEngine"]["name"] == "axe-core"
        broken += [(screen, rule["id"], node["target"]) for rule in found["violations"] for node in rule["nodes"]]
    context.close()
    assert broken == []


FOCUSED = """() => {
    const element = document.activeElement;
    const label = element.matches("input.md-option") ? element.nextElementSibling : element;
    const box = label.getBoundingClientRect(), style = getComputedStyle(label);
    return {
        name: element.ariaLabel || element.title || element.textContent.trim(),
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
        inside: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
        typing: element.matches("input[type=text]"),
        place: element.closest("header, main, footer")?.localName ?? "body",
    };
}"""


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Page, server: Server):
    page.set_viewport_size(SCREENS["desk"])
    page.goto(f"{server.origin}/concepts/silos/", wait_until="networkidle")
    stops = []
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        stops.append(page.evaluate(FOCUSED))
    assert {stop["place"] for stop in stops} >= {"header", "main", "footer"}
    unseen = [stop for stop in stops if not (stop["inside"] and (stop["outlined"] or stop["typing"]))]
    assert unseen == []
    assert [stop for stop in stops if not stop["name"]] == []


def test_the_first_tab_offers_to_skip_to_the_text(page: Page, server: Server):
    page.goto(f"{server.origin}/concepts/silos/", wait_until="networkidle")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_count(0)  # the link is left behind
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")


def test_the_keyboard_searches_and_opens_what_it_found(page: Page, server: Server):
    page.goto(f"{server.origin}/glossary/", wait_until="networkidle")
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Search").first).to_be_focused()
    page.keyboard.type("silos")
    expect(page.locator(".md-search-result__link").first).to_be_visible()
    expect(page.locator("#__search")).to_be_checked()  # the theme opens it a moment after the key
    page.keyboard.press("ArrowDown")
    expect(page.locator(".md-search-result a:focus")).to_have_count(1)  # answers by meaning may come above it meanwhile
    page.keyboard.press("Enter")
    page.wait_for_url("**/concepts/silos/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Silos")


def test_the_keyboard_leaves_the_search(page: Page, server: Server):
    page.goto(f"{server.origin}/glossary/", wait_until="networkidle")
    page.keyboard.press("/")
    page.keyboard.type("silos")
    expect(page.locator("#__search")).to_be_checked()  # the theme opens it a moment after the key
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Search").first).not_to_be_focused()
