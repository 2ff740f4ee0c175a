"""The concept map and a concept's neighbours: what is drawn, that it can be read, and that it can be walked."""

from __future__ import annotations

import dataclasses
import itertools
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
import yaml
from playwright.sync_api import expect

from cxkb import captions, concept_map, graph, knowledge, neighbours, settings
from tests.conftest import environment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.conftest import Server

Box = tuple[float, float, float, float]

WIDTHS = ("viewBox.baseVal.width", "getBBox().width")
"""Of what the map shows, and of what is drawn."""

STATED = ("broader", "narrower", "part-of", "enables", "obstacle-to", "contrasts-with", "related")


@pytest.fixture(scope="module")
def loaded(repo: Path) -> knowledge.KnowledgeBase:
    return knowledge.load_or_fail(settings.find(repo))


def names(base: knowledge.KnowledgeBase) -> dict[int, str]:
    return {graph.number_of(group, base): base.settings.groups[group] for group in base.groups}


def heads(repo: Path) -> dict[str, dict[str, Any]]:
    """Id -> front matter, read without any of our code."""
    files = sorted((repo / "docs" / "concepts").glob("*.md"))
    return {file.stem: yaml.safe_load(file.read_text(encoding="utf-8").split("---\n")[1]) for file in files}


def overlapping(boxes: Iterable[Box]) -> list[tuple[Box, Box]]:
    return [
        (a, b)
        for a, b in itertools.combinations(boxes, 2)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


def parsed(svg: str) -> Any:
    return lxml.html.fromstring(svg)


# --- the graph -------------------------------------------------------------------


def test_every_concept_is_a_node_with_its_group(loaded: knowledge.KnowledgeBase, repo: Path):
    groups = list(loaded.settings.groups)
    found = {(node.id, node.title, groups[node.group - 1]) for node in graph.of(loaded).nodes}
    assert found == {(id_, head["title"], head["group"]) for id_, head in heads(repo).items()}


def test_every_relation_is_an_edge_told_once(loaded: knowledge.KnowledgeBase, repo: Path):
    expected: set[tuple[str, str, str]] = set()
    for id_, head in heads(repo).items():
        for relation in STATED:
            for other in head.get(relation, []):
                if relation in ("related", "contrasts-with"):
                    expected.add((*sorted((id_, other)), relation))
                else:
                    expected.add((other, id_, "broader") if relation == "narrower" else (id_, other, relation))
    found = [(edge.source, edge.target, edge.relation) for edge in graph.of(loaded).edges]
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_the_degree_counts_neighbours_not_relations(loaded: knowledge.KnowledgeBase):
    for node in graph.of(loaded).nodes:
        others = {other.id for found in loaded.relations_of(loaded.concepts[node.id]).values() for other in found}
        assert node.degree == len(others), node.id


# --- the drawing -------------------------------------------------------------------


def test_the_drawing_is_the_same_every_time(repo: Path):
    code = (
        "import sys; from pathlib import Path; from cxkb import concept_map, graph, knowledge, settings\n"
        "base = knowledge.load_or_fail(settings.find(Path('.')))\n"
        "names = {graph.number_of(g, base): base.settings.groups[g] for g in base.groups}\n"
        "print(concept_map.svg(graph.of(base), names, str))"
    )
    drawn = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=repo,
            env=environment(PYTHONHASHSEED=seed),
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert drawn[0].startswith(b"<svg")
    assert drawn[0] == drawn[1]


def test_no_two_labels_overlap(loaded: knowledge.KnowledgeBase):
    placed = concept_map.place(graph.of(loaded), names(loaded))
    boxes = [label.box for label in (*placed.concepts.values(), *placed.groups.values())]
    assert len(boxes) == len(loaded.concepts) + len(loaded.groups)
    assert overlapping(boxes) == []


def test_groups_stay_apart(loaded: knowledge.KnowledgeBase):
    found = graph.of(loaded)
    placed = concept_map.place(found, names(loaded))
    regions = []
    for number, title in placed.groups.items():
        boxes = [title.box, *(placed.concepts[node.id].box for node in found.nodes if node.group == number)]
        left, top, right, low = (list(sides) for sides in zip(*boxes, strict=True))
        by = concept_map.REGION
        regions.append((min(left) - by, min(top) - by, max(right) + by, max(low) + by))
    assert overlapping(regions) == []


def test_a_thousand_concepts_find_room(loaded: knowledge.KnowledgeBase):
    one = graph.of(loaded)
    copies = range(19)
    nodes = [dataclasses.replace(node, id=f"{node.id}-{n}") for n in copies for node in one.nodes]
    edges = [
        dataclasses.replace(e, source=f"{e.source}-{n}", target=f"{e.target}-{n}") for n in copies for e in one.edges
    ]
    placed = concept_map.place(graph.Graph(tuple(nodes), tuple(edges)), names(loaded))
    assert len(placed.concepts) > 1000
    assert overlapping(label.box for label in placed.concepts.values()) == []


def test_two_thousand_concepts_of_one_group_find_room():
    count = 2000
    words = "Journey map of a customer who waits".split()
    nodes = [
        graph.Node(f"c-{n}", f"{' '.join(words[: n % 7 + 1])} {n}", "It is one.", group=1, degree=2)
        for n in range(count)
    ]
    edges = [graph.Edge(f"c-{n}", f"c-{n + 1}", "related", directed=False) for n in range(count - 1)]
    found = graph.Graph(tuple(nodes), tuple(edges))
    placed = concept_map.place(found, {1: "Everything"})
    boxes = [label.box for label in (*placed.concepts.values(), *placed.groups.values())]
    assert len(boxes) == count + 1
    assert overlapping(boxes) == []
    left, top, right, low = (list(sides) for sides in zip(*boxes, strict=True))
    assert 0.5 < (max(right) - min(left)) / (max(low) - min(top)) < 4
    assert concept_map.place(found, {1: "Everything"}) == placed


def test_a_knowledge_base_without_concepts_has_an_empty_drawing():
    assert "<svg" in concept_map.svg(graph.Graph((), ()), {}, str)


def test_a_hostile_name_is_shown_not_obeyed(loaded: knowledge.KnowledgeBase):
    bad = "</title></svg><script>alert(1)</script>\"'&"
    node = graph.Node("a", bad, bad, 1, 0)
    drawn = concept_map.svg(graph.Graph((node,), ()), {1: bad}, lambda uri: f'{uri}?"><script>')
    assert "<script" not in drawn
    concept = loaded.concepts["silos"]
    hostile = dataclasses.replace(concept, head=concept.head.model_copy(update={"title": bad, "definition": bad}))
    base = dataclasses.replace(loaded, concepts=loaded.concepts | {"silos": hostile})
    for id_ in ("silos", "convergence"):
        assert "<script" not in neighbours.figure(base.concepts[id_], base)


def test_lines_of_a_name_fit_the_room():
    for text in (
        "General Data Protection Regulation (GDPR) and customer centricity",
        "Donaudampfschifffahrtsgesellschaft",
        "a-b",
        "顧客体験顧客体験顧客体験",
    ):
        lines = captions.wrap(text, 100, 13)
        assert 1 <= len(lines) <= 3
        assert all(captions.width(line, 13) <= 100 for line in lines)


# --- a concept's neighbours ------------------------------------------------------------


def test_the_neighbours_drawn_are_links_to_neighbours(loaded: knowledge.KnowledgeBase):
    for concept in loaded.concepts.values():
        related = {other.id for found in loaded.relations_of(concept).values() for other in found}
        drawn = re.findall(r'xlink:href="\.\./([^"/]+)/"', neighbours.figure(concept, loaded))
        assert len(drawn) == len(set(drawn)) == min(len(related), neighbours.MOST), concept.id
        assert set(drawn) <= related


def test_particular_relations_are_drawn_before_related(loaded: knowledge.KnowledgeBase):
    concept = max(loaded.concepts.values(), key=lambda c: sum(map(len, loaded.relations_of(c).values())))
    labels = [label for label, _ in neighbours.telling(concept, loaded)]
    assert "Related" in labels[1:]
    assert set(labels[labels.index("Related") :]) == {"Related"}


def test_a_drawing_of_neighbours_is_small_and_in_one_block(loaded: knowledge.KnowledgeBase):
    for concept in loaded.concepts.values():
        drawn = neighbours.figure(concept, loaded)
        assert len(drawn.encode()) <= 10_000, concept.id
        assert "\n\n" not in drawn


# --- colours --------------------------------------------------------------------------

BACKGROUNDS = {"default": "#ffffff", "slate": "#1e2129"}


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", BACKGROUNDS)
def test_the_colours_of_groups_can_be_read_as_text(repo: Path, scheme: str):
    css = (repo / "search" / "cxkb" / "assets" / "cxkb.css").read_text(encoding="utf-8")
    block = next(
        b
        for b in re.findall(r'\[data-md-color-scheme="(\w+)"\] \{([^}]*)\}', css)
        if b[0] == scheme and "--cxkb-group-1:" in b[1]
    )
    colours = re.findall(r"--cxkb-group-\d: (#[0-9a-f]{6});", block[1])
    assert len(set(colours)) == graph.COLOURS
    ground = luminance(BACKGROUNDS[scheme])
    for colour in colours:
        low, high = sorted((luminance(colour), ground))
        assert (high + 0.05) / (low + 0.05) >= 4.5, colour


# --- on the site ----------------------------------------------------------------------


def test_every_link_in_a_drawing_leads_to_a_page(site: Path):
    pages = [site / "map" / "index.html", *sorted((site / "concepts").glob("*/index.html"))]
    links = [
        (page.parent / address).resolve() / "index.html"
        for page in pages
        for address in re.findall(r'xlink:href="([^"]+)"', page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 300
    assert [link for link in links if not link.is_file()] == []


def test_the_list_says_what_the_map_shows(site: Path, loaded: knowledge.KnowledgeBase):
    page = lxml.html.parse(str(site / "map" / "index.html")).getroot()
    for id_, concept in loaded.concepts.items():
        (heading,) = page.xpath("//h4[@id=$id]", id=f"list-{id_}")
        listed = {a.split("/")[-2] for a in heading.getnext().xpath(".//a/@href") if "/concepts/" in a}
        assert listed == {other.id for found in loaded.relations_of(concept).values() for other in found}, id_


def visit(page: Page, server: Server, address: str = "map/") -> None:
    page.goto(f"{server.origin}/{address}", wait_until="networkidle")


def across(page: Page) -> float:
    """Width of what the map shows, in units of the drawing."""
    return float(page.locator(".cxkb-map-drawing").get_attribute("viewBox").split()[2])  # type: ignore[union-attr]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


@pytest.mark.browser
def test_no_two_labels_overlap_as_chromium_draws_them(page: Page, server: Server):
    visit(page, server)
    boxes = page.eval_on_selector_all(
        ".cxkb-map-drawing text",
        "all => all.map(t => t.getBBox()).map(b => [b.x, b.y + 2, b.x + b.width, b.y + b.height - 2])",
    )
    assert overlapping(map(tuple, boxes)) == []


@pytest.mark.browser
def test_arrow_keys_walk_to_the_nearest_concept_and_back(page: Page, server: Server):
    visit(page, server, "map/#silos")
    assert focused(page) == "silos"
    page.keyboard.press("ArrowUp")
    above = focused(page)
    assert above not in ("silos", "")
    where = "id => document.getElementById(id).querySelector('circle').cy.baseVal.value"
    assert page.evaluate(where, above) < page.evaluate(where, "silos")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "silos"


@pytest.mark.browser
def test_every_concept_can_be_reached_by_arrow_keys(page: Page, server: Server, loaded: knowledge.KnowledgeBase):
    visit(page, server)
    page.emulate_media(reduced_motion="reduce")
    reached = page.evaluate(
        """() => {
          const seen = new Set(), waiting = [document.querySelector(".cxkb-node[tabindex='0']").id];
          while (waiting.length) {
            const id = waiting.pop();
            if (seen.has(id)) continue;
            seen.add(id);
            for (const key of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]) {
              document.getElementById(id).focus();
              document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
              waiting.push(document.activeElement.id);
            }
          }
          return [...seen];
        }"""
    )
    assert set(reached) == set(loaded.concepts)


@pytest.mark.browser
def test_the_map_is_one_stop_for_the_tab_key_and_escape_leaves(page: Page, server: Server):
    visit(page, server, "map/#silos")
    assert page.locator(".cxkb-node[tabindex='0']").count() == 1
    page.keyboard.press("Escape")
    assert focused(page) == ""
    expect(page.locator(".cxkb-map-panel")).to_be_empty()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.classList.contains('cxkb-node')")


@pytest.mark.browser
def test_enter_opens_the_concept(page: Page, server: Server):
    visit(page, server, "map/#silos")
    page.keyboard.press("Enter")
    page.wait_for_url("**/concepts/silos/")


@pytest.mark.browser
def test_a_concept_in_focus_tells_what_it_is_and_shows_its_neighbours(
    page: Page, server: Server, loaded: knowledge.KnowledgeBase
):
    visit(page, server, "map/#silos")
    silos = loaded.concepts["silos"]
    panel = page.locator(".cxkb-map-panel")
    expect(panel).to_contain_text(silos.head.title)
    expect(panel).to_contain_text(silos.head.definition)
    near = {other.id for found in loaded.relations_of(silos).values() for other in found}
    lit = page.eval_on_selector_all(".cxkb-node.is-on", "all => all.map(a => a.id)")
    assert set(lit) == near | {"silos"}
    linked = panel.locator("li a[href*='concepts/']").evaluate_all("all => all.map(a => a.href.split('/').at(-2))")
    assert set(linked) == near


@pytest.mark.browser
def test_the_mouse_over_a_concept_tells_what_it_is(page: Page, server: Server, loaded: knowledge.KnowledgeBase):
    visit(page, server)
    page.locator("#convergence circle").hover()
    expect(page.locator(".cxkb-map-panel")).to_contain_text(loaded.concepts["convergence"].head.definition)


@pytest.mark.browser
def test_the_wheel_scrolls_the_page_until_the_map_was_clicked(page: Page, server: Server):
    visit(page, server)
    page.emulate_media(reduced_motion="reduce")
    whole = across(page)
    page.locator(".cxkb-map-drawing").hover(position={"x": 10, "y": 10})
    page.mouse.wheel(0, 100)
    page.wait_for_function("scrollY > 0")
    assert across(page) == whole
    page.locator(".cxkb-map-drawing").click(position={"x": 10, "y": 100})
    page.mouse.wheel(0, -300)
    page.wait_for_function(
        "whole => document.querySelector('.cxkb-map-drawing').viewBox.baseVal.width < whole * 0.7", arg=whole
    )


@pytest.mark.browser
def test_keys_zoom_and_reset(page: Page, server: Server):
    page.emulate_media(reduced_motion="reduce")
    visit(page, server, "map/#silos")
    whole = across(page)
    page.keyboard.press("+")
    near = across(page)
    page.keyboard.press("-")
    back = across(page)
    page.keyboard.press("+")
    page.keyboard.press("0")
    assert near < whole * 0.8
    assert back == pytest.approx(whole)
    assert across(page) == pytest.approx(whole)


@pytest.mark.browser
def test_dragging_moves_the_map_and_opens_nothing(page: Page, server: Server):
    page.emulate_media(reduced_motion="reduce")
    visit(page, server)
    page.get_by_role("button", name="Zoom in").click()
    view = page.locator(".cxkb-map-drawing")
    before = view.get_attribute("viewBox")
    page.locator("#customer-experience circle").hover()
    page.mouse.down()
    page.mouse.move(500, 500, steps=4)
    page.mouse.up()
    assert view.get_attribute("viewBox") != before
    assert page.url.endswith("/map/")


@pytest.mark.browser
def test_ticking_a_group_leaves_only_it(page: Page, server: Server, loaded: knowledge.KnowledgeBase):
    visit(page, server)
    page.get_by_role("checkbox", name="Obstacles").check()
    lit = page.eval_on_selector_all(".cxkb-node:not(.is-off)", "all => all.map(a => a.id)")
    assert set(lit) == {concept.id for concept in loaded.groups["obstacles"]}
    page.get_by_role("checkbox", name="Obstacles").uncheck()
    assert page.locator(".is-off").count() == 0


@pytest.mark.browser
def test_without_javascript_the_map_is_a_picture_of_links(browser: Browser, server: Server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.origin}/map/")
    assert page.locator(".cxkb-map-legend input:visible").count() == 0
    page.locator("#silos").click()
    page.wait_for_url("**/concepts/silos/")
    context.close()


@pytest.mark.browser
def test_the_map_survives_instant_navigation(page: Page, server: Server):
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    visit(page, server)
    page.evaluate("window.stayed = true")
    for _ in range(2):
        page.locator(".md-tabs a[href$='/glossary/']").click()
        page.wait_for_url("**/glossary/")
        expect(page.locator("h1")).to_contain_text("Glossary")
        page.locator(".md-tabs a[href$='/map/']").click()
        page.wait_for_url("**/map/")
        expect(page.locator(".cxkb-map.is-live")).to_be_visible()
        assert page.locator(".cxkb-map-panel").count() == 1
    assert page.evaluate("window.stayed")
    assert errors == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["map/", "concepts/customer-experience/"])
def test_a_telephone_shows_the_drawings_without_scrolling_sideways(
    browser: Browser, server: Server, scheme: Any, address: str
):
    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme=scheme, has_touch=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    visit(page, server, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    size = page.eval_on_selector(
        "article svg a text", "t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a"
    )
    assert size >= 9
    assert errors == []
    context.close()


@pytest.mark.browser
def test_a_first_tap_tells_and_a_second_one_opens(browser: Browser, server: Server):
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = context.new_page()
    visit(page, server)
    dot = page.locator("#customer-centricity circle")
    dot.tap()
    expect(page.locator(".cxkb-map-panel")).to_contain_text("Customer centricity")
    assert page.url.endswith("/map/")
    dot.tap()
    page.wait_for_url("**/concepts/customer-centricity/")
    context.close()


@pytest.mark.browser
def test_two_fingers_zoom_the_map_and_open_nothing(browser: Browser, server: Server):
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    visit(page, server)
    page.locator(".cxkb-map-window").scroll_into_view_if_needed()
    box = page.locator(".cxkb-map-drawing").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3
    whole = across(page)
    fingers = context.new_cdp_session(page)

    def touch(kind: str, apart: float) -> None:
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}] if apart else []
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 20)
    for apart in (30, 40, 50, 60):
        touch("touchMove", apart)
    near = across(page)
    for apart in (50, 40, 30, 20):
        touch("touchMove", apart)
    back = across(page)
    touch("touchEnd", 0)
    assert near < whole * 0.6
    assert back > near * 1.6
    assert page.url.endswith("/map/")
    expect(page.locator(".cxkb-map-panel")).to_be_empty()
    context.close()


