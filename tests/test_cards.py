"""The pictures of pages that are shared elsewhere."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from cxkb import cards, knowledge, lettering, settings

if TYPE_CHECKING:
    from pathlib import Path

    from cxkb.knowledge import KnowledgeBase

SITE = "Customer experience knowledge base"
TEAL = "#0f6b66"
WORDS = ("Digital Darwinism", "What awaits companies that do as they always did.", TEAL, SITE, "Concept · Obstacles")

TITLES = [
    "",
    "Silos",
    "W" * 120,
    "customer experience " * 6,
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
    "ffi fi AVAT To Yes. Ty ".strip() * 5,
]


@pytest.fixture(scope="module")
def loaded(repo: Path) -> KnowledgeBase:
    return knowledge.load_or_fail(settings.find(repo))


def picture(*words: str) -> Image.Image:
    return Image.open(io.BytesIO(cards.card(*words)))


def said(title: str, subtitle: str = "") -> str:
    """What stands on the card between the label and the site's name."""
    lines = cards.layout(title, subtitle, SITE, "Concept")
    return " ".join(line.text for line in lines if line.size not in {cards.LABEL_SIZE, cards.NAME_SIZE})


def assert_fits(lines: tuple[cards.Line, ...]) -> None:
    """Each line stands between the margins, below the one before and above the next, on the card."""
    bottom = 0.0
    for line in lines:
        font = lettering.font(line.weight, line.size)
        left, top, right, below = font.getbbox(line.text, anchor="ls")
        assert line.x + left >= cards.BAND
        # what leans out of its advance width, and kerning with a space, are a few pixels of the margin's eighty
        assert line.x + right <= cards.RIGHT + 8, line
        assert line.baseline + top >= bottom - line.size * 0.1, line
        bottom = line.baseline + below
    assert bottom <= cards.HEIGHT - 40


def test_a_card_has_the_size_that_open_graph_wants():
    card = picture(*WORDS)
    assert (card.format, card.size) == ("PNG", (1200, 630))


@pytest.mark.parametrize("title", TITLES, ids=lambda title: title[:20])
def test_long_and_short_titles_stay_on_the_card(title: str):
    assert_fits(cards.layout(title, "definition " * 40, SITE, "Concept · Obstacles"))


@given(*[st.text(max_size=200)] * 4)
def test_no_text_makes_a_card_overflow(title: str, subtitle: str, site_name: str, label: str):
    assert_fits(cards.layout(title, subtitle, site_name, label))


@given(st.lists(st.text("abcdefgilmMWfAVT", min_size=1, max_size=120), min_size=1, max_size=20).map(" ".join))
def test_no_title_in_latin_letters_overflows_or_loses_its_beginning(title: str):
    assert_fits(cards.layout(title, title, SITE, title))
    shown = said(title).replace(" ", "")
    assert title.replace(" ", "").startswith(shown.rstrip("…"))
    assert shown


@pytest.mark.parametrize("title", TITLES, ids=lambda title: title[:20])
def test_the_margin_of_the_picture_stays_empty(title: str):
    card = picture(title, "definition " * 40, TEAL, SITE, "Concept").convert("RGB")
    margin = card.crop((cards.RIGHT + 8, 0, cards.WIDTH, cards.HEIGHT))
    assert ImageChops.difference(margin, Image.new("RGB", margin.size, cards.PAPER)).getbbox() is None


def test_every_title_of_the_knowledge_base_stands_on_its_card_whole(loaded: KnowledgeBase):
    concepts, tensions, sources = loaded.concepts.values(), loaded.tensions.values(), loaded.sources.values()
    titles = [page.head.title for pages in (concepts, tensions, sources) for page in pages]
    assert [said(title) for title in titles] == titles


def test_lines_of_a_title_are_of_even_length():
    lines = cards.layout("General Data Protection Regulation (GDPR) and trust", "", "")
    assert [line.text for line in lines] == ["General Data", "Protection Regulation", "(GDPR) and trust"]


def test_a_word_too_long_for_a_line_is_broken_and_whole():
    word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
    first, second = said(word).split()
    assert first + second == word


def test_a_definition_has_three_lines_at_most():
    assert [line.weight for line in cards.layout("Silos", "definition " * 60, "")] == [600, 400, 400, 400]


def test_a_definition_that_is_too_long_ends_in_an_ellipsis_after_a_word():
    text = said("Silos", "definition " * 60).removeprefix("Silos ")
    assert set(text.removesuffix("…").split()) == {"definition"}
    assert text.endswith("definition…")


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("顧客体験 とは", SITE),
        ("Опыт клиента", SITE),
        ("Launch 🚀 day", "Launch day"),
        ("Dvořák’s ﬁve “steps”", "Dvorák’s five “steps”"),
        ("a\u202eb\x00c\u200d\ud800", "abc"),
        ("100 ٪ ٣", SITE),
    ],
)
def test_a_title_in_letters_that_the_font_lacks_shows_no_empty_boxes(title: str, shown: str):
    assert said(title) == shown
    assert said("Silos", title) == ("Silos" if shown == SITE else f"Silos {shown}")
    assert picture(title, title, TEAL, SITE, title).size == (1200, 630)


def test_the_letters_said_to_be_in_the_fonts_are():
    letters = {chr(code) for code in range(0x10000) if lettering.LETTERS.fullmatch(chr(code))} | {cards.TRACKING}
    for file in lettering.FONTS.values():
        with file.open("rb") as font:
            assert letters <= {chr(code) for code in TTFont(font).getBestCmap()}


def test_a_card_bears_the_colour_of_its_group():
    for colour in ("#a8501f", TEAL):
        card = picture("Silos", "Walls within.", colour, SITE, "Concept").convert("RGB")
        assert card.getpixel((2, 300)) == tuple(bytes.fromhex(colour[1:]))


def test_the_accent_is_the_first_colour():
    accent, *groups = cards.colours()
    assert accent == TEAL
    assert len(groups) == len(set(groups))


def test_cards_are_small_enough_to_be_fetched_by_every_preview(loaded: KnowledgeBase):
    sizes = [
        len(cards.card(concept.head.title, concept.head.definition, TEAL, SITE, "Concept"))
        for concept in list(loaded.concepts.values())[::5]
    ]
    assert max(sizes) < 40_000
    assert len(cards.card("W" * 400, "M" * 400, TEAL, "W" * 400, "M" * 400)) < 60_000


def test_two_processes_draw_the_same_bytes():
    program = f"import sys; from cxkb import cards; sys.stdout.buffer.write(cards.card(*{WORDS!r}))"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert other.stdout == cards.card(*WORDS)


def test_a_card_is_drawn_once(tmp_path: Path):
    folder = tmp_path / "not" / "yet"
    assert cards.load_or_draw(folder, *WORDS) == cards.card(*WORDS)
    [kept] = folder.iterdir()
    kept.write_bytes(b"kept")
    assert cards.load_or_draw(folder, *WORDS) == b"kept"


@pytest.mark.parametrize("changed", range(5))
def test_a_card_is_drawn_again_when_any_of_its_words_changes(tmp_path: Path, changed: int):
    other = [word if n != changed else "#a8501f" if n == 2 else "Other" for n, word in enumerate(WORDS)]
    cards.load_or_draw(tmp_path, *WORDS)
    assert cards.load_or_draw(tmp_path, *other) == cards.card(*other)
