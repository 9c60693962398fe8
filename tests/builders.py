"""What does an ordinary report look like? Builders with sensible defaults."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from casework.office import Office
from casework.opening import Receipt, Submission, open_request
from storage import lookups
from storage.lookups import Case

_marks = count(1)

ORDINARY = Submission(
    nonce="",
    service="missed-pickup",
    description="Our recycling was left standing.",
    answers={},
    place="",
    at=None,
    road=None,
    photos=(),
    name="A Resident",
    email="resident@example.org",
    phone="",
    may_share=False,
    language="en",
    channel="widget",
    widget=None,
    source_page="https://www.alderfalls.example/trash",
)


def submission(**changes: Any) -> Submission:
    """Return an ordinary report that needs no place, with a nonce of its own."""
    return replace(ORDINARY, **{"nonce": f"nonce-{next(_marks)}", **changes})


def opened(
    office: Office, now: datetime, *, held_for: tuple[str, ...] = (), **changes: Any
) -> tuple[Receipt, Case]:
    """Open an ordinary request and return its receipt and what was written down."""
    receipt = open_request(office, submission(**changes), now=now, held_for=held_for)
    case = lookups.case_by_number(receipt.number)
    assert case is not None
    return receipt, case
