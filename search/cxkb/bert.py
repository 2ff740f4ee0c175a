"""A query's vector in a fraction of a second: a BERT encoder's forward pass in numpy, without PyTorch.

Importing sentence-transformers takes seconds and a question needs one vector. This reads the same files: weights are
mapped from model.safetensors, not copied, so that of the token table only the rows of the query's words are touched.
Its vectors equal sentence-transformers' within 1e-5 (a test says so on texts of all lengths and scripts).

Devlin et al. (2019), BERT: Pre-training of Deep Bidirectional Transformers, https://arxiv.org/abs/1810.04805.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

WEIGHTS = "model.safetensors"

TOKENIZER = "tokenizer.json"

KINDS = {"F32": np.float32, "F16": np.float16, "F64": np.float64}
"""safetensors' names of number types, as far as encoders are published in them."""


class Unsupported(Exception):
    """The model is not of the kind this module computes; sentence-transformers does."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """One transformer layer; h is the hidden size, f the feed-forward size."""

    query: tuple[Array, Array]  # (h, h), (h,)
    key: tuple[Array, Array]
    value: tuple[Array, Array]
    attended: tuple[Array, Array]
    attention_norm: tuple[Array, Array]  # (h,), (h,)
    widen: tuple[Array, Array]  # (f, h), (f,)
    narrow: tuple[Array, Array]  # (h, f), (h,)
    norm: tuple[Array, Array]


class QueryEncoder:
    """A BERT encoder with mean or CLS pooling, from a sentence-transformers folder.

    Raises Unsupported for any other architecture, activation, pooling or module, and for one that prompts by itself.
    """

    def __init__(self, folder: Path) -> None:
        config, pooling, limit, lower = _read_configuration(folder)
        self.heads: int = config["num_attention_heads"]
        self.epsilon: float = config["layer_norm_eps"]
        self.mean_pooling: bool = pooling
        self.tokenizer = _tokenizer(folder, limit)
        self.lower = lower
        tensors = _Tensors(folder / WEIGHTS)
        self.words = tensors["embeddings.word_embeddings.weight"]  # (vocabulary, h)
        self.positions = tensors["embeddings.position_embeddings.weight"]
        self.segment = tensors["embeddings.token_type_embeddings.weight"][0]
        self.embedding_norm = tensors.pair("embeddings.LayerNorm")
        self.layers = [_layer(tensors, f"encoder.layer.{n}.") for n in range(config["num_hidden_layers"])]

    def encode(self, text: str) -> Array:
        """The text's vector, (h,) float32 of length one. Text past the model's token limit is cut there."""
        ids = self.tokenizer.encode(text.lower() if self.lower else text).ids  # n tokens
        states = self.words[ids].astype(np.float32) + self.positions[: len(ids)] + self.segment  # (n, h)
        states = self._normed(states, self.embedding_norm)
        for layer in self.layers:
            states = self._normed(states + self._attention(states, layer), layer.attention_norm)
            states = self._normed(states + _linear(gelu(_linear(states, layer.widen)), layer.narrow), layer.norm)
        pooled = states.mean(axis=0) if self.mean_pooling else states[0]
        unit: Array = (pooled / np.linalg.norm(pooled)).astype(np.float32)
        return unit

    def _attention(self, states: Array, layer: _Layer) -> Array:
        """Multi-head self-attention, (n, h) -> (n, h)."""
        count, width = states.shape
        head_width = width // self.heads

        def split(weights: tuple[Array, Array]) -> Array:  # (n, h) -> (heads, n, h / heads)
            return _linear(states, weights).reshape(count, self.heads, head_width).transpose(1, 0, 2)

        query, key, value = split(layer.query), split(layer.key), split(layer.value)
        scores = query @ key.transpose(0, 2, 1) / np.float32(math.sqrt(head_width))  # (heads, n, n)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ value
        return _linear(mixed.transpose(1, 0, 2).reshape(count, width), layer.attended)

    def _normed(self, states: Array, weights: tuple[Array, Array]) -> Array:
        """Layer normalisation over the last axis."""
        centred = states - states.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        normed: Array = centred / np.sqrt(variance + np.float32(self.epsilon)) * weights[0] + weights[1]
        return normed


def gelu(values: Array) -> Array:
    """X * P(X <= x) for a standard normal X, with erf after Abramowitz and Stegun (1964), 7.1.26: |error| < 1.5e-7."""
    scaled = values / np.float32(math.sqrt(2))
    size = np.abs(scaled)
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    activated: Array = values * np.float32(0.5) * (1 + np.sign(scaled) * (1 - series * np.exp(-size * size)))
    return activated


def _linear(states: Array, weights: tuple[Array, Array]) -> Array:
    """(n, in) @ (out, in)^T + (out,) -> (n, out)."""
    product: Array = states @ weights[0].T + weights[1]
    return product


def _layer(tensors: _Tensors, prefix: str) -> _Layer:
    return _Layer(
        query=tensors.pair(prefix + "attention.self.query"),
        key=tensors.pair(prefix + "attention.self.key"),
        value=tensors.pair(prefix + "attention.self.value"),
        attended=tensors.pair(prefix + "attention.output.dense"),
        attention_norm=tensors.pair(prefix + "attention.output.LayerNorm"),
        widen=tensors.pair(prefix + "intermediate.dense"),
        narrow=tensors.pair(prefix + "output.dense"),
        norm=tensors.pair(prefix + "output.LayerNorm"),
    )


class _Tensors:
    """A safetensors file mapped into memory: tensors by name, as views of the file.

    The format: eight bytes with the header's length, a JSON header of types, shapes and offsets, then the numbers;
    https://github.com/huggingface/safetensors#format.
    """

    def __init__(self, file: Path) -> None:
        raw = np.memmap(file, dtype=np.uint8, mode="r")
        start = 8 + int.from_bytes(raw[:8].tobytes(), "little")
        header: dict[str, Any] = json.loads(raw[8:start].tobytes())
        self.header = {name.removeprefix("bert."): entry for name, entry in header.items() if name != "__metadata__"}
        self.raw = raw[start:]

    def __getitem__(self, name: str) -> Array:
        entry = self.header.get(name)
        if entry is None or entry["dtype"] not in KINDS:
            raise Unsupported(f"no usable tensor {name!r}")
        begin, end = entry["data_offsets"]
        tensor = self.raw[begin:end].view(KINDS[entry["dtype"]]).reshape(entry["shape"])
        return tensor if entry["dtype"] == "F32" or "word" in name else tensor.astype(np.float32)

    def pair(self, name: str) -> tuple[Array, Array]:
        """A layer's weight and bias."""
        return self[f"{name}.weight"], self[f"{name}.bias"]


