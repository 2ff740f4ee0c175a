"""German and Dutch questions in English words. Add a case in cases/gloss.tsv: question, tab, gloss or nothing."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from cxkb import evaluate, gloss, knowledge, settings

CASES = [
    line.split("\t")
    for line in (Path(__file__).parent / "cases" / "gloss.tsv").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(("question", "expected"), CASES)
def test_a_question_becomes_english_words_unless_it_has_them(question: str, expected: str):
    assert gloss.gloss(question) == (expected or None)


@pytest.mark.parametrize("question", ["Warum gehört der Überblick den Führungskräften?", "één klant, meerdere merken"])
def test_letters_with_their_accents_apart_are_the_same_question(question: str):
    apart = unicodedata.normalize("NFD", question)
    assert apart != question
    assert gloss.gloss(apart) == gloss.gloss(question) is not None


def test_either_apostrophe_will_do():
    assert gloss.gloss("wat zijn de drie P’s?") == gloss.gloss("wat zijn de drie P's?") is not None


def test_case_does_not_matter():
    assert gloss.gloss("WAS IST EINE KUNDENREISE?") == gloss.gloss("was ist eine kundenreise?") is not None


WORDS = {
    "kunde": "customer",
    "kunden": "customer",
    "kundes": "customer",
    "reisen": "journey",
    "kundenreise": "customer journey",
    "reisekunde": "journey customer",
    "kundenkartenreisen": "customer card journey",
    "kundendienstreise": "service journey",
    "kundenweg": None,
    "kundex": None,
    "kunder kunde": None,
    "oder": "",
    "odern": "other",
    "rei": None,
    "": None,
}

LEXICON = "# words\nkarten\tcard\nkunde\tcustomer\nkundendienst\tservice\noder\t\nodere\tother\nreise\tjourney\n"


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_looked_up_by_itself_its_stem_and_its_parts(word: str):
    assert gloss.Lexicon("de", LEXICON.encode()).look_up(word) == WORDS[word]


def test_a_word_of_two_thousand_letters_does_not_keep_anybody_waiting():
    assert gloss.gloss("kundenreise" * 180 + "q") is None


QUESTIONS = Path(__file__).parent / "retrieval" / "questions.jsonl"


def share_glossed(*languages: str) -> float:
    """Share of our questions in these languages that are glossed."""
    asked = [question.query for question in evaluate.load_questions(QUESTIONS) if question.lang in languages]
    return sum(gloss.gloss(query) is not None for query in asked) / len(asked)


def test_nearly_all_german_and_dutch_questions_are_glossed():
    assert share_glossed("de", "nl") > 0.95


def test_hardly_any_english_question_is_glossed():
    assert share_glossed("en") < 0.05


def test_the_names_of_authors_are_left_alone(repo: Path):
    loaded, _ = knowledge.load(settings.find(repo))
    families = {name.family for source in loaded.sources.values() for name in source.head.author if name.family}
    assert families
    assert [family for family in families if gloss.gloss(family)] == []


@pytest.fixture(params=gloss.LANGUAGES)
def lexicon(request: pytest.FixtureRequest) -> list[str]:
    """The lines of a lexicon after its heading."""
    heading, *lines = gloss.lexicon(request.param).raw.decode().removesuffix("\n").split("\n")
    assert heading.startswith("# ")
    return lines


def test_a_lexicon_ends_its_lines_with_a_newline_alone():
    for language in gloss.LANGUAGES:
        raw = gloss.lexicon(language).raw
        assert raw.endswith(b"\n")
        assert b"\r" not in raw


def test_a_lexicon_is_sorted_by_its_bytes(lexicon: list[str]):
    assert [line.encode() for line in lexicon] == sorted(line.encode() for line in lexicon)


def test_a_lexicon_has_two_columns(lexicon: list[str]):
    assert [line for line in lexicon if line.count("\t") != 1] == []


def test_a_lexicon_has_a_word_once(lexicon: list[str]):
    words = [line.partition("\t")[0] for line in lexicon]
    assert len(words) == len(set(words))


def test_every_entry_can_be_asked_for(lexicon: list[str]):
    """Lower case, composed, made of the words that a question is cut into, and no longer than is looked for."""
    for word in (line.partition("\t")[0] for line in lexicon):
        assert word == unicodedata.normalize("NFC", word.lower())
        assert "’" not in word
        assert 1 <= len(word.split(" ")) <= gloss.MAX_PHRASE


def test_glosses_are_trimmed(lexicon: list[str]):
    assert [line for line in lexicon if (gloss_ := line.partition("\t")[2]) != " ".join(gloss_.split())] == []
