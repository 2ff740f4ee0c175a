"""Search by meaning in a reader's browser: what it answers, what it costs, and what is left when a part of it fails."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as etree
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from cxkb import render
from tests.conftest import QUIET_CHROMIUM, answering, environment
from tests.test_accessibility import RULES, axe
from tests.test_browser import search, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

    from tests.conftest import Server

    Break = Callable[[Route], None]

__all__ = ["axe"]  # the fixture

pytestmark = pytest.mark.browser

QUESTION = "why do departments hurt the customer?"
NO_QUESTION = "how do I boil marmalade?"

FILES = "/assets/cxkb/search/"
SCRIPTS = "/assets/cxkb/browser/"
MODEL = re.compile(rf"{FILES}(model|words|layers|vocabulary)-")

SMALL = 6_000
"""Bytes, compressed, of what search loads before a reader turns to it."""

LONG = 30_000
"""Milliseconds that a cold start may take on a busy machine before a test gives up."""

BY_MEANING = ".cxkb-meaning .md-search-result__item a"
BY_KEYWORDS = ".md-search-result__list .md-search-result__link"
STATUS = ".cxkb-meaning [role=status]"


def question_field(page: Page) -> Any:
    return page.locator("[data-md-component=search-query]")


def held(page: Page, file: str) -> list[Route]:
    """The requests for this file, which wait to be continued."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(re.compile(rf"{FILES}{file}"), hold)
    return waiting


def ask(page: Page, question: str = QUESTION) -> None:
    """Type the question into Material's box and wait for what is found by meaning."""
    question_field(page).press_sequentially(question)
    expect(page.locator(f"{BY_MEANING}, .cxkb-meaning__all a").first).to_be_visible(timeout=LONG)


def failed(page: Page, sentence: str) -> None:
    """Search by meaning says this plain sentence, and search by keywords works as ever."""
    question_field(page).press_sequentially("silos")
    expect(page.locator(".cxkb-meaning__status")).to_have_text(
        f"{sentence} Search by keywords works as ever.", timeout=LONG
    )
    expect(page.locator(BY_KEYWORDS).first).to_be_visible()
    assert page.locator(BY_MEANING).count() == 0


@pytest.fixture
def silos(page: Page, server: Server) -> Page:
    """A page of the site in a browser that has never been here."""
    page.goto(f"{server.origin}/concepts/silos/", wait_until="networkidle")
    return page


# --- answers ---


def test_an_answer_leads_to_a_section_that_exists(silos: Page):
    ask(silos)
    silos.locator(BY_MEANING).first.click()
    silos.wait_for_url("**/*#*")
    assert silos.evaluate("document.getElementById(location.hash.slice(1)) !== null")
    expect(silos.locator(".md-search__output")).not_to_be_visible()


def test_an_answer_names_page_sentence_and_sources(silos: Page):
    ask(silos)
    first = silos.locator(BY_MEANING).first
    assert first.locator(".cxkb-meaning__title").inner_text()
    assert first.locator("p").first.inner_text()
    expect(first.locator(".cxkb-meaning__sources")).to_contain_text(re.compile(r"^Sources?: .+\d{4}"))


def test_the_answers_are_the_terminal_s(silos: Page, index: Path, cxkb: Any, server: Server):
    terminal = json.loads(cxkb("ask", "--json", "-n", "3", "--", QUESTION, cwd=index).stdout)
    ask(silos)
    links = [link.get_attribute("href") for link in silos.locator(BY_MEANING).all()]
    assert links[0] == f"{server.origin}/{terminal['hits'][0]['location']}"


def test_what_has_no_answer_is_said_as_in_the_terminal(silos: Page):
    ask(silos, NO_QUESTION)
    expect(silos.locator(STATUS)).to_have_text(render.NO_ANSWER)
    assert silos.locator(BY_MEANING).count() == render.CLOSEST


def test_nothing_makes_the_browser_complain(page: Page, server: Server):
    seen = watch(page)
    page.goto(f"{server.origin}/", wait_until="networkidle")
    ask(page)
    assert seen.complaints == []
    assert [url for url in seen.asked if not url.startswith((f"{server.origin}/", "data:"))] == []


