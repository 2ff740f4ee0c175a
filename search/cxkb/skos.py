"""The concepts as a SKOS concept scheme, in JSON-LD (W3C, SKOS Reference, 2009; JSON-LD 1.1).

Every IRI is the address of a page or section of the site, so that it leads to what it names. A preview's IRIs are the
preview's: no domain is made up.

Relations that SKOS does not have are declared beside the concepts, under the page `for-machines/`. Contrast is
symmetrical and so a kind of skos:related, which is stated, too, because few tools infer it; the one-way relations are
kinds of skos:semanticRelation only.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cxkb.heads import RELATIONS
from cxkb.records import LICENCE
from cxkb.reference import apa

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Concept, Source, Website

VOCABULARIES = {
    "dc": "http://purl.org/dc/elements/1.1/",  # for names as text: dcterms wants things
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

OURS = {
    "part-of": "skos:semanticRelation",
    "enables": "skos:semanticRelation",
    "obstacle-to": "skos:semanticRelation",
    "contrasts-with": "skos:related",
}
"""Relation that SKOS does not have -> the SKOS property that it refines."""

DATES = {4: "xsd:gYear", 7: "xsd:gYearMonth", 10: "xsd:date"}
"""Length of a date, as exactly as it is known -> its type."""

Node = dict[str, Any]


def scheme(knowledge: KnowledgeBase, site: Website, changed: Mapping[str, str]) -> Node:
    """The whole scheme as one JSON-LD document; `changed` is the day of each file's last change, as far as known.

    Relations come out in both directions where they have two. Where one concept is broader than another, however many
    steps away, the two are not also related: SKOS forbids it (S27), and the hierarchy says more.
    """
    address = _Addresses(site.url)
    above = {id_: _ancestors(id_, knowledge) for id_ in knowledge.concepts}
    graph = [
        _head(knowledge, site, address, above),
        *_relations(),
        *_groups(knowledge, address),
        *(_concept(concept, knowledge, address, above, changed) for concept in knowledge.concepts.values()),
        *(node for source in knowledge.sources.values() for node in _source(source, address)),
    ]
    return {"@context": VOCABULARIES | {"cxkb": f"{site.url}for-machines/#"}, "@graph": graph}


class _Addresses:
    """Where things are on the site."""

    def __init__(self, site: str) -> None:
        self.scheme = {"@id": f"{site}concepts/"}
        self.site = site

    def concept(self, id_: str) -> Node:
        return {"@id": f"{self.site}concepts/{quote(id_)}/"}

    def group(self, id_: str) -> Node:
        return {"@id": f"{self.site}concepts/#{quote(id_)}"}

    def source(self, key: str, idea: str | None = None) -> Node:
        return {"@id": f"{self.site}sources/{quote(key)}/" + (f"#{quote(idea)}" if idea else "")}


def _text(value: str, lang: str = "en") -> Node:
    return {"@value": value, "@language": lang}


def _filled(node: Node) -> Node:
    """The node without properties that have no value."""
    return {name: value for name, value in node.items() if value}


def _head(knowledge: KnowledgeBase, site: Website, address: _Addresses, above: Mapping[str, Iterable[str]]) -> Node:
    return _filled(
        {
            **address.scheme,
            "@type": ["skos:ConceptScheme"],
            "dcterms:title": [_text(site.name)],
            "dcterms:description": [_text(site.description)] if site.description else [],
            "dcterms:license": [{"@id": LICENCE}],
            "skos:hasTopConcept": [address.concept(id_) for id_ in knowledge.concepts if not above[id_]],
        }
    )


def _relations() -> Iterator[Node]:
    for name, refined in OURS.items():
        symmetrical = ["owl:SymmetricProperty"] if RELATIONS[name][0] == RELATIONS[name][1] else []
        yield {
            "@id": f"cxkb:{name}",
            "@type": ["rdf:Property", "owl:ObjectProperty", *symmetrical],
            "rdfs:label": [_text(RELATIONS[name][0].lower())],
            "rdfs:subPropertyOf": [{"@id": refined}],
        }


def _groups(knowledge: KnowledgeBase, address: _Addresses) -> Iterator[Node]:
    for group, members in knowledge.groups.items():
        yield {
            **address.group(group),
            "@type": ["skos:Collection"],
            "skos:prefLabel": [_text(knowledge.settings.groups[group])],
            "skos:inScheme": [address.scheme],
            "skos:member": [address.concept(concept.id) for concept in members],
        }


def _concept(
    concept: Concept,
    knowledge: KnowledgeBase,
    address: _Addresses,
    above: Mapping[str, set[str]],
    changed: Mapping[str, str],
) -> Node:
    head = concept.head
    names = {"en": [head.title]}
    for lang, aliases in head.aliases.items():
        names[lang] = list(dict.fromkeys([*names.get(lang, []), *aliases]))  # no label is both (S13)
    day = changed.get(concept.path)
    cited = [citation for citation in concept.citations if citation.key in knowledge.sources]
    ideas = sorted({(c.key, c.idea) for c in cited if c.idea in knowledge.sources[c.key].ideas})
    return _filled(
        {
            **address.concept(concept.id),
            "@type": ["skos:Concept"],
            "skos:inScheme": [address.scheme],
            "skos:topConceptOf": [] if above[concept.id] else [address.scheme],
            # The first name in a language is the one to prefer: at most one a language (S14).
            "skos:prefLabel": [_text(found[0], lang) for lang, found in names.items() if found],
            "skos:altLabel": [_text(name, lang) for lang, found in names.items() for name in found[1:]],
            "skos:definition": [
                _text(text, lang) for lang, text in ({"en": head.definition} | head.definitions).items()
            ],
            **_related(concept, knowledge, address, above),
            "dcterms:source": [address.source(key) for key in sorted({citation.key for citation in cited})],
            "dcterms:references": [address.source(key, idea) for key, idea in ideas],
            "dcterms:modified": [{"@value": day, "@type": "xsd:date"}] if day else [],
        }
    )


def _related(
    concept: Concept, knowledge: KnowledgeBase, address: _Addresses, above: Mapping[str, set[str]]
) -> dict[str, list[Node]]:
    """Property -> the concepts it leads to."""
    by_label = {label: [other.id for other in others] for label, others in knowledge.relations_of(concept).items()}
    found = {name: by_label.get(RELATIONS[name][0], []) for name in RELATIONS}
    apart = {other for other in knowledge.concepts if other in above[concept.id] or concept.id in above[other]}
    contrasts = [id_ for id_ in found["contrasts-with"] if id_ not in apart]
    related = [id_ for id_ in found["related"] if id_ not in apart]
    by_property = {
        "skos:broader": found["broader"],
        "skos:narrower": found["narrower"],
        "skos:related": {*related, *contrasts},
        "cxkb:part-of": found["part-of"],
        "cxkb:enables": found["enables"],
        "cxkb:obstacle-to": found["obstacle-to"],
        "cxkb:contrasts-with": contrasts,
    }
    return {name: [address.concept(id_) for id_ in sorted(ids)] for name, ids in by_property.items()}


def _ancestors(id_: str, knowledge: KnowledgeBase) -> set[str]:
    """The ids of all concepts that are broader, however many steps away."""
    found: set[str] = set()
    waiting = [id_]
    while waiting:
        for broader in knowledge.relations_of(knowledge.concepts[waiting.pop()]).get("Broader", ()):
            if broader.id not in found:
                found.add(broader.id)
                waiting.append(broader.id)
    return found


def _source(source: Source, address: _Addresses) -> Iterator[Node]:
    """The source, and each idea of it as a part."""
    head = source.head
    at = f"https://doi.org/{head.doi}" if head.doi else head.url
    yield _filled(
        {
            **address.source(source.key),
            "@type": ["dcterms:BibliographicResource"],
            "dcterms:title": [_text(head.title, "en" if head.title.startswith("[") else head.language)],
            "dcterms:bibliographicCitation": [{"@value": html.unescape(re.sub(r"<[^>]+>", "", apa(head)))}],
            "dc:creator": [
                {"@value": f"{name.given or ''} {name.family}".strip() if name.family else name.literal}
                for name in head.author
            ],
            "dc:publisher": [{"@value": head.publisher}] if head.publisher else [],
            "dc:language": [{"@value": head.language}],
            "dcterms:issued": [{"@value": head.issued, "@type": DATES[len(head.issued)]}] if head.issued else [],
            "rdfs:seeAlso": [{"@id": quote(at, safe=":/?#[]@!$&'()*+,;=%~")}] if at else [],
        }
    )
    for idea, heading in source.ideas.items():
        yield {
            **address.source(source.key, idea),
            "dcterms:title": [_text(heading.text)],
            "dcterms:isPartOf": [address.source(source.key)],
        }
