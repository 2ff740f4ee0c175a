"""A model's weights, small enough to be sent to a browser: less than a fifth of the original's bytes.

The matrices of the layers are signed bytes with a scale for each row. The table of words, half the model, is whole
numbers of one step, so few of them that compression gives each about four bits: for as many bytes, that loses half as
much as four bits a number with a scale for every 32. Weight-only quantisation, symmetric, rounded to the nearest;
benchmarks/browser_quality.py shows what it loses.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxkb import bert, wordpiece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cxkb.encoder import Model

FORMAT = 3
"""Version of the header and of the pieces' layout; encoder.mjs reads this one only."""

STEP = 0.25
"""Of the word table, in standard deviations of its numbers."""

ALIGNMENT = 16
"""Bytes; every array begins at a multiple, as WebAssembly's vector loads and JavaScript's typed arrays like it."""


@dataclass(frozen=True, slots=True)
class Quantised:
    """A model for the browser."""

    header: dict[str, Any]
    """What the model is, its tokenizer, and where in the pieces each tensor lies; JSON."""
    pieces: dict[str, bytes]
    """`words`: the word table; `layers`: all other weights; `vocabulary`: the word pieces, one a line."""


def quantise(model: Model) -> Quantised:
    """The model for the browser. Raises bert.Unsupported, with the reason, for one that the browser cannot compute."""
    if model.folder is None:
        raise bert.Unsupported("its files are not in a folder")
    configuration = bert.read_configuration(model.folder)
    if configuration.lower:
        raise bert.Unsupported("it makes texts lower case in a way of its own")
    tokenizer = wordpiece.read(model.folder)
    tensors = bert.Tensors(model.folder / bert.WEIGHTS)
    if len(tensors[bert.WORDS]) < len(tokenizer.vocabulary):
        raise bert.Unsupported("its word table has fewer rows than its vocabulary has pieces")
    words, layers = _Piece("words"), _Piece("layers")
    words.add_steps(bert.WORDS, tensors[bert.WORDS])
    layers.add_int8(bert.POSITIONS, tensors[bert.POSITIONS][: configuration.limit])
    layers.add_float32(bert.SEGMENTS, tensors[bert.SEGMENTS][:1])
    for name in _parts(configuration.layers):
        add = layers.add_float32 if tensors[f"{name}.weight"].ndim == 1 else layers.add_int8
        add(f"{name}.weight", tensors[f"{name}.weight"])
        layers.add_float32(f"{name}.bias", tensors[f"{name}.bias"])
    settings = asdict(tokenizer)
    vocabulary = "".join(f"{piece}\n" for piece in settings.pop("vocabulary")).encode()
    header = {
        "format": FORMAT,
        "model": model.name,
        "weights": model.digest(),
        "hidden": configuration.hidden,
        "heads": configuration.heads,
        "layers": configuration.layers,
        "epsilon": configuration.epsilon,
        "limit": configuration.limit,
        "pooling": "mean" if configuration.mean_pooling else "first",
        "tokenizer": settings,
        "tensors": words.tensors | layers.tensors,
    }
    return Quantised(header, {"words": bytes(words.raw), "layers": bytes(layers.raw), "vocabulary": vocabulary})


def _parts(layers: int) -> Iterator[str]:
    """Names of all parts that have a weight and a bias, in the order in which they are computed."""
    yield bert.EMBEDDING_NORM
    for number in range(layers):
        yield from (f"encoder.layer.{number}.{part}" for part in bert.LAYER.values())


class _Piece:
    """Arrays one after another, and where each begins."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.raw = bytearray()
        self.tensors: dict[str, dict[str, Any]] = {}

    def add_float32(self, name: str, values: NDArray[np.float32]) -> None:
        """The numbers as they are."""
        self._add(name, "float32", values.shape, offset=values.astype("<f4"))

    def add_int8(self, name: str, values: NDArray[np.float32]) -> None:
        """A matrix as signed bytes, with a float32 scale for each row."""
        rounded, scales = int8(values)
        self._add(name, "int8", values.shape, offset=rounded, scales=scales.astype("<f4"))

    def add_steps(self, name: str, values: NDArray[np.float32]) -> None:
        """A matrix as signed bytes, all with the same scale."""
        step = STEP * float(values.std())
        self._add(name, "steps", values.shape, offset=steps(values, step))
        self.tensors[name]["step"] = step

    def _add(self, name: str, kind: str, shape: tuple[int, ...], **arrays: NDArray[Any]) -> None:
        entry: dict[str, Any] = {"piece": self.name, "type": kind, "shape": shape}
        for role, array in arrays.items():
            self.raw += bytes(-len(self.raw) % ALIGNMENT)
            entry[role] = len(self.raw)
            self.raw += array.tobytes()
        self.tensors[name] = entry


def int8(values: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows, (n, d), as whole steps in [-127, 127], (n, d), and the size of a step in each row, (n,)."""
    scales = (np.abs(values).max(axis=1) / np.float32(127)).astype(np.float32)
    scales[scales == 0] = 1
    return np.rint(values / scales[:, None]).astype(np.int8), scales


def steps(values: NDArray[np.float32], step: float) -> NDArray[np.int8]:
    """Numbers as whole steps in [-127, 127], of the same shape."""
    rounded: NDArray[np.int8] = np.rint(values / np.float32(step)).clip(-127, 127).astype(np.int8)
    return rounded


class Dequantised(Mapping[str, "NDArray[np.float32]"]):
    """The tensors that a quantised model stands for, for `bert.QueryEncoder`: the browser's vectors, in Python."""

    def __init__(self, quantised: Quantised) -> None:
        self.entries: dict[str, dict[str, Any]] = quantised.header["tensors"]
        self.pieces = quantised.pieces

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        entry = self.entries[name]
        shape: list[int] = list(entry["shape"])
        count = math.prod(shape)
        values: NDArray[np.float32]
        match entry["type"]:
            case "float32":
                values = self._array(entry, "offset", "<f4", count)
            case "int8":
                rounded = self._array(entry, "offset", "i1", count).reshape(shape)
                values = rounded * self._array(entry, "scales", "<f4", shape[0])[:, None]
            case _:
                values = self._array(entry, "offset", "i1", count) * np.float32(entry["step"])
        return values.reshape(shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def _array(self, entry: dict[str, Any], role: str, kind: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self.pieces[entry["piece"]], dtype=kind, count=count, offset=entry[role])
