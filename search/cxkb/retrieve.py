"""Ask the index: a question -> the pages that answer it, or an honest no.

On the path of every question: nothing here or below imports PyTorch, MkDocs or pydantic.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Protocol

from cxkb import __version__, freshness, gloss, index, lexical, rank
from cxkb.errors import IndexDamaged, IndexNewer, IndexNotFound, IndexOutdated, QuestionError
from cxkb.passages import RULES as SPLITTER
from cxkb.records import FIELDS, Answer

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from cxkb.encoder import Model
    from cxkb.index import Index, Manifest
    from cxkb.rank import Scored
    from cxkb.records import Field, Hit, Kind
    from cxkb.settings import Settings

PREVIEW = "http://127.0.0.1:8000/"
"""Where `make serve` shows the site; used in URLs until SITE_URL says where it is published."""

TEXTS = "texts 2"
"""Version of what is encoded of a passage, see `build.encoded_text`; vectors of another version are not reused."""

RULES = f"cxkb {__version__}, splitter {SPLITTER}, letters {lexical.RULES}, {TEXTS}"

MAX_QUESTION = 2_000
"""Characters; the encoder reads about the first 1,000 of them."""

CANDIDATES = 20
"""Concepts whose titles are compared with a new one; each takes some milliseconds to encode."""

GLOSS = 0.5
"""Weight of letters that a page shares with a question's gloss, beside those it shares with the question itself."""


class Encoder(Protocol):
    """What turns a query into a vector."""

    def encode(self, text: str) -> NDArray[np.float32]:
        """The text's vector, (d,) float32 of length one."""


def stale(settings: Settings) -> str | None:
    """Why the index must be built before it can be asked, in a few words; None when it is fresh.

    Raises IndexNewer for one that is not to be replaced unasked.
    """
    try:
        manifest = index.read_manifest(settings.index)
    except IndexNotFound:
        return "there is none yet"
    except IndexNewer:
        raise
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
        scored = rank.score_pages(evidence, self.weights)
        confidence = rank.confidence(rank.features(scored, evidence), self.weights)
        answered = confidence >= self.weights.threshold or self.index.manifest.model != self.weights.model
        chosen = [page for page in scored if not kinds or page.page[0] in kinds][:count]
        hits = self.hits(chosen, dict(evidence.near))
        return Answer(query, tuple(hits), answered and bool(hits), confidence, self._labels(hits))

    def evidence(self, query: str) -> rank.Evidence:
        """What the index has on a clean query. Its English gloss, if it has one, counts in vector and letters."""
        passages = self.index.passages
        glossed = gloss.gloss(query)
        vector = self.vector(query, glossed)
        near: list[tuple[int, float]] = []
        outside = -1.0
        for row, cosine in self.index.search(vector):
            if passages.roles[row] == "outside":
                outside = max(outside, cosine)
            else:
                near.append((row, cosine))
        shares = {name: self._shares(name, query, glossed) for name in index.LEXICAL}
        fields = sorted(set(FIELDS.values()))
        return rank.Evidence(
            near=near,
            nearest=rank.nearest(near, self.field_of),
            letters={field: {passages.pages[n]: share for n, share in shares[field].items()} for field in fields},
            outside=outside,
            outside_letters=max(shares["outside"].values(), default=0.0),
            words=len(lexical.words(query)),
        )

    def vector(self, text: str, glossed: str | None) -> NDArray[np.float32]:
        """What the text means, (d,) float32 of length one; halfway to its English gloss, if it has one."""
        vector = self.encoder.encode(text)
        if not glossed:
            return vector
        import numpy as np

        both = vector + self.encoder.encode(glossed)
        return both / np.linalg.norm(both)

    def _shares(self, name: str, query: str, glossed: str | None) -> dict[int, float]:
        """Number of a text of this lexical index -> share of the query's letters that it has, or of its gloss's."""
        shares = lexical.search(self.index.lexical[name], query)
        for text, share in lexical.search(self.index.lexical[name], glossed).items() if glossed else ():
            shares[text] = max(shares.get(text, 0.0), GLOSS * share)
        return shares

    def page_of(self, row: int) -> rank.Page:
        """The page, by kind and id, of the passage in this row of the index."""
        passages = self.index.passages
        return passages.pages[passages.page_of[row]]

    def field_of(self, row: int) -> tuple[rank.Page, Field]:
        """The page, and the field of it, that the passage in this row of the index belongs to."""
        return self.page_of(row), FIELDS[self.index.passages.roles[row]]

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

    def concepts_like(self, name: str, count: int) -> list[tuple[float, str, str, str]]:
        """The concepts nearest to a name by theirs and by their questions: cosine, path, title, nearest text."""
        passages, vector = self.index.passages, self.encoder.encode(clean_question(name))
        found: dict[str, tuple[float, str, str, str]] = {}
        for row, cosine in self.index.search(vector):
            passage = passages[row]
            if passage.kind == "concept" and FIELDS.get(passage.role) == "names":
                text = passage.title if passage.role == "title" else passage.text
                found.setdefault(passage.path, (cosine, passage.path, passage.title, text))
                if len(found) == CANDIDATES:
                    break
        for cosine, path, title, _ in [*found.values()]:  # the index has titles with their definitions only
            if (alone := float(vector @ self.encoder.encode(title))) > cosine:
                found[path] = (alone, path, title, title)
        return sorted(found.values(), reverse=True)[:count]

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


def model_of(settings: Settings, manifest: Manifest) -> Model:
    """The configured model, with the weights that the index was made with. Raises IndexOutdated or ModelUnavailable."""
    from cxkb import encoder

    model = encoder.find(settings.model, settings.root)
    if model.stamp() != manifest.weights_stamp and model.digest() != manifest.weights:
        raise IndexOutdated(
            f"The weights of the model {settings.model!r} are not those the index was made with. Build it anew with: cxkb index"
        )
    return model


def _query_encoder(settings: Settings, manifest: Manifest) -> tuple[Encoder, bool]:
    """The encoder of queries, and whether it is the slow one."""
    from cxkb import bert

    model = model_of(settings, manifest)
    if model.folder:
        try:
            return bert.QueryEncoder(model.folder), False
        except bert.Unsupported:
            pass
    return _SlowEncoder(model), True
