"""What follows from the records taken together: voices, evidence, relations, who cites what; and the schemas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

from cxkb import guides, knowledge, settings
from cxkb.errors import ContentError

if TYPE_CHECKING:
    from pathlib import Path


def load(root: Path) -> knowledge.KnowledgeBase:
    return knowledge.load_or_fail(settings.find(root))


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def real(repo):
    return load(repo)


# --- the real knowledge base


def test_the_five_records_hold_142_ideas(real):
    records = ("aheadcrm-2019", "consultancy-2020", "koch-five-factors", "solis-2016", "solis-excerpt")
    assert sum(len(real.sources[key].ideas) for key in records) == 142


def test_the_editions_of_the_interview_are_one_of_four_voices(real):
    assert {real.voice(key) for key in real.sources} == set(real.sources) - {"solis-excerpt"}


def test_every_concept_rests_on_a_source(real):
    assert [id_ for id_, concept in real.concepts.items() if not real.evidence(concept).voices] == []


def test_every_group_of_the_settings_has_concepts(real):
    assert list(real.groups) == list(real.settings.groups)
    assert sum(map(len, real.groups.values())) == len(real.concepts)


# --- voices and evidence


def test_an_idea_cited_from_two_editions_is_one_idea_of_one_voice(tiny):
    edit(tiny, "docs/concepts/step.md", "[@doe-2016#steps]", "[@doe-2016#one-way; @doe-excerpt#one-way]")
    loaded = load(tiny)
    assert loaded.evidence(loaded.concepts["step"]) == knowledge.Evidence(voices=("doe-2016",), ideas=1)


def test_the_voice_with_most_ideas_comes_first(tiny):
    loaded = load(tiny)
    assert loaded.evidence(loaded.concepts["journey"]).voices == ("doe-2016", "koch")


def test_only_the_section_that_says_what_it_means_is_evidence(tiny):
    with (tiny / "docs" / "concepts" / "step.md").open("a") as page:
        page.write("\n## Where sources differ { #where-sources-differ }\n\nKoch does not [@koch].\n")
    loaded = load(tiny)
    assert loaded.evidence(loaded.concepts["step"]) == knowledge.Evidence(voices=("doe-2016",), ideas=1)


def test_a_citation_of_no_source_is_no_evidence(tiny):
    edit(tiny, "docs/concepts/step.md", "@doe-2016#steps", "@roe")
    loaded = load(tiny)
    assert loaded.evidence(loaded.concepts["step"]) == knowledge.Evidence(voices=(), ideas=0)


def test_an_edition_of_an_unknown_source_speaks_for_itself(tiny):
    edit(tiny, "sources/doe-excerpt.md", "same-voice-as: doe-2016", "same-voice-as: roe-2016")
    assert load(tiny).voice("doe-excerpt") == "doe-excerpt"


def test_editions_that_name_each_other_do_not_go_round_for_ever(tiny):
    edit(tiny, "sources/doe-2016.md", "language: en", "language: en\nsame-voice-as: doe-excerpt")
    assert load(tiny).voice("doe-2016") == "doe-excerpt"


@pytest.mark.parametrize(
    ("voices", "ideas", "strength"),
    [
        (0, 0, "thin"),
        (1, 2, "thin"),
        (2, 2, "thin"),
        (1, 3, "supported"),
        (1, 9, "supported"),
        (2, 3, "core"),
        (4, 9, "core"),
    ],
)
def test_strength_follows_from_voices_and_ideas(voices, ideas, strength):
    assert knowledge.Evidence(tuple(map(str, range(voices))), ideas).strength == strength


# --- relations, tensions, citations


def relations(loaded: knowledge.KnowledgeBase, id_: str) -> dict[str, list[str]]:
    found = loaded.relations_of(loaded.concepts[id_])
    return {label: [concept.id for concept in concepts] for label, concepts in found.items()}


@pytest.mark.parametrize(
    ("stated", "here", "there"),
    [
        ("broader", "Broader", "Narrower"),
        ("narrower", "Narrower", "Broader"),
        ("part-of", "Part of", "Has part"),
        ("enables", "Enables", "Enabled by"),
        ("obstacle-to", "Obstacle to", "Hindered by"),
        ("contrasts-with", "Contrasts with", "Contrasts with"),
        ("related", "Related", "Related"),
    ],
)
def test_a_relation_shows_on_both_sides(tiny, stated, here, there):
    edit(tiny, "docs/concepts/step.md", "broader: [journey]", f"{stated}: [silo]")
    loaded = load(tiny)
    assert "silo" in relations(loaded, "step")[here]
    assert "step" in relations(loaded, "silo")[there]


def test_a_relation_stated_on_both_sides_shows_once(tiny):
    assert relations(load(tiny), "silo") == {"Obstacle to": ["journey"], "Contrasts with": ["journey"]}


def test_a_relation_to_nowhere_is_left_out(tiny):
    edit(tiny, "docs/concepts/step.md", "broader: [journey]", "broader: [nowhere]")
    assert relations(load(tiny), "step") == {"Broader": ["journey"]}


def test_an_idea_knows_the_pages_that_cite_it(tiny):
    cited_by = load(tiny).cited_by
    assert [page.id for page in cited_by["doe-2016", "one-way"]] == ["journey", "who-walks"]
    assert [page.id for page in cited_by["koch", None]] == ["journey"]
    assert ("doe-2016", "unused") not in cited_by


def test_a_page_that_cites_an_idea_twice_counts_once(tiny):
    edit(tiny, "docs/concepts/step.md", "[@doe-2016#steps]", "[@doe-2016#unused] [@doe-2016#unused]")
    assert [page.id for page in load(tiny).cited_by["doe-2016", "unused"]] == ["step"]


def test_a_concept_knows_its_tensions(tiny):
    found = load(tiny).tensions_of
    assert {id_: [tension.id for tension in tensions] for id_, tensions in found.items()} == {
        "journey": ["who-walks"],
        "step": ["who-walks"],
    }


def test_groups_are_in_the_order_of_the_settings_without_empty_ones(tiny):
    edit(tiny, "docs/concepts/step.md", "title: Step", "title: a step")
    groups = load(tiny).groups
    assert [(group, [concept.id for concept in found]) for group, found in groups.items()] == [
        ("people", ["step", "journey"]),
        ("work", ["silo"]),
    ]


def test_a_guide_that_cannot_be_read_is_no_guide(tiny):
    (tiny / "docs" / "guide.md").write_text("---\ntitle: [\n---\n# Guide\n")
    assert [guide.path for guide in guides.load(settings.find(tiny))] == ["docs/index.md"]


def test_where_docs_hold_a_link_no_guide_is_read(tiny):
    (tiny / "docs" / "guide.md").symlink_to("index.md")
    assert guides.load(settings.find(tiny)) == []


def test_work_that_needs_every_page_stops_with_the_first_problem(tiny):
    edit(tiny, "docs/concepts/step.md", "group: people\n", "")
    edit(tiny, "sources/koch.md", "type: book", "type: tablet")
    with pytest.raises(ContentError) as raised:
        load(tiny)
    assert str(raised.value) == (
        "docs/concepts/step.md:2: The key 'group' is missing. [missing-key] (1 more)\nSee all with: cxkb check"
    )


# --- schemas


@pytest.fixture(scope="module")
def schemas(cxkb, repo):
    made = {kind: json.loads(cxkb("schema", kind, cwd=repo).stdout) for kind in ("source", "concept", "tension")}
    for schema in made.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    return {kind: jsonschema.Draft202012Validator(schema) for kind, schema in made.items()}


FOLDERS = {"source": "sources", "concept": "docs/concepts", "tension": "docs/tensions"}


def head(file: Path) -> dict[str, object]:
    """The head as an editor reads it: YAML 1.2, in which a number is a number and a date is text."""
    values = yaml.safe_load(file.read_text(encoding="utf-8").split("---\n")[1])
    return dict(json.loads(json.dumps(values, default=str)))


@pytest.mark.parametrize("kind", FOLDERS)
def test_an_editor_accepts_all_real_heads(schemas, repo, kind):
    files = sorted((repo / FOLDERS[kind]).glob("*.md"))
    wrong = [f"{file.name}: {error.message}" for file in files for error in schemas[kind].iter_errors(head(file))]
    assert files
    assert wrong == []


@pytest.mark.parametrize("kind", FOLDERS)
def test_an_editor_rejects_an_unknown_key(schemas, repo, kind):
    file = min((repo / FOLDERS[kind]).glob("*.md"))
    assert not schemas[kind].is_valid(head(file) | {"unknown": "key"})


@pytest.mark.parametrize(
    "wrong",
    [{"issued": "30.9.2016"}, {"accessed": "2016-09"}, {"type": "novel"}, {"author": [{"name": "Doe"}]}, {"title": ""}],
    ids=str,
)
def test_an_editor_rejects_what_the_check_rejects(schemas, wrong):
    right = {"title": "A", "type": "book", "language": "en", "issued": 2016}
    assert schemas["source"].is_valid(right)
    assert not schemas["source"].is_valid(right | wrong)


def test_a_schema_for_an_unknown_kind_is_wrong_usage(cxkb, repo):
    done = cxkb("schema", "guide", cwd=repo)
    assert done.returncode == 2
    assert "'guide' is not one of source, concept, tension" in done.stderr
