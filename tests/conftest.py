"""What the tests share: the real knowledge base with its index, the built site on a server, and a browser."""

from __future__ import annotations

import contextlib
import functools
import gzip
import http
import http.server
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import filelock
import hypothesis
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from cxkb import encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A slow machine is no failure.
hypothesis.configuration.set_hypothesis_home_dir(Path(__file__).parents[1] / ".hypothesis")  # wherever a test stands
hypothesis.settings.register_profile(
    "untimed",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("untimed")

Command: TypeAlias = "Callable[..., subprocess.CompletedProcess[str]]"

NOT_CONTENT = shutil.ignore_patterns(
    ".git", ".venv", "venv", "site", "build", "dist", "node_modules", "__pycache__", ".*_cache"
)

KEY_PAGES = [
    "",
    "concepts/",
    "concepts/silos/",  # with a drawing
    "tensions/who-owns-cx/",
    "sources/solis-2016/",
    "map/",
    "changes/",
    "glossary/",
    "agreements/",
    "paths/new-to-cx/",
    "search-quality/",  # with tables
    "not-covered/",
    "ask/",
    "404.html",
]
"""A page of every make, relative to the site: what all pages must hold is tried on these in the browser."""

QUIET_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing(what: str) -> NoReturn:
    """Skip the test for want of a tool, saying what would un-skip it; fail it in CI, where nothing may be wanting."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def environment(**changed: str) -> dict[str, str]:
    """This process's environment without what would steer cxkb, and with what is given."""
    steering = ("CXKB_ROOT", "SITE_URL", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if name not in steering}
    return kept | {"NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1"} | changed


@pytest.fixture(scope="session")
def repo() -> Path:
    """The repository's folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def cxkb() -> Command:
    """The installed command: `cxkb("ask", "…", cwd=folder, stdin="…", env={…})`, with its output as text."""
    script = Path(sys.executable).with_name("cxkb")
    assert script.is_file(), f"{script} is missing. Install the package: pip install -e ."

    def run(
        *arguments: str, cwd: Path, stdin: str | bytes = b"", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        command = [str(script), *arguments]
        done = subprocess.run(
            command, cwd=cwd, input=raw, env=environment(**env or {}), capture_output=True, check=False
        )
        return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def snapshot(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the real knowledge base as it is now, with its index if it has one. Do not change it."""
    folder = tmp_path_factory.mktemp("snapshot") / "kb"
    shutil.copytree(repo, folder, ignore=NOT_CONTENT, symlinks=True)
    return folder


@pytest.fixture(scope="session")
def index(snapshot: Path, cxkb: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the real knowledge base, its index up to date. Do not change it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    encoded, own = base / "encoded", snapshot / ".cxkb" / "index"
    with filelock.FileLock(base / "encoded.lock"):  # of pytest's processes one encodes the pages, the others wait
        if encoded.exists():
            shutil.copytree(encoded, own, dirs_exist_ok=True)
        done = cxkb("index", cwd=snapshot)
        assert done.returncode == 0, done.stderr
        if not encoded.exists():
            shutil.copytree(own, encoded)
    return snapshot


@pytest.fixture(scope="session")
def hostile_index(repo: Path, cxkb: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tiny hostile knowledge base in tests/site/ with its index. Do not change it."""
    folder = shutil.copytree(repo / "tests" / "site", tmp_path_factory.mktemp("hostile") / "kb")
    done = cxkb("index", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def hostile(hostile_index: Path, tmp_path: Path) -> Path:
    """The tiny hostile knowledge base, indexed, for one test to change as it likes."""
    return shutil.copytree(hostile_index, tmp_path / "hostile")


@dataclass
class Server:
    """A web server of one folder, and the paths it was asked for. It answers unknown ones with the folder's 404 page."""

    folder: Path
    origin: str = ""
    requests: list[str] = field(default_factory=list)

    def weight(self, path: str) -> int:
        """Bytes over the wire of this file, as gzip would send it, without headers."""
        file = self.folder / path.partition("?")[0].lstrip("/")
        return len(gzip.compress((file / "index.html" if file.is_dir() else file).read_bytes()))


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server of this folder, which may still be empty: its origin is needed to build a site."""
    server = Server(folder)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
            del format, args
            server.requests.append(self.path)

        def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
            page = server.folder / "404.html"
            if code != http.HTTPStatus.NOT_FOUND or not page.is_file():
                super().send_error(code, message, explain)
                return
            body = page.read_bytes()
            self.send_response(code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with answering(functools.partial(Handler, directory=str(server.folder))) as server.origin:
        yield server


@contextlib.contextmanager
def answering(handler: Callable[..., http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """The origin of a server that answers by this handler."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has nothing to serve yet."""
    with serving(tmp_path_factory.mktemp("site")) as server:
        yield server


@pytest.fixture(scope="session")
def site(index: Path, listening: Server) -> Path:
    """The folder of the site, built strictly: a warning fails the build, and every test of the site."""
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(listening.folder)],
        cwd=index, env=environment(SITE_URL=f"{listening.origin}/"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if built.returncode or "WARNING" in built.stdout:
        pytest.fail(f"mkdocs build --strict:\n{built.stdout}", pytrace=False)
    return listening.folder


@pytest.fixture(scope="session")
def server(listening: Server, site: Path) -> Server:
    """The server of the built site."""
    assert listening.folder == site
    return listening


@pytest.fixture(scope="session")
def packages(repo: Path) -> Path:
    """The folder of the npm packages that check the site."""
    folder = repo / "node_modules"
    if not (shutil.which("node") and folder.is_dir()):
        missing(
            "the npm packages of package.json are missing; `make test` installs them where there is Node.js: npm ci"
        )
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    chromium = shutil.which("chromium")
    if chromium is None:
        missing("chromium is not on PATH; install it to run the browser tests: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=QUIET_CHROMIUM)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty tab with nothing remembered from other tests."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def bundled() -> Path:
    """The folder of the bundled model."""
    spec = importlib.util.find_spec(encoder.BUNDLED_PACKAGE)
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "model"


@pytest.fixture
def changed(bundled: Path, tmp_path: Path) -> Callable[..., Path]:
    """The bundled model with other configurations: `changed({"config.json": {"hidden_act": "relu"}})`.

    The entries given take the place of those of the same name; None instead of entries leaves the file out.
    """

    def make(changes: dict[str, Any]) -> Path:
        folder = tmp_path / "model"
        for file in filter(Path.is_file, bundled.rglob("*")):
            name = str(file.relative_to(bundled))
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if name not in changes:
                (folder / name).symlink_to(file)
            elif changes[name] is not None:
                entries = json.loads(file.read_text(encoding="utf-8")) | changes[name]
                (folder / name).write_text(json.dumps(entries), encoding="utf-8")
        return folder

    return make


@pytest.fixture(scope="session")
def node() -> str:
    """The node that runs our JavaScript."""
    found = shutil.which("node")
    if found is None:
        missing("node is not on PATH; install it to test the browser's part: apt-get install nodejs npm")
    return str(found)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A small clean knowledge base of one's own, to be broken at will: tests/cases/tiny."""
    return Path(shutil.copytree(Path(__file__).parent / "cases" / "tiny", tmp_path / "tiny"))
