"""Fit the weights of ranking and the coefficients of confidence; print what was tried, and what it gives.

    python benchmarks/fit_ranking.py            # prints a table of weights tried and the JSON
    python benchmarks/fit_ranking.py --write    # also writes search/cxkb/assets/ranking.json

Questions: the tune split of tests/retrieval/questions.jsonl and all of calibration.jsonl; the test split is not read.
Weights: of a small grid, the middle of the best region: a cell counts with its eight neighbours in names and text, since
the best single one is luck, and one on the rim is not chosen. A cell's value is the mean of success@1 and nDCG@10. Confidence: a logistic regression
(scikit-learn, standardised features, C = 1) of "in scope" on `rank.features`; the threshold is the one that withholds
6.5 % of the questions in scope, half a point less than the goal.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from statistics import fmean

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from cxkb import build, evaluate, rank, retrieve, settings

QUESTIONS = Path(__file__).parent.parent / "tests" / "retrieval" / "questions.jsonl"
CALIBRATION = QUESTIONS.with_name("calibration.jsonl")
RANKING = Path(__file__).parent.parent / "search" / "cxkb" / "assets" / "ranking.json"

SECOND = (0.25, 0.45)
NAMES = (0.25, 0.5, 0.75, 1.0, 1.25)
TEXT = (0.0, 0.25, 0.5, 0.75)
FEATURES = ("nearest", "letters", "lead", "density", "outside", "outside_letters", "length")
WITHHELD = 0.065


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    base = settings.find()
    build.build(base)
    searcher = retrieve.Searcher(base)
    questions = evaluate.load_questions(QUESTIONS, "tune") + evaluate.load_questions(CALIBRATION)
    evidence = [searcher.evidence(retrieve.clean_question(question.query)) for question in questions]

    def scored(weights: rank.Parameters) -> list[list[rank.Scored]]:
        return [rank.score_pages(found, weights) for found in evidence]

    cosines = [dict(found.near) for found in evidence]

    @cache  # what a page shows does not depend on the weights
    def concepts(number: int, page: rank.Page) -> tuple[str, ...]:
        (hit,) = searcher.hits([rank.Scored(page, 0.0, 0.0, 0.0)], cosines[number])
        return hit.passage.concepts

    def outcomes(weights: rank.Parameters) -> list[evaluate.Outcome]:
        return [
            evaluate.Outcome(
                question,
                [concepts(number, page.page) for page in pages[: evaluate.DEPTH]],
                rank.confidence(rank.features(pages, found), weights) < weights.threshold,
                rank.confidence(rank.features(pages, found), weights),
            )
            for number, (question, pages, found) in enumerate(zip(questions, scored(weights), evidence, strict=True))
        ]

    print("second  names   text  success@1 nDCG@10")
    weights = rank.parameters()
    values: dict[tuple[int, ...], float] = {}
    for cell in product(range(len(SECOND)), range(len(NAMES)), range(len(TEXT))):
        second, names, text = SECOND[cell[0]], NAMES[cell[1]], TEXT[cell[2]]
        tried = replace(weights, second=second, letters={"names": names, "text": text})
        by_question = evaluate.measures(outcomes(tried)).values()
        row = {name: fmean(values[name] for values in by_question) for name in evaluate.MEASURES}
        values[cell] = (row["success@1"] + row["nDCG@10"]) / 2
        print(f"{second:6.2f} {names:6.2f} {text:6.2f}  {row['success@1']:9.3f} {row['nDCG@10']:7.3f}", flush=True)

    def around(cell: tuple[int, ...]) -> float:
        second, names, text = cell
        return fmean(values[second, names + i, text + j] for i, j in product((-1, 0, 1), repeat=2))

    inner = product(range(len(SECOND)), range(1, len(NAMES) - 1), range(1, len(TEXT) - 1))
    i, j, k = max(inner, key=around)
    chosen = replace(weights, second=SECOND[i], letters={"names": NAMES[j], "text": TEXT[k]})

    pages = scored(chosen)
    matrix = np.array(
        [[rank.features(found, known)[name] for name in FEATURES] for found, known in zip(pages, evidence, strict=True)]
    )
    inside = np.array([question.is_in_scope for question in questions])
    scaler = StandardScaler().fit(matrix)
    fitted = LogisticRegression(C=1.0).fit(scaler.transform(matrix), inside)
    coefficients = fitted.coef_[0] / scaler.scale_
    intercept = float(fitted.intercept_[0] - (coefficients * scaler.mean_).sum())
    chosen = replace(
        chosen,
        model=base.model,
        intercept=round(intercept, 4),
        coefficients={name: round(float(value), 4) for name, value in zip(FEATURES, coefficients, strict=True)},
    )
    confidences = np.array(
        [rank.confidence(rank.features(found, known), chosen) for found, known in zip(pages, evidence, strict=True)]
    )
    chosen = replace(chosen, threshold=round(float(np.quantile(confidences[inside], WITHHELD)), 4))
    report = evaluate.report(outcomes(chosen))
    done, total = report.abstentions["all"]
    print(
        f"fitted on: AUROC {report.auroc:.3f}, false abstention {report.rows['all']['false abstention']:.3f}, "
        f"correct abstention {done / total:.3f}"
    )
    made = {
        "model": chosen.model,
        "fitted": "by benchmarks/fit_ranking.py, on the tune and calibration questions of tests/retrieval",
        "second": chosen.second,
        "letters": chosen.letters,
        "intercept": chosen.intercept,
        "coefficients": chosen.coefficients,
        "threshold": chosen.threshold,
    }
    text = json.dumps(made, indent=1) + "\n"
    print(text)
    if write:
        RANKING.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
