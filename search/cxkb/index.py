"""Vectors and passages on disk: save, load, verify, search. The only module that knows FAISS.

A folder of files: `vectors-….faiss`, `passages-….json`, the lexical indexes `names-….txt`, `text-….txt` and
`outside-….txt`, and `manifest.json`. All but the last carry the beginning of their sha256 in their names and are never
written over; the manifest names them, says what they were made from, and is replaced in one step. Whatever happens while
saving, the folder holds the old index or the new one. The manifest carries its own sha256, so that every byte is checked.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, overload

from cxkb import storage
from cxkb.errors import IndexDamaged, IndexNewer, IndexNotFound, IndexOutdated, StorageError
from cxkb.records import Passage

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from cxkb.freshness import Stamp
    from cxkb.records import Role

FORMAT = 3
"""Version of the files' layout."""

MANIFEST = "manifest.json"

NAME = re.compile(r"(?P<kind>[a-z]+)-[0-9a-f]{16}\.(?:faiss|json|txt)")
"""What the index's other files are called, and nothing that leads elsewhere is."""

LEXICAL = ("names", "text", "outside")
"""The lexical indexes: one for each of `records.FIELDS`, a page being a text; and one of the questions from outside, each
a text."""

NEAREST = 8_000
"""Passages weighed for a query: all of a knowledge base of some hundred pages, the nearest of a larger one."""

EXACT = 200_000
"""Vectors up to which every one is compared with the query: opening the index takes longer (decisions/0007)."""

PROBED = 32
"""Cells that a query is compared with beyond that."""

TRAINING = 40
"""Vectors a cell that its centre is learned from; FAISS asks for 39 at least."""

REBUILD = "Build it anew with: cxkb index"


PAGE_FIELDS = ("kind", "page", "title", "path")
"""What all passages of a page share: written once."""

PASSAGE_FIELDS = ("location", "heading", "text", "role", "line", "concepts", "sources")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made from, and what its files are."""

    model: str
    weights: str
    """sha256 of the model's weights."""
    weights_stamp: tuple[int, int]
    """Time of change, in nanoseconds, and size of the weights' file when that sum was taken; (0, 0) without a file."""
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


class Passages(Sequence[Passage]):
    """The passages as they lie in the file, made into records one by one when they are asked for.

    A question shows three of some thousand; making them all would take longer than searching them.
    """

    def __init__(self, pages: list[list[Any]]) -> None:
        self._rows = [(page, own) for page, owned in pages for own in owned]
        self.pages: list[tuple[str, str]] = [(page[0], page[1]) for page, _ in pages]
        """Kind and id of each page, in the order in which the lexical index counts them."""
        self.page_of = [number for number, (_, owned) in enumerate(pages) for _ in owned]
        """Row -> number of its page."""
        self.rows_of: dict[tuple[str, str], range] = {}
        """Page -> its rows."""
        start = 0
        for (kind, id_, *_), owned in pages:
            self.rows_of[kind, id_] = range(start, start + len(owned))
            start += len(owned)
        role = PASSAGE_FIELDS.index("role")
        self.roles: list[Role] = [own[role] for _, own in self._rows]

    @overload
    def __getitem__(self, row: int) -> Passage: ...
    @overload
    def __getitem__(self, row: slice) -> list[Passage]: ...
    def __getitem__(self, row: int | slice) -> Passage | list[Passage]:
        if isinstance(row, slice):
            return [self[n] for n in range(*row.indices(len(self)))]
        page, own = self._rows[row]
        made = dict(zip(PAGE_FIELDS, page, strict=True)) | dict(zip(PASSAGE_FIELDS, own, strict=True))
        return Passage(**{**made, "concepts": tuple(made["concepts"]), "sources": tuple(made["sources"])})

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(frozen=True, slots=True)
class Index:
    """Passages and their vectors, row by row the same."""

    manifest: Manifest
    passages: Passages
    faiss: Any
    lexical: dict[str, bytes]
    """Name of LEXICAL -> lexical index, see `lexical.build`."""

    def search(self, query: NDArray[np.float32], count: int = NEAREST) -> list[tuple[int, float]]:
        """The rows nearest to the query, a (d,) unit vector, nearest first, with their cosines in [-1, 1]."""
        cosines, rows = self.faiss.search(query[None], min(count, len(self.passages)))
        return [(row, cosine) for row, cosine in zip(rows[0].tolist(), cosines[0].tolist(), strict=True) if row >= 0]

    def vectors(self) -> NDArray[np.float32]:
        """All vectors, (n, d) float32."""
        vectors: NDArray[np.float32] = self.faiss.reconstruct_n()
        return vectors


