"""Does the signed address take in what is signed, and nothing else?"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

import inlet.views
from app import create_app
from inlet.views import signature
from settings import Settings
from storage.database import db, reading
from storage.tables import IncomingMail

KEY = "k" * 40
MAIL = b"From: a@x.example\r\nSubject: one\r\n\r\nHello.\r\n"


@pytest.fixture
def door(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings.model_copy(update={"mail_hook_key": KEY}))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(door: Flask) -> FlaskClient:
    return FlaskClient(door)


def signed(raw: bytes, recipient: str = "", at: float | None = None, key: str = KEY) -> dict[str, str]:
    moment = str(int(time.time() if at is None else at))
    headers = {
        "X-Townline-Timestamp": moment,
        "X-Townline-Signature": f"sha256={signature(key.encode(), moment, raw, recipient)}",
    }
    return headers | ({"X-Townline-Recipient": recipient} if recipient else {})


def kept(door: Flask) -> list[tuple[bytes, str, str]]:
    with door.app_context(), reading() as session:
        found = select(IncomingMail.raw, IncomingMail.envelope_to, IncomingMail.source)
        return [(raw, to, source) for raw, to, source in session.execute(found)]


def test_a_signed_mail_is_kept_before_it_is_answered(door: Flask, client: FlaskClient):
    answer = client.post("/mail/incoming", data=MAIL, headers=signed(MAIL))
    assert (answer.status_code, answer.text) == (202, "Kept.\n")
    to = "hall+r.abc@town.example"
    assert client.post("/mail/incoming", data=MAIL, headers=signed(MAIL, to)).status_code == 202
    assert kept(door) == [(MAIL, "", "http"), (MAIL, to, "http")]


@pytest.mark.parametrize("raw", [b"\x00\xff" * 50, b"a=1&b=2", b"x" * 2_000_000])
def test_any_bytes_are_kept_as_they_are(door: Flask, client: FlaskClient, raw: bytes):
    headers = signed(raw) | {"Content-Type": "application/x-www-form-urlencoded"}
    status = client.post("/mail/incoming", data=raw, headers=headers).status_code
    assert status == 202
    assert kept(door)[0][0] == raw


def test_what_is_not_signed_is_refused_with_a_sentence(door: Flask, client: FlaskClient):
    now = time.time()
    without = dict(signed(MAIL))
    del without["X-Townline-Timestamp"]
    wrong = {
        "Timestamp is missing": without,
        "more than five minutes": signed(MAIL, at=now - 400),
        "five minutes from now": signed(MAIL, at=now + 400),
        "Signature is missing": {"X-Townline-Timestamp": str(int(now))},
        "does not fit": signed(MAIL + b"!"),
        "TOWNLINE_MAIL_HOOK_KEY": signed(MAIL, key="another key, long enough"),
        "HMAC-SHA256": signed(MAIL) | {"X-Townline-Recipient": "other@town.example"},
    }
    for sentence, headers in wrong.items():
        answer = client.post("/mail/incoming", data=MAIL, headers=headers)
        assert answer.status_code == 401, sentence
        assert sentence in answer.text
        assert KEY not in answer.text
    assert not kept(door)


def test_a_recipient_is_one_address_and_a_mail_is_not_empty(client: FlaskClient):
    assert client.post("/mail/incoming", data=MAIL, headers=signed(MAIL, "two words")).status_code == 400
    assert client.post("/mail/incoming", data=b"", headers=signed(b"")).status_code == 400
    assert client.get("/mail/incoming").status_code == 405


def test_a_mail_that_is_too_large_is_refused_with_a_sentence(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inlet.views, "LARGEST", 1024 * 1024)
    large = b"x" * (1024 * 1024 + 1)
    answer = client.post("/mail/incoming", data=large, headers=signed(large))
    assert answer.status_code == 413
    assert "1 MB at most" in answer.text


def test_without_a_key_there_is_no_such_address(bare_app: Flask):
    assert FlaskClient(bare_app).post("/mail/incoming", data=MAIL).status_code == 404
