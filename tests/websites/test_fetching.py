"""Is a page fetched within limits, whatever the other side does?"""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import threading
import time
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from tests.rawsite import RawSite, drip
from websites.addresses import NotAsked
from websites.fetching import LARGEST, NotFetched, decoded, fetch
from websites.looking import look

OURS = "https://311.example.gov"
PAGE = f'<!doctype html><title>Roads</title><a href="{OURS}/report" data-report="inline">Report</a>'


def why(url: str, **options) -> str:
    with pytest.raises((NotFetched, NotAsked)) as failed:
        fetch(url, allow_loopback=True, **options)
    assert isinstance(failed.value, NotFetched | NotAsked)
    return failed.value.because


def test_a_page_is_fetched_with_a_plain_question_and_nothing_of_ours(raw_site: RawSite) -> None:
    url = raw_site.says(
        "/roads?id=4",
        PAGE,
        "Content-Type: text/html",
        "Set-Cookie: a=b",
        "Permissions-Policy: geolocation=()",
    )
    page = fetch(url, allow_loopback=True)
    assert page.html == PAGE
    assert (page.url, page.status, page.redirects) == (url, 200, ())
    assert page.headers["permissions-policy"] == ("geolocation=()",)
    (sent,) = raw_site.asked
    assert f"Host: 127.0.0.1:{raw_site.port}".encode() in sent
    assert b"Cookie" not in sent
    assert b"Referer" not in sent


def test_redirects_are_followed_three_times_and_keep_no_cookie(raw_site: RawSite) -> None:
    end = raw_site.says("/d", PAGE)
    for path, to in (("/a", "/b"), ("/b", raw_site.url("/c")), ("/c", "d")):
        raw_site.says(path, "", f"Location: {to}", "Set-Cookie: a=b", status="301 Moved")
    page = fetch(raw_site.url("/a"), allow_loopback=True)
    assert page.url == end
    assert len(page.redirects) == 3
    assert b"Cookie" not in b"".join(raw_site.asked)
    raw_site.leads("/start", "/a")
    assert why(raw_site.url("/start")) == "too-many-redirects"
    raw_site.leads("/round", "/round")
    assert why(raw_site.url("/round")) == "too-many-redirects"


@pytest.mark.parametrize(
    ("to", "because"),
    [
        ("http://10.0.0.1/", "not-public"),
        ("http://169.254.169.254/latest/meta-data/", "not-public"),
        ("http://[::ffff:127.0.0.1]/", "not-public"),
        ("file:///etc/passwd", "not-the-web"),
        ("http://user@www.example.gov/", "with-password"),
        ("http://[::1", "bad-redirect"),
        ("", "bad-redirect"),
    ],
)
def test_a_redirect_is_checked_like_the_first_address(raw_site: RawSite, to: str, because: str) -> None:
    assert why(raw_site.leads("/", to)) == because


def test_the_name_is_resolved_once_for_each_connection_and_never_again(raw_site: RawSite) -> None:
    """A name that leads outside when it is checked and inside when it is used would get in otherwise."""
    raw_site.says("/", PAGE)
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    page = fetch(f"http://www.example.gov:{raw_site.port}/", allow_loopback=True, resolver=resolver)
    assert asked == ["www.example.gov"]
    assert page.origin == f"http://www.example.gov:{raw_site.port}"
    assert f"Host: www.example.gov:{raw_site.port}".encode() in raw_site.asked[0]


def test_a_huge_page_is_let_go(raw_site: RawSite) -> None:
    assert why(raw_site.says("/", b"a" * (LARGEST + 1))) == "too-large"
    assert len(fetch(raw_site.says("/", b"a" * LARGEST), allow_loopback=True).html) == LARGEST


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_bomb_is_noticed_before_it_is_unpacked(raw_site: RawSite, pack) -> None:
    coding = "gzip" if pack is gzip.compress else "deflate"
    heads = ("Content-Type: text/html", f"Content-Encoding: {coding}")
    assert fetch(raw_site.says("/", pack(PAGE.encode()), *heads), allow_loopback=True).html == PAGE
    bomb = pack(b"\0" * 300_000_000)
    assert len(bomb) < LARGEST
    assert why(raw_site.says("/", bomb, *heads)) == "too-large"
    assert why(raw_site.says("/", b"no gzip at all", *heads)) == "cut-off"
    assert (
        why(raw_site.says("/", PAGE, "Content-Type: text/html", "Content-Encoding: br")) == "unknown-coding"
    )


def test_a_page_that_drips_is_given_up_in_time(raw_site: RawSite) -> None:
    raw_site.answers["/body"] = drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    raw_site.answers["/head"] = drip(b"HTTP/1.1 200 OK\r\nX-Long: ")
    raw_site.answers["/silent"] = drip(b"", piece=b"", pause=0.2)
    for path in ("/body", "/head", "/silent"):
        began = time.monotonic()
        with pytest.raises(NotFetched, match="too-slow"):
            look(raw_site.url(path), OURS, allow_loopback=True, seconds=1)
        assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (b"", "no-answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no-answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n<p>", "cut-off"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 1\r\n\r\n1", "not-html"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "status"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 400 + b"\r\n", "no-answer"),
    ],
)
def test_what_is_no_page_is_told_by_name(raw_site: RawSite, answer: bytes, because: str) -> None:
    raw_site.answers["/"] = answer
    assert why(raw_site.url("/")) == because


@pytest.mark.parametrize(
    "charset",
    ["utf-8", "iso-8859-1", "windows-1252", "no-such", "utf-7", "punycode", "zlib", "", "x" * 900, "idna"],
)
def test_a_wrong_charset_hides_nothing(charset: str) -> None:
    assert "<a data-report>" in decoded("Straße <a data-report>".encode("latin-1"), charset)


def test_the_child_tells_what_stands_there_and_why_there_is_nothing(raw_site: RawSite) -> None:
    found = look(raw_site.says("/", PAGE), OURS, allow_loopback=True)
    assert found.seen.links[0].mode == "inline"
    assert found.origin == f"http://127.0.0.1:{raw_site.port}"
    with pytest.raises(NotFetched, match="status 404"):
        look(raw_site.url("/nothing"), OURS, allow_loopback=True)
    with pytest.raises(NotAsked, match="not-public"):
        look("http://127.0.0.1/", OURS)
    with pytest.raises(NotAsked, match="other-port"):
        look(raw_site.url("/"), OURS)


def test_the_certificate_must_be_good_for_the_name_although_the_address_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", "/CN=www.example.gov", "-addext", "subjectAltName=DNS:www.example.gov",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names: list[str] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    body = PAGE.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    def serve(listening: socket.socket) -> None:
        for _ in range(3):
            with (
                suppress(OSError),
                context.wrap_socket(listening.accept()[0], server_side=True) as connection,
            ):
                connection.recv(65536)
                connection.sendall(head + body)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        port = listening.getsockname()[1]

        def here(_host: str, _port: int) -> list[str]:
            return ["127.0.0.1"]

        assert why(f"https://www.example.gov:{port}/", resolver=here) == "certificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        page = fetch(f"https://www.example.gov:{port}/", allow_loopback=True, resolver=here)
        assert page.html == PAGE
        assert why(f"https://other.example.gov:{port}/", resolver=here) == "certificate"
        thread.join()
    assert names == ["www.example.gov", "www.example.gov", "other.example.gov"]
