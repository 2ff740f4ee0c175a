"""`cxkb rename` and `cxkb remove`: what names a page names it still, and its old address leads to it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lxml import html

from cxkb import check, knowledge, moving, prints, redirects, settings
from cxkb.errors import ContentError
from tests.conftest import environment, serving
from tests.test_html import texts
from tests.test_transaction import content

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

GUIDE = """# Guide

A [step](concepts/step.md), its [first part](concepts/step.md#what-it-means "step"), a [step below][s], [@koch; @doe-2016#steps].

`[code](concepts/step.md)` and <!-- [comment](concepts/step.md) --> stay, as do step.md, [stepping](concepts/stepping.md),
[another step](other/step.md), [one elsewhere](https://example.org/concepts/step.md) and \\[@doe-2016].

```
[@doe-2016#steps]
```

[s]: <concepts/step.md>
"""


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())


def checked(root: Path) -> list[str]:
    return [str(problem) for problem in check.problems(settings.find(root))]


def differing(before: dict[str, str], after: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Path -> the lines that differ, of files that are in both."""
    return {
        path: [(old, new) for old, new in zip(text.split("\n"), after[path].split("\n"), strict=True) if old != new]
        for path, text in before.items()
        if path in after and after[path] != text
    }


def test_a_renamed_concept_is_named_so_wherever_it_was_named(tiny):
    write(tiny, "docs/guide.md", GUIDE)
    judged = {"id": "q1", "query": '"concepts": {"best": ["step"]}', "concepts": {"best": ["step"], "ok": []}}
    write(tiny, "tests/retrieval/questions.jsonl", json.dumps(judged) + "\n")
    write(tiny, "mkdocs.yml", (tiny / "mkdocs.yml").read_text() + "# concepts/step.md\nextra: [concepts/step.md]\n")
    before = content(tiny)
    moved = moving.rename(settings.find(tiny), "step", "pace")
    after = content(tiny)
    assert after.keys() ^ before.keys() == {"docs/concepts/step.md", "docs/concepts/pace.md"}
    assert differing(before, after) == {
        "docs/concepts/journey.md": [("narrower: [step]", "narrower: [pace]")],
        "docs/guide.md": [
            (line, line.replace("concepts/step.md", "concepts/pace.md"))
            for line in (GUIDE.split("\n")[2], GUIDE.split("\n")[-2])
        ],
        "docs/tensions/who-walks.md": [("concepts: [journey, step]", "concepts: [journey, pace]")],
        "mkdocs.yml": [("extra: [concepts/step.md]", "extra: [concepts/pace.md]")],
        "tests/retrieval/questions.jsonl": [
            (json.dumps(judged), json.dumps(judged | {"concepts": {"best": ["pace"], "ok": []}}))
        ],
    }
    assert after["docs/concepts/pace.md"] == before["docs/concepts/step.md"].replace(
        "broader: [journey]\n", "broader: [journey]\nformerly: [step]\n"
    )
    assert set(moved.changed) == differing(before, after).keys()


def test_a_guide_whose_head_cannot_be_read_is_named_in_all_the_same(tiny):
    write(tiny, "docs/guide.md", "---\ntitle: [\n---\n[step](concepts/step.md)\n")
    moving.rename(settings.find(tiny), "step", "pace")
    assert (tiny / "docs/guide.md").read_text() == "---\ntitle: [\n---\n[step](concepts/pace.md)\n"


def test_what_is_no_citation_stays(tiny):
    write(tiny, "docs/guide.md", "[@koch; see @doe-2016] [@koch; @doe-2016]\n")
    moving.rename(settings.find(tiny), "doe-2016", "doe")
    assert (tiny / "docs/guide.md").read_text() == "[@koch; see @doe-2016] [@koch; @doe]\n"


def test_a_renamed_source_is_cited_so_and_keeps_what_belongs_to_it(tiny):
    write(tiny, "docs/guide.md", GUIDE)
    write(tiny, "tests/retrieval/questions.jsonl", '{"ideas": ["doe-2016#walls", "doe-excerpt#one-way"]}\n')
    write(tiny, "sources/prints/doe-2016.txt", prints.text(prints.make("They walk one way, and the walls are high.")))
    write(tiny, ".cxkb/originals/doe-2016.txt", "all that [@doe-2016] said")
    before = content(tiny)
    moving.rename(settings.find(tiny), "doe-2016", "doe")
    after = content(tiny)
    assert checked(tiny) == []
    assert after["docs/guide.md"] == GUIDE.replace("; @doe-2016#steps]", "; @doe#steps]")
    left = [path for path, text in after.items() if "doe-2016" in text]
    assert left == [".cxkb/originals/doe.txt", "docs/guide.md", "sources/doe.md"]
    assert "formerly: [doe-2016]" in after["sources/doe.md"]
    assert "same-voice-as: doe\n" in after["sources/doe-excerpt.md"]
    assert after["tests/retrieval/questions.jsonl"] == '{"ideas": ["doe#walls", "doe-excerpt#one-way"]}\n'
    assert after["sources/prints/doe.txt"] == before["sources/prints/doe-2016.txt"]
    assert after[".cxkb/originals/doe.txt"] == before[".cxkb/originals/doe-2016.txt"]


def test_a_renamed_tension_is_shown_on_the_home_page_still(tiny):
    write(tiny, "docs/index.md", "# Tiny\n\n<!-- cxkb:tensions who-walks -->\n\nSee [it](tensions/who-walks.md).\n")
    moving.rename(settings.find(tiny), "who-walks", "walking")
    assert (tiny / "docs" / "index.md").read_text().count("walking") == 2
    assert checked(tiny) == []


def test_a_link_in_raw_html_leads_to_the_page_still(tiny):
    """Its address is the published one: MkDocs reads only those of Markdown."""
    here = """<a class="x" href='../step/#what-it-means'>a</a> <a href="../step">b</a> <a href=/concepts/step/ >c</a>"""
    stay = """<a href="step/">d</a> <a href="https://example.org/concepts/step/">e</a> `<a href="../step/">`"""
    journey = tiny / "docs" / "concepts" / "journey.md"
    journey.write_text(f"{journey.read_text()}\n{here}\n{stay}\n")
    write(tiny, "docs/guide.md", '# Guide\n\n<p><a href="../concepts/step/#gone">f</a></p>\n')
    moving.rename(settings.find(tiny), "step", "pace")
    assert journey.read_text().endswith(f"\n{here.replace('step', 'pace')}\n{stay}\n")
    with pytest.raises(ContentError, match=r"docs/guide\.md:3"):
        moving.remove(settings.find(tiny), "pace")
    moving.remove(settings.find(tiny), "pace", into="silo")
    assert (tiny / "docs" / "guide.md").read_text() == '# Guide\n\n<p><a href="../concepts/silo/">f</a></p>\n'


def test_line_ends_quotation_marks_and_bytes_that_are_no_text_stay(tiny):
    silo = tiny / "docs" / "concepts" / "silo.md"
    text = (
        silo.read_text()
        .replace("[journey]\ncontrasts", "[\n  'journey', # the way\n]\ncontrasts")
        .replace("\n", "\r\n")
    )
    silo.write_bytes(text.encode())
    (tiny / "docs" / "latin.md").write_bytes(b"# \xe9t\xe9\r\n\r\n[way](concepts/journey.md)\r\n")
    moving.rename(settings.find(tiny), "journey", "way")
    assert silo.read_bytes().decode() == text.replace("'journey'", "'way'").replace("with: [journey]", "with: [way]")
    assert (tiny / "docs" / "latin.md").read_bytes() == b"# \xe9t\xe9\r\n\r\n[way](concepts/way.md)\r\n"
    moving.rename(settings.find(tiny), "silo", "tower")
    renamed = (tiny / "docs" / "concepts" / "tower.md").read_bytes()
    assert b"\r\nformerly: [silo]\r\n---\r\n" in renamed
    assert renamed.count(b"\n") == renamed.count(b"\r\n")


@pytest.mark.parametrize("old", ["silos", "solis-2016", "who-owns-cx"])
def test_there_and_back_is_as_before_but_for_the_address_that_was(snapshot, tmp_path, old):
    kept = [snapshot / name for name in ("docs", "sources", "tests", "mkdocs.yml", "pyproject.toml")]
    for place in kept:
        (shutil.copytree if place.is_dir() else shutil.copy)(place, tmp_path / place.name)
    before = content(tmp_path)
    found = settings.find(tmp_path)
    there, back = moving.rename(found, old, "elsewhere"), moving.rename(found, "elsewhere", old)
    assert len(there.changed) > 1
    assert there.changed == back.changed
    after = content(tmp_path)
    assert checked(tmp_path) == []
    assert after.pop(there.old) == before.pop(there.old).replace("\n---\n", "\nformerly: [elsewhere]\n---\n", 1)
    assert after == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("step", "silo", r"The id 'silo' is taken: docs/concepts/silo\.md\."),
        ("step", "Pace", "'Pace' cannot be an id"),
        ("step", "../pace", r"'\.\./pace' cannot be an id"),
        ("step", "index", "taken by the overview page"),
        ("step", "once", r"'once' was once that of docs/concepts/silo\.md"),
        ("../step", "pace", r"There is no concept, tension or source '\.\./step'"),
        ("koch", "doe-2016", r"taken: sources/doe-2016\.md"),
    ],
)  # fmt: skip
def test_an_id_that_cannot_be_is_refused(tiny, old, new, says):
    silo = tiny / "docs" / "concepts" / "silo.md"
    silo.write_text(silo.read_text().replace("group: work", "group: work\nformerly: [once]"))
    before = content(tiny)
    with pytest.raises(ContentError, match=says):
        moving.rename(settings.find(tiny), old, new)
    assert content(tiny) == before