def save(
    folder: Path,
    manifest: Manifest,
    passages: Sequence[Passage],
    vectors: NDArray[np.float32],
    lexical: dict[str, bytes],
) -> None:
    """Write an index in the place of the one that is there. `vectors` is (n, d) float32, unit length.

    Raises StorageError when it cannot be written; what was there stays.
    """
    import faiss

    assert vectors.shape[0] == len(passages)
    contents = {
        "vectors": (".faiss", faiss.serialize_index(_searchable(vectors)).tobytes()),
        "passages": (".json", _dump(passages)),
        **{name: (".txt", lexical[name]) for name in LEXICAL},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = {}
        for stem, (suffix, raw) in contents.items():
            sum_ = hashlib.sha256(raw).hexdigest()
            files[f"{stem}-{sum_[:16]}{suffix}"] = sum_
            storage.write(folder / f"{stem}-{sum_[:16]}{suffix}", raw)
        storage.write(folder / MANIFEST, sealed(asdict(manifest) | {"files": files}))
    except OSError as error:
        raise StorageError(f"The index cannot be written to {folder}: {error.strerror or error}.") from error
    for stale in folder.iterdir():
        if stale.name != MANIFEST and stale.name not in files:
            with contextlib.suppress(OSError):
                stale.unlink()


def sealed(fields: dict[str, Any]) -> bytes:
    """The manifest's file, with the sha256 of itself without that."""
    seal = hashlib.sha256(_written(fields)).hexdigest()
    return _written(fields | {"sha256": seal})


def _written(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, indent=1).encode()


def _searchable(vectors: NDArray[np.float32]) -> Any:
    """The FAISS index for so many vectors, (n, d): exact up to EXACT of them, by cells beyond (decisions/0007)."""
    import faiss

    count, dimensions = vectors.shape
    flat: Any = faiss.IndexFlatIP(dimensions)
    if count <= EXACT:
        flat.add(vectors)
        return flat
    cells = int(4 * count**0.5)
    by_cells = faiss.IndexIVFFlat(flat, dimensions, cells, faiss.METRIC_INNER_PRODUCT)
    flat.this.disown()  # it is the other's now, which frees it
    by_cells.own_fields = True
    by_cells.train(vectors[:: max(1, count // (cells * TRAINING))])
    by_cells.add(vectors)
    by_cells.nprobe = PROBED
    by_cells.make_direct_map()
    return by_cells


def read_manifest(folder: Path) -> Manifest:
    """What the index in this folder is. Raises IndexNotFound, IndexOutdated (another format), IndexNewer or IndexDamaged."""
    file = folder / MANIFEST
    try:
        raw = file.read_bytes()
        found = json.loads(raw)
        format_ = found["format"]
        if isinstance(format_, int) and format_ > FORMAT:
            raise IndexNewer(
                f"The index in {folder} has format {format_} of a newer cxkb, this one reads {FORMAT}. Update yours, or build it anew with: cxkb index"
            )
        if format_ != FORMAT:
            raise IndexOutdated(f"The index in {folder} has format {format_!r}, this cxkb reads {FORMAT}. {REBUILD}")
        del found["sha256"]
        if sealed(found) != raw:
            raise ValueError
        found["stamps"] = {
            path: (int(time), int(size), str(sum_)) for path, (time, size, sum_) in found["stamps"].items()
        }
        found["weights_stamp"] = tuple(found["weights_stamp"])
        return Manifest(**found)
    except FileNotFoundError:
        raise IndexNotFound(f"No index in {folder}. Build one with: cxkb index") from None
    except OSError as error:
        raise IndexDamaged(f"{file} cannot be read: {error.strerror or error}. {REBUILD}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IndexDamaged(f"{file} is damaged. {REBUILD}") from error


def load(folder: Path) -> Index:
    """The index in this folder, every byte checked. Raises IndexNotFound, IndexOutdated or IndexDamaged."""
    manifest = read_manifest(folder)
    raw: dict[str, bytes] = {}
    for name, sum_ in manifest.files.items():
        named = NAME.fullmatch(name)
        if named is None:
            raise IndexDamaged(f"{folder / MANIFEST} is damaged: it names a file elsewhere. {REBUILD}")
        try:
            raw[named["kind"]] = content = (folder / name).read_bytes()
        except OSError as error:
            raise IndexDamaged(f"{folder / name} cannot be read: {error.strerror or error}. {REBUILD}") from error
        if hashlib.sha256(content).hexdigest() != sum_:
            raise IndexDamaged(f"{folder / name} is damaged: it is not what was written. {REBUILD}")
    if set(raw) != {"vectors", "passages", *LEXICAL}:
        raise IndexDamaged(f"{folder / MANIFEST} is damaged: it does not name the index's files. {REBUILD}")
    import faiss
    import numpy as np

    flat = faiss.deserialize_index(np.frombuffer(raw["vectors"], dtype=np.uint8))
    passages = Passages(json.loads(raw["passages"])["pages"])
    if flat.ntotal != len(passages):
        raise IndexDamaged(f"{folder}: {flat.ntotal} vectors for {len(passages)} passages. {REBUILD}")
    return Index(manifest, passages, flat, {name: raw[name] for name in LEXICAL})


def _dump(passages: Sequence[Passage]) -> bytes:
    """Passages as JSON that a person can read: pages, and under each its passages, a line each."""
    pages = []
    for page, owned in groupby(passages, lambda passage: [getattr(passage, name) for name in PAGE_FIELDS]):
        rows = ([getattr(passage, name) for name in PASSAGE_FIELDS] for passage in owned)
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        pages.append(f"[{json.dumps(page, ensure_ascii=False)}, [\n{lines}\n]]")
    fields = json.dumps({"page": PAGE_FIELDS, "passage": PASSAGE_FIELDS})
    listed = ",\n".join(pages)
    return f'{{"fields": {fields},\n"pages": [\n{listed}\n]}}\n'.encode()
