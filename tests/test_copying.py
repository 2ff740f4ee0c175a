"""What `cxkb check --against FOLDER` says of texts that were copied, not told in our words. Cases: copying.toml."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from cxkb import copying

CASES = tomllib.loads((Path(__file__).parent / "cases" / "copying.toml").read_text(encoding="utf-8"))

EIGHT = "one two three four five six seven eight"


@pytest.fixture
def originals(tmp_path):
    """An empty folder for the texts of others."""
    folder = tmp_path / "originals"
    folder.mkdir()
    return folder


def found(ours: str, folder: Path) -> list[str]:
    """What is reported of this text of ours."""
    file = folder.parent / "ours.md"
    file.write_text(ours, encoding="utf-8")
    return [str(problem) for problem in copying.problems(file.parent, [file], folder)]


def said(line: int, words: str, place: str) -> str:
    return f"ours.md:{line}: {words!r} stands in {place}; say it in other words. [copied]"


@pytest.mark.parametrize("name", CASES)
def test_a_shared_run_of_words_is_reported_with_both_places(originals, name):
    case = CASES[name]
    (originals / "theirs.txt").write_text(case["theirs"], encoding="utf-8")
    assert found(case["ours"], originals) == [said(line, words, f"theirs.txt:{at}") for line, words, at in case["says"]]


def test_a_run_is_not_pieced_together_from_two_texts(originals):
    (originals / "a.txt").write_text(EIGHT)
    (originals / "b.txt").write_text(EIGHT.removeprefix("one ") + " nine")
    assert found(f"{EIGHT} nine", originals) == [said(1, EIGHT, "a.txt:1")]


def test_texts_are_found_in_folders_whatever_their_suffix_is_written_like(originals):
    (originals / "2016").mkdir()
    (originals / "2016" / "talk.TXT").write_text(EIGHT)
    assert found(EIGHT, originals) == [said(1, EIGHT, "2016/talk.TXT:1")]


def test_files_that_are_no_texts_are_left_out(originals):
    (originals / "a.html").write_text(EIGHT)
    (originals / "b.md").write_text("Nothing of the kind.")
    (originals / "c.md").mkdir()
    assert found(EIGHT, originals) == []


def test_an_original_in_another_encoding_is_read_as_far_as_it_can_be(originals):
    (originals / "old.txt").write_bytes(b"Caf\xe9\r\n" + EIGHT.encode())
    assert found(EIGHT, originals) == [said(1, EIGHT, "old.txt:2")]


def test_pages_and_records_are_compared(tiny, originals, cxkb):
    (originals / "talk.md").write_text(EIGHT)
    for path in ("docs/index.md", "docs/concepts/step.md", "docs/tensions/who-walks.md", "sources/koch.md"):
        with (tiny / path).open("a") as file:
            file.write(f"\n{EIGHT}\n")
    done = cxkb("check", "--against", str(originals), cwd=tiny)
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "docs/concepts/step.md",
        "docs/index.md",
        "docs/tensions/who-walks.md",
        "sources/koch.md",
    ]


def test_texts_in_our_own_words_pass_in_silence(tiny, originals, cxkb):
    (originals / "talk.md").write_text(EIGHT)
    done = cxkb("check", "--against", str(originals), cwd=tiny)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["originals", "nowhere"])
def test_a_folder_without_texts_is_no_proof(tiny, originals, cxkb, name):
    folder = originals.with_name(name)
    done = cxkb("check", "--against", str(folder), cwd=tiny)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{folder} has no .txt or .md files to compare with." in " ".join(done.stderr.split())


def test_the_real_knowledge_base_shares_every_page_with_its_copy(repo, originals, cxkb):
    shutil.copytree(repo / "docs", originals / "docs")
    done = cxkb("check", "--against", str(originals), cwd=repo)
    assert done.returncode == 1
    reported = {line.split(":")[0] for line in done.stdout.splitlines()}
    pages = {file.relative_to(repo).as_posix() for file in (repo / "docs").rglob("*.md")}
    assert pages - reported == set()
