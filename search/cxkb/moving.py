"""Rename and remove concepts, tensions and sources with all that names them, in one step or not at all.

A page that is renamed, or folded into another, leaves its id there as `formerly`: its old address leads on from then on
(`redirects`).
"""

from __future__ import annotations

import os
import posixpath
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cxkb import edits, frontmatter, knowledge, mentions, names, transaction
from cxkb.errors import ContentError
from cxkb.heads import HEADS, RELATIONS, order
from cxkb.mentions import replaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxkb.knowledge import KnowledgeBase
    from cxkb.mentions import Mention, Name
    from cxkb.settings import Settings

Files: TypeAlias = "dict[str, str]"
"""Path, relative to the knowledge base -> text; a byte that is not UTF-8 as a lone surrogate."""

Changes: TypeAlias = "dict[str, str | None]"
"""As Files: new texts, and None for a file that goes."""

SCANNED = ("docs", "sources", "tests/retrieval")
FOLDERS = {"concepts": "docs/concepts", "tensions": "docs/tensions", "sources": "sources"}
"""Folder of a page among the site's pages -> folder of its file."""

COMPANIONS = ("sources/prints/{}.txt", ".cxkb/originals/{}.txt")
"""What is kept beside a source's record under its key."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was done: paths relative to the knowledge base."""

    old: str
    new: str | None
    """Where the old address leads now; None when it leads nowhere."""
    changed: tuple[str, ...]
    """Other files that have been changed."""


def rename(settings: Settings, old: str, new: str) -> Moved:
    """Give the page `old`, an id or a file, the id `new`. Raises ContentError or StorageError."""
    with transaction.exclusive(settings.root):
        loaded = knowledge.load_or_fail(settings)
        page = find(loaded, old)
        require_free(loaded, page[0], new, page)
        files = _files(settings, page)
        changes = renamed(files, page, new, loaded.folders[page[0]][page[1]].head.formerly)
        _commit(settings, changes)
    return _moved(changes, path_of(page), path_of((page[0], new)))


def remove(settings: Settings, old: str, into: str | None = None) -> Moved:
    """Remove the page `old`, an id or a file; what names it names `into` from then on, a page of the same kind.

    Raises ContentError when anything still names the page and has no other to name, saying where; or StorageError.
    """
    with transaction.exclusive(settings.root):
        loaded = knowledge.load_or_fail(settings)
        page = find(loaded, old)
        files = _files(settings, page)
        if into is None:
            _require_unnamed(files, page)
            changes: Changes = {path_of(page): None}
        else:
            target = find(loaded, into, page[0])
            if target == page:
                raise ContentError(f"{into!r} is the page that is to go; name another.")
            changes = folded(files, loaded, page, target)
        changes |= dict.fromkeys(path for path in _companions(page) if path.startswith("sources/") and path in files)
        _commit(settings, changes)
    return _moved(changes, path_of(page), path_of(target) if into else None)


def find(loaded: KnowledgeBase, named: str, folder: str | None = None) -> Name:
    """The page of this id or file, in this folder where one is given. Raises ContentError."""
    kinds = [folder] if folder else list(FOLDERS)
    found = [(kind, id_) for kind in kinds for id_ in loaded.folders[kind] if named in (id_, path_of((kind, id_)))]
    if len(found) > 1:
        raise ContentError(f"{named!r} is more than one page: say {' or '.join(map(path_of, found))}.")
    if not found:
        what = folder.removesuffix("s") if folder else "concept, tension or source"
        raise ContentError(f"There is no {what} {named!r}; the ids are the files' names.")
    return found[0]


def require_free(loaded: KnowledgeBase, folder: str, new: str, page: Name | None = None) -> None:
    """Raise ContentError unless `new` can be an id in this folder; `page` is the one that is to bear it."""
    if refusal := names.unfit(new):
        raise ContentError(refusal)
    for file in sorted((loaded.settings.root / FOLDERS[folder]).glob("*.md")):
        if file.stem == new or (file.stem.casefold() == new and (folder, file.stem) != page):
            raise ContentError(f"The id {new!r} is taken: {FOLDERS[folder]}/{file.name}.")
    for id_, other in loaded.folders[folder].items():
        if new in other.head.formerly and (folder, id_) != page:
            raise ContentError(f"The id {new!r} was once that of {other.path}, and leads there; choose another.")


def path_of(page: Name) -> str:
    """The page's file."""
    return f"{FOLDERS[page[0]]}/{page[1]}.md"


def renamed(files: Files, page: Name, new: str, formerly: list[str]) -> Changes:
    """What changes when the page gets another id; `formerly` are the ids it had before."""
    old = path_of(page)
    changes: Changes = {}
    for path, text in files.items():
        pieces = [(mention.start, mention.end, new) for mention in _naming(path, text, page)]
        if pieces:
            changes[path] = replaced(text, pieces)
    text = changes.get(old) or files[old]
    changes[path_of((page[0], new))] = _listing(
        text, old, "formerly", [*(id_ for id_ in formerly if id_ != new), page[1]]
    )
    changes[old] = None
    for was, becomes in zip(_companions(page), _companions((page[0], new)), strict=True):
        if was in files:
            changes |= {was: None, becomes: files[was]}
    return changes


