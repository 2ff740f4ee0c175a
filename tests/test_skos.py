"""The concept scheme that the site exports, as rdflib reads it: complete, and sound by SKOS's own conditions."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import rdflib
from rdflib import RDF, RDFS, SKOS, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS

from cxkb import knowledge, settings, skos
from cxkb.records import Website
from cxkb.turtle import turtle
from tests.conftest import environment
from tests.test_site import parsed

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib import Graph

    from cxkb.knowledge import KnowledgeBase

SITE = Website('A & "B" <i>\\n</i>', "https://example.org/kb/", "What it is")


def read(loaded: KnowledgeBase) -> Graph:
    return rdflib.Graph().parse(data=turtle(skos.scheme(loaded, SITE, {})), format="turtle")


def concept(id_: str) -> URIRef:
    return URIRef(f"{SITE.url}concepts/{id_}/")


@pytest.fixture(scope="module")
def loaded(repo: Path) -> KnowledgeBase:
    return knowledge.load_or_fail(settings.find(repo))


@pytest.fixture(scope="module")
def graph(loaded: KnowledgeBase) -> Graph:
    return read(loaded)


def altered(folder: Path, **heads: dict[str, Any]) -> Graph:
    """The graph of the tiny knowledge base, its concepts having these heads."""
    for file in (folder / "docs" / "concepts").glob("*.md"):
        head = {"title": file.stem, "definition": "A thing.", "group": "work"} | heads.get(file.stem, {})
        lines = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in head.items())
        file.write_text(f"---\n{lines}---\n")
    return read(knowledge.load_or_fail(settings.find(folder)))


def closure(pairs: set[tuple[rdflib.term.Node, rdflib.term.Node]]) -> set[tuple[rdflib.term.Node, rdflib.term.Node]]:
    """The transitive closure."""
    while more := {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs:
        pairs = pairs | more
    return pairs


def unsound(graph: Graph) -> set[str]:
    """The integrity conditions of the SKOS Reference that do not hold, by their numbers there.

    S46 is about mappings to other schemes, of which there are none.
    """
    for narrower, broader in list(graph.subject_objects(SKOS.broader)):
        graph.add((broader, SKOS.narrower, narrower))
    for broader, narrower in list(graph.subject_objects(SKOS.narrower)):
        graph.add((narrower, SKOS.broader, broader))
    for property_ in graph.subjects(RDFS.subPropertyOf, SKOS.related):
        for a, b in list(graph.subject_objects(property_)):
            graph.add((a, SKOS.related, b))
    found = set()
    schemes, concepts, collections = (
        set(graph.subjects(RDF.type, type_)) for type_ in (SKOS.ConceptScheme, SKOS.Concept, SKOS.Collection)
    )
    if schemes & concepts:
        found.add("S9")
    if collections & (schemes | concepts):
        found.add("S37")
    for subject in concepts | collections:
        preferred, other = (list(graph.objects(subject, label)) for label in (SKOS.prefLabel, SKOS.altLabel))
        if set(preferred) & set(other):
            found.add("S13")
        languages = [label.language for label in preferred if isinstance(label, rdflib.Literal)]
        if len(languages) != len(set(languages)):
            found.add("S14")
    hierarchy = closure(set(graph.subject_objects(SKOS.broader)))
    related = set(graph.subject_objects(SKOS.related))
    if {*related, *((b, a) for a, b in related)} & hierarchy:
        found.add("S27")
    return found


def test_concepts_that_are_broader_in_a_circle_are_told_as_they_are(tiny: Path):
    graph = altered(tiny, step={"broader": ["journey"]}, journey={"broader": ["silo"]}, silo={"broader": ["step"]})
    assert len(set(graph.subject_objects(SKOS.broader))) == 3


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own use of it
def test_turtle_and_json_ld_say_the_same(loaded: KnowledgeBase, graph: Graph):
    document = skos.scheme(loaded, SITE, {})
    assert isomorphic(graph, rdflib.Graph().parse(data=json.dumps(document), format="json-ld"))


def test_every_process_makes_the_same_file(repo: Path):
    make = (
        "from pathlib import Path; from cxkb import knowledge, records, settings, skos, turtle\n"
        "loaded = knowledge.load_or_fail(settings.find(Path()))\n"
        "print(turtle.turtle(skos.scheme(loaded, records.Website('N', 'https://example.org/'), {})))"
    )
    made = {
        subprocess.check_output([sys.executable, "-c", make], cwd=repo, env=environment(PYTHONHASHSEED=seed))
        for seed in ("1", "2")
    }
    assert len(made) == 1


def test_every_statement_is_made_once(loaded: KnowledgeBase, graph: Graph):
    nodes = skos.scheme(loaded, SITE, {})["@graph"]
    assert len(graph) == sum(len(values) for node in nodes for name, values in node.items() if name != "@id")


def test_every_concept_group_source_and_idea_is_there(loaded: KnowledgeBase, graph: Graph):
    assert set(graph.subjects(RDF.type, SKOS.Concept)) == {concept(id_) for id_ in loaded.concepts}
    assert len(set(graph.subjects(RDF.type, SKOS.Collection))) == len(loaded.groups)
    sources = {URIRef(f"{SITE.url}sources/{key}/") for key in loaded.sources}
    assert set(graph.subjects(RDF.type, DCTERMS.BibliographicResource)) == sources
    ideas = {
        URIRef(f"{SITE.url}sources/{key}/#{id_}") for key, source in loaded.sources.items() for id_ in source.ideas
    }
    assert set(graph.subjects(DCTERMS.isPartOf)) == ideas


def test_every_name_and_definition_is_there(loaded: KnowledgeBase, graph: Graph):
    for id_, page in loaded.concepts.items():
        head = page.head
        labels = {*graph.objects(concept(id_), SKOS.prefLabel), *graph.objects(concept(id_), SKOS.altLabel)}
        names = {(head.title, "en")} | {(name, lang) for lang, found in head.aliases.items() for name in found}
        assert {(str(label), label.language) for label in labels if isinstance(label, rdflib.Literal)} == names
        assert len(set(graph.objects(concept(id_), SKOS.definition))) == 1 + len(head.definitions)


def test_every_relation_is_there(loaded: KnowledgeBase, graph: Graph):
    prefix = skos.scheme(loaded, SITE, {})["@context"]["cxkb"]
    properties = {"broader": SKOS.broader, "narrower": SKOS.narrower, "related": SKOS.related}
    properties |= {name: URIRef(prefix + name) for name in skos.OURS}
    stated = {
        (concept(page.id), properties[relation], concept(other))
        for page in loaded.concepts.values()
        for relation, others in page.head.relations().items()
        for other in others
    }
    assert stated
    assert {triple for triple in stated if triple not in graph} == set()


def test_the_integrity_conditions_of_skos_hold(loaded: KnowledgeBase):
    assert unsound(read(loaded)) == set()


def test_a_concept_is_on_top_when_none_is_broader(graph: Graph):
    top = set(graph.subjects(SKOS.topConceptOf))
    assert top == set(graph.subjects(RDF.type, SKOS.Concept)) - set(graph.subjects(SKOS.broader))
    assert top == set(graph.objects(None, SKOS.hasTopConcept))


def test_what_is_broader_and_also_related_is_broader_only(tiny: Path):
    graph = altered(
        tiny,
        silo={"broader": ["journey"]},
        journey={"broader": ["step"]},
        step={"related": ["silo"], "contrasts-with": ["silo"]},
    )
    assert (concept("silo"), SKOS.broader, concept("journey")) in graph
    assert (concept("journey"), SKOS.broader, concept("step")) in graph
    assert unsound(graph) == set()


def test_a_name_that_is_given_twice_is_one_label(tiny: Path):
    assert unsound(altered(tiny, silo={"aliases": {"en": ["silo", "x", "x"], "de": ["y", "y"]}})) == set()


@pytest.mark.parametrize("title", ['a "b" c', "back\\slash", "<x> & 'y'", "é 😀"])
def test_any_text_comes_through(tiny: Path, title: str):
    graph = altered(tiny, silo={"title": title})
    assert [str(label) for label in graph.objects(concept("silo"), SKOS.prefLabel)] == [title]


def test_every_name_leads_to_its_page_or_section(site: Path):
    graph = rdflib.Graph().parse(site / "exports" / "concepts.ttl")
    home = str(next(graph.subjects(RDF.type, SKOS.ConceptScheme))).removesuffix("concepts/")
    named = {str(node) for triple in graph for node in triple if str(node).startswith(home)}
    anchors = {url: set(page.xpath("//@id")) for url, page in parsed(site).items()}
    missing = []
    for name in named:
        url, mark, anchor = name.removeprefix(home).partition("#")
        if url not in anchors or (mark and anchor not in anchors[url]):
            missing.append(name)
    assert len(named) > 200
    assert missing == []
