"""Where the knowledge base is found, and what is said of settings that are wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from cxkb import settings, site
from cxkb.errors import SettingsError, SiteError

if TYPE_CHECKING:
    from pathlib import Path

GROUPS = '[tool.cxkb.groups]\nwork = "Work"\n'


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have named a knowledge base of their own."""
    monkeypatch.delenv(settings.ROOT_VARIABLE, raising=False)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("[tool.cxkb\n", "Mend the file's TOML"),
        ("[tool]\ncxkb = 3  # [tool.cxkb]\n", "tool.cxkb is to be a table"),
        (f'[tool.cxkb]\nmodle = "x"\n{GROUPS}', "unknown key 'modle'"),
        (f'[tool.cxkb]\nmodel = ""\n{GROUPS}', "tool.cxkb.model is to be the name"),
        (f"[tool.cxkb]\nmodel = 3\n{GROUPS}", "tool.cxkb.model is to be the name"),
        ("[tool.cxkb]\n", "[tool.cxkb.groups] is to list"),
        ("[tool.cxkb]\ngroups = []\n", "[tool.cxkb.groups] is to list"),
        ("[tool.cxkb.groups]\n", "[tool.cxkb.groups] is to list"),
        ("[tool.cxkb.groups]\nwork = 3\n", "[tool.cxkb.groups] is to list"),
    ],
)
def test_a_table_that_is_wrong_is_explained_with_its_file(tmp_path: Path, table: str, says: str):
    file = tmp_path / "pyproject.toml"
    file.write_text(table)
    with pytest.raises(SettingsError, match=re.escape(says)) as caught:
        settings.find(tmp_path)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("other", [b"[project]\n", b"# [tool.cxkb] is elsewhere\n", b"\xff[tool.cxkb]\n"])
def test_a_project_of_another_kind_within_the_knowledge_base_is_passed_over(tiny: Path, other: bytes):
    inner = tiny / "docs" / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_bytes(other)
    assert settings.find(inner).root == tiny.resolve()


def test_a_variable_that_names_no_knowledge_base_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(settings.ROOT_VARIABLE, str(tmp_path))
    with pytest.raises(SettingsError, match=re.escape(f"CXKB_ROOT={str(tmp_path)!r} is not a knowledge base")):
        settings.find()


def test_a_folder_that_is_given_counts_more_than_the_variable(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(settings.ROOT_VARIABLE, str(tmp_path))
    assert settings.find(tiny).root == tiny.resolve()


def test_a_folder_that_has_been_removed_is_no_place_to_ask_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(SettingsError, match="has been removed"):
        settings.find()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("plugins: [cxkb]", "plugins: []", "the plugin 'cxkb' is missing"),
        ("name: material", "name: immaterial", "MkDocs cannot build the pages"),
        ("cxkb:concepts", "cxkb:konzepts", "no navigation 'cxkb:konzepts'; did you mean 'concepts'"),
        ("plugins: [cxkb]", "plugins: [cxkb", "MkDocs cannot build the pages"),
    ],
)
def test_a_configuration_that_gives_no_pages_is_explained(tiny: Path, old: str, new: str, says: str):
    file = tiny / "mkdocs.yml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(SiteError, match=says):
        site.render(settings.find(tiny))
