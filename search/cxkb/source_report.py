"""What a source brings: what it repeats, which pages it touches, what is new in it, what may differ, what is not noted yet.

Nothing here judges: nearness of meaning says that two sentences speak of the same thing, not that they agree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cxkb import findings, prints
from cxkb.errors import ContentError, StorageError
from cxkb.findings import CLOSE, Comparison, Extract, Near
from cxkb.nearest import hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Source
    from cxkb.retrieve import Searcher

NEAREST = 3
"""Pages that are named for a passage: it says one thing or two."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """An earlier source that holds parts of the same text."""

    key: str
    label: str
    share: float
    """Share, in [0, 1], of the new source's words that stand there, too."""
    share_there: float
    """Share of the earlier source's words that stand here."""
    places: tuple[str, ...]
    """`paragraphs 1-6 = paragraphs 5-8 there`."""
    is_edition: bool
    """Whether the two are editions of one text: `same-voice-as` is proposed, unless the record says so already."""
    is_declared: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A passage of the text beside what a page says."""

    place: str
    said: str
    """The sentence of the text."""
    title: str
    """The page's, with the section's heading."""
    id: str
    ours: str
    """The page's sentence that is closest; for a tension its summary, for a definition the definition."""
    location: str
    file: str
    """`path:line`."""
    closeness: float
    """Cosine in [-1, 1], rounded; comparable within one report only."""
    cites: bool
    """Whether the page cites this source already."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that no page covers."""

    place: str
    said: str
    """Its sentence that is most typical of the text."""
    nearest: str
    """Title of the page that is nearest all the same; empty if there is none."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a source brings. Candidates come most typical of the text first, touches and differences closest first."""

    key: str
    title: str
    basis: str
    """What was read: `text`, `notes` or `nothing`."""
    language: str
    """Of what was read, as an ISO 639 code; empty when unknown."""
    passages: int
    repeats: tuple[Repeat, ...]
    touches: tuple[Link, ...]
    """The closest passage for each concept that is among the NEAREST of any passage."""
    by_passage: tuple[tuple[str, tuple[str, ...]], ...]
    """Each passage's place with the ids of the concepts that are nearest, NEAREST at most, in the order of the text."""
    new: tuple[Candidate, ...] | None
    """None for a text that is not in English: it is held against the pages word by word, and much of it seems far away."""
    differs: tuple[Link, ...]
    """Likewise for each tension and each definition."""
    uncovered: tuple[Candidate, ...] | None
    """Passages that no note covers; None while there are no notes, no text, or none in English."""


def compose(key: str, knowledge: KnowledgeBase, searcher: Searcher) -> Report:
    """What the source with this key brings, from its text in .cxkb/originals or, without it, from the record's notes.

    The index must have the record's notes, if there are any. Raises ContentError for an unknown key, a text that
    cannot be read or a damaged print.
    """
    if key not in knowledge.sources:
        raise ContentError(f"There is no source {key!r}{hint(key, knowledge.sources, 'sources/')}")
    source = knowledge.sources[key]
    parted = _paragraphs(knowledge, key)
    notes = _notes(key, searcher)
    texts = notes if parted is None else findings.extracts(parted)
    language = "en" if parted is None else (source.head.language or "").partition("-")[0]
    is_readable = language in ("", "en")
    compared = Comparison(texts, searcher)
    pages = compared.nearest(compared.rows(("concept", "tension")))
    titles = [row for row in compared.rows(("concept",)) if compared.passages.roles[row] == "title"]
    judged = compared.nearest([*titles, *compared.rows(("tension",))])
    concepts = [
        [near for near in found if near.passage.kind == "concept" and near.cosine >= CLOSE][:NEAREST] for found in pages
    ]
    noted = compared.nearest(compared.rows(("source",), key)) if parted is not None and notes and is_readable else None

    def links(found: Sequence[Sequence[Near]]) -> tuple[Link, ...]:
        close = (near for some in found for near in some[:NEAREST] if near.cosine >= CLOSE)
        every = findings.first_of_each(close, lambda near: (near.passage.kind, near.passage.page))
        return tuple(_link(near, key, knowledge) for near in every)

    return Report(
        key=key,
        title=source.head.title,
        basis="notes" if parted is None and notes else "text" if parted is not None else "nothing",
        language=language,
        passages=len(texts),
        repeats=_repeats(source, knowledge, "\n\n".join(parted) if parted is not None else None),
        touches=links(concepts),
        by_passage=tuple(
            (extract.place, tuple(near.passage.page for near in found))
            for extract, found in zip(texts, concepts, strict=True)
            if found
        ),
        new=_candidates(compared, pages) if is_readable else None,
        differs=tuple(_wording(link, knowledge) for link in links(judged)),
        uncovered=_candidates(compared, noted) if noted is not None else None,
    )


