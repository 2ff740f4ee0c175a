"""Python-Markdown extension: `[@key#idea]` becomes a link that says who and when, and closes the page with references.

    Solis starts with three Ps [@solis-2016#three-ps].

becomes "Solis starts with three Ps (Solis, 2016)." with the citation linked to the idea in the source's record, and
`[@a#x; @b#y]` names both in one pair of brackets. A key or idea that does not exist stays as it was written, marked
as unknown; reporting it, with file and line, is `cxkb check`'s work.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from typing import TYPE_CHECKING, Any

from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from cxkb.content import GROUP, MEMBER
from cxkb.reference import apa

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from markdown import Markdown

    from cxkb.records import Source

ABOVE_LINKS = 175
"""Priority of the pattern: below code (190) and escapes (180), above links and references (170 and less)."""

BELOW_INLINE = 15
"""Priority of the list of references: after inline patterns ran (20), before links are resolved (0)."""


class CitationsExtension(Extension):
    """Configured with `sources`, the records by key; links go to /sources/<key>.md, relative to the docs folder."""

    def __init__(self, **kwargs: Any) -> None:
        self.config = {"sources": [{}, "Citation key -> Source"]}
        super().__init__(**kwargs)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Register the pattern and the list of references; called by Python-Markdown."""
        sources: Mapping[str, Source] = self.getConfig("sources")
        cited: dict[str, None] = {}
        md.inlinePatterns.register(_CitationPattern(sources, cited), "citations", ABOVE_LINKS)
        md.treeprocessors.register(_References(md, sources, cited), "references", BELOW_INLINE)


class _CitationPattern(InlineProcessor):
    def __init__(self, sources: Mapping[str, Source], cited: dict[str, None]) -> None:
        super().__init__(GROUP.pattern)
        self.sources, self.cited = sources, cited

    def handleMatch(  # type: ignore[override] # noqa: N802 - Python-Markdown's name
        self, m: re.Match[str], data: str
    ) -> tuple[etree.Element | None, int | None, int | None]:
        del data
        members = [MEMBER.fullmatch(member.strip()) for member in m["inside"].split(";")]
        if not all(members):
            return None, None, None
        span = etree.Element("span", {"class": "cxkb-citation"})
        span.text = AtomicString("(")  # and with it all that is in the span: no inline pattern has to look at it again
        last: etree.Element | None = None
        for member in members:
            assert member is not None
            key, idea = member["key"], member["idea"]
            if last is not None:
                last.tail = "; "
            source = self.sources.get(key)
            if source is None or (idea and idea not in source.ideas):
                last = etree.SubElement(span, "span", {"class": "cxkb-unknown"})
                last.text = AtomicString(f"@{key}#{idea}" if idea else f"@{key}")
                continue
            self.cited[key] = None
            address = f"/sources/{key}.md" + (f"#{idea}" if idea else "")
            last = etree.SubElement(span, "a", {"href": address, "data-source": key})
            if idea:
                last.set("title", source.ideas[idea].text)
            last.text = AtomicString(source.label)  # text: what looks like markup in a name is none
        assert last is not None
        last.tail = ")"
        return span, m.start(0), m.end(0)


class _References(Treeprocessor):
    """Appends the list of what the page cites, by author."""

    def __init__(self, md: Markdown, sources: Mapping[str, Source], cited: dict[str, None]) -> None:
        super().__init__(md)
        self.sources, self.cited = sources, cited

    def run(self, root: etree.Element) -> None:
        if not self.cited:
            return
        section = etree.SubElement(
            root, "section", {"class": "cxkb-references", "data-passage": "none", "data-search-exclude": ""}
        )
        heading = etree.SubElement(section, "h2", {"id": "references"})
        heading.text = "References"
        listed = etree.SubElement(section, "ul")
        for key in sorted(self.cited, key=lambda key: (self.sources[key].label.casefold(), key)):
            entry = etree.SubElement(listed, "li", {"id": f"ref-{key}"})
            link = etree.SubElement(entry, "a", {"href": f"/sources/{key}.md", "class": "cxkb-reference"})
            link.text = key
            link.tail = self.md.htmlStash.store(" " + apa(self.sources[key].head))
        self.cited.clear()


def makeExtension(**kwargs: Any) -> CitationsExtension:  # noqa: N802 - the name Python-Markdown looks for
    """Python-Markdown's entry point."""
    return CitationsExtension(**kwargs)
