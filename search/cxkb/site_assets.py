"""The browser's part of search, written into a built site.

`assets/cxkb/browser/` gets our JavaScript, `assets/cxkb/search/` compressed files and manifest.json, which names them and
is replaced last, in one step. The files' names carry the digest of what they hold and are never written over: a reader
in the middle of loading gets what the manifest promised, or an error, and never a mixture.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import zlib
from dataclasses import dataclass
from importlib.resources import as_file
from importlib.resources import files as resources
from typing import TYPE_CHECKING

from cxkb import browser, index, plain, retrieve, storage
from cxkb.errors import SiteError, StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cxkb.settings import Settings

FORMAT = 2
"""Version of the manifest and of the files' contents; files.mjs reads this one only."""

FOLDER = "assets/cxkb/search"
SCRIPTS = "assets/cxkb/browser"

MANIFEST = "manifest.json"

LOCK_SECONDS = 600
"""How long to wait for another process that is writing the files; quantising a large model takes a minute."""

NAME = re.compile(r"\w+-[0-9a-f]{16}\.gz")
"""What the other files are called, and nothing that leads elsewhere is."""

NUMBERS = {"layers", "vectors", "words"}
"""Roles of files in which no run of bytes comes again but by chance: looking for some makes them longer."""

GZIP = 16 + zlib.MAX_WBITS
"""What makes zlib write the format that browsers read."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written for the browser."""

    files: int
    size: int
    """Bytes of all files, compressed: what a first answer costs a reader, but for the scripts."""
    lexical_only: str | None
    """Why there is no search by meaning, in a few words; None if there is."""

    def __str__(self) -> str:
        """What was done, in one line."""
        done = f"Search in the browser: {self.files} files, {self.size / 1e6:.1f} MB"
        return done + (
            f"; by letters alone: no browser runs this model, {self.lexical_only}" if self.lexical_only else ""
        )


@dataclass(frozen=True, slots=True)
class Packed:
    """A compressed file."""

    content: bytes
    size: int
    """Of what is in it, in bytes."""
    sha256: str
    """Of what is in it: all that is left to check when a host undoes the compression."""

    def promise(self, name: str) -> dict[str, int | str]:
        """What the browser's manifest says of it."""
        return {"name": name, "bytes": len(self.content), "size": self.size, "sha256": self.sha256}


def write(settings: Settings, site: Path) -> Written:
    """Write what the browser needs into the folder of a built site, from the index as it is.

    The same index and model give the same bytes. Raises SiteError for a folder that is no site, StorageError,
    ModelUnavailable, and what `index.load` raises.
    """
    require_site(site)
    with (
        storage.alone(settings.kept / "browser.lock", LOCK_SECONDS, "writing the files for the browser"),
        storage.alone(settings.index_lock, LOCK_SECONDS, "building the index"),  # which is to stay as it is meanwhile
    ):
        return _write(settings, site)


def _write(settings: Settings, site: Path) -> Written:
    of_index = index.read_manifest(settings.index)
    files, reason = _model(settings, of_index)
    files |= _knowledge(settings, of_index, by_meaning=reason is None)
    size = sum(len(file.content) for file in files.values())
    manifest = {
        "format": FORMAT,
        "model": None if reason else of_index.weights,
        "index": _digest("".join(sorted(of_index.files.values())).encode()),
        "rules": retrieve.RULES,
        "bytes": size,
        "files": {name.partition("-")[0]: file.promise(name) for name, file in sorted(files.items())},
    }
    try:
        _write_scripts(site / SCRIPTS)
        _write_files(site / FOLDER, files)
        storage.write(site / FOLDER / MANIFEST, json.dumps(manifest, indent=1).encode())
        _remove(site / FOLDER, all_but={MANIFEST, *files})
    except OSError as error:
        raise StorageError(
            f"The files for the browser cannot be written to {site}: {error.strerror or error}."
        ) from error
    return Written(len(files), size, reason)


def require_site(site: Path) -> None:
    """Raise SiteError for a folder that is no built site, or whose assets lead elsewhere."""
    if not (site / "index.html").is_file():
        raise SiteError(f"{site} is no built site: it has no index.html. Build one with: mkdocs build")
    for link in plain.others(site / "assets"):
        raise SiteError(f"{link} leads out of the site; remove it: nothing is written through links.")


