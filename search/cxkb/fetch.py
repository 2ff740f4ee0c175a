"""One request for one public address: bounded in bytes, seconds and redirects, and never led into a private network.

A host is resolved once a hop; every address it has must be public, and the socket is opened to an address that was
checked, not to the name, so that a name cannot change its mind in between. TLS is verified against the name. Proxies
named by the environment are not used: what they connect to could not be checked.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote, urljoin, urlsplit

from cxkb.errors import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_BYTES = 10_000_000
"""Of a page or file, decompressed: articles are far smaller, and what reads them is allowed memory by their size."""

SECONDS = 30.0
"""For all of it, from the first name looked up to the last byte, redirects included."""

MAX_REDIRECTS = 5

PIECE = 65_536

TYPES = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown", "application/pdf")

HEADERS = {
    "User-Agent": "cxkb (adds one source at a person's request)",
    "Accept": ", ".join(TYPES),
    "Accept-Encoding": "identity",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address holds."""

    raw: bytes
    type: str
    """Media type in lower case, one of TYPES; "" where the server names none."""
    charset: str | None
    """As the server names it."""
    url: str
    """Where the last redirect led."""


def is_public(address: Address) -> bool:
    """Whether anybody on the internet can reach it: not private, loopback, link-local, shared, multicast, reserved.

    IPv6 addresses that stand for an IPv4 address elsewhere (6to4, Teredo, NAT64) are not, whatever they stand for.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address.sixtofour or address.teredo or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def fetch(
    url: str,
    *,
    allowed: Callable[[Address], bool] = is_public,
    max_bytes: int = MAX_BYTES,
    seconds: float = SECONDS,
    trust: ssl.SSLContext | None = None,
) -> Fetched:
    """What this address holds. `allowed` says which addresses may be connected to; `trust` whose certificates count.

    Raises FetchError with one sentence: the address is none, is not public, cannot be reached in time, or holds
    something else than a text of at most `max_bytes`.
    """
    late = threading.Event()
    end = time.monotonic() + seconds
    connection: _Pinned | None = None

    def give_up() -> None:
        late.set()
        if connection:
            connection.cut()

    clock = threading.Timer(seconds, give_up)
    clock.daemon = True
    clock.start()
    try:
        for _ in range(MAX_REDIRECTS + 1):
            connection = _connection(url, allowed, trust)
            connection.timeout = max(end - time.monotonic(), 0.001)
            try:
                found = _read(connection, url, max_bytes)
            finally:
                connection.close()
            if late.is_set():  # a cut connection looks like the end of a page without a length
                raise TimeoutError
            if isinstance(found, Fetched):
                return found
            url = found
        raise FetchError(f"The page redirects more than {MAX_REDIRECTS} times; give the address it ends at.")
    except (OSError, http.client.HTTPException) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            raise FetchError(
                f"{url} did not answer within {seconds:g} seconds; save the page and add the file."
            ) from error
        if isinstance(error, ssl.SSLCertVerificationError):
            raise FetchError(f"{url} does not prove who it is: {error.verify_message}.") from error
        reason = (isinstance(error, OSError) and error.strerror) or " ".join(str(error).split()) or type(error).__name__
        raise FetchError(f"{url} cannot be reached: {reason}.") from error
    finally:
        clock.cancel()


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked, for the host that has it."""

    def __init__(self, host: str, port: int, address: Address, trust: ssl.SSLContext | None) -> None:
        super().__init__(host, port)
        self._address, self._trust = address, trust
        self._open: socket.socket | None = None

    def connect(self) -> None:
        self.sock = self._open = socket.create_connection((str(self._address), self.port), self.timeout)
        if self._trust:
            secure = self._trust.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = self._open = secure
            secure.do_handshake()

    def cut(self) -> None:
        """End whatever is being waited for, from another thread.

        http.client forgets the socket while the answer that ends with it is still being read.
        """
        if sock := self._open:
            with contextlib.suppress(OSError):  # not connected any more: nothing waits
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # an SSLSocket's own would forget its TLS first


def _connection(url: str, allowed: Callable[[Address], bool], trust: ssl.SSLContext | None) -> _Pinned:
    """A connection, not opened yet, to a checked address of the URL's host."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        host = (parts.hostname or "").encode("idna").decode("ascii") if not _literal(parts.hostname) else parts.hostname
    except ValueError as error:
        raise FetchError(f"{url!r} is not an address of a page.") from error
    if parts.scheme not in ("http", "https"):
        raise FetchError(f"{url!r} does not start with http:// or https://; only these are read.")
    if not host or parts.username is not None or parts.password is not None:
        raise FetchError(f"{url!r} is to name a host, without user name or password.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"The host {host!r} cannot be found; check the address and your network.") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not allowed(address):
            raise FetchError(f"{url} leads to {address}, which is not a public address; it is not read.")
    secure = parts.scheme == "https"
    return _Pinned(host, port, addresses[0], (trust or ssl.create_default_context()) if secure else None)


def _literal(host: str | None) -> bool:
    """Whether the host is an IP address as it stands."""
    try:
        ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return False
    return True


def _read(connection: _Pinned, url: str, max_bytes: int) -> Fetched | str:
    """What the server answers to one request."""
    parts = urlsplit(url)
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
        f"?{quote(parts.query, safe='/?%:@!$&()*+,;=~-._')}" if parts.query else ""
    )
    connection.request("GET", target, headers=HEADERS)
    with connection.getresponse() as answer:
        return _text(answer, url, max_bytes)


def _text(answer: http.client.HTTPResponse, url: str, max_bytes: int) -> Fetched | str:
    """What the answer holds: a text, or the address it redirects to."""
    if answer.status in (301, 302, 303, 307, 308):
        if not (location := answer.getheader("Location")):
            raise FetchError(f"{url} redirects without saying where to.")
        return urljoin(url, location)
    if answer.status in (401, 403, 407, 451):
        raise FetchError(f"{url} is not open to everybody (status {answer.status}); save the page and add the file.")
    if answer.status != 200:
        raise FetchError(f"{url} answers with status {answer.status}, not with a page.")
    type_ = answer.headers.get_content_type() if answer.getheader("Content-Type") else ""
    if type_ and type_ not in TYPES:
        raise FetchError(f"{url} is {type_!r}; a source is HTML, Markdown, plain text or PDF.")
    too_long = FetchError(f"{url} is longer than {max_bytes:,} bytes; an article is not.")
    if answer.length is not None and answer.length > max_bytes:
        raise too_long
    encoding = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise FetchError(
            f"{url} is compressed in a way that was not asked for ({encoding!r}); save the page and add the file."
        )
    unpack = None if encoding == "identity" else zlib.decompressobj(47 if "gzip" in encoding else 15)
    raw = bytearray()
    while piece := answer.read(PIECE):
        try:
            raw += unpack.decompress(piece, max_bytes + 1 - len(raw)) if unpack else piece
        except zlib.error as error:
            raise FetchError(f"{url} is damaged: its compression cannot be undone.") from error
        if len(raw) > max_bytes:
            raise too_long
    if answer.length or (unpack and not unpack.eof):
        raise FetchError(f"{url} ended before all of it was sent; try again.")
    return Fetched(bytes(raw), type_, answer.headers.get_content_charset(), url)
