"""Which requests do the measurements of mail start from? Ordinary ones, opened by the verb that opens all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from casework.office import Office
from casework.opening import Submission, open_request

ORDINARY = Submission(
    nonce="",
    service="pothole",
    description="A deep hole by the bend, cars swerve around it.",
    answers={"size": "medium", "blocked": "no"},
    place="Old Turnpike, by the bend",
    at=(43.59597, -72.33374),
    road=None,
    photos=(),
    name="",
    email="",
    phone="",
    may_share=False,
    language="en",
    channel="widget",
    widget=None,
    source_page="",
)


def open_requests(office: Office, count: int) -> list[tuple[str, str]]:
    """Open so many; return the number and the resident's address of each."""
    opened = []
    for mark in range(count):
        email = f"resident{mark}@example.org"
        submission = replace(ORDINARY, nonce=f"bench-{mark}", email=email)
        opened.append((open_request(office, submission, now=datetime.now(UTC)).number, email))
    return opened
