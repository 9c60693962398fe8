"""Is one network sending more than people do? Counted here only, in memory, and forgotten by itself.

Flask-Limiter counts, in a moving window, per /24 (IPv4) and /48 (IPv6). Generous, because a whole town
hall or a mobile carrier may share one address. The machine itself is never limited: behind a proxy that
hides the sender everybody would look like it.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Lock
from time import monotonic
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse
from limits.storage import MovingWindowSupport, Storage
from werkzeug.exceptions import TooManyRequests

EXTENSION = "townline_limiter"
CONFIG = "TOWNLINE_LIMITS"
"""Where a test puts limits of its own."""
PROXY = "TOWNLINE_BEHIND_PROXY"
"""Whether what stands in X-Forwarded-For is our proxy's word: the server takes away everybody else's."""
NAMELESS = "nameless"
"""The one network of all for whom the proxy names no address, such as "unknown"."""
MOST_NETWORKS = 10_000
"""Windows that are remembered, about 2 MB; the one that was quiet longest is forgotten first."""
LIMITS: Mapping[str, str] = {
    "steps": "600 per 10 minutes",  # pages of the form
    "sends": "60 per 10 minutes",  # the last of them, and a resident's later words
    "photos": "200 per 10 minutes",  # photos that were taken, or refused for good
    "tries": "2000 per 10 minutes",  # photos on their way up: one that waits comes again by itself
    "places": "600 per 10 minutes",  # searching a place while typing
    "archive": "600 per 10 minutes",  # published reports and their files
    "told": "30 per 10 minutes",  # "call now" and "not the town's" that the council's figures count
    "lookups": "60 per 10 minutes",  # asking for a request by its number: numbers can be guessed
}
"""Everything that one network may do, and how often."""
WAIT = 600
"""Seconds after which a window is empty for certain."""

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@lru_cache(maxsize=1024)
def network(address: str) -> str | None:
    """Return the network of an address, or None for this machine and for what is no address.

    Reads it as proxies write it: with a port, in brackets, an old address dressed as a new one.
    """
    found = _address(address)
    if found is None or found.is_loopback:
        return None
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))


def _address(word: str) -> IPv4Address | IPv6Address | None:
    bare = word.strip(' "')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def sender() -> str | None:
    """Return the network of who sends this."""
    forwarded = request.environ.get("HTTP_X_FORWARDED_FOR") if current_app.config.get(PROXY) else None
    if not forwarded:
        return network(request.remote_addr or "")
    # The last is the one that our own proxy wrote. The server in front of us cuts a port off wherever a
    # colon stands, which makes one network of all old addresses that are dressed as new ones.
    last = forwarded.rpartition(",")[2]
    return network(last) if _address(last) is not None else NAMELESS


def connect(app: Flask) -> None:
    """Give the application its limiter. It writes no header and no cookie, and starts no thread."""
    limiter = Limiter(
        lambda: sender() or "",
        strategy="moving-window",
        storage_uri="networks://",
        headers_enabled=False,
    )
    limiter.init_app(app)
    # Only who asks ``allows`` is counted: nothing is looked up for a picture or a style sheet.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
    app.extensions[EXTENSION] = limiter


def allows(what: str) -> bool:
    """Count one more of ``what`` from the present sender, and return whether it is still all right."""
    name = sender()
    if name is None:
        return True
    limiter: Limiter = current_app.extensions[EXTENSION]
    return limiter.limiter.hit(_most(what), what, name)


def may(what: str) -> bool:
    """Return whether one more of ``what`` from the present sender would be all right; nothing is counted."""
    name = sender()
    if name is None:
        return True
    limiter: Limiter = current_app.extensions[EXTENSION]
    return limiter.limiter.test(_most(what), what, name)


def _most(what: str) -> RateLimitItem:
    return _item(current_app.config.get(CONFIG, {}).get(what, LIMITS[what]))


@lru_cache(maxsize=64)
def _item(most: str) -> RateLimitItem:
    return parse(most)


def guard(app: Flask, blueprint: str, what: str) -> None:
    """Have every page of a blueprint that knows nothing of limits answer 429 as ``limited`` does."""

    def refuse() -> None:
        if not allows(what):
            raise TooManyRequests(retry_after=WAIT)

    app.before_request_funcs.setdefault(blueprint, []).append(refuse)


def limited(what: str) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Have a view answer 429 where a network asks too often."""

    def guard(view: Callable[Given, Answer]) -> Callable[Given, Answer]:
        @wraps(view)
        def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            if not allows(what):
                raise TooManyRequests(retry_after=WAIT)
            return view(*args, **kwargs)

        return guarded

    return guard


class Networks(Storage, MovingWindowSupport):
    """Moments of the last hits of each network, bounded.

    The library's own memory grows with every address that ever asked, and starts a thread to tidy up.
    """

    STORAGE_SCHEME = ["networks"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._hits)

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count one more, if there is room for it in the window of ``expiry`` seconds."""
        now = monotonic()
        with self._lock:
            hits = self._hits.setdefault(key, deque(maxlen=max(limit, 1)))
            self._hits.move_to_end(key)
            while hits and hits[0] <= now - expiry:
                hits.popleft()
            while len(self._hits) > MOST_NETWORKS:
                self._hits.popitem(last=False)
            if len(hits) + amount > limit:
                return False
            hits.extend([now] * amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the window began and how many there are in it."""
        now = monotonic()
        with self._lock:
            hits = [moment for moment in self._hits.get(key, ()) if moment > now - expiry]
        return (hits[0] if hits else now), len(hits)

    # -- what the library asks of every storage; a moving window needs none of it --

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        raise NotImplementedError("only moving windows are counted here")

    def get(self, key: str) -> int:
        return len(self._hits.get(key, ()))

    def get_expiry(self, key: str) -> float:
        return monotonic()

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        with self._lock:
            count = len(self._hits)
            self._hits.clear()
            return count

    def clear(self, key: str) -> None:
        with self._lock:
            self._hits.pop(key, None)
