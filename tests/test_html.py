"""The built site as files: valid HTML, and no address within it that leads nowhere."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from lxml import etree, html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Server


def test_every_page_is_valid_html(packages: Path, site: Path, repo: Path, tmp_path: Path):
    report = tmp_path / "report.json"  # a pipe would lose the end of a long one
    options = ["--config", str(repo / ".htmlvalidate.mjs"), "--formatter", f"json={report}"]
    command = ["node", str(packages / ".bin" / "html-validate"), *options, f"{site}/**/*.html"]
    done = subprocess.run(command, cwd=repo, capture_output=True, text=True, check=False)
    assert report.is_file(), done.stderr
    wrong = {
        f"{file['filePath']}:{message['line']}: {message['message']} [{message['ruleId']}]"
        for file in json.loads(report.read_text(encoding="utf-8"))
        for message in file["messages"]
    }
    assert wrong == set()


def texts(tree: etree._Element, path: str) -> list[str]:
    """The attributes and texts on this path."""
    found = tree.xpath(path)
    assert isinstance(found, list)
    return [str(text) for text in found]


def addresses(file: Path, page: str) -> Iterator[str]:
    """All that this page, map of the site or feed points to, as full addresses."""
    if file.suffix == ".html":
        found = texts(html.fromstring(file.read_bytes()), "//@href | //@src | //@data | //@action")
    else:
        found = texts(etree.parse(file).getroot(), "//@href | //*[local-name()='loc' or local-name()='link']/text()")
    return (urljoin(page, address.strip()) for address in found)


@pytest.fixture(scope="session")
def anchors(site: Path) -> dict[str, set[str]]:
    """Path of every file of the site, pages by their folder, too -> the ids in it."""
    found = {}
    for file in site.rglob("*"):
        if file.is_file():
            path = "/" + file.relative_to(site).as_posix()
            ids = set(texts(html.fromstring(file.read_bytes()), "//@id")) if file.suffix == ".html" else set()
            found[path] = found[path.removesuffix("index.html")] = ids
    return found


def test_every_address_within_the_site_leads_somewhere(site: Path, listening: Server, anchors: dict[str, set[str]]):
    dead, living = set(), 0
    for file in [*site.rglob("*.html"), *site.rglob("*.xml")]:
        page = f"{listening.origin}/{file.relative_to(site).as_posix().removesuffix('index.html')}"
        for address in addresses(file, page):
            to = urlsplit(address)
            if f"{to.scheme}://{to.netloc}" != listening.origin:
                continue
            ids = anchors.get(unquote(to.path))
            if ids is None or (to.fragment and unquote(to.fragment) not in ids):
                dead.add((page, address))
            living += 1
    assert living > 5000
    assert dead == set()
