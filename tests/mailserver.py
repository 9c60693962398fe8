"""What does a mail server do to our letters? A real one in the process, with faults on request.

The recipient's local part chooses the fault: ``refused`` 550, ``later`` 451, ``cut`` accepts the
message and closes before it answers, ``full`` answers 552 to the message.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Received:
    """One accepted mail: its envelope and bytes."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def html(self) -> str:
        body = self.message.get_body(("html",))
        assert body is not None
        return str(body.get_content())


@dataclass
class Inbox:
    """The server's side of the conversation."""

    mails: list[Received] = field(default_factory=list)
    connections: int = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        local = address.partition("@")[0]
        if local.startswith("refused"):
            return "550 5.1.1 no such mailbox"
        if local.startswith("later"):
            return "451 4.7.1 greylisted, come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        recipient = envelope.rcpt_tos[0]
        assert isinstance(envelope.original_content, bytes)
        if recipient.startswith("full"):
            return "552 5.2.2 mailbox full"
        self.mails.append(Received(envelope.mail_from or "", recipient, envelope.original_content))
        if recipient.startswith("cut"):
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 2.0.0 accepted"

    def to(self, address: str) -> list[Received]:
        return [mail for mail in self.mails if mail.recipient == address]


class Server(Controller):
    """A real SMTP server on a free port of this machine."""

    def __init__(self, inbox: Inbox | None = None) -> None:
        self.inbox = inbox or Inbox()
        super().__init__(self.inbox, hostname="127.0.0.1", port=0, ready_timeout=10)

    def _trigger_server(self) -> None:
        # The free port is known only now; the base class knocks at the one it was given.
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        super()._trigger_server()
