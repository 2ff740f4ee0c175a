"""What is long or many takes time by its length and number; what could not is refused in a sentence."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from cxkb import adding, check, prints, settings, siblings, tangle
from tests.conftest import environment

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "---\ntitle: Silo\ndefinition: It is one.\ngroup: work\n---\n\n"

TANGLED = {
    "brackets": "[" * 20_000,
    "pairs of brackets": "[" * 10_000 + "a" + "]" * 10_000,
    "few brackets in a long paragraph": "[" * 100 + " word" * 20_000,
    "pictures": "![" * 10_000,
    "citations": "[@a-b " * 4_000,
    "tags": "<a " * 7_000,
    "stars": "*" * 5_000 + "a" + "*" * 5_000,
    "ticks": "".join("`" * n + "a" for n in range(1, 200)),
    "entities": "&amp;" * 5_000,
    "footnotes": "[^1]\n\n" * 4_000 + "[^1]: a\n",
    "cells": "|a|b\n|-|-\n|" + "`|" * 10_000,
    "headings": "# a\n" * 5_000,
    "rules": "---\n" * 5_000,
    "lists in each other": "".join("    " * n + "- a\n\n" for n in range(200)),
    "numbers on a line": "1. " * 5_000,
    "quotations": "> " * 5_000,
    "elements in each other": "<div markdown>\n\n" * 500 + "a\n\n" + "</div>\n\n" * 500,
}


@pytest.mark.parametrize("name", TANGLED)
def test_a_page_that_would_take_minutes_is_a_problem_with_a_line(tiny: Path, name: str):
    (tiny / "docs" / "concepts" / "silo.md").write_text(f"{HEAD}Words.\n\n{TANGLED[name]}\n", encoding="utf-8")
    found = [problem for problem in check.problems(settings.find(tiny)) if problem.code == "tangled"]
    assert [problem.path for problem in found] == ["docs/concepts/silo.md"]
    assert found[0].line >= 9


def test_the_site_is_built_without_it(tiny: Path):
    for file in ("docs/concepts/silo.md", "docs/guide.md"):
        (tiny / file).write_text(HEAD + TANGLED["brackets"], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=tiny, env=environment(), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for path in ("docs/concepts/silo.md:7", "docs/guide.md:7"):
        assert f"WARNING -  {path}: Too many marks of Markdown" in done.stderr
    assert not (tiny / "site" / "concepts" / "silo").exists()
    assert not (tiny / "site" / "guide").exists()


@pytest.mark.parametrize(
    ("raw", "problem"),
    [(b"# Log\n\n## 1.0\n\n\xff\n", "5: Byte 0xff"), (b"# Log\n\n## 1.0\n\n" + b"[" * 20_000, "5: Too many marks")],
)
def test_a_changelog_that_cannot_be_shown_is_left_out(tiny: Path, raw: bytes, problem: str):
    (tiny / "CHANGELOG.md").write_bytes(raw)
    subprocess.run(["git", "init", "-q"], cwd=tiny, check=True)  # what changed is told where there is a history
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=tiny, env=environment(), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"WARNING -  CHANGELOG.md:{problem}" in done.stderr
    assert (tiny / "site" / "changes" / "index.html").is_file()


def test_every_page_of_the_real_knowledge_base_is_far_from_tangled(repo: Path):
    for file in [*(repo / "docs").rglob("*.md"), *(repo / "sources").glob("*.md")]:
        assert tangle.find(file.read_text(encoding="utf-8").replace("[", "[[[")) is None, file


def test_a_print_of_one_run_over_and_over_is_compared():
    runs = tuple((at, "00000000") for at in range(prints.MAX_WORDS - prints.GRAM))
    found = prints.parse(prints.text(prints.Print((1,) * prints.MAX_WORDS, runs)))
    assert found
    assert 0 <= prints.compare(found, found).share < 0.01


def test_a_file_far_longer_than_any_print_is_not_read(tiny: Path):
    folder = tiny / "sources" / "prints"
    folder.mkdir()
    with (folder / "koch.txt").open("wb") as file:
        file.truncate(20_000_000_000)
    found = check.problems(settings.find(tiny))
    assert [(problem.path, problem.code) for problem in found] == [("sources/prints/koch.txt", "bad-print")]


@pytest.mark.parametrize(("page", "first"), [(0, 0), (10, 0), (500, 450), (995, 900)])
def test_the_navigation_shows_what_is_near_in_a_long_section(page: int, first: int):
    entries = [[n] for n in range(1000)]
    assert siblings.near(entries, entries[page], is_open=True) == entries[first : first + siblings.OPEN]


def test_the_navigation_shows_little_of_other_sections_and_all_of_short_ones():
    entries = [[n] for n in range(siblings.CLOSED + 1)]
    assert siblings.near(entries, object(), is_open=False) == entries[: siblings.CLOSED]
    assert siblings.near(entries, entries[0], is_open=True) == entries


SECTIONS = (
    ("concepts/silo-6/", ["journey", "step", "silo-4", "silo-5", "silo-6", "silo-7"], ["/concepts/", "/sources/"]),
    ("sources/koch/", ["journey", "step"], ["/concepts/"]),
)
"""Page, the concepts named beside it, and where it leads for the rest."""


def test_a_page_of_a_long_section_leads_to_all_of_it(tiny: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(siblings, "OPEN", 4)
    monkeypatch.setattr(siblings, "CLOSED", 2)
    for n in range(9):
        (tiny / "docs" / "concepts" / f"silo-{n}.md").write_text(HEAD.replace("Silo", f"Silo {n}"), encoding="utf-8")
    build(load_config(str(tiny / "mkdocs.yml")))
    for page, shown, above in SECTIONS:
        text = (tiny / "site" / page / "index.html").read_text(encoding="utf-8")
        links = re.findall(r'<a href="([^"]*)" class="md-nav__link[^>]*>(.*?)</a>', text)
        addresses = [urljoin(f"/{page}", address) for address, _ in links]
        assert re.findall(r"/concepts/([a-z0-9-]+)/ ", " ".join([*addresses, ""])) == shown
        assert [urljoin(f"/{page}", address) for address, label in links if "All of" in label] == above


def pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1, the first its catalogue."""
    raw, places = b"%PDF-1.7\n", []
    for number, written in enumerate(objects, 1):
        places.append(len(raw))
        raw += b"%d 0 obj\n%b\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(raw))
    return raw + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def of_pages(contents: bytes, count: int = 1, filters: bytes = b"") -> bytes:
    """A PDF of so many pages with the same contents."""
    kids = b" ".join(b"%d 0 R" % number for number in range(4, 4 + count))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 3 0 R >>"
    stream = b"<< /Length %d /Filter [%b] >>\nstream\n%b\nendstream" % (len(contents), filters, contents)
    return pdf(CATALOGUE, b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, count), stream, *[page] * count)