@pytest.mark.browser
def test_a_walk_by_keyboard_leads_from_the_text_through_the_map_to_a_page(page: Page, server: Server):
    page.emulate_media(reduced_motion="reduce")
    visit(page, server)
    page.get_by_role("checkbox", name="Law and trust").focus()
    page.keyboard.press("Tab")
    start = focused(page)
    assert page.evaluate("document.activeElement.matches('.cxkb-node')")
    trail = [start]
    for key in ("ArrowUp", "ArrowLeft", "+", "ArrowUp"):
        page.keyboard.press(key)
        trail.append(focused(page))
        expect(page.locator(f"#{trail[-1]} circle")).to_be_in_viewport()
    assert len(set(trail)) > 2
    expect(page.locator(".cxkb-map-panel a").first).to_have_attribute("href", re.compile(f"concepts/{trail[-1]}/$"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/concepts/{trail[-1]}/")


@pytest.mark.browser
def test_paper_shows_the_whole_map(page: Page, server: Server):
    visit(page, server)
    page.emulate_media(reduced_motion="reduce")
    view = page.locator(".cxkb-map-drawing")
    page.get_by_role("button", name="Zoom in").click()
    near = view.get_attribute("viewBox")
    page.emulate_media(media="print")
    expect(view).not_to_have_attribute("viewBox", near or "")
    seen, drawn = (page.evaluate(f"document.querySelector('.cxkb-map-drawing').{of}") for of in WIDTHS)
    assert seen >= drawn
    page.emulate_media(media="screen")
    expect(view).to_have_attribute("viewBox", near or "")


@pytest.mark.browser
def test_the_dark_scheme_has_its_own_colours(browser: Browser, server: Server):
    colours = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        visit(page, server)
        colours.append(page.eval_on_selector("#silos circle", "c => getComputedStyle(c).fill"))
        context.close()
    assert colours[0] != colours[1]