def _model(settings: Settings, manifest: index.Manifest) -> tuple[dict[str, Packed], str | None]:
    """The model's files by name; none, and why, if no browser runs it. Kept, since to quantise a model takes seconds."""
    model = retrieve.model_of(settings, manifest)
    package = resources("cxkb")
    code = (package / f"{name}.py" for name in ("bert", "browser", "quantise", "site_assets", "wordpiece"))
    made_of = [
        storage.edition("numpy", *code, browser.SCRIPTS / "matmul.wasm"), model.name, manifest.weights,
        # its configuration and its tokenizer
        *(_digest(file.read_bytes()) for file in (sorted(model.folder.rglob("*.json")) if model.folder else ())),
    ]  # fmt: skip
    folder = settings.browser / "model"
    if before := _kept(folder, made_of):
        return before, None
    from cxkb import bert, quantise  # and with them numpy, which a build with nothing new does without

    try:
        small = quantise.quantise(model)
    except bert.Unsupported as error:
        return {}, str(error)
    return _keep(folder, made_of, browser.model(small)), None


def _knowledge(settings: Settings, manifest: index.Manifest, *, by_meaning: bool) -> dict[str, Packed]:
    """The files of what is searched, by name. Kept, since to read the index takes longer than the rest of `write`."""
    with as_file(resources("cxkb")) as package:  # ranking, glossing and reading the index all have a part in them
        code = sorted(file for file in package.rglob("*") if file.suffix in (".py", ".json", ".tsv"))
        edition = storage.edition("numpy", *code)
    made_of = [edition, manifest.model, manifest.dimensions, manifest.labels, manifest.files, by_meaning]
    folder = settings.browser / "knowledge"
    if before := _kept(folder, made_of):
        return before
    return _keep(folder, made_of, browser.knowledge(index.load(settings.index), by_meaning=by_meaning))


def _keep(folder: Path, made_of: Sequence[object], contents: dict[str, bytes]) -> dict[str, Packed]:
    """These contents compressed, and in this folder for the next time, in the place of what it had."""
    files = packed(contents)
    with contextlib.suppress(OSError):  # then they are made again next time
        shutil.rmtree(folder, ignore_errors=True)  # made of something else, damaged, or left half-way
        _write_files(folder, files)
        listed = {name: [_digest(file.content), file.size, file.sha256] for name, file in sorted(files.items())}
        storage.write(folder / MANIFEST, index.sealed({"made_of": _sum(made_of), "files": listed}))
    return files


def _kept(folder: Path, made_of: Sequence[object]) -> dict[str, Packed] | None:
    """What this folder keeps; None if it was made of something else, or a byte is not as it was written."""
    try:
        raw = (folder / MANIFEST).read_bytes()
        listed = json.loads(raw)["files"]
        wanted = {"made_of": _sum(made_of), "files": listed}
        if index.sealed(wanted) != raw or not all(map(NAME.fullmatch, listed)):
            return None
        files = {name: Packed((folder / name).read_bytes(), size, sha256) for name, (_, size, sha256) in listed.items()}
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return files if all(_digest(file.content) == listed[name][0] for name, file in files.items()) else None


def _sum(made_of: Sequence[object]) -> str:
    return _digest(json.dumps(made_of).encode())


def packed(contents: dict[str, bytes]) -> dict[str, Packed]:
    """Role -> bytes, as file name -> compressed file; the same for the same contents, whatever the time."""
    files = {role: Packed(_compress(role, raw), len(raw), _digest(raw)) for role, raw in contents.items()}
    return {f"{role}-{file.sha256[:16]}.gz": file for role, file in files.items()}


def _compress(role: str, raw: bytes) -> bytes:
    strategy = zlib.Z_HUFFMAN_ONLY if role in NUMBERS else zlib.Z_DEFAULT_STRATEGY
    compressor = zlib.compressobj(9, zlib.DEFLATED, GZIP, zlib.DEF_MEM_LEVEL, strategy)
    return compressor.compress(raw) + compressor.flush()


def _write_files(folder: Path, files: dict[str, Packed]) -> None:
    """Those that are not there yet, or not as they should be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in files.items():
        if not (folder / name).is_file() or (folder / name).read_bytes() != file.content:
            storage.write(folder / name, file.content)


def _write_scripts(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    scripts = {script.name: script.read_bytes() for script in browser.SCRIPTS.iterdir() if script.name.endswith(".mjs")}
    for name, raw in scripts.items():
        storage.write(folder / name, raw)
    _remove(folder, all_but=set(scripts))


def _remove(folder: Path, all_but: set[str]) -> None:
    for file in folder.iterdir():
        if file.name not in all_but:
            file.unlink()


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
