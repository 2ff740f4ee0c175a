"""Megabytes that readers of text stumble over: one piece repeated, unclosed brackets, deep nesting, one long line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxkb import frontmatter

if TYPE_CHECKING:
    from collections.abc import Callable

PIECES = {
    "nulls": "\0",
    "spaces": " ",
    "tabs": "\t",
    "blank lines": "\n",
    "carriage returns": "\r",
    "line separators": "\u2028",
    "indented lines": " \n",
    "bidi controls": "\u202e\u2066",
    "right-to-left words": "שלום ",
    "combining accents": "\u0301",
    "decomposed words": "e\u0301e\u0301 ",
    "ligatures that grow": "\ufdfa",
    "pictographs": "\U0001f469\u200d",
    "one word": "a",
    "words": "a ",
    "hyphens": "a-",
    "apostrophes": "a'",
    "quotes": '" ',
    "digits": "1",
    "dots": ".",
    "initials": "A. ",
    "sentences": "So it is. ",
    "closing brackets after a stop": ".) ",
    "stars": "*",
    "star words": "*a ",
    "underscores": "_a",
    "quotations": "> ",
    "lists": "- ",
    "list lines": "- a\n",
    "numbered": "1. ",
    "bars": "|",
    "rows": "| a | b\n",
    "rules": "---\n",
    "dots in a line": "...\n",
    "backslashes": "\\",
    "escapes": "\\`",
    "ticks": "`",
    "tick and word": "`a ",
    "ticks of two lengths": "` `` ",
    "growing ticks": "`a``a```a",
    "fences": "```\n",
    "fences unlike": "```\n~~~\n",
    "fences that go on": "```a\n",
    "opened comments": "<!--",
    "opened comment lines": "<!--\n",
    "closed comments": "<!-- -->",
    "unfinished": "<!--\nStill to write",
    "opening brackets": "[",
    "nested brackets": "[a",
    "closing brackets": "]",
    "bracket pairs": "[]",
    "citations opened": "[@",
    "citations opened with a name": "[@a",
    "citations": "[@a]",
    "unknown citations": "[@a-b#c-d] ",
    "semicolons in a citation": "[@a;" + ";" * 1000 + "]",
    "members": "@a; ",
    "malformed citations": "[@ a b] ",
    "links opened": "[a](",
    "links": "[a](b) ",
    "pictures opened": "![",
    "references": "[a][",
    "definitions": "[a]: b\n",
    "footnotes": "[^a]",
    "addresses": "http://",
    "braces": "{",
    "attributes": "{ #a }",
    "attributes opened": "{ #",
    "hashes": "#",
    "headings": "# a\n",
    "headings with spaces": "# a  ",
    "headings with attributes": "# a { #a }\n",
    "underlined headings": "a\n=\n\n",
    "underlines": "=",
    "tags opened": "<a",
    "less than": "<",
    "ends of tags": "</",
    "tags in tags": "<div>",
    "inline tags": "<b>",
    "paragraphs": "<p>a",
    "tables in tables": "<table><tr><td>",
    "lists in lists": "<ul><li>",
    "citation marks": '<i class="cxkb-citation"><a data-source="a">',
    "links in links": '<a href="concepts/a">',
    "passages in passages": '<div data-passage="question">a',
    "lists of passages": '<ul data-passage-each="question"><li>a',
    "headings of HTML": '<h2 id="a">a</h2>',
    "definitions of HTML": "<dl><dt>a<dd>",
    "closed tags": "</p>",
    "attributes of HTML": "<p a=b ",
    "entities": "&amp;",
    "references by number": "&#1;",
    "references unclosed": "&#",
    "scripts": "<script>",
    "JSON-LD": '<script type="application/ld+json">[[[',
    "meta": '<meta name="author" content="a">',
    "microdata": '<p itemprop="author">a',
    "breaks": "<br>",
    "mappings": "{a: ",
    "keys": "a: ",
    "equal keys": "a: b\n",
    "complex keys": "? ",
    "anchors": "&a ",
    "aliases": "*a ",
    "tags of YAML": "!a ",
    "block texts": "|\n",
    "billion laughs": "a: &a [*a, *a, *a, *a]\n",
    "double quotes": '"',
    "single quotes": "'",
    "out of range": '"\\UFFFFFFFF"',
    "percent": "%a\n",
    "objects of JSON": '{"id": ',
    "lists of JSON": "[[",
    "surrogates": '"\\ud800',
    "questions": '{"id": "a", "query": "a"}\n',
    "German compounds": "abteilungskundendienstreisen",
    "made-up compounds": "kundenkundenkundenkundenkundenkundenkundenkundenkundenkundex ",
    "German words": "warum ",
    "stems": "verkaufs",
    "copyright": "© ",
    "share": "share this ",
    "bylines": "by A B and ",
    "cookies": "uses ",
    "hyphens at line ends": "abc-\n",
    "hyphens in lines": "abc-abd\n",
    "PDF objects": "1 0 obj << /Kids [1 0 R] >> endobj\n",
}
"""Name -> what is repeated."""


def _numbered(form: str) -> Callable[[int], str]:
    """Lines that all differ, up to about so many characters."""
    return lambda size: "".join(form.format(n) for n in range(size // (len(form) + 3)))


GROWING: dict[str, Callable[[int], str]] = {
    "different keys": _numbered("k{}: v\n"),
    "different headings": _numbered("## a{0} {{ #a{0} }}\n\n"),
    "different citations": _numbered("[@k{0}#i{0}] "),
    "different words": _numbered("w{}x "),
    "different questions": _numbered('{{"id": "{0}", "query": "why {0}?"}}\n'),
    "a long list": lambda size: "related:\n" + "  - a\n" * (size // 6),
    "a long list in brackets": lambda size: "related: [" + "a, " * (size // 3) + "a]",
    "a long wrong list": lambda size: "related:\n" + "  - A\n" * (size // 6),
    "ticks of every length": lambda size: "a".join("`" * n for n in range(1, int((2 * size) ** 0.5))),
    "fences of every length": lambda size: "".join("`" * n + "\n" for n in range(3, int((2 * size) ** 0.5))),
    "one long string": lambda size: '"' + "a" * size + '"',
    "one long address": lambda size: "http://" + "a/" * (size // 2),
    "an open tag": lambda size: "<p " + "a" * size,
    "a deep page": lambda size: "<div>" * (size // 11) + "a" + "</div>" * (size // 11),
    "a deep inline page": lambda size: "<b>" * (size // 7) + "a" + "</b>" * (size // 7),
    "deep JSON": lambda size: "[" * (size // 2) + "]" * (size // 2),
    "a long number": lambda size: '{"id": ' + "1" * size + ', "query": "a"}',
}
"""Name -> text of about so many characters, where repeating one piece is not the way."""

NAMES = (*PIECES, *GROWING)


def text(name: str, size: int) -> str:
    """About so many characters of this family."""
    if name in GROWING:
        return GROWING[name](size)
    piece = PIECES[name]
    return piece * (size // len(piece))


LONGEST = {
    "page": frontmatter.MAX_BYTES - 200,
    "citations": frontmatter.MAX_BYTES,
    "rendering": frontmatter.MAX_BYTES,
}
"""Reader -> bytes of the longest text that comes to it: more is refused before it is read."""
