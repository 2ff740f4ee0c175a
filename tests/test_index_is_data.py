"""Index files are data: nothing in the package could run what a file holds, and none is read before its sum fits."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import faiss
import pytest

from cxkb import index
from cxkb.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Command

PACKAGE = Path(index.__file__).parent

RUNNING_MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "marshal",
    "shelve",
    "dill",
    "cloudpickle",
    "joblib",
    "jsonpickle",
    "runpy",
    "code",
}

RUNNING_CALLS = {
    "eval", "exec", "compile", "__import__", "execfile",
    "yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load", "torch.load", "numpy.load", "np.load", "faiss.read_index",
    "os.system", "os.popen",
}  # fmt: skip

RUNNING_ARGUMENTS = {"allow_pickle", "shell", "trust_remote_code"}


def findings(source: str) -> Iterator[str]:
    """What in this Python code could run data: imports, calls and arguments."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] in RUNNING_MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in RUNNING_MODULES:
            yield node.module or ""
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in RUNNING_CALLS:
            yield ast.unparse(node)
        elif isinstance(node, ast.Name) and node.id in RUNNING_CALLS:
            yield node.id
        elif isinstance(node, ast.keyword) and node.arg in RUNNING_ARGUMENTS:
            yield node.arg


@pytest.mark.parametrize(
    "code",
    [
        "import pickle", "from marshal import loads", "eval(x)", "run = exec", "yaml.load(x)", "np.load(x)", "torch.load(x)",
        "f(x, allow_pickle=True)", "subprocess.run(x, shell=True)", "faiss.read_index(x)",
    ],
)  # fmt: skip
def test_code_that_runs_data_is_found(code: str):
    assert list(findings(code))


@pytest.mark.parametrize("module", sorted(PACKAGE.rglob("*.py")), ids=lambda file: file.stem)
def test_no_module_runs_what_a_file_holds(module: Path):
    assert list(findings(module.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("kind", ["vectors", "passages", "names", "text", "outside"])
def test_no_file_of_an_index_is_read_before_all_sums_fit(hostile: Path, kind: str, monkeypatch: pytest.MonkeyPatch):
    folder = hostile / ".cxkb" / "index"
    (damaged,) = folder.glob(f"{kind}-*")
    damaged.write_bytes(damaged.read_bytes() + b"\0")
    read: list[str] = []
    monkeypatch.setattr(faiss, "deserialize_index", lambda *_: read.append("vectors"))
    monkeypatch.setattr(index, "Passages", lambda *_: read.append("passages"))
    with pytest.raises(IndexDamaged, match="not what was written"):
        index.load(folder)
    assert read == []


def test_vectors_that_have_been_exchanged_never_reach_faiss(hostile: Path, cxkb: Command):
    """Nor do they stop anything: the index is made anew."""
    (vectors,) = (hostile / ".cxkb" / "index").glob("vectors-*")
    before = vectors.read_bytes()
    vectors.write_bytes(b"IxFI" + b"\xff" * 1000)
    done = cxkb("index", cwd=hostile)
    assert done.returncode == 0, done.stderr
    assert vectors.read_bytes() == before


def test_no_index_comes_with_the_repository(repo: Path):
    """It would be taken for the one that was made here."""
    if not (repo / ".git").exists():
        pytest.skip("this is no clone: what is committed can be seen in one")
    listed = subprocess.run(
        ["git", "ls-files", "--", ".cxkb", "site", ".venv"], cwd=repo, capture_output=True, text=True, check=True
    )
    assert listed.stdout == ""