def test_only_the_last_question_is_answered(silos: Page, server: Server):
    ask(silos)
    question_field(silos).fill("silos")
    question_field(silos).fill("what is a touchpoint?")
    expect(silos.locator(".cxkb-meaning__all a")).to_have_attribute(
        "href", f"{server.origin}/ask/?q=what%20is%20a%20touchpoint%3F"
    )


def test_clearing_the_question_clears_the_answers(silos: Page):
    ask(silos)
    silos.locator(".md-search__form button[type=reset]").click()
    expect(silos.locator(BY_MEANING)).to_have_count(0)


# --- what it costs ---


def test_before_the_box_is_used_one_small_script_is_loaded(page: Page, server: Server):
    seen = watch(page)
    page.goto(f"{server.origin}/concepts/silos/", wait_until="networkidle")
    ours = [url.removeprefix(server.origin) for url in seen.asked if SCRIPTS in url or FILES in url]
    assert len(ours) == 1
    assert server.weight(ours[0]) <= SMALL


def test_a_second_visit_fetches_no_model(silos: Page, server: Server):
    before = len(server.requests)
    ask(silos)
    assert any(map(MODEL.search, server.requests[before:]))
    again = silos.context.new_page()
    again.goto(f"{server.origin}/glossary/", wait_until="networkidle")
    before = len(server.requests)
    ask(again)
    assert [path for path in server.requests[before:] if path.endswith(".gz")] == []


def test_two_tabs_load_the_model_once(silos: Page, server: Server):
    other = silos.context.new_page()
    other.goto(f"{server.origin}/glossary/", wait_until="networkidle")
    before = len(server.requests)
    question_field(silos).press_sequentially(QUESTION)
    ask(other)
    ask(silos, "")
    loaded = [path for path in server.requests[before:] if path.endswith(".gz")]
    assert len(loaded) == len(set(loaded)) > 0


def test_keyword_results_come_at_once_and_the_reader_sees_how_much_is_loaded(silos: Page):
    waiting = held(silos, "words-")
    question_field(silos).press_sequentially("silos")
    expect(silos.locator(BY_KEYWORDS).first).to_be_visible()
    expect(silos.locator(STATUS)).to_have_text(re.compile(r"^Loading search by meaning, this once: 1\d MB$"))
    expect(silos.locator(".cxkb-meaning__amount")).to_have_text(re.compile(r"^\d[\d.]* [KM]B of 1\d MB$"), timeout=LONG)
    expect(silos.locator(".cxkb-meaning progress")).to_be_visible()
    waiting[0].continue_()
    expect(silos.locator(BY_MEANING).first).to_be_visible(timeout=LONG)
    expect(silos.locator(".cxkb-meaning progress")).not_to_be_visible()


SAVING = 'Object.defineProperty(navigator, "connection", {value: {saveData: true, effectiveType: "4g"}})'


def test_who_saves_data_is_asked_first(page: Page, server: Server):
    page.add_init_script(SAVING)
    page.goto(f"{server.origin}/concepts/silos/", wait_until="networkidle")
    before = len(server.requests)
    question_field(page).press_sequentially(QUESTION)
    button = page.get_by_role("button", name=re.compile(r"^Search by meaning \(1\d MB\)$"))
    expect(button).to_be_visible()
    expect(page.locator(BY_KEYWORDS).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [path for path in server.requests[before:] if path.endswith(".gz")] == []
    page.keyboard.press("ArrowDown")
    expect(button).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(BY_MEANING).first).to_be_visible(timeout=LONG)
    expect(question_field(page)).to_be_focused()
    expect(question_field(page)).to_have_value(QUESTION)


KEPT = """async () => {
    const manifest = await (await fetch("/assets/cxkb/search/manifest.json")).json();
    const names = Object.values(manifest.files).map(({name}) => "/assets/cxkb/search/" + name);
    return (await Promise.all(names.map(name => caches.match(name)))).every(Boolean);
}"""
"""Whether all files are kept for the next visit."""


