"""The contributing guide, followed to the letter: its commands are run, its texts are written where it says."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import environment, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Command

GUIDE = Path(__file__).resolve().parent.parent / "CONTRIBUTING.md"

FORK = "https://github.com/YOU/cxkb.git"

ARTICLE = Path(__file__).parent / "articles" / "sound.html"

BLOCK = re.compile(r"^ *```(?P<kind>\w+)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)


def section(heading: str) -> str:
    """The text of the guide under a heading."""
    return GUIDE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def blocks(heading: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each block in a section, without the indentation of its list."""
    for match in BLOCK.finditer(section(heading)):
        lines = match["text"].splitlines()
        yield match["kind"], "\n".join(line.removeprefix("   ") for line in lines)


def commands(block: str) -> list[str]:
    """The commands of a console block."""
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout


class Contributor:
    """A person with a shell: runs commands one after the other, in the folder and environment that the last one left."""

    def __init__(self, folder: Path, fork: Path, index: Path) -> None:
        self.folder, self.index, self.key = folder, index, "KEY"
        self.state = folder / "state"
        self.state.write_text("", encoding="utf-8")
        # "github.com/YOU" is a folder here; everything else is done as the guide says
        self.environment = environment(
            GIT_CONFIG_COUNT="3",
            GIT_CONFIG_KEY_0=f"url.{fork}.insteadOf", GIT_CONFIG_VALUE_0=FORK,
            GIT_CONFIG_KEY_1="user.name", GIT_CONFIG_VALUE_1="A Contributor",
            GIT_CONFIG_KEY_2="user.email", GIT_CONFIG_VALUE_2="contributor@example.org",
        )  # fmt: skip

    @property
    def clone(self) -> Path:
        """Where the first step has put the copy."""
        return self.folder / "cxkb"

    def run(self, command: str) -> str:
        """What it prints to standard output. Fails the test when it fails."""
        command = command.replace("ARTICLE", str(ARTICLE)).replace("KEY", self.key)
        script = (
            f'set -e; cd "{self.folder}"; . "{self.state}"; {command}\n(echo "cd $PWD"; export -p) > "{self.state}"'
        )
        done = subprocess.run(["bash", "-c", script], env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        if command.startswith("git clone"):
            self.be_set_up_already()
        if command.startswith("cxkb add source"):
            self.key = Path(done.stdout.splitlines()[0]).stem
        return done.stdout

    def be_set_up_already(self) -> None:
        """As somebody's second contribution: an environment (this very one) and an index are there, for setting up takes minutes."""
        venv = self.clone / ".venv"
        venv.mkdir()
        (venv / "bin").symlink_to(Path(sys.executable).parent)
        (venv / "ready").touch()
        shutil.copytree(self.index / ".cxkb" / "index", self.clone / ".cxkb" / "index")

    def write(self, text: str) -> None:
        """Put a text where the guide says: notes in place of the record's last comment, a sentence at a page's end."""
        text = text.replace("KEY", self.key)
        if text.startswith("#"):
            record = self.clone / "sources" / f"{self.key}.md"
            begun = record.read_text(encoding="utf-8")
            assert begun.rstrip().endswith("-->")
            record.write_text(f"{begun[: begun.rindex('<!--')]}{text}\n", encoding="utf-8")
        else:
            (named,) = re.findall(r"`(docs/concepts/[\w-]+\.md)`", section("Ten minutes from fork to pull request"))
            page = self.clone / named
            page.write_text(f"{page.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")


@pytest.fixture(scope="session")
def fork(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fork of what is committed here: a bare repository whose main is our HEAD."""
    if not (shutil.which("git") and (repo / ".git").exists()):
        missing("this is no git repository; clone it to follow the contributing guide")
    folder = tmp_path_factory.mktemp("github") / "cxkb.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(folder)], check=True)
    git(repo, "push", "--quiet", str(folder), "HEAD:refs/heads/main")
    return folder


@pytest.fixture(scope="session")
def contributor(fork: Path, index: Path, tmp_path_factory: pytest.TempPathFactory) -> Contributor:
    """Somebody who has followed the ten minutes to their end."""
    person = Contributor(tmp_path_factory.mktemp("contributor"), fork, index)
    for kind, text in blocks("Ten minutes from fork to pull request"):
        if kind == "console":
            for command in commands(text):
                person.run(command)
        else:
            person.write(text)
    return person


def test_the_guide_ends_in_a_branch_that_can_be_asked_to_be_merged(contributor: Contributor, fork: Path):
    told = git(fork, "diff", "--name-status", "main", "my-source").splitlines()
    assert f"A\tsources/{contributor.key}.md" in told
    assert "M\tdocs/concepts/customer-expectations.md" in told
    assert git(fork, "log", "-1", "--format=%s", "my-source") == f"Add {contributor.key}\n"


def test_the_articles_own_text_is_not_sent(contributor: Contributor, fork: Path):
    own = contributor.clone / ".cxkb" / "originals" / f"{contributor.key}.txt"
    sentence = max(own.read_text(encoding="utf-8").split(". "), key=len)
    assert sentence not in git(fork, "diff", "main", "my-source")
    assert git(fork, "ls-tree", "-r", "--name-only", "my-source", ".cxkb") == ""


def test_the_comment_can_be_read_beforehand(contributor: Contributor, cxkb: Command):
    (command,) = re.findall(r"`cxkb (pr-comment [^`]+)`", section("Ten minutes from fork to pull request"))
    done = cxkb(*command.split(), cwd=contributor.clone)
    assert done.returncode == 0, done.stderr
    assert "- 1 source added: What your shop says when nobody speaks\n" in done.stdout
    assert "brings 1 idea. Cited by: Evolving customer expectations." in done.stdout
    assert "The check found nothing to mend" in done.stdout


def test_every_command_that_the_guide_names_exists(cxkb: Command, repo: Path):
    text = GUIDE.read_text(encoding="utf-8")
    targets = (repo / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([\w-]+)`|\$ make ([\w-]+)", text)):
        assert re.search(rf"^{''.join(target)}:", targets, re.MULTILINE), target
    for line in sorted(set(re.findall(r"(?:`|\$ )cxkb ([a-z][^`\n]*)", text))):
        words = itertools.takewhile(lambda word: re.fullmatch(r"[a-z][a-z-]*", word), line.split())
        done = cxkb(*words, "--help", cwd=repo, env={"COLUMNS": "200"})
        assert done.returncode == 0, line
        for option in re.findall(r"--[a-z-]+", line):
            assert option in done.stdout, line
