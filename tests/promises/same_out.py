"""The same content gives the same bytes, wherever and whenever it is built; and the same answers, however it came about."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cxkb import build, encoder, index, knowledge, moving, retrieve, settings
from tests.promises import Lost, Promise

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

TINY = Path(__file__).parent.parent / "cases" / "tiny"

EPOCH = "1600000000"

NEAR = 1e-6
"""How far a number of a vector may be off when its text was encoded in other company."""

LIKE = 1e-5
"""How far a score may be off by that."""

ENOUGH = 150
"""Words of a page with its head; with fewer, a strict build fails."""

QUESTIONS = ("why do departments not talk?", "walls", "was ist ein Silo?", "a way in steps", "how to bake bread")

WORDS = ("customer wall step way gate firm gap silo journey Säule naïve books words idea rooms house turn idle").split()

ENVIRONMENTS = (
    {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
)
"""Two machines, as far as a build could see one."""


def said(random: Random) -> str:
    """A sentence that nobody has said before, with a citation."""
    words = " ".join(random.choice(WORDS) for _ in range(random.randint(5, 40)))
    return f"{words.capitalize()} [@doe-2016#walls].\n"


def edit(root: Path, random: Random) -> None:
    """A sentence more, or one less, on some page, record or guide."""
    file = random.choice(sorted([*root.glob("docs/**/*.md"), *root.glob("sources/*.md")]))
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    sentences = [n for n, line in enumerate(lines) if line.endswith(".\n") and ": " not in line]
    if sentences and random.random() < 0.4:
        lines.pop(random.choice(sentences))
    else:
        lines.append(said(random).replace("[@doe-2016#walls]", "") if file.parent.name == "sources" else said(random))
    file.write_text("".join(lines), encoding="utf-8")


def add(root: Path, random: Random) -> None:
    """A page more."""
    id_ = f"page-{random.randrange(10**9)}"
    head = f"---\ntitle: {id_}\ndefinition: {said(random).partition(' [')[0]}.\ngroup: work\n---\n\n"
    text = f"{head}## What it means {{ #what-it-means }}\n\n"
    while len(text.split()) < ENOUGH:
        text += said(random)
    (root / "docs" / "concepts" / f"{id_}.md").write_text(text, encoding="utf-8")


def rename(root: Path, random: Random) -> None:
    """Another id for a concept."""
    id_ = random.choice(sorted(knowledge.load(settings.find(root))[0].concepts))
    moving.rename(settings.find(root), id_, f"name-{random.randrange(10**9)}")


def fold(root: Path, random: Random) -> None:
    """A page that was added earlier goes, another has its address."""
    added = sorted(file.stem for file in root.glob("docs/concepts/page-*.md"))
    if len(added) > 1:
        old, new = random.sample(added, 2)
        moving.remove(settings.find(root), old, new)


def regroup(root: Path, random: Random) -> None:
    """Another title for a group."""
    file = root / "pyproject.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace('work = "Work', f'work = "Work {random.choice(WORDS)}', 1),
        encoding="utf-8",
    )


CHANGES: tuple[Callable[[Path, Random], None], ...] = (edit, edit, edit, add, rename, fold, regroup)


@functools.cache
def loaded_once(model: encoder.Model) -> encoder.SentenceEncoder:
    """PyTorch's model takes seconds to load: one for all trials."""
    return _load(model)


_load = encoder.SentenceEncoder


def indexed(root: Path, *, whole: bool = False) -> index.Index:
    """The index of this content, built now."""
    encoder.SentenceEncoder = loaded_once  # type: ignore[assignment, misc]
    try:
        build.build(settings.find(root), whole=whole)
    finally:
        encoder.SentenceEncoder = _load  # type: ignore[misc]
    return index.load(root / ".cxkb" / "index")


def answers(root: Path) -> list[tuple[bool, list[tuple[str, str, str]], list[float]]]:
    """To each question: whether it is answered; places, texts and best sentences; scores."""
    searcher = retrieve.Searcher(settings.find(root))
    found = [searcher.ask(question) for question in QUESTIONS]
    return [
        (
            answer.answered,
            [(hit.passage.location, hit.passage.text, hit.sentence) for hit in answer.hits],
            [hit.score for hit in answer.hits],
        )
        for answer in found
    ]


def changed_bit_by_bit(random: Random, folder: Path) -> None:
    """An index that was refreshed after each of some changes, beside one that was built at the end."""
    root = Path(shutil.copytree(TINY, folder / "kb"))
    indexed(root)
    for _ in range(random.randint(2, 6)):
        for _ in range(random.randint(1, 3)):
            random.choice(CHANGES)(root, random)
        indexed(root)
    grown, replies = index.load(root / ".cxkb" / "index"), answers(root)
    fresh = indexed(root, whole=True)
    if list(grown.passages) != list(fresh.passages):
        raise Lost("an index that was refreshed has other passages than a new one")
    if grown.lexical != fresh.lexical:
        raise Lost("an index that was refreshed has other letters than a new one")
    off = float(np.abs(grown.vectors() - fresh.vectors()).max())
    assert off <= NEAR, f"vectors are off by {off}"
    for question, (one, same, scores), (other, again, others) in zip(QUESTIONS, replies, answers(root), strict=True):
        if (one, same) != (other, again):
            raise Lost(f"{question!r} has another answer than from a new index")
        assert np.allclose(scores, others, rtol=0, atol=LIKE), question


def built(root: Path, machine: dict[str, str]) -> dict[str, bytes]:
    """Path -> bytes of the index and the site of this content, built from nothing on such a machine."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": EPOCH, **machine}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    places = (root / "site", root / ".cxkb" / "index")
    files = [file for place in places for file in sorted(place.rglob("*")) if file.is_file()]
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in files}


def built_twice(random: Random, folder: Path) -> None:
    """Index and site of two copies: elsewhere, at another time, in another zone, in another order of folders."""
    first = Path(shutil.copytree(TINY, folder / "here"))
    settings_file = first / "mkdocs.yml"
    settings_file.write_text(
        settings_file.read_text(encoding="utf-8").replace("[cxkb]", "[search, cxkb, cxkb-search]"), encoding="utf-8"
    )
    for _ in range(random.randint(0, 5)):
        random.choice((add, rename, fold, regroup))(first, random)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "All", "--date", "2020-02-02T23:30:00+0200"]):
        identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
        subprocess.run(["git", *identity, *command], cwd=first, check=True, capture_output=True)
    shutil.rmtree(first / ".cxkb", ignore_errors=True)
    second = folder / "Ünï cödé dir" / "it's later"
    files = [file.relative_to(first) for file in first.rglob("*") if file.is_file()]
    random.shuffle(files)
    for file in files:
        (second / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(first / file, second / file)
        os.utime(second / file, (random.randrange(10**9), random.randrange(10**9)))
    here, there = (built(root, machine) for root, machine in zip((first, second), ENVIRONMENTS, strict=True))
    differing = sorted(path for path in here.keys() | there.keys() if here.get(path) != there.get(path))
    assert not differing, f"two builds differ in {differing}"
    assert {"site/sitemap.xml.gz", "site/feed.xml", ".cxkb/index/manifest.json"} <= here.keys()


PROMISES = [
    Promise("an index refreshed bit by bit is a new one", changed_bit_by_bit, short=2, long=200),
    Promise("two builds give the same bytes", built_twice, short=1, long=40),
]
