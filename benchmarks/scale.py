"""How the index grows: build, size, memory and query time at 1k to 1M passages.

    python benchmarks/scale.py [--sizes 1000,10000,100000,1000000]

Vectors and texts are synthetic (a seeded mixture of directions; words drawn by Zipf's law); everything but the encoding
is the real code: `lexical.build`, `index.save`, `index.load`, search and ranking. Each size is a process of its own.
A page has 50 passages. "open" is loading with every byte checked, as a cold question does; "query" is the median of 20
queries in an opened index, dense and lexical together.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from cxkb import index, lexical, rank
from cxkb.records import Passage

DIMENSIONS = 384
PER_PAGE = 50
WORDS = 14
VOCABULARY = 30_000


def passages_of(size: int, chance: np.random.Generator) -> list[Passage]:
    words = [
        "".join(chance.choice(list("abcdefghijklmnopqrstuvwxyz"), chance.integers(3, 10))) for _ in range(VOCABULARY)
    ]
    drawn = np.minimum(chance.zipf(1.2, (size, WORDS)), VOCABULARY) - 1
    return [
        Passage(f"concepts/p{n // PER_PAGE}/#s{n}", "concept", f"p{n // PER_PAGE}", f"Page {n // PER_PAGE}", f"Section {n}",
                " ".join(words[word] for word in drawn[n]), "body", f"docs/concepts/p{n // PER_PAGE}.md", n)
        for n in range(size)
    ]  # fmt: skip


def vectors_of(size: int, chance: np.random.Generator) -> np.ndarray:
    centres = chance.standard_normal((max(10, size // 500), DIMENSIONS), dtype=np.float32)
    vectors = centres[chance.integers(0, len(centres), size)] + chance.standard_normal(
        (size, DIMENSIONS), dtype=np.float32
    )
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def measure(size: int) -> str:
    chance = np.random.default_rng(0)
    passages, vectors = passages_of(size, chance), vectors_of(size, chance)
    pages: dict[str, list[str]] = {}
    for passage in passages:
        pages.setdefault(passage.page, []).append(passage.text)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        letters = dict.fromkeys(index.LEXICAL, lexical.build([])) | {"text": lexical.build(list(pages.values()))}
        manifest = index.Manifest("synthetic", "", (0, 0), "", "", {}, {}, len(pages), size, size, DIMENSIONS)
        index.save(folder, manifest, passages, vectors, letters)
        built = time.perf_counter() - start
        on_disk = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        queries = [(vectors[n], passages[n].text) for n in range(0, size, size // 20)][:20]
        del passages, vectors, pages, letters
        start = time.perf_counter()
        opened = index.load(folder)
        opening = time.perf_counter() - start
        weights = rank.parameters()
        kept = opened.passages
        taken, found = [], 0
        for vector, text in queries:
            start = time.perf_counter()
            near = opened.search(vector)
            shares = {kept.pages[n]: share for n, share in lexical.search(opened.lexical["text"], text).items()}
            fields = rank.nearest(near, lambda row: (kept.pages[kept.page_of[row]], "text"))
            evidence = rank.Evidence(near, fields, {"names": {}, "text": shares}, -1.0, 0.0, len(text.split()))
            scored = rank.score_pages(evidence, weights)
            taken.append(time.perf_counter() - start)
            found += bool(scored)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    kind = type(opened.faiss).__name__.removeprefix("Index")
    query = statistics.median(taken) * 1000
    return f"{size:>9,}{kind:>9}{built:9.1f}{on_disk:9.1f}{memory:9.0f}{opening * 1000:9.0f}{query:9.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    print(
        f"{'passages':>9}{'FAISS':>9}{'build s':>9}{'disk MB':>9}{'peak MB':>9}{'open ms':>9}{'query ms':>9}",
        flush=True,
    )
    for size in sizes:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(pool.apply(measure, (size,)), flush=True)


if __name__ == "__main__":
    main()