def _read_configuration(folder: Path) -> tuple[dict[str, Any], bool, int, bool]:
    """The transformer's configuration, whether pooling is by mean (else CLS), the token limit, and whether to lower case."""
    try:
        modules = [module["type"].rsplit(".", 1)[-1] for module in _json(folder / "modules.json")]
        config = _json(folder / "config.json")
        pooling = _json(folder / "1_Pooling" / "config.json")
        sentence = _json(folder / "sentence_bert_config.json")
        prompts = folder / "config_sentence_transformers.json"
        by_mean, by_cls = pooling.get("pooling_mode_mean_tokens"), pooling.get("pooling_mode_cls_token")
        modes = [mode for mode, chosen in pooling.items() if mode.startswith("pooling_mode_") and chosen]
        supported = (
            modules in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
            and config["model_type"] == "bert"
            and config["hidden_act"] == "gelu"
            and config.get("position_embedding_type", "absolute") == "absolute"
            and len(modes) == 1
            and (by_mean or by_cls)
            and not (prompts.is_file() and _json(prompts).get("default_prompt_name"))
            and (folder / WEIGHTS).is_file()
            and (folder / TOKENIZER).is_file()
        )
        limit = min(sentence.get("max_seq_length") or 512, config["max_position_embeddings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unsupported(f"{folder} is not a sentence-transformers folder of a BERT encoder: {error}") from error
    if not supported:
        raise Unsupported(f"{folder} holds another kind of encoder than BERT with mean or CLS pooling and no prompt")
    return config, bool(by_mean), limit, bool(sentence.get("do_lower_case"))


def _tokenizer(folder: Path, limit: int) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()  # the file has a fixed length baked in
    tokenizer.enable_truncation(limit)
    return tokenizer


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
