"""What a source brings: `cxkb source report`, and the prints by which editions are recognised."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from cxkb import check, freshness, knowledge, prints, report_wording, settings, source_report
from cxkb.errors import ContentError, StorageError
from cxkb.source_report import Candidate, Link, Repeat, Report
from tests import report_goldens

ARTICLES = Path(__file__).parent / "articles"
TEXTS = {file.stem: file.read_text(encoding="utf-8") for file in sorted(ARTICLES.glob("*.txt"))}


def changed(text: str, rate: float) -> str:
    """The text with this share of its words replaced."""
    chance = random.Random(1)
    paragraphs = (
        " ".join(f"other{n}" if chance.random() < rate else word for n, word in enumerate(paragraph.split()))
        for paragraph in prints.paragraphs(text)
    )
    return "\n\n".join(paragraphs)


@pytest.mark.parametrize("name", TEXTS)
def test_an_edition_with_a_tenth_of_its_words_changed_is_recognised(name):
    assert prints.compare(prints.make(changed(TEXTS[name], 0.1)), prints.make(TEXTS[name])).is_edition


def test_articles_on_one_topic_share_nothing_but_the_two_editions_do():
    made = {name: prints.make(text) for name, text in TEXTS.items()}
    related = {
        (one, other) for one in made for other in made if one < other and prints.compare(made[one], made[other]).places
    }
    assert related == {("interview-blog", "interview-magazine")}


def test_a_paragraph_that_is_quoted_is_found_in_its_place():
    paragraph = prints.paragraphs(TEXTS["waiting"])[3]
    quoting = f"An opening of our own.\n\n{paragraph}\n\nAnd an end."
    here, there = prints.compare(prints.make(quoting), prints.make(TEXTS["waiting"])).places[0]
    assert (here.first, here.last, there.first, there.last) == (2, 2, 4, 4)


def test_a_print_survives_its_file_and_holds_no_word():
    made = prints.make(TEXTS["sound"])
    assert prints.parse(prints.text(made)) == made
    assert not set(prints.text(made).split("\n", 1)[1]) - set("0123456789abcdef \n")


@pytest.mark.parametrize(
    "raw",
    ["", "cxkb print 2\n4\n", "cxkb print 1\n4\n1 00000000\n", "cxkb print 1\n9\n2 00000000\n1 00000000\n",
     "cxkb print 1\n9\n0 00000000", "cxkb print 1\n9\n0 0000000g\n", "cxkb print 1\n٣\n", "cxkb print 1\n999999\n"],
)  # fmt: skip
def test_what_is_no_print_is_not_read(raw):
    assert prints.parse(raw) is None


def test_check_names_a_damaged_print_and_one_of_no_source(tiny):
    base = settings.find(tiny)
    base.prints.mkdir()
    (base.prints / "koch.txt").write_text("four words of text", encoding="utf-8")
    (base.prints / "doe-2016.txt").write_bytes(b"\xff")
    (base.prints / "nobody.txt").write_text(prints.text(prints.make("a b c d e")), encoding="utf-8")
    found = [(problem.path, problem.code) for problem in check.problems(base)]
    assert found == [
        ("sources/prints/doe-2016.txt", "bad-print"),
        ("sources/prints/koch.txt", "bad-print"),
        ("sources/prints/nobody.txt", "stray-print"),
    ]
    with pytest.raises(ContentError, match=r"sources/prints/doe-2016\.txt:1: This is no print"):
        prints.load(base)


def test_prints_are_made_of_the_texts_that_are_here(tiny, cxkb):
    originals = settings.find(tiny).originals
    originals.mkdir(parents=True)
    for key in ("koch", "doe-2016", "of-no-record"):
        (originals / f"{key}.txt").write_text(TEXTS["sound"], encoding="utf-8")
    done = cxkb("source", "print", cwd=tiny)
    assert (done.stdout, done.stderr) == ("sources/prints/doe-2016.txt\nsources/prints/koch.txt\n", "")
    assert prints.load(settings.find(tiny)) == dict.fromkeys(("doe-2016", "koch"), prints.make(TEXTS["sound"]))


def test_a_print_of_what_is_not_there_is_refused_in_a_sentence(tiny, monkeypatch):
    base = settings.find(tiny)
    base.originals.mkdir(parents=True)
    (base.originals / "koch.txt").write_bytes(b"caf\xe9")
    (base.originals / "doe-2016.txt").write_text("four words of text")
    for key, says in (
        ("nobody", "no source 'nobody'"),
        ("koch", "as text in UTF-8"),
        ("doe-excerpt", "as text in UTF-8"),
    ):
        with pytest.raises(ContentError, match=says):
            list(prints.make_all(base, [key]))
    base.prints.write_text("in the way")
    with pytest.raises(StorageError, match=r"sources/prints/doe-2016\.txt cannot be written"):
        list(prints.make_all(base, ["doe-2016"]))
    monkeypatch.setattr(prints, "MAX_WORDS", 3)
    with pytest.raises(ContentError, match=r"doe-2016\.txt has 4 words"):
        list(prints.make_all(base, ["doe-2016"]))


def test_a_sentence_that_is_said_over_and_over_is_compared_a_few_times():
    said = prints.make("Whoever waits wants to be told how long, and why, and by somebody who knows. " * 60)
    found = prints.compare(said, said)
    assert 0 < found.share < 1 / 4  # what is said over and over tells little
    assert max(there.start for _, there in found.places) < said.words / 4


def test_a_text_that_is_no_text_stops_the_report(tiny):
    base = settings.find(tiny)
    base.originals.mkdir(parents=True)
    file = base.originals / "koch.txt"
    file.write_bytes(b"caf\xe9")
    loaded, _ = knowledge.load(base)
    with pytest.raises(ContentError, match="not text in UTF-8"):
        source_report._paragraphs(loaded, "koch")
    file.unlink()
    file.mkdir()
    with pytest.raises(StorageError, match="cannot be read"):
        source_report._paragraphs(loaded, "koch")


def test_a_print_leaves_the_index_fresh(tiny):
    before = freshness.stamps(tiny)
    (tiny / "sources" / "prints").mkdir()
    (tiny / "sources" / "prints" / "koch.txt").write_text("x", encoding="utf-8")
    assert freshness.stamps(tiny) == before


def test_an_unknown_key_is_answered_with_the_nearest(tiny, cxkb):
    done = cxkb("source", "report", "kch", cwd=tiny)
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no source 'kch'; did you mean 'koch'?" in done.stderr


def test_without_its_text_a_source_is_told_from_its_notes(tiny, cxkb):
    done = cxkb("source", "report", "koch", "--json", cwd=tiny)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["basis"] == "notes"
    assert found["uncovered"] is None


def test_nothing_of_the_text_acts_in_a_pull_request():
    hostile = "``` @someone <img src=x onerror=alert(1)> ![x](http://example.org) #1 ~~~ ````"
    report = a_report(title=hostile, new=(Candidate("paragraph 1", hostile, hostile),))
    fence, inside = None, []
    for line in report_wording.markdown(report).splitlines():
        if fence is None and line.startswith("```"):
            fence = line.removesuffix("text")
        elif line == fence:
            fence = None
        elif fence is None:
            inside.append(line)
    assert fence is None
    assert report_wording.markdown(report).startswith("`````text\n"), "no run of the text is as long as the fence"
    assert not any("someone" in line or "<img" in line for line in inside)


def test_the_reports_of_sample_articles_added_one_after_another(index, tmp_path):
    found = report_goldens.reports(shutil.copytree(index, tmp_path / "kb"))
    kept = {file.stem: file.read_text(encoding="utf-8") for file in report_goldens.FOLDER.glob("*.txt")}
    assert found == kept, "if that is right: python -m tests.report_goldens --write"


def a_report(**changed: object) -> Report:
    """A report of a text of nine passages with nothing to tell."""
    nothing: dict[str, object] = {
        "key": "k", "title": "T", "basis": "text", "language": "en", "passages": 9, "repeats": (), "touches": (),
        "by_passage": (), "new": (), "differs": (), "uncovered": None,
    }  # fmt: skip
    return Report(**nothing | changed)  # type: ignore[arg-type]


def test_a_rich_report_is_read_in_a_screen_and_a_half():
    said = "Whoever waits wants to be told how long, and why, and by somebody who knows. " * 4
    links = tuple(
        Link(f"paragraph {n}", said, f"A concept of some length {n} › What it means", f"concept-{n}", said,
             f"concepts/concept-{n}/#what", f"docs/concepts/concept-{n}.md:1", 0.7, cites=bool(n % 2))
        for n in range(40)
    )  # fmt: skip
    far = tuple(Candidate(f"paragraph {n}", said, "A page") for n in range(40))
    repeats = tuple(
        Repeat(f"key-{n}", "Doe, 2016", 0.97, 0.5, (("paragraphs 1-6 = paragraphs 5-8 there",) * 9), True, False)
        for n in range(9)
    )
    report = a_report(repeats=repeats, touches=links, new=far, differs=links, uncovered=far, passages=99)
    lines = report_wording.plain(report).splitlines()
    assert len(lines) <= 66
    assert max(map(len, lines)) <= 80
    assert "put same-voice-as: key-0 into the record" in " ".join(" ".join(lines).split())
    assert len(report_wording.plain(report, whole=True).splitlines()) > 300


def test_of_a_text_that_only_quotes_another_it_is_said_how_much():
    quoted = Repeat("doe-2016", "Doe, 2016", 0.12, 0.05, ("paragraph 3 = paragraph 1 there",), False, False)
    assert "Repeats 12% of its words from doe-2016." in report_wording.plain(a_report(repeats=(quoted,)))


def test_of_a_text_in_german_it_is_said_once_that_new_things_are_not_told():
    told = report_wording.plain(a_report(language="de", new=None))
    assert told.count("German") == 1
    assert "New" not in told
    assert "Nothing new" not in told
