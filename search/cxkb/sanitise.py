"""What contributed text may bring into a page: an allow-list of HTML and SVG, after which nothing is left to run.

Names that stand in no list are cut with what they do; their text stays, except that of scripts and their like. The
lists hold what our pages are made of, so that our own text passes through as it is.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import nh3

HTML = frozenset(
    "a abbr address aside b bdi bdo blockquote br button caption cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure form h1 h2 h3 h4 h5 h6 hr i img input ins kbd label li mark nav ol p pre q rp rt ruby s samp "
    "section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr".split()
)

SVG = frozenset(
    "circle clipPath defs desc ellipse g line linearGradient marker mask path pattern polygon polyline radialGradient "
    "rect stop svg symbol text textPath title tspan use".split()
)
"""Shapes and words. Nothing that moves (it could set an address), embeds, or styles the page around it."""

EMPTIED = frozenset("iframe math noembed noframes noscript object script select style template textarea xmp".split())
"""Elements whose content goes with them: it is no text to read, or browsers and parsers disagree on where it ends."""

ANYWHERE = frozenset(
    "class data-passage data-passage-each data-search-exclude data-tabs dir id lang role tabindex title".split()
)

NAMED = "aria-"
"""Attributes that begin so tell who listens what there is."""

PAINTED = frozenset("clip-path color fill marker-end marker-mid marker-start mask stop-color stroke".split())
"""Attributes of SVG that could name a file elsewhere."""

DRAWN = PAINTED | frozenset(
    "clip-rule clipPathUnits cx cy d display dominant-baseline dx dy fill-opacity fill-rule font-family font-size "
    "font-style font-weight fx fy gradientTransform gradientUnits height letter-spacing markerHeight markerUnits "
    "markerWidth maskContentUnits maskUnits offset opacity orient paint-order pathLength patternContentUnits "
    "patternTransform patternUnits points preserveAspectRatio r refX refY rotate rx ry spreadMethod startOffset "
    "stop-opacity stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity "
    "stroke-width text-anchor textLength transform vector-effect viewBox visibility width x x1 x2 xmlns y y1 y2".split()
)

ATTRIBUTES: Mapping[str, frozenset[str]] = {  # `href` stands for `xlink:href`, too
    "a": frozenset({"href", "data-source"}),
    "button": frozenset({"type"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "details": frozenset({"open"}),
    "form": frozenset({"action"}),
    "img": frozenset({"alt", "height", "loading", "src", "width"}),
    "input": frozenset({"autocomplete", "checked", "disabled", "maxlength", "name", "placeholder", "type"}),
    "label": frozenset({"for"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"reversed", "start", "type"}),
    "td": frozenset({"colspan", "headers", "rowspan"}),
    "th": frozenset({"colspan", "headers", "rowspan", "scope"}),
    "time": frozenset({"datetime"}),
    **dict.fromkeys(SVG, DRAWN),
    "use": DRAWN | {"href"},
    "textPath": DRAWN | {"href"},
}

SCHEMES = frozenset({"http", "https", "mailto"})

VALUES = {
    ("form", "action"): re.compile(r"ask/|\./"),  # the page that answers, and nobody else
    ("input", "name"): re.compile(r"q|__tabbed_\d+"),
    ("input", "type"): re.compile(r"search|radio|checkbox"),
    ("button", "type"): re.compile(r"submit"),
    ("use", "href"): re.compile(r"#[\w:.-]+"),
    ("textPath", "href"): re.compile(r"#[\w:.-]+"),
}
"""(Element, attribute) -> all that it may say."""

PAINT = re.compile(r"[^()\\]*|url\(#[\w:.-]+\)|(?:var|rgba?|hsla?)\([^()\\]*\)")
"""A colour, or a part of the same drawing: a file from elsewhere would tell its host who reads the page."""

THEIRS = re.compile(r"__(?!tabbed_\d+_\d+$)")
"""How ids begin that the theme's script looks up, its settings among them; those of tabs it needs."""

SCRIPTED = re.compile(r"mermaid|md-(?!(?:button|button--primary|typeset__scrollwrap|typeset__table|icon)$).*")
"""Classes that the theme's script acts on: for `mermaid` it would load a program from another host."""

