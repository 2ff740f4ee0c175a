"""What the generated parts of a page show a reader: names, evidence, relations, who cites an idea, overviews."""

from __future__ import annotations

import dataclasses
import html
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import lxml.html
import markdown
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from cxkb import knowledge, pages, settings
from cxkb.citations import CitationsExtension
from tests.conftest import environment

EXTENSIONS = ["abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc", "fenced_code"]

HOSTILE = """*a* _b_ `c` [d](javascript:e) ![f](g) <script>alert("h")</script> &lt; {: .i } { #j } # k | l ~~m~~ [@koch] 1. 'n' \\*"""


def load(root: Path) -> knowledge.KnowledgeBase:
    return knowledge.load_or_fail(settings.find(root))


def show(loaded: knowledge.KnowledgeBase, uri: str) -> Any:
    """The composed page as a reader's browser gets it, without the theme."""
    _, _, body = pages.compose(loaded)[uri].markdown.split("---\n", 2)
    shown = markdown.markdown(body, extensions=[*EXTENSIONS, CitationsExtension(sources=loaded.sources)])
    return lxml.html.fromstring(f"<main>{shown}</main>")


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def texts(page: Any, css: str) -> list[str]:
    """Text of the elements with this tag or class, in order."""
    tag, _, name = css.partition(".")
    found = page.xpath(f"//{tag or '*'}" + (f"[contains(concat(' ', @class, ' '), ' {name} ')]" if name else ""))
    return [words(element) for element in found]


KNOWN = load(Path(__file__).parent / "cases" / "tiny")


def with_text(text: str) -> knowledge.KnowledgeBase:
    """The tiny knowledge base, this text in every place of Silo's and Who-walks' heads that takes any."""
    silo, who = KNOWN.concepts["silo"], KNOWN.tensions["who-walks"]
    head = silo.head.model_copy(
        update={"title": text, "definition": text, "aliases": {"en": [text]}, "questions": {"de": [text]}}
    )
    asked = who.head.model_copy(update={"title": text, "summary": text, "concepts": ["silo"]})
    return dataclasses.replace(
        KNOWN,
        concepts=KNOWN.concepts | {"silo": dataclasses.replace(silo, head=head)},
        tensions={"who-walks": dataclasses.replace(who, head=asked)},
    )


MARKUP = st.sampled_from([*"*_`[](){}<>#+-.!|&~^=:\"'$\\/@;%1ab ", "&lt;", "<b>", "](", "[@koch]", "http://a.b"])
LINES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1) | st.lists(MARKUP, min_size=1).map("".join)


@given(LINES.map(str.strip).filter(bool))
@example(HOSTILE)
@example("🙂")
def test_a_text_of_the_head_shows_as_it_was_written(text):
    loaded = with_text(text)
    once = " ".join(text.split())
    title = re.sub(r"^\[([^\[\]]*)\]$", r"\1", text)
    silo, who = show(loaded, "concepts/silo.md"), show(loaded, "tensions/who-walks.md")
    assert texts(silo, "h1") == texts(who, "h1") == [" ".join(title.split())]
    assert texts(silo, ".cxkb-definition") == texts(who, ".cxkb-definition") == [once]
    assert texts(silo, ".cxkb-names") == [once]
    assert texts(silo, ".cxkb-tensions") == [f"Sources differ {once}: {once}"]
    assert [words(item) for item in silo.xpath("//details//li")] == [once]
    assert texts(who, ".cxkb-concerns") == [f"Concerns {once}."]
    assert f"{once}: {once}" in texts(show(loaded, "concepts/index.md"), "li")
    assert f"{once} {once}" in texts(show(loaded, "tensions/index.md"), "li")


@given(LINES.map(str.strip).filter(bool))
@example("🙂")
def test_the_page_title_in_the_themes_is_the_title_as_html(text):
    head = yaml.safe_load(pages.compose(with_text(text))["concepts/silo.md"].markdown.split("---\n")[1])
    assert html.unescape(head["description"]) == text
    assert "<" not in head["title"] + head["description"]


