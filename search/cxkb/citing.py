"""How to cite a page of this site: as an APA reference, as BibTeX and as CSL-JSON."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from cxkb import bibtex, csl
from cxkb.heads import Name, SourceHead
from cxkb.reference import apa


@dataclass(frozen=True, slots=True)
class Forms:
    """One reference in three forms."""

    apa_html: str
    """Text with <i> and <a> only, everything else escaped."""
    bibtex: str
    """An entry, plain text."""
    csl_json: str
    """A list of one object, plain text."""


def cite(page_title: str, url: str, site_name: str, changed: str | None) -> Forms:
    """The page at this absolute address, by the site as its own author; `changed` is the day of its last change.

    The reference has no date when that is not known. The title and the name are plain text.
    """
    head = SourceHead.model_validate(
        {
            "type": "webpage",
            "title": page_title,
            "author": [Name(literal=site_name)],
            "container-title": site_name,
            "issued": changed,
            "language": "en",
            "URL": url,
        }
    )
    item = csl.entry(_key(url), head)
    return Forms(apa_html=apa(head), bibtex=bibtex.entry(item), csl_json=csl.listing([item]))


def _key(url: str) -> str:
    """A citation key from the address: `concepts-silos`."""
    return urlsplit(url).path.strip("/").replace("/", "-") or "home"
