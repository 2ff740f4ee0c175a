"""How well `findings.CLOSE` parts passages that pages cover from passages that none does.

    python benchmarks/new_passages.py

Covered: the notes of each source, held against the sections of concept and tension pages that cite other voices only;
of those, the notes that a page cites which cites another voice, too. So nobody wrote the section after the note.
New: paragraphs of the sample articles that, by reading, speak of what no page has. For each threshold the share of
covered passages that would wrongly be called new, and of new ones that would be called so.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cxkb import findings, knowledge, prints, retrieve, settings

NEW = {
    "consultancy": [3, 4, 9],
    "interview-magazine": [3, 5, 6, 19],
    "sound": [2, 5, 7, 8],
    "waiting": [3, 4, 6, 7, 9],
    "wrapped": [4, 11, 13, 15],
}
"""Sample article -> numbers of its paragraphs on matters without a page: sound, waiting, handovers, refunds, floods."""

THRESHOLDS = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)


def main() -> None:
    found = settings.find(Path(__file__).parent)
    loaded = knowledge.load_or_fail(found)
    searcher = retrieve.Searcher(found)
    held_out = [cosine for key in loaded.sources for cosine in covered(key, loaded, searcher)]
    unknown = []
    for name, numbers in NEW.items():
        text = (found.root / "tests" / "articles" / f"{name}.txt").read_text(encoding="utf-8")
        wanted = {f"paragraph {number}" for number in numbers}
        texts = [extract for extract in findings.extracts(prints.paragraphs(text)) if extract.place in wanted]
        compared = findings.Comparison(texts, searcher)
        unknown += [near[0].cosine for near in compared.nearest(compared.rows(("concept", "tension")))]
    print(f"{len(held_out)} covered passages, {len(unknown)} new ones")
    print("threshold  covered called new  new called new")
    for threshold in THRESHOLDS:
        wrong, right = (np.mean(np.array(cosines) < threshold) for cosines in (held_out, unknown))
        print(f"{threshold:9.2f}{wrong:20.3f}{right:16.3f}")


def covered(key: str, loaded: knowledge.KnowledgeBase, searcher: retrieve.Searcher) -> list[float]:
    """For each note of the source that pages of several voices cite, the cosine of what other voices' sections say."""
    voice = {other for other in loaded.sources if loaded.voice(other) == loaded.voice(key)}
    several = {
        page.path
        for page in (*loaded.concepts.values(), *loaded.tensions.values())
        if {citation.key for citation in page.citations} - voice
    }
    passages = searcher.index.passages
    notes = [
        findings.Extract(anchor, passage.text)
        for row in passages.rows_of[("source", key)]
        if (passage := passages[row]).role == "body" and (anchor := passage.location.partition("#")[2])
        if any(page.path in several for page in loaded.cited_by.get((key, anchor), ()))
    ]
    compared = findings.Comparison(notes, searcher)
    others = [
        row
        for row in compared.rows(("concept", "tension"))
        if not voice & set(passages[row].sources) and (passages[row].sources or passages[row].path in several)
    ]
    return [near[0].cosine for near in compared.nearest(others)]


if __name__ == "__main__":
    main()
