"""Fingerprints of the sources' texts: what of a text is told again in another, found without keeping the text.

The text of a source is not ours to publish, yet an edition of it may come years later, to somebody else. So its print is
kept beside the record, in sources/prints/<key>.txt: hashes of runs of words, some of them, with their places. After
Schleimer, Wilkerson and Aiken (2003), Winnowing: Local Algorithms for Document Fingerprinting, section 2.

No word can be read from a print: a hash of 32 bits stands for millions of possible runs of four words. Who already has a
text can tell that it is this one, and that is what a print is for.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from cxkb import storage
from cxkb.copying import RUN, words
from cxkb.errors import ContentError, StorageError
from cxkb.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from cxkb.settings import Settings

HEADING = "cxkb print 1"
"""First line of the file: its format, with the version of all that decides what is hashed."""

GRAM = 4
"""Words a hashed run. Of runs of four, two thirds stay whole when one word in ten is changed (0.9⁴)."""

WINDOW = 4
"""Of so many runs next to each other one is kept at least: what GRAM + WINDOW - 1 = 7 words share is always seen."""

GAP = 24
"""Words that may differ between two equal runs for both to belong to one repeated place: a sentence put in or reworded."""

EDITION = 0.3
"""Share of either text's words from which two texts count as editions of one. benchmarks/repeats.py measures what lies
on either side: unrelated texts on one topic share less than a hundredth; a quotation shares a paragraph."""

MOST = 8
"""Places of one run that are compared: a text that repeats a run more often than that says nothing with it."""

MAX_WORDS = 200_000
"""Words of a text that a print may speak of: a long book."""

MAX_BYTES = 5_000_000
"""Of a print's file; none of MAX_WORDS words has as many."""


@dataclass(frozen=True, slots=True)
class Print:
    """The fingerprint of a text."""

    paragraphs: tuple[int, ...]
    """Words of each paragraph."""
    runs: tuple[tuple[int, str], ...]
    """Number of the first word, counted from 0, and hash of the run, in the order of the text."""

    @property
    def words(self) -> int:
        """Words of the whole text."""
        return sum(self.paragraphs)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a text: words `start` to `end`, the latter not included, counted from 0; and their paragraphs."""

    start: int
    end: int
    first: int
    """First paragraph, counted from 1."""
    last: int


@dataclass(frozen=True, slots=True)
class Repeats:
    """What two texts have in common."""

    share: float
    """Share, in [0, 1], of the one text's words that stand in repeated places."""
    share_there: float
    """Likewise of the other's."""
    places: tuple[tuple[Span, Span], ...]
    """Each repeated place, in the one and in the other text, in the order of the one."""

    @property
    def is_edition(self) -> bool:
        """Whether these are editions of one text, whole or in part."""
        return max(self.share, self.share_there) >= EDITION


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, which blank lines part, each on one line."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def make(text: str) -> Print:
    """The print of a text, whose paragraphs are parted by blank lines; case and punctuation do not count."""
    parted = [words(paragraph) for paragraph in paragraphs(text)]
    every = [word for paragraph in parted for word in paragraph]
    hashes = [_hash(every[at : at + GRAM]) for at in range(len(every) - GRAM + 1)]
    kept = {
        min(range(start, min(start + WINDOW, len(hashes))), key=lambda at: (hashes[at], -at))
        for start in range(max(1, len(hashes) - WINDOW + 1) if hashes else 0)
    }
    return Print(tuple(map(len, parted)), tuple((at, hashes[at]) for at in sorted(kept)))


def _hash(run: Sequence[str]) -> str:
    return hashlib.blake2b(" ".join(run).encode(), digest_size=4).hexdigest()


def compare(one: Print, other: Print) -> Repeats:
    """What the texts of two prints have in common. Places of fewer than copying.RUN words are taken for chance."""
    there: dict[str, list[int]] = defaultdict(list)
    for at, run in other.runs:
        if len(there[run]) < MOST:
            there[run].append(at)
    seen: Counter[str] = Counter()
    places: list[list[int]] = []  # first and last run here, first and last run there
    recent: list[list[int]] = []
    for at, run in one.runs:
        seen[run] += 1
        if seen[run] > MOST:
            continue
        recent = [place for place in recent if at - place[1] <= GAP]
        for at_there in there.get(run, ()):
            reach = [place for place in recent if place[1] < at and 0 < at_there - place[3] <= GAP]
            if reach:
                nearest = min(reach, key=lambda place: abs((at - place[1]) - (at_there - place[3])))
                nearest[1], nearest[3] = at, at_there
            else:
                recent.append([at, at, at_there, at_there])
                places.append(recent[-1])
    long = [place for place in places if min(place[1] - place[0], place[3] - place[2]) + GRAM >= RUN]
    here, across = list(accumulate(one.paragraphs)), list(accumulate(other.paragraphs))
    found = sorted((_span(here, a, b), _span(across, c, d)) for a, b, c, d in long)
    return Repeats(
        _covered(span for span, _ in found) / max(1, one.words),
        _covered(span for _, span in found) / max(1, other.words),
        tuple(found),
    )