def _paragraphs(knowledge: KnowledgeBase, key: str) -> list[str] | None:
    """The source's text, if it is here."""
    file = knowledge.settings.originals / f"{key}.txt"
    try:
        return prints.paragraphs(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ContentError(f"{file} is not text in UTF-8; save it as such.") from None
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror}.") from error


def _notes(key: str, searcher: Searcher) -> list[Extract]:
    """The record's ideas."""
    passages = searcher.index.passages
    own = [passages[row] for row in passages.rows_of.get(("source", key), ()) if passages.roles[row] == "body"]
    return [Extract(f"#{p.location.partition('#')[2]}", p.text) for p in own if "#" in p.location]


def _repeats(source: Source, knowledge: KnowledgeBase, text: str | None) -> tuple[Repeat, ...]:
    """The other sources that share words with this one, by share."""
    known = prints.load(knowledge.settings)
    own = prints.make(text) if text is not None else known.get(source.key)
    found = []
    for key, other in known.items() if own else ():
        if key == source.key or key not in knowledge.sources:
            continue
        assert own
        shared = prints.compare(own, other)
        if shared.places:
            places = tuple(f"{_span(here)} = {_span(there)} there" for here, there in shared.places)
            declared = knowledge.voice(key) == knowledge.voice(source.key)
            label = knowledge.sources[key].label
            found.append(
                Repeat(key, label, shared.share, shared.share_there, places, shared.is_edition, is_declared=declared)
            )
    return tuple(sorted(found, key=lambda repeat: (-repeat.share, repeat.key)))


def _span(span: prints.Span) -> str:
    return f"paragraph {span.first}" if span.first == span.last else f"paragraphs {span.first}-{span.last}"


def _candidates(compared: Comparison, pages: Sequence[Sequence[Near]]) -> tuple[Candidate, ...]:
    """Extracts to which none of these pages is close."""
    far = [at for at, found in enumerate(pages) if not found or found[0].cosine < CLOSE]
    return tuple(
        Candidate(compared.extracts[at].place, said, pages[at][0].passage.title if pages[at] else "")
        for at, said in compared.central(far)
    )


def _link(near: Near, key: str, knowledge: KnowledgeBase) -> Link:
    passage = near.passage
    title = passage.title if passage.heading in ("", passage.title) else f"{passage.title} › {passage.heading}"
    page = (knowledge.tensions if passage.kind == "tension" else knowledge.concepts).get(passage.page)
    return Link(
        near.extract.place, near.said, title, passage.page, passage.text, passage.location,
        f"{passage.path}:{passage.line}", round(near.cosine, 2),
        cites=page is not None and any(citation.key == key for citation in page.citations),
    )  # fmt: skip


def _wording(link: Link, knowledge: KnowledgeBase) -> Link:
    """The link with the wording that is to be judged: a tension's summary, a concept's definition."""
    if link.location.startswith("tensions/") and link.id in knowledge.tensions:
        return replace(link, ours=knowledge.tensions[link.id].head.summary)
    return replace(link, ours=knowledge.concepts[link.id].head.definition) if link.id in knowledge.concepts else link
