"""The index's files, of a few passages with made-up vectors: what is saved is loaded, and nothing else is."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
import pytest

from cxkb import index as indexes
from cxkb import storage
from cxkb.errors import IndexDamaged, IndexNewer, IndexNotFound, IndexOutdated, StorageError
from cxkb.records import Passage

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

BADGER = Passage(
    "badger/", "concept", "badger", "Bädger", "Bädger", "A badger digs.", "title", "docs/badger.md", 1, ("badger",)
)

PASSAGES = [
    BADGER,
    replace(BADGER, location="badger/#food", heading="Food", text="It eats “worms”.", role="body", line=9, sources=("b", "a")),
    Passage("guide/", "guide", "guide", "Guide", "Guide", "Read on.", "body", "docs/guide.md", 1),
    Passage("brehm/", "source", "brehm", "Life", "Life", "Animals.", "body", "sources/brehm.md", 3, (), ("brehm",)),
    Passage("brehm/#a", "source", "brehm", "Life", "A", "Ants.", "sentence", "sources/brehm.md", 7, ("ant",), ("brehm",)),
]  # fmt: skip

VECTORS = np.array([[1, 0, 0], [0.8, 0.6, 0], [0, 1, 0], [0, 0, 1], [-1, 0, 0]], np.float32)

LEXICAL = {"names": b"letters of names", "text": b"letters of text", "outside": b"letters from outside"}

MANIFEST = indexes.Manifest(
    model="a model",
    weights="1f",
    weights_stamp=(7, 8),
    rules="1",
    content="c0",
    stamps={"docs/badger.md": (5, 6, "5a")},
    labels={"brehm": "Bréhm, 1864"},
    pages=3,
    sections=4,
    passages=5,
    dimensions=3,
)

REBUILD = "Build it anew with: cxkb index"


def save(
    folder: Path, passages: list[Passage] = PASSAGES, vectors: NDArray[np.float32] = VECTORS, **lexical: bytes
) -> None:
    """An index of these passages."""
    indexes.save(folder, MANIFEST, passages, vectors, LEXICAL | lexical)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The folder of an index, to be broken at will."""
    folder = tmp_path / "kb" / ".cxkb" / "index"
    save(folder)
    return folder


def the_file(folder: Path, pattern: str) -> Path:
    """The index's file of this kind."""
    (found,) = folder.glob(pattern)
    return found


def flip_a_byte(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 1)


