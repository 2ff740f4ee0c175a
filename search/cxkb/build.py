"""Build the index: content -> pages -> passages -> vectors, encoding only what is new since the last one."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxkb import encoder, freshness, index, knowledge, lexical, passages, site, storage
from cxkb.errors import ContentError, IndexDamaged, IndexNotFound, IndexOutdated, StorageError
from cxkb.retrieve import RULES, TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from cxkb.records import Passage
    from cxkb.settings import Settings

LOCK_SECONDS = 600
"""How long to wait for another process that is building the same index."""


@dataclass(frozen=True, slots=True)
class Built:
    """What building an index did."""

    pages: int
    sections: int
    passages: int
    encoded: int
    reused: int
    seconds: float


def encoded_text(passage: Passage) -> str:
    """What of a passage the encoder reads: running text under its title and heading, all else as it is."""
    if passage.role in ("question", "alias", "sentence", "outside"):
        return passage.text
    if passage.role == "title" or passage.heading == passage.title:
        return f"{passage.title}. {passage.text}"
    return f"{passage.title}. {passage.heading}. {passage.text}"


def build(settings: Settings, progress: Callable[[int, int], None] | None = None, *, whole: bool = False) -> Built:
    """Build the index, encoding only what is new since the last one (everything with `whole`).

    Raises ContentError, SiteError, ModelUnavailable or StorageError.
    """
    folder = settings.index
    try:
        with storage.alone(settings.index_lock, LOCK_SECONDS, f"building the index in {folder}"):
            folder.mkdir(exist_ok=True)
            return _build(settings, folder, progress, whole=whole)
    except OSError as error:
        raise StorageError(f"The index cannot be written to {folder}: {error.strerror or error}.") from error


def _build(settings: Settings, folder: Path, progress: Callable[[int, int], None] | None, *, whole: bool) -> Built:
    import numpy as np

    start = time.perf_counter()
    stamps = freshness.stamps(settings.root)
    loaded = knowledge.load_or_fail(settings)
    pages = site.render(settings)
    split = [passage for page in pages for passage in passages.with_sentences(passages.split(page))]
    if not split:
        raise ContentError(f"{settings.root} has no pages to search. Add one under docs/concepts/.")
    model = encoder.find(settings.model, settings.root)
    weights = model.digest()
    known = {} if whole else _vectors_by_text(folder, settings.model, weights)
    texts = [encoded_text(passage) for passage in split]
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        known |= dict(zip(new, encoder.SentenceEncoder(model).encode(new, progress), strict=True))
    vectors = np.stack([known[text] for text in texts])
    # No file's time is noted then, and the next question hashes more
    is_reproducible = "SOURCE_DATE_EPOCH" in os.environ
    manifest = index.Manifest(
        model=settings.model,
        weights=weights,
        weights_stamp=(0, 0) if is_reproducible else model.stamp(),
        rules=RULES,
        content=freshness.digest(stamps),
        stamps=freshness.timeless(stamps) if is_reproducible else stamps,
        labels={key: source.label for key, source in loaded.sources.items()},
        pages=len(pages),
        sections=len({passage.location for passage in split if passage.role == "body"}),
        passages=len(split),
        dimensions=int(vectors.shape[1]),
    )
    index.save(folder, manifest, split, vectors, letters(split))
    seconds = time.perf_counter() - start
    return Built(len(pages), manifest.sections, len(split), len(new), len(texts) - len(new), seconds)


def letters(split: list[Passage]) -> dict[str, bytes]:
    """The lexical indexes. A page's title and definition belong to both of its fields."""
    names: dict[tuple[str, str], list[str]] = {}
    text: dict[tuple[str, str], list[str]] = {}
    outside: list[list[str]] = []
    for passage in split:
        page = passage.kind, passage.page
        of_names, of_text = names.setdefault(page, []), text.setdefault(page, [])
        if passage.role == "outside":
            outside.append([passage.text])
        elif passage.role == "title":
            of_names += [passage.title, passage.text]
            of_text += [passage.title, passage.text]
        elif passage.role == "body":
            of_text.append(passage.text)
        elif passage.role != "sentence":  # said already by the passage around it
            of_names.append(passage.text)
    return {
        "names": lexical.build(list(names.values())),
        "text": lexical.build(list(text.values())),
        "outside": lexical.build(outside),
    }


def _vectors_by_text(folder: Path, model: str, weights: str) -> dict[str, NDArray[np.float32]]:
    """What the last index has encoded with this very model: text -> vector."""
    try:
        old = index.load(folder)
    except (IndexNotFound, IndexOutdated, IndexDamaged):
        return {}
    same_model = (old.manifest.model, old.manifest.weights) == (model, weights)
    if not same_model or not old.manifest.rules.endswith(TEXTS):
        return {}
    return dict(zip(map(encoded_text, old.passages), old.vectors(), strict=True))
