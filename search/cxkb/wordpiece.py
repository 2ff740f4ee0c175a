"""What cuts a text into word pieces: the settings of a model's tokenizer, complete enough to do it in another language.

The tokenizers library judges characters by an old version of Unicode, each browser by one of its own. So the settings
name the characters by their numbers, as the library itself treats them, and the vectors do not depend on a browser.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxkb.bert import TOKENIZER, Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Ranges = list[tuple[int, int]]
"""Code points from the first to the last of each pair, both included, in rising order."""

ASKED = {"Cc", "Cf", "Co", "Mc", "Me", "Mn", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Sc", "Sk", "Sm", "So"}
"""General categories of Unicode whose characters may be removed, stripped or apart."""


@dataclass(frozen=True, slots=True)
class WordPiece:
    """BERT's basic and WordPiece tokenizer (Devlin et al. 2019), between a first and a last token."""

    vocabulary: list[str]
    """Pieces by their number."""
    added: dict[str, int]
    """Tokens that are recognised wherever a text spells them out, such as [SEP], before anything else is done."""
    first: int
    last: int
    unknown: int
    """Stands for a word that no pieces make up, and for one longer than `longest` characters."""
    prefix: str
    """Begins every piece that does not begin a word."""
    longest: int
    lowercase: bool
    strip_accents: bool
    ideographs_apart: bool
    """Chinese characters are words of their own."""
    removed: Ranges
    """Characters left out: controls, formats, private ones. Empty where the text is not cleaned."""
    marks: Ranges
    """What is left out of decomposed text when accents are stripped; else empty."""
    punctuation: Ranges
    """Characters that are words of their own."""


def read(folder: Path) -> WordPiece:
    """The settings in a model's tokenizer.json. Raises Unsupported for any other kind than BERT's."""
    try:
        found = json.loads((folder / TOKENIZER).read_text(encoding="utf-8"))
        model, normalizer = found["model"], found["normalizer"]
        kinds = [normalizer["type"], found["pre_tokenizer"]["type"], model.get("type", "WordPiece")]
        if kinds != ["BertNormalizer", "BertPreTokenizer", "WordPiece"]:
            raise Unsupported(f"its tokenizer is of the kind {', '.join(kinds)}, not BERT's")
        ids: dict[str, int] = model["vocab"]
        first, last = _around(found["post_processor"])
        added = found["added_tokens"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unsupported(f"{folder / TOKENIZER} is not a BERT tokenizer's: {error!r}") from error
    vocabulary = sorted(ids, key=ids.__getitem__)
    if list(map(ids.__getitem__, vocabulary)) != list(range(len(ids))) or any("\n" in piece for piece in ids):
        raise Unsupported("its word pieces cannot be listed one a line")
    if any(ids.get(token["content"]) != token["id"] or not _is_plain(token) for token in added):
        raise Unsupported("it has added tokens that are no word pieces, or are looked for in a way of their own")
    lowercase: bool = normalizer["lowercase"]
    strip = lowercase if normalizer["strip_accents"] is None else normalizer["strip_accents"]
    return WordPiece(
        vocabulary=vocabulary,
        added={token["content"]: token["id"] for token in added},
        first=ids[first],
        last=ids[last],
        unknown=ids[model["unk_token"]],
        prefix=model["continuing_subword_prefix"],
        longest=model["max_input_chars_per_word"],
        lowercase=lowercase,
        strip_accents=strip,
        ideographs_apart=normalizer["handle_chinese_chars"],
        removed=_ranges(_is_removed()) if normalizer["clean_text"] else [],
        marks=_ranges(_is_mark()) if strip else [],
        punctuation=_ranges(_is_punctuation()),
    )


def _is_plain(token: dict[str, Any]) -> bool:
    """Whether an added token is found as it stands, whatever is around it."""
    return not any(token[way] for way in ("single_word", "lstrip", "rstrip", "normalized"))


def _around(processor: dict[str, Any]) -> tuple[str, str]:
    """The tokens before and after a text."""
    if processor["type"] == "BertProcessing":
        return processor["cls"][0], processor["sep"][0]
    if processor["type"] == "TemplateProcessing":
        match processor["single"]:
            case [{"SpecialToken": {"id": first}}, {"Sequence": _}, {"SpecialToken": {"id": last}}]:
                return first, last
    raise Unsupported("its tokenizer puts other tokens around a text than BERT's")


def _is_removed() -> Callable[[str], bool]:
    from tokenizers.normalizers import BertNormalizer

    clean = BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return lambda character: not clean.normalize_str(character)


def _is_mark() -> Callable[[str], bool]:
    from tokenizers.normalizers import BertNormalizer

    strip = BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    return lambda character: not strip.normalize_str(character)


def _is_punctuation() -> Callable[[str], bool]:
    from tokenizers.pre_tokenizers import BertPreTokenizer

    cut = BertPreTokenizer()
    return lambda character: len(cut.pre_tokenize_str(f"a{character}a")) == 3


def _ranges(is_meant: Callable[[str], bool]) -> Ranges:
    """The characters meant, as ranges. Letters, digits and what has no meaning yet are none of them and not asked for."""
    asked = (chr(code) for code in range(sys.maxunicode + 1))
    return _joined(ord(c) for c in asked if unicodedata.category(c) in ASKED and is_meant(c))


def _joined(codes: Iterable[int]) -> Ranges:
    """Rising numbers as ranges."""
    found: Ranges = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1] = (found[-1][0], code)
        else:
            found.append((code, code))
    return found
