"""Who has the mails read that were stored, whoever brought them? One thread, woken by every new one."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import UTC, datetime

from flask import Flask

from casework.arriving import work_off
from casework.office import the_office
from clock.worker import Worker

log = logging.getLogger("townline.clock")
LONGEST_NAP = 5.0  # seconds: mails that a command stored from another process are found by then
BROKEN_NAP = 10.0  # seconds: what could not be worked off at all is tried again


class Sorter(Worker):
    """Works off mails that were stored, until told to stop; a stop waits for the mail in hand."""

    name = "sorter"

    def __init__(self, app: Flask) -> None:
        super().__init__(app, app.extensions["townline_arrivals_bell"])

    def _work(self) -> None:
        while not self._stop.is_set():
            self._bell.clear()
            if self._is_more():
                continue
            self._bell.wait(LONGEST_NAP)

    def _is_more(self) -> bool:
        with self._app.app_context():
            try:
                done = work_off(the_office(), now=datetime.now(UTC))
            except Exception:
                # The thread must outlive any one mail: what failed keeps its lease and comes back.
                log.exception("working off the mails was broken off")
                self._stop.wait(BROKEN_NAP)
                return True
        return any(count for state, count in asdict(done).items() if state != "left")
