"""What does an ordinary report look like? Builders with sensible defaults."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from casework.office import Office
from casework.opening import Receipt, Submission, open_request
from settings import ROOT
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


def demo_rules(*languages: str) -> str:
    """Return the demonstration's rules for a town of these languages that says its own words in one only."""
    rules = (ROOT / "rules.yaml").read_text(encoding="utf-8")
    known = "languages: [en, es, fr]"
    assert known in rules
    rules = rules.replace(known, f"languages: [{', '.join(languages)}]")
    return re.sub(r"^texts: .*\n", "", rules, flags=re.MULTILINE)


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
