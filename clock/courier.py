"""Who carries reports into agencies' own systems? One thread of its own, so that nobody waits for them.

A system that hangs holds up this thread for half a minute, and neither letters nor the minute's jobs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from casework.handing import hand_over_due
from casework.inquiring import ask_due
from casework.office import Office, the_office
from clock.worker import Worker
from open311.outcome import Door

log = logging.getLogger("townline.clock")
NAP = 30.0  # seconds: what was postponed, left by a dead process or is to be asked for is found by then


class CourierRound(Worker):
    """Carries and asks until told to stop; a stop does not wait for a system that hangs."""

    name = "courier"
    patience = 1.0

    def __init__(self, app: Flask) -> None:
        super().__init__(app, app.extensions["townline_courier_bell"])

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
