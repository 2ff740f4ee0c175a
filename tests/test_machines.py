"""What the site gives to machines: the heads of its pages, and its files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from cxkb import exports, history, knowledge, llms, settings
from cxkb import site as rendering
from cxkb.records import Website
from tests.conftest import environment
from tests.test_site import of_kind, parsed

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.html import HtmlElement

    from cxkb.knowledge import KnowledgeBase
    from tests.conftest import Server
    from tests.test_site import Pages

HOSTILE = '</script><script>alert("x")</script> & <b>'


def build(folder: Path, **env: str) -> Path:
    """The folder's site."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"], cwd=folder, env=environment(**env), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return folder / "site"


def described(page: HtmlElement) -> dict[str, Any]:
    """The page's JSON-LD."""
    (script,) = page.xpath("//script[@type='application/ld+json']/text()")
    found = json.loads(script)
    assert isinstance(found, dict)
    return found


def meta(page: HtmlElement) -> dict[str, str]:
    """Open Graph and the like: name -> content."""
    return {
        element.get("property") or element.get("name"): element.get("content")
        for element in page.xpath("//meta[@property or @name]")
    }


@pytest.fixture(scope="module")
def pages(site: Path) -> Pages:
    """Every page of the real site but the one for errors."""
    return {url: page for url, page in parsed(site).items() if url != "404.html"}


@pytest.fixture(scope="module")
def loaded(snapshot: Path) -> KnowledgeBase:
    return knowledge.load_or_fail(settings.find(snapshot))


@pytest.fixture
def odd(repo: Path, tmp_path: Path) -> Path:
    """The tiny hostile knowledge base, more hostile still."""
    folder = shutil.copytree(repo / "tests" / "site", tmp_path / "odd")
    file = folder / "docs" / "concepts" / "badger.md"
    text = file.read_text()
    for name in ("Badger", "A badger is a stout animal that digs setts."):
        text = text.replace(name, json.dumps(f"{name[:6]} {HOSTILE}"), 1)
    file.write_text(text)
    return folder


def test_every_page_says_what_it_is_and_where(pages: Pages, listening: Server):
    assert len(pages) > 80
    for url, page in pages.items():
        address = f"{listening.origin}/{url}"
        assert described(page)["url"] == meta(page)["og:url"] == address
        assert described(page)["name"]
        assert meta(page)["og:title"]


def test_a_concept_page_defines_a_term(pages: Pages, loaded: KnowledgeBase):
    for url, page in of_kind(pages, "concept").items():
        head = loaded.concepts[url.split("/")[1]].head
        term = described(page)["mainEntity"]
        assert (term["@type"], term["name"], term["description"]) == ("DefinedTerm", head.title, head.definition)
        assert term["alternateName"] == [name for names in head.aliases.values() for name in names]
        assert described(page)["isBasedOn"]


def test_the_overview_of_concepts_is_the_set_of_their_terms(pages: Pages, loaded: KnowledgeBase):
    terms = described(pages["concepts/"])["mainEntity"]
    assert {term["@id"] for term in terms["hasDefinedTerm"]} == {
        described(page)["mainEntity"]["@id"] for page in of_kind(pages, "concept").values()
    }
    assert len(terms["hasDefinedTerm"]) == len(loaded.concepts)


def test_a_source_page_is_about_a_work_and_is_not_it(pages: Pages):
    found = described(pages["sources/solis-2016/"])
    assert found["@type"] == "WebPage"
    assert found["about"]["genre"] == "interview"
    assert found["about"]["author"][0]["name"] == "Brian Solis"
    assert "author" not in found


def test_the_home_page_says_how_to_ask(pages: Pages, listening: Server):
    found = described(pages[""])
    assert found["@type"] == "WebSite"
    assert found["potentialAction"]["target"]["urlTemplate"] == f"{listening.origin}/ask/?q={{search_term_string}}"


def test_breadcrumbs_lead_from_home_to_the_page(pages: Pages, listening: Server):
    for url, page in pages.items():
        if url:
            crumbs = described(page)["breadcrumb"]["itemListElement"]
            addresses = [crumb["item"].removeprefix(f"{listening.origin}/") for crumb in crumbs]
            assert (addresses[0], addresses[-1]) == ("", url)
            assert set(addresses) <= set(pages)


def test_the_files_that_describe_a_page_are_there(pages: Pages, site: Path):
    kinds = {}
    for url in ("concepts/", "concepts/silos/", "sources/", "sources/solis-2016/"):
        for link in pages[url].xpath("//link[@rel='describedby']"):
            assert (site / url / link.get("href")).resolve().is_file()
            kinds[link.get("type")] = url.partition("/")[0]
    assert kinds == {
        "text/turtle": "concepts",
        "application/ld+json": "concepts",
        "application/vnd.citationstyles.csl+json": "sources",
        "application/x-bibtex": "sources",
    }


