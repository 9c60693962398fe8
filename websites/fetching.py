"""How is a page of a website fetched without letting anybody use us as a tool?

No redirect is followed unchecked, nothing is sent but a plain GET, no cookie is kept, and size and time
are limited at every piece, before and after decompression.
"""

from __future__ import annotations

import re
import time
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from websites.addresses import Asked, NotAsked, Resolve, asked, public_address, resolve

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

ALTOGETHER = 10.0
"""Seconds for the page with all its redirects."""
CONNECT = 5.0
MOST_REDIRECTS = 3
LARGEST = 2 * 1024 * 1024
"""Bytes of the page, and of what comes over the wire."""
PIECE = 64 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HEADERS = {
    "User-Agent": "Townline page check (asked for by this town's web clerk)",
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    "Accept-Encoding": "gzip",
}
KEPT_HEADERS = (
    "content-security-policy",
    "permissions-policy",
    "cross-origin-embedder-policy",
    "content-type",
)
_CHARSET = re.compile(
    r"utf-?8|utf-?16(le|be)?|(us-)?ascii|iso[-_]?8859[-_]\d{1,2}|latin-?\d|windows-?\d{3,4}|cp\d{3,4}"
    r"|shift[-_]jis|euc-(jp|kr)|big5|gbk?|gb2312|gb18030|koi8-[ru]|mac-?roman"
)


class NotFetched(Exception):
    """There is no page. ``because`` is one of a few words, ``detail`` what the other side said."""

    def __init__(self, because: str, host: str = "", detail: str = "") -> None:
        self.because = because
        self.host = host
        self.detail = detail
        super().__init__(f"{host}: {because} {detail}".strip())


@dataclass(frozen=True)
class Fetched:
    """A page as it came. ``headers`` are the few that matter to a frame, each with all its lines."""

    url: str
    origin: str
    status: int
    headers: dict[str, tuple[str, ...]]
    html: str
    redirects: tuple[str, ...]


def fetch(
    url: str,
    *,
    allow_loopback: bool = False,
    own: tuple[str, ...] = (),
    resolver: Resolve = resolve,
    seconds: float = ALTOGETHER,
    now: Callable[[], float] = time.monotonic,
) -> Fetched:
    """Return the page at a public web address. Raises ``NotFetched`` or ``NotAsked``, nothing else.

    ``allow_loopback`` is for tests: pages on this machine, at any port. ``own`` is for the demonstration:
    the origins of its own website, the only ones that may stand on this machine; redirects are held to it.
    """
    until = now() + seconds
    passed: list[str] = []
    wanted = taken(url, allow_loopback, own)
    while True:
        is_near = allow_loopback or wanted.origin in own
        address = public_address(wanted, allow_loopback=is_near, resolver=resolver)
        with _pool(wanted, address, until - now()) as pool:
            answer = _ask(pool, wanted)
            try:
                onward = _onward(answer, wanted, allow_loopback, own)
                if onward is None:
                    return _page(answer, wanted, tuple(passed), lambda: until - now())
            finally:
                answer.close()
        passed.append(wanted.url)
        if len(passed) > MOST_REDIRECTS:
            raise NotFetched("too-many-redirects", wanted.host)
        if now() > until:
            raise NotFetched("too-slow", wanted.host)
        wanted = onward


def taken(url: str, allow_loopback: bool, own: tuple[str, ...]) -> Asked:
    """Take an address apart; on this machine and at a port of its own only where it is one of ``own``."""
    if own:
        found = asked(url, allow_loopback=True)
        if found.origin in own:
            return found
    return asked(url, allow_loopback=allow_loopback)


def _pool(wanted: Asked, address: str, left: float) -> HTTPConnectionPool:
    """Return connections to that very address, under the name for which its certificate must be good."""
    import urllib3

    limits = urllib3.Timeout(connect=max(0.1, min(CONNECT, left)), read=max(0.1, min(CONNECT, left)))
    if wanted.scheme == "http":
        return urllib3.HTTPConnectionPool(address, wanted.port, timeout=limits, maxsize=1)
    return urllib3.HTTPSConnectionPool(
        address,
        wanted.port,
        timeout=limits,
        maxsize=1,
        cert_reqs="CERT_REQUIRED",
        server_hostname=wanted.host,
        assert_hostname=wanted.host,
    )


