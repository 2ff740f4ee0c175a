"""Nothing leads out of the knowledge base: not what it is made of, not what it keeps, not what it is asked to name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cxkb import (
    adding,
    browser,
    check,
    drafting,
    index,
    knowledge,
    moving,
    prints,
    quantise,
    reading,
    settings,
    site_assets,
    transaction,
)
from cxkb.errors import ArticleError, CxkbError, IndexDamaged, SiteError, StorageError
from tests.conftest import environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from cxkb.settings import Settings
    from tests.conftest import Command

ARTICLE = Path(__file__).parent / "articles" / "sound.html"

SECRET = "## The secret { #secret }\nNobody is to read this.\n"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder beside the knowledge base with what is nobody's business."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.md").write_text(SECRET, encoding="utf-8")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """All that is in this folder, links not followed."""
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            file = Path(base, name)
            found[str(file.relative_to(folder))] = (
                str(file.readlink()).encode() if file.is_symlink() else file.read_bytes()
            )
    return found


def link_of(place: Path, target: Path) -> None:
    """A link in the place of what is there."""
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


PLACES = [
    "docs", "docs/concepts", "docs/concepts/step.md", "docs/concepts/new.md", "docs/tensions", "docs/guide.md",
    "docs/notes/deep/guide.md", "docs/pictures", "docs/pictures/walls.svg", "docs/notes.pdf", "docs/.hidden",
    "sources", "sources/koch.md", "sources/prints", "sources/prints/koch.txt", "CHANGELOG.md",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_link_among_the_content_is_reported_and_nothing_is_read(tiny: Path, secret: Path, place: str):
    target = secret / "secret.md" if Path(place).suffix else secret
    link_of(tiny / place, target)
    found = settings.find(tiny)
    (problem,) = check.problems(found)
    assert (problem.path, problem.code) == (place, "link")
    assert knowledge.load(found)[0].sources == {}


@pytest.mark.parametrize("place", ["docs", "docs/guide.md", "docs/notes.pdf", "sources/koch.md", "CHANGELOG.md"])
def test_neither_site_nor_index_is_made_of_links(tiny: Path, secret: Path, cxkb: Command, place: str):
    link_of(tiny / place, secret / "secret.md" if Path(place).suffix else secret)
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=tiny, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 1
    assert f"{place}:1: A link" in built.stderr
    assert not (tiny / "site").exists()
    done = cxkb("index", cwd=tiny)
    assert done.returncode == 1
    assert f"{place}:1: A link" in done.stderr
    assert not (tiny / ".cxkb" / "index" / "manifest.json").exists()


def test_a_link_within_the_content_is_refused_like_any(tiny: Path):
    (tiny / "docs" / "other.md").symlink_to("index.md")
    assert [problem.code for problem in check.problems(settings.find(tiny))] == ["link"]


@pytest.mark.parametrize("place", ["docs/concepts/pipe.md", "sources/pipe.md", "docs/pictures/pipe.svg"])
def test_a_pipe_is_not_waited_for(tiny: Path, place: str):
    os.mkfifo(tiny / place)
    assert [problem.path for problem in check.problems(settings.find(tiny))] == [place]


def test_links_that_lead_around_in_circles_are_not_followed(tiny: Path, cxkb: Command):
    for name in ("a", "b"):
        (tiny / "docs" / name).symlink_to(".")
    done = cxkb("check", cwd=tiny)
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["docs/a", "docs/b"]


def test_a_page_cannot_draw_a_file_in(tiny: Path, secret: Path):
    """As snippets would, which mkdocs.yml does not switch on."""
    assert "snippets" not in (tiny / "mkdocs.yml").read_text(encoding="utf-8")
    assert "snippets" not in (Path(__file__).parent.parent / "mkdocs.yml").read_text(encoding="utf-8")
    page = tiny / "docs" / "concepts" / "step.md"
    drawn = f'\n--8<-- "{secret}/secret.md"\n\n![](../pictures/../../../outside/secret.svg)\n'
    (secret / "secret.svg").write_text("<svg>Nobody is to read this.</svg>", encoding="utf-8")
    page.write_text(page.read_text(encoding="utf-8") + drawn, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"], cwd=tiny, env=environment(), capture_output=True, check=True
    )
    html = (tiny / "site" / "concepts" / "step" / "index.html").read_text(encoding="utf-8")
    assert "8&lt;" in html
    assert not [name for name, raw in files(tiny / "site").items() if b"Nobody is to read this." in raw]


@pytest.mark.parametrize(
    "place", ["", "index", "browser", "cards", "originals", "pending", "cards/abc.png", "browser/a/b"]
)
def test_what_is_kept_is_not_kept_elsewhere(tiny: Path, secret: Path, cxkb: Command, place: str):
    link_of(tiny / ".cxkb" / place, secret)
    before = files(secret)
    for command in (("index",), ("ask", "who walks?"), ("check",)):
        done = cxkb(*command, cwd=tiny)
        assert done.returncode == 1
        assert "leads out of the knowledge base; remove it" in done.stderr
    assert files(secret) == before


def test_a_site_that_is_a_link_is_not_emptied(tiny: Path, secret: Path):
    (tiny / "site").symlink_to(secret)
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=tiny, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 1
    assert "is a link; remove it" in built.stderr
    assert files(secret) == {"secret.md": SECRET.encode()}


@pytest.mark.parametrize("place", ["assets", "assets/cxkb", "assets/cxkb/search", "assets/cxkb/search/manifest.json"])
def test_the_browsers_files_are_written_into_the_site_and_nowhere_else(tmp_path: Path, secret: Path, place: str):
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<!doctype html>", encoding="utf-8")
    link_of(site / place, secret)
    with pytest.raises(SiteError, match="leads out of the site"):
        site_assets.require_site(site)


@pytest.mark.parametrize("place", ["/", "/etc", "/proc/self", "..", ".", "docs"])
def test_a_folder_that_is_no_site_gets_nothing(tiny: Path, cxkb: Command, place: str):
    before = files(tiny.parent)
    done = cxkb("site-assets", place, cwd=tiny)
    assert done.returncode == 1
    assert "is no built site" in done.stderr
    assert files(tiny.parent) == before


@pytest.mark.parametrize("name", ["../../outside/secret.md", "/etc/passwd", "a\0b", "..", "", 3])
def test_a_list_of_kept_files_that_names_others_is_not_believed(
    hostile: Path, name: object, monkeypatch: pytest.MonkeyPatch
):
    """What browsers get of the model is kept; the folder may have come with somebody's knowledge base."""
    found = settings.find(hostile)
    made = {"matmul-0123456789abcdef.gz": site_assets.Packed(b"x", 1, "0" * 64)}
    monkeypatch.setattr(quantise, "quantise", lambda _: None)
    monkeypatch.setattr(browser, "model", lambda _: {})
    monkeypatch.setattr(site_assets, "packed", lambda _: made)
    manifest = index.read_manifest(found.index)
    assert site_assets._model(found, manifest) == (made, None)
    (kept,) = found.browser.glob("*/manifest.json")
    listed = json.loads(kept.read_bytes()) | {"files": {name: ["0", 1, "0"]}}
    del listed["sha256"]
    kept.write_bytes(index.sealed(listed))
    assert site_assets._model(found, manifest) == (made, None)


