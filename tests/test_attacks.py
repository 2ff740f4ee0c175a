"""No script gets in: every string of attacks.txt in every field of a knowledge base, and nothing of it runs anywhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import markdown
import pytest
import rdflib
from lxml import etree, html
from playwright.sync_api import expect
from pybtex.database import parse_string

from cxkb import adding, sanitise, settings
from tests.conftest import environment, serving
from tests.test_browser_search import ask
from tests.test_html import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.conftest import Server

FOUND = "wolverine"
"""A word of every hostile body, to find them by."""

PRODUCT = str(7 * 191 * 1009)
"""What a template engine would make of the attacks that hold this product."""

LISTEN = """
    for (const name of ["alert", "confirm", "prompt", "print", "open"])
        window[name] = (...said) => (top.hits ??= []).push([name, ...said].join(" "));
    addEventListener("securitypolicyviolation", event => (top.hits ??= []).push("against the policy: " + event.blockedURI));
"""
"""Run before any script of a page, in frames, too: notes what an attack would call."""

FIND = """() => {
    const wrong = [...(top.hits ?? [])];
    for (const element of document.querySelectorAll("*")) {
        const name = element.localName;
        if (["iframe", "object", "embed", "base", "foreignObject", "animate", "set", "math", "template"].includes(name))
            wrong.push(name);
        if (name === "script" && !/json/.test(element.type) && /alert|evil/.test(element.src + element.textContent))
            wrong.push(element.outerHTML);
        for (const { name: attribute, value } of element.attributes) {
            if (/^on/i.test(attribute)) wrong.push(element.outerHTML);
            if (/^(src|href|xlink:href|action|formaction|data|poster)$/.test(attribute) && URL.canParse(value, location)
                && !["http:", "https:", "mailto:", "about:"].includes(new URL(value, location).protocol))
                wrong.push(element.outerHTML);
        }
        if (/^(__config|__search|__drawer)$/.test(element.id) && document.querySelectorAll("#" + element.id).length > 1)
            wrong.push("two of " + element.id);
    }
    return wrong;
}"""
"""What in the document an attack has got in, or has done."""


def read(text: str) -> list[str]:
    """The attacks, their escapes resolved."""

    def character(escape: re.Match[str]) -> str:
        return {"n": "\n", "t": "\t", "\\": "\\"}.get(escape[1]) or chr(int(escape[1][1:], 16))

    lines = (line for line in text.split("\n") if line and not re.match(r"# ", line))
    return [re.sub(r"\\(n|t|\\|u[0-9a-f]{4})", character, line) for line in lines]


ATTACKS = read((Path(__file__).parent / "attacks.txt").read_text(encoding="utf-8"))

OUTRIGHT = '"><img src=x onerror=alert(1)>'


def line(*attacks: str) -> str:
    """Attacks as text for one field: one line of visible characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in " ".join(attacks)).split())


def bundles(room: int = 440) -> Iterator[list[str]]:
    """The attacks in bundles that fit in a field."""
    bundle: list[str] = []
    for attack in ATTACKS:
        if len(line(*bundle, attack)) > room:
            yield bundle
            bundle = []
        bundle.append(attack)
    yield bundle


def write(file: Path, head: dict[str, Any], body: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    values = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in head.items())
    file.write_text(f"---\n{values}---\n{body}\n", encoding="utf-8")


def body(bundle: list[str], citation: str) -> str:
    """Every attack in a paragraph, in a heading with others, and in a link's and a picture's text and address."""
    parts = [f"The {FOUND} is told of here [@{citation}]. {line(*bundle)} [@{citation}].", *bundle]
    parts += [f"## {line(*bundle)} {{ #all }}"]
    parts += [f"[{line(attack)}](x) ![{line(attack)}](x.png) [x]({attack}) ![x]({attack})" for attack in bundle]
    parts += [f"## Id {{ id='{OUTRIGHT}' }}", f"## Label {{ #label data-toc-label='{OUTRIGHT[2:]}' }}"]
    return "\n\n".join(parts).replace("\x01", "")


