"""What changed, when: from a repository's history to the page and the feed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lxml import etree, html

from cxkb import changes, feed, history
from cxkb.history import Batch, History
from cxkb.records import Website
from tests.conftest import environment

if TYPE_CHECKING:
    from pathlib import Path

SITE = Website("Walls & ways", "https://example.org/kb/", "")
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def git(folder: Path, *arguments: str, day: str = "2026-01-01") -> None:
    who = {f"GIT_{role}_{part}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    moments = {"GIT_AUTHOR_DATE": f"{day}T12:00:00Z", "GIT_COMMITTER_DATE": "2030-01-01T00:00:00Z"}
    apart = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(
        ["git", *arguments], cwd=folder, env=environment(**who, **moments, **apart), check=True, capture_output=True
    )


def commit(folder: Path, day: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--message", "Say more", day=day)


@pytest.fixture
def repository(tiny: Path) -> Path:
    """The tiny knowledge base, all of it committed on New Year's Day."""
    git(tiny, "init", "--quiet")
    commit(tiny, "2026-01-01")
    return tiny


def told(folder: Path) -> list[str]:
    return [f"{batch.day} {batch}" for batch in history.read(folder).batches]


FIRST = [
    "2026-01-01 3 concepts added",
    "2026-01-01 1 tension added",
    "2026-01-01 3 sources added",
    "2026-01-01 1 guide added",
]


def test_the_first_commit_adds_all_pages(repository: Path):
    assert told(repository) == FIRST
    assert set(history.read(repository).changed.values()) == {"2026-01-01"}


def test_days_come_newest_first_by_the_date_of_the_author(repository: Path):
    concept = repository / "docs" / "concepts" / "silo.md"
    concept.write_text(concept.read_text() + "\nMore.\n")
    commit(repository, "2026-03-01")
    (repository / "sources" / "koch.md").unlink()
    (repository / "docs" / "paths").mkdir()
    (repository / "docs" / "paths" / "new.md").write_text("# New\n")
    commit(repository, "2026-02-01")
    assert told(repository) == [
        "2026-03-01 1 concept changed",
        "2026-02-01 1 guide added",
        "2026-02-01 1 source removed",
        *FIRST,
    ]
    assert history.read(repository).changed["docs/concepts/silo.md"] == "2026-03-01"


def test_what_happens_to_a_page_on_one_day_is_one_thing(repository: Path):
    concepts = repository / "docs" / "concepts"
    for text in ("one", "two"):
        (concepts / "new.md").write_text(text)
        (concepts / "silo.md").write_text(text)
        (concepts / f"{text}.md").write_text(text)
        commit(repository, "2026-02-01")
        (concepts / f"{text}.md").unlink()
    (concepts / "step.md").unlink()
    commit(repository, "2026-02-01")
    found = {(batch.action, batch.paths) for batch in history.read(repository).batches if batch.day == "2026-02-01"}
    assert found == {
        (action, (f"docs/concepts/{id_}.md",))
        for action, id_ in [("added", "new"), ("changed", "silo"), ("removed", "step")]
    }


def test_a_renamed_page_is_gone_and_another_is_there(repository: Path):
    (repository / "sources" / "koch.md").rename(repository / "sources" / "koch-2016.md")
    commit(repository, "2026-02-01")
    assert told(repository)[:2] == ["2026-02-01 1 source added", "2026-02-01 1 source removed"]


def test_only_pages_count(repository: Path):
    (repository / "README.md").write_text("x")
    (repository / "docs" / "pictures" / "new.svg").write_text("<svg/>")
    commit(repository, "2026-02-01")
    assert told(repository) == FIRST


def test_a_knowledge_base_may_be_a_part_of_a_repository(tiny: Path):
    (tiny.parent / "docs").mkdir()
    (tiny.parent / "docs" / "other.md").write_text("x")
    git(tiny.parent, "init", "--quiet")
    commit(tiny.parent, "2026-01-01")
    assert told(tiny) == FIRST


def test_a_shallow_clone_has_no_history(repository: Path, tmp_path: Path):
    commit_again = repository / "docs" / "index.md"
    commit_again.write_text(commit_again.read_text() + "\nMore.\n")
    commit(repository, "2026-02-01")
    git(tmp_path, "clone", "--depth", "1", repository.as_uri(), "shallow")
    assert (tmp_path / "shallow" / "docs" / "index.md").is_file()
    assert history.read(tmp_path / "shallow") == History()


def test_without_a_repository_there_is_no_history(tiny: Path):
    assert history.read(tiny) == History()


