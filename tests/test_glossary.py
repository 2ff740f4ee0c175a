"""What a reader finds in the glossary: every name of every concept, in its language, and the way to its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import lxml.html
import markdown
import pytest

from cxkb import glossary, knowledge, settings
from cxkb.heads import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

    from cxkb.heads import Lang

HEAD = "---\ntitle: {}\ndefinition: One.\ngroup: work\n"


def load(root: Path) -> knowledge.KnowledgeBase:
    return knowledge.load_or_fail(settings.find(root))


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def show(root: Path, lang: Lang) -> Any:
    """One language of the glossary as HTML."""
    entries = glossary.entries(load(root).concepts.values(), lang)
    return lxml.html.fromstring(
        f"<main>{markdown.markdown(entries, extensions=['attr_list', 'def_list', 'md_in_html'])}</main>"
    )


def concept(root: Path, id_: str, head: str) -> None:
    (root / "docs" / "concepts" / f"{id_}.md").write_text(f"{head}---\n")


def read(page: Any) -> list[tuple[str, str, str]]:
    """Letter, name and what is said of it, in the order of the page."""
    letter, name, found = "", "", []
    for part in page.xpath("//h3 | //dt | //dd"):
        if part.tag == "h3":
            letter = words(part)
        elif part.tag == "dt":
            name = words(part)
        else:
            found.append((letter, name, words(part)))
    return found


def test_titles_stand_under_their_letters_with_definition_and_other_names_lead_to_them(tiny):
    assert read(show(tiny, "en")) == [
        ("J", "Journey", "All that a customer goes through."),
        ("S", "Silo", "A part of a firm that works for itself."),
        ("S", "Step", "A part of a journey."),
        ("S", "stovepipe", "see Silo"),
    ]


def test_a_language_has_its_own_names_only(tiny):
    assert [name for _, name, _ in read(show(tiny, "de"))] == ["Säule", "Silo"]


def test_a_language_without_names_is_empty(tiny):
    assert glossary.entries(load(tiny).concepts.values(), "nl") == ""


def test_a_concepts_second_name_in_a_language_leads_to_its_first(tiny):
    assert ("S", "Säule", "siehe Silo") in read(show(tiny, "de"))


def test_english_within_another_language_is_marked_as_english(tiny):
    concept(tiny, "wall", HEAD.format("Wall") + "definitions: {de: Eins.}\naliases: {de: [Wand], nl: [muur]}\n")
    german, dutch = (
        show(tiny, lang).xpath("//dt[a/@href='concepts/wall.md']/following::dd[1]")[0] for lang in ("de", "nl")
    )
    assert [words(part) for part in german.xpath(".//*[@lang='en']")] == ["Wall"]
    assert [words(part) for part in dutch.xpath(".//*[@lang='en']")] == ["One.", "Wall"]


def test_the_bar_of_letters_leads_to_each_letter_there_is(tiny):
    page = show(tiny, "en")
    [bar] = page.xpath("//nav")
    assert bar.get("aria-label") == "English, A to Z"
    assert [(words(link), link.get("href")) for link in bar.iter("a")] == [("J", "#en-j"), ("S", "#en-s")]


def test_a_definition_is_the_languages_own_where_there_is_one(tiny):
    concept(tiny, "wall", HEAD.format("Wall") + "definitions: {de: Eins.}\naliases: {de: [Wand], nl: [muur]}\n")
    assert ("W", "Wand", "Eins. Wall") in read(show(tiny, "de"))
    assert ("M", "muur", "One. Wall") in read(show(tiny, "nl"))


def test_case_accents_and_signs_do_not_count_in_the_order(tiny):
    concept(
        tiny, "a", HEAD.format("Alpha") + "aliases: {en: [Ärger, 'álfa', '“alphabet”', '360° view', '3 Ps', '🙂']}\n"
    )
    assert [(letter, name) for letter, name, _ in read(show(tiny, "en"))][:7] == [
        ("0-9", "🙂"),
        ("0-9", "3 Ps"),
        ("0-9", "360° view"),
        ("A", "álfa"),
        ("A", "Alpha"),
        ("A", "“alphabet”"),
        ("A", "Ärger"),
    ]


@pytest.mark.parametrize(
    "name", ["*a* _b_ `c` [d](e)", "<b>x</b> &lt; {: .i }", "1. One", ": colon", "C#", "- a", "\\*"]
)
def test_a_name_shows_as_it_was_written(tiny, name):
    quoted = name.replace("'", "''")
    concept(tiny, "a", HEAD.format(f"'{quoted}'"))
    assert (name, "One.") in [entry[1:] for entry in read(show(tiny, "en"))]


def test_each_letter_can_be_linked_to(tiny):
    assert show(tiny, "en").xpath("//h3/@id") == ["en-j", "en-s"]


# --- the page of the real site


@pytest.fixture(scope="module")
def page(site):
    return lxml.html.fromstring((site / "glossary" / "index.html").read_bytes())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_name_of_the_real_knowledge_base_leads_to_its_page(page, site, snapshot, lang):
    expected = set()
    for concept in load(snapshot).concepts.values():
        names = concept.head.aliases.get(lang, []) + ([concept.head.title] if lang == "en" else [])
        expected |= {(name, f"concepts/{concept.id}/") for name in names}
    entries = page.xpath("//article//div[@lang=$lang]//dt", lang=lang)
    found = {(words(entry), href(entry)) for entry in entries}
    assert expected
    assert found == expected
    assert [address for _, address in found if not (site / address / "index.html").is_file()] == []


def href(entry: Any) -> str:
    """Where the link of a name, or of what is said of it, leads, relative to the site."""
    [link] = entry.xpath("./a | following-sibling::dd[1]/a")
    return urljoin("glossary/", str(link.get("href")))


def test_every_letter_has_an_anchor_of_its_own(page):
    anchors = page.xpath("//article//h3/@id")
    assert anchors
    assert sorted(set(anchors)) == sorted(anchors)


def test_the_navigation_leads_to_the_glossary(site):
    home: Any = lxml.html.fromstring((site / "index.html").read_bytes())
    assert "glossary/" in home.xpath("//nav//a/@href")
