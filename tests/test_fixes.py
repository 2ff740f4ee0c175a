"""What `cxkb check --fix` mends: the mistake and no other byte. Add a case in fixes.toml."""

from __future__ import annotations

import random
import shutil
import tomllib
from pathlib import Path

import pytest

from cxkb import check, fixes, settings
from tests.test_check import make

CASES = tomllib.loads((Path(__file__).parent / "cases" / "fixes.toml").read_text(encoding="utf-8"))["case"]


def mend(root: Path) -> list[str]:
    return [str(problem) for problem in fixes.mend(settings.find(root))]


def codes(root: Path) -> list[str]:
    return [problem.code for problem in check.problems(settings.find(root))]


def texts(root: Path) -> dict[str, bytes]:
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in root.rglob("*")
        if file.is_file() and file.suffix != ".lock"
    }


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_mistake_is_mended_and_nothing_else_touched(tiny, case, ends):
    make(tiny, case)
    broken = texts(tiny)
    broken[case["file"]] = broken[case["file"]].replace(b"\n", ends.encode()).removesuffix(ends.encode())
    (tiny / case["file"]).write_bytes(broken[case["file"]])
    wanted = dict(broken)
    if "gives" in case:
        old, new = (case[key].replace("\n", ends).encode() for key in ("new", "gives"))
        assert broken[case["file"]].count(old) == 1
        wanted[case["file"]] = broken[case["file"]].replace(old, new)
    assert mend(tiny) == case.get("says", [])
    assert texts(tiny) == wanted
    assert mend(tiny) == [], "mending twice mends no more than mending once"
    assert texts(tiny) == wanted


def test_several_mistakes_of_a_page_are_mended_at_once(tiny):
    step = tiny / "docs" / "concepts" / "step.md"
    clean = step.read_bytes()
    step.write_bytes(
        clean.replace(b"broader: [journey]\n", b"")
        .replace(b" { #what-it-means }", b"")
        .replace(b"title: Step\ndefinition: A part of a journey.\n", b"definition: A part of a journey.\ntitle: Step\n")
    )
    assert codes(tiny) == ["one-sided-relation", "key-order", "heading-without-id"]
    assert [said.split(":")[1] for said in mend(tiny)] == ["2", "5", "8"]
    assert step.read_bytes() == clean
    assert codes(tiny) == []


def test_a_page_that_cannot_be_read_is_left_alone(tiny):
    step = tiny / "docs" / "concepts" / "step.md"
    step.write_text("---\ntitle: Step\ntitle: Step\n---\n## What it means\n")
    before = texts(tiny)
    assert mend(tiny) == []
    assert texts(tiny) == before


def test_a_mended_file_keeps_its_permissions(tiny):
    step = tiny / "docs" / "concepts" / "step.md"
    step.write_text(step.read_text().replace(" { #what-it-means }", ""))
    step.chmod(0o640)
    assert mend(tiny)
    assert step.stat().st_mode & 0o777 == 0o640


@pytest.fixture
def broken(repo: Path, tmp_path: Path) -> Path:
    """A copy of the real knowledge base with each kind of mistake on many pages."""
    root = tmp_path / "kb"
    root.mkdir()
    for name in ("docs", "sources"):
        shutil.copytree(repo / name, root / name)
    shutil.copy(repo / "pyproject.toml", root)
    dice = random.Random(0)
    for file in sorted((root / "docs" / "concepts").glob("*.md")):
        lines = file.read_text(encoding="utf-8").split("\n")
        choice = dice.randrange(3)
        if choice == 0:
            lines = [line for line in lines if not line.startswith(("related:", "broader:"))]
        elif choice == 1:
            lines = [line.partition(" {")[0] if line.startswith("##") else line for line in lines]
        else:
            lines[1], lines[2] = lines[2], lines[1]
        file.write_text("\n".join(lines), encoding="utf-8")
    return root


def test_the_real_knowledge_base_is_mended_to_cleanness(broken):
    assert {"one-sided-relation", "heading-without-id", "key-order"} <= set(codes(broken))
    assert mend(broken)
    assert codes(broken) == []
