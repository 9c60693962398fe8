"""What does a mail server do that greylists and cuts connections? Each fault once, chosen by the recipient.

The local part chooses: ``grey`` is told "later" at first, ``cut`` is accepted and the
connection closed before the answer, ``lost`` is not accepted and the connection closed all the same;
each of them once, then as anybody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.mailserver import Inbox


@dataclass
class Fickle(Inbox):
    """The server's side of the conversation."""

    met: Counter[str] = field(default_factory=Counter)
    """How often each address has met with its fault."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if address.startswith("grey") and self._is_first(address):
            return "451 4.7.1 greylisted, come again"
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        assert server.transport is not None
        if address.startswith("lost") and self._is_first(address):
            server.transport.abort()  # type: ignore[attr-defined]
            return "451 4.3.0 nobody hears this"
        envelope.rcpt_tos[0] = f"to-{address}"  # its parent class knows faults of its own
        answer = await super().handle_DATA(server, session, envelope)
        if address.startswith("cut") and self._is_first(address):
            server.transport.abort()  # type: ignore[attr-defined]
        return answer

    def _is_first(self, address: str) -> bool:
        self.met[address] += 1
        return self.met[address] == 1