def test_without_git_there_is_no_history(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert history.read(repository) == History()


MANY = Batch("2026-11-02", "added", "concept", tuple(f"docs/concepts/c{n}.md" for n in range(6)))
FEW = Batch("2026-10-01", "removed", "source", ("sources/old-text.md",))
TITLES = dict.fromkeys(MANY.paths, "Who <i>asks</i> & [why](x)?")


def page(found: History, changelog: str = "") -> str:
    return changes.compose(found, TITLES, changelog, feed=False).markdown


def test_the_page_folds_long_lists_and_opens_short_ones():
    text = page(History((MANY, FEW)))
    assert '<details id="2026-11-02-added-concept" markdown>\n<summary>6 concepts added</summary>' in text
    assert (
        '<details id="2026-10-01-removed-source" open markdown>\n<summary>1 source removed</summary>\n\n- old text'
        in text
    )
    assert text.index("### 2 November 2026") < text.index("### 1 October 2026")


def test_the_page_shows_the_changelog_a_level_deeper():
    changelog = "# Changelog\n\nPreamble.\n\n## 1.1\n\n### Added\n\n- A wall.\n\n## 1.0\n\n### Added\n\n- A way.\n"
    text = page(History(), changelog)
    assert "Preamble" not in text
    assert "### 1.1 { #release-1-1 }\n\n#### Added { #release-1-1-added }\n\n- A wall." in text
    assert "#### Added { #release-1-0-added }" in text


def test_the_page_says_when_nothing_is_known():
    assert "not known here" in page(History())


def test_the_feed_is_atom():
    text = feed.atom(History((MANY, FEW)), TITLES, SITE)
    assert text
    root = etree.fromstring(text)
    entries = root.findall("a:entry", ATOM)
    assert [root.findtext(f"a:{name}", namespaces=ATOM) for name in ("id", "title", "updated", "author/a:name")] == [
        "https://example.org/kb/changes/",
        "Walls & ways: what changed",
        "2026-11-02T00:00:00Z",
        "Walls & ways",
    ]
    assert [entry.findtext("a:title", namespaces=ATOM) for entry in entries] == ["6 concepts added", "1 source removed"]
    ids = [entry.findtext("a:id", namespaces=ATOM) for entry in entries]
    assert len(set(ids)) == len(ids)
    assert all(entry.findtext("a:updated", namespaces=ATOM) for entry in entries)


def test_titles_in_the_feed_are_text():
    root = etree.fromstring(feed.atom(History((MANY,)), TITLES, SITE) or b"")
    shown = html.fromstring(root.findtext("a:entry/a:content", namespaces=ATOM) or "")
    assert {"".join(map(str, item.itertext())) for item in shown.iter("li")} == set(TITLES.values())
    assert {element.tag for element in shown.iter()} == {"ul", "li"}


def test_without_a_change_there_is_no_feed():
    assert feed.atom(History(), {}, SITE) is None


@pytest.fixture
def built(repository: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"], cwd=repository, env=environment(), capture_output=True, check=True
    )
    return repository / "site"


def test_a_site_links_to_its_feed_and_each_entry_to_its_place(built: Path):
    home = html.fromstring((built / "index.html").read_bytes())
    assert home.xpath("//link[@type='application/atom+xml']/@href") == ["feed.xml"]
    shown = html.fromstring((built / "changes" / "index.html").read_bytes())
    entries = etree.fromstring((built / "feed.xml").read_bytes()).findall("a:entry/a:link", ATOM)
    links = [str(link.get("href")) for link in entries]
    assert len(links) == len(FIRST)
    for address in links:
        url, _, anchor = address.partition("#")
        assert url == "http://127.0.0.1:8000/changes/"
        assert shown.xpath("//details[@id=$id]//a/@href", id=anchor)


def test_a_page_says_when_it_changed(built: Path):
    shown = (built / "concepts" / "silo" / "index.html").read_text()
    assert '"dateModified":"2026-01-01"' in shown
    assert "(2026, January 1)" in shown


def test_a_site_without_history_says_so_and_offers_no_feed(tiny: Path):
    command = [sys.executable, "-m", "mkdocs", "build"]
    subprocess.run(command, cwd=tiny, env=environment(), capture_output=True, check=True)
    shown = html.fromstring((tiny / "site" / "changes" / "index.html").read_bytes())
    assert changes.UNKNOWN in str(shown.xpath("string(//article)"))
    assert not (tiny / "site" / "feed.xml").exists()
    assert [page for page in (tiny / "site").rglob("*.html") if "feed.xml" in page.read_text(encoding="utf-8")] == []
