"""What runs in the child that looks at a page? Fetching and parsing, under limits of time and memory.

Standard input: one JSON object {url, ours, allow_loopback, own, seconds}. Standard output: the facts, or
{not_asked: [because, host]} or {not_fetched: [because, host, detail]}.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from websites.addresses import NotAsked
from websites.fetching import NotFetched, fetch
from websites.reading import packed, seen

MEMORY = 512 * 1024 * 1024
"""Address space in bytes; a page of 2 MB takes about 60 MB."""


def _set_limits(seconds: float) -> None:
    import resource

    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 2, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limits between pieces do not see a header that comes letter by letter; the clock does.
    signal.signal(signal.SIGALRM, _too_slow)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _too_slow(_number: int, _frame: object) -> None:
    raise NotFetched("too-slow")


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """Return the facts about one page, or why there are none."""
    try:
        page = fetch(
            job["url"],
            allow_loopback=bool(job["allow_loopback"]),
            own=tuple(map(str, job["own"])),
            seconds=float(job["seconds"]),
        )
    except NotAsked as refused:
        return {"not_asked": [refused.because, refused.host]}
    except NotFetched as failed:
        return {"not_fetched": [failed.because, failed.host, failed.detail]}
    return {
        "url": page.url,
        "origin": page.origin,
        "headers": page.headers,
        "redirects": page.redirects,
        "seen": packed(seen(page.html, page.url, job["ours"])),
    }


def main() -> int:
    job = json.load(sys.stdin)
    if sys.platform != "win32":
        _set_limits(float(job["seconds"]))
    said = answer(job)
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, 0)
    sys.stdout.write(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
