"""`cxkb add concept`: a page that lacks only what a person must write, and none that there is already."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from cxkb import check, drafting, edits, frontmatter, heads, knowledge, retrieve, settings
from cxkb.errors import ContentError
from tests.test_transaction import content

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = 'A "title": <b>bold</b> \\ # & [x](y) \'s – größer'


def added(root: Path, title: str, id_: str, group: str | None = None) -> Path:
    found = settings.find(root)
    text = drafting.page(title, group, found.groups, ["silo"])
    return root / drafting.add(found, id_, text)


@pytest.mark.parametrize(
    ("title", "id_"),
    [
        ("Service recovery", "service-recovery"),
        ("Three Ps: people, purpose, promise", "three-ps"),
        ("Customer experience (CX)", "customer-experience"),
        ("(CX)", "cx"),
        ("Größe & Übermaß", "groesse-and-uebermass"),
        ("L’Expérience du client's café", "lexperience-du-clients-cafe"),
        ("Ærø Łódź œuvre", "aeroe-lodz-oeuvre"),
        ("word " * 30, "-".join(["word"] * 16)),
        ("x" * 100, "x" * 80),
    ],
)
def test_an_id_is_made_from_the_titles_first_words(title, id_):
    assert drafting.id_of(title) == id_


def test_a_title_without_letters_for_an_id_asks_for_one():
    with pytest.raises(ContentError, match="give one with --id"):
        drafting.id_of("冬眠")


def test_most_titles_of_the_real_concepts_suggest_their_ids(repo):
    loaded = knowledge.load_or_fail(settings.find(repo))
    same = [concept.id for concept in loaded.concepts.values() if drafting.id_of(concept.head.title) == concept.id]
    assert len(same) > len(loaded.concepts) / 2


@pytest.mark.parametrize(("group", "codes"), [(None, set(drafting.TO_WRITE)), ("work", {*drafting.TO_WRITE[:3]})])
def test_a_new_page_lacks_only_what_a_person_must_write(tiny, group, codes):
    page = added(tiny, "Walking", "walking", group)
    problems = check.problems(settings.find(tiny))
    assert {problem.path for problem in problems} == {page.relative_to(tiny).as_posix()}
    assert sorted(problem.code for problem in problems) == sorted(codes)


def test_a_new_page_that_is_written_passes_the_check(tiny):
    page = added(tiny, "Walking", "walking")
    text = page.read_text(encoding="utf-8")
    text = (
        text.replace('"…"', "A slow journey.")
        .replace("to-choose", "work")
        .replace("# related: [silo]", "related: [silo]")
    )
    text = text.replace("## Why", "word " * 40 + "[@doe-2016#steps].\n\n## Why")
    page.write_text(text, encoding="utf-8")
    silo = tiny / "docs" / "concepts" / "silo.md"
    silo.write_text(edits.with_member(silo.read_text(), "related", "walking", heads.order(heads.HEADS["concept"])))
    assert check.problems(settings.find(tiny)) == []


def test_a_title_stands_in_the_page_as_it_was_said(tiny):
    front, problems = frontmatter.read(added(tiny, HOSTILE, "a-title"), "a-title.md")
    assert problems == []
    assert front
    assert front.values["title"] == HOSTILE


@pytest.mark.parametrize("title", ["", " \n ", "a\x00b", "a\u202eb", "x" * 201])
def test_what_cannot_be_a_title_is_refused(title):
    with pytest.raises(ContentError, match="cannot be a title"):
        drafting.clean_title(title)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["badger"], "The id 'badger' is taken: docs/concepts/badger.md."),
        (["Urchin!"], "'Urchin!' is already a name of docs/concepts/hedgehog.md"),
        (["STACHELTRÄGER"], "'STACHELTRÄGER' is already a name of docs/concepts/hedgehog.md"),
        (["Old sett"], "The id 'old-sett' was once that of docs/concepts/badger.md"),
        (["Otter", "--group", "wet"], "There is no group 'wet'; there are plain, odd."),
        (["Otter", "--id", "../otter"], "'../otter' cannot be an id"),
        (["The badger"], "'The badger' seems to mean the same as a page"),
    ],
)
def test_what_there_is_already_is_not_added(hostile, cxkb, arguments, says):
    badger = hostile / "docs" / "concepts" / "badger.md"
    badger.write_text(badger.read_text().replace("group: plain", "group: plain\nformerly: [old-sett]"))
    before = content(hostile / "docs")
    done = cxkb("add", "concept", *arguments, cwd=hostile)
    assert done.returncode == 1
    assert f"cxkb: {says}" in done.stderr
    assert content(hostile / "docs") == before


def test_a_page_that_seems_to_mean_the_same_is_named_and_may_be_added_anyway(hostile, cxkb):
    done = cxkb("add", "concept", "The badger", cwd=hostile)
    assert done.stderr.splitlines()[-1].startswith("docs/concepts/badger.md: Badger ('Badger', 0.")
    done = cxkb("add", "concept", "The badger", "--anyway", "--group", "plain", cwd=hostile)
    assert (done.returncode, done.stdout) == (0, "docs/concepts/the-badger.md\n")
    assert "group: plain\n" in (hostile / "docs" / "concepts" / "the-badger.md").read_text(encoding="utf-8")


def test_the_nearest_pages_are_named_and_suggested(hostile, cxkb):
    done = cxkb("add", "concept", "Rolling up for winter", "--dry-run", cwd=hostile)
    assert done.returncode == 0
    assert done.stdout.startswith("---\ntitle: Rolling up for winter\n")
    assert "# related: [hedgehog, badger] # nearest by meaning" in done.stdout
    assert done.stderr.splitlines()[-3] == "Nearest by meaning:"
    assert not (hostile / "docs" / "concepts" / "rolling-up-for-winter.md").exists()


def test_only_so_many_titles_are_compared(hostile, monkeypatch):
    searcher = retrieve.Searcher(settings.find(hostile))
    assert len(searcher.concepts_like("An animal", 3)) > 1
    monkeypatch.setattr(retrieve, "CANDIDATES", 1)
    assert len(searcher.concepts_like("An animal", 3)) == 1


def test_a_page_that_the_index_does_not_have_has_no_neighbours(hostile):
    assert retrieve.Searcher(settings.find(hostile)).neighbours("docs/concepts/nowhere.md", 3) == []


def test_a_draft_keeps_nobody_from_asking(hostile, cxkb):
    assert cxkb("add", "concept", "Otter", cwd=hostile).returncode == 0
    done = cxkb("ask", "--json", "stout animal that digs setts", cwd=hostile)
    assert json.loads(done.stdout)["answered"], done.stderr


def test_the_first_concept_needs_no_neighbours(tiny, cxkb):
    shutil.rmtree(tiny / "docs" / "concepts")
    (tiny / "docs" / "tensions" / "who-walks.md").unlink()
    done = cxkb("add", "concept", "Walking", cwd=tiny)
    assert (done.returncode, done.stdout, done.stderr) == (0, "docs/concepts/walking.md\n", "")


def test_two_who_add_one_concept_at_once_do_not_write_over_each_other(tiny):
    page = added(tiny, "Walking", "walking")
    page.write_text(page.read_text(encoding="utf-8") + "mine", encoding="utf-8")
    with pytest.raises(ContentError, match="'walking' is taken"):
        added(tiny, "Walking", "walking")
    assert page.read_text(encoding="utf-8").endswith("mine")
