"""The content security policy of the pages: what a browser may load and run for them.

The site's own files, and the theme's few inline scripts by their hashes (https://www.w3.org/TR/CSP3/). Only scripts of
the theme's templates are ever hashed, never those of a page's text: a script that slips into the content stays without
effect.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

CHARSET = re.compile(r'<meta charset="utf-8"\s*/?>', re.IGNORECASE)

DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",  # WebAssembly only: the encoder of the site's search
    "style-src": "'self'",
    "img-src": "'self' data:",  # the theme's icons stand in its style sheet
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
"""A page's own policy cannot say who may frame it: `frame-ancestors` counts in a header only."""


def policy(templates: Iterable[str]) -> str:
    """The policy of a site whose pages have the inline scripts of these pieces of HTML, in any order.

    All pages need the same one: instant navigation keeps the policy of the page that was opened first.
    """
    scripts = {script for html in templates for script in INLINE_SCRIPT.findall(html)}
    hashes = sorted(f"'sha256-{_digest(script)}'" for script in scripts)
    directives = DIRECTIVES | {"script-src": " ".join([DIRECTIVES["script-src"], *hashes])}
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def guarded(html: str, policy: str) -> str:
    """The page with this policy in its head, before anything that it governs. HTML without a charset stays as it is."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(policy, quote=False)}">'
    return CHARSET.sub(lambda charset: f"{charset[0]}\n      {meta}", html, count=1)


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
