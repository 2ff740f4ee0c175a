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

from cxkb import knowledge, pages, passages, settings, source_page
from cxkb.citations import CitationsExtension
from cxkb.heads import SourceHead
from cxkb.records import RenderedPage
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
    assert f"{once} {once} 2 voices, 2 ideas" in texts(show(loaded, "concepts/index.md"), "li")
    assert texts(show(loaded, "tensions/index.md"), "li") == [f"{once} {once} Concerns {once}"]


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
    assert voices == ["../sources/doe-2016.md", "../sources/koch.md"]


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


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (
            {"type": "interview", "author": [{"family": "Solis", "given": "Brian"}], "container-title": "acquisa"}
            | {"interviewer": [{"family": "Hänig", "given": "Silvia"}], "issued": "2016-09"},
            "An English-language interview with Brian Solis by Silvia Hänig, published in acquisa, September 2016.",
        ),
        (
            {"type": "post-weblog", "author": [{"literal": "aheadCRM"}], "container-title": "aheadCRM"}
            | {"issued": "2019-02-28"},
            "An English-language blog post by aheadCRM, 28 February 2019.",
        ),
        (
            {"type": "webpage", "author": [{"family": "A"}, {"family": "B"}], "container-title": "C", "issued": "2020"},
            "An English-language web page by A and B, published on C, 2020.",
        ),
        (
            {"type": "book", "language": "de-AT", "editor": [{"family": "A"}], "publisher": "Wall & Sons"},
            "A German-language book, published by Wall & Sons. Not known: when it appeared.",
        ),
        (
            {"type": "article", "language": "tlh", "URL": "https://example.org/"},
            "A Klingon-language article. Not known: who wrote it, when it appeared.",
        ),
        (
            {"type": "interview", "language": "qqq"},
            "A qqq-language interview. Not known: who speaks, who asks, where it appeared, when it appeared.",
        ),
    ],
)
def test_a_source_says_what_it_is_and_what_is_not_known_of_it(head, said):
    assert source_page.sentence(SourceHead.model_validate({"title": "T", "language": "en"} | head)) == said


def test_a_source_shows_how_much_of_it_is_used_and_where(unused):
    [use] = show(load(unused), "sources/doe-2016.md").xpath("//*[@class='cxkb-use']")
    assert "3 of 4 ideas are used, on 3 concept pages and 1 tension page." in words(use)
    assert [words(item) for item in use.iter("li")] == ["Journey 3", "Silo 1", "Step 1", "Who walks the way? 1"]
    assert use.xpath(".//li/a/@href")[0] == "../concepts/journey.md"
    assert use.xpath(".//rect[2]/@width") == ["75.0"]


def test_a_page_that_cites_a_source_as_a_whole_uses_it_without_a_number(tiny):
    [use] = show(load(tiny), "sources/koch.md").xpath("//*[@class='cxkb-use']")
    assert [words(item) for item in use.iter("li")] == ["Silo 1", "Journey", "Who walks the way? 1"]


def test_a_source_that_no_page_cites_says_so(tiny):
    (tiny / "sources" / "new.md").write_text(
        "---\ntitle: New\ntype: book\nlanguage: en\n---\n\n### One { #one }\nNote.\n"
    )
    loaded = load(tiny)
    [use] = show(loaded, "sources/new.md").xpath("//*[@class='cxkb-use']")
    assert words(use) == "How much of it is used No page uses it yet."
    assert any("No page uses it yet." in item for item in texts(show(loaded, "sources/index.md"), "li"))


def test_a_source_has_its_ideas_as_a_table_of_contents(unused):
    [contents] = show(load(unused), "sources/doe-2016.md").xpath("//details[@class='cxkb-contents']")
    assert words(contents[0]) == "Its 4 ideas, one by one"
    assert [(words(link.getparent()), link.get("href")) for link in contents.xpath("./ul/li/ul/li/a")] == [
        ("Walls keep people apart", "#walls"),
        ("One way", "#one-way"),
        ("Steps", "#steps"),
        ("Nobody has used this yet (not used yet)", "#unused"),
    ]
    assert contents.xpath("./ul/li/a/@href") == ["#theme-silos"]


