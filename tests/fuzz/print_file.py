"""A file of sources/prints, alone and held against another print."""

from __future__ import annotations

from cxkb import prints

SEEDS = ("cases/prints/*.txt",)

OTHER = prints.make(
    "The customer owns the experience, and nobody else does, whatever they say in the board room.\n" * 3
)


def read(raw: bytes) -> None:
    """A print that is written as it was read and that can be compared, or none."""
    text = raw.decode(errors="replace")
    if (found := prints.parse(text)) is None:
        return
    assert prints.text(found) == text
    for one, other in ((found, OTHER), (OTHER, found), (found, found)):
        repeats = prints.compare(one, other)
        assert 0 <= repeats.share <= 1
        assert 0 <= repeats.share_there <= 1
        assert all(span.start < span.end and 1 <= span.first <= span.last for pair in repeats.places for span in pair)
