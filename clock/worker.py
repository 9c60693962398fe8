"""How does a thread of the clock begin, sleep and end?"""

from __future__ import annotations

from threading import Event, Thread

from flask import Flask


class Worker:
    """Works until told to stop. ``_work`` is what it does, and looks at ``_stop`` between its steps."""

    name = "worker"
    patience = 4.0
    """Seconds that a stop waits for what is in hand; after that a lease brings it back."""

    def __init__(self, app: Flask, bell: Event | None = None) -> None:
        self._app = app
        self._bell = bell or Event()
        """Rung when there is something to do, so that nobody waits for the end of a nap."""
        self._stop = Event()
        self._thread = Thread(target=self._work, name=self.name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def halt(self) -> None:
        """Ask it to end after what is in hand, without waiting for that."""
        self._stop.set()
        self._bell.set()

    def stop(self) -> None:
        """End after what is in hand, or within the time of ``patience``."""
        self.halt()
        self._thread.join(self.patience)

    def _work(self) -> None:
        raise NotImplementedError
