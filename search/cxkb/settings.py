"""Where the knowledge base is, and what its [tool.cxkb] table says."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from cxkb import plain, transaction
from cxkb.errors import SettingsError, StorageError

DEFAULT_MODEL = "all-MiniLM-L6-v2"

ROOT_VARIABLE = "CXKB_ROOT"
"""Environment variable that names the knowledge base's folder, for use from anywhere."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A knowledge base's folder and its settings."""

    root: Path
    groups: dict[str, str]
    """Group id -> title, in the order in which the site shows them."""
    model: str = DEFAULT_MODEL

    @property
    def concepts(self) -> Path:
        """Folder of the concept pages."""
        return self.root / "docs" / "concepts"

    @property
    def tensions(self) -> Path:
        """Folder of the tension pages."""
        return self.root / "docs" / "tensions"

    @property
    def sources(self) -> Path:
        """Folder of the source records."""
        return self.root / "sources"

    @property
    def prints(self) -> Path:
        """Folder of the fingerprints of the sources' texts, <key>.txt."""
        return self.sources / "prints"

    @property
    def pictures(self) -> Path:
        """Folder of the drawings that pages show."""
        return self.root / "docs" / "pictures"

    @property
    def kept(self) -> Path:
        """Folder of all that is made from the content and can be made again, and of what is never committed."""
        return self.root / ".cxkb"

    @property
    def index(self) -> Path:
        """Folder of the index; made by `cxkb index`, never committed."""
        return self.kept / "index"

    @property
    def originals(self) -> Path:
        """Folder of the sources' own texts, <key>.txt, kept for those who write the notes; never committed."""
        return self.kept / "originals"

    @property
    def cards(self) -> Path:
        """Folder of the pages' pictures, kept from build to build; never committed."""
        return self.kept / "cards"

    @property
    def drawings(self) -> Path:
        """Folder of the concept map's drawing, kept from build to build; never committed."""
        return self.kept / "drawings"

    @property
    def index_lock(self) -> Path:
        """The file that whoever writes the index, or needs it to stay as it is, holds."""
        return self.kept / "index.lock"

    @property
    def browser(self) -> Path:
        """Folder of model and knowledge as browsers get them, kept from build to build; never committed."""
        return self.kept / "browser"


def find(start: Path | None = None) -> Settings:
    """The knowledge base that `start` (the current folder unless given) lies in.

    Looks in `start` and its parents for a pyproject.toml with a [tool.cxkb] table; the environment variable
    CXKB_ROOT, when set and no `start` is given, names the folder instead. Everything that reads content comes by here:
    a change of several files that was stopped half-way is finished first.

    Raises SettingsError when there is none, or when its table is wrong; StorageError when such a change cannot be
    finished, or when .cxkb, where files are written and removed, leads elsewhere.
    """
    found = _find(start)
    for link in plain.others(found.kept):
        raise StorageError(f"{link} leads out of the knowledge base; remove it: nothing is written through links.")
    transaction.finish(found.root)
    return found


def _find(start: Path | None) -> Settings:
    try:
        return _found(start)
    except FileNotFoundError:  # only the current folder needs to be there to be resolved
        raise SettingsError("The folder you are in has been removed. Go into a folder that is there.") from None


def _found(start: Path | None) -> Settings:
    named = os.environ.get(ROOT_VARIABLE)
    if start is None and named:
        if (found := _read(Path(named).resolve())) is None:
            raise SettingsError(
                f"{ROOT_VARIABLE}={named!r} is not a knowledge base: it has no pyproject.toml with [tool.cxkb]."
            )
        return found
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (found := _read(folder)) is not None:
            return found
    raise SettingsError(
        f"No knowledge base in {here} or above it. Go into one (a folder whose pyproject.toml has a [tool.cxkb] "
        f"table), or name one: cxkb --root FOLDER, or {ROOT_VARIABLE}=FOLDER."
    )


def _read(folder: Path) -> Settings | None:
    """The settings in this very folder; None when it is no knowledge base."""
    file = folder / "pyproject.toml"
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    if "[tool.cxkb" not in text:
        return None
    try:
        table = tomllib.loads(text).get("tool", {}).get("cxkb")
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: {error}. Mend the file's TOML.") from error
    if table is None:
        return None
    if not isinstance(table, dict):
        raise SettingsError(f"{file}: tool.cxkb is to be a table.")
    for key in table:
        if key not in ("model", "groups"):
            raise SettingsError(f"{file}: unknown key {key!r} in [tool.cxkb]; known are 'model' and 'groups'.")
    model = table.get("model", DEFAULT_MODEL)
    if not isinstance(model, str) or not model:
        raise SettingsError(f"{file}: tool.cxkb.model is to be the name of a sentence-transformers model, or a path.")
    groups = table.get("groups", {})
    if not isinstance(groups, dict) or not groups or not all(isinstance(title, str) for title in groups.values()):
        raise SettingsError(f'{file}: [tool.cxkb.groups] is to list the concepts\' groups: id = "Title".')
    return Settings(root=folder, groups=groups, model=model)
