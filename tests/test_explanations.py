"""`cxkb explain`: every problem is explained, and its example is one."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

import cxkb as package
from cxkb import check, heads, settings
from cxkb.explanations import explanations

PACKAGE = Path(package.__file__).parent

RAISED = {"Problem": 3, "_Mistake": 2}
"""What carries a code -> the place of the code among its arguments."""


def emitted() -> set[str]:
    """The codes in the source text: of every Problem that is made, and every mistake that becomes one."""
    found = {heads.WRONG_FORM, *heads.CODES.values()}
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if name in RAISED and isinstance(node, ast.Call):
                code = node.args[RAISED[name]] if len(node.args) > RAISED[name] else None
                if isinstance(code, ast.Constant):
                    found.add(str(code.value))
                else:
                    assert file.name in {"heads.py", "frontmatter.py", "fixes.py"}, f"{file.name}:{node.lineno}"
    return found


def test_every_problem_is_explained_and_nothing_else():
    assert set(explanations()) == emitted()


@pytest.mark.parametrize("code", explanations())
def test_an_explanation_is_whole_sentences_on_a_line(code):
    explained = explanations()[code]
    for text in (explained.says, explained.why, explained.mend):
        assert re.fullmatch(r"['A-Z][^\n]+[.]", text), text
    assert explained.wrong != explained.right


HEADS = {
    "concept": {"title": "Example", "definition": "What an example looks like.", "group": "touchpoints"},
    "source": {"title": "On examples", "type": "webpage", "language": "en"},
    "tension": {"title": "Is it one?", "summary": "One says so.", "kind": "within", "concepts": "[touchpoint]"},
}

FOLDERS = {"concept": "docs/concepts", "source": "sources", "tension": "docs/tensions"}

BODY = "Customers own the experience [@solis-2016#customer-owns].\n" + "word " * 60 + "\n\n"


def page(kind: str, fragment: str) -> str:
    """The example as a file: itself when it is whole, else with what it lacks of head or body."""
    if fragment.startswith(("---\n", "# Touchpoint")):
        return fragment + "\n"
    head = {key: f"{key}: {value}" for key, value in HEADS[kind].items()}
    if not re.match(r"\[?[\w-]+\]?:", fragment):
        return "---\n" + "\n".join(head.values()) + f"\n---\n{BODY}{fragment}\n"
    own = {line.partition(":")[0].strip("[]") for line in fragment.split("\n")}
    rest = [line for key, line in head.items() if key not in own]
    return "---\n" + "\n".join([*rest, fragment]) + f"\n---\n{BODY}"


@pytest.fixture(scope="module")
def library(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All real sources and two real concepts, for examples to be written into."""
    root = tmp_path_factory.mktemp("library")
    shutil.copytree(repo / "sources", root / "sources")
    for folder in ("docs/concepts", "docs/tensions"):
        (root / folder).mkdir(parents=True)
    for name in ("docs/concepts/touchpoint.md", "docs/concepts/silos.md", "pyproject.toml"):
        shutil.copy(repo / name, root / name)
    return root


def places(root: Path) -> set[tuple[str, int, str]]:
    return {(problem.path, problem.line, problem.code) for problem in check.problems(settings.find(root))}


@pytest.mark.parametrize("code", [code for code, explained in explanations().items() if explained.kind])
def test_an_example_is_wrong_before_and_right_after(library, code):
    explained = explanations()[code]
    file = library / FOLDERS[explained.kind] / "example.md"
    before, found = places(library), []
    for fragment in (explained.wrong, explained.right):
        written = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), page(explained.kind, fragment))
        file.write_text(written, encoding="utf-8")
        found.append({code for _, _, code in places(library) - before})
        file.unlink()
    assert code in found[0]
    assert code not in found[1]
