"""Is one network sending more than people do?

Counted in this process only, per /24 (IPv4) and /48 (IPv6), in a sliding window. Generous, because a
whole town hall or a mobile carrier may share one address. The machine itself is never limited: behind
a proxy that hides the sender everybody would look like it.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address, ip_network
from threading import Lock

MOST_NETWORKS = 10_000


def network(address: str) -> str | None:
    """Return the network of an address, or None for this machine and for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    if found.is_loopback:
        return None
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))


@dataclass
class Limit:
    """At most ``most`` per ``span`` from one network."""

    most: int
    span: timedelta
    _seen: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def allows(self, address: str, *, now: float) -> bool:
        """Count one more from ``address`` at ``now`` (seconds), and return whether it is still all right."""
        name = network(address)
        if name is None:
            return True
        with self._lock:
            times = self._seen.setdefault(name, deque(maxlen=self.most + 1))
            self._seen.move_to_end(name)
            while times and times[0] <= now - self.span.total_seconds():
                times.popleft()
            times.append(now)
            while len(self._seen) > MOST_NETWORKS:
                self._seen.popitem(last=False)
            return len(times) <= self.most


@dataclass(frozen=True)
class Limits:
    """The limits of one application. Steps are pages of the form; sends are the last of them."""

    steps: Limit = field(default_factory=lambda: Limit(600, timedelta(minutes=10)))
    sends: Limit = field(default_factory=lambda: Limit(60, timedelta(minutes=10)))