def test_a_page_of_each_kind_may_have_one_id_and_is_named_by_its_file(tiny):
    moving.rename(settings.find(tiny), "koch", "step")
    with pytest.raises(ContentError, match=r"say docs/concepts/step\.md or sources/step\.md"):
        moving.rename(settings.find(tiny), "step", "pace")
    moving.rename(settings.find(tiny), "sources/step.md", "koch")
    assert checked(tiny) == []


def test_a_file_outside_is_neither_read_nor_written_through_a_link(tiny, tmp_path):
    outside = tmp_path / "outside.md"
    outside.write_text("[step](concepts/step.md)")
    (tiny / "docs" / "linked.md").symlink_to(outside)
    with pytest.raises(ContentError, match=r"docs/linked\.md:1: A link"):
        moving.rename(settings.find(tiny), "step", "pace")
    assert outside.read_text() == "[step](concepts/step.md)"


def test_a_page_that_is_named_is_not_removed_and_the_places_are_listed(tiny, cxkb):
    before = content(tiny)
    done = cxkb("remove", "step", cwd=tiny)
    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == ["docs/concepts/journey.md:5", "docs/tensions/who-walks.md:5"]
    assert content(tiny) == before


def test_a_page_that_nothing_names_is_removed(tiny, cxkb):
    page = tiny / "docs" / "concepts" / "walk.md"
    before = content(tiny)
    page.write_text((tiny / "docs" / "concepts" / "step.md").read_text().replace("broader: [journey]\n", ""))
    done = cxkb("remove", "walk", cwd=tiny)
    assert (done.returncode, done.stdout) == (0, "docs/concepts/walk.md removed\n")
    assert content(tiny) == before


