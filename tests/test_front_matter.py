"""What a contributor hears of a head: its values, or each mistake with its line. Add a case: a file, no Python.

A case is a file as a contributor wrote it, a line of `=`, and what `cxkb check` says of it or, as JSON, the values.
Its folder is the kind of head ("any": before any kind). `«C2 A0»` stands for those bytes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxkb import concepts, content, frontmatter, sources
from cxkb.heads import HEADS, validate

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = Path(__file__).parent / "cases" / "front_matter"

LOAD: dict[str, Callable[[Path, Path], Any]] = {
    "source": sources.load,
    "concept": concepts.load_concept,
    "tension": concepts.load_tension,
}


def outcome(kind: str, file: Path) -> str:
    """The problems as printed, or the values as JSON."""
    values: Any
    if kind == "any":
        front, problems = frontmatter.read(file, file.name)
        values = front and front.values
    else:
        loaded, problems = LOAD[kind](file, file.parent)
        values = loaded and loaded.head.model_dump(by_alias=True, exclude_defaults=True)
    return "\n".join(map(str, problems)) if problems else json.dumps(values, ensure_ascii=False)


@pytest.mark.parametrize("case", sorted(CASES.glob("*/*.txt")), ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_a_head_gives_its_values_or_its_problems(case, tmp_path):
    written, expected = case.read_bytes().split(b"======\n")
    file = tmp_path / "case.md"
    file.write_bytes(re.sub("«([0-9A-F ]+)»".encode(), lambda m: bytes.fromhex(m[1].decode()), written))
    assert outcome(case.parent.name, file) == expected.decode().strip()


@pytest.mark.parametrize(("at", "line"), [
    ((), 3), (("title",), 3), (("gone",), 3), (("aliases",), 4), (("aliases", "nl"), 4), (("aliases", "en", 1), 7),
    (("aliases", "en", 2), 5), (("aliases", "en", 1, "x", "y"), 7),
])  # fmt: skip
def test_a_value_that_is_not_written_has_the_line_of_what_is_around_it(at, line):
    front, _ = frontmatter.parse(b"---\n\ntitle: A\naliases:\n  en:\n    - B\n    - C\n---\n", "a.md")
    assert front is not None
    assert front.line(at) == line


def test_a_huge_file_is_refused():
    assert frontmatter.parse(b"---\ntitle: A\n---\n".ljust(200_000, b"x"), "a.md")[1] == []
    _, problems = frontmatter.parse(b"---\ntitle: A\n---\n" + b"x" * 200_000, "a.md")
    assert list(map(str, problems)) == [
        "a.md:1: The file is 200,017 bytes long; a page or record has at most 200,000. [too-long]"
    ]


def test_reading_stops_at_the_first_mistake():
    """PyYAML would read all brackets before the first of them is looked at; of 20,000 that takes most of a minute."""
    _, problems = frontmatter.parse(b"---\na: " + b"[" * 20_000 + b"\n---\n", "a.md")
    assert [problem.code for problem in problems] == ["too-deep"]


def test_a_file_that_is_not_there_is_a_problem(tmp_path):
    _, problems = frontmatter.read(tmp_path / "gone.md", "gone.md")
    assert list(map(str, problems)) == ["gone.md:1: The file cannot be read: No such file or directory. [unreadable]"]


def test_the_body_starts_on_the_line_below_the_head():
    front, _ = frontmatter.parse(b"---\ntitle: A\n---\nOne\nTwo\n", "a.md")
    assert front is not None
    assert front.body.split("\n")[5 - front.body_line] == "Two"


@pytest.mark.parametrize(("text", "written", "in_braces"), [
    ("Walls, and more", "Walls, and more", '"Walls, and more"'),
    ("Größe (2020)", "Größe (2020)", "Größe (2020)"),
    ("https://example.org/a?b=c", "https://example.org/a?b=c", "https://example.org/a?b=c"),
    ("Größe: zehn", '"Größe: zehn"', '"Größe: zehn"'),
    ('"Walls"', r'"\"Walls\""', r'"\"Walls\""'),
    ("# 1", '"# 1"', '"# 1"'),
    ("2020, 3", "2020, 3", '"2020, 3"'),
])  # fmt: skip
def test_a_value_is_written_as_it_is_read(text, written, in_braces):
    assert (frontmatter.scalar(text), frontmatter.scalar(text, in_braces=True)) == (written, in_braces)
    front, _ = frontmatter.parse(f"---\na: {written}\nb: {{ c: {in_braces} }}\n---\n".encode(), "a.md")
    assert front is not None
    assert front.values == {"a": text, "b": {"c": text}}


HEAD_PIECES = (
    "---\n|\n|  |- |: |a|title: |en|[|]|{|}|, |#|&a |*a|!t |>\n|'|\"|\\|\\x00|\\UFFFFFFFF|%YAML 1.1\n|...\n|? |2016"
)
BODY_PIECES = "## |{ #a }|[@a#b; |`|```\n|<!--|-->|\ufeff|\0|\t|é|\u2028|\x85|\r"
PIECES = st.sampled_from(f"{HEAD_PIECES}|{BODY_PIECES}".split("|"))
HEAD = st.builds(lambda head, body: f"---\n{head}\n---\n{body}", *[st.lists(PIECES).map("".join)] * 2)
FILES = st.binary() | st.builds(lambda raw: b"---\n" + raw + b"\n---\n", st.binary()) | HEAD.map(str.encode)


@given(FILES)
def test_any_bytes_give_values_or_problems(raw):
    front, problems = frontmatter.parse(raw, "a.md")
    assert (front is None) == bool(problems)
    for problem in problems:
        assert 1 <= problem.line <= len(re.findall(rb"\r\n|\r|\n", raw)) + 1
        assert str(problem).isprintable()


@given(FILES)
def test_libyaml_reads_what_pyyaml_reads(raw):
    fast = frontmatter.parse(raw, "a.md")
    with mock.patch.object(frontmatter, "FAST_LOADER", None):
        assert frontmatter.parse(raw, "a.md") == fast


@given(FILES)
def test_any_values_give_a_head_or_problems(raw):
    front, _ = frontmatter.parse(raw, "a.md")
    for model in HEADS.values() if front else ():
        assert front is not None
        head, problems = validate(model, front, "a.md")
        assert (head is None) == bool(problems)


@given(st.lists(PIECES).map("".join))
def test_headings_and_citations_stand_on_a_line_of_the_body(body):
    lines = range(1, body.count("\n") + 2)
    assert all(heading.line in lines for heading in content.headings(body, 1))
    assert all(citation.line in lines for citation in content.citations(body, 1))
    assert all(line in lines for line, _ in content.malformed_citations(body, 1))
