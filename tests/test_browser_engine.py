"""The browser's engine, run in node: it answers as `cxkb ask` does, from files that are the same each time."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cxkb import browser, evaluate, gloss, lexical, rank, retrieve, settings, site_assets, storage
from cxkb.errors import StorageError
from tests.test_browser_encoder import fuzzed
from tests.test_rank import CASES, check_order, ordered, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from cxkb.records import Answer
    from tests.conftest import Command

HERE = Path(__file__).parent
SCRIPTS = Path(str(browser.SCRIPTS))
QUESTIONS = [
    question
    for name in ("questions.jsonl", "calibration.jsonl")
    for question in evaluate.load_questions(HERE / "retrieval" / name)
]
QUERIES = [question.query for question in QUESTIONS]

BUDGET = 18_000_000
"""Bytes to the first answer, compressed; the scripts, which are not among the files, take less than the rounding."""


def in_node(node: str, script: str, *arguments: object, given: object) -> Any:
    """What a script of tests/js makes of the JSON given."""
    command = [node, str(HERE / "js" / script), *map(str, arguments)]
    done = subprocess.run(command, input=json.dumps(given).encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture
def part(node: str, tmp_path: Path) -> Callable[..., Any]:
    """`part("words", settings, cases)`: what a part of the engine makes of the cases, in node."""

    def run(name: str, given: object, cases: object) -> Any:
        (tmp_path / "settings.json").write_text(json.dumps(given), encoding="utf-8")
        return in_node(node, "parts.mjs", SCRIPTS, name, tmp_path / "settings.json", given=cases)

    return run


# --- the whole knowledge base -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of nothing but the browser's search, over the real knowledge base."""
    site = tmp_path_factory.mktemp("published")
    (site / "index.html").touch()
    site_assets.write(settings.find(index), site)
    return site


@pytest.fixture(scope="module")
def terminal(index: Path) -> list[Answer]:
    """What the terminal answers to all questions."""
    searcher = retrieve.Searcher(settings.find(index))
    return [searcher.ask(query) for query in QUERIES]


@pytest.fixture(scope="module")
def reader(published: Path, node: str) -> list[Any]:
    """What the browser's engine answers to all questions."""
    answers: list[Any] = in_node(node, "ask.mjs", published, given=QUERIES)
    return answers


def share(claims: list[bool]) -> float:
    return sum(claims) / len(claims)


def test_the_browser_shows_the_page_that_the_terminal_shows(terminal: list[Answer], reader: list[Any]):
    pages = [(answer.hits[0].passage.kind, answer.hits[0].passage.page) for answer in terminal]
    shown = [(answer["hits"][0]["kind"], answer["hits"][0]["page"]) for answer in reader]
    assert share([ours == theirs for ours, theirs in zip(shown, pages, strict=True)]) >= 0.97


def test_the_browser_says_no_where_the_terminal_does(terminal: list[Answer], reader: list[Any]):
    said = zip(reader, terminal, strict=True)
    assert share([ours["answered"] == theirs.answered for ours, theirs in said]) >= 0.98


def test_the_browser_finds_as_much_as_the_terminal(terminal: list[Answer], reader: list[Any]):
    def grade(question: evaluate.Question) -> Callable[[str], int]:
        return lambda concept: question.grades.get(concept, 0)

    def best(concepts: list[tuple[str, ...]]) -> float:
        judged = zip(QUESTIONS, concepts, strict=True)
        return share(
            [max(map(grade(question), found), default=0) == 2 for question, found in judged if question.grades]
        )

    ours = best([tuple(answer["hits"][0]["concepts"]) for answer in reader])
    assert ours == pytest.approx(best([answer.hits[0].passage.concepts for answer in terminal]), abs=0.01)


def test_a_hit_says_what_the_terminal_says(terminal: list[Answer], reader: list[Any]):
    """Where both have the same passage, all that is said of it is the same."""
    same = 0
    for ours, theirs in zip(reader, terminal, strict=True):
        hit, passage = ours["hits"][0], theirs.hits[0].passage
        assert ours["query"] == theirs.query
        if (hit["location"], hit["text"]) == (passage.location, passage.text):
            same += 1
            assert (hit["rank"], hit["title"], hit["heading"]) == (1, passage.title, passage.heading)
            assert tuple(hit["concepts"]) == passage.concepts
            assert hit["sources"] == [{"key": key, "label": theirs.labels[key]} for key in passage.sources]
    assert same > 0.9 * len(QUERIES)