def _ask(pool: HTTPConnectionPool, wanted: Asked) -> BaseHTTPResponse:
    import urllib3.exceptions as trouble

    try:
        return pool.urlopen(
            "GET",
            wanted.target,
            headers={**HEADERS, "Host": wanted.url.split("/")[2]},
            redirect=False,
            retries=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
    except trouble.SSLError as refused:
        raise NotFetched("certificate", wanted.host, _short(refused)) from refused
    except trouble.TimeoutError as late:
        raise NotFetched("too-slow", wanted.host) from late
    except (trouble.HTTPError, OSError, ValueError) as cut:
        raise NotFetched("no-answer", wanted.host, type(cut).__name__) from cut


def _onward(
    answer: BaseHTTPResponse, wanted: Asked, allow_loopback: bool, own: tuple[str, ...]
) -> Asked | None:
    """Return where a redirect leads, taken apart and checked like the first address."""
    if answer.status not in REDIRECTS:
        return None
    location = answer.headers.get("location", "")
    try:
        target = urljoin(wanted.url, location.strip())
    except ValueError:
        target = ""
    if not location or not target:
        raise NotFetched("bad-redirect", wanted.host)
    return taken(target, allow_loopback, own)


def _page(
    answer: BaseHTTPResponse, wanted: Asked, passed: tuple[str, ...], left: Callable[[], float]
) -> Fetched:
    kind = Message()
    kind["content-type"] = answer.headers.get("content-type", "") or "text/html"
    if answer.status >= 400:
        raise NotFetched("status", wanted.host, str(answer.status))
    if kind.get_content_type() not in ("text/html", "application/xhtml+xml"):
        raise NotFetched("not-html", wanted.host, kind.get_content_type()[:80])
    body = _unpacked(_body(answer, wanted, left), answer.headers.get("content-encoding", ""), wanted)
    headers = {name: tuple(answer.headers.getlist(name)) for name in KEPT_HEADERS}
    charset = str(kind.get_param("charset") or "")
    return Fetched(wanted.url, wanted.origin, answer.status, headers, decoded(body, charset), passed)


def _body(answer: BaseHTTPResponse, wanted: Asked, left: Callable[[], float]) -> bytes:
    import urllib3.exceptions as trouble

    body, reading = bytearray(), _pieces(answer)
    try:
        while piece := reading.read1(PIECE, decode_content=False):
            body += piece
            if len(body) > LARGEST:
                raise NotFetched("too-large", wanted.host)
            if left() < 0:
                raise NotFetched("too-slow", wanted.host)
    except trouble.TimeoutError as late:
        raise NotFetched("too-slow", wanted.host) from late
    except (trouble.HTTPError, OSError, ValueError) as cut:
        raise NotFetched("cut-off", wanted.host, type(cut).__name__) from cut
    return bytes(body)


def _pieces(answer: BaseHTTPResponse) -> Any:
    return answer  # read1() is there, but not in urllib3's annotations of the base


def _unpacked(body: bytes, coding: str, wanted: Asked) -> bytes:
    """Undo gzip or deflate, up to the largest page: a bomb is noticed before it is unpacked."""
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise NotFetched("unknown-coding", wanted.host, coding[:40])
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        plain = unpacking.decompress(body, LARGEST + 1)
    except zlib.error as broken:
        raise NotFetched("cut-off", wanted.host, "gzip") from broken
    if len(plain) > LARGEST:
        raise NotFetched("too-large", wanted.host)
    return plain


def decoded(body: bytes, charset: str) -> str:
    """Return the words of a page. A name of a charset that does not exist, or is wrong, breaks nothing.

    Everything we look for is ASCII, so what cannot be read becomes a question mark and no failure.
    """
    if body.startswith(BOM_UTF8):
        return body.decode("utf-8-sig", errors="replace")
    # Python's codecs hold more than charsets (punycode, zlib), and utf-7 hides tags from browsers.
    name = charset.strip().lower()
    try:
        return body.decode(name if _CHARSET.fullmatch(name) else "utf-8", errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")


def _short(error: Exception) -> str:
    said = str(getattr(error, "reason", "") or error.args[0] if error.args else error)
    return said.rpartition("] ")[2].partition(" (_ssl.c")[0][:200] or type(error).__name__


__all__ = ["Fetched", "NotAsked", "NotFetched", "fetch"]
