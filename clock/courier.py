"""Who carries reports into agencies' own systems? One thread of its own, so that nobody waits for them.

A system that hangs holds up this thread for half a minute, and neither letters nor the minute's jobs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

from flask import Flask

from casework.handing import hand_over_due
from casework.inquiring import ask_due
from casework.office import Office, the_office
from open311.outcome import Door

log = logging.getLogger("townline.clock")
NAP = 30.0  # seconds: what was postponed, left by a dead process or is to be asked for is found by then


class CourierRound:
    """Carries and asks until told to stop; a stop does not wait for a system that hangs."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._bell: Event = app.extensions["townline_courier_bell"]
        self._stop = Event()
        self._thread = Thread(target=self._work, name="courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience: float = 1.0) -> None:
        """End after the report in hand, or within ``patience`` seconds: its lease brings it back."""
        self._stop.set()
        self._bell.set()
        self._thread.join(patience)

    def _work(self) -> None:
        while not self._stop.is_set():
            self._bell.clear()
            # Reports first: somebody waits for them. Asking is in no hurry.
            if not (one_step(self._app, hand_over_due) or one_step(self._app, ask_due)):
                self._bell.wait(NAP)


def one_step(app: Flask, step: Callable[..., bool]) -> bool:
    """Take one step; whatever goes wrong is logged and tried again after a nap."""
    with app.app_context():
        try:
            office: Office = the_office()
            door: Door = app.extensions["townline_courier"]
            return step(office, door, now=datetime.now(UTC))
        except Exception:
            # The thread must outlive any one report: what failed keeps its lease and comes back.
            log.exception("%s was broken off", step.__name__)
            return False
