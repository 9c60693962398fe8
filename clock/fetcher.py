"""Who brings the mail in? One thread at the town's mailbox, where one is read.

Looking for new mail every two minutes is the truth; what the server says in between only ends the
waiting early. Whatever goes wrong there is told in one sentence, on ``/healthz`` and by ``mail status``,
and tried again with growing patience.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from flask import Flask

from casework.office import the_office
from casework.reading_mailbox import Vain, look, read_some, trouble
from clock.worker import Worker
from inbox.imap import ImapServer, Mailbox, MailboxTrouble, open_mailbox

log = logging.getLogger("townline.clock")
LOOK_AGAIN = 120.0  # seconds
PAUSES = (5.0, 15.0, 60.0, 120.0)  # seconds after the first, second ... failure in a row


class Fetcher(Worker):
    """Reads one mailbox until told to stop; what a stop leaves is fetched again."""

    name = "fetcher"

    def __init__(self, app: Flask, server: ImapServer) -> None:
        super().__init__(app)
        self._server = server
        self._vain = Vain()
        self._failures = 0

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                with open_mailbox(self._server) as box:
                    while not self._stop.is_set():
                        self._read(box)
                        self._failures = 0
                        box.wait(LOOK_AGAIN, self._stop.is_set)
            except MailboxTrouble as why:
                self._tell(str(why))
            except Exception:
                # The thread must outlive any one mail, and a database that is away.
                log.exception("reading the mailbox was broken off")
                self._tell("reading it was broken off by a mistake of ours; the log says more")
            else:
                continue
            self._stop.wait(PAUSES[min(self._failures, len(PAUSES)) - 1])

    def _read(self, box: Mailbox) -> None:
        with self._app.app_context():
            office = the_office()
            looked = look(box, now=datetime.now(UTC))
            while read_some(office, box, looked, self._vain, now=datetime.now(UTC)):
                if self._stop.is_set():
                    return
            if looked.stored:
                mails = "mail" if looked.stored == 1 else "mails"
                log.info("%d %s came in from %s", looked.stored, mails, box.name)

    def _tell(self, why: str) -> None:
        self._failures += 1
        log.warning("%s: %s", self._server.name, why)
        with self._app.app_context():
            try:
                trouble(self._server.name, why)
            except Exception:
                log.exception("what is wrong with the mailbox could not be kept")
