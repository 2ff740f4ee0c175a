"""Search by letters: what a query shares with a text, and the look-ups in sorted lines that it rests on."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxkb import lexical, lines
from tests.conftest import environment

TEXTS = {
    "darwinism": "Digital Darwinism awaits companies that go on as they always have.",
    "silos": "Silos: departments that do not talk, and a customer who sees one brand.",
    "zuboff": "Shoshana Zuboff writes about the behaviour that machines learn from.",
    "breaks": "Prozessbrüche zwischen Abteilungen verärgern jeden Kunden.",
    "taxi": "What Uber is to taxis, somebody will be to banks.",
    "journey": "De klantreis loopt langs touchpoints van meerdere bedrijven.",
}

INDEX = lexical.build([[text] for text in TEXTS.values()])

FINDS = {
    "zuboff": "zuboff",
    "ZUBOFF?": "zuboff",
    "Darwinsm": "darwinism",
    "tochpoint": "journey",
    "silo": "silos",
    "verärgerte": "breaks",
    "Prozessbruch": "breaks",
    "Abteilungsgrenzen": "breaks",
    "prozessbruche": "breaks",
    "Prozessbru\u0308che": "breaks",
    "klantreizen": "journey",
}

TEXT = st.text(st.sampled_from("abü ß_,Ω路\u0308\n"), max_size=30)


def best(query: str) -> str | None:
    """The text that shares most with the query."""
    shares = lexical.search(INDEX, query)
    return list(TEXTS)[max(shares, key=lambda text: shares[text])] if shares else None


@pytest.mark.parametrize("query", FINDS)
def test_a_name_a_typo_an_inflected_form_and_a_compound_find_their_text(query: str):
    assert best(query) == FINDS[query]


@pytest.mark.parametrize("query", ["", " ", "?!", "_", "the of and", "für über wie", "voor de het", "fu\u0308r"])
def test_a_query_of_nothing_but_stop_words_finds_nothing(query: str):
    assert lexical.search(INDEX, query) == {}


def test_unknown_words_find_nothing():
    assert lexical.search(INDEX, "qwqwqw xkxkxk") == {}


def test_uber_is_a_name_and_über_is_not():  # noqa: PLC2401 - that is the point
    assert lexical.words("Uber über") == ["uber"]


def test_stop_words_do_not_count():
    assert lexical.search(INDEX, "what about the silos") == lexical.search(INDEX, "silos")


def test_case_and_accents_do_not_count():
    assert lexical.search(INDEX, "PROZESSBRUCHE") == lexical.search(INDEX, "Prozessbrüche")


def test_the_whole_word_shares_more_than_a_misspelt_one():
    silos = list(TEXTS).index("silos")
    shares = [lexical.search(INDEX, query).get(silos, 0.0) for query in ("departments", "deparments", "depots")]
    assert shares == sorted(set(shares), reverse=True)


def test_a_rare_word_weighs_more_than_a_common_one():
    index = lexical.build([["silos"], ["customer"], ["customer"], ["customer"]])
    shares = lexical.search(index, "silos customer")
    assert shares[0] > 2 * shares[1]


def test_a_word_in_a_short_text_weighs_more_than_in_a_long_one():
    shares = lexical.search(lexical.build([["silos " + "padding " * 50], ["silos"]]), "silos")
    assert shares[1] > shares[0]


def test_a_word_that_no_text_has_lowers_every_share():
    assert max(lexical.search(INDEX, "silos xylem").values()) < 0.7 * max(lexical.search(INDEX, "silos").values())


def test_an_index_of_no_texts_finds_nothing():
    assert lexical.search(lexical.build([]), "silos") == {}


def test_pieces_of_a_text_count_together():
    assert lexical.build([["one piece", "and another"]]) == lexical.build([["one piece and another"]])


@given(st.lists(TEXT, max_size=6), TEXT)
@example(["silos " * 3000] * 35 + ["other"] * 4, "silos")  # rounding would make it more than all
@example(["ab", ""], "ab ab")
def test_shares_are_shares(texts: list[str], query: str):
    shares = lexical.search(lexical.build([[text] for text in texts]), query)
    assert all(0 < share <= 1 for share in shares.values())
    assert set(shares) <= set(range(len(texts)))


@given(st.lists(TEXT, min_size=1, max_size=6))
def test_a_text_is_found_by_its_own_words(texts: list[str]):
    index = lexical.build([[text] for text in texts])
    for number, text in enumerate(texts):
        assert (number in lexical.search(index, text)) == bool(lexical.words(text))


@given(st.lists(TEXT, max_size=6))
def test_the_index_is_sorted_lines_of_a_run_its_weight_and_its_texts(texts: list[str]):
    heading, *found = lexical.build([[text] for text in texts]).splitlines(keepends=True)
    assert heading == f"# {len(texts)} texts\n".encode()
    assert found == sorted(found)
    for line in found:
        run, idf, *weights = line.decode().split(" ")
        assert len(run) <= lexical.GRAM
        assert float(idf) > 0
        assert [int(weight.split(":")[0]) for weight in weights]


def test_two_processes_build_the_same_bytes():
    code = f"import sys; from cxkb import lexical; sys.stdout.buffer.write(lexical.build({[[t] for t in TEXTS.values()]!r}))"
    command = [sys.executable, "-c", code]
    built = {
        subprocess.run(command, env=environment(PYTHONHASHSEED=seed), capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert built == {INDEX}


KEYS = st.text(st.sampled_from("abü_"), max_size=5).map(lambda text: text.encode() + b"\t")


@given(st.dictionaries(KEYS, st.sampled_from([b"", b"gloss", b"a\tb"])), KEYS)
def test_a_look_up_equals_reading_every_line(entries: dict[bytes, bytes], key: bytes):
    raw = b"# a heading\n" + b"".join(sorted(name + entry + b"\n" for name, entry in entries.items()))
    assert lines.value(raw, key) == entries.get(key)


@given(st.sets(KEYS), st.binary(max_size=4))
def test_the_place_found_is_that_of_the_first_line_not_below(keys: set[bytes], key: bytes):
    heading = b"# a heading\n"
    below = [line for line in sorted(keys) if line < key]
    raw = heading + b"".join(line + b"\n" for line in sorted(keys))
    assert lines.find(raw, key) == len(heading) + sum(len(line) + 1 for line in below)


def test_the_line_at_the_end_is_empty():
    assert lines.line_at(b"# a heading\nlast\n", 17) == b""