def test_the_sentence_is_one_of_the_text(reader: list[Any]):
    hits = [hit for answer in reader for hit in answer["hits"]]
    assert [hit for hit in hits if hit["sentence"] not in hit["text"]] == []


def test_there_are_as_many_hits_as_asked_for(published: Path, node: str):
    (answer,) = in_node(node, "ask.mjs", published, 3, given=["why do silos hurt?"])
    assert [hit["rank"] for hit in answer["hits"]] == [1, 2, 3]


def test_all_is_within_the_budget(published: Path):
    folder = published / site_assets.FOLDER
    sizes = {file.name.partition("-")[0]: file.stat().st_size for file in folder.glob("*.gz")}
    assert json.loads((folder / "manifest.json").read_bytes())["bytes"] == sum(sizes.values())
    largest = ", ".join(f"{role} {size / 1e6:.1f}" for role, size in sorted(sizes.items(), key=lambda pair: -pair[1]))
    assert sum(sizes.values()) <= BUDGET, (
        f"A first answer costs a reader {sum(sizes.values()) / 1e6:.1f} MB, more than {BUDGET / 1e6:.0f}: {largest}. "
        "Coarser steps (STEP in browser.py) make passages smaller; decisions/0011 says what they cost."
    )


def modules(name: str) -> set[str]:
    """The modules that a module imports, and those import in turn, without itself."""
    found: set[str] = set()
    new = {name}
    while new:
        found |= new
        texts = [(SCRIPTS / module).read_text(encoding="utf-8") for module in new]
        new = {module for text in texts for module in re.findall(r'^import .*"\./(\w+\.mjs)";$', text, re.M)} - found
    return found - {name}


def test_what_is_imported_is_asked_for_at_once():
    text = (SCRIPTS / "worker.mjs").read_text(encoding="utf-8")
    assert set(re.findall(r'^import .*"\./(\w+\.mjs)";$', text, re.M)) == modules("worker.mjs")
    parts = re.search(r"const PARTS = (\[.*\])", (SCRIPTS / "search.mjs").read_text(encoding="utf-8"))
    assert parts
    assert {f"{part}.mjs" for part in json.loads(parts[1])} == modules("box.mjs") | modules("ask.mjs")


@pytest.mark.parametrize(
    ("question", "query"),
    [("\n why\u00a0do\u2003silos\x1churt? ", "why do silos hurt?"), ("1. \ufeffsilos", "1. \ufeffsilos")],
)
def test_white_space_is_what_python_takes_for_it(published: Path, node: str, question: str, query: str):
    assert retrieve.clean_question(question) == query
    (answer,) = in_node(node, "ask.mjs", published, given=[question])
    assert answer["query"] == query


def test_what_is_no_question_is_refused_in_a_sentence(published: Path, node: str):
    answers = in_node(node, "ask.mjs", published, given=["", " \n", "a\x00b", "a" * 2_001, "🙂" * 2_000])
    assert [answer.get("error", "").partition(":")[0] for answer in answers] == ["QuestionError"] * 4 + [""]


# --- the files --------------------------------------------------------------------------------------------------------


def tree(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The folder of a site that has nothing yet."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").touch()
    return folder


def test_a_second_run_writes_the_same_bytes_with_and_without_the_kept_model(index: Path, published: Path, site: Path):
    base = settings.find(index)
    for _ in range(2):
        site_assets.write(base, site)
        assert tree(site) == tree(published)
        shutil.rmtree(base.browser)


def test_with_nothing_new_neither_index_nor_model_is_read(index: Path, published: Path, site: Path):
    """A build of a site pays for a search only when the search changes."""
    site_assets.write(settings.find(index), site)
    write = "import sys; from pathlib import Path; from cxkb import settings, site_assets; "
    write += f"site_assets.write(settings.find(Path({str(index)!r})), Path({str(site)!r})); "
    write += "print(*{'numpy', 'faiss', 'tokenizers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", write], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
    assert tree(site) == tree(published)


