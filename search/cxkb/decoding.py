"""The text in a file's bytes, whatever it is encoded in; without what no reader sees."""

from __future__ import annotations

import codecs
import re
import unicodedata

from cxkb.errors import ArticleError

INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
"""Zero width, and what reorders text."""


def decode(raw: bytes, charset: str | None) -> str:
    """The text, by its byte order mark, as UTF-8 where it is, else by what the server or the page declares."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            charset = name
            break
    else:
        if b"\0" in raw:
            raise ArticleError("The file is no text: it holds bytes that no text has.")
        try:
            return _without_controls(raw.decode("utf-8"))
        except UnicodeDecodeError:
            declared = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w:.-]+)", raw[:4096], re.IGNORECASE)
            charset = charset or (declared[1].decode("ascii") if declared else None)
    if charset is None:
        raise ArticleError("The file is not in UTF-8 and does not say what it is in; save it as UTF-8.")
    try:
        name = codecs.lookup(charset).name
        # On the web these names mean Windows-1252: https://encoding.spec.whatwg.org/#names-and-labels
        text = raw.decode("cp1252" if name in ("iso8859-1", "ascii") else name)
    except (LookupError, UnicodeError):
        raise ArticleError(f"The file says that it is in {charset!r} and is not; save it as UTF-8.") from None
    return _without_controls(text)


def _without_controls(text: str) -> str:
    """NFC, line feeds only, invisible characters left out. Raises ArticleError for what is full of controls."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    visible = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co"))
    if len(text) - len(visible) > len(text) // 100:
        raise ArticleError("The file is no text: it is full of characters that no text has.")
    return INVISIBLE.sub("", visible)