def test_markup_in_heads_and_groups_does_not_get_into_the_site(tiny):
    script = "<script>alert(1)</script>"
    replaced = {
        "pyproject.toml": ('"Work"', f'"{script}"'),
        "docs/concepts/silo.md": ("title: Silo", f"title: {script}"),
        "docs/concepts/step.md": ("definition: A part", f"definition: A {script} part"),
        "docs/tensions/who-walks.md": ("title: Who", f"title: {script} Who"),
        "sources/koch.md": ("title: Walls", f"title: {script}"),
        "sources/doe-2016.md": ("family: Doe", f"family: {script}"),
    }
    for path, (old, new) in replaced.items():
        text = (tiny / path).read_text()
        assert old in text
        (tiny / path).write_text(text.replace(old, new))
    build = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    subprocess.run(build, cwd=tiny, env=environment(), capture_output=True, check=True)
    built = {file: file.read_text() for file in (tiny / "site").rglob("*.html")}
    assert built
    assert [str(file) for file, text in built.items() if script in text] == []


@pytest.fixture
def unused(tiny):
    """The tiny knowledge base with an idea that no page cites."""
    with (tiny / "sources" / "doe-2016.md").open("a") as record:
        record.write("\n### Nobody has used this yet { #unused }\nNotes that no page cites.\n")
    return tiny


def test_a_concept_shows_its_evidence(tiny):
    (about,) = show(load(tiny), "concepts/journey.md").xpath("//div[contains(@class, 'cxkb-about')]")
    assert "core evidence 2 independent voices, 4 ideas: Doe, 2016 and Koch, n.d." in words(about)
    group, *voices = about.xpath(".//a/@href")
    assert group == "index.md#people"
    assert voices == ["../sources/doe-2016.md", "../sources/koch-nd.md"]


def test_a_concept_shows_its_names_by_language(tiny):
    page = show(load(tiny), "concepts/silo.md")
    rows = page.xpath("//dl/div[.//li]")
    assert [(words(row[0]), row[1].get("lang"), [words(name) for name in row.iter("li")]) for row in rows] == [
        ("Also known as", "en", ["stovepipe"]),
        ("In German", "de", ["Silo", "Säule"]),
    ]


def test_a_concept_shows_what_it_relates_to(tiny):
    [relations] = show(load(tiny), "concepts/journey.md").xpath("//*[@class='cxkb-relations']")
    assert [words(item) for item in relations.xpath(".//li")] == [
        "Narrower: Step",
        "Hindered by: Silo",
        "Contrasts with: Silo",
    ]


def test_a_concept_without_relations_names_and_questions_does_without_their_headings(tiny):
    alone = tiny / "docs" / "concepts" / "alone.md"
    alone.write_text("---\ntitle: Alone\ndefinition: One.\ngroup: work\n---\n")
    page = show(load(tiny), "concepts/alone.md")
    assert texts(page, "h2") == texts(page, "summary") == texts(page, "li") == []


def test_a_drawing_stands_in_the_page_itself(tiny):
    [figure] = show(load(tiny), "concepts/silo.md").xpath("//figure[@class='cxkb-picture']")
    assert [part.tag for part in figure] == ["svg", "figcaption"]
    assert figure.xpath("./svg/path/@d") == ["M1 0v4M3 0v4"]
    assert words(figure[1]) == "Two silos"


def test_a_drawing_has_no_blank_line_at_which_markdown_would_end_it(tiny):
    composed = pages.compose(load(tiny))["concepts/silo.md"].markdown
    assert "\n\n" not in composed[composed.index("<figure") : composed.index("</figure>")]


def test_a_caption_shows_markup_as_text(tiny):
    silo = tiny / "docs" / "concepts" / "silo.md"
    silo.write_text(silo.read_text().replace("![Two silos]", "![Two <b>silos</b> & *more*]"))
    assert texts(show(load(tiny), "concepts/silo.md"), "figcaption")[0] == "Two <b>silos</b> & *more*"


