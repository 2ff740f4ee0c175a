"""`cxkb show` and `cxkb related`: a page and its neighbours in the terminal."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import pytest

from cxkb import knowledge, reading, settings

if TYPE_CHECKING:
    from pathlib import Path

    from cxkb.knowledge import KnowledgeBase
    from tests.conftest import Command


@pytest.fixture(scope="module")
def loaded(snapshot: Path) -> KnowledgeBase:
    """The real knowledge base."""
    return knowledge.load_or_fail(settings.find(snapshot))


@pytest.fixture(scope="module")
def show(cxkb: Command, snapshot: Path) -> Command:
    """`cxkb show` in the real knowledge base."""
    return functools.partial(cxkb, "show", cwd=snapshot)


@pytest.fixture(scope="module")
def related(cxkb: Command, index: Path) -> Command:
    """`cxkb related` in the real knowledge base."""
    return functools.partial(cxkb, "related", cwd=index)


def test_a_concept_is_shown_with_its_definition_and_text(show: Command, loaded: KnowledgeBase):
    head = loaded.concepts["silos"].head
    done = show("silos")
    assert done.returncode == 0
    assert done.stdout.startswith(f"# {head.title}\n\n**{head.definition}**\n")
    assert "\n## What it means\n" in done.stdout
    assert done.stderr == ""


def test_a_concept_is_shown_with_its_relations_by_title_and_id(show: Command, loaded: KnowledgeBase):
    shown = show("silos").stdout.partition("\n## Related\n")[2]
    for others in loaded.relations_of(loaded.concepts["silos"]).values():
        assert all(f"{other.head.title} (`{other.id}`)" in shown for other in others)


def test_a_concept_without_relations_is_shown_without_a_heading_for_them(tiny: Path):
    alone = tiny / "docs" / "concepts" / "alone.md"
    alone.write_text("---\ntitle: Alone\ndefinition: By itself.\ngroup: work\n---\n\nIt stands alone.\n")
    loaded = knowledge.load_or_fail(settings.find(tiny))
    assert "## Related" in reading.markdown(loaded, loaded.concepts["step"])
    assert "## " not in reading.markdown(loaded, loaded.concepts["alone"])


def test_a_concept_is_shown_with_its_names_by_language(show: Command):
    assert re.search(r"^- German: .*Datensilos", show("silos").stdout, re.MULTILINE)


NAMES = ["silos", "Silos", "  SILOS ", "data silos", "Data Silos", "Datensilos", "silo's"]


@pytest.mark.parametrize("name", NAMES)
def test_a_concept_is_found_by_id_title_and_alias_in_any_case(loaded: KnowledgeBase, name: str):
    assert reading.find(loaded, name) is loaded.concepts["silos"]


def test_every_page_is_found_by_its_id(loaded: KnowledgeBase):
    for pages in (loaded.concepts, loaded.tensions, loaded.sources):
        for id_, page in pages.items():
            assert reading.find(loaded, id_) is page


def test_an_id_may_be_written_as_words(loaded: KnowledgeBase):
    assert reading.find(loaded, "Three Ps") is loaded.concepts["three-ps"]


def test_every_concept_is_found_by_its_title(loaded: KnowledgeBase):
    assert [c.id for c in loaded.concepts.values() if reading.find(loaded, c.head.title) is not c] == []


def test_a_name_of_several_words_needs_no_quotes(show: Command):
    assert show("data", "silos").stdout == show("silos").stdout


def test_a_tension_is_shown_with_its_summary(show: Command, loaded: KnowledgeBase):
    head = loaded.tensions["can-cx-be-managed"].head
    assert show("can-cx-be-managed").stdout.startswith(f"# {head.title}\n\n**{head.summary}**\n")


def test_a_source_is_shown_with_its_label_and_ideas(show: Command, loaded: KnowledgeBase):
    source = loaded.sources["solis-2016"]
    shown = show("solis-2016").stdout
    assert "\n**Solis, 2016**\n" in shown
    for idea in source.ideas.values():
        assert f"### {idea.text}\n" in shown


def test_citations_are_spelled_out_as_who_and_when(show: Command):
    assert "(Solis, 2016)" in show("silos").stdout


def test_no_page_shows_markup_that_only_the_site_understands(loaded: KnowledgeBase):
    for id_ in (*loaded.concepts, *loaded.tensions, *loaded.sources):
        shown = reading.markdown(loaded, reading.find(loaded, id_))
        assert re.findall(r"\[@|\]\(|\{ ?[#.:]|!\[|<[a-z/]", shown) == [], id_


@pytest.mark.parametrize(
    ("name", "near"), [("sillos", "silos"), ("costumer journey", "customer-journey"), ("solis-2017", "solis-2016")]
)
@pytest.mark.parametrize("command", ["show", "related"])
def test_an_unknown_name_suggests_near_ones(cxkb: Command, snapshot: Path, command: str, name: str, near: str):
    done = cxkb(command, name, cwd=snapshot)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"cxkb: .*'{name}'\. Did you mean .*\b{near}\b.*\?\n", done.stderr)


def test_a_name_that_is_near_to_nothing_is_sent_to_search(show: Command):
    done = show("xyzzy")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("Find it with: cxkb ask\n")


@pytest.mark.parametrize("command", ["show", "related"])
def test_a_name_must_be_given(cxkb: Command, snapshot: Path, command: str):
    assert cxkb(command, cwd=snapshot).returncode == 2


def test_text_that_reorders_others_never_reaches_the_output(cxkb: Command, hostile: Path):
    (hostile / "sources" / "red-2000.md").write_text(
        "---\ntitle: Red\ntype: book\nauthor: [{family: Red}]\nissued: 2000\nlanguage: en\n---\n"
        "Some \u202ereversed text.\n",
        encoding="utf-8",
    )
    done = cxkb("show", "red-2000", cwd=hostile)
    assert "Some \ufffdreversed text." in done.stdout


def test_relations_come_before_neighbours_by_meaning(related: Command, loaded: KnowledgeBase):
    lines = related("silos").stdout.splitlines()
    by_relation = [
        f"{label}: {other.head.title} ({other.id})"
        for label, others in loaded.relations_of(loaded.concepts["silos"]).items()
        for other in others
    ]
    assert lines[: len(by_relation)] == by_relation != []
    assert len(lines) == len(by_relation) + 5
    assert all(line.startswith("By meaning: ") for line in lines[len(by_relation) :])


NEIGHBOUR = re.compile(r"By meaning: .+ \(([a-z0-9-]+), (concept|tension|source|guide), (-?\d\.\d\d)\)")


@pytest.mark.parametrize("name", ["silos", "can-cx-be-managed", "solis-2016"])
def test_neighbours_by_meaning_are_other_pages_nearest_first(related: Command, name: str):
    found = NEIGHBOUR.findall(related("-n", "9", name).stdout)
    ids, cosines = [id_ for id_, _, _ in found], [float(cosine) for _, _, cosine in found]
    assert len(set(ids)) == 9
    assert name not in ids
    assert cosines == sorted(cosines, reverse=True)


def test_a_tension_has_neighbours_by_meaning_only(related: Command):
    assert all(NEIGHBOUR.fullmatch(line) for line in related("can-cx-be-managed").stdout.splitlines())


def test_a_concept_is_named_by_an_alias_here_as_well(related: Command):
    assert related("Datensilos").stdout == related("silos").stdout


@pytest.mark.parametrize("command", ["show", "related"])
def test_output_in_a_pipe_has_no_escape_codes(cxkb: Command, index: Path, command: str):
    done = cxkb(command, "silos", cwd=index, env={"FORCE_COLOR": "1", "TERM": "xterm-256color"})
    assert done.stdout
    assert "\x1b" not in done.stdout + done.stderr
