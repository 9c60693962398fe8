"""What is said of a mail server that is not there: one plain sentence, and the letter waits."""

from __future__ import annotations

import socket

import flask_mail
import pytest
from flask import Flask

from mail.delivery import TryLater
from mail.smtp import SmtpCarrier, SmtpServer


def test_where_nobody_listens_that_is_said_in_words(app: Flask):
    with socket.socket() as taken:  # bound, and nobody listens on it
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        carrier = SmtpCarrier(flask_mail.Mail(app), SmtpServer("127.0.0.1", port, security="none", timeout=5))
        with pytest.raises(TryLater, match=rf"^nobody listens at 127\.0\.0\.1:{port}"), carrier.round():
            pass


def test_a_name_that_nobody_knows_is_said_in_words(app: Flask):
    carrier = SmtpCarrier(flask_mail.Mail(app), SmtpServer("nosuch.invalid", 25, security="none", timeout=5))
    with (
        pytest.raises(TryLater, match=r"^no mail server of the name nosuch\.invalid is known"),
        carrier.round(),
    ):
        pass
