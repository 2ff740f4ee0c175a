"""cxkb at a terminal: the prompt, colours and links, and the answer to what cannot be answered."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cxkb import render
from tests.conftest import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.conftest import Command

    Terminal = Callable[..., tuple[str, int]]

PATIENCE = 120
"""Seconds of silence after which a program at a terminal is taken to hang."""

CTRL_D = "\x04"

COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3\d|4\d|9\d)[;\dm]")

LINK = re.compile(r"\x1b\]8;[^;]*;(https?://[^\x1b]+)\x1b\\([^\x1b]*|(?:\x1b\[[\d;]*m|[^\x1b])*)\x1b\]8;;\x1b\\")

ANSWERED, UNANSWERED = "what are the three Ps", "how deep is an intercontinental missile silo"


def plain(shown: str) -> str:
    """What is left of a terminal's output for the eye."""
    return re.sub(r"\x1b\][^\x1b]*\x1b\\|\x1b\[[\d;?]*[a-zA-Z]|\r", "", shown)


@pytest.fixture(scope="module")
def terminal(index: Path) -> Terminal:
    """`terminal("ask", typed=["question\\n", CTRL_D], NO_COLOR="1")`: what is shown, and the exit code.

    Each text is typed when a prompt stands at the end of what is shown.
    """
    script = Path(sys.executable).with_name("cxkb")

    def run(*arguments: str, typed: Sequence[str] = (), **env: str) -> tuple[str, int]:
        keyboard, screen = pty.openpty()
        shown, waiting = b"", list(typed)
        with subprocess.Popen(
            [str(script), *arguments], cwd=index, stdin=screen, stdout=screen, stderr=screen,
            env=environment(**{"TERM": "xterm-256color", "PAGER": "cat"} | env), start_new_session=True,
        ) as process:  # fmt: skip
            os.close(screen)
            while True:
                if not select.select([keyboard], [], [], PATIENCE)[0]:
                    process.kill()
                    pytest.fail(f"nothing happens after {shown!r}")
                try:
                    read = os.read(keyboard, 65_536)
                except OSError:  # Linux's way to say that the other end is closed
                    break
                if not read:
                    break
                shown += read
                if waiting and shown.endswith(b"Ask: "):
                    os.write(keyboard, waiting.pop(0).encode())
        os.close(keyboard)
        assert not waiting, shown
        return shown.decode(), process.returncode

    return run


def test_the_prompt_answers_question_after_question_until_ctrl_d(terminal: Terminal):
    shown, code = terminal("ask", "-n", "1", typed=[f"{ANSWERED}\n", "what is a customer journey?\n", CTRL_D])
    assert code == 0
    titles = re.findall(r"^1\. (\w+ \w+)", plain(shown), re.MULTILINE)
    assert titles == ["Three Ps", "Customer journey"]


def test_a_blank_line_at_the_prompt_asks_again(terminal: Terminal):
    shown, code = terminal("ask", typed=["  \n", CTRL_D])
    assert (plain(shown).split(), code) == (["Ask:", "Ask:"], 0)


def test_a_question_refused_at_the_prompt_does_not_end_it(terminal: Terminal):
    shown, code = terminal("ask", "-n", "1", typed=["why " * 600 + "\n", f"{ANSWERED}\n", CTRL_D])
    assert code == 0
    assert "2,000" in plain(shown)
    assert "1. Three Ps" in plain(shown)


def test_the_prompt_keeps_options(terminal: Terminal):
    shown, _ = terminal("ask", "--json", "-n", "1", "--kind", "tension", typed=[f"{ANSWERED}\n", CTRL_D])
    (found,) = re.findall(r"^\{.*\}$", plain(shown), re.MULTILINE)
    assert [hit["kind"] for hit in json.loads(found)["hits"]] == ["tension"]


def test_titles_and_addresses_are_links_at_a_terminal(terminal: Terminal):
    shown, code = terminal("ask", ANSWERED, SITE_URL="https://kb.example/")
    assert code == 0
    links = [(address, plain(text)) for address, text in LINK.findall(shown)]
    address = links[0][0]
    assert address.startswith("https://kb.example/concepts/three-ps/#")
    assert links[0][1].startswith("Three Ps")
    assert (address, address) in links


def test_an_answer_at_a_terminal_has_colours(terminal: Terminal):
    assert COLOUR.search(terminal("ask", ANSWERED)[0])


@pytest.mark.parametrize("arguments", [["ask", ANSWERED], ["show", "three-ps"]])
def test_no_color_leaves_out_colours(terminal: Terminal, arguments: list[str]):
    shown, code = terminal(*arguments, NO_COLOR="1")
    assert code == 0
    assert "Three Ps" in plain(shown)
    assert not COLOUR.search(shown)


def test_no_color_leaves_links(terminal: Terminal):
    assert LINK.search(terminal("ask", ANSWERED, NO_COLOR="1")[0])


def test_a_terminal_that_knows_nothing_gets_plain_text(terminal: Terminal):
    assert "\x1b" not in terminal("ask", ANSWERED, TERM="dumb")[0]


def test_a_page_is_laid_out_at_a_terminal(terminal: Terminal):
    shown, code = terminal("show", "silos")
    assert code == 0
    assert "\x1b[1m" in shown
    assert "## What it means" not in plain(shown)
    assert "What it means" in plain(shown)


def test_json_at_a_terminal_is_plain(terminal: Terminal):
    assert json.loads(terminal("ask", "--json", ANSWERED)[0])["answered"] is True


def test_who_waits_at_a_terminal_sees_how_many_passages_are_encoded(terminal: Terminal, hostile: Path):
    shown, code = terminal("--root", str(hostile), "index", "--whole")
    assert code == 0
    (encoded,) = set(re.findall(r"(\d+) encoded", plain(shown)))
    assert f"{encoded}/{encoded}" in plain(shown)


@pytest.fixture(scope="module")
def unanswered(cxkb: Command, index: Path) -> str:
    """What is printed for a question that the knowledge base cannot answer."""
    done = cxkb("ask", "-n", "20", UNANSWERED, cwd=index)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_json_says_that_there_is_no_answer(cxkb: Command, index: Path):
    done = cxkb("ask", "--json", UNANSWERED, cwd=index)
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert found["answered"] is False
    assert found["hits"]


def test_no_answer_is_said_with_the_closest_topics_and_their_addresses(unanswered: str):
    said, *topics = unanswered.rstrip("\n").split("\n\n")
    assert said == render.NO_ANSWER
    assert len(topics) == render.CLOSEST
    for topic in topics:
        assert re.fullmatch(r"   \S.*\n   http://127\.0\.0\.1:8000/[a-z0-9/-]*", topic)


def test_no_answer_shows_no_passage(unanswered: str):
    assert "**" not in unanswered
    assert "Source" not in unanswered


def test_no_answer_at_a_terminal_has_the_same_words(terminal: Terminal, unanswered: str):
    shown, code = terminal("ask", UNANSWERED)
    assert code == 0
    assert plain(shown).split() == unanswered.split()
    assert len(LINK.findall(shown)) == 2 * render.CLOSEST