@pytest.mark.parametrize("part", ["code", "lexicon"])
def test_what_is_kept_is_made_anew_by_another_edition(
    hostile: Path, site: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str
):
    base = settings.find(hostile)
    site_assets.write(base, site)
    package = tmp_path / "cxkb"
    shutil.copytree(Path(site_assets.__file__).parent, package)
    changed = package / {"code": "rank.py", "lexicon": "assets/lexicon/de.tsv"}[part]
    changed.write_bytes(changed.read_bytes() + b"\n")
    made: list[str] = []

    def knowledge(*_: object, **__: object) -> dict[str, bytes]:
        made.append("knowledge")
        return {"passages": b"other"}

    monkeypatch.setattr(site_assets, "resources", lambda _: package)
    monkeypatch.setattr(browser, "knowledge", knowledge)
    monkeypatch.setattr(browser, "model", lambda _: made.append("model"))
    site_assets.write(base, site)
    site_assets.write(base, site)
    assert made == ["knowledge"]


def test_no_index_is_made_anew_while_it_is_written_for_browsers(
    hostile: Path, site: Path, monkeypatch: pytest.MonkeyPatch
):
    """Files of one index kept under the name of another would be served for good."""
    base = settings.find(hostile)
    monkeypatch.setattr(site_assets, "LOCK_SECONDS", 0.1)
    with (
        storage.alone(base.index_lock, 1, "holding it"),
        pytest.raises(StorageError, match="Another process has been building the index for"),
    ):
        site_assets.write(base, site)


def test_files_of_before_are_removed(hostile: Path, site: Path):
    base = settings.find(hostile)
    site_assets.write(base, site)
    written = tree(site)
    for folder in (site_assets.FOLDER, site_assets.SCRIPTS):
        (site / folder / "words-0123456789abcdef.gz").write_bytes(b"of before")
    site_assets.write(base, site)
    assert tree(site) == written


def test_a_change_of_content_changes_no_file_of_the_model(hostile: Path, cxkb: Command, site: Path):
    base = settings.find(hostile)
    site_assets.write(base, site)
    before = set(tree(site))
    page = hostile / "docs" / "guide.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n\nA hedgehog is no badger.\n", encoding="utf-8")
    done = cxkb("site-assets", str(site), cwd=hostile)
    assert done.returncode == 0, done.stderr
    changed = {name.rpartition("/")[2].partition("-")[0] for name in set(tree(site)) ^ before}
    assert changed == {"passages", "vectors"}


def test_a_folder_that_is_no_site_is_refused_in_one_sentence(index: Path, cxkb: Command, site: Path):
    (site / "index.html").unlink()
    done = cxkb("site-assets", str(site), cwd=index)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"cxkb: {site} is no built site: it has no index.html. Build one with: mkdocs build\n"


def test_a_site_that_cannot_be_written_is_said_in_one_sentence(hostile: Path, cxkb: Command, site: Path):
    (site / "assets").touch()
    done = cxkb("site-assets", str(site), cwd=hostile)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"cannot be written to {site}" in done.stderr


def test_a_model_that_no_browser_runs_leaves_search_by_letters(
    hostile: Path, changed: Callable[..., Path], cxkb: Command, node: str, site: Path
):
    folder = changed({"sentence_bert_config.json": {"do_lower_case": True}})
    file = hostile / "pyproject.toml"
    table = file.read_text(encoding="utf-8")
    assert "[tool.cxkb.groups]" in table
    file.write_text(f'[tool.cxkb]\nmodel = "{folder}"\n{table}', encoding="utf-8")
    done = cxkb("site-assets", str(site), cwd=hostile)
    assert done.returncode == 0, done.stderr
    assert "by letters alone: no browser runs this model, it makes texts lower case in a way of its own" in done.stdout
    manifest = json.loads((site / site_assets.FOLDER / "manifest.json").read_bytes())
    assert manifest["model"] is None
    assert set(manifest["files"]) == {"passages", "gloss"}
    found, nothing = in_node(node, "ask.mjs", site, given=["caterpillars and beetles", "qwxqwx"])
    assert (found["answered"], found["confidence"], found["hits"][0]["page"]) == (True, None, "hedgehog")
    assert "caterpillars" in found["hits"][0]["sentence"]
    assert (nothing["answered"], nothing["hits"]) == (False, [])


