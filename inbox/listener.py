"""How does the town's own mail server hand a mail straight to us? SMTP or LMTP on one port.

Only addresses of ours are taken at RCPT; 250 is said after the commit and not before; what could not
be stored is answered with 451, so that the mail server keeps it and comes again.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

log = logging.getLogger("townline.listener")
LARGEST = 50 * 1024 * 1024  # bytes of one mail
LONGEST_LINE = (
    4 * 1024 * 1024
)  # bytes: longer ones than the standard's 998 do arrive, and are no reason to lose a mail
MOST_RECIPIENTS = 50
PATIENCE = 300  # seconds without a word
READY = 10.0  # seconds
ASKED_AGAIN = "451 4.3.0 We could not keep your mail just now; please come again"


@dataclass(frozen=True)
class Doors:
    """What the listener asks of the town; both are called in threads of their own."""

    is_ours: Callable[[str], bool]
    """Whether mail to this address is for the town; may raise, and then the sender comes again."""
    store: Callable[[bytes, str], None]
    """Keep one raw mail for one envelope recipient; returns after the commit, or raises."""


class _Handler:
    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients at once"
        try:
            is_ours = await asyncio.to_thread(self._doors.is_ours, address)
        except Exception:
            log.exception("whether an address is ours could not be told")
            return "451 4.3.0 We cannot tell just now; please come again"
        if not is_ours:
            return "550 5.1.1 There is no such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        assert isinstance(server, _Session)
        answers = [await self._kept(raw, address) for address in envelope.rcpt_tos]
        if server.is_lmtp:
            return "\r\n".join(answers)  # one for each recipient
        # By SMTP there is one answer for all: doubles of those that were kept are known when it comes again.
        return next((answer for answer in answers if answer[0] != "2"), answers[0])

    async def _kept(self, raw: bytes, address: str) -> str:
        try:
            await asyncio.to_thread(self._doors.store, raw, address)
        except Exception:
            log.exception("a mail could not be kept, its server was asked to come again")
            return ASKED_AGAIN
        return "250 2.0.0 Kept"


class _Session(SMTP):
    """One conversation, in SMTP or, begun with LHLO, in LMTP."""

    line_length_limit = LONGEST_LINE
    is_lmtp = False

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, arg: str) -> None:
        self.is_lmtp = True
        await self.smtp_EHLO(arg)


class Listener(Controller):
    """Takes mail at ``host:port`` in a thread of its own; port 0 chooses a free one (``self.port`` tells)."""

    def __init__(self, doors: Doors, *, host: str, port: int) -> None:
        super().__init__(_Handler(doors), hostname=host, port=port, ready_timeout=READY)

    def factory(self) -> _Session:
        return _Session(
            self.handler,
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            timeout=PATIENCE,
            hostname="townline",
            ident="Townline",
            loop=self.loop,
        )

    def start(self) -> None:
        """Begin; raises ``OSError`` at once where the port is taken."""
        try:
            # The base class would wait out its patience before it told.
            socket.create_server((self.hostname, self.port), family=_family(self.hostname)).close()
        except OSError:
            self.loop.close()
            raise
        super().start()

    def _trigger_server(self) -> None:
        # A free port is known only now; the base class knocks at the one it was given.
        assert self.server is not None
        sockets: Any = self.server.sockets  # type: ignore[attr-defined]
        self.port = sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
