"""A source record begun: the text of sources/<key>.md from what is known of an article, and the key to cite it by."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from cxkb import content, names
from cxkb.byline import PARTICLES
from cxkb.frontmatter import scalar

if TYPE_CHECKING:
    from cxkb.article import Article
    from cxkb.origins import Origin

TITLES = re.compile(r"^(?:(?:dr|prof|professor|ing|mag|dipl|drs|ir|mr|mrs|ms|sir)\b\.?(?:-ing\.)? ?)+", re.IGNORECASE)

IDEAS = f"""\
{content.UNFINISHED}, then remove this comment: in the sentences above, who speaks, where it appeared and what it is about;
below, one note for each idea, in your own words, its id in braces. Pages cite it as [@KEY#the-id].

## A subject of the text {{ #theme-subject }}

### The idea in a few words {{ #the-id }}
What the text says about it, in one or two sentences of your own.
-->
"""


def propose_key(origin: Origin, name: str) -> str:
    """A citation key: the first author's family name, or the publication's, or the file's, and the year if it is known."""
    who = person(origin.authors[0])[0] if origin.authors else origin.container or re.sub(r"\.\w+$", "", name)
    words = names.slug(who).split("-")[:3]
    key = "-".join([*filter(None, words), *([origin.issued[:4]] if origin.issued else [])])[: names.MAX_LENGTH].strip(
        "-"
    )
    return "source" if not key or names.taken(key) else key


def person(name: str) -> tuple[str, str]:
    """(family, given) of a name as it is written, academic titles left out; no given for a name of one word."""
    name = TITLES.sub("", name).strip() or name
    if re.fullmatch(r"[^,]*\w[^,]*,[^,]*\w[^,]*", name):
        family, _, given = name.partition(",")
        return family.strip(), given.strip()
    parts = name.split()
    start = len(parts) - 1
    while start > 1 and parts[start - 1] in PARTICLES:
        start -= 1
    return " ".join(parts[start:]), " ".join(parts[:start])


def record(article: Article, key: str, accessed: str) -> str:
    """The text of the record, as `cxkb check` takes it: what is sure as values, the rest as comments that say what is wanted.

    Holds nothing of the article's text. `accessed` is the day on which it was fetched, or empty for a file.
    """
    origin, doubtful = _seen(article.origin), article.origin.doubtful
    lines = []
    if origin.title and "title" not in doubtful:
        lines.append(f"title: {scalar(origin.title)}")
    else:
        guess = f"the page may mean {origin.title}" if origin.title else "the text gives none"
        lines += [f'title: "[Untitled text {key}]"', f"# title: {guess}; else describe the text in [brackets]"]
    lines += [
        f"type: {'webpage' if origin.url else 'article'}",
        "# type: say it more exactly if you can: interview, post-weblog, article-magazine, report, … (cxkb schema source)",
        *_authors(origin, article.asks),
        *_blank(
            "container-title", origin.container, "container" in doubtful, "the magazine, blog or book it appeared in"
        ),
        *_blank(
            "issued",
            origin.issued,
            "issued" in doubtful,
            "when it appeared, as exactly as known: 2016, 2016-09 or 2016-09-30",
        ),
        f"language: {article.language}",
    ]
    if origin.url and re.fullmatch(r"https?://[^\s<>\"]+", origin.url):
        lines.append(f"URL: {scalar(origin.url)}")
    else:
        lines.append("# URL: where it can be read, if it is on the web")
    if accessed:
        lines.append(f"accessed: {accessed}")
    lines.append("# same-voice-as: the key of a source that is another edition of this text")
    kind = "web page" if origin.url else "text"
    when = f" of {origin.issued[:4]}" if origin.issued and "issued" not in doubtful else ""
    head = "\n".join(lines)
    return (
        f"---\n{head}\n---\nA {kind}{when}, some {round(article.words, -1)} words long.\n\n{IDEAS.replace('KEY', key)}"
    )


def _seen(origin: Origin) -> Origin:
    """The origin with what can be seen of its texts, and that on one line."""
    authors = tuple(filter(None, map(_line, origin.authors)))
    return replace(origin, title=_line(origin.title), authors=authors, container=_line(origin.container))


def _authors(origin: Origin, asks: bool) -> list[str]:
    people = []
    for name in origin.authors:
        family, given = person(name)
        people.append(
            f"{{family: {scalar(family, in_braces=True)}, given: {scalar(given, in_braces=True)}}}"
            if given
            else f"{{literal: {scalar(family, in_braces=True)}}}"
        )
    listed = f"[{', '.join(people)}]"
    if not people:
        return ["# author: [{family: …, given: …}]  who speaks? leave out if unknown"]
    if asks:
        return [
            f"# author: [{{family: …, given: …}}]  who is interviewed? interviewer: {listed}, it seems; then type: interview"
        ]
    if "author" in origin.doubtful:
        return [f"# author: {listed}  is this who speaks? the page does not say so for certain"]
    return [f"author: {listed}"]


def _blank(name: str, value: str, doubtful: bool, wanted: str) -> list[str]:
    """The field's line: its value, or a comment that says what is wanted, and the guess if there is one."""
    if value and not doubtful:
        return [f"{name}: {scalar(value)}"]
    return [f"# {name}: {scalar(value)}  a guess, to be checked: {wanted}" if value else f"# {name}: {wanted}"]


def _line(text: str) -> str:
    """One line of what can be seen, as long as a head takes."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:500].strip()
