"""What a file or page holds as an article: its paragraphs, what is known of its origin, and what was left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import lxml.etree
import lxml.html
import markdown
import py3langid
from trafilatura import bare_extraction

from cxkb import blocks, byline, debris, decoding, frontmatter, origins, paragraphs, pdf, tangle
from cxkb.debris import Stripped
from cxkb.errors import ArticleError
from cxkb.origins import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

ENOUGH = 60
"""Words of running text below which a page is a list, a form or a teaser and no article."""

SENTENCES = 12
"""Words from which a paragraph that ends like a sentence is running text."""

OPENING = 6
"""Paragraphs among which the title and the byline stand."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article, taken out of its page."""

    paragraphs: tuple[str, ...]
    """Headings are paragraphs of their own; NFC, one line each, without the title."""
    language: str
    """ISO 639-1, as the text reads, whatever the page says."""
    origin: Origin
    stripped: tuple[Stripped, ...] = field(default=())
    """What was left out, in no other order than that of the page."""

    @property
    def words(self) -> int:
        """Words of the text."""
        return sum(len(paragraph.split()) for paragraph in self.paragraphs)

    @property
    def asks(self) -> bool:
        """Whether it reads like an interview: a sixth of its paragraphs, and three at least, are questions."""
        questions = sum(paragraph.endswith("?") for paragraph in self.paragraphs)
        return questions >= 3 and questions * 6 >= len(self.paragraphs)


def read(raw: bytes, name: str, type_: str = "", charset: str | None = None, url: str = "") -> Article:
    """The article in these bytes.

    What they are is told by `type_`, a media type, or else by the file's `name`; `charset` is what the server says of
    them and `url` where they are from. Raises ArticleError with one sentence when they hold no article.
    """
    if raw.startswith(b"%PDF-"):
        found = _from_pdf(raw)
    else:
        if type_ == "application/pdf" or (not type_ and name.lower().endswith(".pdf")):
            raise ArticleError("The file says that it is a PDF and is none.")
        text = decoding.decode(raw, charset)
        if type_ in ("text/html", "application/xhtml+xml") or (type_ in ("", "text/plain") and _is_html(text, name)):
            found = _from_html(text, url)
        elif type_ == "text/markdown" or name.lower().endswith((".md", ".markdown")):
            found = _from_markdown(raw, text)
        else:
            found = Article(tuple(paragraphs.split(text)), "", Origin())
    found = _without_debris(found)
    _require_article(found, name)
    origin = replace(found.origin, url=found.origin.url or url)
    return replace(found, origin=origin, language=_language(found.paragraphs))


def _require_article(found: Article, name: str) -> None:
    running = sum(len(paragraph.split()) for paragraph in found.paragraphs if _is_running(paragraph))
    if running < ENOUGH:
        raise ArticleError(
            f"{name} holds no article: it has {running or 'no'} words of running text, and an article {ENOUGH} at least."
        )


def _is_running(paragraph: str) -> bool:
    return len(paragraph.split()) >= SENTENCES and bool(paragraphs.END.search(paragraph))


def _language(paragraphs: Iterable[str]) -> str:
    return str(py3langid.classify(" ".join(paragraphs))[0])


# --- HTML ---------------------------------------------------------------------------------------------------------


def _is_html(text: str, name: str) -> bool:
    start = text.lstrip()[:500].lower()
    return name.lower().endswith((".html", ".htm", ".xhtml")) or start.startswith(("<!doctype html", "<html"))


