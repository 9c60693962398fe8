"""What does a stranger's page say, without its bytes ever being read in this process?

One call starts one child with limits, ``python -m websites.child``: fetching and parsing happen there,
and what comes back are facts. A page that drips, bombs or breaks the parser ends the child alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websites.addresses import NotAsked
from websites.fetching import ALTOGETHER, NotFetched, taken
from websites.reading import Seen, unpacked

ROOM = Path(__file__).resolve().parent.parent
GRACE = 5.0
"""Seconds for the child to start, to parse and to end by itself."""


@dataclass(frozen=True)
class Looked:
    """A page that was fetched: where it was found in the end, what its headers say, what stands there."""

    url: str
    origin: str
    headers: dict[str, tuple[str, ...]]
    redirects: tuple[str, ...]
    seen: Seen


def look(
    url: str,
    ours: str,
    *,
    allow_loopback: bool = False,
    own: tuple[str, ...] = (),
    seconds: float = ALTOGETHER,
) -> Looked:
    """Fetch the page at ``url`` and return what of the origin ``ours`` stands on it.

    Raises ``NotAsked`` (an address that is not asked) or ``NotFetched`` (there is no page).
    """
    wanted = taken(url, allow_loopback, own)
    job = {"url": url, "ours": ours, "allow_loopback": allow_loopback, "own": own, "seconds": seconds}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "websites.child"],
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=seconds + GRACE,
            cwd=ROOM,
            # Nothing of the town's settings or secrets, and no proxy, is in its environment.
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise NotFetched("too-slow", wanted.host) from late
    try:
        return _understood(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError) as broken:
        # Killed by its limits, or by a page that breaks the parser.
        raise NotFetched("unreadable", wanted.host, str(done.returncode)) from broken


def _environment() -> dict[str, str]:
    kept = ("PATH", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LANG": "C.UTF-8"}


def _understood(answer: dict[str, Any]) -> Looked:
    if "not_asked" in answer:
        raise NotAsked(*map(str, answer["not_asked"]))
    if "not_fetched" in answer:
        raise NotFetched(*map(str, answer["not_fetched"]))
    return Looked(
        url=str(answer["url"]),
        origin=str(answer["origin"]),
        headers={str(name): tuple(map(str, lines)) for name, lines in answer["headers"].items()},
        redirects=tuple(map(str, answer["redirects"])),
        seen=unpacked(answer["seen"]),
    )