def test_files_are_checked_kept_and_counted(node: str):
    """The cases are in js/files.test.mjs."""
    done = subprocess.run(
        [node, "--test", str(HERE / "js" / "files.test.mjs")], env=os.environ | {"SCRIPTS": str(SCRIPTS)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


# --- its parts --------------------------------------------------------------------------------------------------------

LETTERS = {"run": lexical.GRAM, "k1": lexical.K1, "b": lexical.B, "stop": sorted(lexical.STOP)}

ODD = [
    "", "_", "ß ẞ SS ﬁ ﬀ ſ", "İstanbul ı I i̇", "ΣΑΣ ας ᾳ ᾼ ΐ", "Ꭰ ꭰ ᏸ Ᏸ", "über Uber u\u0308ber U\u0308BER", "für",
    "½ ² Ⅷ ٣ ௧ 𝟘", "ஔ ဦ ᬆ が ガ 각 ำ", "a\u0301\u0301b \u0301c", "snake_case it's", "𝐛𝐨𝐥𝐝 🙂🙂🙂 word", "n\u0303o \u212bngstr\u00f6m",
]  # fmt: skip


VOCABULARY = [*sorted(lexical.STOP), "silos", "touchpoint", "Kundenreise", "klantbeleving"]


def test_words_and_runs_are_pythons(part: Callable[..., Any]):
    texts = ODD + fuzzed(5_000, VOCABULARY, seed=6)
    found = part("words", LETTERS, texts)
    expected = [
        [words, [run for word in words for run in lexical.grams(word)]]
        for text in texts
        for words in [lexical.words(text)]
    ]
    assert {text: (a, b) for text, a, b in zip(texts, found, expected, strict=True) if a != b} == {}


def test_glosses_are_pythons(part: Callable[..., Any]):
    cases = [line.split("\t")[0] for line in (HERE / "cases" / "gloss.tsv").read_text(encoding="utf-8").splitlines()]
    entries = [
        line.partition("\t")[0] for name in gloss.LANGUAGES for line in gloss.lexicon(name).raw.decode().split("\n")
    ]
    chance = random.Random(6)
    compounds = ["".join(chance.choices([entry for entry in entries if entry.isalpha()], k=2)) + ending
                 for ending in ("", "en", "s", "ung", "x") for _ in range(200)]  # fmt: skip
    texts = [
        *QUERIES,
        *cases,
        *compounds,
        *ODD,
        *fuzzed(500, VOCABULARY, seed=7),
        "kundenreise" * 180,
        "Wat zijn de drie P’s?",
        "ΣΑΣ",
    ]
    found = part("gloss", json.loads(browser.glosses()), texts)
    expected = [gloss.gloss(text) for text in texts]
    assert {text: (a, b) for text, a, b in zip(texts, found, expected, strict=True) if a != b} == {}


def test_python_and_javascript_rank_the_same_cases_alike(part: Callable[..., Any]):
    given = {"weights": CASES["weights"], "density": rank.DENSITY}
    for case, theirs in zip(CASES["order"], part("order", given, CASES["order"]), strict=True):
        ours = ordered(case)
        check_order(case, ours)
        check_order(case, theirs)
        assert theirs["features"] == pytest.approx(ours["features"]), case["name"]
        assert theirs["confidence"] == pytest.approx(ours["confidence"]), case["name"]


def test_python_and_javascript_show_the_same_passage_and_sentence(part: Callable[..., Any]):
    for case, theirs in zip(CASES["shown"], part("shown", {}, CASES["shown"]), strict=True):
        expected = {"text": case["text"], "sentence": case["sentence"]}
        assert shown(case) == expected, case["name"]
        assert theirs == expected, case["name"]
