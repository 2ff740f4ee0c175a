"""Ask the index: a question -> the pages that answer it, or an honest no.

On the path of every question: nothing here or below imports PyTorch, MkDocs or pydantic.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from cxkb import __version__, freshness, gloss, index, lexical, rank
from cxkb.errors import IndexDamaged, IndexNotFound, IndexOutdated, QuestionError
from cxkb.passages import RULES as SPLITTER
from cxkb.records import Answer

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from cxkb.encoder import Model
    from cxkb.index import Index, Manifest
    from cxkb.rank import Scored
    from cxkb.records import Hit, Kind
    from cxkb.settings import Settings

PREVIEW = "http://127.0.0.1:8000/"
"""Where `make serve` shows the site; used in URLs until SITE_URL says where it is published."""

TEXTS = "texts 2"
"""Version of what is encoded of a passage, see `build.encoded_text`; vectors of another version are not reused."""

RULES = f"cxkb {__version__}, splitter {SPLITTER}, letters {lexical.RULES}, {TEXTS}"

MAX_QUESTION = 2_000
"""Characters; the encoder reads about the first 1,000 of them."""

GLOSS = 0.5
"""Weight of letters that a page shares with a question's gloss, beside those it shares with the question itself."""


class Encoder(Protocol):
    """What turns a query into a vector."""

    def encode(self, text: str) -> NDArray[np.float32]:
        """The text's vector, (d,) float32 of length one."""


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
    nothing = (0, 0, "")
    paths = sorted(stamps.keys() | manifest.stamps.keys())
    changed = [path for path in paths if stamps.get(path, nothing)[2] != manifest.stamps.get(path, nothing)[2]]
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the index has on a query, before it is weighed."""

    near: list[tuple[int, float]]
    """Rows of passages, nearest first, with their cosines in [-1, 1]."""
    letters: dict[rank.Page, float]
    """Page -> share of the query's letters that it has, in (0, 1]."""
    outside: float
    """Cosine of the nearest question that the knowledge base does not answer; -1 if there are none."""
    words: int
    """How many words of the query are no stop words."""


class Searcher:
    """An opened index with its encoder, for one question or many.

    Raises IndexNotFound, IndexOutdated, IndexDamaged or ModelUnavailable.
    """

    def __init__(self, settings: Settings) -> None:
        self.index: Index = index.load(settings.index)
        self.encoder, self.slow = _query_encoder(settings, self.index.manifest)
        self.weights = rank.parameters()

    def ask(self, question: str, count: int = 5, kinds: Collection[Kind] = ()) -> Answer:
        """The `count` pages that answer best, one hit a page; `answered` is False when they are only the closest topics.

        Raises QuestionError for what is no question.
        """
        query = clean_question(question)
        evidence = self.evidence(query)
        scored = rank.score_pages(evidence.near, self.page_of, evidence.letters, self.weights)
        confidence = rank.confidence(self.features(evidence, scored), self.weights)
        answered = confidence >= self.weights.threshold or self.index.manifest.model != self.weights.model
        chosen = [page for page in scored if not kinds or page.page[0] in kinds][:count]
        hits = self.hits(chosen, dict(evidence.near))
        return Answer(query, tuple(hits), answered and bool(hits), confidence, self._labels(hits))

    def evidence(self, query: str) -> Evidence:
        """What the index has on a clean query."""
        passages = self.index.passages
        near: list[tuple[int, float]] = []
        outside = -1.0
        vector, shares = self._vector_and_letters(query)
        for row, cosine in self.index.search(vector):
            if passages.page_of[row] in passages.outside:
                outside = max(outside, cosine)
            else:
                near.append((row, cosine))
        letters = {passages.pages[number]: share for number, share in shares.items()}
        return Evidence(near, letters, outside, len(lexical.words(query)))

    def features(self, evidence: Evidence, scored: Sequence[Scored]) -> dict[str, float]:
        """What confidence in these pages is estimated from."""
        return rank.features(scored, evidence.near, evidence.outside, evidence.words)

    def _vector_and_letters(self, query: str) -> tuple[NDArray[np.float32], dict[int, float]]:
        """The query's vector, and page number -> share of its letters; its English gloss, if any, counts in both."""
        vector, shares = self.encoder.encode(query), lexical.search(self.index.lexical, query)
        if glossed := gloss.gloss(query):
            both = vector + self.encoder.encode(glossed)
            vector = both / np.linalg.norm(both)
            for page, share in lexical.search(self.index.lexical, glossed).items():
                shares[page] = max(shares.get(page, 0.0), GLOSS * share)
        return vector, shares

    def page_of(self, row: int) -> rank.Page:
        """The page, by kind and id, of the passage in this row of the index."""
        passages = self.index.passages
        return passages.pages[passages.page_of[row]]

    def hits(self, chosen: Sequence[Scored], cosines: dict[int, float]) -> list[Hit]:
        """These pages as hits, in this order; `cosines` are rows' nearness to the query."""
        passages = self.index.passages
        found = []
        for place, scored in enumerate(chosen, 1):
            rows = passages.rows_of[scored.page]
            own = passages[rows.start : rows.stop]
            found.append(rank.hit(place, scored, own, [cosines.get(row, -1.0) for row in rows]))
        return found

    def neighbours(self, path: str, count: int) -> list[tuple[float, str, str, str]]:
        """The pages nearest to the page written in `path`, by its title and definition: cosine, kind, id, title."""
        passages = self.index.passages
        row = next((n for n in range(len(passages)) if passages[n].path == path), None)
        if row is None:
            return []
        found: dict[rank.Page, tuple[float, str, str, str]] = {}
        for other, cosine in self.index.search(self.index.faiss.reconstruct(row)):
            passage = passages[other]
            if passage.path != path and passage.role == "title":
                found.setdefault(self.page_of(other), (cosine, passage.kind, passage.page, passage.title))
        return list(found.values())[:count]

    def _labels(self, hits: list[Hit]) -> dict[str, str]:
        labels = self.index.manifest.labels
        return {key: labels.get(key, key) for hit in hits for key in hit.passage.sources}


class _SlowEncoder:
    """sentence-transformers, for models that `bert` does not compute."""

    def __init__(self, model: Model) -> None:
        from cxkb.encoder import SentenceEncoder

        self.encoder = SentenceEncoder(model)

    def encode(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self.encoder.encode([text])[0]
        return vector


def _query_encoder(settings: Settings, manifest: Manifest) -> tuple[Encoder, bool]:
    """The encoder of queries, and whether it is the slow one. Its weights are those that the index was made with."""
    from cxkb import bert, encoder

    model = encoder.find(settings.model, settings.root)
    if model.stamp() != manifest.weights_stamp and model.digest() != manifest.weights:
        raise IndexOutdated(
            f"The weights of the model {settings.model!r} are not those the index was made with. Build it anew with: cxkb index"
        )
    if model.folder:
        try:
            return bert.QueryEncoder(model.folder), False
        except bert.Unsupported:
            pass
    return _SlowEncoder(model), True
