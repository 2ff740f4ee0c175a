"""The splitter: from a rendered page to passages with their anchors.

A case is a pair of files in tests/cases/passages/: `<name>.md`, rendered as MkDocs renders a page, and `<name>.txt`, the
passages it gives, a line each: `role #anchor | heading | text`.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import markdown
import pytest
from hypothesis import given

from cxkb.passages import MAX_WORDS, sentences, split
from cxkb.records import RenderedPage

if TYPE_CHECKING:
    from cxkb.records import Kind, Passage

EXTENSIONS: dict[str, dict[str, Any]] = {
    name: {}
    for name in ("abbr", "admonition", "attr_list", "def_list", "fenced_code", "footnotes", "md_in_html", "tables")
} | {"pymdownx.tabbed": {"alternate_style": True}, "toc": {"permalink": True}}

CASES = Path(__file__).parent / "cases" / "passages"


def passages(html: str, kind: Kind = "concept") -> list[Passage]:
    """The passages of a page at page/ with this HTML."""
    return split(RenderedPage(url="page/", kind=kind, id="page", title="Page", html=html, path="docs/page.md"))


def rendered(text: str) -> str:
    """Markdown as MkDocs renders it."""
    return markdown.markdown(text, extensions=list(EXTENSIONS), extension_configs=EXTENSIONS)


def written(passage: Passage) -> str:
    """A passage as a line of a case file."""
    anchor = passage.location.removeprefix("page/")
    return " | ".join([f"{passage.role} {anchor}".strip(), passage.heading, passage.text])


@pytest.mark.parametrize("case", sorted(CASES.glob("*.md")), ids=lambda file: file.stem)
def test_a_page_gives_these_passages(case: Path):
    found = passages(rendered(case.read_text(encoding="utf-8")))
    assert [written(passage) for passage in found] == case.with_suffix(".txt").read_text(encoding="utf-8").splitlines()


EMPTY = [
    "",
    " \n",
    "<!-- nothing -->",
    "<p></p>",
    "<p>&nbsp;</p>",
    "<h2 id='a'>Only a heading</h2>",
    "<script>1</script>",
]


@pytest.mark.parametrize("html", EMPTY)
def test_a_page_without_text_gives_no_passage(html: str):
    assert passages(html) == []


@pytest.mark.parametrize("control", [*map(chr, range(9)), "\x0b", "\x1b", "\ufffe", "\uffff"])
def test_control_characters_do_not_hide_the_text_around_them(control: str):
    (found,) = passages(f"<p>before{control} after</p>")
    assert found.text.startswith("before")
    assert found.text.endswith(" after")


def test_a_long_paragraph_is_cut_between_sentences():
    sentence = "Nine words stand in this sentence, number {}, here. "
    found = passages(f"<p>{''.join(sentence.format(n) for n in range(600))}</p>")
    assert all(len(passage.text.split()) <= MAX_WORDS for passage in found)
    assert all(passage.text.endswith("here.") for passage in found)


def test_no_word_of_a_long_paragraph_is_lost():
    text = " ".join(f"word{n}." if n % 17 == 0 else f"Word{n}" for n in range(5_000))
    assert " ".join(passage.text for passage in passages(f"<p>{text}</p>")) == text


def test_a_long_sentence_stays_whole():
    text = " ".join(f"word{n}" for n in range(5_000))
    assert [passage.text for passage in passages(f"<p>{text}</p>")] == [text]


def test_a_passage_does_not_reach_over_a_heading():
    found = passages("".join(f"<h2 id='h{n}'>H</h2><p>Text {n}.</p>" for n in range(9)))
    assert [passage.location for passage in found] == [f"page/#h{n}" for n in range(9)]


def test_a_citation_is_left_out_of_the_text_and_named_as_source():
    cited = '<p>Said <span class="cxkb-citation">(<a data-source="solis-2016">Solis, 2016</a>)</span>.</p>'
    (found,) = passages(cited)
    assert (found.text, found.sources) == ("Said.", ("solis-2016",))


def test_sources_are_those_of_the_section_in_order():
    cite = '<p>Said <span class="cxkb-citation">(<a data-source="{}">x</a>)</span>.</p>'
    html = cite.format("b") + "<h2 id='h'>H</h2>" + cite.format("c") + cite.format("a") + cite.format("c")
    assert [found.sources for found in passages(html)] == [("b",), ("c", "a")]


def test_a_guide_is_about_the_concepts_that_its_section_links_to():
    html = '<p><a href="../concepts/silos/#why">a</a></p><h2 id="h">H</h2><p><a href="concepts/gdpr/">b</a></p>'
    assert [found.concepts for found in passages(html, "guide")] == [("silos",), ("gdpr",)]


@pytest.mark.parametrize(
    "line", (Path(__file__).parent / "cases" / "sentences.txt").read_text(encoding="utf-8").splitlines()
)
def test_sentences_end_where_the_case_says(line: str):
    assert sentences(line.replace(" | ", " ")) == line.split(" | ")


@given(st.lists(st.sampled_from(["Dr.", "e.g.", "said.", "“Why?”", "Who", "he", "1.", "No!)", "…", "\n", "ß"])))
def test_sentences_lose_nothing_but_white_space(words: list[str]):
    text = " ".join(words)
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


TAGS = [
    "p", "div", "h1", "h2", "h6", "ul", "li", "dl", "dt", "dd", "table", "tr", "td", "pre", "code", "a", "span", "br",
    "script", "svg", "math", "template", "select", "form", "html", "body", "head", "title", "frameset", "x-y", "blockquote",
]  # fmt: skip

ATTRIBUTES = [
    "", ' id="a"', " id", ' id="fn:1"', ' class="headerlink"', ' class="cxkb-citation"', ' data-source="k"',
    ' data-passage="none"', ' data-passage="title"', ' data-passage="question"', ' href="concepts/silos/"', ' id="&quot;"',
]  # fmt: skip


def wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """HTML around HTML; now and then a tag is not closed."""
    element = st.tuples(st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES), inner, st.booleans()).map(
        lambda made: f"<{made[0]}{made[1]}>{made[2]}" + (f"</{made[0]}>" if made[3] else "")
    )
    return st.lists(element | inner, max_size=4).map("".join)


HTML = st.recursive(
    st.text(max_size=20) | st.sampled_from(["<", "&#0;", "&#x1b;", "<!--", "]]>", "<?x", "Text. "]), wrapped
)


@given(HTML)
def test_no_html_breaks_the_splitter_or_gives_an_empty_passage(html: str):
    assert all(passage.text.strip() for passage in passages(html))


@given(HTML)
def test_an_anchor_is_an_id_of_the_page(html: str):
    for passage in passages(html):
        anchor = passage.location.removeprefix("page/").removeprefix("#")
        assert anchor == "" or f'id="{escape(anchor)}"' in html
