"""Where an article is from: what its page states for machines, and what can only be guessed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cxkb import byline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

ADDRESS = re.compile(r"https?://[^\s<>\"\[\]]+$")

DATE = re.compile(r"(?P<date>\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?)(?!\d)")


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of an article's origin. A field named in `doubtful` was guessed, not found where pages state it."""

    title: str = ""
    authors: tuple[str, ...] = ()
    """Names as written."""
    issued: str = ""
    """As exactly as stated: 2016, 2016-09 or 2016-09-30."""
    container: str = ""
    url: str = ""
    doubtful: frozenset[str] = frozenset()


TITLES = ("headline", "citation_title", "og:title", "dc.title", "dcterms.title", "twitter:title")
AUTHORS = ("author", "citation_author", "dc.creator", "dcterms.creator", "article:author", "parsely-author")
DATES = (
    "datepublished", "article:published_time", "citation_publication_date", "citation_date", "dc.date.issued",
    "dcterms.issued", "dc.date", "dcterms.date", "date", "datecreated",
)  # fmt: skip
CONTAINERS = ("citation_journal_title", "og:site_name", "publisher", "ispartof", "application-name")


def declared(tree: HtmlElement, url: str) -> Origin:
    """What the page states where machines look: JSON-LD, meta elements, microdata, links."""
    stated: dict[str, list[str]] = {}

    def state(name: str, value: Any) -> None:
        if isinstance(value, str) and (text := " ".join(value.split())):
            stated.setdefault(name.lower(), []).append(text)

    for item in _json_ld(tree):
        if item.get("headline"):
            for name in ("headline", "datePublished"):
                state(name, item.get(name))
            for name in ("author", "publisher", "isPartOf"):
                values = item.get(name)
                for value in values if isinstance(values, list) else [values]:
                    state(name, value.get("name") if isinstance(value, dict) else value)
    for meta in tree.iter("meta"):
        state(meta.get("property") or meta.get("name") or meta.get("itemprop") or "", meta.get("content"))
    for element in tree.xpath("//*[@itemprop]"):
        state(element.get("itemprop"), element.get("datetime") or element.text_content())
    for element in tree.xpath("//a[@rel='author']"):
        state("author", element.text_content())

    def first(names: Iterable[str]) -> list[str]:
        return next((stated[name] for name in names if name in stated), [])

    authors = [a for a in dict.fromkeys(first(AUTHORS)) if not a.startswith(("http:", "https:", "@"))]
    dated = (DATE.match(text.replace("/", "-")) for text in first(DATES))
    canonical = [link.get("href", "") for link in tree.xpath("//link[@rel='canonical']")]
    container = next(iter(first(CONTAINERS)), "")
    host = urlsplit(url).hostname  # of a page that was fetched, another host's address is not believed
    own = next((link for link in canonical if ADDRESS.match(link) and host in (None, urlsplit(link).hostname)), url)
    return Origin(
        title=next(iter(first(TITLES)), ""),
        authors=tuple(authors),
        issued=next((match["date"] for match in dated if match), ""),
        container=container,
        url=own,
        doubtful=frozenset({"author"} if container and container in authors else ()),
    )


def _json_ld(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD, two deep."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            value = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                graph = item.get("@graph")
                yield from (
                    part for part in (item, *(graph if isinstance(graph, list) else ())) if isinstance(part, dict)
                )


def guessed(origin: Origin, found: Any, title: str, whole: Iterable[str]) -> Origin:
    """The origin with what it lacks filled in by guesses, each marked as one."""
    doubtful = set(origin.doubtful)
    if not origin.title:
        # Two witnesses agree: a piece of the page stands in the title of its window
        named = max((block for block in whole if block in title and len(block.split()) > 2), key=len, default="")
        doubtful |= set() if named else {"title"}
        origin = replace(origin, title=named or title or (found.title or ""))
    if not origin.authors and found.author:
        doubtful.add("author")
        origin = replace(origin, authors=tuple(name.strip() for name in found.author.split(";") if name.strip()))
    if not origin.issued and found.date:
        doubtful.add("issued")
        origin = replace(origin, issued=re.sub(r"(-01){1,2}$", "", found.date))  # the first is what it fills in
    if not origin.container and found.sitename:
        doubtful.add("container")
        origin = replace(origin, container=found.sitename)
    return replace(origin, doubtful=frozenset(doubtful))


def signed(origin: Origin, text: str) -> Origin:
    """The origin with the author and the date that a byline has, where no author is known or no exact date."""
    names, date = byline.parse(text)
    if names and not origin.authors:
        origin = replace(origin, authors=names, doubtful=origin.doubtful | {"author"})
    if date and (not origin.issued or ("issued" in origin.doubtful and date.startswith(origin.issued[:4]))):
        origin = replace(origin, issued=date, doubtful=origin.doubtful | {"issued"})
    return origin