def deflated(megabytes: int) -> bytes:
    """Spaces, compressed a thousandfold; each megabyte is the same bytes."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    return head + (packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)) * megabytes


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"

PDFS = {
    "gigabytes in a stream": lambda: of_pages(deflated(4_000), filters=b"/FlateDecode"),
    "gigabytes in a stream in a stream": lambda: of_pages(
        zlib.compress(deflated(4_000)), filters=b"/FlateDecode /FlateDecode"
    ),
    "thousands of pages": lambda: of_pages(b"BT (A) Tj ET", 20_000),
    "an object that is itself": lambda: pdf(CATALOGUE, b"2 0 R"),
    "pages that hold themselves": lambda: pdf(CATALOGUE, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"),
    "pages in pages": lambda: pdf(
        CATALOGUE, *(b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1) for number in range(2, 5_000))
    ),
}


WEIGH = """
import resource, subprocess, sys

status = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], "w") as weighed:
    weighed.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""
"""Python code that notes the memory of a command in kilobytes; a child of this process would begin with the memory of this."""


@pytest.mark.parametrize("name", PDFS)
def test_a_pdf_that_would_never_end_is_answered_in_a_sentence(name: str, tiny: Path, tmp_path: Path):
    file = tmp_path / "article.pdf"
    file.write_bytes(PDFS[name]())
    command = [sys.executable, "-c", "from cxkb.cli import main; main()", "add", "source", str(file)]
    weighed = tmp_path / "weighed"
    done = subprocess.run(
        [sys.executable, "-c", WEIGH, str(weighed), *command],
        cwd=tiny, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert re.fullmatch(r"cxkb: [^\n]+\.\n", done.stderr), done.stderr
    assert int(weighed.read_text()) * 1024 < (adding.MEGABYTES + 200) * 1_000_000
