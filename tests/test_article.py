"""What is taken out of a page or file as its article, on the samples of tests/articles and on pages that are none."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import lxml.etree
import lxml.html
import pytest
from PIL import Image
from pypdf import PdfWriter

from cxkb import article, byline, confined, debris, paragraphs
from cxkb.errors import ArticleError

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = Path(__file__).parent / "articles"

PAGES = sorted(
    f.name for f in SAMPLES.iterdir() if f.suffix in (".html", ".md", ".pdf", ".text") and f.name != "README.md"
)

PROSE = "Customers wait longer than they should, and nobody in the company knows for how long they have been waiting. "


def read(name: str) -> article.Article:
    return article.read((SAMPLES / name).read_bytes(), name)


def page(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>".encode()


def refused(raw: bytes, name: str = "page.html", **told: str) -> str:
    with pytest.raises(ArticleError) as caught:
        article.read(raw, name, **told)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture(scope="module")
def table(repo):
    command = [sys.executable, str(repo / "benchmarks" / "extraction.py")]
    done = subprocess.run(command, cwd=repo, capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    return {row[0]: (float(row[2]), float(row[3])) for row in rows}


@pytest.mark.parametrize("name", PAGES)
def test_the_article_is_kept_and_the_debris_is_gone(table, name):
    precision, recall = table[name]
    assert precision >= 0.95
    assert recall >= 0.95


@pytest.mark.parametrize("name", PAGES)
def test_paragraphs_and_headings_are_those_of_the_article(name):
    wanted = (SAMPLES / name).with_suffix(".txt").read_text(encoding="utf-8").strip().split("\n\n")
    assert list(read(name).paragraphs) == wanted


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".html")])
def test_nothing_is_left_out_in_silence(name):
    found = read(name)
    told = " ".join([*found.paragraphs, *(piece.text for piece in found.stripped)])
    raw = (SAMPLES / name).read_bytes()
    tree = lxml.html.document_fromstring(raw.decode("cp1252" if name == "german.html" else "utf-8"))
    lxml.etree.strip_elements(tree, "script", "head")
    words = " ".join(map(str, tree.itertext())).split()
    assert {word for word in words if word not in told} == set()


@pytest.mark.parametrize(
    ("name", "title", "authors", "issued", "container", "doubtful"),
    [
        ("interview-magazine.html", "“A journey map is useful on the day it embarrasses someone”", ["Pieter Sandoval"], "2023-03-14", "The Service Ledger", set()),
        ("interview-blog.html", "Talking to Marit Oduya about plumbers and letterboxes", ["Pieter Sandoval"], "2023-04-02", "", {"author", "issued"}),
        ("german.html", "Der zweite Anruf", ["Dr. Ansgar Tewes"], "2021-11-05", "Fachblatt Handel und Dienst", set()),
        ("wrapped.md", "The sentence said twice", ["Wilhelmina Achterberg"], "2022-06-09", "", {"author", "issued"}),
        ("consultancy.html", "Effortless is a matter of sequence", ["Rosalind Castellane", "Jian Wu"], "2020-09", "", {"author", "issued"}),
        ("sound.html", "What your shop says when nobody speaks", ["Leocadia Farrow"], "2022", "Tallis Institute", set()),
        ("dutch.html", "Wachten is ook dienst", ["Joke Terpstra"], "2020-03-03", "", {"author", "issued"}),
        ("waiting.pdf", "The wait as the clock does not know it", ["Beatriz Ferreira", "Conrad Blythe"], "2019-07", "", {"issued"}),
    ],
)  # fmt: skip
def test_what_the_page_states_is_told_from_what_is_guessed(name, title, authors, issued, container, doubtful):
    origin = read(name).origin
    assert (origin.title, list(origin.authors), origin.issued, origin.container) == (title, authors, issued, container)
    assert origin.doubtful == doubtful


def test_the_language_is_the_one_that_the_text_is_in():
    assert {name: read(name).language for name in ("german.html", "sound.html")} == {
        "german.html": "de",
        "sound.html": "en",
    }


def test_an_interview_is_recognised_by_its_questions():
    assert [name for name in PAGES if read(name).asks] == [
        "interview-blog.html",
        "interview-magazine.html",
        "lift.text",
    ]


def test_another_hosts_address_is_not_taken_for_the_pages_own():
    raw = page(f"<p>{PROSE * 5}</p>", '<link rel="canonical" href="https://elsewhere.example/x">')
    assert article.read(raw, "x", "text/html", url="https://here.example/a").origin.url == "https://here.example/a"


def test_a_site_that_signs_its_own_pages_is_a_doubtful_author():
    raw = page(f"<p>{PROSE * 5}</p>", '<meta name=author content="Acme"><meta property="og:site_name" content="Acme">')
    assert "author" in article.read(raw, "x.html").origin.doubtful


def test_text_in_windows_1252_is_read_as_its_page_declares():
    assert any("„Jede Abteilung" in paragraph for paragraph in read("german.html").paragraphs)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_text_with_a_mark_of_its_byte_order_is_read_by_that(encoding):
    assert article.read(f"Käse: {PROSE * 5}".encode(encoding), "a.txt").paragraphs == (f"Käse: {PROSE * 5}".strip(),)


def test_comments_are_left_out_and_the_words_around_them_stay():
    row = f"<tr><!-- a --><td>{PROSE * 4}</td><td>{PROSE * 4}<?php b ?>Wait<!-- c -->ing.</td></tr>"
    assert article.read(page(f"<table>{row}</table>"), "x.html").paragraphs == (
        (PROSE * 4).strip(),
        f"{PROSE * 4}Waiting.",
    )


def test_what_a_page_states_for_machines_is_found_among_other_statements():
    about = [
        {"@type": "WebSite"},
        {"@graph": [{"headline": "On waiting", "author": {"name": "Ada Byron"}}]},
        "and so on",
    ]
    stated = [f'<script type="application/ld+json">{text}</script>' for text in ("{", json.dumps(about))]
    origin = article.read(page(f"<p>{PROSE * 5}</p>", "".join(stated)), "x.html").origin
    assert (origin.title, origin.authors, origin.doubtful) == ("On waiting", ("Ada Byron",), frozenset())


def pdf(change: Callable[[PdfWriter], object]) -> bytes:
    """The sample of a PDF, changed."""
    writer = PdfWriter(clone_from=SAMPLES / "waiting.pdf")
    change(writer)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def test_what_a_program_puts_into_a_pdf_is_doubtful_unless_the_text_says_it():
    raw = pdf(lambda writer: writer.add_metadata({"/Title": "Microsoft Word - Draft 3.docx", "/Author": "Admin"}))
    origin = article.read(raw, "x.pdf").origin
    assert (origin.title, origin.authors) == ("Microsoft Word - Draft 3.docx", ("Admin",))
    assert origin.doubtful == {"title", "author", "issued"}


def test_a_pdf_that_is_locked_is_refused_in_a_sentence():
    assert "locked by a password" in refused(pdf(lambda writer: writer.encrypt("secret", algorithm="RC4-128")), "x.pdf")


def test_a_question_that_names_the_author_is_no_byline():
    text = f"---\ntitle: On waiting\nauthor: Ada Byron\n---\n\nBy Ada Byron\n\nWho is Ada Byron?\n\n{PROSE * 6}\n"
    assert article.read(text.encode(), "a.md").paragraphs[0] == "Who is Ada Byron?"


def test_a_table_of_values_keeps_its_rows_together():
    raw = page(
        f"<article><h1>A</h1><p>{PROSE * 3}</p><table><tr><td>Hotel</td><td>9</td></tr><tr><td>Bank</td><td>34</td></tr></table><p>{PROSE * 3}</p></article>"
    )
    assert "Hotel, 9" in article.read(raw, "x.html").paragraphs


def test_the_head_of_a_markdown_file_is_believed():
    text = f"---\ntitle: On waiting\nauthor: Ada Byron\ndate: 2021-05-04\n---\n\n{PROSE * 6}\n"
    origin = article.read(text.encode(), "a.md").origin
    assert (origin.title, origin.authors, origin.issued, origin.doubtful) == (
        "On waiting",
        ("Ada Byron",),
        "2021-05-04",
        frozenset(),
    )


def test_invisible_and_reordering_characters_do_not_survive():
    found = article.read(
        page(f"<title>\u202eevil\u200b title here</title><h1>evil title here</h1><p>\x1b]0;x\x07{PROSE * 6}\u2066</p>"),
        "x.html",
    )
    text = "".join((*found.paragraphs, found.origin.title, *(piece.text for piece in found.stripped)))
    assert [c for c in text if not c.isprintable()] == []


def scanned() -> bytes:
    """A PDF of a picture."""
    made = io.BytesIO()
    Image.new("L", (200, 200), 255).save(made, "PDF")
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "raw", "says"),
    [
        ("list.html", page("<ul>" + "<li><a href=x>A product</a></li>" * 200 + "</ul>"), "holds no article"),
        ("login.html", page("<form><h1>Sign in</h1><input type=password><button>Go</button></form>"), "asks for a password"),
        ("one.txt", b"One line.", "holds no article"),
        ("nothing.html", b"<!-- -->", "is empty"),
        ("picture.html", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is no text"),
        ("noise.txt", bytes(range(1, 32)) * 50, "is no text"),
        ("latin.txt", ("Café " * 100).encode("latin-1"), "not in UTF-8"),
        ("lie.html", b"<meta charset=utf-8>" + ("Caf\xe9 " * 100).encode("latin-1"), "and is not"),
        ("odd.html", b"<meta charset=klingon>" + b"Caf\xe9 " * 100, "'klingon'"),
        ("scan.pdf", scanned(), "pictures of pages"),
        ("broken.pdf", b"%PDF-1.7\nnothing of the kind", "damaged"),
        ("false.pdf", b"Just text.", "is none"),
        ("tangled.md", b"---\n" * 5_000, "save its text as .txt. Too many marks of Markdown"),
        ("cut.pdf", (SAMPLES / "waiting.pdf").read_bytes()[:900], "PDF"),
    ],
)  # fmt: skip
def test_what_holds_no_article_is_refused_in_a_sentence(name, raw, says):
    assert says in refused(raw, name)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Share this: Facebook Twitter", "share bar"), ("Diesen Artikel teilen", "share bar"),
        ("Lees ook: De terugkeer van de balie", "read more"), ("Read more: The plumber", "read more"),
        ("Your email address will not be published. Required fields are marked *", "comment form"),
        ("3 Kommentare", ""), ("Kommentare", "comment form"), ("2 comments", "comment form"),
        ("Sign up for our free newsletter", "promotion"), ("| | |", "table debris"), ("-----", "table debris"),
        ("© 2022 Acme", "small print"), ("We and our partners use cookies.", "small print"),
        ("The newsletter that she wrote for the staff was read by nobody.", ""),
        ("Sharing is what the two departments had never learnt.", ""),
        ("She asked him to call us now and then.", ""),
        ("Subscribe " + PROSE * 3, ""),
    ],
)  # fmt: skip
def test_short_debris_is_named_and_sentences_are_left(text, why):
    kept, stripped = debris.strip([text])
    assert ([piece.why for piece in stripped], kept) == ([why], []) if why else ([], [text]) == (stripped, kept)


def test_a_pull_quote_is_left_out_and_its_sentence_kept():
    quote = "“Nobody in the company knows for how long.”"
    long = "He paused. “Nobody in the company knows for how long.” Then he went on to speak of other things entirely."
    assert debris.strip([quote, long])[0] == [long]


@pytest.mark.parametrize(
    ("wrapped", "line"),
    [
        ("one\ntwo", "one two"), ("infor-\nmation", "information"), ("Vor-\nund Nachteile", "Vor- und Nachteile"),
        ("Anglo-\nSaxon", "Anglo-Saxon"), ("forty-one and forty-\none", "forty-one and forty-one"), ("so\u00adft", "soft"),
    ],
)  # fmt: skip
def test_hard_line_wraps_are_undone(wrapped, line):
    assert paragraphs.unwrap(wrapped) == line


def test_a_plain_text_is_split_at_blank_lines_and_its_tables_lose_their_pipes():
    assert paragraphs.split("a\nb\n\n| x | y |\n|---|---|\n| 1 |  |\n\nc") == ["a b", "x, y", "1", "c"]


def test_a_text_with_a_paragraph_on_each_line_is_split_at_lines():
    assert paragraphs.split(f"{PROSE * 3}\n{PROSE * 4}") == [(PROSE * 3).strip(), (PROSE * 4).strip()]


@pytest.mark.parametrize(
    ("text", "names", "date"),
    [
        ("By Jane Doe and John Roe, 9 June 2022", ("Jane Doe", "John Roe"), "2022-06-09"),
        ("Jane Doe | September 2020", ("Jane Doe",), "2020-09"),
        ("Von Ansgar Tewes, 5. November 2021", ("Ansgar Tewes",), "2021-11-05"),
        ("door Joke van der Meer · 3 mrt 2020", ("Joke van der Meer",), "2020-03-03"),
        ("March 14, 2023", (), "2023-03-14"), ("14.03.2023", (), "2023-03-14"), ("Ada Byron · 2022", ("Ada Byron",), "2022"),
        ("By Jane Doe", ("Jane Doe",), ""), ("Related Articles", (), ""), ("by the way it goes, 2020", (), "2020"),
        ("What happened in 2020 was new", (), ""), ("31.13.2020", (), ""), ("By Ada Byron" * 50 + ", 2020", (), ""),
    ],
)  # fmt: skip
def test_a_byline_is_taken_apart(text, names, date):
    assert byline.parse(text) == (names, date)


def spin() -> None:
    while True:
        pass


def hoard() -> int:
    return len(bytearray(400_000_000))


def fail() -> None:
    raise ArticleError("no")


def test_what_takes_too_long_is_ended():
    with pytest.raises(confined.Exhausted):
        confined.run(spin, seconds=1, megabytes=100)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to a limit of memory")
def test_what_takes_too_much_memory_is_ended():
    with pytest.raises(confined.Exhausted):
        confined.run(hoard, seconds=10, megabytes=100)
    assert confined.run(hoard, seconds=10, megabytes=900) == 400_000_000


def test_an_error_crosses_from_the_confined_process():
    with pytest.raises(ArticleError, match="no"):
        confined.run(fail, seconds=10, megabytes=100)
