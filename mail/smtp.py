"""How does a letter leave by SMTP? Flask-Mail as the carrier of finished bytes.

Flask-Mail 0.10 by itself drops a refused recipient silently, sends twice when the server answers
250 and closes, has no timeout and accepts any certificate on STARTTLS. So we lend it finished bytes
for one recipient, give its connection a timeout and a verifying TLS context, do not let ``quit()``
spoil a delivered letter, and turn a non-empty refusal into an error.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import flask_mail

from mail.delivery import Parcel, PostClosed, Refused, TryLater, Uncertain

Security = Literal["none", "starttls", "tls"]


class Token(Protocol):
    """What opens a server that takes no passwords (XOAUTH2)."""

    def sasl(self, user: str) -> str:
        """Return what logs ``user`` in; raises an error whose words tell why there is nothing."""

    def forget(self) -> None:
        """Get another one next time."""


@dataclass(frozen=True)
class SmtpServer:
    """Where and how to hand letters over."""

    host: str
    port: int
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    token: Token | None = field(default=None, repr=False)
    """Logs in where there is a user and no password."""
    timeout: float = 30.0
    """Seconds for connecting and for each answer."""
    authorities: str | None = None
    """A file of certificates to trust instead of the system's."""


class _FinishedMessage(flask_mail.Message):
    """A message whose bytes were made, and promised, long before."""

    def __init__(self, parcel: Parcel) -> None:
        super().__init__(recipients=[parcel.recipient], sender=parcel.sender)
        self._raw = parcel.raw

    def as_bytes(self) -> bytes:
        return self._raw


class _Begun:
    """Remembers whether the text of a letter was begun: before that, a cut is no reason for doubt."""

    is_begun = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.is_begun = True
        answer: tuple[int, bytes] = super().data(msg)  # type: ignore[misc]
        return answer


class _Smtp(_Begun, smtplib.SMTP):
    pass


class _SmtpTls(_Begun, smtplib.SMTP_SSL):
    pass


class _Connection(flask_mail.Connection):
    """Flask-Mail's connection with a timeout and verified TLS."""

    def __init__(self, mail: Any, server: SmtpServer) -> None:
        super().__init__(mail)
        self._server = server

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        server = self._server
        host: _Smtp | _SmtpTls
        if server.security == "tls":
            host = _SmtpTls(server.host, server.port, timeout=server.timeout, context=self._trust())
        else:
            host = _Smtp(server.host, server.port, timeout=server.timeout)
        try:
            if server.security == "starttls":
                host.starttls(context=self._trust())
            if server.user and server.password:
                host.login(server.user, server.password)
            elif server.user and server.token:
                _log_in(host, server.user, server.token)
        except BaseException:
            host.close()  # nobody else will ever hold it
            raise
        return host

    def _trust(self) -> ssl.SSLContext:
        # Reading all the system's authorities takes 15 ms; a server on this machine needs none of them.
        return ssl.create_default_context(cafile=self._server.authorities)

    def __exit__(self, *_: object) -> None:
        if self.host is not None:
            # The letters are delivered or not by now; a rude goodbye changes neither.
            with suppress(smtplib.SMTPException, OSError):
                self.host.quit()


def _log_in(host: smtplib.SMTP, user: str, token: Token) -> None:
    host.ehlo_or_helo_if_needed()
    if "XOAUTH2" not in host.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError("it offers no login by access token (XOAUTH2)")
    try:
        host.auth("XOAUTH2", _answers(_sasl(user, token)))
    except smtplib.SMTPAuthenticationError:
        token.forget()  # it may have been withdrawn before its time
        host.auth("XOAUTH2", _answers(_sasl(user, token)))


def _sasl(user: str, token: Token) -> str:
    try:
        return token.sasl(user)
    except Exception as why:  # of whatever kind: its words are made for the person who reads them
        raise PostClosed(f"no access token for {user}: {why}") from why


def _answers(sasl: str) -> Any:
    def answer(challenge: bytes | None = None) -> str:
        # A refusal comes as a challenge with the reason, to be answered with nothing.
        return sasl if challenge is None else ""

    return answer


class SmtpCarrier:
    """Carries letters to one server; needs an application context, as Flask-Mail does."""

    def __init__(self, mail: flask_mail.Mail, server: SmtpServer) -> None:
        self._mail = mail
        self._server = server

    @contextmanager
    def round(self) -> Iterator[_SmtpRound]:
        connection = _Connection(self._mail, self._server)
        where = f"{self._server.host}:{self._server.port}"
        try:
            connection.__enter__()
        except smtplib.SMTPAuthenticationError as refused:
            raise PostClosed(f"the mail server {where} refused the login ({refused.smtp_code})") from refused
        except smtplib.SMTPResponseException as refused:
            kind = PostClosed if refused.smtp_code >= 500 else TryLater
            raise kind(f"the mail server {where} turned us away ({refused.smtp_code})") from refused
        except ssl.SSLError as refused:
            raise PostClosed(
                f"the mail server {where} could not prove who it is: {refused.reason}"
            ) from refused
        except smtplib.SMTPNotSupportedError as refused:
            raise PostClosed(f"the mail server {where} cannot do what is set: {refused}") from refused
        except ConnectionRefusedError as refused:
            raise TryLater(f"nobody listens at {where}, where the mail server should be") from refused
        except socket.gaierror as refused:
            raise TryLater(f"no mail server of the name {self._server.host} is known") from refused
        except (OSError, smtplib.SMTPException) as refused:
            raise TryLater(f"the mail server {where} cannot be reached: {refused}") from refused
        try:
            yield _SmtpRound(connection)
        finally:
            connection.__exit__()


class _SmtpRound:
    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def carry(self, parcel: Parcel) -> None:
        host = self._connection.host
        assert isinstance(host, _Smtp | _SmtpTls)
        host.is_begun = False
        try:
            self._connection.send(_FinishedMessage(parcel))
        except smtplib.SMTPRecipientsRefused as refused:
            code, answer = next(iter(refused.recipients.values()))
            kind = Refused if code >= 500 else TryLater
            raise kind(f"the mail server answered {code}: {_words(answer)}") from refused
        except smtplib.SMTPSenderRefused as refused:
            kind_of = PostClosed if refused.smtp_code >= 500 else TryLater
            raise kind_of(f"the mail server refused our own address ({refused.smtp_code})") from refused
        except smtplib.SMTPDataError as refused:
            kind = Refused if refused.smtp_code >= 500 else TryLater
            raise kind(
                f"the mail server answered {refused.smtp_code}: {_words(refused.smtp_error)}"
            ) from refused
        except (OSError, smtplib.SMTPException) as refused:
            if not host.is_begun:
                # Also every letter behind an answer of 421, which ends the whole connection.
                raise TryLater(
                    f"the mail server closed the connection before the letter: {refused}"
                ) from refused
            # smtplib does not say whether the cut came before or after the final dot; assume the
            # worse, which is sending the same bytes again and letting the receiver remove the double.
            raise Uncertain(
                f"the connection was cut while the letter was handed over: {refused}"
            ) from refused


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:300]
