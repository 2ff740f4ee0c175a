"""What `fetch` asks for and what it refuses, with a real server on this machine.

Loopback addresses are allowed here by the parameter that users cannot reach.
"""

from __future__ import annotations

import datetime
import gzip
import http.server
import ipaddress
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cxkb import fetch
from cxkb.errors import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable

HTML = {"Content-Type": "text/html; charset=utf-8"}


def anybody(address: fetch.Address) -> bool:
    return address.is_loopback


class Web:
    """A server whose pages are functions of the request."""

    def __init__(self) -> None:
        self.pages: dict[str, Callable[..., None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_args) -> None:
                pass

            def do_GET(self) -> None:
                web.asked.append((self.path, dict(self.headers)))
                web.pages[self.path](self)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def put(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        """Put a page there; its address."""

        def answer(request) -> None:
            request.send_response(status)
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            for name, value in ({"Content-Length": str(len(body))} | HTML | given).items():
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(body)

        self.pages[path] = answer
        return self.url + path


@pytest.fixture
def web():
    made = Web()
    made.thread.start()
    yield made
    made.server.shutdown()
    made.thread.join()
    made.server.server_close()


def refused(url: str, **limits) -> str:
    with pytest.raises(FetchError) as caught:
        fetch.fetch(url, **{"allowed": anybody} | limits)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_page_is_read_with_what_the_server_says_of_it(web):
    url = web.put("/a?b=c", "Käse".encode(), Content_Type="Text/HTML; charset=ISO-8859-1")
    found = fetch.fetch(url, allowed=anybody)
    assert found == fetch.Fetched("Käse".encode(), "text/html", "iso-8859-1", url)


def test_the_request_names_no_person_and_carries_no_cookie(web):
    fetch.fetch(web.put("/", b"x"), allowed=anybody)
    assert set(web.asked[0][1]) == {"Host", "User-Agent", "Accept", "Accept-Encoding"}


def test_a_path_that_is_not_ascii_is_escaped(web):
    web.put("/%C3%A4%20b", b"x")
    assert fetch.fetch(f"{web.url}/ä b", allowed=anybody).raw == b"x"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fc00::1", "fec0::1", "ff0e::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_not_connected_to(address):
    assert not fetch.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is(address):
    assert fetch.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0"])
def test_this_machine_is_refused_however_it_is_spelled(web, host):
    web.put("/", b"secret")
    with pytest.raises(FetchError, match="not a public address"):
        fetch.fetch(f"http://{host}:{web.port}/")
    assert web.asked == []


@pytest.mark.parametrize(
    "authority",
    [
        "0177.0.0.1:PORT", "017700000001:PORT", "0x7f000001:PORT", "127.1:PORT", "127.0.1:PORT", "127.0.0.1.:PORT",
        "localhost.:PORT", "LOCALHOST:PORT", "１２７.０.０.１:PORT", "127。0。0。1:PORT", "①②⑦.⓪.⓪.①:PORT", "loc%61lhost:PORT",
        "[0:0:0:0:0:ffff:7f00:1]:PORT", "[::ffff:127.0.0.1]:PORT", "[::127.0.0.1]:PORT", "[::1%25lo]:PORT", "[::1%lo]:PORT",
        "[64:ff9b::7f00:1]:PORT", "[64:ff9b:1::7f00:1]:PORT", "[fe80::1%25lo]:PORT", "[::]:PORT", "0.0.0.0:PORT",
        "example.org@127.0.0.1:PORT", "example.org:80@127.0.0.1:PORT", "127.0.0.1:PORT#@example.org", "127.0.0.1:PORT\\@example.org",
        "127.0.0.1:PORT%2f@example.org", "169.254.169.254", "metadata.google.internal", "127.0.0.1:0", "127.0.0.1:-1", "[127.0.0.1]:PORT",
    ],
)  # fmt: skip
def test_no_way_of_writing_an_address_leads_to_this_machine(web, authority):
    web.put("/", b"secret")
    for scheme in ("http", "https"):
        with pytest.raises(FetchError):
            fetch.fetch(f"{scheme}://{authority.replace('PORT', str(web.port))}/", seconds=5)
    assert web.asked == []


def test_a_name_is_asked_and_checked_anew_at_every_redirect(web, monkeypatch):
    real, answers = socket.getaddrinfo, iter(["127.0.0.1", "10.0.0.1"])
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *a, **k: real(next(answers) if host == "rebinding.example" else host, *a, **k),
    )
    web.put("/", status=302, Location="/again")
    assert "leads to 10.0.0.1, which is not a public" in refused(f"http://rebinding.example:{web.port}/")
    assert [path for path, _ in web.asked] == ["/"]


def test_a_host_is_refused_when_one_of_its_addresses_is_not_public(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
    with pytest.raises(FetchError, match=r"10\.0\.0\.1"):
        fetch.fetch("http://two-faced.example/")


def test_a_name_that_changes_its_mind_is_asked_once(web, monkeypatch):
    """DNS rebinding: the second answer would lead elsewhere."""
    web.put("/", b"checked")
    real, asked = socket.getaddrinfo, []

    def resolve(host, port, *args, **kwargs):
        if host != "rebinding.example":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "10.0.0.1", port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert fetch.fetch(f"http://rebinding.example:{web.port}/", allowed=anybody).raw == b"checked"
    assert asked == ["rebinding.example"]
    assert web.asked[0][1]["Host"] == f"rebinding.example:{web.port}"


def test_redirects_are_followed_and_the_last_address_is_told(web):
    end = web.put("/end", b"here")
    web.put("/b", status=308, Location="end")
    assert fetch.fetch(web.put("/a", status=302, Location="/b"), allowed=anybody).url == end


def test_a_redirect_into_a_private_network_is_refused(web):
    url = web.put("/", status=302, Location="http://169.254.169.254/latest/meta-data/")
    assert "169.254.169.254, which is not a public address" in refused(url)


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://me:pw@127.0.0.1/"]
)
def test_a_redirect_to_another_kind_of_address_is_refused(web, target):
    assert refused(web.put("/", status=302, Location=target))


def test_redirects_have_an_end(web):
    assert "more than 5 times" in refused(web.put("/", status=302, Location="/"))
    assert len(web.asked) == 6


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://example.org/", "only these are read"), ("http://", "name a host"), ("http://a:b@example.org/", "without user name"),
        ("http://[::1", "is not an address"), ("http://a:99999/", "is not an address"), ("http://nowhere.invalid/", "cannot be found"),
        ("http://" + "a" * 80 + ".example/", "is not an address"),
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_page_is_refused(url, says):
    assert says in refused(url)


def test_a_long_page_is_refused_before_it_is_read(web):
    def answer(request) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.send_header("Content-Length", str(10**12))
        request.end_headers()

    web.pages["/"] = answer
    assert "longer than 10,000,000 bytes" in refused(web.url + "/")


def test_an_endless_page_is_refused(web):
    def answer(request) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        try:
            while True:
                request.wfile.write(b"x" * 65536)
        except OSError:
            pass

    web.pages["/"] = answer
    assert "longer than 1,000 bytes" in refused(web.url + "/", max_bytes=1000)


def test_a_compressed_page_is_counted_as_it_unfolds(web):
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    assert "longer than 1,000,000 bytes" in refused(web.put("/", bomb, Content_Encoding="gzip"), max_bytes=1_000_000)


def test_a_page_that_comes_compressed_all_the_same_is_read(web):
    assert fetch.fetch(web.put("/", gzip.compress(b"text"), Content_Encoding="gzip"), allowed=anybody).raw == b"text"


@pytest.mark.parametrize(
    ("headers", "body", "says"),
    [
        ({"Content_Encoding": "br"}, b"x", "not asked for"),
        ({"Content_Encoding": "gzip"}, b"not gzip", "cannot be undone"),
        ({"Content_Encoding": "gzip"}, gzip.compress(b"text" * 100)[:-20], "ended before"),
        ({"Content_Length": "100"}, b"short", "ended before"),
        ({"Content_Type": "image/png"}, b"x", "'image/png'"),
        ({"status": 404}, b"", "status 404"),
        ({"status": 403}, b"", "not open to everybody"),
        ({"status": 302}, b"", "without saying where to"),
    ],
)
def test_what_is_no_whole_page_is_refused(web, headers, body, says):
    assert says in refused(web.put("/", body, **headers))


@pytest.mark.parametrize("slow", ["head", "body"])
def test_a_page_that_comes_by_drips_is_given_up(web, slow):
    stop = threading.Event()

    def answer(request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"Content-Type: text/html\r\n\r\n" if slow == "body" else b""))
        try:
            while not stop.wait(0.05):
                request.wfile.write(b"X-a: b\r\n")
        except OSError:
            pass

    web.pages["/"] = answer
    assert "within 0.5 seconds" in refused(web.url + "/", seconds=0.5)
    stop.set()


def test_a_server_that_says_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "within 0.5 seconds" in refused(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.5)


def test_a_port_that_nobody_listens_on_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert "cannot be reached" in refused(f"http://127.0.0.1:{port}/")


def test_something_else_than_http_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            taken, _ = other.accept()
            taken.sendall(b"220 mail.example ESMTP\r\n")
            time.sleep(0.2)
            taken.close()

        thread = threading.Thread(target=greet)
        thread.start()
        assert "cannot be reached" in refused(f"http://127.0.0.1:{other.getsockname()[1]}/")
        thread.join()


def test_a_name_that_takes_too_long_to_be_looked_up_is_given_up(web, monkeypatch):
    look_up = socket.getaddrinfo

    def slowly(*arguments, **named):
        time.sleep(0.5)
        return look_up(*arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    url = web.put("/", b"x").replace("127.0.0.1", "localhost")
    assert "did not answer within 0.1 seconds" in refused(url, seconds=0.1)


def test_the_environments_proxy_is_not_used(web, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert fetch.fetch(web.put("/", b"direct"), allowed=anybody).raw == b"direct"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of localhost, signed by itself; with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture
def secure(web, certificate):
    """The server, behind TLS as localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    web.server.socket = context.wrap_socket(web.server.socket, server_side=True)
    web.put("/", b"safe")
    return web


def localhost(port: int, monkeypatch, name: str = "localhost") -> str:
    """An address of this name at 127.0.0.1, where the server listens."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1" if host == name else host, *a, **k)
    )
    return f"https://{name}:{port}/"


def test_tls_is_verified_against_the_hosts_name(secure, certificate, monkeypatch):
    trust = ssl.create_default_context(cafile=str(certificate))
    assert fetch.fetch(localhost(secure.port, monkeypatch), allowed=anybody, trust=trust).raw == b"safe"
    assert "does not prove who it is" in refused(localhost(secure.port, monkeypatch, "other.example"), trust=trust)


def test_a_certificate_that_nobody_vouches_for_is_refused(secure, monkeypatch):
    assert "does not prove who it is" in refused(localhost(secure.port, monkeypatch))
