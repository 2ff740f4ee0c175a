"""The splitter: from a rendered page to passages with their anchors.

A case is a pair of files in tests/cases/passages/: `<name>.md`, rendered as MkDocs renders a page, and `<name>.txt`, the
passages it gives, a line each: `role #anchor | heading | text`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import markdown
import pytest
from hypothesis import given

from cxkb.errors import ContentError
from cxkb.passages import MAX_DEPTH, MAX_WORDS, pack, sentences, split, with_sentences
from cxkb.records import Passage, RenderedPage

if TYPE_CHECKING:
    from cxkb.records import Kind

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


CONTROLS = [*map(chr, range(1, 9)), "\x0b", "\x1b", "\ufffe", "\uffff", "\ud800", "&#1;", "&#x1B", "&#129;", "&#xfffe;"]


@pytest.mark.parametrize("control", CONTROLS)
def test_control_characters_are_left_out_and_hide_nothing(control: str):
    (found,) = passages(f"<p>before{control} after</p>")
    assert found.text == "before after"


def test_a_page_cannot_take_itself_for_one_mark():
    (found,) = passages('<p>One.</p><body data-passage="none"><p>Two.</p></body>')
    assert found.text == "One. Two."


def test_a_page_is_no_deeper_than_its_limit():
    """As deep as allowed, and one deeper."""
    (found,) = passages("<b>" * MAX_DEPTH + "Deep.")
    assert found.text == "Deep."
    said = f"docs/page.md: lists, quotations or tags are nested more than {MAX_DEPTH} deep; make it flat."
    with pytest.raises(ContentError, match=f"^{re.escape(said)}$"):
        passages("<b>" * (MAX_DEPTH + 1) + "Deep.")


PACKED = [
    (["a b.", "C d e."], ["a b. C d e."]),
    (["a b.", "C d e f."], ["a b.", "C d e f."]),
    (["a b c", "D e. F g."], ["a b c", "D e. F g."]),
    (["a", "B c. D e f."], ["a", "B c. D e f."]),
    (["a b c d e", "f g", "h i j"], ["a b c d e", "f g h i j"]),
    (["a", "B c. D e f. G h i j k l."], ["a B c.", "D e f.", "G h i j k l."]),
    ([], []),
]


@pytest.mark.parametrize(("blocks", "texts"), PACKED)
def test_blocks_are_packed_into_texts_of_five_words(blocks: list[str], texts: list[str]):
    assert list(pack(blocks, 5)) == texts


def test_running_text_is_followed_by_its_sentences():
    """Where it has several, and without those that only send the reader elsewhere."""
    html = '<p data-passage="title">A. B.</p><p>One.</p><h2 id="a">A</h2><p>Two. See silos. Three.</p>'
    title, one, two = passages(html)
    said = [replace(two, text=text, role="sentence") for text in ("Two.", "Three.")]
    assert list(with_sentences([title, one, two])) == [title, one, two, *said]
    two = replace(two, text="Two. Three.")
    assert list(with_sentences([two])) == [two, *said]


def test_of_a_page_of_what_is_not_answered_only_that_is_a_passage():
    html = '<p data-passage="title">Not covered.</p><p>Seen.</p><ul data-passage-each="outside"><li>Why?<li>How?</ul>'
    assert [(found.role, found.text) for found in passages(html)] == [("outside", "Why?"), ("outside", "How?")]


def test_a_passage_says_all_about_its_place():
    html = '<p>One <a href="../../concepts/silos/">two</a>.</p><h2 id="a">A</h2><p data-passage="alias">B</p><p>Two.</p><h3 id="b">C</h3><p>D</p>'
    page = RenderedPage(
        "p/", "tension", "p", "P", html, "docs/p.md", lines={"": 4, "b": 9}, concepts={"a": ("x",), "": ("y", "z")}
    )
    assert split(page) == [
        Passage("p/", "tension", "p", "P", "A", "B", "alias", "docs/p.md", 1, ("x",), ()),
        Passage("p/", "tension", "p", "P", "P", "One two.", "body", "docs/p.md", 4, ("y", "z"), ()),
        Passage("p/#a", "tension", "p", "P", "A", "Two.", "body", "docs/p.md", 1, ("x",), ()),
        Passage("p/#b", "tension", "p", "P", "C", "D", "body", "docs/p.md", 9, ("y", "z"), ()),
    ]


def test_the_concepts_of_a_section_are_not_those_it_links_to_but_in_a_guide():
    html = '<p><a href="../concepts/silos/">Silos</a></p>'
    assert [[found.concepts for found in passages(html, kind)] for kind in ("tension", "guide")] == [[()], [("silos",)]]


def test_a_record_is_its_own_source():
    cited = '<p>Said <span class="cxkb-citation">(<a data-source="doe">Doe</a>)</span>.</p>'
    assert [found.sources for found in passages(cited, "source")] == [("page",)]


def test_only_links_of_a_citation_name_sources():
    html = '<p>Said <a data-source="a">a</a> <span class="cxkb-citation"><i data-source="b">b</i><a>c</a></span></p>'
    assert [found.sources for found in passages(html)] == [()]


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
