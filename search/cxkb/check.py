"""Every problem in docs/ and sources/, in path order. Loads no model and needs no index."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from cxkb import content, editorial, guides, knowledge, names, prints, raw_html, sanitise
from cxkb.heads import HEADS, RELATIONS, order
from cxkb.nearest import hint
from cxkb.records import MOST_PROBLEMS, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cxkb.knowledge import KnowledgeBase
    from cxkb.records import Concept, Heading, Source, Tension, Written
    from cxkb.settings import Settings


def problems(settings: Settings) -> list[Problem]:
    """All that is wrong with the content, in path order; empty for a clean knowledge base."""
    return problems_of(*knowledge.load(settings))


def problems_of(loaded: KnowledgeBase, unreadable: Sequence[Problem]) -> list[Problem]:
    """As `problems`, of a knowledge base that has been loaded, with what could not be read of it."""
    if any(problem.code == "link" for problem in unreadable):  # the rest is read when they are gone
        return sorted(unreadable)
    found = [*unreadable]
    unread = {problem.path for problem in unreadable}
    for source in loaded.sources.values():
        found += [*_source(source, loaded, unread), *key_order(source, order(HEADS["source"]))]
    for page in (*loaded.concepts.values(), *loaded.tensions.values()):
        found += _page(page, loaded, unread)
    for concept in loaded.concepts.values():
        found += [*_concept(concept, loaded, unread), *key_order(concept, order(HEADS["concept"]))]
    for tension in loaded.tensions.values():
        found += [*_tension(tension, loaded, unread), *key_order(tension, order(HEADS["tension"]))]
    for pages in loaded.folders.values():
        found += _formerly(pages)
    found += _guides(loaded, unread)
    found += [*_files(loaded), *_kept_anywhere(loaded.settings)]
    found += prints.problems(loaded.settings)
    if not any(path.endswith(".md") for path in unread):  # what is unread may cite, ask and name, too
        found += editorial.problems(loaded)
    return sorted(set(found))


def _exists(path: str, is_loaded: bool, unread: set[str]) -> bool:
    """Whether a page or record exists, be it one that cannot be read and has its own problem."""
    return is_loaded or path in unread


def _source(source: Source, loaded: KnowledgeBase, unread: set[str]) -> Iterator[Problem]:
    yield from _unfinished(source)
    yield from _page(source, loaded, unread)
    other = source.head.same_voice_as
    if other and not _exists(f"sources/{other}.md", other in loaded.sources, unread):
        yield Problem(
            source.path,
            source.line("same-voice-as"),
            f"same-voice-as: there is no source {other!r}{hint(other, loaded.sources, 'sources/')}",
            "unknown-source",
        )
    if other == source.key:
        yield Problem(
            source.path,
            source.line("same-voice-as"),
            "same-voice-as names the source itself; remove it.",
            "own-voice",
        )
    elif other in loaded.sources and loaded.sources[other].head.same_voice_as:
        yield Problem(
            source.path,
            source.line("same-voice-as"),
            f"same-voice-as: {other!r} itself names another source; let all editions name one, and that one none.",
            "voice-of-voice",
        )


def _unfinished(written: Written) -> Iterator[Problem]:
    before, comment, _ = written.body.partition(content.UNFINISHED)
    if comment:
        line = written.body_line + before.count("\n")
        yield Problem(written.path, line, "Not written yet: do what this comment says, then remove it.", "unfinished")


def _page(page: Written, loaded: KnowledgeBase, unread: set[str]) -> Iterator[Problem]:
    yield from itertools.islice(_headings(page.headings, page.path), MOST_PROBLEMS)
    yield from _body(page.body, page.body_line, page.path, loaded, unread)


def _body(body: str, first: int, path: str, loaded: KnowledgeBase, unread: set[str]) -> Iterator[Problem]:
    yield from itertools.islice(_citations(body, first, path, loaded, unread), MOST_PROBLEMS)
    yield from _cut(raw_html.cut(body, first), path)


def _kept_anywhere(settings: Settings) -> Iterator[Problem]:
    """Files and folders that some system cannot keep, or not beside each other."""
    below = (place for folder in (settings.root / "docs", settings.sources) for place in folder.rglob("*"))
    paths = sorted(place.relative_to(settings.root).as_posix() for place in below)
    for path in paths:
        if refusal := names.refused(path.rpartition("/")[2].removesuffix(".md")):
            yield Problem(path, 1, refusal, "bad-id")
    for path, other in names.clashes(paths):
        yield Problem(
            path, 1, f"Where case is not told, this is {other}, and one of them is lost; rename it.", "case-clash"
        )


def _guides(loaded: KnowledgeBase, unread: set[str]) -> Iterator[Problem]:
    """The other pages of docs/, overviews and reading paths, as far as they cite. They may do without a head."""
    for path, front, problems in guides.written(loaded.settings):
        yield from problems
        if front:
            yield from _body(front.body, front.body_line, path, loaded, unread)
    yield from guides.changelog(loaded.settings)[1]


def _files(loaded: KnowledgeBase) -> Iterator[Problem]:
    """What else lies in docs/: drawings, and files that the site does not publish."""
    root = loaded.settings.root
    for name, svg in loaded.pictures.items():
        path = (loaded.settings.pictures / f"{name}.svg").relative_to(root).as_posix()
        yield from _cut(raw_html.in_html(svg, 1), path)
    for file in sorted((root / "docs").rglob("*")):
        path = file.relative_to(root).as_posix()
        if "/." in path:
            continue  # hidden: MkDocs publishes none
        if file.is_file() and not path.endswith((".md", ".svg")) and not sanitise.is_still(path):
            kinds = ", ".join(sanitise.STILL)
            message = f"The site publishes no file of this kind, which could run in a browser; it does {kinds}."
            yield Problem(path, 1, message, "file-kind")


def _cut(found: Iterator[tuple[int, str]], path: str) -> Iterator[Problem]:
    for line, what in itertools.islice(found, MOST_PROBLEMS):
        message = f"The site leaves out {what!r}; say it in Markdown, or show it as code between backticks."
        yield Problem(path, line, message, "raw-html")


def _citations(body: str, body_line: int, path: str, loaded: KnowledgeBase, unread: set[str]) -> Iterator[Problem]:
    for line, text in content.malformed_citations(body, body_line):
        yield Problem(
            path,
            line,
            f"{text!r} is not a citation; write [@key#idea], or [@key#idea; @other#idea].",
            "bad-citation",
        )
    for citation in content.citations(body, body_line):
        source = loaded.sources.get(citation.key)
        if source is None:
            if not _exists(f"sources/{citation.key}.md", is_loaded=False, unread=unread):
                yield Problem(
                    path,
                    citation.line,
                    f"There is no source {citation.key!r}{hint(citation.key, loaded.sources, 'sources/')}",
                    "unknown-source",
                )
        elif citation.idea and citation.idea not in source.ideas:
            yield Problem(
                path,
                citation.line,
                f"The source {citation.key!r} has no idea {citation.idea!r}{hint(citation.idea, source.ideas, source.path)}",
                "unknown-idea",
            )


def _headings(headings: tuple[Heading, ...], path: str) -> Iterator[Problem]:
    ids: dict[str, int] = {}
    texts: dict[str, int] = {}
    for heading in headings:
        if heading.level == 1:
            yield Problem(
                path,
                heading.line,
                "A level-one heading; the title is made from the front matter, start with '##'.",
                "level-one-heading",
            )
        if heading.id is None:
            yield Problem(
                path,
                heading.line,
                f"The heading {heading.text!r} has no id; end it with {{ #some-id }}.",
                "heading-without-id",
            )
        elif heading.id in ids:
            yield Problem(
                path,
                heading.line,
                f"The id {heading.id!r} is already on line {ids[heading.id]}.",
                "equal-ids",
            )
        else:
            ids[heading.id] = heading.line
        if heading.text.casefold() in texts:
            yield Problem(
                path,
                heading.line,
                f"The heading {heading.text!r} is already on line {texts[heading.text.casefold()]}.",
                "equal-headings",
            )
        texts.setdefault(heading.text.casefold(), heading.line)


def key_order(written: Written, keys: Sequence[str]) -> Iterator[Problem]:
    """The first key that stands below one it belongs above."""
    above: list[str] = []
    for key in (str(at[0]) for at in written.head_lines if len(at) == 1):
        later = [other for other in above if keys.index(other) > keys.index(key)]
        if later:
            yield Problem(written.path, written.line(key), f"The key {key!r} belongs above {later[0]!r}.", "key-order")
            return
        above.append(key)


def one_sided(concept: Concept, loaded: KnowledgeBase) -> Iterator[tuple[str, int, Concept, str]]:
    """Each relation that the page at its other end does not state in return.

    The relation, its place in the page's list of them, the other concept, and the relation that is missing there.
    """
    for relation, ids in concept.head.relations().items():
        inverse = RELATIONS[relation][2]
        for n, id_ in enumerate(ids):
            other = loaded.concepts.get(id_)
            if inverse and other and other is not concept and concept.id not in other.head.relations().get(inverse, []):
                yield relation, n, other, inverse


def _concept(concept: Concept, loaded: KnowledgeBase, unread: set[str]) -> Iterator[Problem]:
    head = concept.head
    if head.group not in loaded.settings.groups:
        groups = hint(head.group, loaded.settings.groups, "[tool.cxkb.groups] in pyproject.toml")
        yield Problem(
            concept.path,
            concept.line("group"),
            f"group: there is no group {head.group!r}{groups}",
            "unknown-group",
        )
    for relation, ids in head.relations().items():
        for n, id_ in enumerate(ids):
            line = concept.line(relation, n)
            if id_ not in loaded.concepts:
                if not _exists(f"docs/concepts/{id_}.md", is_loaded=False, unread=unread):
                    message = f"{relation}: there is no concept {id_!r}{hint(id_, loaded.concepts, 'docs/concepts/')}"
                    yield Problem(concept.path, line, message, "unknown-concept")
            elif id_ == concept.id:
                yield Problem(concept.path, line, f"{relation} names the concept itself; remove it.", "own-relation")
            if id_ in ids[:n]:
                yield Problem(concept.path, line, f"{relation} names {id_!r} twice.", "double-relation")
    for relation, n, other, inverse in one_sided(concept, loaded):
        message = f"{relation}: {other.path} does not say '{inverse}: [{concept.id}]' in return."
        yield Problem(concept.path, concept.line(relation, n), message, "one-sided-relation")


def _tension(tension: Tension, loaded: KnowledgeBase, unread: set[str]) -> Iterator[Problem]:
    for n, id_ in enumerate(tension.head.concepts):
        line = tension.line("concepts", n)
        if not _exists(f"docs/concepts/{id_}.md", id_ in loaded.concepts, unread):
            message = f"concepts: there is no concept {id_!r}{hint(id_, loaded.concepts, 'docs/concepts/')}"
            yield Problem(tension.path, line, message, "unknown-concept")
        if id_ in tension.head.concepts[:n]:
            yield Problem(tension.path, line, f"concepts names {id_!r} twice.", "double-relation")


def _formerly(pages: Mapping[str, Concept | Tension | Source]) -> Iterator[Problem]:
    """Former ids that lead nowhere: an address has one page."""
    claimed: dict[str, str] = {}
    for page in pages.values():
        for n, old in enumerate(page.head.formerly):
            line = page.line("formerly", n)
            if old in pages:
                message = f"formerly: {old!r} is the id of {pages[old].path}; remove it."
                yield Problem(page.path, line, message, "formerly-taken")
            elif old in claimed:
                message = f"formerly: {old!r} leads to {claimed[old]} already; keep it on one page."
                yield Problem(page.path, line, message, "formerly-taken")
            claimed.setdefault(old, page.path)
