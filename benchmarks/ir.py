"""Our encoder, index and fusion on a public test collection: nDCG@10 and recall@100, lexical, dense and fused.

    python benchmarks/ir.py FOLDER [--limit N]

FOLDER is in BEIR's form: corpus.jsonl ({"_id", "title", "text"}), queries.jsonl ({"_id", "text"}), qrels/test.tsv
(query-id, corpus-id, score, with a heading). A text is a page of one passage, its title and text together. Nothing of
a collection is kept in this repository; tests/cases/beir is a tiny one of our own.
"""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import ir_measures
from ir_measures import Qrel, R, ScoredDoc, nDCG

from cxkb import encoder, lexical, rank, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH = 100


def read(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="only the first N texts, to try the harness")
    arguments = parser.parse_args()
    corpus = list(read(arguments.folder / "corpus.jsonl"))[: arguments.limit]
    ids = [entry["_id"] for entry in corpus]
    texts = [f"{entry.get('title', '')}. {entry['text']}".removeprefix(". ") for entry in corpus]
    with (arguments.folder / "qrels" / "test.tsv").open(encoding="utf-8", newline="") as rows:
        qrels = [Qrel(*row[:2], int(row[2])) for row in list(csv.reader(rows, delimiter="\t"))[1:]]
    judged = {qrel.query_id for qrel in qrels}
    queries = {
        entry["_id"]: entry["text"] for entry in read(arguments.folder / "queries.jsonl") if entry["_id"] in judged
    }

    base = settings.find(Path(__file__).parent)
    model = encoder.SentenceEncoder(encoder.find(base.model, base.root))
    vectors = model.encode(texts)
    asked = dict(zip(queries, model.encode(list(queries.values())), strict=True))
    lexicon = lexical.build([[text] for text in texts])
    weights = rank.parameters()

    def score(query: str, kind: str) -> list[tuple[float, int]]:
        shares = lexical.search(lexicon, queries[query]) if kind != "dense" else {}
        if kind == "lexical":
            return sorted(((share, n) for n, share in shares.items()), reverse=True)[:DEPTH]
        near = sorted(enumerate((vectors @ asked[query]).tolist()), key=lambda pair: -pair[1])
        fields = rank.nearest(near, lambda row: (("text", str(row)), "text"))
        letters = {("text", str(n)): share for n, share in shares.items()}
        evidence = rank.Evidence(near, fields, {"names": {}, "text": letters}, -1.0, 0.0, 0)
        scored = rank.score_pages(evidence, weights)
        return [(found.score, int(found.page[1])) for found in scored[:DEPTH]]

    print(f"{len(texts):,} texts, {len(queries):,} queries\n{'':10}{'nDCG@10':>9}{'R@100':>9}")
    for kind in ("lexical", "dense", "fused"):
        letters = 0.0 if kind == "dense" else sum(rank.parameters().letters.values())  # a text is all one field
        weights = replace(rank.parameters(), letters={"names": 0.0, "text": letters})
        run = [ScoredDoc(query, ids[n], value) for query in queries for value, n in score(query, kind)]
        values = ir_measures.calc_aggregate([nDCG @ 10, R @ 100], qrels, run)
        print(f"{kind:10}{values[nDCG @ 10]:9.3f}{values[R @ 100]:9.3f}")


if __name__ == "__main__":
    main()
