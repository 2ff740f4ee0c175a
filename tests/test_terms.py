"""What a reader sees of a term before following its link: the definition, and what an acronym stands for. terms.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import lxml.html
import markdown
import pytest

from cxkb import knowledge, settings, terms

CASES = tomllib.loads((Path(__file__).parent / "cases" / "terms.toml").read_text(encoding="utf-8"))

EXPLAINED = {"definitions": {"silo": "A wall."}, "acronyms": {"CX": "Customer experience", "DCX": "Digital CX"}}

EXTENSIONS = ["attr_list", "def_list", "fenced_code", "footnotes", "md_in_html", "tables"]


def show(text: str, explained: dict[str, dict[str, str]] = EXPLAINED) -> str:
    """HTML without line breaks between tags."""
    html = markdown.markdown(text, extensions=[*EXTENSIONS, terms.TermsExtension(**explained)])
    return re.sub(r"\n*(<[^>]*>)\n*", r"\1", html)


@pytest.mark.parametrize("name", CASES)
def test_a_term_is_explained_where_a_reader_first_needs_it(name):
    assert show(CASES[name]["markdown"]) == CASES[name]["html"]


@pytest.mark.parametrize("text", ['"Walls" & <b>so</b> on', "&lt;b&gt; &amp; &#65;", "\\*a* [b](c) é 🙂"])
def test_an_explanation_shows_as_it_was_written(text):
    shown = lxml.html.fromstring(show("[Silo](silo.md) CX", {"definitions": {"silo": text}, "acronyms": {"CX": text}}))
    assert shown.xpath("//@title") == [text, text]


def test_the_next_page_explains_an_acronym_again():
    reader = markdown.Markdown(extensions=[terms.TermsExtension(**EXPLAINED)])
    assert reader.convert("CX") == reader.reset().convert("CX") == '<p><abbr title="Customer experience">CX</abbr></p>'


def test_without_terms_a_page_stays_as_it_is():
    assert show("[Silo](silo.md) CX", {}) == '<p><a href="silo.md">Silo</a> CX</p>'


def configured(root: Path, **aliases: str) -> dict[str, dict[str, str]]:
    """The configuration where these concepts of the tiny knowledge base have these aliases."""
    for id_, names in aliases.items():
        file = root / "docs" / "concepts" / f"{id_}.md"
        file.write_text(file.read_text().replace("group: people\n", f"group: people\naliases: {names}\n"))
    return terms.configuration(knowledge.load_or_fail(settings.find(root)).concepts)


def test_a_concept_is_explained_by_its_definition(tiny):
    assert configured(tiny)["definitions"] == {
        "journey": "All that a customer goes through.",
        "silo": "A part of a firm that works for itself.",
        "step": "A part of a journey.",
    }


def test_an_acronym_is_explained_by_its_concept(tiny):
    assert configured(tiny, step="{en: [S, ST, ST2, Stp, A LOT, TOOLONG, s-t], de: [SCH]}")["acronyms"] == {
        "ST": "Step: A part of a journey.",
        "ST2": "Step: A part of a journey.",
    }


def test_an_acronym_of_two_concepts_explains_nothing(tiny):
    assert configured(tiny, step="{en: [ST]}", journey="{en: [ST, JO]}")["acronyms"] == {
        "JO": "Journey: All that a customer goes through."
    }


def test_every_link_between_concepts_on_the_site_carries_the_definition(site, snapshot):
    concepts = knowledge.load_or_fail(settings.find(snapshot)).concepts
    wrong, links = [], 0
    for file in sorted((site / "concepts").glob("*/index.html")):
        page: Any = lxml.html.fromstring(file.read_bytes())
        for link in page.xpath("//*[@class='cxkb-relations']//li/a"):
            links += 1
            id_ = link.get("href").strip("/").rpartition("/")[2]
            if link.get("title") != concepts[id_].head.definition:
                wrong.append((file.parent.name, id_))
    assert links
    assert wrong == []