def _span(ends: Sequence[int], first: int, last: int) -> Span:
    """The place from the run that starts at `first` to the end of the one at `last`; `ends` are those of the paragraphs."""
    end = last + GRAM
    return Span(first, end, bisect_right(ends, first) + 1, bisect_right(ends, end - 1) + 1)


def _covered(spans: Iterable[Span]) -> int:
    """Words that stand in at least one of the places."""
    covered = reached = 0
    for span in sorted(spans):
        covered += max(0, span.end - max(span.start, reached))
        reached = max(reached, span.end)
    return covered


def text(print_: Print) -> str:
    """The print as its file: heading, words of each paragraph, then a line for each run."""
    lines = [HEADING, " ".join(map(str, print_.paragraphs)), *(f"{at} {run}" for at, run in print_.runs)]
    return "\n".join(lines) + "\n"


def parse(raw: str) -> Print | None:
    """The print in a file's text; None if it is not exactly as `text` writes them."""
    heading, _, rest = raw.partition("\n")
    lengths, _, runs = rest.partition("\n")
    if heading != HEADING or not re.fullmatch(r"(?:[0-9]{1,6}(?: [0-9]{1,6})*)?", lengths, re.ASCII):
        return None
    lines = runs.split("\n")
    if lines.pop() or not all(re.fullmatch(r"[0-9]{1,6} [0-9a-f]{8}", line, re.ASCII) for line in lines):
        return None
    parted = (line.split(" ") for line in lines)
    found = Print(tuple(map(int, lengths.split())), tuple((int(at), run) for at, run in parted))
    in_order = all(before[0] < after[0] for before, after in pairwise(found.runs))
    inside = not found.runs or found.runs[-1][0] + GRAM <= found.words
    return found if in_order and inside and found.words <= MAX_WORDS and text(found) == raw else None


def made_of(original: str, file: Path) -> bytes:
    """The file of a print, of a source's text that lies or is to lie in `file`. Raises ContentError for one too long."""
    count = sum(len(words(paragraph)) for paragraph in paragraphs(original))
    if count > MAX_WORDS:
        raise ContentError(f"{file} has {count:,} words; a print is made of at most {MAX_WORDS:,}.")
    return text(make(original)).encode()


def make_all(settings: Settings, keys: Sequence[str] = ()) -> Iterator[str]:
    """Write the prints of these sources, of all whose text is in .cxkb/originals when none is named; paths as they are done.

    Raises ContentError for a source without record or text, and StorageError.
    """
    records = {file.stem for file in settings.sources.glob("*.md")}
    for key in keys or sorted(records & {file.stem for file in settings.originals.glob("*.txt")}):
        if key not in records:
            raise ContentError(f"There is no source {key!r}: a print belongs to a record, sources/<key>.md.")
        original = settings.originals / f"{key}.txt"
        try:
            written = made_of(original.read_text(encoding="utf-8"), original)
        except (OSError, UnicodeDecodeError) as error:
            raise ContentError(f"{original} cannot be read as text in UTF-8; put the source's text there.") from error
        file = settings.prints / f"{key}.txt"
        try:
            file.parent.mkdir(exist_ok=True)
            storage.write(file, written)
        except OSError as error:
            raise StorageError(f"{file} cannot be written: {error.strerror}.") from error
        yield file.relative_to(settings.root).as_posix()


def load(settings: Settings) -> dict[str, Print]:
    """Key -> print of every source that has one, by key. Raises ContentError for one that is damaged."""
    found = {}
    for file in sorted(settings.prints.glob("*.txt")):
        print_, problem = _read(file, settings.root)
        if problem:
            raise ContentError(str(problem))
        assert print_
        found[file.stem] = print_
    return found


def problems(settings: Settings) -> list[Problem]:
    """What is wrong in sources/prints: prints that cannot be read, and files that are the print of no source."""
    known = {file.stem for file in settings.sources.glob("*.md")}
    found = []
    for file in sorted(settings.prints.glob("*")):
        path = file.relative_to(settings.root).as_posix()
        if file.suffix != ".txt" or file.stem not in known:
            found.append(Problem(path, 1, "There is no source of this name; remove the file.", "stray-print"))
        elif problem := _read(file, settings.root)[1]:
            found.append(problem)
    return found


def _read(file: Path, root: Path) -> tuple[Print | None, Problem | None]:
    try:
        found = parse(file.read_bytes().decode()) if file.stat().st_size <= MAX_BYTES else None
    except (OSError, UnicodeDecodeError):
        found = None
    if found:
        return found, None
    remedy = f"This is no print; make it anew where the source's text is: cxkb source print {file.stem}"
    return None, Problem(file.relative_to(root).as_posix(), 1, remedy, "bad-print")
