"""The two use cases: build the index, and ask it."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cxkb import __version__, encoder, freshness, index, knowledge, passages, rank, site
from cxkb.errors import (
    ContentError,
    IndexDamaged,
    IndexLocked,
    IndexNotFound,
    IndexOutdated,
    QuestionError,
    StorageError,
)
from cxkb.records import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from cxkb.index import Index, Manifest
    from cxkb.records import Hit, Kind, Passage
    from cxkb.settings import Settings

PREVIEW = "http://127.0.0.1:8000/"
"""Where `make serve` shows the site; used in URLs until SITE_URL says where it is published."""

TEXTS = 1
"""Version of `encoded_text`; an index made by another is outdated."""

RULES = f"cxkb {__version__}, splitter {passages.RULES}, texts {TEXTS}"

MAX_QUESTION = 2_000
"""Characters; the encoder reads about the first 1,000 of them."""

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
    """What of a passage the encoder reads: questions and names as they are, running text under its title and heading."""
    if passage.role in ("question", "alias"):
        return passage.text
    if passage.role == "title" or passage.heading == passage.title:
        return f"{passage.title}. {passage.text}"
    return f"{passage.title}. {passage.heading}. {passage.text}"


def build(settings: Settings, progress: Callable[[int, int], None] | None = None, *, whole: bool = False) -> Built:
    """Build the index, encoding only what is new since the last one (everything with `whole`).

    Raises ContentError, SiteError, ModelUnavailable, IndexLocked or StorageError.
    """
    from filelock import FileLock, Timeout

    folder = settings.index
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(folder.parent / "index.lock"), timeout=LOCK_SECONDS)
        with lock:
            return _build(settings, folder, progress, whole=whole)
    except Timeout:
        raise IndexLocked(
            f"Another process has been building the index in {folder} for {LOCK_SECONDS} s; end it and try again."
        ) from None
    except OSError as error:
        raise StorageError(f"The index cannot be written to {folder}: {error.strerror or error}.") from error


def _build(settings: Settings, folder: Path, progress: Callable[[int, int], None] | None, *, whole: bool) -> Built:
    import numpy as np

    start = time.perf_counter()
    stamps = freshness.stamps(settings.root)
    loaded = knowledge.load_or_fail(settings)
    pages = site.render(settings)
    split = [passage for page in pages for passage in passages.split(page)]
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
    sections = len({passage.location for passage in split if passage.role == "body"})
    manifest = index.Manifest(
        model=settings.model,
        weights=weights,
        rules=RULES,
        content=freshness.digest(stamps),
        stamps=stamps,
        labels={key: source.label for key, source in loaded.sources.items()},
        pages=len(pages),
        sections=sections,
        passages=len(split),
        dimensions=int(vectors.shape[1]),
    )
    index.save(folder, manifest, split, vectors)
    return Built(len(pages), sections, len(split), len(new), len(texts) - len(new), time.perf_counter() - start)


def _vectors_by_text(folder: Path, model: str, weights: str) -> dict[str, NDArray[np.float32]]:
    """What the last index has encoded with this very model: text -> vector."""
    try:
        old = index.load(folder)
    except (IndexNotFound, IndexOutdated, IndexDamaged):
        return {}
    if (old.manifest.model, old.manifest.weights) != (model, weights) or not old.manifest.rules.endswith(
        f"texts {TEXTS}"
    ):
        return {}
    return dict(zip(map(encoded_text, old.passages), old.vectors(), strict=True))


def stale(settings: Settings) -> str | None:
    """Why the index must be built before it can be asked, in a few words; None when it is fresh."""
    try:
        manifest = index.read_manifest(settings.index)
    except IndexNotFound:
        return "there is none yet"
    except IndexOutdated:
        return "it has another format"
    except IndexDamaged:
        return "it is damaged"
    return _difference(settings, manifest)


def _difference(settings: Settings, manifest: Manifest) -> str | None:
    if manifest.rules != RULES:
        return f"it was made by {manifest.rules}, this is {RULES}"
    if manifest.model != settings.model:
        return f"it was made with the model {manifest.model!r}, configured is {settings.model!r}"
    stamps = freshness.stamps(settings.root, manifest.stamps)
    if freshness.digest(stamps) == manifest.content:
        return None
    changed = sorted(
        path
        for path in stamps.keys() | manifest.stamps.keys()
        if stamps.get(path, ("",) * 3)[2] != manifest.stamps.get(path, ("",) * 3)[2]
    )
    return f"{changed[0]} has changed" if len(changed) == 1 else f"{len(changed)} files have changed"


def site_url() -> str:
    """The address of the site with a slash at its end: what SITE_URL says, else the local preview's."""
    return os.environ.get("SITE_URL", PREVIEW).rstrip("/") + "/"


def clean_question(text: str) -> str:
    """The question with its white space made single. Raises QuestionError for one that cannot be asked."""
    question = " ".join(text.split())
    if not question:
        raise QuestionError(
            'The question is empty. Ask in your own words: cxkb ask "who owns the customer experience?"'
        )
    if len(question) > MAX_QUESTION:
        raise QuestionError(f"The question has {len(question):,} characters; ask in at most {MAX_QUESTION:,}.")
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", question):
        raise QuestionError("The question holds bytes that are not text. Ask in words.")
    return question


class Searcher:
    """An opened index with its encoder, for one question or many."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.index: Index = index.load(settings.index)
        self.encoder = encoder.SentenceEncoder(encoder.find(settings.model, settings.root))

    def ask(self, question: str, count: int = 5, kinds: Collection[Kind] = ()) -> Answer:
        """The `count` pages that answer best, one hit a page. Raises QuestionError for what is no question."""
        query = clean_question(question)
        vector = self.encoder.encode([query])[0]
        hits = rank.rank(self.index.search(vector), self.index.passages, count, kinds)
        labels = {key: self.index.manifest.labels.get(key, key) for hit in hits for key in hit.passage.sources}
        return Answer(query=query, hits=tuple(self._marked(hits, vector)), answered=bool(hits), labels=labels)

    def _marked(self, hits: Sequence[Hit], query: NDArray[np.float32]) -> list[Hit]:
        """The hits, each with the sentence of its passage that is nearest to the query."""
        split = rank.sentences_of(hits)
        flat = [sentence for found in split for sentence in found]
        near = iter((self.encoder.encode(flat) @ query).tolist()) if flat else iter(())
        return [
            replace(
                hit,
                sentence=max(zip(found, near, strict=False), key=lambda pair: pair[1])[0] if found else "",
            )
            for hit, found in zip(hits, split, strict=True)
        ]
