"""Mends the mistakes that need no judgement: keys out of order, relations not stated in return, headings without id."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from cxkb import check, content, edits, knowledge, transaction
from cxkb.heads import HEADS, RELATIONS, order
from cxkb.records import Problem, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cxkb.frontmatter import Front
    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Heading, Written
    from cxkb.settings import Settings

THEME = "theme-"
"""What the ids of a source's level-two headings start with: they group ideas and are none."""

OURS = {"references", "see-also"}
"""Ids of the sections that the site adds to pages; each entry of the references has `ref-<key>`."""

TAKEN = re.compile(r"""\{[^{}]*#(?P<attribute>[\w-]+)|\bid=["']?(?P<html>[\w-]+)""")
"""An id given anywhere in a body."""

NO_LETTERS = "section"
"""Id of a heading whose text has no letters that can stand in one."""


def mend(settings: Settings) -> list[Problem]:
    """Write all files that can be mended, or none; what was mended, in path order. Raises StorageError."""
    with transaction.exclusive(settings.root):
        planned, mended = plan(knowledge.load(settings)[0])
        transaction.commit(settings.root, {path: text.encode() for path, text in planned.items()})
    return mended


def plan(loaded: KnowledgeBase) -> tuple[dict[str, str], list[Problem]]:
    """Path, relative to the knowledge base -> its text, for each file that can be mended; and what is mended by it, in path order, with its code."""
    missing = _missing_relations(loaded)
    planned: dict[str, str] = {}
    mended: list[Problem] = []
    kinds = ((loaded.sources, "source"), (loaded.concepts, "concept"), (loaded.tensions, "tension"))
    for items, kind in kinds:
        for id_, item in items.items():
            before = (loaded.settings.root / item.path).read_bytes().decode()
            after, done = _mended(before, item, missing[id_] if kind == "concept" else (), order(HEADS[kind]))
            if after != before:
                planned[item.path] = after
                mended += done
    return planned, sorted(mended)


def _missing_relations(loaded: KnowledgeBase) -> Mapping[str, list[tuple[str, str]]]:
    """Concept id -> what it does not state in return: relations with the concepts at their other end.

    Not where the two pages state different relations of each other: which of them is meant is for a person to say.
    """
    missing: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for concept in loaded.concepts.values():
        for _, _, other, inverse in check.one_sided(concept, loaded):
            stated = other.head.relations()
            disputed = any(concept.id in ids for relation, ids in stated.items() if RELATIONS[relation][2])
            if not disputed and (inverse, concept.id) not in missing[other.id]:
                missing[other.id].append((inverse, concept.id))
    return missing


def _mended(text: str, item: Written, missing: Iterable[tuple[str, str]], keys: list[str]) -> tuple[str, list[Problem]]:
    """The file's text with all that can be mended, and what that is."""
    done: list[tuple[str, str, str]] = []
    for relation, id_ in missing:
        before, text = text, edits.with_member(text, relation, id_, keys)
        if text != before:
            done.append((relation, f"Added {id_!r} to {relation!r}.", "one-sided-relation"))
    if any(check.key_order(item, keys)):
        before, text = text, edits.in_order(text, keys)
        if text != before:
            done.append((next(iter(edits.front_of(text).values)), "Put the keys in order.", "key-order"))
    front = edits.front_of(text)
    mended = [Problem(item.path, front.line((key,)), message, code) for key, message, code in done]
    for line, id_ in _ids(front, item):
        before, text = text, edits.with_heading_id(text, line, id_)
        if text != before:
            mended.append(Problem(item.path, line, f"Gave the heading the id {id_!r}.", "heading-without-id"))
    return text, mended


def _ids(front: Front, item: Written) -> Iterator[tuple[int, str]]:
    """Line and new id of each heading that has none; no id stands twice on the page."""
    taken = OURS | {f"ref-{citation.key}" for citation in content.citations(front.body, front.body_line)}
    taken |= {match["attribute"] or match["html"] for match in TAKEN.finditer(front.body)}
    for heading in content.headings(front.body, front.body_line):
        if heading.id is None:
            wanted = _slug(heading)
            if isinstance(item, Source) and heading.level == 2:
                wanted = THEME + wanted.removeprefix(THEME)
            id_ = next(
                id_ for n in range(1, len(taken) + 2) if (id_ := f"{wanted}-{n}" if n > 1 else wanted) not in taken
            )
            taken.add(id_)
            yield heading.line, id_


def _slug(heading: Heading) -> str:
    """The id that Python-Markdown would make of the heading's text, citations left out."""
    import markdown

    reader = markdown.Markdown(extensions=["toc"])
    reader.convert(f"# {content.GROUP.sub('', heading.text)}")
    made = str(reader.toc_tokens[0]["id"]) if reader.toc_tokens else ""  # type: ignore[attr-defined]  # set by toc
    return made if re.search("[a-z0-9]", made) and not re.fullmatch(r"_\d+", made) else NO_LETTERS
