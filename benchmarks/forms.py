"""What does a resident send last? The form's check page, filled in, with a token of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from widgets.tokens import FIELD, Seal

SECRET = "demonstration-" + "b" * 40
SEAL = Seal(SECRET.encode())


def fields(mark: int) -> dict[str, str]:
    """Return a pothole at a place on the map, or every second time a missed pickup at an address."""
    common = {
        "step": "check",
        "description": f"Report {mark}: it is getting worse, and school starts on Monday.",
        "email": f"resident{mark}@example.org",
        FIELD: SEAL.issue("report/", now=datetime.now(UTC)),
    }
    if mark % 2:
        return common | {"service": "missed-pickup", "q-address": "12 Mill Road", "q-kind": "recycling"}
    return common | {
        "service": "pothole",
        "place": "Old Turnpike, by the bend",
        "lat": "43.59597",
        "lon": "-72.33374",
        "q-size": "medium",
        "q-blocked": "no",
    }


def request(mark: int, path: str) -> bytes:
    """Return the whole POST, ready for the wire."""
    body = urlencode(fields(mark)).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept-Language: en\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
