"""Who carries the letters? One thread, woken by every commit that left some behind."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from threading import Event, Thread

from flask import Flask

from casework.delivering import Delivered, deliver_due
from casework.office import the_office

log = logging.getLogger("townline.clock")
CLOSED_NAP = 10.0  # seconds: how soon a mail server that was away is asked again
GATHERING = 0.1  # seconds: nobody notices, and a round costs two commits however full it is
LONGEST_NAP = 30.0  # seconds: letters that were postponed or left by a dead process are found by then


class Postman:
    """Delivers what is due until told to stop; a stop waits for the round in hand."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._bell: Event = app.extensions["townline_bell"]
        self._stop = Event()
        self._thread = Thread(target=self._work, name="postman", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience: float = 8.0) -> None:
        """Finish the round in hand and end, within ``patience`` seconds."""
        self._stop.set()
        self._bell.set()
        self._thread.join(patience)

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