def test_a_page_tells_how_to_cite_it(pages: Pages, listening: Server):
    (cite,) = pages["concepts/silos/"].find_class("cxkb-cite")
    bib, item = (code.text_content() for code in cite.iter("code"))
    assert bib.startswith("@misc{concepts-silos,")
    assert json.loads(item)[0]["URL"] == f"{listening.origin}/concepts/silos/"
    assert cite.xpath(".//i/text()") == ["Silos (organisational and data)"]


def test_markup_in_a_title_or_definition_stays_text(odd: Path):
    page = parsed(build(odd))["concepts/badger/"]
    title = f"Badger {HOSTILE}"
    assert described(page)["mainEntity"]["name"] == title
    assert meta(page)["og:title"] == title
    assert meta(page)["og:description"] == f"A badg {HOSTILE}"
    (cite,) = page.find_class("cxkb-cite")
    assert cite.xpath(".//i/text()") == [title]
    assert json.loads(list(cite.iter("code"))[1].text_content())[0]["title"] == title
    assert [
        script.text for script in page.iter("script") if "alert(" in (script.text or "") and not script.get("type")
    ] == []


def test_two_builds_give_the_same_files(odd: Path):
    found = []
    for seed in ("1", "2"):
        folder = build(odd, PYTHONHASHSEED=seed)
        found.append(
            {
                file.relative_to(folder): file.read_bytes()
                for file in folder.rglob("*")
                if file.is_file() and not file.name.startswith("sitemap")  # the day of the build is in it
            }
        )
    assert found[0] == found[1]


def test_a_site_without_an_address_gives_no_files_and_still_builds(odd: Path):
    (odd / "mkdocs.yml").write_text(re.sub(r"site_url:.*", "", (odd / "mkdocs.yml").read_text()))
    folder = build(odd)
    assert (folder / "concepts" / "badger" / "index.html").is_file()
    assert not (folder / "exports").exists()
    assert "ld+json" not in (folder / "index.html").read_text()


def test_a_file_of_ones_own_goes_first(odd: Path):
    (odd / "docs" / "robots.txt").write_text("User-agent: *\nDisallow: /\n")
    assert (build(odd) / "robots.txt").read_text() == "User-agent: *\nDisallow: /\n"


def test_robots_find_the_sitemap(site: Path, listening: Server):
    (line,) = [line for line in (site / "robots.txt").read_text().split("\n") if line.startswith("Sitemap: ")]
    path = line.removeprefix(f"Sitemap: {listening.origin}/")
    assert (site / path).is_file()


def test_language_models_get_a_line_on_every_page(site: Path, pages: Pages, listening: Server):
    text = (site / "llms.txt").read_text()
    assert re.match(r"# [^\n]+\n\n> [^\n]+\n\n\w[^\n]+\n\n## ", text)
    links = re.findall(r"^- \[(?:[^\]\\]|\\.)+\]\(([^)\s]+)\): \S", text, re.MULTILINE)
    urls = {address.removeprefix(f"{listening.origin}/") for address in links}
    assert len(links) == text.count("\n- ")
    assert urls <= set(pages)
    assert {url for kind in ("concept", "tension", "source") for url in of_kind(pages, kind)} <= urls


def test_language_models_get_no_heading_of_nothing(tiny: Path):
    for file in (tiny / "docs" / "tensions").iterdir():
        file.unlink()
    text = llms.contents(knowledge.load_or_fail(settings.find(tiny)), [], Website("Tiny", "https://kb.example/"))
    assert re.findall(r"^## (.+)", text, re.MULTILINE) == ["Concepts: People & things", "Concepts: Work", "Sources"]


def test_making_the_index_makes_no_files_for_machines(odd: Path, monkeypatch: pytest.MonkeyPatch):
    made: list[object] = []
    monkeypatch.setattr(exports, "files", lambda *arguments: made.append(arguments))
    monkeypatch.setattr(history, "read", made.append)
    assert "concepts/badger/" in {page.url for page in rendering.render(settings.find(odd))}
    assert made == []


def test_the_example_runs(site: Path, repo: Path, listening: Server):
    (code,) = re.findall(r"```python\n(.*?)```", (repo / "docs" / "for-machines.md").read_text(), re.DOTALL)
    code = code.replace("http://127.0.0.1:8000", listening.origin)
    printed = subprocess.check_output([sys.executable, "-c", code], cwd=site / "exports", env=environment(), text=True)
    assert "Silos (organisational and data) -> Customer experience (CX)\n" in printed
