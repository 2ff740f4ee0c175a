"""The harness for public test collections, on a tiny collection of our own."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def table(repo):
    command = [sys.executable, str(repo / "benchmarks" / "ir.py"), str(repo / "tests" / "cases" / "beir")]
    done = subprocess.run(command, cwd=repo, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == "6 texts, 4 queries"
    return {line.split()[0]: [float(value) for value in line.split()[1:]] for line in lines[2:]}


def test_the_harness_measures_letters_vectors_and_both(table):
    assert list(table) == ["lexical", "dense", "fused"]


def test_vectors_find_what_shares_no_word_with_the_question(table):
    assert table["dense"][0] == 1.0


def test_letters_find_a_rare_word_and_miss_what_is_worded_otherwise(table):
    ndcg, recall = table["lexical"]
    assert 0 < ndcg < 1
    assert recall < 1