def test_a_page_is_not_folded_into_itself(tiny):
    before = content(tiny)
    with pytest.raises(ContentError, match="'step' is the page that is to go"):
        moving.remove(settings.find(tiny), "step", "step")
    assert content(tiny) == before


def test_a_list_of_lines_that_becomes_shorter_is_put_on_one_line(tiny):
    tension = tiny / "docs" / "tensions" / "who-walks.md"
    text = tension.read_text()
    tension.write_text(text.replace("[journey, step]", "\n  - journey\n  - step # and by step"))
    moving.remove(settings.find(tiny), "step", "journey")
    assert tension.read_text() == text.replace("[journey, step]", "[journey] # and by step")


def test_a_list_that_cannot_be_edited_with_certainty_is_left_to_a_person(tiny):
    tension = tiny / "docs" / "tensions" / "who-walks.md"
    body = tension.read_text().split("---\n")[2]
    head = '{title: "Who walks?", summary: Doe says so., kind: direct, concepts: [journey, step]}'
    tension.write_text(f"---\n{head}\n---\n{body}")
    before = content(tiny)
    with pytest.raises(ContentError, match=r"Nothing has been changed: write concepts: \[journey\] into docs/tensions"):
        moving.remove(settings.find(tiny), "step", "journey")
    assert content(tiny) == before


def test_a_page_folded_into_another_leaves_its_links_and_relations_to_it(tiny):
    write(
        tiny,
        "docs/guide.md",
        "[a](concepts/step.md#what-it-means) [b](concepts/step.md#steps-only) [c](concepts/step.md)\n",
    )
    walk = (tiny / "docs" / "concepts" / "step.md").read_text().replace("Step", "Walk")
    write(tiny, "docs/concepts/walk.md", walk.replace("broader: [journey]", "related: [silo]\nformerly: [stroll]"))
    silo = tiny / "docs" / "concepts" / "silo.md"
    silo.write_text(silo.read_text().replace("\n---\n", "\nrelated: [walk]\n---\n", 1))
    assert checked(tiny) == []
    moving.remove(settings.find(tiny), "step", "walk")
    assert checked(tiny) == []
    after = content(tiny)
    assert "docs/concepts/step.md" not in after
    assert "\nbroader: [journey]\nrelated: [silo]\nformerly: [stroll, step]\n---\n" in after["docs/concepts/walk.md"]
    assert "narrower: [walk]" in after["docs/concepts/journey.md"]
    assert "concepts: [journey, walk]" in after["docs/tensions/who-walks.md"]
    assert after["docs/guide.md"] == "[a](concepts/walk.md#what-it-means) [b](concepts/walk.md) [c](concepts/walk.md)\n"


