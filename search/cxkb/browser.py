"""What a reader's browser needs to answer a question as `retrieve.Searcher` does: an index and a model, as bytes.

Nothing is said twice: weights, words and rules that both sides go by stand in Python and are sent along. The lexical
indexes are not, for a browser builds them from the texts faster than it loads them.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict
from importlib.resources import files as resources
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from cxkb import gloss, index, lexical, rank, retrieve
from cxkb.records import FIELDS

if TYPE_CHECKING:
    from cxkb.index import Index
    from cxkb.quantise import Quantised

SCRIPTS = resources("cxkb") / "assets" / "browser"
"""Our JavaScript."""

STEP = 0.014
"""Of the passages' vectors, whose numbers are mostly within 0.1 of zero: as whole steps they compress to four bits each.
benchmarks/browser_quality.py shows what that loses."""

ROWS = 64
"""Of the word table, compressed together: a question needs a few dozen, and waits for no others to be decompressed."""

PAGE = ("kind", "page", "title")
"""What all passages of a page share."""

PASSAGE = ("role", "location", "heading", "text", "sources", "concepts")


def model(small: Quantised) -> dict[str, bytes]:
    """What encodes a question: role -> bytes."""
    from cxkb import bert

    tensors = small.header["tensors"]
    blocks = _in_blocks(small.pieces["words"], ROWS * tensors[bert.WORDS]["shape"][1])
    table = tensors[bert.WORDS] | {"rows": ROWS, "blocks": list(accumulate(map(len, blocks), initial=0))}
    header = small.header | {"tensors": tensors | {bert.WORDS: table}}
    matmul = (SCRIPTS / "matmul.wasm").read_bytes()
    return {"model": _json(header), **small.pieces, "words": b"".join(blocks), "matmul": matmul}


def _in_blocks(raw: bytes, size: int) -> list[bytes]:
    """So many bytes at a time, compressed (RFC 1950): letters that are frequent get short codes, no run comes again."""
    blocks = []
    for start in range(0, len(raw), size):
        compressor = zlib.compressobj(9, strategy=zlib.Z_HUFFMAN_ONLY)
        blocks.append(compressor.compress(raw[start : start + size]) + compressor.flush())
    return blocks


def knowledge(opened: Index, *, by_meaning: bool) -> dict[str, bytes]:
    """What is searched: role -> bytes. Without `by_meaning` there are no vectors, for no browser has a use for them."""
    found = {"passages": _passages(opened), "gloss": glosses()}
    if not by_meaning:
        return found
    from cxkb import quantise

    return found | {"vectors": quantise.steps(opened.vectors(), STEP).tobytes()}


def _passages(opened: Index) -> bytes:
    """All passages under their pages, row by row as the vectors; and by what rules they are ranked."""
    pages = []
    for rows in opened.passages.rows_of.values():
        own = opened.passages[rows.start : rows.stop]
        pages.append([*(getattr(own[0], name) for name in PAGE), [[getattr(p, name) for name in PASSAGE] for p in own]])
    return _json(
        {
            "model": opened.manifest.model,
            "dimensions": opened.manifest.dimensions,
            "step": STEP,
            "weighed": index.NEAREST,
            "density": rank.DENSITY,
            "ranking": asdict(rank.parameters()),
            "gloss": retrieve.GLOSS,
            "fields": FIELDS,
            "letters": {"run": lexical.GRAM, "k1": lexical.K1, "b": lexical.B, "stop": sorted(lexical.STOP)},
            "labels": opened.manifest.labels,
            "pages": pages,
        }
    )


def glosses() -> bytes:
    """The lexicons, and by what rules words are found in them."""
    return _json(
        {
            "lexicons": {language: gloss.lexicon(language).raw.decode() for language in gloss.LANGUAGES},
            "endings": gloss.ENDINGS,
            "joints": gloss.JOINTS,
            "shortest_part": gloss.MIN_PART,
            "longest_phrase": gloss.MAX_PHRASE,
            "longest_compound": gloss.MAX_COMPOUND,
            "least_known": gloss.MIN_KNOWN,
            "english": sorted(gloss.ENGLISH),
            "most_english": gloss.MAX_ENGLISH,
        }
    )


def _json(found: Any) -> bytes:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
