"""What the browser's search costs as the knowledge base grows: bytes, memory and time, in node.

    python benchmarks/scale_browser.py [--sizes 1000,10000,100000]

Passages and vectors are synthetic, those of benchmarks/scale.py; the model and all code are the real ones. "open" is
everything after the bytes have come: decompressing, parsing, indexing letters. "question" is the median of 20 after a first
one, "of it encoding" the model's part, which does not grow. "memory" is the resident set of the whole process.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from scale import DIMENSIONS, passages_of, vectors_of

from cxkb import build, encoder, index, retrieve, settings, site_assets

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="1000,10000,100000")
    print("passages   knowledge MB   all MB   open ms   question ms   of it encoding   memory MB")
    for size in map(int, parser.parse_args().sizes.split(",")):
        print(measure(size), flush=True)


def measure(size: int) -> str:
    chance = np.random.default_rng(0)
    passages, vectors = passages_of(size, chance), vectors_of(size, chance)
    with tempfile.TemporaryDirectory() as name:
        site = Path(name)
        (site / "index.html").touch()
        base = settings.Settings(root=site, groups={})
        model = encoder.find(base.model, base.root)
        manifest = index.Manifest(
            base.model, model.digest(), model.stamp(), retrieve.RULES, "", {}, {}, 0, 0, size, DIMENSIONS
        )
        index.save(base.index, manifest, passages, vectors, build.letters(passages))
        written = site_assets.write(base, site)
        knowledge = sum(
            file.stat().st_size
            for role in ("passages", "vectors", "gloss")
            for file in (site / site_assets.FOLDER).glob(f"{role}-*")
        )
        done = subprocess.run(
            ["node", str(HERE / "scale_browser.mjs"), name], capture_output=True, text=True, check=True
        )
    return f"{size:8,} {knowledge / 1e6:14.1f} {written.size / 1e6:8.1f} {done.stdout.rstrip()}"


if __name__ == "__main__":
    main()
