"""Has the report got into the agency's own system? Posted as often as it takes, never lost, rarely twice.

The row commits with the hand-off. One report is claimed with a lease, posted outside any transaction,
and what became of it is written down together with its journal line and its letters. A report of
which nobody can tell whether it arrived goes twice more at most; the reference in its first line
tells the agency that it is the same one. A repeat is counted before it is sent, so a process that is
killed while sending, again and again, sends no more than that either.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from urllib.parse import urlsplit

from flask_babel import force_locale
from flask_babel import gettext as _

from casework import letters
from casework.agencies import expect_nothing, expect_word, mail_to
from casework.change import Change, changing
from casework.delivering import LEASE, PATIENCE, WAITS
from casework.escalating import BY_TOWNLINE, tell_staff
from casework.office import Office
from casework.telling import tell_resident
from casework.tongues import reads
from lifecycle.journal import Kind
from lifecycle.status import Move, Status
from open311.outcome import Arrived, Door, Later, Outcome, Refused, Unclear
from routing.rulebook import Agency
from storage import handovers as rows
from storage.database import reading, writing
from storage.handovers import Claimed

log = logging.getLogger("townline.handing")

REPEATS = 2
"""How often the same report goes again when nobody can tell whether it arrived."""
UNCLEAR_WAITS = (timedelta(minutes=15), timedelta(hours=2))
"""How long before each of these: with so few tries, each must give their system time to recover."""
FIRST_ASK = timedelta(hours=1)
"""How soon after it arrived its standing there is asked for."""
FIRST_NUMBER = timedelta(minutes=5)
"""How soon a receipt is asked for the number that it became."""
THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Verdict:
    """What is written down about one attempt."""

    state: str
    next_at: datetime
    repeats: int
    error: str = ""


def hand_over_due(office: Office, door: Door, *, now: datetime) -> bool:
    """Post the one report that has waited longest; False when none was due."""
    with reading() as session:
        if not rows.is_due(session, now):
            return False
    with writing() as session:
        claimed = rows.claim(session, lease=token_hex(8), until=now + LEASE, now=now)
        is_current = claimed is not None and rows.is_current(session, claimed.request_id, claimed.agency)
        if claimed is not None and not is_current:
            rows.settle(session, claimed, state="cancelled")
    if claimed is None or not is_current:
        return claimed is not None
    outcome = _post(office, door, claimed)
    verdict = judge(claimed, outcome, now)
    _settle(office, claimed, outcome, verdict, now)
    log.info("request %d: report to %s is %s", claimed.request_id, claimed.agency, verdict.state)
    return True


def _post(office: Office, door: Door, claimed: Claimed) -> Outcome:
    if claimed.repeats > REPEATS:
        return Unclear("nobody can tell whether it arrived: it was broken off each time")
    if office.is_demo and urlsplit(claimed.endpoint).hostname not in THIS_MACHINE:
        return Refused("this is a demonstration, which sends nothing to anybody")
    return door.post(claimed.agency, claimed.endpoint, claimed.fields)


def judge(claimed: Claimed, outcome: Outcome, now: datetime) -> Verdict:
    """Return what an attempt leads to; pure."""
    if isinstance(outcome, Arrived):
        return Verdict("sent", now, claimed.repeats)
    wait = WAITS[min(claimed.attempts, len(WAITS) - 1)]
    is_over = now - claimed.created_at > PATIENCE
    if isinstance(outcome, Refused) or is_over:
        return Verdict("failed", now, claimed.repeats, outcome.sentence)
    if isinstance(outcome, Unclear):
        spent = claimed.repeats >= REPEATS
        wait = UNCLEAR_WAITS[min(claimed.repeats, len(UNCLEAR_WAITS) - 1)]
        return Verdict("failed" if spent else "uncertain", now + wait, claimed.repeats, outcome.sentence)
    # This time it certainly did not arrive, so the repeat that was counted before sending was none.
    state = "uncertain" if claimed.is_repeat else "queued"
    return Verdict(state, now + wait, claimed.repeats - claimed.is_repeat, outcome.sentence)


def _settle(office: Office, claimed: Claimed, outcome: Outcome, verdict: Verdict, now: datetime) -> None:
    with changing(office, claimed.request_id, by=BY_TOWNLINE, now=now) as change:
        found = outcome if isinstance(outcome, Arrived) else Arrived()
        is_ours = rows.settle(
            change.session,
            claimed,
            state=verdict.state,
            next_at=verdict.next_at,
            repeats=verdict.repeats,
            last_error=verdict.error or None,
            sent_at=now if verdict.state == "sent" else None,
            reference=found.reference or None,
            receipt=found.receipt or None,
        )
        if not is_ours:
            return  # another process took it up meanwhile, and writes down what it sees
        if isinstance(outcome, Later) and outcome.is_away:
            rows.postpone(change.session, claimed.endpoint, until=verdict.next_at)
        if verdict.state == "sent":
            _arrived(change, claimed, found)
        elif verdict.state == "failed":
            _failed(change, claimed, verdict.error)


def _arrived(change: Change, claimed: Claimed, found: Arrived) -> None:
    change.write(Kind.HANDOVER_ARRIVED, agency=claimed.agency, reference=found.reference)
    if _is_waiting_for(change, claimed.agency):
        change.request.agency_reference = found.reference or None
        ask_at = change.now + (FIRST_ASK if found.reference else FIRST_NUMBER)
        rows.locked(change.session, claimed.id).ask_at = ask_at


def _failed(change: Change, claimed: Claimed, error: str) -> None:
    """Write down why, find another way to the agency, and tell the clerk either way."""
    office = change.office
    agency = office.rulebook.agencies.get(claimed.agency)
    is_waiting = _is_waiting_for(change, claimed.agency)
    way = ("mail" if agency is not None and agency.email else "clerk") if is_waiting else "none"
    posted_at = claimed.created_at.isoformat()
    entry = change.write(Kind.HANDOVER_FAILED, error, agency=claimed.agency, instead=way, posted_at=posted_at)
    if way == "mail" and agency is not None:
        mail_to(change, agency, "agency_handoff")
        expect_word(change, agency)
    elif way == "clerk":
        _take_back(change, agency)
    clerk = office.rulebook.people[office.rulebook.clerk]
    tell_staff(
        change,
        "handoff_failed",
        clerk,
        entry.id,
        agency=letters.name_of(office, f"agency:{claimed.agency}", reads(office, clerk)),
        error=error,
        instead=way,
        person=clerk,
    )


def _take_back(change: Change, agency: Agency | None) -> None:
    """Give the request to the clerk, whose letter says why, and tell the resident the truth."""
    office, request = change.office, change.request
    change.move(Move.TAKE_BACK)
    request.agency = None
    request.assignee, request.because = office.rulebook.clerk, ""
    expect_nothing(change)
    with force_locale(request.language.replace("-", "_")):
        name = agency.name.said(request.language) if agency else _("the agency")
        text = _(
            "We could not pass your report on to %(agency)s. We have it again and see to it.", agency=name
        )
    entry = change.write(Kind.ANSWERED, text)
    town = office.rulebook.town.name.said(request.language)
    tell_resident(change, "resident_answer", entry, text=text, by_name=town)


def _is_waiting_for(change: Change, agency: str) -> bool:
    return change.status is Status.WAITING_AGENCY and change.request.agency == agency
