"""What can go wrong between the town and its mail server? A gateway before Postfix that has every fault once.

The recipient's local part chooses: ``grey`` is told "later", ``cut`` is handed on and the connection cut
before the answer, ``silent`` is never answered. Each address meets with its fault once; whatever else
Postfix says is what the town hears.
"""

from __future__ import annotations

import asyncio
import smtplib
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.mailserver import Inbox, Received

SILENCE = 30.0  # seconds: far longer than the town is set to wait


@dataclass
class Gateway(Inbox):
    """The server's side; ``mails`` are those that Postfix took."""

    postfix: int = 0
    met: set[str] = field(default_factory=set)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if self._is_struck(address, "grey"):
            return "451 4.7.1 greylisted, come again"
        if self._is_struck(address, "silent"):
            await asyncio.sleep(SILENCE)
        answer = await asyncio.to_thread(self._asked, envelope.mail_from or "", address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        raw = envelope.original_content
        assert isinstance(raw, bytes)
        await asyncio.to_thread(self._handed_on, envelope.mail_from or "", address, raw)
        self.mails.append(Received(envelope.mail_from or "", address, raw))
        if self._is_struck(address, "cut"):
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 2.0.0 accepted"

    def _is_struck(self, address: str, fault: str) -> bool:
        if not address.startswith(fault) or address in self.met:
            return False
        self.met.add(address)
        return True

    def _asked(self, sender: str, address: str) -> str:
        with smtplib.SMTP("127.0.0.1", self.postfix, timeout=10) as postfix:
            postfix.ehlo()
            postfix.mail(sender)
            code, words = postfix.rcpt(address)
        return f"{code} {words.decode()}"

    def _handed_on(self, sender: str, address: str, raw: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.postfix, timeout=10) as postfix:
            postfix.sendmail(sender, [address], raw)