def test_a_drawing_that_is_not_there_stays_a_link_for_the_site_builder_to_report(tiny):
    (tiny / "docs" / "pictures" / "walls.svg").unlink()
    assert show(load(tiny), "concepts/silo.md").xpath("//img/@src") == ["../pictures/walls.svg"]


def test_a_source_lists_under_each_idea_the_pages_that_cite_it(unused):
    page = show(load(unused), "sources/doe-2016.md")
    used = {box.xpath("preceding::h3[1]/@id")[0]: box for box in page.xpath("//*[@class='cxkb-cited-by']")}
    assert {idea: words(box) for idea, box in used.items()} == {
        "walls": "Used in Journey and Silo",
        "one-way": "Used in Journey and Who walks the way?",
        "steps": "Used in Journey and Step",
    }
    assert used["one-way"].xpath(".//a/@href") == ["../concepts/journey.md", "../tensions/who-walks.md"]


def test_a_source_names_its_editions_on_both_sides(tiny):
    loaded = load(tiny)
    for one, other in (("doe-2016", "doe-excerpt"), ("doe-excerpt", "doe-2016")):
        [editions] = show(loaded, f"sources/{one}.md").xpath("//*[@class='cxkb-editions']")
        assert editions.xpath(".//a/@href") == [f"{other}.md"]


def test_a_title_of_ours_in_brackets_is_a_heading_without_them(tiny):
    assert texts(show(load(tiny), "sources/doe-2016.md"), "h1") == ["Interview on silos"]


def test_a_title_that_only_starts_and_ends_with_brackets_keeps_them(tiny):
    koch = tiny / "sources" / "koch.md"
    koch.write_text(koch.read_text().replace("title: Walls", 'title: "[A] and [B]"'))
    assert texts(show(load(tiny), "sources/koch.md"), "h1") == ["[A] and [B]"]


def test_the_overview_of_sources_counts_ideas_and_voices(unused):
    page = show(load(unused), "sources/index.md")
    assert texts(page, "p")[0].startswith("3 sources, 2 independent voices.")
    assert texts(page, "li") == [
        "Interview on silos (Doe, 2016): 3 of 4 ideas used",
        "Excerpt of the interview on silos (Doe, n.d.): 1 of 1 idea used",
        "Walls (Koch, n.d.): 1 of 1 idea used",
    ]


def test_the_overview_of_concepts_has_them_by_group(tiny):
    page = show(load(tiny), "concepts/index.md")
    assert [(words(group), group.get("id")) for group in page.xpath("//h2")] == [
        ("People & things", "people"),
        ("Work", "work"),
    ]
    assert page.xpath("//li/a/@href") == ["journey.md", "step.md", "silo.md"]


def test_the_navigation_has_every_page_once(tiny):
    loaded = load(tiny)
    assert pages.navigation(loaded, "concepts") == [
        "concepts/index.md",
        {"People &amp; things": ["concepts/journey.md", "concepts/step.md"]},
        {"Work": ["concepts/silo.md"]},
    ]
    assert pages.navigation(loaded, "tensions") == ["tensions/index.md", "tensions/who-walks.md"]
    assert pages.navigation(loaded, "sources") == [
        "sources/index.md",
        "sources/doe-2016.md",
        "sources/doe-excerpt.md",
        "sources/koch.md",
    ]


def test_a_page_knows_where_its_headings_were_written(tiny):
    composed = pages.compose(load(tiny))["sources/doe-2016.md"]
    written = (tiny / composed.path).read_text().splitlines()
    assert composed.lines
    assert all(f"{{ #{anchor} }}" in written[line - 1] for anchor, line in composed.lines.items())


def test_an_idea_knows_the_concepts_it_is_about(unused):
    composed = pages.compose(load(unused))["sources/doe-2016.md"]
    assert composed.concepts == {
        "walls": ("journey", "silo"),
        "one-way": ("journey",),
        "steps": ("journey", "step"),
        "unused": (),
    }


@pytest.mark.parametrize("uri", ["concepts/index.md", "tensions/index.md", "sources/index.md"])
def test_an_overview_answers_nothing_itself(tiny, uri):
    assert pages.compose(load(tiny))[uri].kind is None
