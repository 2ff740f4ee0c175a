"""What a first answer by meaning costs in the browser, beside the same model through the usual libraries, in one run.

    make bench-browser

The real site on a server of this machine that compresses what is not; Chromium; medians over the rounds, which go
through all in turn. Bytes are those of bodies over the wire from the focus of the search box to the first answer. "Cold"
is a browser that has only loaded the page, "second" the next visit, both from the focus to the answer on the page, for
ours with all of the ranking; the rivals' part is benchmarks/browser_rivals.mjs. "Warm" is the median of 20 questions to
what is loaded. "Times" is cold as a multiple of ours. The rivals get the model as their users do, through ONNX, in
dynamic eight bits or in full; those that are not in build/rivals, where the make target puts them, are left out.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_runtime import convert
from playwright.sync_api import sync_playwright

from cxkb import encoder, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext

REPO = Path(__file__).resolve().parent.parent

PACKAGES = REPO / "build" / "rivals" / "node_modules"

TRANSFORMERS = PACKAGES / "@huggingface" / "transformers"

FILES = {
    "runtime": [
        PACKAGES / "onnxruntime-web" / "dist" / name
        for name in ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
    ],
    "transformers": [
        TRANSFORMERS / "dist" / "transformers.min.js",
        *(
            TRANSFORMERS / "node_modules" / "onnxruntime-web" / "dist" / f"ort-wasm-simd-threaded.asyncify.{kind}"
            for kind in ("mjs", "wasm")
        ),
    ],
}
"""What a rival loads, by the folder it is served from."""

RIVALS = {
    "onnxruntime-web": "runtime",
    "transformers.js q8": "transformers",
    "transformers.js fp32": "transformers",
}
"""As benchmarks/browser_rivals.mjs names them."""

QUESTION = "Who owns the customer experience?"

WARM = 20

OURS = """async question => {
    const field = document.querySelector("[data-md-component=search-query]");
    const begun = performance.now();
    field.focus();
    field.value = question;
    field.dispatchEvent(new Event("input", {bubbles: true}));
    await new Promise(resolve => {
        const look = () => document.querySelector(".cxkb-meaning__all") && resolve();
        new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
    });
    return performance.now() - begun;
}"""

OURS_WARM = """async questions => {
    const {ask} = await import("/assets/cxkb/browser/client.mjs");
    const taken = [];
    for (const question of questions) {
        const begun = performance.now();
        await ask(question, 5, new AbortController().signal);
        taken.push(performance.now() - begun);
    }
    return taken;
}"""

RIVAL = """async question => {
    const begun = performance.now();
    const {ask} = await import("/rival/browser_rivals.mjs");
    document.querySelector("article").dataset.answer = (await ask("NAME", question)).join(" ");
    return performance.now() - begun;
}"""

RIVAL_WARM = """async questions => {
    const {ask} = await import("/rival/browser_rivals.mjs");
    const taken = [];
    for (const question of questions) {
        const begun = performance.now();
        await ask("NAME", question);
        taken.push(performance.now() - begun);
    }
    return taken;
}"""


class Counting(http.server.SimpleHTTPRequestHandler):
    """Serves files compressed, lets browsers keep them, and counts the bytes of bodies."""

    protocol_version = "HTTP/1.1"  # browsers keep connections; a new one for each file would weigh on who has many
    sent = 0
    compressed: dict[str, bytes] = {}  # noqa: RUF012 - one for all requests

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
        """Say nothing."""

    def do_GET(self) -> None:
        """Send the file, compressed."""
        path = Path(self.translate_path(self.path))
        file = path / "index.html" if path.is_dir() else path
        if not file.is_file():
            self.send_error(404)
            return
        body = Counting.compressed.get(str(file))
        if body is None:
            raw = file.read_bytes()
            body = Counting.compressed[str(file)] = raw if file.suffix == ".gz" else gzip.compress(raw)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=3600")
        if file.suffix != ".gz":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)
        Counting.sent += len(body)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The origin of a server of this folder."""
    handler = functools.partial(Counting, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def add_rivals(folder: Path) -> list[str]:
    """Put the rivals' files into the folder: their scripts, and the model in eight bits and in full. Their names."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    found = [rival for rival, files in RIVALS.items() if all(file.is_file() for file in FILES[files])]
    if not found:
        return []
    for name in {RIVALS[rival] for rival in found}:
        (folder / name).mkdir(parents=True)
        for file in FILES[name]:
            shutil.copy(file, folder / name)
    shutil.copy(REPO / "benchmarks" / "browser_rivals.mjs", folder)
    base = settings.find(REPO)
    model = encoder.find(base.model, base.root).folder
    assert model, "the model has no folder of files"
    served = folder / "models" / "minilm"
    (served / "onnx").mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(model / name, served)
    whole = served / "onnx" / "model.onnx"
    convert(model, whole)
    quantize_dynamic(whole, whole.with_name("model_quantized.onnx"), weight_type=QuantType.QInt8)
    return found


def visit(context: BrowserContext, origin: str, script: str) -> tuple[float, int, Any]:
    """Milliseconds from focus to the answer, bytes for it, and the page."""
    page = context.new_page()
    page.goto(f"{origin}/concepts/silos/", wait_until="networkidle")
    before = Counting.sent
    taken = page.evaluate(script, QUESTION)
    return taken, Counting.sent - before, page


def measure(browser: Browser, origin: str, first: str, warm: str) -> tuple[float, float, float, float]:
    """Megabytes to the first answer; milliseconds cold, at the second visit, and warm."""
    context = browser.new_context()
    cold, size, _ = visit(context, origin, first)
    second, _, page = visit(context, origin, first)
    taken = page.evaluate(warm, [f"{QUESTION} {number}" for number in range(WARM)])
    context.close()
    return size / 1e6, cold, second, statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as origin, sync_playwright() as playwright:
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", name]
        subprocess.run(command, cwd=REPO, env=environ | {"SITE_URL": f"{origin}/"}, capture_output=True, check=True)
        rows = {"cxkb": (OURS, OURS_WARM)}
        for rival in add_rivals(Path(name) / "rival"):
            rows[rival] = RIVAL.replace("NAME", rival), RIVAL_WARM.replace("NAME", rival)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        found: dict[str, list[tuple[float, float, float, float]]] = {row: [] for row in rows}
        for turn in range(rounds + 1):
            for row, scripts in rows.items():
                figures = measure(browser, origin, *scripts)
                if turn:  # the first fills the server's and the disk's cache
                    found[row].append(figures)
        browser.close()
    print(
        f"median of {rounds} rounds".ljust(24) + f"{'MB':>8}{'cold ms':>9}{'times':>7}{'second ms':>11}{'warm ms':>9}"
    )
    ours = statistics.median(cold for _, cold, _, _ in found["cxkb"])
    for row, rounds_of in found.items():
        size, cold, second, warm = (statistics.median(column) for column in zip(*rounds_of, strict=True))
        print(f"{row:24}{size:8.1f}{cold:9.0f}{cold / ours:7.1f}{second:11.0f}{warm:9.0f}")


if __name__ == "__main__":
    main()
