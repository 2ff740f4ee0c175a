"""One cold query through our numpy encoder, and through ONNX Runtime on the same weights, in one run.

    pip install onnx onnxscript onnxruntime
    python benchmarks/onnx_runtime.py [--rounds 5]

The model is converted first, with PyTorch, into a temporary file; that time is not counted. Each row is a process of its
own that loads the tokenizer and the weights and encodes one query, nothing else; medians, rounds alternate.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import warnings
from multiprocessing import get_context
from pathlib import Path

from speed import QUESTION, measure

from cxkb import encoder, settings

NUMPY = """
import os, sys
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
from pathlib import Path
from cxkb import bert
bert.QueryEncoder(Path(sys.argv[1])).encode(sys.argv[3])
"""

ONNX = """
import sys
import numpy as np, onnxruntime, tokenizers
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[2], options, providers=["CPUExecutionProvider"])
tokenizer = tokenizers.Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
tokenizer.no_padding()
tokenizer.enable_truncation(256)
ids = np.array([tokenizer.encode(sys.argv[3]).ids])
(states,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
vector = states[0].mean(axis=0)
np.save(sys.argv[4], vector / np.linalg.norm(vector)) if len(sys.argv) > 4 else None
"""


def convert(folder: Path, file: Path) -> None:
    """The encoder's layers as an ONNX graph: token ids and mask -> token states."""
    import torch
    from transformers import AutoModel

    class States(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            return states

    ids, mask = torch.arange(1, 10).reshape(1, 9), torch.ones((1, 9), dtype=torch.long)
    length = torch.export.Dim("length", min=2, max=256)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            States(), (ids, mask), str(file), input_names=["input_ids", "attention_mask"],
            output_names=["last_hidden_state"],
            dynamic_shapes={"input_ids": {1: length}, "attention_mask": {1: length}},
            dynamo=True, external_data=False, verbose=False,
        )  # fmt: skip


def largest_difference(folder: Path, vector: Path) -> float:
    """Between the vector that ONNX Runtime wrote and ours; numpy is loaded only now, since children count its memory."""
    import numpy as np

    from cxkb import bert

    return float(np.abs(np.load(vector) - bert.QueryEncoder(folder).encode(QUESTION)).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    base = settings.find()
    folder = encoder.find(base.model, base.root).folder
    assert folder, "the model has no folder of files"
    with tempfile.TemporaryDirectory() as name:
        file, vector = Path(name) / "model.onnx", Path(name) / "vector.npy"
        process = get_context("spawn").Process(target=convert, args=(folder, file))  # a row's memory is not to count it
        process.start()
        process.join()
        arguments = [str(folder), str(file), QUESTION]
        measure([sys.executable, "-c", ONNX, *arguments, str(vector)])
        rows = {"numpy, bert.py": NUMPY, "ONNX Runtime": ONNX}
        taken: dict[str, list[tuple[float, float, float]]] = {row: [] for row in rows}
        for turn in range(rounds + 1):
            for row, script in rows.items():
                figures = measure([sys.executable, "-c", script, *arguments])
                if turn:  # the first fills the disk's cache
                    taken[row].append(figures)
        difference = largest_difference(folder, vector)
    print(f"median of {rounds} rounds".ljust(24) + f"{'wall s':>8}{'CPU s':>8}{'MB':>7}")
    for row, figures in taken.items():
        wall, cpu, memory = (statistics.median(column) for column in zip(*figures, strict=True))
        print(f"{row:24}{wall:8.2f}{cpu:8.2f}{memory:7.0f}")
    print(f"largest difference between the vectors: {difference:.0e}")


if __name__ == "__main__":
    main()
