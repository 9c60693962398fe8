"""What makes time pass? APScheduler as a ticker of 60 seconds, nothing more.

Which editions are due is decided from rows in the database, never from the firing instant: a
scheduler that fires late, twice or not at all changes nothing about what goes out.
"""

from __future__ import annotations

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from clock.courier import CourierRound
from clock.jobs import tick
from clock.postman import Postman

SECONDS = 60


class Clock:
    """The scheduler, the postman and the courier of one serving process."""

    def __init__(self, app: Flask) -> None:
        self._postman = Postman(app)
        self._courier = CourierRound(app)
        self._scheduler = BackgroundScheduler(timezone="UTC", daemon=True)
        self._scheduler.add_job(
            tick,
            "interval",
            args=[app],
            seconds=SECONDS,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            id="tick",
        )

    def start(self) -> None:
        self._postman.start()
        self._courier.start()
        self._scheduler.start()

    def stop(self) -> None:
        """Let the job and the letter in hand finish, then end."""
        self._scheduler.shutdown(wait=False)
        self._courier.stop()
        self._postman.stop()
