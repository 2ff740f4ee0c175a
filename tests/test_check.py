"""What `cxkb check` says to a contributor: each mistake with its line, all of them at once. Add a case in check.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cxkb import check, content, settings

FOLDER = Path(__file__).parent / "cases"

CASES = tomllib.loads((FOLDER / "check.toml").read_text(encoding="utf-8"))["case"]

WORDS = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))


def checked(root: Path) -> list[str]:
    return [str(problem) for problem in check.problems(settings.find(root))]


def make(root: Path, case: dict[str, str]) -> None:
    """Make the case's mistake."""
    file = root / case["file"]
    file.parent.mkdir(exist_ok=True)
    text = case["new"]
    if "old" in case:
        before = file.read_text(encoding="utf-8")
        assert case["old"] in before
        text = before.replace(case["old"], case["new"], 1)
    file.write_text(text, encoding="utf-8")


def test_a_clean_knowledge_base_has_no_problems(tiny):
    assert checked(tiny) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_mistake_is_named_with_its_line(tiny, case):
    make(tiny, case)
    assert checked(tiny) == case["says"]


def test_what_the_site_does_not_publish_may_be_of_any_kind(tiny):
    for path in ("docs/.drafts/page.html", "docs/concepts/.step.md.swp"):
        (tiny / path).parent.mkdir(exist_ok=True)
        (tiny / path).write_text("<script>alert(1)</script>")
    assert checked(tiny) == []


def test_all_mistakes_are_named_at_once_in_path_order(tiny):
    in_path_order = [
        "a relation to a concept that does not exist",
        "a heading without id",
        "a guide's citations",
        "a guide's head",
        "a tension that concerns a concept that does not exist",
        "a source's own citations",
    ]
    chosen = [next(case for case in CASES if case["name"] == name) for name in in_path_order]
    for case in reversed(chosen):
        make(tiny, case)
    assert checked(tiny) == [line for case in chosen for line in case["says"]]


@pytest.mark.parametrize("name", WORDS)
def test_a_pages_length_is_what_is_read(name):
    assert content.word_count(WORDS[name]["markdown"]) == WORDS[name]["words"]


@pytest.mark.parametrize(("words", "codes"), [(49, ["page-length"]), (50, []), (450, []), (451, ["page-length"])])
def test_a_page_has_50_to_450_words(tiny, words, codes):
    head = "---\ntitle: Walk\ndefinition: A slow journey.\ngroup: people\n---\n"
    (tiny / "docs" / "concepts" / "walk.md").write_text(head + "word " * words + "[@doe-2016#steps].\n")
    assert [problem.code for problem in check.problems(settings.find(tiny))] == codes


def test_a_page_that_is_too_long_is_told_what_to_do(tiny):
    with (tiny / "docs" / "concepts" / "step.md").open("a") as step:
        step.write("word " * 450)
    [said] = checked(tiny)
    assert "a page has 50 to 450; cut it, or make two pages of it." in said


def test_a_drawing_that_is_none_hides_no_other_mistake(tiny):
    (tiny / "docs" / "pictures" / "walls.svg").write_text("PNG")
    (tiny / "docs" / "concepts" / "walk.md").write_text("---\ntitle: Walk\ndefinition: One.\ngroup: work\n---\n")
    assert [problem.code for problem in check.problems(settings.find(tiny))] == [
        "page-length",
        "uncited-page",
        "unreadable",
    ]


def test_check_prints_problems_and_exits_with_1(tiny, cxkb):
    step = tiny / "docs" / "concepts" / "step.md"
    step.write_text(step.read_text().replace("#steps", "#stairs", 1).replace("people", "folk"))
    done = cxkb("check", cwd=tiny)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "docs/concepts/step.md:4: group: there is no group 'folk'; there are people, work, empty. [unknown-group]",
        "docs/concepts/step.md:10: The source 'doe-2016' has no idea 'stairs'; there are walls, one-way, steps. [unknown-idea]",
    ]


def test_the_real_knowledge_base_is_clean(repo, cxkb):
    done = cxkb("check", cwd=repo)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