def knowledge_base(root: Path, mkdocs: str) -> None:
    """Every attack in every field of a knowledge base at `root`."""
    spread = list(bundles())
    groups = {f"g{n}": line(*bundle) for n, bundle in enumerate(spread[:12])}
    tables = "\n".join(f"{id_} = {json.dumps(title, ensure_ascii=False)}" for id_, title in groups.items())
    (root / "pyproject.toml").write_text(f"[tool.cxkb.groups]\n{tables}\n", encoding="utf-8")
    before, _, _ = mkdocs.partition("\nnav:")
    nav = "nav:\n  - index.md\n  - C: cxkb:concepts\n  - T: cxkb:tensions\n  - S: cxkb:sources\n  - map.md\n"
    (root / "mkdocs.yml").write_text(f"{before}\n{nav}", encoding="utf-8")
    for n, bundle in enumerate(spread):
        said = line(*bundle)
        own = {"title": said, "group": f"g{n % len(groups)}", "related": [f"c{(n + 1) % len(spread)}"]}
        named = {"aliases": {"en": [*map(line, bundle)]}, "questions": {"en": [said]}}
        definition = {"definition": said, "definitions": {"de": said}}
        write(root / f"docs/concepts/c{n}.md", own | definition | named, body(bundle, f"s{n}#idea"))
        asked = {
            "title": f"{said}?",
            "summary": said,
            "kind": "direct",
            "concepts": [f"c{n}"],
            "questions": {"en": [said]},
        }
        write(root / f"docs/tensions/t{n}.md", asked, body(bundle, f"s{n}#idea"))
        name = {"family": said, "given": said}
        record = {
            "title": said, "title-short": said, "type": ["interview", "book", "webpage"][n % 3],
            "author": [] if n % 4 == 0 else [name, {"literal": said}], "interviewer": [name], "translator": [name],
            "editor": [name], "container-title": said, "publisher": said, "volume": said, "issue": said, "page": said,
            "issued": "2020", "language": "en", "URL": "https://kb.example/'onmouseover='alert(1)",
            "DOI": "10.1000/'onmouseover='alert(1)", "note": said,
        }  # fmt: skip
        write(root / f"sources/s{n}.md", record, f"{body(bundle, f's{n}')}\n\n### {said} {{ #idea }}\n\n{said}")
    whole = "\n\n".join(ATTACKS)
    head = {
        "title": OUTRIGHT,
        "description": OUTRIGHT,
        "author": OUTRIGHT,
        "template": "redirect.html",
        "location": '");alert(1)//',
    }
    write(
        root / "docs/index.md",
        head,
        f"# {OUTRIGHT}\n\n<!-- cxkb:ask {line(*ATTACKS[40:44])} -->\n\n<!-- cxkb:groups -->\n\n{whole}",
    )
    write(root / f"docs/paths/{OUTRIGHT}.md", head, whole)
    (root / "docs/heading.md").write_text(f"# x {OUTRIGHT} {ATTACKS[0]}\n\n{whole}", encoding="utf-8")
    (root / "CHANGELOG.md").write_text(f"# Changes\n\n## 1.0 {OUTRIGHT}\n\n{whole}\n", encoding="utf-8")
    drawing = "".join(attack for attack in ATTACKS if "svg" in attack)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script>{drawing}</svg>'
    for file in ("drawing.svg", "page.html", "page.xhtml", "page.htm", "page.xml", "script.js"):
        (root / "docs" / file).write_text(svg, encoding="utf-8")
    (root / "docs/pictures").mkdir()
    (root / "docs/pictures/drawing.svg").write_text(svg, encoding="utf-8")
    write(
        root / "docs/concepts/drawn.md",
        own | definition | {"title": "Drawn"},
        "![x](../pictures/drawing.svg)\n\n" + FOUND,
    )


def article(*, escaped: bool) -> str:
    """A page of another site with every attack in its text and head: as the text it shows, or as its HTML."""
    said = [escape(attack) if escaped else attack for attack in ATTACKS]
    prose = [
        f"Paragraph {n} tells what a {FOUND} did in valley {n} when the snow came early." for n in range(len(said))
    ]
    written = [*prose[:20], *(f"{told} {attack} So it went on." for told, attack in zip(prose, said, strict=True))]
    paragraphs = "".join(f"<p>{text}</p>" for text in written)
    title = escape(f"On wolverines {OUTRIGHT} {ATTACKS[0]}")
    named = (
        f'<title>{title}</title><meta name="author" content="{title}"><meta property="og:site_name" content="{title}">'
    )
    return f'<!doctype html><html lang="en"><head>{named}</head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>'


@pytest.fixture(scope="module")
def attacked(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the hostile knowledge base's site, with search by meaning and a history."""
    root = tmp_path_factory.mktemp("attacked")
    knowledge_base(root, (repo / "mkdocs.yml").read_text(encoding="utf-8"))
    for key in ("escaped", "raw"):
        (root / f"{key}.html").write_text(article(escaped=key == "escaped"), encoding="utf-8")
        adding.add(settings.find(root), str(root / f"{key}.html"), key)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(root)]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    with serving(root / "site") as server:
        built = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build"], cwd=root, env=environment(SITE_URL=f"{server.origin}/"),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert built.returncode == 0, built.stderr[-3000:]
        yield server


