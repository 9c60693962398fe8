"""Who carries the letters? One thread, woken by every commit that left some behind."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from flask import Flask

from casework.delivering import Delivered, deliver_due
from casework.office import the_office
from clock.worker import Worker

log = logging.getLogger("townline.clock")
CLOSED_NAP = 10.0  # seconds: how soon a mail server that was away is asked again
GATHERING = 0.1  # seconds: nobody notices, and a round costs two commits however full it is
LONGEST_NAP = 30.0  # seconds: letters that were postponed or left by a dead process are found by then


class Postman(Worker):
    """Delivers what is due until told to stop; a stop waits for the round in hand."""

    name = "postman"
    patience = 8.0

    def __init__(self, app: Flask) -> None:
        super().__init__(app, app.extensions["townline_bell"])

    def _work(self) -> None:
        while not self._stop.is_set():
            self._bell.clear()
            with self._app.app_context():
                done = one_round(self._app)
            if done.is_closed:
                # Every new request rings, and would find the post closed again.
                self._stop.wait(CLOSED_NAP)
            elif not done.has_more and self._bell.wait(LONGEST_NAP):
                # On a busy day the next letters are already being written: one round for all of them.
                self._stop.wait(GATHERING)


def one_round(app: Flask) -> Delivered:
    """Deliver one batch; whatever goes wrong is logged and tried again later."""
    try:
        return deliver_due(the_office(), app.extensions["townline_carrier"], now=datetime.now(UTC))
    except Exception:
        # The postman must outlive any one letter: what failed keeps its lease and comes back.
        log.exception("a round of letters was broken off")
        return Delivered(is_closed=True)
