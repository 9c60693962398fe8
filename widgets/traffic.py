"""What was sent lately, from how many networks? In memory only: no address is ever written down.

Bounded, and forgotten by a restart: what it knows only ever makes a doubt heavier, so that an empty memory
wrongs nobody.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from flask import current_app

from casework.office import Office
from storage import lately

A_DAY = timedelta(days=1).total_seconds()
WINDOW = timedelta(minutes=10).total_seconds()
MOST_NETWORKS = 10_000
MOST_TEXTS = 10_000
MOST_TELLINGS = 10_000
MOST_SENDS = 64
"""So many of one network are remembered, and so many networks of one text: more change nothing."""
FRESH = 5.0
"""Seconds for which the day's count is believed, with what came in here since; then others' are read too."""


@dataclass
class Traffic:
    """What one process has taken in. Moments are seconds since 1970."""

    _sends: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _texts: OrderedDict[str, OrderedDict[str, float]] = field(default_factory=OrderedDict)
    _told: OrderedDict[tuple[str, str], float] = field(default_factory=OrderedDict)
    _today: tuple[datetime, float, int] | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def from_network(self, network: str | None, *, now: float) -> int:
        """Return how many requests came from there within ten minutes; 0 for this machine."""
        with self._lock:
            return sum(moment > now - WINDOW for moment in self._sends.get(network or "", ()))

    def same_text(self, mark: str, network: str | None, *, now: float) -> int:
        """Return from how many other networks a text came within a day."""
        with self._lock:
            others = self._texts.get(mark, OrderedDict[str, float]())
            return sum(moment > now - A_DAY for other, moment in others.items() if other != network)

    def taken_in(self, network: str | None, mark: str, *, now: float) -> None:
        """Remember one request."""
        with self._lock:
            if self._today is not None:
                midnight, read_at, count = self._today
                self._today = (midnight, read_at, count + 1)
            if network is None:
                return
            self._sends.setdefault(network, deque(maxlen=MOST_SENDS)).append(now)
            self._sends.move_to_end(network)
            if mark:
                networks = self._texts.setdefault(mark, OrderedDict())
                networks[network] = now
                networks.move_to_end(network)
                self._texts.move_to_end(mark)
                _bound(networks, MOST_SENDS)
            _bound(self._sends, MOST_NETWORKS)
            _bound(self._texts, MOST_TEXTS)

    def tells(self, whose: str, told: str, *, now: float) -> bool:
        """Return whether ``whose`` hears this for the first time, and remember it.

        A form hears a thing once; a network, whose forms have no token yet, once within ten minutes.
        """
        with self._lock:
            before = self._told.get((whose, told))
            if before is not None and (whose.startswith("form ") or before > now - WINDOW):
                return False
            self._told[whose, told] = now
            self._told.move_to_end((whose, told))
            while len(self._told) > MOST_TELLINGS:
                self._told.popitem(last=False)
            return True

    def today(self, office: Office, *, now: datetime) -> int:
        """Return how many requests this day, in town time, has brought through the form."""
        midnight = now.astimezone(office.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        seen = self._today
        if seen is None or seen[0] != midnight or not 0 <= now.timestamp() - seen[1] < FRESH:
            seen = self._today = (midnight, now.timestamp(), lately.count_since(midnight))
        return seen[2]


def _bound(
    kept: OrderedDict[str, deque[float]]
    | OrderedDict[str, OrderedDict[str, float]]
    | OrderedDict[str, float],
    most: int,
) -> None:
    while len(kept) > most:
        kept.popitem(last=False)


def traffic() -> Traffic:
    """Return what this application has taken in."""
    found: Traffic = current_app.extensions.setdefault("townline_traffic", Traffic())
    return found