@pytest.mark.parametrize(
    "name", ["../../outside/x", "..\\x", "C:x", "/etc/passwd", "vectors-a\0b.faiss", "..", "vectors-x"]
)
def test_an_index_that_names_a_file_elsewhere_is_damaged(hostile: Path, name: str):
    manifest = hostile / ".cxkb" / "index" / "manifest.json"
    named = json.loads(manifest.read_bytes())
    named["files"][name] = "0" * 64
    del named["sha256"]
    manifest.write_bytes(index.sealed(named))
    with pytest.raises(IndexDamaged, match="names a file elsewhere"):
        index.load(manifest.parent)


def test_a_change_left_half_way_is_not_finished_through_a_link(tiny: Path):
    """A list that came with somebody's knowledge base, and a way into the repository's own settings."""
    own = tiny / ".git"
    own.mkdir()
    (tiny / "docs" / "way").symlink_to("../.git")
    pending = tiny / ".cxkb" / "pending"
    pending.mkdir(parents=True)
    (pending / "0").write_text("[core]\n\tpager = evil\n", encoding="utf-8")
    (pending / transaction.LIST).write_text(json.dumps({"remove": [], "write": {"docs/way/config": "0"}}))
    with pytest.raises(StorageError, match="nothing is written there"):
        settings.find(tiny)
    assert list(own.iterdir()) == []


NAMES = [
    "../../outside/new", "/tmp/new", "..\\..\\new", "a/b", "a\\b", "a\0b", ".", "..", "~", "C:new", "con", "nul", "com1",
    "lpt9", "step.md", "new\n", "-step", "stép", "index", "x" * 300, "",
]  # fmt: skip

ASKED: dict[str, Callable[[Settings, str], object]] = {
    "new id": lambda found, name: moving.rename(found, "step", name),
    "old id": lambda found, name: moving.rename(found, name, "pace"),
    "removed": moving.remove,
    "folded into": lambda found, name: moving.remove(found, "step", name),
    "new concept": lambda found, name: drafting.add(found, name, "---\ntitle: New\n---\n"),
    "new source": lambda found, name: adding.add(found, str(ARTICLE), name),
    "print": lambda found, name: list(prints.make_all(found, [name])),
    "page to read": lambda found, name: reading.find(knowledge.load(found)[0], name),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_asked_for_leads_nowhere(tiny: Path, asked: str, name: str):
    before = files(tiny.parent)
    with pytest.raises(CxkbError):
        ASKED[asked](settings.find(tiny), name)
    after = files(tiny.parent)
    assert {path: raw for path, raw in after.items() if not path.endswith("content.lock")} == before


@pytest.mark.parametrize("file", ["/dev/zero", "/dev/stdin", "/proc/self/mem", ".", "pipe", "nowhere", "a\0b", ""])
def test_only_a_file_is_added_as_a_source(tiny: Path, file: str):
    os.mkfifo(tiny / "pipe")
    with pytest.raises(ArticleError):
        adding.add(settings.find(tiny), file if file.startswith("/") or not file else str(tiny / file))
    assert sorted(file.name for file in (tiny / "sources").iterdir()) == ["doe-2016.md", "doe-excerpt.md", "koch.md"]
