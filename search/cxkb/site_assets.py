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
from typing import TYPE_CHECKING

from cxkb import bert, browser, index, plain, quantise, retrieve, storage
from cxkb.errors import SiteError, StorageError

if TYPE_CHECKING:
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


def write(settings: Settings, site: Path) -> Written:
    """Write what the browser needs into the folder of a built site, from the index as it is.

    The same index and model give the same bytes. Raises SiteError for a folder that is no site, StorageError,
    ModelUnavailable, and what `index.load` raises.
    """
    require_site(site)
    with storage.alone(settings.kept / "browser.lock", LOCK_SECONDS, "writing the files for the browser"):
        return _write(settings, site)


def _write(settings: Settings, site: Path) -> Written:
    opened = index.load(settings.index)
    try:
        contents, reason = _model(settings, opened.manifest), None
    except bert.Unsupported as error:
        contents, reason = {}, str(error)
    contents |= packed(browser.knowledge(opened, by_meaning=reason is None))
    manifest = {
        "format": FORMAT,
        "model": None if reason else opened.manifest.weights,
        "index": _digest("".join(sorted(opened.manifest.files.values())).encode()),
        "rules": retrieve.RULES,
        "bytes": sum(map(len, contents.values())),
        "files": {
            name.partition("-")[0]: {"name": name, "bytes": len(content)} | _promise(content)
            for name, content in sorted(contents.items())
        },
    }
    try:
        _write_scripts(site / SCRIPTS)
        _write_files(site / FOLDER, contents)
        storage.write(site / FOLDER / MANIFEST, json.dumps(manifest, indent=1).encode())
        _remove(site / FOLDER, all_but={MANIFEST, *contents})
    except OSError as error:
        raise StorageError(
            f"The files for the browser cannot be written to {site}: {error.strerror or error}."
        ) from error
    return Written(len(contents), sum(map(len, contents.values())), reason)


def require_site(site: Path) -> None:
    """Raise SiteError for a folder that is no built site, or whose assets lead elsewhere."""
    if not (site / "index.html").is_file():
        raise SiteError(f"{site} is no built site: it has no index.html. Build one with: mkdocs build")
    for link in plain.others(site / "assets"):
        raise SiteError(f"{link} leads out of the site; remove it: nothing is written through links.")


def _model(settings: Settings, manifest: index.Manifest) -> dict[str, bytes]:
    """The model's files by name, kept from one build to the next: quantising and compressing them takes seconds."""
    model = retrieve.model_of(settings, manifest)
    matmul = (browser.SCRIPTS / "matmul.wasm").read_bytes()
    made_of = [model.name.encode(), manifest.weights.encode(), str(quantise.RULES).encode(), matmul]
    if model.folder:  # its configuration and its tokenizer
        made_of += [file.read_bytes() for file in sorted(model.folder.rglob("*.json"))]
    kept = settings.browser / _digest(" ".join(map(_digest, made_of)).encode())[:16]
    if before := _kept(kept):
        return before
    contents = packed(browser.model(quantise.quantise(model)))
    with contextlib.suppress(OSError):  # then they are made again next time
        shutil.rmtree(settings.browser, ignore_errors=True)  # another model's, damaged, or left half-way
        _write_files(kept, contents)
        sums = {name: _digest(content) for name, content in sorted(contents.items())}
        storage.write(kept / MANIFEST, json.dumps(sums).encode())
    return contents


def _kept(folder: Path) -> dict[str, bytes] | None:
    """The model's files as they are kept in this folder; None unless every byte is as it was written."""
    try:
        sums = json.loads((folder / MANIFEST).read_bytes())
        if not all(map(NAME.fullmatch, sums)):
            return None
        contents = {name: (folder / name).read_bytes() for name in sums}
    except (OSError, ValueError, TypeError):
        return None
    return contents if {name: _digest(content) for name, content in contents.items()} == sums else None


def packed(contents: dict[str, bytes]) -> dict[str, bytes]:
    """Role -> bytes, as file name -> compressed bytes; the same for the same contents, whatever the time."""
    return {f"{role}-{_digest(raw)[:16]}.gz": _compress(role, raw) for role, raw in contents.items()}


def _compress(role: str, raw: bytes) -> bytes:
    strategy = zlib.Z_HUFFMAN_ONLY if role in NUMBERS else zlib.Z_DEFAULT_STRATEGY
    compressor = zlib.compressobj(9, zlib.DEFLATED, GZIP, zlib.DEF_MEM_LEVEL, strategy)
    return compressor.compress(raw) + compressor.flush()


def _promise(content: bytes) -> dict[str, int | str]:
    """Size and digest of what is in a compressed file: all that is left to check when a host undoes the compression."""
    raw = zlib.decompress(content, GZIP)
    return {"size": len(raw), "sha256": _digest(raw)}


def _write_files(folder: Path, contents: dict[str, bytes]) -> None:
    """Those that are not there yet, or not as they should be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        if not (folder / name).is_file() or (folder / name).read_bytes() != content:
            storage.write(folder / name, content)


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
