"""A page's picture for those who share its address: 1200 x 630 pixels, as Open Graph wants it.

The image holds indices into a palette of sixteen colours rather than colours. Two stretches of the palette run evenly
from the paper to the ink and from the paper to the page's colour, so that drawing text with soft edges, which mixes the
numbers, mixes the colours; and nothing needs to be converted afterwards.
"""

from __future__ import annotations

import functools
import io
import re
from dataclasses import dataclass
from importlib.resources import files as resources
from typing import TYPE_CHECKING

from cxkb import lettering, storage

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    from cxkb.lettering import Weight

WIDTH, HEIGHT = 1200, 630
LEFT, RIGHT = 96, 1120
"""Between these all text stands."""
BAND = 24
LABEL_BASELINE, TITLE_TOP, TEXT_BOTTOM, NAME_BASELINE = 104, 136, 512, 570
ICON, ICON_TOP = 48, 537
ICON_FILE = resources("cxkb") / "assets" / "icon-180.png"
NAME_LEFT = LEFT + ICON + 18

LABEL_SIZE, TEXT_SIZE, NAME_SIZE = 25, 32, 27
TITLE_SIZES = ((104, 2), (88, 2), (76, 3), (66, 3), (58, 3), (50, 3), (44, 3))
"""Size in pixels and the most lines at that size; the largest that holds the title is taken."""
TITLE_LEADING, TEXT_LEADING = 1.12, 1.38
GAP = 26
"""Between the title and the text below it."""
TEXT_LINES = 3

PAPER, INK = "#fcfbf8", "#1d2b33"
INK_AT, TINT_AT = 9, 15
"""Palette: 0 paper … 9 ink, 10 paper … 15 the page's colour."""
SOFT_AT = 7
"""The ink of the text below the title."""
BITS = 4
COMPRESSION = 4
"""Of zlib: more take longer than the drawing and save little, less save no time."""
TRACKING = "\u2009"
"""A thin space between the capitals of the label."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a card."""

    text: str
    x: int
    baseline: int
    size: int
    weight: Weight
    colour: int
    """Index into the palette."""


def card(title: str, subtitle: str, colour: str, site_name: str, label: str = "") -> bytes:
    """The picture as PNG, the same bytes for the same arguments and library versions.

    `colour` is `#rrggbb`; `label` says what the page is, `Concept · Obstacles`. See `layout` for what does not fit.
    """
    from PIL import Image, ImageDraw

    image = Image.new("L", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, BAND - 1, HEIGHT), fill=TINT_AT)
    draw.rectangle((BAND, LABEL_BASELINE - LABEL_SIZE, WIDTH, LABEL_BASELINE + LABEL_SIZE // 2), fill=INK_AT + 1)
    image.paste(_icon(), (LEFT, ICON_TOP))
    for line in layout(title, subtitle, site_name, label):
        draw.text(
            (line.x, line.baseline),
            line.text,
            fill=line.colour,
            font=lettering.font(line.weight, line.size),
            anchor="ls",
        )
    image.putpalette([*_ramp(PAPER, INK, INK_AT + 1), *_ramp(PAPER, colour, TINT_AT - INK_AT)])
    png = io.BytesIO()
    image.save(png, "PNG", bits=BITS, compress_level=COMPRESSION)
    return png.getvalue()


def load_or_draw(folder: Path, title: str, subtitle: str, colour: str, site_name: str, label: str = "") -> bytes:
    """As `card`, taken from `folder` if it was drawn before, and kept there if not.

    Drawing takes milliseconds (benchmarks/cards.py), reading next to nothing, and the words of a page seldom change.
    """
    words = (title, subtitle, colour, site_name, label)
    return storage.kept(folder, ".png", [_edition(), *words], lambda: card(*words))


def layout(title: str, subtitle: str, site_name: str, label: str = "") -> tuple[Line, ...]:
    """The lines of a card, top to bottom, none wider than from LEFT to RIGHT.

    A title stands in up to three lines of even length, as large as they allow; beyond that it is clipped, and words too
    long for a line are broken. The subtitle takes the lines that are left. A text with letters that the font lacks is
    left out; the site's name takes the place of such a title.
    """
    title, subtitle, site_name, label = map(lettering.spelled, (title, subtitle, site_name, label.upper()))
    lines = []
    spaced = lettering.clipped(TRACKING.join(label), RIGHT - LEFT, 600, LABEL_SIZE)
    lines.append(Line(spaced, LEFT, LABEL_BASELINE, LABEL_SIZE, 600, TINT_AT))
    size, rows = _title(title or site_name)
    bottom = TITLE_TOP
    for row in rows:
        bottom += round(size * TITLE_LEADING)
        lines.append(Line(row, LEFT, bottom - size // 4, size, 600, INK_AT))
    bottom += GAP
    leading = round(TEXT_SIZE * TEXT_LEADING)
    most = min(TEXT_LINES, (TEXT_BOTTOM - bottom) // leading)
    for row in lettering.rows(subtitle, most, RIGHT - LEFT, 400, TEXT_SIZE):
        bottom += leading
        lines.append(Line(row, LEFT, bottom - TEXT_SIZE // 4, TEXT_SIZE, 400, SOFT_AT))
    name = lettering.clipped(site_name, RIGHT - NAME_LEFT, 600, NAME_SIZE)
    lines.append(Line(name, NAME_LEFT, NAME_BASELINE, NAME_SIZE, 600, SOFT_AT))
    return tuple(line for line in lines if line.text)


def colours() -> tuple[str, ...]:
    """The light scheme's colours in cxkb.css, `#rrggbb`: the site's accent, then those of the groups in their order."""
    css = (resources("cxkb") / "assets" / "cxkb.css").read_text(encoding="utf-8")
    found = re.findall(r"--cxkb-(accent|group-\d+): (#[0-9a-f]{6});", css)
    return tuple(dict(reversed(found))[name] for name in dict.fromkeys(name for name, _ in found))  # light comes first


def _title(text: str) -> tuple[int, list[str]]:
    """The size of the title and its lines."""
    for size, most in TITLE_SIZES:
        if rows := lettering.even(text, most, RIGHT - LEFT, 600, size):
            return size, rows
    return size, lettering.rows(text, most, RIGHT - LEFT, 600, size)


@functools.cache
def _edition() -> str:
    """What a card depends on besides its words: this code, the fonts, the mark and the library that draws."""
    package = resources("cxkb")
    code = (package / "cards.py", package / "lettering.py")
    return storage.edition("pillow", *code, ICON_FILE, *lettering.FONTS.values())


@functools.cache
def _icon() -> Image:
    """The site's mark as palette indices, its tile in the page's colour."""
    from PIL import Image, ImageOps

    grey = Image.open(io.BytesIO(ICON_FILE.read_bytes())).convert("L").resize((ICON, ICON), Image.Resampling.LANCZOS)
    dark_to_light = ImageOps.autocontrast(grey)
    return dark_to_light.point([TINT_AT - round((TINT_AT - INK_AT - 1) * grey / 255) for grey in range(256)])


def _ramp(start: str, end: str, steps: int) -> list[int]:
    """Red, green and blue of `steps` colours that run evenly from one `#rrggbb` to another, both included."""
    ends = [bytes.fromhex(colour.removeprefix("#")) for colour in (start, end)]
    return [round(a + (b - a) * n / (steps - 1)) for n in range(steps) for a, b in zip(*ends, strict=True)]