STILL = (".avif", ".css", ".csv", ".gif", ".jpeg", ".jpg", ".pdf", ".png", ".txt", ".webp", ".woff2")
"""Ends of the names of files that are published as they are. A page, or a drawing, of another kind could hold scripts."""

SHOWN = ("title", "description", "hide", "search")
"""What a page's own front matter can set. The theme prints other keys as they are, or picks its templates by them."""


def html(rendered: str) -> str:
    """The rendered text of a page, in well-formed HTML, with nothing in it that runs or loads from another host."""
    return _cleaner().clean(rendered)


def drawing(svg: str) -> str:
    """An SVG file with nothing in it that runs or loads from another host, when it is opened by itself, too."""
    return html(svg[svg.find("<svg") :]).replace("&nbsp;", "\u00a0")  # XML does not know the name


def is_still(path: str) -> bool:
    """Whether browsers show a file of this name without running anything in it."""
    return path.lower().endswith(STILL)


def words(rendered: str) -> str:
    """The words of a piece of HTML, as HTML without any element."""
    return _wordsmith().clean(rendered)


def head(meta: Mapping[str, Any]) -> dict[str, Any]:
    """The front matter of a page as the theme can print it: themes escape nothing. Values are plain text."""
    return {key: escape(meta[key]) if isinstance(meta[key], str) else meta[key] for key in SHOWN if key in meta}


def removed(element: str, attributes: Mapping[str, str | None]) -> list[str]:
    """What of this start tag `html` takes away, as the contributor wrote it; the letters' case does not count."""
    name = NAMES.get(element.lower(), element)
    if name not in HTML | SVG:
        return [f"<{element}>"]
    allowed = {attribute.lower(): attribute for attribute in ANYWHERE | ATTRIBUTES.get(name, frozenset())}
    cut = []
    for written, value in attributes.items():
        said, lowered = value or "", written.lower().removeprefix("xlink:")
        attribute = lowered if lowered.startswith(NAMED) else allowed.get(lowered)
        kept = keep(name, attribute, said) if attribute else None
        if kept is None or (attribute == "href" and not follows(said)):
            cut.append(written)
        elif kept != said:
            cut.append(f'{written}="{said}"')
    return cut


NAMES = {name.lower(): name for name in HTML | SVG}


def follows(address: str) -> bool:
    """Whether a link may lead there: to a page of this site, or by one of SCHEMES."""
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", _as_browsers_read(address), re.IGNORECASE)
    return not scheme or scheme[1].lower() in SCHEMES


def keep(element: str, attribute: str, value: str) -> str | None:
    """What stays of the value of an attribute that is allowed as such; None for nothing."""
    if attribute == "id":
        return None if THEIRS.match(value) else value
    if attribute == "class":
        return " ".join(name for name in value.split() if not SCRIPTED.fullmatch(name)) or None
    if attribute == "src":
        return value if is_ours(value) else None
    if attribute in PAINTED:
        return value if PAINT.fullmatch(value) else None
    allowed = VALUES.get((element, attribute))
    return value if allowed is None or allowed.fullmatch(value) else None


def is_ours(address: str) -> bool:
    """Whether a file stands on this site; what is loaded from another tells its host who reads the page."""
    read = _as_browsers_read(address)
    return not re.match(r"//|[a-z][a-z0-9+.-]*:", read, re.IGNORECASE)


def _as_browsers_read(address: str) -> str:
    """White space and control characters do not count in an address (https://url.spec.whatwg.org/#url-parsing)."""
    return re.sub(r"[\x00-\x20]", "", address).replace("\\", "/")


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(HTML | SVG),
        clean_content_tags=set(EMPTIED),
        attributes={"*": set(ANYWHERE), **{name: set(allowed) for name, allowed in ATTRIBUTES.items()}},
        attribute_filter=keep,
        generic_attribute_prefixes={NAMED},
        url_schemes=set(SCHEMES),
        link_rel=None,
    )


@cache
def _wordsmith() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(tags=set(), attributes={}, clean_content_tags=set(EMPTIED))
