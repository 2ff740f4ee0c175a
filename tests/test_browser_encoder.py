"""The browser's encoder, run in node: its tokens are the model's, its vectors those of the same weights in Python."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cxkb import bert, browser, encoder, quantise, site_assets, wordpiece
from tests.conftest import missing
from tests.test_bert import ALPHABETS, PICKED, TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

ASSETS = Path(encoder.__file__).parent / "assets" / "browser"

VARIED = PICKED + [text for text in TEXTS[len(PICKED) :] if len(text) < 400][:60]
"""Texts in all scripts, empty ones and ones past the limit among them; few long ones, which take a second each."""

TOLERANCE = 1e-4
"""Of each number of a vector of length one: float32 sums in another order."""


@pytest.fixture(scope="module")
def small(bundled: Path) -> quantise.Quantised:
    """The bundled model as the browser gets it."""
    return quantise.quantise(encoder.Model(encoder.BUNDLED, bundled))


@pytest.fixture(scope="module")
def in_node(node: str, small: quantise.Quantised, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """`in_node("tokens" | "wasm" | "plain", texts)`: what the browser's encoder makes of the texts."""
    return runner(node, small, tmp_path_factory.mktemp("model"))


def runner(node: str, model: quantise.Quantised, folder: Path) -> Callable[..., Any]:
    """A function that runs tests/js/encode.mjs with this model, its files in this folder."""
    for role, raw in browser.model(model).items():
        (folder / role).write_bytes(raw)
    script = Path(__file__).parent / "js" / "encode.mjs"

    def run(wanted: str, texts: list[str]) -> Any:
        command = [node, str(script), str(ASSETS), str(folder), wanted]
        done = subprocess.run(command, input=json.dumps(texts).encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return run


def tokens(folder: Path, texts: list[str], limit: int = 256) -> list[list[int]]:
    """The texts' token numbers by the tokenizers library."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(limit)
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def differing(
    texts: list[str], ours: list[list[int]], theirs: list[list[int]]
) -> dict[str, tuple[list[int], list[int]]]:
    return {text: (a, b) for text, a, b in zip(texts, ours, theirs, strict=True) if a != b}


def fuzzed(count: int, vocabulary: list[str], seed: int) -> list[str]:
    """Texts of characters of every script and kind, of words and of pieces of them; the same for the same seed."""
    chance = random.Random(seed)
    assigned = [
        chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")
    ]
    rare = [
        "\0",
        "\ufffd",
        "\ufeff",
        "\u200d",
        "\ufe0f",
        "\U0001f3fd",
        "\ue000",
        "\U000f0000",
        "İ",
        "ß",
        "Σ",
        "ς",
        "ΟΔΟΣ",
    ]
    marks = [c for c in assigned if unicodedata.combining(c)]
    emoji = [chr(code) for code in range(0x1F300, 0x1FAFF)]
    cjk = [chr(code) for code in range(0x4E00, 0x9FFF)] + [chr(code) for code in range(0xAC00, 0xD7A3)]
    special = ["[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]", "[cls]", "[SEP", "##ing"]
    spaces = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2028", "\u3000", "\u0085", ""]

    def word() -> str:
        length = chance.randint(1, 12)
        match chance.randrange(9):
            case 0:
                return "".join(chance.choices(assigned, k=length))
            case 1:
                return "".join(
                    c + "".join(chance.choices(marks, k=chance.randint(0, 3))) for c in chance.choice(vocabulary)
                )
            case 2:
                return "".join(chance.choices(emoji + rare, k=length))
            case 3:
                return "".join(chance.choices(cjk, k=length))
            case 4:
                return "".join(chance.choices(chance.choice(ALPHABETS), k=chance.choice([length, 99, 100, 101])))
            case 5:
                return chance.choice(special)
            case 6:
                return "".join(chance.choices(rare, k=length))
            case _:
                return "".join(chance.choices(vocabulary, k=chance.randint(1, 3))).replace("##", "").title()

    return ["".join(word() + chance.choice(spaces) for _ in range(chance.randint(1, 14))) for _ in range(count)]


def test_ten_thousand_texts_of_all_scripts_are_cut_into_the_model_s_tokens(bundled: Path, in_node: Callable[..., Any]):
    texts = [*TEXTS, *fuzzed(10_000, wordpiece.read(bundled).vocabulary, seed=1)]
    assert differing(texts, in_node("tokens", texts), tokens(bundled, texts)) == {}


def test_every_character_is_cut_as_the_model_s_tokenizer_does(bundled: Path, in_node: Callable[..., Any]):
    assigned = [
        chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")
    ]
    texts = [" ".join(f"a{c}b" for c in assigned[start : start + 20]) for start in range(0, len(assigned), 20)]
    assert differing(texts, in_node("tokens", texts), tokens(bundled, texts)) == {}


def test_half_a_character_is_left_out(in_node: Callable[..., Any]):
    assert in_node("tokens", ["si\ud83dlos"]) == in_node("tokens", ["silos"])


def test_webassembly_gives_the_vectors_of_the_same_weights_in_python(
    bundled: Path, small: quantise.Quantised, in_node: Callable[..., Any]
):
    python = bert.QueryEncoder(bundled, quantise.Dequantised(small))
    far = {
        text: distance
        for text, vector in zip(VARIED, in_node("wasm", VARIED), strict=True)
        if (distance := float(np.abs(python.encode(text) - vector).max())) > TOLERANCE
    }
    assert far == {}


def test_plain_javascript_gives_the_vectors_of_webassembly(in_node: Callable[..., Any]):
    texts = [text for text in VARIED if len(text) < 400]
    assert np.abs(np.array(in_node("plain", texts)) - np.array(in_node("wasm", texts))).max() < TOLERANCE


@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_pooling_is_the_model_s(node: str, changed: Callable[..., Path], tmp_path: Path, pooling: str):
    by_first = {"pooling_mode_cls_token": pooling == "first", "pooling_mode_mean_tokens": pooling == "mean"}
    folder = changed({"1_Pooling/config.json": by_first, "sentence_bert_config.json": {"max_seq_length": 8}})
    model = quantise.quantise(encoder.Model("a test's", folder))
    (tmp_path / "files").mkdir()
    python = bert.QueryEncoder(folder, quantise.Dequantised(model))
    for text, vector in zip(PICKED, runner(node, model, tmp_path / "files")("wasm", PICKED), strict=True):
        assert np.abs(python.encode(text) - vector).max() < TOLERANCE, text


def test_a_cased_model_keeps_capitals_and_accents(node: str, changed: Callable[..., Path], tmp_path: Path):
    folder = changed({"tokenizer.json": {"normalizer": CASED}})
    (tmp_path / "files").mkdir()
    run = runner(node, quantise.quantise(encoder.Model("a test's", folder)), tmp_path / "files")
    texts = [*PICKED, "Zoë OWNS the Café", "zoe owns the cafe"]
    assert differing(texts, run("tokens", texts), tokens(folder, texts)) == {}


CASED = {
    "type": "BertNormalizer",
    "lowercase": False,
    "strip_accents": None,
    "clean_text": False,
    "handle_chinese_chars": False,
}


def test_the_wasm_is_what_its_source_gives(node: str, repo: Path, tmp_path: Path):
    assembler = repo / "node_modules" / "wabt" / "bin" / "wat2wasm"
    if not assembler.exists():
        missing("wabt is not installed; install it to build matmul.wasm: npm install")
    fresh = tmp_path / "matmul.wasm"
    subprocess.run([node, str(assembler), str(ASSETS / "matmul.wat"), "-o", str(fresh)], check=True)
    assert fresh.read_bytes() == (ASSETS / "matmul.wasm").read_bytes()


def test_another_format_is_refused(node: str, small: quantise.Quantised, tmp_path: Path):
    newer = quantise.Quantised(small.header | {"format": quantise.FORMAT + 1}, small.pieces)
    with pytest.raises(AssertionError, match=f"has format {quantise.FORMAT + 1}; this code reads {quantise.FORMAT}"):
        runner(node, newer, tmp_path)("tokens", ["silos"])


def test_the_files_are_the_same_each_time_and_small(bundled: Path, small: quantise.Quantised):
    files = site_assets.packed(browser.model(small))
    again = quantise.quantise(encoder.Model(encoder.BUNDLED, bundled))
    assert site_assets.packed(browser.model(again)) == files
    assert sum(len(file.content) for file in files.values()) < 16_500_000


def test_small_weights_give_nearly_the_same_vectors(bundled: Path, small: quantise.Quantised):
    ours, full = bert.QueryEncoder(bundled, quantise.Dequantised(small)), bert.QueryEncoder(bundled)
    cosines = [
        float(ours.encode(text) @ full.encode(text)) for text in ("why do silos hurt?", "Wem gehört die Erfahrung?")
    ]
    assert 0.98 < min(cosines) < 0.99999


def test_a_row_of_zeros_stays_one():
    steps, scales = quantise.int8(np.zeros((2, 8), dtype=np.float32))
    assert not steps.any()
    assert np.isfinite(scales).all()


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "max pooling": (
        {"1_Pooling/config.json": {"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": False}},
        "another kind of encoder",
    ),
    "another tokenizer": ({"tokenizer.json": {"pre_tokenizer": {"type": "Whitespace"}}}, "Whitespace, WordPiece, not BERT's"),
    "no normalizer": ({"tokenizer.json": {"normalizer": None}}, "not a BERT tokenizer's"),
    "one token after a text": (
        {"tokenizer.json": {"post_processor": {"type": "TemplateProcessing", "single": []}}},
        "other tokens around a text",
    ),
    "a token that eats spaces": (
        {"tokenizer.json": {"added_tokens": [{"id": 100, "content": "[UNK]", "single_word": False, "lstrip": True, "rstrip": False, "normalized": False}]}},
        "in a way of their own",
    ),
    "lower case before": ({"sentence_bert_config.json": {"do_lower_case": True}}, "lower case in a way of its own"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_model_that_the_browser_cannot_compute_is_refused_with_the_reason(changed: Callable[..., Path], name: str):
    changes, reason = REFUSED[name]
    with pytest.raises(bert.Unsupported, match=reason):
        quantise.quantise(encoder.Model("a test's", changed(changes)))


def test_a_model_without_a_folder_is_refused():
    with pytest.raises(bert.Unsupported, match="not in a folder"):
        quantise.quantise(encoder.Model("some/model", None))
