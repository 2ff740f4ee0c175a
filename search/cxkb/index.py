"""Vectors and passages on disk: save, load, verify, search. The only module that knows FAISS.

A folder with three files: `vectors-….faiss`, `passages-….json` and `manifest.json`. The first two carry the beginning
of their sha256 in their names and are never written over; the manifest names them, says what they were made from, and
is replaced in one step. Whatever happens while saving, the folder holds the old index or the new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from cxkb.errors import IndexDamaged, IndexNotFound, IndexOutdated, StorageError
from cxkb.records import Passage

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from cxkb.freshness import Stamp

FORMAT = 1
"""Version of the files' layout."""

MANIFEST = "manifest.json"

REBUILD = "Build it anew with: cxkb index"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made from, and what its files are."""

    model: str
    weights: str
    """sha256 of the model's weights."""
    rules: str
    """Versions of what turns content into passages: cxkb, splitter, and what is encoded of a passage."""
    content: str
    """sha256 over the content, see `freshness.digest`."""
    stamps: dict[str, Stamp]
    labels: dict[str, str]
    """Citation key -> who and when."""
    pages: int
    sections: int
    passages: int
    dimensions: int
    files: dict[str, str] = field(default_factory=dict)
    """File name -> sha256."""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Index:
    """Passages and their vectors, row by row the same."""

    manifest: Manifest
    passages: list[Passage]
    faiss: Any

    def search(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of the query, (d,) unit vector, with every passage: (n,) float32 in [-1, 1], higher is nearer, in row order."""
        import numpy as np

        count = len(self.passages)
        scores = np.empty(count, dtype=np.float32)
        if count:
            found, rows = self.faiss.search(query.reshape(1, -1), count)
            scores[rows[0]] = found[0]
        return scores

    def vectors(self) -> NDArray[np.float32]:
        """All vectors, (n, d) float32."""
        vectors: NDArray[np.float32] = self.faiss.reconstruct_n(0, len(self.passages))
        return vectors


def save(folder: Path, manifest: Manifest, passages: list[Passage], vectors: NDArray[np.float32]) -> None:
    """Write an index in the place of the one that is there. `vectors` is (n, d) float32, unit length.

    Raises StorageError when it cannot be written; what was there stays.
    """
    import faiss

    assert vectors.shape[0] == len(passages)
    flat = faiss.IndexFlatIP(manifest.dimensions)
    flat.add(vectors)
    contents = {
        "vectors": (".faiss", faiss.serialize_index(flat).tobytes()),
        "passages": (".json", _dump(passages)),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = {}
        for stem, (suffix, raw) in contents.items():
            sum_ = hashlib.sha256(raw).hexdigest()
            files[f"{stem}-{sum_[:16]}{suffix}"] = sum_
            _write(folder / f"{stem}-{sum_[:16]}{suffix}", raw)
        named = asdict(manifest) | {"files": files}
        _write(folder / MANIFEST, json.dumps(named, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise StorageError(f"The index cannot be written to {folder}: {error.strerror or error}.") from error
    for stale in folder.iterdir():
        if stale.name != MANIFEST and stale.name not in files:
            with contextlib.suppress(OSError):
                stale.unlink()


def read_manifest(folder: Path) -> Manifest:
    """What the index in this folder is. Raises IndexNotFound, IndexOutdated (another format) or IndexDamaged."""
    file = folder / MANIFEST
    try:
        found = json.loads(file.read_bytes())
        format_ = found["format"]
        if format_ != FORMAT:
            newer = isinstance(format_, int) and format_ > FORMAT
            remedy = "It was made by a newer cxkb; update yours, or b" if newer else "B"
            raise IndexOutdated(
                f"The index in {folder} has format {format_!r}, this cxkb reads {FORMAT}. {remedy}uild it anew with: cxkb index"
            )
        found["stamps"] = {
            path: (int(time), int(size), str(sum_)) for path, (time, size, sum_) in found["stamps"].items()
        }
        return Manifest(**found)
    except FileNotFoundError:
        raise IndexNotFound(f"No index in {folder}. Build one with: cxkb index") from None
    except OSError as error:
        raise IndexDamaged(f"{file} cannot be read: {error.strerror or error}. {REBUILD}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(f"{file} is damaged. {REBUILD}") from error


def load(folder: Path) -> Index:
    """The index in this folder, every byte checked. Raises IndexNotFound, IndexOutdated or IndexDamaged."""
    manifest = read_manifest(folder)
    raw: dict[str, bytes] = {}
    for name, sum_ in manifest.files.items():
        if "/" in name or "\\" in name:
            raise IndexDamaged(f"{folder / MANIFEST} is damaged: it names a file elsewhere. {REBUILD}")
        try:
            raw[name.partition("-")[0]] = content = (folder / name).read_bytes()
        except OSError as error:
            raise IndexDamaged(f"{folder / name} cannot be read: {error.strerror or error}. {REBUILD}") from error
        if hashlib.sha256(content).hexdigest() != sum_:
            raise IndexDamaged(f"{folder / name} is damaged: it is not what was written. {REBUILD}")
    if set(raw) != {"vectors", "passages"}:
        raise IndexDamaged(f"{folder / MANIFEST} is damaged: it does not name the index's files. {REBUILD}")
    import faiss
    import numpy as np

    flat = faiss.deserialize_index(np.frombuffer(raw["vectors"], dtype=np.uint8))
    passages = _parse(raw["passages"])
    if flat.ntotal != len(passages):
        raise IndexDamaged(f"{folder}: {flat.ntotal} vectors for {len(passages)} passages. {REBUILD}")
    return Index(manifest, passages, flat)


PAGE_FIELDS = ("kind", "page", "title", "path")
"""What all passages of a page share: written once."""

PASSAGE_FIELDS = ("location", "heading", "text", "role", "line", "concepts", "sources")


def _dump(passages: list[Passage]) -> bytes:
    """Passages as JSON that a person can read: pages, and under each its passages, a line each."""
    lines: list[str] = []
    shared: list[str] | None = None
    for passage in passages:
        page = [getattr(passage, name) for name in PAGE_FIELDS]
        own = [getattr(passage, name) for name in PASSAGE_FIELDS]
        start = "" if page == shared else json.dumps(page, ensure_ascii=False)
        lines.append((f"[{start}, [\n" if start else "") + json.dumps(own, ensure_ascii=False))
        if start and len(lines) > 1:
            lines[-2] += "\n]],"
        elif len(lines) > 1:
            lines[-2] += ","
        shared = page
    fields = json.dumps({"page": PAGE_FIELDS, "passage": PASSAGE_FIELDS})
    return f'{{"fields": {fields},\n"pages": [\n{chr(10).join(lines)}{"]]" if lines else ""}\n]}}\n'.encode()


def _parse(raw: bytes) -> list[Passage]:
    return [
        Passage(
            kind=kind, page=page, title=title, path=path, location=location, heading=heading, text=text, role=role,
            line=line, concepts=tuple(concepts), sources=tuple(sources),
        )
        for (kind, page, title, path), passages in json.loads(raw)["pages"]
        for location, heading, text, role, line, concepts, sources in passages
    ]  # fmt: skip


def _write(file: Path, raw: bytes) -> None:
    """The whole file or nothing: written beside its place, flushed to disk, then moved into it."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(raw)
            temporary.flush()
            os.fsync(temporary.fileno())
        os.replace(name, file)  # noqa: PTH105 - a plain str is at hand
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise
