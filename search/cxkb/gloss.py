"""German and Dutch questions glossed into English word for word, for an encoder that has learned English.

"warum stehen sich unsere Abteilungen im Weg" -> "why stand themselves our departments in the way": no translation, and
near enough for a vector. Lexicons are assets/lexicon/<language>.tsv: word or phrase, tab, gloss, sorted by bytes; an
empty gloss drops a word that carries nothing. What it gains is in decisions/0006.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from cxkb import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = ("de", "nl")

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

MIN_PART = 4
"""Letters of a compound's part or of a stem; shorter ones are found in any word."""

MAX_PHRASE = 7
"""Words of the longest phrase in a lexicon."""

MAX_COMPOUND = 60
"""Letters of the longest word that is taken apart: trying all ways takes ever longer, and nobody writes longer ones."""

JOINTS = ("", "s", "es", "n", "en", "e", "er")
"""What German and Dutch put between the parts of a compound."""

MIN_KNOWN = 0.5
"""Share of a question's words that a lexicon must know for the question to be taken as of that language."""

ENGLISH = frozenset(
    """
    about and any are because but by can't could does doesn't don't for from get give has have how if into it's
    its just keep make many more most much my need no not only our out people should some than that the their
    them then there these they this those to too up us use vs what what's when where which while who why with
    without would you your
    """.split()
)
"""Words that questions in English are made with and that are no words of German or Dutch."""

MAX_ENGLISH = 0.15
"""Share of such words above which a question is English."""

ENDINGS = {
    "de": "innen eren erem eres erer ende sten ste est ern end tet ten ung em en er es et st te in e n s t".split(),
    "nl": "heden ende eren sten ste tje jes end den ten de te en er es je s e t n d".split(),
}
"""Endings of regular inflection, longest first; enough to bring a word near a lexicon's entry."""


@dataclass(frozen=True)
class Lexicon:
    """A language's words and phrases with their English glosses."""

    language: str
    raw: bytes
    """The file, as it is."""

    def entry(self, word: str) -> str | None:
        """The gloss of exactly this word or phrase; None if it has no entry."""
        found = lines.value(self.raw, word.encode() + b"\t")
        return None if found is None else found.decode()

    def look_up(self, word: str) -> str | None:
        """The word's gloss, perhaps by its stem or its parts; None for an unknown word."""
        found = self.entry(word)
        return self._inflected(word) or self._compound(word) if found is None else found

    def _inflected(self, word: str) -> str | None:
        """The gloss of the first entry that has the word's stem."""
        wanted = stem(word, self.language)
        if len(wanted) < MIN_PART:
            return None
        at = lines.find(self.raw, wanted.encode())
        while (line := lines.line_at(self.raw, at)).startswith(wanted.encode()):
            other, _, gloss_ = line.decode().partition("\t")
            if gloss_ and stem(other, self.language) == wanted:
                return gloss_
            at += len(line) + 1
        return None

    def _compound(self, word: str) -> str | None:
        """The glosses of a compound's parts: the longest first part that leaves a known rest."""
        if len(word) > MAX_COMPOUND:
            return None
        part = cache(self._part)  # what is left of a word is left in many ways

        @cache
        def parted(left: str) -> str | None:
            for at in range(len(left) - MIN_PART, MIN_PART - 1, -1):
                first = next(filter(None, map(part, _without_joint(left[:at]))), None)
                rest = first and (part(left[at:]) or parted(left[at:]))
                if first and rest:
                    return f"{first} {rest}"
            return None

        return parted(word)

    def _part(self, part: str) -> str | None:
        if len(part) < MIN_PART:
            return None
        return self.entry(part) or self._inflected(part)


def _without_joint(head: str) -> Iterator[str]:
    return (head[: len(head) - len(joint)] for joint in JOINTS if head.endswith(joint))


def stem(word: str, language: str) -> str:
    """The word without the ending of regular inflection; at least four letters stay."""
    for ending in ENDINGS[language]:
        if word.endswith(ending) and len(word) - len(ending) >= MIN_PART:
            return word[: -len(ending)]
    return word


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language, 'de' or 'nl'."""
    return Lexicon(language, (files("cxkb") / "assets" / "lexicon" / f"{language}.tsv").read_bytes())


def gloss(query: str) -> str | None:
    """The query in English words, or None when it is not German or Dutch as far as the lexicons tell."""
    words = [word.replace("’", "'") for word in WORD.findall(unicodedata.normalize("NFC", query.lower()))]
    if not words or sum(word in ENGLISH for word in words) > MAX_ENGLISH * len(words):
        return None
    tried = [_gloss(words, lexicon(language)) for language in LANGUAGES]
    known, glossed = max(tried, key=lambda result: result[0])
    differs = glossed.lower().split() != words
    return glossed if differs and known >= MIN_KNOWN * len(words) else None


def _gloss(words: list[str], lexicon_: Lexicon) -> tuple[int, str]:
    """How many of the words are known, and the glosses of all, unknown words as they are."""
    found: list[str] = []
    known = at = 0
    while at < len(words):
        for length in range(min(MAX_PHRASE, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + length])
            gloss_ = lexicon_.entry(phrase) if length > 1 else lexicon_.look_up(phrase)
            if gloss_ is not None:
                known += length
                found.append(gloss_)
                at += length
                break
        else:
            found.append(words[at])
            at += 1
    return known, " ".join(part for part in found if part)
