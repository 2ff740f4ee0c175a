"""Fit the weights of ranking and the coefficients of confidence; print what was tried, and what it gives.

    python benchmarks/fit_ranking.py            # prints a table of weights tried and the JSON
    python benchmarks/fit_ranking.py --write    # also writes search/cxkb/assets/ranking.json

Questions: the tune split of tests/retrieval/questions.jsonl and all of calibration.jsonl; the test split is not read.
Weights: the pair with the highest mean of success@1 and nDCG@10, of a small grid. Confidence: a logistic regression
(scikit-learn, standardised features, C = 1) of "in scope" on `rank.features`; the threshold is the one that withholds
6.5 % of the questions in scope, half a point less than the goal.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from cxkb import build, evaluate, rank, retrieve, settings

QUESTIONS = Path(__file__).parent.parent / "tests" / "retrieval" / "questions.jsonl"
CALIBRATION = QUESTIONS.with_name("calibration.jsonl")
RANKING = Path(__file__).parent.parent / "search" / "cxkb" / "assets" / "ranking.json"

SECOND = (0.0, 0.2, 0.33, 0.45)
LEXICAL = (0.0, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
FEATURES = ("nearest", "lexical", "lead", "density", "outside", "length")
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
        return [rank.score_pages(found.near, searcher.page_of, found.letters, weights) for found in evidence]

    def outcomes(weights: rank.Parameters) -> list[evaluate.Outcome]:
        return [
            evaluate.Outcome(
                question,
                [hit.passage.concepts for hit in searcher.hits(pages[: evaluate.DEPTH], dict(found.near))],
                rank.confidence(searcher.features(found, pages), weights) < weights.threshold,
                rank.confidence(searcher.features(found, pages), weights),
            )
            for question, pages, found in zip(questions, scored(weights), evidence, strict=True)
        ]

    print("second lexical  success@1 nDCG@10")
    best, weights = -1.0, rank.parameters()
    for second in SECOND:
        for share in LEXICAL:
            tried = replace(weights, second=second, lexical=share)
            row = evaluate.report(outcomes(tried)).rows["all"]
            value = (row["success@1"] + row["nDCG@10"]) / 2
            print(f"{second:6.2f} {share:7.2f}  {row['success@1']:9.3f} {row['nDCG@10']:7.3f}")
            if value > best:
                best, chosen = value, tried

    pages = scored(chosen)
    matrix = np.array(
        [
            [searcher.features(known, found)[name] for name in FEATURES]
            for found, known in zip(pages, evidence, strict=True)
        ]
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
        [rank.confidence(searcher.features(known, found), chosen) for found, known in zip(pages, evidence, strict=True)]
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
        "lexical": chosen.lexical,
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