def test_a_source_without_ideas_does_without_their_list(tiny):
    (tiny / "sources" / "new.md").write_text("---\ntitle: New\ntype: book\nlanguage: en\n---\nNote.\n")
    assert texts(show(load(tiny), "sources/new.md"), "details") == []


def test_only_the_notes_of_a_source_can_answer(unused):
    loaded = load(unused)
    shown = show(loaded, "sources/doe-2016.md")
    page = RenderedPage(
        url="sources/doe-2016/",
        kind="source",
        id="doe-2016",
        title="T",
        html=lxml.html.tostring(shown).decode(),
        path="",
    )
    assert [(found.location, found.text) for found in passages.split(page)] == [
        ("sources/doe-2016/", "What Doe said."),
        ("sources/doe-2016/#walls", "Notes on walls."),
        ("sources/doe-2016/#one-way", "Notes on the way."),
        ("sources/doe-2016/#steps", "Notes on steps."),
        ("sources/doe-2016/#unused", "Notes that no page cites."),
    ]


def test_a_tension_leads_to_others_of_its_kind(tiny):
    loaded = load(tiny)
    [kind] = show(loaded, "tensions/who-walks.md").xpath("//*[@class='cxkb-kind']//a")
    assert (words(kind), kind.get("href")) == ("The sources contradict each other.", "index.md#direct")
    assert show(loaded, "tensions/index.md").xpath("//h2/@id") == ["direct"]


def test_the_overview_of_tensions_has_them_by_kind_with_what_they_concern(tiny):
    page = show(load(tiny), "tensions/index.md")
    assert texts(page, "h2") == ["The sources contradict each other"]
    assert texts(page, "li") == [
        "Who walks the way? Doe says the customer, Koch says everyone. Concerns Journey and Step"
    ]
    assert page.xpath("//li//a/@href") == ["who-walks.md", "../concepts/journey.md", "../concepts/step.md"]


def test_the_overview_of_sources_says_what_each_is_and_how_much_of_it_is_used(unused):
    page = show(load(unused), "sources/index.md")
    assert texts(page, "p")[0].startswith("3 sources, 2 independent voices.")
    cards = [[words(paragraph) for paragraph in card.iter("p")] for card in page.iter("li")]
    assert cards[:2] == [
        [
            "Interview on silos",
            "Doe, 2016",
            "An English-language interview with Jane Doe, September 2016. Not known: who asks, where it appeared.",
            "3 of 4 ideas are used, on 3 concept pages and 1 tension page.",
        ],
        [
            "Excerpt of the interview on silos",
            "Doe, n.d.",
            "An English-language interview with Jane Doe. Not known: who asks, where it appeared, when it appeared.",
            "The same voice as Doe, 2016; together they count once.",
            "1 of 1 idea is used, on 1 concept page.",
        ],
    ]
    assert [card[0] for card in cards[2:]] == ["Walls"]


def test_the_overview_of_concepts_has_them_by_group_in_its_colour(tiny):
    page = show(load(tiny), "concepts/index.md")
    assert [(words(group), group.get("id"), group.get("class")) for group in page.xpath("//h2")] == [
        ("People & things", "people", "cxkb-group cxkb-group-1"),
        ("Work", "work", "cxkb-group cxkb-group-2"),
    ]
    jumps, *cards = page.xpath("//ul")
    assert jumps.xpath("./li/a/@href") == ["#people", "#work"]
    assert [card.xpath("./li//a/@href") for card in cards] == [["journey.md", "step.md"], ["silo.md"]]
    assert texts(cards[0], "li")[2:4] == [
        "Journey All that a customer goes through. 2 voices, 4 ideas",
        "Step A part of a journey. 1 voice, 1 idea",
    ]


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


def test_a_sources_contents_are_its_themes_and_ideas(tiny):
    record = tiny / "sources" / "koch.md"
    record.write_text(record.read_text() + "\n#### Bricks { #bricks }\nNotes.\n\n## Doors { #theme-doors }\n")
    page = pages.compose(load(tiny))["sources/koch.md"].markdown
    contents = page[page.index("<details") : page.index("</details>")]
    assert re.findall(r"\(#([\w-]+)\)", contents) == ["walls-everywhere", "theme-doors"]


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
