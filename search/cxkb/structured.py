"""What a page is about, as JSON-LD in the words of schema.org.

A concept page's main entity is a defined term; a source page is a page *about* a work and based on it, not the work.
Terms and works bear the IRIs that they have in the SKOS export.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cxkb.records import LICENCE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cxkb.heads import Name
    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Citation, Concept, Kind, Source, Website

Node = dict[str, Any]

WORKS = {
    "article": "Article",
    "article-journal": "ScholarlyArticle",
    "article-magazine": "Article",
    "article-newspaper": "NewsArticle",
    "book": "Book",
    "chapter": "Chapter",
    "paper-conference": "ScholarlyArticle",
    "post": "SocialMediaPosting",
    "post-weblog": "BlogPosting",
    "report": "Report",
    "thesis": "Thesis",
    "webpage": "WebPage",
}
"""CSL type -> schema.org's; interviews and speeches have none and are works of that genre."""

CONTAINERS = {"post-weblog": "Blog", "chapter": "Book", "paper-conference": "Book", "webpage": "WebSite"}
"""CSL type -> what such a work appears in, if not a periodical."""

OVERVIEWS: dict[Kind, tuple[str, str]] = {
    "concept": ("Concepts", "concepts/"),
    "tension": ("Tensions", "tensions/"),
    "source": ("Sources", "sources/"),
}
"""Kind of page -> title and URL of the overview above it."""


def page(
    url: str, title: str, description: str, changed: str | None,
    *, kind: Kind | None, id_: str, knowledge: KnowledgeBase, site: Website,
) -> Node:  # fmt: skip
    """One page's JSON-LD document. `url` is relative to the site and empty for the home page; `id_` goes with `kind`."""
    if not url:
        return {"@context": "https://schema.org", **_website(site)}
    view = _filled(
        {
            "@type": "WebPage",
            "url": site.url + url,
            "name": title,
            "description": description,
            "inLanguage": "en",
            "license": LICENCE,
            "dateModified": changed,
            "isPartOf": {"@type": "WebSite", "@id": site.url, "name": site.name},
            "breadcrumb": _breadcrumb(url, title, kind, site),
            **_subject(url, kind, id_, knowledge, site),
        }
    )
    return {"@context": "https://schema.org", **view}


def script(document: Node) -> str:
    """The document as text that can stand in a <script> element: no markup, no line separators of JavaScript."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _filled(node: Node) -> Node:
    return {name: value for name, value in node.items() if value}


def _website(site: Website) -> Node:
    return _filled(
        {
            "@type": "WebSite",
            "@id": site.url,
            "url": site.url,
            "name": site.name,
            "description": site.description,
            "inLanguage": "en",
            "license": LICENCE,
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": f"{site.url}ask/?q={{search_term_string}}"},
                "query-input": "required name=search_term_string",
            },
        }
    )


def _breadcrumb(url: str, title: str, kind: Kind | None, site: Website) -> Node:
    """Home, the overview of the page's kind if it has one, the page."""
    steps = [("Home", ""), *([OVERVIEWS[kind]] if kind in OVERVIEWS else []), (title, url)]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": site.url + address}
            for number, (name, address) in enumerate(steps, 1)
        ],
    }


def _subject(url: str, kind: Kind | None, id_: str, knowledge: KnowledgeBase, site: Website) -> Node:
    """What the page is about, and the works that it rests on."""
    if kind == "concept":
        concept = knowledge.concepts[id_]
        return {"mainEntity": _term(concept, site), "isBasedOn": _works(concept.citations, knowledge, site)}
    if kind == "tension":
        tension = knowledge.tensions[id_]
        concerned = [knowledge.concepts[other] for other in tension.head.concepts if other in knowledge.concepts]
        return {
            "about": [_named("DefinedTerm", f"concepts/{c.id}/", c.head.title, site) for c in concerned],
            "isBasedOn": _works(tension.citations, knowledge, site),
        }
    if kind == "source":
        source = knowledge.sources[id_]
        return {"about": _work(source, site), "isBasedOn": {"@id": f"{site.url}sources/{id_}/"}}
    if url == OVERVIEWS["concept"][1]:
        terms = [_named("DefinedTerm", f"concepts/{c.id}/", c.head.title, site) for c in knowledge.concepts.values()]
        return {"mainEntity": _named("DefinedTermSet", url, site.name, site) | {"hasDefinedTerm": terms}}
    return {}


def _named(type_: str, url: str, name: str, site: Website) -> Node:
    return {"@type": type_, "@id": site.url + url, "name": name}


def _term(concept: Concept, site: Website) -> Node:
    head = concept.head
    return _filled(
        {
            **_named("DefinedTerm", f"concepts/{concept.id}/", head.title, site),
            "alternateName": [name for names in head.aliases.values() for name in names],
            "description": head.definition,
            "termCode": concept.id,
            "inDefinedTermSet": _named("DefinedTermSet", OVERVIEWS["concept"][1], site.name, site),
        }
    )


def _works(citations: Iterable[Citation], knowledge: KnowledgeBase, site: Website) -> list[Node]:
    """The sources cited, in order of first mention, by name."""
    sources = [knowledge.sources[key] for key in knowledge.labels(citations)]
    return [_named(_type(source), f"sources/{source.key}/", source.head.title, site) for source in sources]


def _type(source: Source) -> str:
    return WORKS.get(source.head.type, "CreativeWork")


def _work(source: Source, site: Website) -> Node:
    head = source.head
    container = {"@type": CONTAINERS.get(head.type, "Periodical"), "name": head.container_title}
    return _filled(
        {
            **_named(_type(source), f"sources/{source.key}/", head.title, site),
            "genre": head.type if head.type not in WORKS else None,
            "author": _people(head.author),
            "editor": _people(head.editor),
            "translator": _people(head.translator),
            "contributor": _people(head.interviewer),
            "isPartOf": container if head.container_title else None,
            "pagination": head.page,
            "publisher": {"@type": "Organization", "name": head.publisher} if head.publisher else None,
            "datePublished": head.issued,
            "inLanguage": head.language,
            "url": head.url,
            "sameAs": f"https://doi.org/{head.doi}" if head.doi else None,
        }
    )


def _people(names: Iterable[Name]) -> list[Node]:
    return [
        _filled(
            {
                "@type": "Person",
                "name": f"{name.given or ''} {name.family}".strip(),
                "givenName": name.given,
                "familyName": name.family,
            }
        )
        if name.family
        else {"@type": "Organization", "name": name.literal}
        for name in names
    ]