def folded(files: Files, loaded: KnowledgeBase, page: Name, into: Name) -> Changes:
    """What changes when the page goes and what names it names `into` instead.

    Raises ContentError where `into` itself speaks of the page, or has not the idea that is cited: that takes a person.
    """
    kind, target = into[0], path_of(into)
    other = loaded.folders[kind][into[1]]
    anchors = {heading.id for heading in other.headings}
    changes: Changes = {}
    left = []
    for path, text in files.items():
        pieces, keys = [], set()
        if path == path_of(page):
            continue
        for mention in _naming(path, text, page):
            if mention.key:
                keys.add(mention.key)
            elif path == target or (mention.is_citation and mention.anchor and mention.anchor not in anchors):
                left.append(f"{path}:{mention.line}")
            else:
                pieces.append((mention.start, mention.end, into[1]))
                if mention.fragment and mention.anchor not in anchors:
                    pieces.append((*mention.fragment, ""))
        if pieces or keys:
            changes[path] = _relating(replaced(text, pieces), path, keys, page, into)
    if left:
        places = "\n".join(left)
        raise ContentError(f"Nothing has been changed: {target} cannot stand for {path_of(page)} here yet.\n{places}")
    text = changes.get(target) or files[target]
    if kind == "concepts":
        for relation, ids in _owed(loaded, page[1], into[1]).items():
            text = _listing(text, target, relation, ids)
    formerly = [*other.head.formerly, *loaded.folders[kind][page[1]].head.formerly, page[1]]
    return changes | {target: _listing(text, target, "formerly", formerly), path_of(page): None}


def _relating(text: str, path: str, keys: set[str], page: Name, into: Name) -> str:
    """The text whose head names `into` for `page` under these keys: once, and never the page itself."""
    for key in sorted(keys):
        named = [mention for mention in mentions.of(path, text) if mention.key == key]
        ids = [into[1] if mention.page == page else mention.page[1] for mention in named]
        kept = [id_ for id_ in dict.fromkeys(ids) if (into[0], id_) != into or path != path_of(into)]
        if len(kept) == len(ids):
            pieces = [(mention.start, mention.end, id_) for mention, id_ in zip(named, ids, strict=True)]
            text = replaced(text, pieces)
        else:
            text = _listing(text, path, key, kept)
    return text


def _listing(text: str, path: str, key: str, ids: list[str]) -> str:
    """The text of this file with these ids in its head's list. Raises ContentError where that takes a person."""
    kind = {folder: kind.removesuffix("s") for kind, folder in FOLDERS.items()}[posixpath.dirname(path)]
    edited = edits.with_list(text, key, ids, order(HEADS[kind]))
    front, _ = frontmatter.parse(edited.encode(), path)
    if not front or front.values.get(key, []) != ids:
        raise ContentError(f"Nothing has been changed: write {key}: [{', '.join(ids)}] into {path} on one line first.")
    return edited


def _owed(loaded: KnowledgeBase, old: str, new: str) -> dict[str, list[str]]:
    """Relation -> ids that the concept `new` is to state, with those that state it of `old` and expect it in return."""
    lists = {
        relation: [id_ for id_ in ids if id_ != old] for relation, ids in loaded.concepts[new].head.relations().items()
    }
    owed: dict[str, list[str]] = defaultdict(list)
    for concept in loaded.concepts.values():
        for relation, ids in concept.head.relations().items():
            inverse = RELATIONS[relation][2]
            if old in ids and inverse and concept.id not in (old, new) and concept.id not in lists.get(inverse, []):
                owed[inverse].append(concept.id)
    return {relation: [*lists.get(relation, []), *ids] for relation, ids in owed.items()}


def _require_unnamed(files: Files, page: Name) -> None:
    places = [
        f"{path}:{mention.line}"
        for path, text in files.items()
        if path != path_of(page)
        for mention in _naming(path, text, page)
    ]
    if places:
        listed = "\n".join(dict.fromkeys(places))
        raise ContentError(
            f"{path_of(page)} is still named here; name another page there, or fold it into one with --into.\n{listed}"
        )


def _naming(path: str, text: str, page: Name) -> Iterator[Mention]:
    if page[1] in text and path not in _companions(page):
        yield from (mention for mention in mentions.of(path, text) if mention.page == page)


def _files(settings: Settings, page: Name) -> Files:
    """All that can name a page, and what is kept beside it, in path order; links are left out."""
    paths = {
        os.path.relpath(os.path.join(folder, name), settings.root).replace(os.sep, "/")  # noqa: PTH118 - from os.walk
        for place in SCANNED
        for folder, _, names in os.walk(settings.root / place)
        for name in names
        if name.endswith((".md", ".jsonl"))
    }
    paths |= {"mkdocs.yml", *_companions(page)}
    files = ((path, settings.root / path) for path in sorted(paths))
    return {path: _text(file.read_bytes()) for path, file in files if file.is_file() and not file.is_symlink()}


def _companions(page: Name) -> list[str]:
    return [path.format(page[1]) for path in COMPANIONS] if page[0] == "sources" else []


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _commit(settings: Settings, changes: Changes) -> None:
    raw = {path: None if text is None else text.encode("utf-8", "surrogateescape") for path, text in changes.items()}
    transaction.commit(settings.root, raw)


def _moved(changes: Changes, old: str, new: str | None) -> Moved:
    return Moved(old, new, tuple(sorted(changes.keys() - {old, new})))
