"""Any bytes are read or refused in words. A finding of `make fuzz` is a file in cases/fuzz/<reader>/, no Python."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxkb import content, unread
from tests.fuzz import READERS, families

TESTS = Path(__file__).parent
CASES = sorted((TESTS / "cases" / "fuzz").glob("*/*"))

# An article and a question of 256 tokens take a tenth of a second and more, a page copies a knowledge base.
EXAMPLES = dict.fromkeys(READERS, 100) | {"article": 20, "page": 20, "question": 20}

PIECES = st.sampled_from([*families.PIECES.values(), "\ud800", "\udcff", "---\n", "a", " ", "\n"])
TEXTS = st.lists(PIECES, max_size=20).map(lambda pieces: "".join(pieces).encode(errors="surrogatepass"))


def seeds(reader: str) -> list[bytes]:
    """What is nearly right for this reader."""
    patterns = importlib.import_module(f"tests.fuzz.{reader}").SEEDS
    found = [file.read_bytes() for pattern in patterns for file in sorted(TESTS.glob(pattern))]
    assert found
    return found


@st.composite
def spoilt(draw: st.DrawFn, reader: str) -> bytes:
    """A seed with one place cut out and something put in."""
    seed = draw(st.sampled_from(seeds(reader)))
    start = draw(st.integers(0, len(seed)))
    end = draw(st.integers(start, min(len(seed), start + 40)))
    return seed[:start] + draw(st.binary(max_size=8) | TEXTS) + seed[end:]


@pytest.mark.parametrize("reader", READERS)
def test_any_bytes_are_read_or_refused(reader: str):
    read = importlib.import_module(f"tests.fuzz.{reader}").read

    @settings(max_examples=EXAMPLES[reader], derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.binary() | TEXTS | spoilt(reader))
    def try_one(raw: bytes) -> None:
        read(raw)

    try_one()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_what_was_found_once_is_read_or_refused(case: Path):
    importlib.import_module(f"tests.fuzz.{case.parent.name}").read(case.read_bytes())


PATTERNS = {
    unread.fenced: re.compile(r"^(?P<fence>`{3,}|~{3,})[^`\n]*\n(?:.*?\n)??(?P=fence) *$", re.MULTILINE | re.DOTALL),
    unread.comments: re.compile(r"<!--.*?-->", re.DOTALL),
    unread.code_or_escapes: re.compile(r"\\[^\n]|(?P<ticks>`+)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)", re.DOTALL),
}
"""What the scanners find, as one would write it if time did not matter."""

MARKS = st.lists(st.sampled_from("`|``|```|~~~|~~~~|\n|\n\n| |\t|a|\\|<!--|-->|-".split("|"))).map("".join)


@pytest.mark.parametrize("scan", PATTERNS, ids=lambda scan: scan.__name__)
def test_a_scanner_finds_what_its_pattern_does(scan):
    @settings(max_examples=1000, derandomize=True)
    @given(MARKS)
    def try_one(text: str) -> None:
        assert list(scan(text)) == [match.span() for match in PATTERNS[scan].finditer(text)]

    try_one()


@given(MARKS)
def test_what_is_blanked_keeps_its_lines_and_columns(text: str):
    blanked = content.read_text(text)
    assert len(blanked) == len(text)
    assert all(new in (" ", old) for new, old in zip(blanked, text, strict=True))
    assert blanked.count("\n") == text.count("\n")