def _from_html(text: str, url: str) -> Article:
    try:
        tree = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (lxml.etree.LxmlError, ValueError):
        raise ArticleError("The page is empty, or no HTML.") from None
    origin = origins.declared(tree, url)
    asks_password = bool(tree.xpath("//input[translate(@type, 'PASWORD', 'pasword')='password']"))
    title = " ".join((tree.findtext(".//title") or "").split())
    blocks.undo_layout(tree)
    whole = list(blocks.of(tree))
    found: Any = bare_extraction(
        lxml.html.tostring(tree, encoding="unicode"), url=url or None, with_metadata=True, include_comments=False
    )
    texts = list(blocks.of(found.body)) if found is not None and found.body is not None else []
    if asks_password and sum(len(p.split()) for p in texts if _is_running(p)) < ENOUGH:
        raise ArticleError(
            "The page asks for a password instead of showing an article; save the page you see and add the file."
        )
    if found is not None:
        origin = origins.guessed(origin, found, title, whole)
    kept = set(texts)
    outside = [Stripped(block, "outside the article") for block in dict.fromkeys(whole) if block not in kept]
    joined = " ".join(texts)
    outside = [piece for piece in outside if piece.text not in joined]
    return Article(tuple(texts), "", origin, tuple(outside))


# --- Markdown and PDF -----------------------------------------------------------------------------------------------


def _from_markdown(raw: bytes, text: str) -> Article:
    """Rendered, and read as a reader would; what its head says is believed."""
    origin = Origin()
    front, _ = frontmatter.parse(raw, "")
    if front:
        text = front.body
        stated = {
            name: value for name in ("title", "author", "date") if isinstance(value := front.values.get(name), str)
        }
        dated = origins.DATE.match(stated.get("date", ""))
        authors = (stated["author"],) if "author" in stated else ()
        origin = Origin(title=stated.get("title", ""), authors=authors, issued=dated["date"] if dated else "")
    if found := tangle.find(text):
        raise ArticleError(f"The Markdown cannot be read; save its text as .txt. {found[1]}")
    rendered = markdown.markdown(text, extensions=["tables"])
    tree = lxml.html.document_fromstring(f"<html><body>{rendered}</body></html>")
    heading = tree.find(".//h1")
    if not origin.title and heading is not None:
        origin = replace(origin, title=" ".join(str(heading.xpath("string()")).split()))
    return Article(tuple(paragraphs.unwrap(block) for block in blocks.of(tree)), "", origin)


def _from_pdf(raw: bytes) -> Article:
    """What its metadata says is believed where the text says it, too: programs fill it in on their own."""
    found = pdf.read(raw)
    start = " ".join(found.paragraphs[:OPENING])
    title, author = found.info.get("Title", ""), found.info.get("Author", "")
    authors = tuple(name.strip() for name in re.split(r";|,| and | und | & ", author) if name.strip())
    created = re.match(r"D:(\d{4})", found.info.get("CreationDate", ""))
    doubtful = {"issued"}
    if title not in start:
        doubtful.add("title")
    if not all(name in start for name in authors):
        doubtful.add("author")
    origin = Origin(title, authors, created[1] if created else "", doubtful=frozenset(doubtful))
    return Article(tuple(found.paragraphs), "", origin, tuple(found.stripped))


# --- text -----------------------------------------------------------------------------------------------------------


def _without_debris(found: Article) -> Article:
    """The article without its title and byline, and without what `debris` knows; the byline read for what is unknown."""
    opening, rest = list(found.paragraphs[:OPENING]), found.paragraphs[OPENING:]
    title = _letters(found.origin.title)
    start = next((n for n, p in enumerate(opening) if _is_running(p)), 0)
    at = max((n for n, p in enumerate(opening[:start]) if title and _letters(p) == title), default=-1)
    before = [n for n, paragraph in enumerate(opening[:start]) if n <= at or _is_byline(paragraph, found.origin)]
    stripped = [Stripped(opening[n], "title and byline") for n in before]
    kept, more = debris.strip([*(p for n, p in enumerate(opening) if n not in before), *rest])
    origin = found.origin
    for piece in (*stripped, *found.stripped):
        if _letters(piece.text) != title:
            origin = origins.signed(origin, piece.text)
    return replace(found, paragraphs=tuple(kept), stripped=(*stripped, *more, *found.stripped), origin=origin)


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _is_byline(paragraph: str, origin: Origin) -> bool:
    """Whether a short paragraph before the text names the author or a date and says little else."""
    if len(paragraph.split(maxsplit=SENTENCES)) > SENTENCES or paragraph.endswith("?"):
        return False
    return any(author in paragraph for author in origin.authors) or any(byline.parse(paragraph))
