"""Is an access token had, kept, renewed, and never shown?"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from inbox.xoauth import Fresh, NoToken, Token, from_command, from_refresh_token, sasl

PYTHON = sys.executable


class Answers(BaseHTTPRequestHandler):
    """A token server that answers what the test wants and remembers what it was asked."""

    status, said, delay = 200, b"{}", 0.0
    asked: list[dict[str, list[str]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(parse_qs(body.decode()))
        threading.Event().wait(self.delay)
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        with suppress(BrokenPipeError):  # who asked did not want to wait
            self.end_headers()
            self.wfile.write(self.said)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def token_server(said: object, status: int = 200, delay: float = 0.0) -> Iterator[tuple[str, list]]:
    class One(Answers):
        asked: list = []

    One.status, One.delay = status, delay
    One.said = said if isinstance(said, bytes) else json.dumps(said).encode()
    server = ThreadingHTTPServer(("127.0.0.1", 0), One)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/token", One.asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def source(url: str, **changes):
    return from_refresh_token(
        url, **({"client_id": "town", "client_secret": "s3cret", "refresh_token": "r3fresh"} | changes)
    )


def test_the_login_is_one_string_as_the_servers_want_it():
    assert sasl("311@x.example", "abc") == "user=311@x.example\x01auth=Bearer abc\x01\x01"


def test_a_token_is_kept_until_shortly_before_it_ends_and_forgotten_when_refused():
    now, given = [0.0], iter(["one", "two", "three"])
    token = Token(lambda: Fresh(next(given), 600), clock=lambda: now[0])
    assert "Bearer one" in token.sasl("u")
    now[0] = 539
    assert "Bearer one" in token.sasl("u")
    now[0] = 541
    assert "Bearer two" in token.sasl("u")
    token.forget()
    assert "Bearer three" in token.sasl("u")


def test_the_command_prints_the_token_and_nobody_sees_it():
    fresh = from_command(f"{PYTHON} -c \"print('ya29.token')\"")()
    assert fresh.text == "ya29.token"
    assert "ya29" not in repr(fresh)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit('no session')", "ended with 1: no session"),
        ("print('')", "empty"),
        ("print('a b')", "not one word"),
        ("print('x' * 20000)", "not one word"),
        ("import time; time.sleep(60)", "did not end within"),
    ],
)
def test_a_command_that_gives_no_token_is_a_sentence(code: str, said: str):
    with pytest.raises(NoToken, match=said):
        Token(from_command(f'{PYTHON} -c "{code}"', patience=2)).sasl("u")


def test_a_command_that_does_not_exist_is_a_sentence():
    for command in ("/nowhere/token", "'"):
        with pytest.raises(NoToken, match="cannot be run"):
            from_command(command)()


def test_the_token_server_gets_what_it_needs_and_a_new_refresh_token_is_used_from_then_on():
    with token_server({"access_token": "fresh", "expires_in": 3599, "refresh_token": "newer"}) as (
        url,
        asked,
    ):
        fetch = source(url)
        assert fetch() == Fresh("fresh", 3599)
        fetch()
    assert asked[0] == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["r3fresh"],
        "client_id": ["town"],
        "client_secret": ["s3cret"],
    }
    assert asked[1]["refresh_token"] == ["newer"]


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ({"error": "invalid_grant"}, 400, "TOWNLINE_MAIL_REFRESH_TOKEN is not accepted any more"),
        ({"error": "invalid_client"}, 401, "TOWNLINE_MAIL_CLIENT_ID"),
        (b"<html>busy</html>", 503, "answered 503"),
        ({"access_token": 7}, 200, "without a token"),
        ([], 200, "without a token"),
        (b"", 302, "answered 302"),
    ],
)
def test_a_refusal_names_the_setting_and_no_secret(answer: object, status: int, said: str):
    with token_server(answer, status) as (url, _asked), pytest.raises(NoToken, match=said) as refused:
        source(url)()
    assert "r3fresh" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_silent_or_absent_token_server_holds_nobody_up():
    with token_server({"access_token": "late"}, delay=1.5) as (url, _asked), pytest.raises(NoToken):
        source(url, patience=0.3)()
    with pytest.raises(NoToken, match="does not answer"):
        source("http://127.0.0.1:1/token")()


def test_a_new_refresh_token_outlives_the_process(tmp_path: Path):
    keep = tmp_path / "mail-token"
    with token_server({"access_token": "fresh", "refresh_token": "newer"}) as (url, asked):
        source(url, keep=keep)()
        assert keep.stat().st_mode & 0o077 == 0
        source(url, keep=keep)()
        assert [one["refresh_token"] for one in asked] == [["r3fresh"], ["newer"]]
        source(url, keep=keep, refresh_token="another")()
        assert asked[2]["refresh_token"] == ["another"]
        keep.write_text("broken")
        source(url, keep=keep)()
        assert asked[3]["refresh_token"] == ["r3fresh"]


def test_where_the_kept_one_was_withdrawn_the_first_is_tried(tmp_path: Path):
    keep = tmp_path / "mail-token"
    with token_server({"access_token": "fresh", "refresh_token": "newer"}) as (url, _asked):
        source(url, keep=keep)()
    with token_server({"error": "invalid_grant"}, 400) as (url, asked), pytest.raises(NoToken):
        source(url, keep=keep)()
    assert [one["refresh_token"] for one in asked] == [["newer"], ["r3fresh"]]


def test_a_folder_that_cannot_be_written_costs_no_token(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with token_server({"access_token": "fresh", "refresh_token": "newer"}) as (url, _asked):
        assert source(url, keep=tmp_path / "nowhere" / "mail-token")().text == "fresh"
    assert "could not be kept" in caplog.text
    assert "newer" not in caplog.text
