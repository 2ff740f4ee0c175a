"""What a reader sees of `[@key#idea]`: who and when, linked, and a list of references. Add a case in citations.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import markdown
import pytest

from cxkb import content, knowledge, settings
from cxkb.citations import CitationsExtension

CASES = tomllib.loads((Path(__file__).parent / "cases" / "citations.toml").read_text(encoding="utf-8"))

MARKUP = """---
title: "<i>T</i>"
type: book
author: [{literal: "*R&D* <b>[x](y)</b>"}]
issued: 1999
language: en
---
### "><script> { #idea }
"""

NO_CAPITAL = """---
title: A
type: book
author: [{literal: digital b.}]
issued: 2000
language: en
---
"""


@pytest.fixture
def render(tiny):
    (tiny / "sources" / "markup-1999.md").write_text(MARKUP)
    (tiny / "sources" / "a-2000.md").write_text(NO_CAPITAL)
    loaded, problems = knowledge.load(settings.find(tiny))
    assert not problems
    citations = CitationsExtension(sources=loaded.sources)
    return markdown.Markdown(extensions=["tables", "fenced_code", "footnotes", "attr_list", citations])


def apart(html: str) -> tuple[str, str]:
    """The text and the list of references, without line breaks between tags."""
    text, opening, references = re.sub(r"\n*(<[^>]*>)\n*", r"\1", html).partition('<section class="cxkb-references"')
    return text.replace("\n</code>", "</code>"), opening + references


@pytest.mark.parametrize("name", CASES)
def test_a_citation_says_who_and_when(render, name):
    assert apart(render.convert(CASES[name]["markdown"]))[0] == CASES[name]["html"]


@pytest.mark.parametrize("name", [name for name in CASES if name != "malformed"])
def test_what_is_linked_is_what_is_counted(render, name):
    """The check, the evidence and the list of who cites an idea count in Markdown what the reader sees as links."""
    text, _ = apart(render.convert(CASES[name]["markdown"]))
    shown = re.findall(r'href="/sources/([\w-]+)\.md#?([\w-]*)"|cxkb-unknown">@([\w-]+)#?([\w-]*)<', text)
    counted = content.citations(CASES[name]["markdown"], 1)
    assert [(c.key, c.idea or "") for c in counted] == [(a or c, b or d) for a, b, c, d in shown]


def test_the_references_name_each_cited_source_once_by_author(render):
    _, references = apart(render.convert("[@koch#walls-everywhere; @doe-2016#walls]\n\n[@koch; @roe; @koch#none]"))
    assert references == (
        '<section class="cxkb-references" data-passage="none" data-search-exclude=""><h2 id="references">References</h2><ul>'
        '<li id="ref-doe-2016"><a class="cxkb-reference" href="/sources/doe-2016.md">doe-2016</a>'
        " Doe, J. (2016, September). [Interview on silos].</li>"
        '<li id="ref-koch"><a class="cxkb-reference" href="/sources/koch.md">koch</a>'
        " Koch. (n.d.). <i>Walls</i>. Wall &amp; Sons.</li></ul></section>"
    )


def test_the_references_stand_in_the_order_of_authors_whatever_their_keys_and_capitals(render):
    _, references = apart(render.convert("[@koch; @a-2000; @doe-2016; @markup-1999]"))
    assert re.findall(r'<li id="ref-([\w-]+)">', references) == ["markup-1999", "a-2000", "doe-2016", "koch"]


def test_the_references_show_markup_in_a_record_as_text(render):
    _, references = apart(render.convert("[@markup-1999]"))
    assert "*R&amp;D* &lt;b&gt;[x](y)&lt;/b&gt;. (1999). <i>&lt;i&gt;T&lt;/i&gt;</i>." in references


def test_a_page_without_citations_has_no_references(render):
    assert apart(render.convert("Nothing, `[@koch]` and [@roe]"))[1] == ""


def test_the_next_page_starts_with_no_references(render):
    render.convert("[@koch]")
    assert "koch" not in apart(render.reset().convert("[@doe-2016]"))[1]