def test_a_neighbour_folded_into_its_neighbour_is_related_to_itself_nowhere(tiny):
    moving.remove(settings.find(tiny), "step", "journey")
    assert checked(tiny) == []
    journey, tension = (tiny / "docs" / path for path in ("concepts/journey.md", "tensions/who-walks.md"))
    assert "narrower" not in journey.read_text()
    assert "concepts: [journey]\n" in tension.read_text()


def test_a_source_is_not_folded_into_one_that_lacks_its_ideas(tiny, cxkb):
    before = content(tiny)
    done = cxkb("remove", "doe-2016", "--into", "doe-excerpt", cwd=tiny)
    assert done.returncode == 1
    assert "docs/concepts/step.md:10" in done.stderr.splitlines()
    assert content(tiny) == before


def test_a_source_is_folded_into_one_that_has_its_ideas(tiny):
    excerpt = tiny / "sources" / "doe-excerpt.md"
    excerpt.write_text(excerpt.read_text() + "\n### Walls { #walls }\nThe same.\n\n### Steps { #steps }\nThe same.\n")
    moving.remove(settings.find(tiny), "doe-2016", "doe-excerpt")
    assert checked(tiny) == []
    after = content(tiny)
    assert [path for path, text in after.items() if "doe-2016" in text] == ["sources/doe-excerpt.md"]
    assert "same-voice-as" not in after["sources/doe-excerpt.md"]


def test_a_former_id_that_leads_nowhere_is_a_problem(tiny):
    for name in ("silo", "step"):
        page = tiny / "docs" / "concepts" / f"{name}.md"
        page.write_text(page.read_text().replace("\n---\n", "\nformerly: [old, journey]\n---\n", 1))
    assert checked(tiny) == [
        "docs/concepts/silo.md:13: formerly: 'journey' is the id of docs/concepts/journey.md; remove it. [formerly-taken]",
        "docs/concepts/step.md:6: formerly: 'journey' is the id of docs/concepts/journey.md; remove it. [formerly-taken]",
        "docs/concepts/step.md:6: formerly: 'old' leads to docs/concepts/silo.md already; keep it on one page. [formerly-taken]",
    ]
    loaded = knowledge.load_or_fail(settings.find(tiny))
    assert list(redirects.pages(loaded)) == ["concepts/old/index.html"]


def test_a_renamed_page_is_found_by_its_meaning(hostile, cxkb):
    assert cxkb("rename", "badger", "meles", cwd=hostile).returncode == 0
    done = cxkb("ask", "--json", "stout animal that digs setts", cwd=hostile)
    assert done.returncode == 0, done.stderr
    assert "concepts/meles/" in json.loads(done.stdout)["hits"][0]["url"]


@pytest.fixture(scope="module")
def moved(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the hostile knowledge base after a page with a hostile title was renamed."""
    root = shutil.copytree(repo / "tests" / "site", tmp_path_factory.mktemp("moved") / "kb")
    moving.rename(settings.find(root), "hedgehog", "urchin")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"], cwd=root, env=environment(SITE_URL="https://example.org/kb/"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return root / "site"


@pytest.fixture
def origin(moved: Path) -> Iterator[str]:
    with serving(moved) as server:
        yield server.origin


def test_an_old_address_names_the_new_one_and_is_in_no_list(moved):
    text = (moved / "concepts" / "hedgehog" / "index.html").read_text(encoding="utf-8")
    page = html.fromstring(text)
    assert texts(page, "//link[@rel='canonical']/@href") == ["https://example.org/kb/concepts/urchin/"]
    assert texts(page, "//meta[@http-equiv='refresh']/@content") == ["0; url=../urchin/"]
    assert texts(page, "//meta[@name='robots']/@content") == ["noindex"]
    assert texts(page, "//title/text()") == ["Hedgehog *not* <b>bold</b> & [not a link](x)"]
    [policy] = texts(page, "//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy in texts(html.fromstring((moved / "404.html").read_bytes()), "//meta/@content")
    files = [file for file in moved.rglob("*") if file.suffix in (".html", ".xml", ".json", ".jsonld", ".ttl", ".txt")]
    assert len(files) > 20
    assert [file for file in files if "hedgehog/" in file.read_text(encoding="utf-8")] == []


@pytest.mark.browser
@pytest.mark.parametrize(("javascript", "lands"), [(True, "concepts/urchin/#diet"), (False, "concepts/urchin/")])
def test_an_old_address_leads_on_with_its_anchor(browser: Browser, origin, javascript, lands):
    context = browser.new_context(java_script_enabled=javascript)
    page = context.new_page()
    page.goto(f"{origin}/concepts/hedgehog/#diet", wait_until="commit")
    page.wait_for_url(f"{origin}/{lands}")
    context.close()
