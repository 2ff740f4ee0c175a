"""`cxkb add source`: an address or a file -> a record begun, and its text kept for whoever writes the notes."""

from __future__ import annotations

import datetime
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxkb import article, confined, fetch, knowledge, names, prints, scaffold, source_page, transaction
from cxkb.errors import ArticleError, ContentError, StorageError
from cxkb.fetch import MAX_BYTES, Fetched
from cxkb.markup import listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from cxkb.article import Article
    from cxkb.settings import Settings

SECONDS_A_MEGABYTE = 2
"""What reading may take for each megabyte of a page or file, and for one that is smaller."""

MEGABYTES = 500
"""Memory that reading may take, whatever the size: a PDF of megabytes can unfold to gigabytes."""

FIRST_SECONDS = 3
"""Besides, for what the libraries load when they are first used: dateparser's languages take half of it."""

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class Added:
    """A source, ready to be written, or written."""

    key: str
    article: Article
    record: Path
    record_text: str
    original: Path
    print: Path

    @property
    def original_text(self) -> str:
        """The article's text: paragraphs, headings among them, parted by blank lines."""
        return unicodedata.normalize("NFC", "\n\n".join(self.article.paragraphs) + "\n")

    @property
    def files(self) -> tuple[Path, Path, Path]:
        """All that is written."""
        return self.record, self.print, self.original


def add(
    settings: Settings,
    origin: str,
    key: str | None = None,
    *,
    dry_run: bool = False,
    allowed: Callable[[fetch.Address], bool] = fetch.is_public,
) -> Added:
    """The record and the text of what `origin`, an address or a file's name, holds; written unless `dry_run`.

    The key is proposed when none is given. Nothing is overwritten, and none of the three files is there without the
    others. Raises FetchError, ArticleError, ContentError or StorageError, each with
    one sentence, and then nothing is written.
    """
    if key is not None and (refusal := names.unfit(key)):
        raise ContentError(refusal)
    known = languages(settings)
    fetched, name = (
        (fetch.fetch(origin, allowed=allowed), origin)
        if ADDRESS.match(origin)
        else (_read(Path(origin)), Path(origin).name)
    )
    found = _extract(fetched, name)
    if known and found.language not in known:
        held = listed([source_page.language(code) for code in known])
        raise ArticleError(
            f"The text is in {source_page.language(found.language)}; this knowledge base is in {held} and could not use it."
        )
    key = key or scaffold.propose_key(found.origin, name.rstrip("/").rpartition("/")[2])
    accessed = _today() if fetched.url else ""
    added = Added(
        key=key,
        article=found,
        record=settings.sources / f"{key}.md",
        record_text=scaffold.record(found, key, accessed),
        original=settings.originals / f"{key}.txt",
        print=settings.prints / f"{key}.txt",
    )
    _require_free(added, settings)
    if not dry_run:
        _write(added, settings)
    return added


def languages(settings: Settings) -> list[str]:
    """Languages in which the knowledge base has sources, or names and questions of its concepts: ISO 639 codes, sorted."""
    loaded = knowledge.load_or_fail(settings)
    found = {source.head.language.partition("-")[0] for source in loaded.sources.values()}
    for concept in loaded.concepts.values():
        found |= {*concept.head.aliases, *concept.head.questions}
    return sorted(found)


def _read(file: Path) -> Fetched:
    """The file's bytes, as a page of no address."""
    try:
        if not file.is_file():
            raise ArticleError(f"There is no file {str(file)!r}; an address starts with http:// or https://.")
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise ArticleError(f"{str(file)!r} cannot be read: {reason}.") from error
    if len(raw) > MAX_BYTES:
        raise ArticleError(f"{file.name} is longer than {MAX_BYTES:,} bytes; an article is not.")
    if not raw.strip():
        raise ArticleError(f"{file.name} is empty.")
    return Fetched(raw, "", None, "")


def _extract(fetched: Fetched, name: str) -> Article:
    size = len(fetched.raw) // 1_000_000 + 1
    try:
        return confined.run(
            article.read, fetched.raw, name, fetched.type, fetched.charset, fetched.url,
            seconds=FIRST_SECONDS + SECONDS_A_MEGABYTE * size, megabytes=MEGABYTES,
        )  # fmt: skip
    except confined.Exhausted:
        raise ArticleError(
            f"{name} takes too much time or memory to read; save its text as .txt and add that."
        ) from None


def _require_free(added: Added, settings: Settings) -> None:
    """Refuse to overwrite, and to write anywhere but into the knowledge base."""
    for file in added.files:
        place = file.relative_to(settings.root).as_posix()
        if os.path.lexists(file):
            raise StorageError(f"{place} exists already; give this source another key: --key {added.key}-b.")
        if not file.parent.resolve().is_relative_to(settings.root.resolve()):
            raise StorageError(f"{Path(place).parent} leads out of the knowledge base; nothing is written through it.")


def _write(added: Added, settings: Settings) -> None:
    text = added.original_text
    raw = (added.record_text.encode(), prints.made_of(text, added.original), text.encode())
    places = (file.relative_to(settings.root).as_posix() for file in added.files)
    with transaction.exclusive(settings.root):
        _require_free(added, settings)  # still: another process may have taken the key since
        transaction.commit(settings.root, dict(zip(places, raw, strict=True)))


def _today() -> str:
    """The day, or the one that SOURCE_DATE_EPOCH names (https://reproducible-builds.org/specs/source-date-epoch/)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = (
        datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
        if epoch.isdigit()
        else datetime.datetime.now(datetime.UTC)
    )
    return now.date().isoformat()
