"""Do two instances that mail each other, or one that mails itself, ever talk without end?"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from casework.office import Office, the_office
from settings import ROOT, Settings
from storage import incoming
from storage.database import db, reading
from storage.tables import OutgoingLetter, ServiceRequest
from tests.builders import opened
from tests.casework.letterbox import arrive, reading_mail
from tests.conftest import SECRET

OTHER = "town@elsewhere.example"
SIGNS = re.compile(rb"^(?:Auto-Submitted|X-Auto-Response-Suppress|X-Loop|List-[A-Za-z-]+):[^\n]*\n", re.M)
"""What tells a machine; a bad gateway may lose all of it."""


@pytest.fixture
def other(tmp_path: Path, empty_database: Path) -> Iterator[Flask]:
    """A second town with a database of its own."""
    data = tmp_path / "other"
    data.mkdir()
    shutil.copy(empty_database, data / "townline.sqlite3")
    app = create_app(Settings(data=data, rules=ROOT / "rules.yaml", secret=SECRET + "other", demo=True))
    yield app
    with app.app_context():
        db.engine.dispose()


def _letters(address: str, seen: set[int]) -> list[tuple[int, bytes, datetime]]:
    """Return the letters to an address that were not carried yet, of every request."""
    with reading() as session:
        rows = session.scalars(select(OutgoingLetter).where(OutgoingLetter.recipient == address)).all()
        fresh = [(row.id, row.next_at) for row in rows if row.id not in seen]
    return [(one, incoming.letter_bytes(one), at) for one, at in fresh]


def _carry(sent: list[tuple[int, bytes, datetime]], seen: set[int], now: datetime, bare: bool) -> list[bytes]:
    due = [(one, raw) for one, raw, at in sent if at <= now]
    seen.update(one for one, _raw in due)
    return [SIGNS.sub(b"", raw) if bare else raw for _one, raw in due]


def _requests() -> list[tuple[str, int]]:
    with reading() as session:
        return [(row.status, row.reopened) for row in session.scalars(select(ServiceRequest))]


@pytest.mark.parametrize("bare", [False, True], ids=["as they are", "without any sign of a machine"])
def test_two_towns_that_mail_each_other_soon_fall_silent(
    office: Office, other: Flask, now: datetime, bare: bool
):
    ours = reading_mail(office)
    _receipt, case = opened(ours, now, email=OTHER)
    here: set[int] = set()
    there: set[int] = set()
    for minute in range(0, 120, 4):
        at = now + timedelta(minutes=minute)
        to_them = _carry(_letters(OTHER, here), here, at, bare)
        with other.app_context():
            theirs = reading_mail(the_office(), sender=OTHER, intake_address=OTHER)
            for raw in to_them:
                arrive(theirs, raw, at, to=OTHER)
            to_us = _carry(_letters(ours.sender, there), there, at, bare)
        for raw in to_us:
            arrive(ours, raw, at, to=ours.sender)
    assert len(here) <= 3
    assert len(there) <= 3
    assert _requests() == [(case.request.status, 0)], "nothing was opened, reopened or closed by it"


@pytest.mark.parametrize("bare", [False, True], ids=["as they are", "without any sign of a machine"])
def test_a_town_that_is_its_own_resident_does_not_talk_to_itself(office: Office, now: datetime, bare: bool):
    ours = reading_mail(office)
    _receipt, case = opened(ours, now, email=ours.sender)
    seen: set[int] = set()
    for minute in range(0, 120, 4):
        at = now + timedelta(minutes=minute)
        for raw in _carry(_letters(ours.sender, seen), seen, at, bare):
            arrive(ours, raw, at, to=ours.sender)
    assert len(seen) <= 3
    assert _requests() == [(case.request.status, 0)]
