"""What has become of the report in the agency's own system? Asked slowly, until the request ends."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from casework.agencies import expect_word
from casework.change import Change, changing
from casework.errors import LONGEST_TEXT
from casework.escalating import BY_TOWNLINE
from casework.office import Office
from casework.redirecting import LONGEST_WAIT, finish_by_agency
from casework.telling import by_name, tell_resident
from lifecycle.journal import Kind
from open311.outcome import Door, Standing
from storage import handovers as rows
from storage.database import reading, writing
from storage.handovers import Asked

FIRST_DAY = timedelta(days=1)
HOURLY = timedelta(hours=1)
DAILY = timedelta(days=1)


def ask_due(office: Office, door: Door, *, now: datetime) -> bool:
    """Ask for the one report that has waited longest to be asked for; False when none was due."""
    with reading() as session:
        asked = rows.next_to_ask(session, now)
    if asked is None:
        return False
    with writing() as session:
        is_current = rows.is_current(session, asked.request_id, asked.agency)
        # The next turn is set before this one is taken: whatever happens, it comes no sooner and no later.
        is_ours = rows.take_turn(session, asked, next_at=next_turn(asked, now) if is_current else None)
    if not (is_current and is_ours):
        return True
    if not asked.reference:
        _learn_number(office, door, asked, now)
        return True
    standing = door.standing(asked.endpoint, asked.reference, asked.jurisdiction_id)
    if standing is not None:
        _write_down(office, asked, standing, now)
    return True


def next_turn(asked: Asked, now: datetime) -> datetime:
    """Return when it is asked for after this time: hourly on the first day, then daily."""
    return now + (HOURLY if now - asked.sent_at < FIRST_DAY else DAILY)


def _learn_number(office: Office, door: Door, asked: Asked, now: datetime) -> None:
    number = door.number_for(asked.endpoint, asked.receipt, asked.jurisdiction_id)
    if not number:
        return
    with changing(office, asked.request_id, by=BY_TOWNLINE, now=now) as change:
        row = rows.locked(change.session, asked.id)
        if row.reference is None and _still_there(change, asked):
            row.reference = change.request.agency_reference = number
            change.write(Kind.HANDOVER_ARRIVED, agency=asked.agency, reference=number)


def _write_down(office: Office, asked: Asked, standing: Standing, now: datetime) -> None:
    """Make their new words and their end ours; what was known already changes nothing."""
    with changing(office, asked.request_id, by=f"agency:{asked.agency}", now=now) as change:
        row = rows.locked(change.session, asked.id)
        words = standing.words[:LONGEST_TEXT]
        is_news = words != (row.their_words or "") or standing.status != (row.their_status or "")
        is_said = bool(words) and words != (row.their_words or "")
        row.their_status, row.their_words = standing.status[:20], words
        if not _still_there(change, asked):
            row.ask_at = None
        elif standing.status == "closed":
            row.ask_at = None
            finish_by_agency(change, words)
        else:
            _go_on(change, asked, words if is_said else "", _day(office, standing.expected, now), is_news)


def _go_on(change: Change, asked: Asked, words: str, day: date | None, is_news: bool) -> None:
    agency = change.office.rulebook.agencies.get(asked.agency)
    if words:
        entry = change.write(Kind.ANSWERED, words)
        tell_resident(change, "resident_answer", entry, text=words, by_name=by_name(change))
    if is_news or (day is not None and day != change.request.expected_on):
        # Any word of the agency is a word: it is not reminded of what it has just spoken about.
        expect_word(change, agency, expected_on=day or _not_over(change))


def _not_over(change: Change) -> date | None:
    """Return the day that they named before, unless it is past: they would be reminded of it at once."""
    named, today = change.request.expected_on, change.now.astimezone(change.office.zone).date()
    return named if named is not None and named >= today else None


def _still_there(change: Change, asked: Asked) -> bool:
    return change.request.status == "waiting_agency" and change.request.agency == asked.agency


def _day(office: Office, said: str, now: datetime) -> date | None:
    """Return the day that they expect, in town time, if it is one that can be told."""
    try:
        expected = datetime.fromisoformat(said)
    except ValueError:
        return None
    today = now.astimezone(office.zone).date()
    # A day without a zone is meant as it stands; an instant is a day in town time.
    day = (expected.astimezone(office.zone) if expected.tzinfo else expected).date()
    return day if today <= day <= today + LONGEST_WAIT else None