def test_who_saves_data_is_not_asked_again(page: Page, server: Server):
    page.goto(f"{server.origin}/concepts/silos/", wait_until="networkidle")
    ask(page)
    page.wait_for_function(KEPT)
    page.add_init_script(SAVING)
    page.reload(wait_until="networkidle")
    ask(page)


# --- what is left when a part fails ---


def not_there(route: Route) -> None:
    route.fulfill(status=404, body="none")


def cut_short(route: Route) -> None:
    route.fulfill(body=route.fetch().body()[:-1000])


def another(route: Route) -> None:
    route.fulfill(body=gzip.compress(b"not what the manifest promises", mtime=0))


def a_page(route: Route) -> None:
    route.fulfill(body="<h1>sorry</h1>")


def of_another_version(route: Route) -> None:
    route.fulfill(json=route.fetch().json() | {"format": 99})


def refused(route: Route) -> None:
    route.abort("blockedbyclient")


BREAKS: dict[str, tuple[str, Break, str]] = {
    "no manifest": ("manifest.json", not_there, "Search by meaning lacks a file on this site."),
    "a page for a manifest": (
        "manifest.json", a_page, "A file of search by meaning arrived damaged; reload the page to try again.",
    ),
    "another manifest": (
        "manifest.json", of_another_version,
        "This page and its search by meaning are of different versions; reload the page.",
    ),
    "a file missing": ("layers-", not_there, "Search by meaning lacks a file on this site."),
    "a file cut short": (
        "words-", cut_short, "A file of search by meaning arrived damaged; reload the page to try again.",
    ),
    "another file": (
        "vectors-", another, "A file of search by meaning arrived damaged; reload the page to try again.",
    ),
    "no connection": ("passages-", refused, "Search by meaning needs a connection the first time, and there is none."),
    "no worker": ("worker.mjs", refused, "This browser does not let the page search by meaning."),
    "no engine": ("engine.mjs", refused, "This browser does not let the page search by meaning."),
    "no script": ("client.mjs", refused, "Search by meaning could not be loaded."),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_what_fails_is_said_and_keywords_still_find(silos: Page, name: str):
    file, broken, sentence = BREAKS[name]
    silos.route(re.compile(rf"({FILES}|{SCRIPTS}){file}"), broken)
    question_field(silos).focus()
    if name == "no script":
        sentence = sentence.replace(".", "; search by keywords works as ever.")
        expect(silos.locator(".cxkb-meaning__status")).to_have_text(sentence, timeout=LONG)
        search(silos, "silos")
    else:
        failed(silos, sentence)


def test_a_browser_without_workers_says_so(page: Page, server: Server):
    page.add_init_script("delete window.Worker.prototype; window.Worker = function () { throw new Error('none') }")
    page.goto(f"{server.origin}/ask/?q=silos", wait_until="networkidle")
    expect(page.locator(".cxkb-asking [role=status]")).to_contain_text("This browser does not let the page")


def without_webassembly(route: Route) -> None:
    """A worker has the policy that its script comes with; this one allows no WebAssembly."""
    route.fulfill(
        response=route.fetch(),
        headers={"content-type": "text/javascript", "content-security-policy": "script-src 'self'"},
    )


def test_without_webassembly_answers_come_all_the_same(silos: Page):
    said: list[str] = []
    silos.on("console", lambda message: said.append(message.text))
    silos.route(re.compile(rf"{SCRIPTS}worker.mjs"), without_webassembly)
    ask(silos)
    assert silos.locator(BY_MEANING).count() == 3
    assert [text for text in said if "computing without WebAssembly" in text]


def test_a_full_storage_keeps_no_reader_from_answers(silos: Page, server: Server):
    devtools = silos.context.new_cdp_session(silos)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": server.origin, "quotaSize": 1000})
    ask(silos)


def test_who_was_here_before_is_answered_without_a_connection(silos: Page):
    ask(silos)
    silos.context.set_offline(True)
    question_field(silos).fill("what is a touchpoint?")
    expect(silos.locator(".cxkb-meaning__all a")).to_have_attribute("href", re.compile("touchpoint"))


def test_the_connection_may_come_back(silos: Page):
    silos.route(re.compile(rf"{FILES}passages-"), refused)
    failed(silos, BREAKS["no connection"][2])
    silos.unroute_all()
    question_field(silos).press_sequentially(" hurt")
    expect(silos.locator(BY_MEANING).first).to_be_visible(timeout=LONG)


def test_going_to_another_page_does_not_stop_the_loading(silos: Page, server: Server):
    waiting = held(silos, "words-")
    silos.evaluate("window.stayed = true")
    question_field(silos).press_sequentially("silos")
    expect(silos.locator(".cxkb-meaning progress")).to_be_visible()
    expect(silos.locator(BY_KEYWORDS).first).to_be_visible()
    silos.keyboard.press("Escape")
    # Not a click with the mouse: Material fades its cover out before it lets one through.
    silos.locator(".md-tabs").get_by_role("link", name="Glossary").dispatch_event("click")
    silos.wait_for_url("**/glossary/")
    expect(silos.get_by_role("heading", name="Glossary", level=1)).to_be_visible()
    silos.wait_for_timeout(3_000)  # Material closes the box a moment after a page has come, later on a busy machine
    for route in waiting:
        route.continue_()
    question_field(silos).fill("")
    ask(silos)
    assert silos.evaluate("window.stayed")
    assert len(waiting) == 1
    silos.locator(BY_MEANING).first.evaluate("link => link.click()")  # the box closes a moment after a page has come
    silos.wait_for_url("**/*#*")
    assert silos.url.startswith(f"{server.origin}/")


# --- the keyboard, the ear, small screens ---


def test_the_arrow_keys_walk_through_answers_and_on_to_keyword_results(silos: Page):
    ask(silos)
    expect(silos.locator(BY_KEYWORDS).first).to_be_visible()
    for place in range(3):
        silos.keyboard.press("ArrowDown")
        expect(silos.locator(BY_MEANING).nth(place)).to_be_focused()
    silos.keyboard.press("ArrowDown")
    expect(silos.locator(".cxkb-meaning__all a")).to_be_focused()
    silos.keyboard.press("ArrowDown")
    expect(silos.locator(BY_KEYWORDS).first).to_be_focused()
    for _ in range(5):
        silos.keyboard.press("ArrowUp")
    expect(question_field(silos)).to_be_focused()


def test_enter_opens_the_best_answer(silos: Page):
    ask(silos)
    best = silos.locator(BY_MEANING).first.get_attribute("href")
    silos.keyboard.press("Enter")
    silos.wait_for_url(best or "")


def test_enter_opens_the_best_keyword_result_where_there_is_no_answer(silos: Page):
    ask(silos, NO_QUESTION)
    best = silos.locator(BY_KEYWORDS).first.get_attribute("href")
    silos.keyboard.press("Enter")
    silos.wait_for_url(best or "")


def test_escape_leaves_the_box(silos: Page):
    ask(silos)
    silos.keyboard.press("ArrowDown")
    silos.keyboard.press("Escape")
    expect(silos.locator(".md-search__output")).not_to_be_visible()


def test_the_focus_is_not_lost_when_other_answers_come(silos: Page):
    ask(silos)
    silos.keyboard.press("ArrowDown")
    before = silos.locator(f"{BY_MEANING}:focus").get_attribute("href")
    question_field(silos).evaluate(
        "field => { field.value = 'what is a touchpoint?'; field.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    expect(silos.locator(BY_MEANING).first).not_to_have_attribute("href", before or "", timeout=LONG)
    expect(silos.locator(".md-search :focus")).to_have_count(1)


def test_there_is_one_polite_voice(silos: Page):
    ask(silos)
    live = silos.locator(".md-search :is([aria-live], [role=status], [role=alert], [role=log])")
    assert live.count() == 1
    expect(live).to_have_text("3 pages answer")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("question", [QUESTION, NO_QUESTION])
def test_the_box_and_the_page_break_no_rule_of_axe(
    browser: Browser, server: Server, axe: str, colours: Any, question: str
):
    context = browser.new_context(color_scheme=colours, reduced_motion="reduce")
    page = context.new_page()
    broken = []
    page.goto(f"{server.origin}/concepts/silos/", wait_until="networkidle")
    ask(page, question)
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    broken += [(rule["id"], node["target"]) for rule in found["violations"] for node in rule["nodes"]]
    page.goto(f"{server.origin}/ask/?q={question}", wait_until="networkidle")
    expect(page.locator(".cxkb-answers a").first).to_be_visible()
    page.evaluate(axe)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        found = page.evaluate("rules => axe.run(document, rules)", RULES)
        broken += [(rule["id"], node["target"]) for rule in found["violations"] for node in rule["nodes"]]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
    assert broken == []


# --- the page for asking ---


def answers(page: Page) -> Any:
    return page.locator(".cxkb-answer h2 a")


def test_a_question_in_the_address_is_answered_in_full(page: Page, server: Server):
    page.goto(f"{server.origin}/ask/?q={QUESTION}", wait_until="networkidle")
    expect(answers(page)).to_have_count(5, timeout=LONG)
    expect(page.locator("#cxkb-question")).to_have_value(QUESTION)
    expect(page.locator(".cxkb-answer mark").first).to_be_visible()
    expect(page.locator(".cxkb-answer__sources a").first).to_be_visible()
    expect(page.locator(".md-search__output")).not_to_be_visible()
    page.locator(".cxkb-answer__sources a").first.click()
    page.wait_for_url("**/sources/*/")


def test_the_back_button_leads_to_the_question_before(page: Page, server: Server):
    page.goto(f"{server.origin}/ask/", wait_until="networkidle")
    field = page.locator("#cxkb-question")
    expect(field).to_be_focused()
    for question in ("silos", "touchpoint"):
        field.fill(question)
        field.press("Enter")
        page.wait_for_url(f"**/ask/?q={question}")
        expect(answers(page).first).to_be_visible(timeout=LONG)
    shown = answers(page).first.get_attribute("href")
    page.go_back()
    page.wait_for_url("**/ask/?q=silos")
    expect(page.locator("#cxkb-question")).to_have_value("silos")
    expect(answers(page).first).not_to_have_attribute("href", shown or "")
    page.go_back()
    page.wait_for_url("**/ask/")
    expect(page.locator("#cxkb-question")).to_have_value("")
    expect(answers(page)).to_have_count(0)
    page.go_forward()
    expect(answers(page).first).to_be_visible()


def test_a_reload_keeps_the_question(page: Page, server: Server):
    page.goto(f"{server.origin}/ask/?q=silos", wait_until="networkidle")
    expect(answers(page).first).to_be_visible(timeout=LONG)
    page.reload(wait_until="networkidle")
    expect(answers(page).first).to_be_visible(timeout=LONG)
    assert page.url == f"{server.origin}/ask/?q=silos"


def test_examples_and_full_answers_lead_to_the_page_without_loading_it_anew(page: Page, server: Server):
    page.goto(f"{server.origin}/ask/", wait_until="networkidle")
    page.evaluate("window.stayed = true")
    example = page.locator(".cxkb-examples a").first
    words = example.inner_text()
    example.click()
    expect(page.locator("#cxkb-question")).to_have_value(words)
    expect(answers(page).first).to_be_visible(timeout=LONG)
    ask(page)
    page.locator(".cxkb-meaning__all a").click()
    expect(page.locator("#cxkb-question")).to_have_value(QUESTION)
    assert page.evaluate("window.stayed")


def test_the_page_is_reached_from_an_address_that_leads_nowhere(page: Page, server: Server):
    page.goto(f"{server.origin}/silo-thinking/", wait_until="networkidle")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/ask/?q=silo+thinking")
    expect(answers(page).first).to_be_visible(timeout=LONG)


def test_what_has_no_answer_names_the_closest_topics(page: Page, server: Server):
    page.goto(f"{server.origin}/ask/?q={NO_QUESTION}", wait_until="networkidle")
    expect(page.locator(".cxkb-asking [role=status]")).to_have_text(render.NO_ANSWER, timeout=LONG)
    assert page.locator(".cxkb-answers a").count() == render.CLOSEST


def test_an_unanswerable_question_is_no_failure(page: Page, server: Server):
    page.goto(f"{server.origin}/ask/?q=%00", wait_until="networkidle")
    expect(page.locator(".cxkb-asking [role=status]")).to_have_text(re.compile("not text"), timeout=LONG)


def test_without_javascript_the_page_says_what_it_needs(browser: Browser, server: Server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.origin}/ask/")
    page.get_by_role("link", name="The glossary").click()
    expect(page).to_have_url(f"{server.origin}/glossary/")
    context.close()


def test_a_browser_learns_how_to_ask(site: Path, server: Server):
    html = (site / "concepts" / "silos" / "index.html").read_text(encoding="utf-8")
    assert '<link rel="search" type="application/opensearchdescription+xml"' in html
    names = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    root = etree.parse(site / "opensearch.xml").getroot()
    url = root.find("o:Url", names)
    assert url is not None
    assert url.get("template") == f"{server.origin}/ask/?q={{searchTerms}}"
    assert 0 < len(root.findtext("o:ShortName", "", names)) <= 16


# --- content that nobody vouches for ---

HOSTILE = '<img src="/x" onerror="document.title = 1"> & "quotes"'


def test_a_hostile_question_is_shown_as_text(page: Page, server: Server):
    page.goto(f"{server.origin}/ask/", wait_until="networkidle")
    page.locator("#cxkb-question").fill(HOSTILE)
    page.locator("#cxkb-question").press("Enter")
    expect(page.locator(".cxkb-answers a").first).to_be_visible(timeout=LONG)
    expect(page.locator("#cxkb-question")).to_have_value(HOSTILE)
    assert page.locator(".cxkb-asking img").count() == 0


def test_a_hostile_question_in_the_box_is_shown_as_text(silos: Page):
    ask(silos, HOSTILE)
    expect(question_field(silos)).to_have_value(HOSTILE)
    assert silos.locator(".cxkb-meaning img").count() == 0
    assert silos.title() != "1"


HEDGEHOG = "what is a hedgehog?"


@pytest.fixture(scope="module")
def hostile_site(hostile_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the hostile knowledge base's site, with search."""
    return with_search(hostile_index, tmp_path_factory.mktemp("hostile-site"))


def with_search(base: Path, folder: Path) -> Path:
    """The folder, with the site of this copy of the hostile knowledge base, search included."""
    plain = (base / "mkdocs.yml").read_text(encoding="utf-8")
    searching = plain.replace("plugins: [cxkb]", "plugins: [search, cxkb, cxkb-search]")
    assert searching != plain
    (base / "with-search.yml").write_text(searching, encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "-f", "with-search.yml", "--site-dir", str(folder)]
    subprocess.run(command, cwd=base, env=environment(), capture_output=True, check=True)
    return folder


@contextmanager
def hosted(folder: Path, *, declaring_gzip: bool = False) -> Iterator[str]:
    """The origin of a host of this folder; some declare what is compressed as compressed in transit only."""

    class Host(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
            del format, args

        def end_headers(self) -> None:
            if declaring_gzip and self.path.endswith(".gz"):
                self.send_header("Content-Encoding", "gzip")
            super().end_headers()

    with answering(functools.partial(Host, directory=str(folder))) as origin:
        yield origin


def test_hostile_content_is_shown_as_text(page: Page, hostile: Path, tmp_path: Path):
    tag = "<img src=x onerror=alert(1)>"
    guide = hostile / "docs" / "guide.md"
    guide.write_text(f"{guide.read_text(encoding='utf-8')}\n\nA hedgehog wrote `{tag}` on stones.\n", encoding="utf-8")
    title = "Hedgehog *not* <b>bold</b> & [not a link](x)"
    seen = watch(page)
    with hosted(with_search(hostile, tmp_path / "built")) as origin:
        page.goto(f"{origin}/ask/?q=What did the hedgehog write on stones?", wait_until="networkidle")
        expect(page.locator(".cxkb-answers p", has_text=tag).first).to_be_visible(timeout=LONG)
        expect(page.locator(".cxkb-answers a", has_text=title).first).to_be_visible()
        assert page.locator(".cxkb-answers :is(b, img, script)").count() == 0
        ask(page, "What did the hedgehog write on stones?")
        expect(page.locator(BY_MEANING, has_text=title).first).to_be_visible()
        assert page.locator(".cxkb-meaning :is(b, img, script)").count() == 0
    assert [text for text in seen.complaints if "404" not in text] == []


# --- hosts of all kinds ---


def test_a_host_that_declares_our_files_compressed_in_transit_serves_them_too(page: Page, hostile_site: Path):
    with hosted(hostile_site, declaring_gzip=True) as origin:
        page.goto(f"{origin}/concepts/badger/", wait_until="networkidle")
        ask(page, HEDGEHOG)
        expect(page.locator(BY_MEANING, has_text="Hedgehog").first).to_be_visible()
        page.reload(wait_until="networkidle")
        with page.expect_response(re.compile("manifest.json")):
            question_field(page).focus()
        ask(page, HEDGEHOG)


@pytest.fixture
def insecure(browser: Browser) -> Iterator[Page]:
    """A tab for which kb.test, plain http and not this machine's own name, is this machine."""
    rules = "--host-resolver-rules=MAP kb.test 127.0.0.1"
    chromium = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=[*QUIET_CHROMIUM, rules])
    yield chromium.new_page()
    chromium.close()


def test_over_plain_http_answers_come_though_nothing_can_be_kept(insecure: Page, hostile_site: Path):
    with hosted(hostile_site) as origin:
        insecure.goto(f"{origin.replace('127.0.0.1', 'kb.test')}/concepts/badger/", wait_until="networkidle")
        assert insecure.evaluate("[isSecureContext, crypto.subtle, window.caches].every(has => !has)")
        waiting = held(insecure, "words-")
        with insecure.expect_request(re.compile(f"{FILES}words-"), timeout=LONG):
            question_field(insecure).focus()
        expect(insecure.locator(STATUS)).to_have_text(re.compile(r"^Loading search by meaning: 1\d MB$"), timeout=LONG)
        for route in waiting:
            route.continue_()
        ask(insecure, HEDGEHOG)
        expect(insecure.locator(BY_MEANING, has_text="Hedgehog").first).to_be_visible()


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:-100], lambda _: gzip.compress(b"of before")], ids=["cut", "another"]
)
def test_over_plain_http_a_damaged_file_is_noticed_all_the_same(
    insecure: Page, hostile_site: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
):
    site = shutil.copytree(hostile_site, tmp_path / "damaged")
    (vectors,) = (site / FILES.strip("/")).glob("vectors-*")
    vectors.write_bytes(damage(vectors.read_bytes()))
    with hosted(site) as origin:
        insecure.goto(f"{origin.replace('127.0.0.1', 'kb.test')}/concepts/badger/", wait_until="networkidle")
        question_field(insecure).press_sequentially("hedgehog")
        expect(insecure.locator(STATUS)).to_contain_text("A file of search by meaning arrived damaged", timeout=LONG)


def test_a_model_that_no_browser_runs_leaves_search_by_letters_and_the_box_says_so(
    page: Page, hostile: Path, changed: Callable[..., Path], tmp_path: Path
):
    folder = changed({"sentence_bert_config.json": {"do_lower_case": True}})
    file = hostile / "pyproject.toml"
    file.write_text(f'[tool.cxkb]\nmodel = "{folder}"\n{file.read_text(encoding="utf-8")}', encoding="utf-8")
    with hosted(with_search(hostile, tmp_path / "built")) as origin:
        page.goto(f"{origin}/concepts/badger/", wait_until="networkidle")
        ask(page, "caterpillars and beetles")
        expect(page.locator(".cxkb-meaning .md-search-result__meta")).to_have_text("By letters, in all sections")
        expect(page.locator(BY_MEANING, has_text="caterpillars").first).to_be_visible()
