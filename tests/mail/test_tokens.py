"""Does the post leave by access token where the mail server takes no passwords?"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import flask_mail
import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from flask import Flask

from inbox.xoauth import Fresh, NoToken, Token
from mail.delivery import Parcel, PostClosed
from mail.smtp import SmtpCarrier, SmtpServer
from tests.mailserver import Inbox, Server

PARCEL = Parcel("311@x.example", "resident@x.example", b"Subject: one\r\n\r\nHello.\r\n")


class TokenInbox(Inbox):
    """Takes mail from whoever has the token of the day."""

    token = "good"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        said = base64.b64decode(args[1]).decode() if len(args) > 1 else ""
        if said == f"user=311@x.example\x01auth=Bearer {self.token}\x01\x01":
            return AuthResult(success=True, auth_data=b"us")
        assert await server.challenge_auth('{"status":"400"}') == b""
        return AuthResult(success=False, handled=False)


class TokenServer(Server):
    def __init__(self) -> None:
        super().__init__()
        self.handler = self.inbox = TokenInbox()
        self.SMTP_kwargs["auth_require_tls"] = False


@pytest.fixture
def server() -> Iterator[TokenServer]:
    server = TokenServer()
    server.start()
    yield server
    server.stop()


def carrier(app: Flask, port: int, token: Any) -> SmtpCarrier:
    reach = SmtpServer("127.0.0.1", port, security="none", user="311@x.example", token=token, timeout=5)
    return SmtpCarrier(flask_mail.Mail(app), reach)


def test_a_letter_leaves_by_token(app: Flask, server: TokenServer):
    with carrier(app, server.port, Token(lambda: Fresh("good"))).round() as line:
        line.carry(PARCEL)
    assert [mail.recipient for mail in server.inbox.mails] == ["resident@x.example"]


def test_a_token_withdrawn_before_its_time_is_replaced_at_once(app: Flask, server: TokenServer):
    given = iter(["old", "good"])
    with carrier(app, server.port, Token(lambda: Fresh(next(given), 3600))).round() as line:
        line.carry(PARCEL)
    assert server.inbox.mails


def test_a_token_that_opens_nothing_closes_the_post_and_is_not_shown(app: Flask, server: TokenServer, caplog):
    caplog.set_level("DEBUG")
    with (
        pytest.raises(PostClosed, match="refused the login") as closed,
        carrier(app, server.port, Token(lambda: Fresh("s3cret"))).round(),
    ):
        pass
    said = str(closed.value) + caplog.text
    assert "s3cret" not in said
    assert base64.b64encode(b"s3cret").decode()[:6] not in said


def test_without_a_token_the_post_says_why(app: Flask, server: TokenServer):
    def none() -> Fresh:
        raise NoToken("TOWNLINE_MAIL_TOKEN_COMMAND ended with 1")

    with (
        pytest.raises(PostClosed, match=r"no access token for 311@x\.example: TOWNLINE_MAIL_TOKEN_COMMAND"),
        carrier(app, server.port, Token(none)).round(),
    ):
        pass


def test_a_server_without_such_logins_is_told(app: Flask, mailserver: Server):
    with (
        pytest.raises(PostClosed, match="no login by access token"),
        carrier(app, mailserver.port, Token(lambda: Fresh("good"))).round(),
    ):
        pass