def append(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\0")


def forge(folder: Path, **fields: Any) -> None:
    """Give the manifest these fields and a seal that fits."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["sha256"]
    (folder / "manifest.json").write_bytes(indexes.sealed(manifest | fields))


def only(error: type[Exception], message: str) -> pytest.RaisesExc[Exception]:
    """Expects this error with nothing but this message."""
    return pytest.raises(error, match=rf"\A{re.escape(message)}\Z")


# --- what is saved is loaded ---


def test_what_was_saved_is_loaded(saved: Path):
    loaded = indexes.load(saved)
    assert replace(loaded.manifest, files={}) == MANIFEST
    assert list(loaded.passages) == PASSAGES
    assert loaded.vectors().tolist() == VECTORS.tolist()
    assert loaded.lexical == LEXICAL


def test_an_index_of_nothing_is_loaded(tmp_path: Path):
    save(tmp_path, [], np.zeros((0, 3), np.float32))
    assert list(indexes.load(tmp_path).passages) == []


def test_the_manifest_names_every_file_with_its_sha256(saved: Path):
    found = {file.name: file.read_bytes() for file in saved.iterdir()}
    named = json.loads(found.pop("manifest.json"))["files"]
    assert named == {name: hashlib.sha256(raw).hexdigest() for name, raw in found.items()}


def test_a_file_is_called_by_what_it_holds(saved: Path):
    sums = {kind: hashlib.sha256(raw).hexdigest()[:16] for kind, raw in LEXICAL.items()}
    assert {f"{kind}-{sum_}.txt" for kind, sum_ in sums.items()} == {file.name for file in saved.glob("*.txt")}
    assert len(list(saved.iterdir())) == 6
    assert the_file(saved, "vectors-*.faiss")


def test_the_manifest_can_be_read_by_a_person(saved: Path):
    raw = (saved / "manifest.json").read_text(encoding="utf-8")
    assert raw.startswith('{\n "model": "a model",\n')
    assert '  "brehm": "Bréhm, 1864"\n' in raw


def test_the_passages_can_be_read_by_a_person(saved: Path):
    assert the_file(saved, "passages-*.json").read_text(encoding="utf-8") == (
        '{"fields": {"page": ["kind", "page", "title", "path"],'
        ' "passage": ["location", "heading", "text", "role", "line", "concepts", "sources"]},\n'
        '"pages": [\n'
        '[["concept", "badger", "Bädger", "docs/badger.md"], [\n'
        '["badger/", "Bädger", "A badger digs.", "title", 1, ["badger"], []],\n'
        '["badger/#food", "Food", "It eats “worms”.", "body", 9, ["badger"], ["b", "a"]]\n'
        "]],\n"
        '[["guide", "guide", "Guide", "docs/guide.md"], [\n'
        '["guide/", "Guide", "Read on.", "body", 1, [], []]\n'
        "]],\n"
        '[["source", "brehm", "Life", "sources/brehm.md"], [\n'
        '["brehm/", "Life", "Animals.", "body", 3, [], ["brehm"]],\n'
        '["brehm/#a", "A", "Ants.", "sentence", 7, ["ant"], ["brehm"]]\n'
        "]]\n"
        "]}\n"
    )


def test_passages_know_their_pages(saved: Path):
    passages = indexes.load(saved).passages
    assert passages.pages == [("concept", "badger"), ("guide", "guide"), ("source", "brehm")]
    assert passages.page_of == [0, 0, 1, 2, 2]
    assert passages.rows_of == {
        ("concept", "badger"): range(2), ("guide", "guide"): range(2, 3), ("source", "brehm"): range(3, 5)
    }  # fmt: skip
    assert passages.roles == [passage.role for passage in PASSAGES]
    assert passages[1:4] == PASSAGES[1:4]
    assert passages[-1] == PASSAGES[-1]


PAGE, OWN = ["guide", "a", "A", "docs/a.md"], ["a/", "A", "Text.", "body", 1, [], []]


@pytest.mark.parametrize(("page", "own"), [([*PAGE, "more"], OWN), (PAGE, [*OWN, "more"])])
def test_a_row_of_another_make_is_no_passage(page: list[Any], own: list[Any]):
    with pytest.raises(ValueError, match="longer"):
        indexes.Passages([[page, [own]]])[0]


def test_files_of_another_index_are_removed_and_what_cannot_be_stays(saved: Path):
    (saved / "0-a-folder").mkdir()
    (saved / "left-over.txt").write_text("of another")
    before = {file.name for file in saved.iterdir()}
    save(saved, names=b"others")
    after = {file.name for file in saved.iterdir()}
    assert before - after == {"left-over.txt", f"names-{hashlib.sha256(LEXICAL['names']).hexdigest()[:16]}.txt"}
    assert indexes.load(saved).lexical["names"] == b"others"


@pytest.mark.parametrize(
    ("error", "said"), [(OSError(28, "No space left"), "No space left"), (OSError("it is gone"), "it is gone")]
)
def test_an_index_that_cannot_be_written_keeps_the_old_one(
    saved: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, said: str
):
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(storage, "write", refuse)
    with only(StorageError, f"The index cannot be written to {saved}: {said}."):
        save(saved, names=b"others")
    assert indexes.load(saved).lexical == LEXICAL


def test_there_is_a_vector_for_each_passage(tmp_path: Path):
    with pytest.raises(AssertionError):
        save(tmp_path, PASSAGES[:3])


# --- search ---


def test_the_nearest_come_first_with_their_cosines(saved: Path):
    found = indexes.load(saved).search(np.array([0.6, 0.8, 0], np.float32))
    assert [row for row, _ in found] == [1, 2, 0, 3, 4]
    assert [cosine for _, cosine in found] == pytest.approx([0.96, 0.8, 0.6, 0, -0.6])


def test_no_more_are_found_than_asked_for(saved: Path):
    assert [row for row, _ in indexes.load(saved).search(VECTORS[3], 1)] == [3]


CELLS = 40
"""Four times the root of a hundred vectors."""


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> NDArray[np.float32]:
    """A hundred unit vectors, (100, 3), in steps around a circle: one more than are compared one by one."""
    monkeypatch.setattr(indexes, "EXACT", 99)
    monkeypatch.setattr(indexes, "TRAINING", 1)
    monkeypatch.setattr(indexes, "PROBED", 3)
    angles = np.arange(100) * np.pi / 50
    return np.stack([np.sin(angles), np.cos(angles), np.zeros(100)], 1).astype(np.float32)


def searched(folder: Path, vectors: NDArray[np.float32]) -> indexes.Index:
    """An index of these vectors, saved and loaded."""
    save(folder, [PASSAGES[0]] * len(vectors), vectors)
    return indexes.load(folder)


def test_so_many_vectors_are_compared_one_by_one(tmp_path: Path, many: NDArray[np.float32]):
    found = searched(tmp_path, many[:99])
    assert isinstance(found.faiss, faiss.IndexFlatIP)
    assert len(found.search(many[0])) == 99


def test_more_vectors_are_searched_by_cells(tmp_path: Path, many: NDArray[np.float32]):
    found = searched(tmp_path, many)
    assert (found.faiss.nlist, found.faiss.nprobe, found.faiss.metric_type) == (CELLS, 3, faiss.METRIC_INNER_PRODUCT)
    assert found.vectors().tolist() == many.tolist()
    near = found.search(many[7])
    assert near[0][0] == 7
    assert near[0][1] == pytest.approx(1)
    assert 1 < len(near) < 100  # what lies in other cells is not found, and nothing stands in its place
    assert [cosine for _, cosine in near] == sorted((cosine for _, cosine in near), reverse=True)


def test_the_cells_are_learned_from_vectors_of_the_whole(
    tmp_path: Path, many: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
):
    learned: list[NDArray[np.float32]] = []
    train = faiss.IndexIVFFlat.train

    def watched(cells: faiss.IndexIVFFlat, some: NDArray[np.float32]) -> None:
        learned.append(some)
        train(cells, some)

    monkeypatch.setattr(faiss.IndexIVFFlat, "train", watched)
    searched(tmp_path, many)
    monkeypatch.setattr(indexes, "TRAINING", 40)
    searched(tmp_path, many)
    assert [some.tolist() for some in learned] == [many[::2].tolist(), many.tolist()]


# --- what is not what was saved ---


@pytest.mark.parametrize("pattern", ["vectors-*", "passages-*", "names-*"])
@pytest.mark.parametrize("damage", [flip_a_byte, truncate, append])
def test_a_damaged_file_is_refused_by_name(saved: Path, pattern: str, damage: Callable[[Path], None]):
    file = the_file(saved, pattern)
    damage(file)
    with only(IndexDamaged, f"{file} is damaged: it is not what was written. {REBUILD}"):
        indexes.load(saved)


@pytest.mark.parametrize("pattern", ["text-*", "manifest.json"])
def test_a_file_that_cannot_be_read_is_refused_by_name(saved: Path, pattern: str):
    file = the_file(saved, pattern)
    file.unlink()
    file.mkdir()
    with only(IndexDamaged, f"{file} cannot be read: Is a directory. {REBUILD}"):
        indexes.load(saved)


def test_a_file_that_is_gone_is_refused_by_name(saved: Path):
    file = the_file(saved, "outside-*")
    file.unlink()
    with only(IndexDamaged, f"{file} cannot be read: No such file or directory. {REBUILD}"):
        indexes.load(saved)


@pytest.mark.parametrize("pattern", ["text-*", "manifest.json"])
def test_an_error_without_a_name_is_said_all_the_same(saved: Path, pattern: str, monkeypatch: pytest.MonkeyPatch):
    file, read = the_file(saved, pattern), Path.read_bytes

    def refuse(asked: Path) -> bytes:
        if asked == file:
            raise OSError("the disk is on fire")
        return read(asked)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with only(IndexDamaged, f"{file} cannot be read: the disk is on fire. {REBUILD}"):
        indexes.load(saved)


GARBAGE = [
    b"",
    b"garbage",
    b"\xff\xfe",
    b"null",
    b"[]",
    b"{}",
    b'{"format": 3}',
    b"[" * 100_000,
    b'{"format": 3, "stamps": 3}',
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_in_the_manifest_is_refused_by_name(saved: Path, garbage: bytes):
    file = saved / "manifest.json"
    file.write_bytes(garbage)
    with only(IndexDamaged, f"{file} is damaged. {REBUILD}"):
        indexes.load(saved)


@pytest.mark.parametrize("damage", [flip_a_byte, truncate, append])
def test_a_damaged_manifest_is_refused_by_name(saved: Path, damage: Callable[[Path], None]):
    file = saved / "manifest.json"
    damage(file)
    with only(IndexDamaged, f"{file} is damaged. {REBUILD}"):
        indexes.load(saved)


@pytest.mark.parametrize(
    "fields", [{"stamps": 3}, {"stamps": {"a": [1, 2]}}, {"stamps": {"a": ["x", 2, "s"]}}, {"weights_stamp": 3}, {"new": 1}]
)  # fmt: skip
def test_a_manifest_of_other_fields_is_refused_though_its_seal_fits(saved: Path, fields: dict[str, Any]):
    forge(saved, **fields)
    with only(IndexDamaged, f"{saved / 'manifest.json'} is damaged. {REBUILD}"):
        indexes.load(saved)


@pytest.mark.parametrize("name", ["vectors-/../../../../pyproject.toml", "Vectors-0123456789abcdef.faiss", "vectors"])
def test_a_manifest_cannot_name_a_file_elsewhere(saved: Path, name: str):
    forge(saved, files=indexes.read_manifest(saved).files | {name: "0"})
    with only(IndexDamaged, f"{saved / 'manifest.json'} is damaged: it names a file elsewhere. {REBUILD}"):
        indexes.load(saved)


@pytest.mark.parametrize("missing", ["vectors", "passages", "names", "text", "outside"])
def test_a_manifest_has_to_name_each_of_the_files(saved: Path, missing: str):
    files = indexes.read_manifest(saved).files
    forge(saved, files={name: sum_ for name, sum_ in files.items() if not name.startswith(missing)})
    with only(IndexDamaged, f"{saved / 'manifest.json'} is damaged: it does not name the index's files. {REBUILD}"):
        indexes.load(saved)


def test_vectors_of_other_passages_are_refused(saved: Path, tmp_path: Path):
    save(tmp_path / "other", PASSAGES[:2], VECTORS[:2])
    other = the_file(tmp_path / "other", "vectors-*")
    other.rename(saved / other.name)
    kept = {name: sum_ for name, sum_ in indexes.read_manifest(saved).files.items() if not name.startswith("vectors")}
    forge(saved, files=kept | {other.name: hashlib.sha256((saved / other.name).read_bytes()).hexdigest()})
    with only(IndexDamaged, f"{saved}: 2 vectors for 5 passages. {REBUILD}"):
        indexes.load(saved)


def test_a_newer_format_is_explained(saved: Path):
    forge(saved, format=99)
    said = f"The index in {saved} has format 99 of a newer cxkb, this one reads {indexes.FORMAT}."
    with only(IndexNewer, f"{said} Update yours, or build it anew with: cxkb index"):
        indexes.load(saved)


@pytest.mark.parametrize("written", [0, "9", None])
def test_an_older_format_is_explained(saved: Path, written: object):
    forge(saved, format=written)
    said = f"The index in {saved} has format {written!r}, this cxkb reads {indexes.FORMAT}."
    with only(IndexOutdated, f"{said} {REBUILD}"):
        indexes.load(saved)


def test_no_index_is_said_with_the_command_that_builds_one(tmp_path: Path):
    with only(IndexNotFound, f"No index in {tmp_path}. Build one with: cxkb index"):
        indexes.load(tmp_path)
