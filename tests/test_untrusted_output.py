"""What reaches a terminal is text, whatever titles, texts, paths and questions hold; JSON is JSON for all of them."""

from __future__ import annotations

import contextlib
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cxkb import check, reading, render, terminal
from cxkb.cli import app
from cxkb.errors import ContentError
from cxkb.knowledge import load_or_fail
from cxkb.records import Answer, Hit, Passage, Problem
from cxkb.settings import find

if TYPE_CHECKING:
    from pathlib import Path

ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""C0 (but line feed and tab) and C1 controls, with which all escape and OSC sequences begin; bidi controls; surrogates."""

OUR_OWN = re.compile(r"\x1b\[[\d;]*m|\x1b\]8;[^;\x1b]*;[^\x1b]*\x1b\\")
"""Colours and links, as Rich writes them."""

SEQUENCES = ("\x1b[31m", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x1b\\", "\x9b2J", "\u202e", "[red]", "[/red]", "[link=https://evil.example]", ":smile:", "\ud800", "\r", "\x00", "\u2066")  # fmt: skip

texts = st.lists(st.one_of(st.sampled_from(SEQUENCES), st.text(st.characters(codec=None), max_size=8)), max_size=6).map(
    "".join
)


def answer(text: str) -> Answer:
    passage = Passage(
        location=f"concepts/x/#{text}", kind="source", page=text, title=text, heading=f"{text}!", text=f"{text} and more",
        role="body", path=f"docs/{text}.md", line=1, concepts=(text,), sources=(text,),
    )  # fmt: skip
    return Answer(query=text, hits=(Hit(1, 0.5, passage, sentence=text),), answered=True, labels={text: text})


@given(texts)
def test_an_answer_holds_nothing_that_a_terminal_acts_on(text: str):
    for answered in (answer(text), replace(answer(text), answered=False)):
        assert not ACTS.search(render.answer_plain(answered, "https://kb.example/"))


@given(texts)
def test_an_answer_at_a_terminal_has_only_our_own_sequences(text: str):
    screen = io.StringIO()
    console = render.console()
    console.file, console._force_terminal = screen, True
    for part in render.answer_rich(answer(text), "https://kb.example/"):
        console.print(part)
    assert not ACTS.search(OUR_OWN.sub("", screen.getvalue()))


@pytest.mark.parametrize("markup", ["[red]x[/red]", "[link=https://evil.example]x[/link]", ":smile:"])
def test_rich_s_markup_in_content_is_text(markup: str):
    screen = io.StringIO()
    console = render.console()
    console.file = screen
    for part in render.answer_rich(answer(markup), "https://kb.example/"):
        console.print(part)
    assert markup in screen.getvalue()


@given(texts)
def test_json_is_json_with_the_text_intact(text: str):
    written = render.answer_json(answer(text), "https://kb.example/")
    assert not ACTS.search(written)
    written.encode("utf-8")
    (hit,) = json.loads(written)["hits"]
    assert (hit["title"], hit["text"]) == (text, f"{text} and more")
    assert json.loads(render.run_json(text, answer(text)))["id"] == text


@given(texts)
def test_what_commands_print_and_say_holds_nothing_that_a_terminal_acts_on(text: str):
    printed, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
        terminal.out(text)
        terminal.say(text)
    assert not ACTS.search(printed.getvalue() + said.getvalue())


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_a_page_in_the_terminal_shows_the_sequence_as_text(tiny: Path, sequence: str):
    loaded = load_or_fail(find(tiny))
    loaded.concepts["silo"] = replace(loaded.concepts["silo"], body=f"Before {sequence} after")
    shown = render.safe(reading.markdown(loaded, loaded.concepts["silo"]))
    assert not ACTS.search(shown)
    assert "Before" in shown


@pytest.mark.parametrize("sequence", [s for s in SEQUENCES if "\ud800" not in s and "\x00" not in s])
@pytest.mark.parametrize("command", [[], ["show"], ["check"], ["check", "--against"], ["ask", "--kind"], ["ask", "-n"], ["run"], ["schema"], ["eval", "--split"], ["site-assets"], ["--root"]])  # fmt: skip
def test_a_message_quotes_an_argument_without_its_sequences(tiny: Path, command: list[str], sequence: str):
    done = CliRunner().invoke(app, [*(["-C", str(tiny)] if command else []), *command, f"x{sequence}y"])
    assert done.exit_code
    assert not ACTS.search(done.output)


def test_a_problem_is_printed_without_the_sequences_of_its_path(tiny: Path):
    (tiny / "docs" / "\x1b]0;title\x07\u202e.exe").write_text("x", encoding="utf-8")
    done = CliRunner().invoke(app, ["-C", str(tiny), "check"])
    assert "[file-kind]" in done.output
    assert not ACTS.search(done.output)


def test_an_error_is_printed_without_the_sequences_it_quotes(tiny: Path):
    problem = Problem("docs/\x1b[31m.md", 1, "\u202e", "x")
    with mock.patch.object(check, "problems", side_effect=ContentError(str(problem))):
        done = CliRunner().invoke(app, ["-C", str(tiny), "check"])
    assert done.exit_code == 1
    assert "docs/" in done.output
    assert not ACTS.search(done.output)
