"""`cxkb add source URL|FILE`: what a contributor sees, what is written, and what is not."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from cxkb import adding, frontmatter, heads, names, scaffold, settings, storage, transaction
from cxkb.article import Article
from cxkb.errors import ArticleError, ContentError, CxkbError, StorageError
from cxkb.origins import Origin

SAMPLES = Path(__file__).parent / "articles"

FRENCH = (
    "Les clients attendent plus longtemps qu'ils ne le devraient, et personne dans l'entreprise ne sait depuis quand. "
)


def files(root: Path) -> set[str]:
    return {
        file.relative_to(root).as_posix() for file in root.rglob("*") if not file.is_dir() and file.suffix != ".lock"
    }


@pytest.fixture
def knowledge_base(tiny):
    """The tiny knowledge base, in which nothing is to be written."""
    before = files(tiny)
    yield settings.find(tiny)
    assert files(tiny) == before


def test_a_record_and_its_text_are_written_and_named(tiny, cxkb):
    before = files(tiny)
    done = cxkb("add", "source", str(SAMPLES / "sound.html"), cwd=tiny)
    assert done.returncode == 0
    paths = ["sources/farrow-2022.md", "sources/prints/farrow-2022.txt", ".cxkb/originals/farrow-2022.txt"]
    assert done.stdout.split()[:3] == paths
    assert {path for path in files(tiny) - before if not path.startswith((".cxkb/index/", ".cxkb/browser/"))} == set(
        paths
    )
    kept = (tiny / ".cxkb/originals/farrow-2022.txt").read_text(encoding="utf-8")
    assert kept == (SAMPLES / "sound.txt").read_text(encoding="utf-8")
    assert "Book now" in " ".join(done.stderr.split())  # of what was left out
    assert "Next: 1." in done.stderr


def test_the_record_loads_and_check_says_only_that_it_is_to_be_written(tiny, cxkb):
    cxkb("add", "source", str(SAMPLES / "interview-magazine.html"), "--key", "oduya-2023", cwd=tiny)
    done = cxkb("check", cwd=tiny)
    assert [line.split(": ")[0].rsplit(":", 1)[0] for line in done.stdout.splitlines()] == ["sources/oduya-2023.md"]
    assert "[unfinished]" in done.stdout
    front, problems = frontmatter.read(tiny / "sources/oduya-2023.md", "x")
    assert problems == []
    assert front
    assert front.values == {
        "title": "“A journey map is useful on the day it embarrasses someone”",
        "type": "webpage",
        "container-title": "The Service Ledger",
        "issued": "2023-03-14",
        "language": "en",
        "URL": "https://www.service-ledger.example/2023/oduya-interview",
    }


def test_the_record_has_nothing_of_the_articles_text(tiny, cxkb):
    for page in set(SAMPLES.glob("*.html")) - {SAMPLES / "dutch.html"}:  # a language that is not in use here
        adding.add(settings.find(tiny), str(page), page.stem)
    done = cxkb("check", "--against", ".cxkb/originals", cwd=tiny)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_damaged_index_is_mended_before_the_report(hostile, cxkb):
    (vectors,) = (hostile / ".cxkb" / "index").glob("vectors-*")
    vectors.write_bytes(vectors.read_bytes()[:-1])
    done = cxkb("add", "source", str(SAMPLES / "sound.html"), cwd=hostile)
    assert done.returncode == 0, done.stderr
    assert "Building the index: " in done.stderr
    assert f"{vectors.name} is damaged" in done.stderr
    assert "sources/prints/farrow-2022.txt" in done.stdout
    assert len(done.stdout.splitlines()) > 5  # the report
    assert "Next: 1." in done.stderr


def test_a_dry_run_prints_the_record_and_writes_nothing(tiny, cxkb):
    before = files(tiny)
    done = cxkb("add", "source", "--dry-run", str(SAMPLES / "german.html"), cwd=tiny)
    assert files(tiny) == before
    assert "author: [{family: Tewes, given: Ansgar}]" in done.stdout
    assert "language: de" in done.stdout


def test_what_was_guessed_stands_in_comments(tiny, cxkb):
    done = cxkb("add", "source", "--dry-run", str(SAMPLES / "consultancy.html"), cwd=tiny)
    assert "\n# issued: 2020-09  a guess" in done.stdout
    assert "\n# author: [{family: Castellane, given: Rosalind}, {family: Wu, given: Jian}]  is this who" in done.stdout


@pytest.mark.parametrize(
    "taken", ["sources/farrow-2022.md", "sources/prints/farrow-2022.txt", ".cxkb/originals/farrow-2022.txt"]
)
@pytest.mark.parametrize("dangling", [True, False])
def test_nothing_is_overwritten(tiny, taken, dangling):
    (tiny / taken).parent.mkdir(parents=True, exist_ok=True)
    if dangling:
        (tiny / taken).symlink_to("nowhere")
    elif taken.startswith("sources"):
        (tiny / "sources/koch.md").rename(tiny / taken)
    else:
        (tiny / taken).write_text("mine")
    before = files(tiny)
    with pytest.raises(CxkbError):
        adding.add(settings.find(tiny), str(SAMPLES / "sound.html"))
    assert files(tiny) == before


def test_an_existing_key_is_refused_with_another_proposed(tiny, cxkb):
    done = cxkb("add", "source", str(SAMPLES / "sound.html"), "--key", "koch", cwd=tiny)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "cxkb: sources/koch.md exists already; give this source another key: --key koch-b.\n"


@pytest.mark.parametrize("key", ["../escape", "a/b", "A", "", "index", "a" * 90, "a\x1b[31m", "-x", "key.md"])
def test_a_key_cannot_leave_the_folder(knowledge_base, key):
    with pytest.raises(ContentError):
        adding.add(knowledge_base, str(SAMPLES / "sound.html"), key)


@pytest.mark.parametrize("folder", ["sources", ".cxkb"])
def test_nothing_is_written_through_a_link_out_of_the_knowledge_base(tiny, tmp_path, folder):
    outside = tmp_path / "outside"
    if (tiny / folder).exists():
        (tiny / folder).rename(outside)
    outside.mkdir(exist_ok=True)
    (tiny / folder).symlink_to(outside)
    before = files(outside)
    with pytest.raises((StorageError, ContentError), match=r"leads? out"):
        adding.add(settings.find(tiny), str(SAMPLES / "sound.html"))
    assert files(outside) == before


@pytest.mark.parametrize(
    ("name", "raw", "says"),
    [
        ("empty.html", b"", "is empty"),
        ("french.txt", (FRENCH * 8).encode(), "is in French; this knowledge base is in German and English"),
        ("large.html", bytes(10_000_001), "longer than 10,000,000 bytes"),
        ("binary.html", b"\x7fELF\x00\x01" * 50, "is no text"),
        ("line.md", b"# A title\n", "holds no article"),
        ("\x1b]0;evil\x07.txt", b"x", "holds no article"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(knowledge_base, cxkb, tmp_path, name, raw, says):
    file = tmp_path / name
    file.write_bytes(raw)
    done = cxkb("add", "source", str(file), cwd=knowledge_base.root)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.rstrip("\n").isprintable()


@pytest.mark.parametrize(
    ("origin", "says"),
    [
        ("nowhere.html", "There is no file"),
        (".", "There is no file"),
        ("/dev/zero", "There is no file"),
        ("http://127.0.0.1:9/", "not a public address"),
        ("http://[::1]/", "not a public address"),
        ("file:///etc/passwd", "only these are read"),
        ("http://nowhere.invalid/", "cannot be found"),
        ("a\0b", "There is no file"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(knowledge_base, origin, says):
    with pytest.raises(CxkbError, match=says) as caught:
        adding.add(knowledge_base, origin)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "page",
    ["<div>" * 200_000, "<table><tr><td>" * 60_000, "<a " * 300_000, "&lt;" * 250_000, "<p>" + "-\n" * 400_000, "<b>x" * 200_000],
)  # fmt: skip
def test_a_page_made_to_exhaust_its_reader_is_refused(knowledge_base, tmp_path, page):
    (tmp_path / "bomb.html").write_text(page)
    with pytest.raises(ArticleError):
        adding.add(knowledge_base, str(tmp_path / "bomb.html"))


def test_the_day_of_access_is_told_for_a_page_and_can_be_set(tiny, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    body = b"<!doctype html><h1>On waiting at counters</h1><p>" + (SAMPLES / "waiting.txt").read_bytes().replace(
        b"\n\n", b"<p>"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, b"Content-Type: text/html\r\n\r\n" + body))
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/page"
        added = adding.add(settings.find(tiny), url, "waiting", dry_run=True, allowed=lambda _: True)
        thread.join()
    assert "accessed: 2023-11-14" in added.record_text
    assert f"URL: {url}" in added.record_text


def _serve(server: socket.socket, answer: bytes) -> None:
    taken, _ = server.accept()
    taken.recv(65536)
    taken.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + answer)
    taken.close()


def test_a_text_whose_record_cannot_be_written_is_not_kept(tiny, monkeypatch):
    write = storage.write

    def stop(file: Path, raw: bytes) -> None:
        if file.name == transaction.LIST:
            raise KeyboardInterrupt
        write(file, raw)

    monkeypatch.setattr(storage, "write", stop)  # the moment cannot be met from outside
    before = files(tiny)
    with pytest.raises(KeyboardInterrupt):
        adding.add(settings.find(tiny), str(SAMPLES / "sound.html"))
    assert files(tiny) == before


def test_an_empty_knowledge_base_takes_a_first_source_in_any_language(tiny, tmp_path):
    for file in [*tiny.rglob("docs/*/*.md"), *tiny.glob("sources/*.md")]:
        file.unlink()
    article = tmp_path / "attente.txt"
    article.write_text(FRENCH * 8, encoding="utf-8")
    assert adding.add(settings.find(tiny), str(article)).files == tuple(
        tiny / path for path in ("sources/attente.md", "sources/prints/attente.txt", ".cxkb/originals/attente.txt")
    )


def test_ctrl_c_leaves_nothing(tiny):
    """Sent while a slow page is read by the confined process."""
    slow = tiny.parent / "slow.html"
    slow.write_text("<p>a" * 100_000)
    before = files(tiny)
    command = [str(Path(sys.executable).with_name("cxkb")), "add", "source", str(slow)]
    running = subprocess.Popen(command, cwd=tiny, stderr=subprocess.PIPE, start_new_session=True)
    time.sleep(2)
    os.killpg(running.pid, signal.SIGINT)
    _, remarks = running.communicate()
    assert (running.returncode, remarks) in ((130, b"cxkb: stopped\n"), (-2, b""))
    assert files(tiny) == before


@pytest.mark.parametrize(
    ("origin", "name", "key"),
    [
        (Origin(authors=("Dr. Ansgar Tewes",), issued="2021-11-05"), "x.html", "tewes-2021"),
        (Origin(authors=("Ludwig van der Meer",)), "x.html", "van-der-meer"),
        (Origin(authors=("Müller, Änne",), issued="2020"), "x.html", "mueller-2020"),
        (Origin(container="The Service Ledger", issued="2020"), "x.html", "the-service-ledger-2020"),
        (Origin(), "My Paper (final).pdf", "my-paper-final"),
        (Origin(), "…", "source"),
        (Origin(authors=("李小龙",), issued="2020"), "x.html", "2020"),
    ],
)
def test_a_key_is_proposed_from_who_and_when(origin, name, key):
    assert scaffold.propose_key(origin, name) == key


ANY = st.text(max_size=40)


@examples(max_examples=50)
@given(ANY, ANY, ANY, st.lists(ANY, max_size=3), st.sets(st.sampled_from(["title", "author", "issued", "container"])))
def test_whatever_a_page_says_of_itself_the_record_loads(title, container, paragraph, authors, doubtful):
    origin = Origin(
        title, tuple(a for a in authors if a.strip()), "2020", container, "https://example.org/", frozenset(doubtful)
    )
    text = scaffold.record(Article((paragraph,), "en", origin), "key", "2020-01-01")
    front, problems = frontmatter.parse(text.encode(), "sources/key.md")
    assert problems == []
    assert front
    head, problems = heads.validate(heads.SourceHead, front, "sources/key.md")
    assert problems == []
    assert head
    assert names.ID.fullmatch(scaffold.propose_key(origin, title))