@pytest.fixture(scope="module", params=["without the policy", "with the policy"])
def reader(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A browser that notes what attacks call; without the policy the sanitiser has to hold alone."""
    context = listening_for_attacks(browser, bypass_csp=request.param == "without the policy")
    yield context
    context.close()


@pytest.fixture(scope="module")
def unguarded(browser: Browser) -> Iterator[BrowserContext]:
    """As `reader`, without the policy."""
    context = listening_for_attacks(browser, bypass_csp=True)
    yield context
    context.close()


def listening_for_attacks(browser: Browser, *, bypass_csp: bool) -> BrowserContext:
    context = browser.new_context(bypass_csp=bypass_csp)
    context.add_init_script(LISTEN)
    return context


def visit(page: Page, server: Server) -> list[str]:
    """The hosts other than the site's that this page asks for, kept up to date; nothing is loaded from them."""
    foreign: list[str] = []

    def refuse(route: Any) -> None:
        foreign.append(route.request.url)
        route.abort()

    page.route(lambda url: not url.startswith((server.origin, "data:", "blob:")), refuse)
    return foreign


def pages(server: Server) -> list[str]:
    found = sorted(file.parent.relative_to(server.folder).as_posix() for file in server.folder.rglob("index.html"))
    assert len(found) > 50
    return found


def test_a_drawing_of_ours_is_published_as_it_was(repo: Path):
    for file in (repo / "docs" / "pictures").glob("*.svg"):
        before, after = etree.parse(file), etree.fromstring(sanitise.drawing(file.read_text(encoding="utf-8")))
        shapes = [(element.tag, dict(element.attrib)) for element in before.iter(etree.Element)]
        assert shapes == [(element.tag, dict(element.attrib)) for element in after.iter(etree.Element)]


def test_there_are_attacks_of_every_kind():
    assert len(set(ATTACKS)) >= 150


@pytest.mark.browser
def test_nothing_runs_on_any_page(unguarded: BrowserContext, attacked: Server):
    assert seen(unguarded, attacked, [*pages(attacked), "404.html", "pictures/drawing.svg", "drawing.svg"]) == {}


@pytest.mark.browser
def test_the_policy_has_nothing_to_forbid(reader: BrowserContext, attacked: Server):
    paths = [
        "",
        "concepts/c0/",
        "concepts/drawn/",
        "tensions/t0/",
        "sources/s0/",
        "sources/escaped/",
        "map/",
        "heading/",
        "changes/",
    ]
    assert seen(reader, attacked, paths) == {}


def seen(reader: BrowserContext, server: Server, paths: list[str]) -> dict[str, list[str]]:
    """Path -> what is wrong on it, of these pages."""
    page = reader.new_page()
    foreign = visit(page, server)
    wrong = {}
    for path in paths:
        answer = page.goto(f"{server.origin}/{path}", wait_until="load")
        assert answer is not None
        assert answer.status == 200, path
        if found := page.evaluate(FIND):
            wrong[path] = found[:3]
    return wrong | ({"foreign": foreign} if foreign else {})


@pytest.mark.browser
@pytest.mark.parametrize("question", [FOUND, "alert script onerror"])
def test_nothing_runs_in_the_search_box(reader: BrowserContext, attacked: Server, question: str):
    page = reader.new_page()
    foreign = visit(page, attacked)
    page.goto(f"{attacked.origin}/concepts/c0/", wait_until="networkidle")
    ask(page, question)
    expect(page.locator(".md-search-result__link").first).to_be_visible()
    assert page.evaluate(FIND) == []
    assert foreign == []


@pytest.mark.browser
@pytest.mark.parametrize("question", [f"{FOUND} {OUTRIGHT}"])
def test_nothing_runs_on_the_page_for_asking(reader: BrowserContext, attacked: Server, question: str):
    page = reader.new_page()
    foreign = visit(page, attacked)
    page.goto(f"{attacked.origin}/ask/", wait_until="networkidle")
    page.locator("#cxkb-question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".cxkb-answers").locator("article, li").first).to_be_visible(timeout=60_000)
    assert page.evaluate(FIND) == []
    assert foreign == []


@pytest.mark.browser
def test_nothing_runs_on_the_way_from_page_to_page(reader: BrowserContext, attacked: Server):
    page = reader.new_page()
    foreign = visit(page, attacked)
    page.goto(f"{attacked.origin}/map/", wait_until="networkidle")
    page.locator(".cxkb-map-legend label").first.click()
    page.locator(".cxkb-map a[data-group]:visible").first.hover()
    for tab in ("C", "T", "S"):
        page.locator(".md-tabs").get_by_role("link", name=tab, exact=True).click()
        page.wait_for_load_state("networkidle")
        assert page.evaluate(FIND) == []
    assert foreign == []


@pytest.mark.browser
def test_what_is_left_of_an_attack_is_harmless_to_every_parser(unguarded: BrowserContext, attacked: Server):
    extensions = (
        "abbr admonition attr_list def_list footnotes md_in_html tables toc cxkb.citations cxkb.terms cxkb.access"
    )
    extensions += " pymdownx.superfences pymdownx.tabbed pymdownx.details fenced_code"
    rendered = [markdown.markdown(attack, extensions=extensions.split()) for attack in ATTACKS]
    page = unguarded.new_page()
    foreign = visit(page, attacked)
    page.goto(f"{attacked.origin}/404.html")
    wrong = page.evaluate(
        f"""async texts => {{
            const find = {FIND};
            const frames = texts.map(text => Object.assign(document.createElement("iframe"), {{ srcdoc: text }}));
            await Promise.all(frames.map(frame => new Promise(done => {{ frame.onload = done; document.body.append(frame); }})));
            const copies = document.body.appendChild(document.createElement("div"));
            for (const text of texts) {{
                copies.innerHTML = text;
                copies.innerHTML = copies.innerHTML; // parsed again
            }}
            await new Promise(done => setTimeout(done, 300));
            const found = frames.map((frame, n) => [texts[n], frame.contentWindow.eval(`(${{find}})()`)]);
            return [...found, ["", top.hits ?? []]].filter(([_, wrong]) => wrong.length);
        }}""",
        [sanitise.html(text) for text in [*ATTACKS, *rendered]],
    )
    assert wrong == []
    assert foreign == []


def test_no_template_in_a_text_is_evaluated(attacked: Server):
    files = [
        file for file in attacked.folder.rglob("*") if file.suffix in {".html", ".xml", ".json", ".txt", ".ttl", ".bib"}
    ]
    assert "7*191*1009" in (attacked.folder / "index.html").read_text("utf-8")
    written = {file: file.read_text(encoding="utf-8") for file in files}
    assert [file for file, text in written.items() if PRODUCT in text] == []


def test_files_that_browsers_run_are_not_published(attacked: Server):
    for name in ("page.html", "page.xhtml", "page.htm", "page.xml", "script.js"):
        assert not (attacked.folder / name).exists(), name


def test_feed_and_maps_of_the_site_are_xml_without_markup_of_others(attacked: Server):
    for name in ("feed.xml", "sitemap.xml", "opensearch.xml"):
        etree.parse(attacked.folder / name)
    entries = etree.parse(attacked.folder / "feed.xml").findall(".//{*}content")
    assert entries
    shown = {element.tag for entry in entries for element in html.fragment_fromstring(entry.text or "", True).iter()}
    assert shown == {"div", "ul", "li"}


def test_what_pages_say_to_machines_is_json_with_the_text_intact(attacked: Server):
    titles = set()
    for path in pages(attacked):
        tree = html.fromstring((attacked.folder / path / "index.html").read_bytes())
        for script in texts(tree, "//script[@type='application/ld+json']/text()"):
            said = json.loads(script)
            titles.add(said["name"])
            if said["@type"] == "WebPage":  # the home page speaks for the site
                assert texts(tree, "//meta[@property='og:title']/@content") == [said["name"]]
    assert {line(*bundle) for bundle in bundles()} <= titles


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own use of it
def test_exports_are_read_by_others_with_the_text_intact(attacked: Server):
    folder = attacked.folder / "exports"
    titles = {line(*bundle) for bundle in bundles()}
    assert titles <= {source["title"] for source in json.loads((folder / "sources.json").read_text("utf-8"))}
    assert len(parse_string((folder / "sources.bib").read_text("utf-8"), "bibtex").entries) == len(titles) + 2
    for name, form in (("concepts.ttl", "turtle"), ("concepts.jsonld", "json-ld")):
        graph = rdflib.Graph().parse(folder / name, format=form)
        assert titles <= {str(label) for label in graph.objects(None, rdflib.SKOS.prefLabel)}
