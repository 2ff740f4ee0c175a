"""A query's vector in a fraction of a second: a BERT encoder's forward pass in numpy, without PyTorch.

Importing sentence-transformers takes seconds and a question needs one vector. This reads the same files: weights are
mapped from model.safetensors, not copied, so that of the token table only the rows of the query's words are touched.
Its vectors equal sentence-transformers' within 1e-5 (a test says so on texts of all lengths and scripts).

Devlin et al. (2019), BERT: Pre-training of Deep Bidirectional Transformers, https://arxiv.org/abs/1810.04805.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

WEIGHTS = "model.safetensors"

TOKENIZER = "tokenizer.json"

KINDS = {"F32": np.float32, "F16": np.float16, "F64": np.float64}
"""safetensors' names of number types, as far as encoders are published in them."""

WORDS = "embeddings.word_embeddings.weight"

POSITIONS = "embeddings.position_embeddings.weight"

SEGMENTS = "embeddings.token_type_embeddings.weight"

EMBEDDING_NORM = "embeddings.LayerNorm"

LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attended": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "norm": "output.LayerNorm",
}
"""The parts of a layer and how the weights' file names them."""


class Unsupported(Exception):
    """The model is not of the kind this module computes; sentence-transformers does."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The shape of a BERT encoder, and how its states become one vector."""

    hidden: int
    """Width of a token's state."""
    heads: int
    layers: int
    epsilon: float
    """Added to variances in layer normalisation."""
    limit: int
    """Tokens that are read; the rest of a text is cut."""
    mean_pooling: bool
    """The vector is the mean of the tokens' states; else the first token's."""
    lower: bool
    """Texts are made lower case before they are cut into tokens."""


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

    `tensors` are weights to use instead of the folder's own: the browser's, to see what they lose. Raises Unsupported for
    any other architecture, activation, pooling or module, and for one that prompts by itself.
    """

    def __init__(self, folder: Path, tensors: Mapping[str, Array] | None = None) -> None:
        configuration = read_configuration(folder)
        self.heads = configuration.heads
        self.epsilon = configuration.epsilon
        self.mean_pooling = configuration.mean_pooling
        self.tokenizer = _tokenizer(folder, configuration.limit)
        self.lower = configuration.lower
        tensors = Tensors(folder / WEIGHTS) if tensors is None else tensors
        self.words = tensors[WORDS]  # (vocabulary, h)
        self.positions = tensors[POSITIONS]
        self.segment = tensors[SEGMENTS][0]
        self.embedding_norm = _pair(tensors, EMBEDDING_NORM)
        self.layers = [_layer(tensors, f"encoder.layer.{n}.") for n in range(configuration.layers)]

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


def _layer(tensors: Mapping[str, Array], prefix: str) -> _Layer:
    parts = {part: _pair(tensors, prefix + name) for part, name in LAYER.items()}
    return _Layer(**parts)


def _pair(tensors: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    """A part's weight and bias."""
    return tensors[f"{name}.weight"], tensors[f"{name}.bias"]


class Tensors(Mapping[str, "Array"]):
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

    def __iter__(self) -> Iterator[str]:
        return iter(self.header)

    def __len__(self) -> int:
        return len(self.header)


def read_configuration(folder: Path) -> Configuration:
    """What the folder's files say of the model. Raises Unsupported for what this module does not compute."""
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
    return Configuration(
        hidden=config["hidden_size"],
        heads=config["num_attention_heads"],
        layers=config["num_hidden_layers"],
        epsilon=config["layer_norm_eps"],
        limit=limit,
        mean_pooling=bool(by_mean),
        lower=bool(sentence.get("do_lower_case")),
    )


def _tokenizer(folder: Path, limit: int) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()  # the file has a fixed length baked in
    tokenizer.enable_truncation(limit)
    return tokenizer


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
