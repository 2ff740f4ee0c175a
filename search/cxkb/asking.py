"""Where a reader asks: the form for a question, the page that answers it, and how a browser's address bar comes to it.

The answers are made in the reader's browser: assets/browser/ask.mjs.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Website

URI = "ask.md"

TITLE = "Ask"

INTRODUCTION = (
    "The sections that answer a question are found by what they mean, whatever its words; each names its sources."
)

DESCRIPTION = "opensearch.xml"
"""Where a browser learns how to ask from its address bar, relative to the site."""

WITHOUT_SCRIPTS = (
    "\n<noscript>\n<p>Answers are found in your browser, by JavaScript, which is switched off here. "
    '<a href="../glossary/">The glossary</a> lists every concept by name.</p>\n</noscript>'
)
"""The end of the page, as HTML, to be put in when its text is sanitised: parsers disagree on what stands in `noscript`."""

SHORTEST = 16
"""Characters of the `ShortName` of an OpenSearch description, by its specification at most."""

LONGEST = 48
"""Likewise of its `LongName`."""


def form(action: str, examples: Iterable[str] = ()) -> str:
    """A field for a question as HTML, with examples below; `action` is the address of the page that answers."""
    asked, action = list(examples), escape(action)
    shown = f' placeholder="{escape(asked[0])}"' if asked else ""
    items = "".join(f'<li><a href="{action}?q={quote(example)}">{escape(example)}</a></li>' for example in asked)
    field = (
        f'<form class="cxkb-question" action="{action}" role="search" aria-label="Ask">\n'
        '<label for="cxkb-question">Ask in your own words, in English, German or Dutch</label>\n'
        '<span class="cxkb-question__field"><input id="cxkb-question" type="search" name="q" maxlength="2000" '
        f'autocomplete="off"{shown}> '
        '<button type="submit" class="md-button md-button--primary">Ask</button></span>\n</form>'
    )
    return f'{field}\n\n<ul class="cxkb-examples">{items}</ul>' if items else field


def body(knowledge: KnowledgeBase) -> str:
    """The page for asking below its heading, as Markdown."""
    return f'<div class="cxkb-asking">\n{form("./", _examples(knowledge))}\n</div>\n'


def _examples(knowledge: KnowledgeBase) -> list[str]:
    """Of each group of concepts, the first question in English that one of its pages answers."""
    asked = ([concept.head.questions.get("en", []) for concept in members] for members in knowledge.groups.values())
    return [next(question for questions in group for question in questions) for group in asked if any(group)]


def opensearch(site: Website) -> str:
    """The description that lets a browser ask the site, https://github.com/dewitt/opensearch."""
    name = site.name if len(site.name) <= SHORTEST else "".join(word[0] for word in site.name.split()).upper()
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"<ShortName>{escape(name[:SHORTEST])}</ShortName>\n"
        f"<LongName>{escape(site.name[:LONGEST])}</LongName>\n"
        f"<Description>{escape(INTRODUCTION)}</Description>\n"
        f'<Url type="text/html" template="{escape(site.url)}ask/?q={{searchTerms}}"/>\n'
        f'<Image width="180" height="180" type="image/png">{escape(site.url)}assets/cxkb/icon-180.png</Image>\n'
        "<InputEncoding>UTF-8</InputEncoding>\n"
        "</OpenSearchDescription>\n"
    )
