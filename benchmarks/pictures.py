"""Pictures of the built site's key pages: light and dark, on a desk and on a telephone, and on paper.

    python benchmarks/pictures.py [--site site] [--into .cxkb/pictures] [PAGE ...]

Nothing is built: `make pictures` builds the site first. PAGE is an address below the site, `concepts/silos/`; without
one it is a page of every make. For looking at a change of the design, and for nothing else. Needs Chromium.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

REPO = Path(__file__).resolve().parent.parent

PAGES = (
    "",
    "ask/",
    "ask/?q=why+do+silos+hurt",
    "changes/",
    "concepts/",
    "concepts/silos/",
    "glossary/",
    "map/",
    "nowhere/silo-thing/",
    "sources/solis-2016/",
    "tensions/who-owns-cx/",
)

SCREENS: dict[str, ViewportSize] = {
    "desk": {"width": 1280, "height": 1600},
    "telephone": {"width": 390, "height": 1600},
}

PAPER: ViewportSize = {"width": 718, "height": 1047}
"""What A4 leaves between margins of a centimetre, in CSS pixels (96 to the inch)."""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A static host, which answers with the site's own page where nothing is."""

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def send_error(self, code: int, *_: Any) -> None:
        """Answer with the page for addresses that lead nowhere."""
        body = Path(self.directory, "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def take(browser: Browser, origin: str, page: str, into: Path) -> None:
    """Every picture of a page, named after it, the screen and the colours; on paper all that would be printed."""
    name = page.strip("/").translate(str.maketrans("/?=+", "----")) or "home"
    shots: list[tuple[str, ViewportSize, Any, Any]] = [
        (f"{name}-{screen}-{colours}", size, colours, "screen")
        for screen, size in SCREENS.items()
        for colours in ("light", "dark")
    ]
    shots.append((f"{name}-paper", PAPER, "light", "print"))
    for file, size, colours, media in shots:
        context = browser.new_context(viewport=size, color_scheme=colours, reduced_motion="reduce")
        tab = context.new_page()
        tab.goto(f"{origin}/{page}", wait_until="networkidle")
        if "?q=" in page:
            tab.locator(".cxkb-answer").first.wait_for(timeout=120_000)
        tab.emulate_media(media=media)
        tab.screenshot(path=into / f"{file}.png", full_page=media == "print")
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", metavar="PAGE", default=PAGES)
    parser.add_argument("--site", type=Path, default=REPO / "site")
    parser.add_argument("--into", type=Path, default=REPO / ".cxkb" / "pictures")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium")
    if not (arguments.site / "404.html").is_file() or chromium is None:
        raise SystemExit(f"No site in {arguments.site}; make site builds one." if chromium else "chromium is missing.")
    arguments.into.mkdir(parents=True, exist_ok=True)
    handler = functools.partial(Quiet, directory=str(arguments.site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for page in arguments.pages:
            take(browser, f"http://127.0.0.1:{server.server_address[1]}", page, arguments.into)
            print(page or "home", flush=True)
        browser.close()
        server.shutdown()
    print(f"The pictures are in {arguments.into}")


if __name__ == "__main__":
    main()
