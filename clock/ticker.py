"""What makes time pass? APScheduler as a ticker of 60 seconds, nothing more.

Which editions are due is decided from rows in the database, never from the firing instant: a
scheduler that fires late, twice or not at all changes nothing about what goes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from clock.courier import CourierRound
from clock.jobs import tick
from clock.postman import Postman
from clock.sorter import Sorter

if TYPE_CHECKING:
    from clock.fetcher import Fetcher
    from inbox.imap import ImapServer
    from inbox.listener import Listener

SECONDS = 60


class Clock:
    """The scheduler and everybody who carries or fetches mail and reports, for one serving process."""

    def __init__(self, app: Flask) -> None:
        self._postman = Postman(app)
        self._courier = CourierRound(app)
        self._sorter = Sorter(app)
        mailbox: ImapServer | None = app.extensions["townline_mailbox"]
        self._fetcher = _fetcher(app, mailbox) if mailbox else None
        door: tuple[str, int] | None = app.extensions["townline_door"]
        self._listener = _listener(app, *door) if door else None
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
        """Begin; raises ``OSError`` where the listener cannot listen, before anything else has begun."""
        if self._listener:
            self._listener.start()
        self._postman.start()
        self._courier.start()
        self._sorter.start()
        if self._fetcher:
            self._fetcher.start()
        self._scheduler.start()

    def stop(self) -> None:
        """Let the job, the letter and the mail in hand finish, then end."""
        self._scheduler.shutdown(wait=False)
        if self._listener:
            self._listener.stop()
        workers = [*([self._fetcher] if self._fetcher else []), self._courier, self._sorter, self._postman]
        # All are asked before any is waited for, or their patience would add up beyond the ten seconds
        # that a stop may take.
        for worker in workers:
            worker.halt()
        for worker in workers:
            worker.stop()


# Imported where they are set up alone: the libraries behind them take memory that no other town needs.


def _fetcher(app: Flask, mailbox: ImapServer) -> Fetcher:
    from clock.fetcher import Fetcher

    return Fetcher(app, mailbox)


def _listener(app: Flask, host: str, port: int) -> Listener:
    from clock.doorway import listener

    return listener(app, host=host, port=port)
