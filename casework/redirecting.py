"""What if it is somebody else's job? A colleague's, or an agency's, and the resident is told who.

A redirected request is never counted as finished work. Where the agency takes hand-offs it gets the
whole report, with name and contact only where the resident agreed; the request then waits for the
agency's answer. Where it does not, the resident is told whom to call, and the request ends as
redirected.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask_babel import gettext as _

from casework import letters
from casework.agencies import expect_nothing, expect_word, pass_on
from casework.answering import tell_ending
from casework.change import Change, changing, optional, required
from casework.consent import shares_with
from casework.errors import NotPossible, WrongMove
from casework.office import Office
from casework.telling import by_name, hand_to, tell_resident
from casework.tongues import who_reads
from lifecycle.journal import Kind
from lifecycle.status import Ending, Move, Status
from routing.rulebook import Agency
from storage.tables import Entry

LONGEST_WAIT = timedelta(days=731)
"""An agency may name a day within two years."""


def reassign(
    office: Office, request_id: int, *, to: str, text: str, by: str, now: datetime, nonce: str | None = None
) -> None:
    """Give the request to a colleague, who gets everything by mail."""
    text = optional(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        if to not in office.rulebook.people:
            raise NotPossible(_("Nobody of that role works for the town. Choose a colleague from the list."))
        if to == change.request.assignee:
            raise NotPossible(_("This request is already theirs."))
        change.move(Move.REASSIGN)
        change.write(Kind.REASSIGNED, text, to=to)
        hand_to(change, to, reason="reassigned", words=text)


def redirect(
    office: Office,
    request_id: int,
    *,
    agency: str,
    text: str,
    by: str,
    now: datetime,
    nonce: str | None = None,
) -> None:
    """Say that it is not the town's but this agency's; the resident hears who and why."""
    text = optional(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        found = office.rulebook.agencies.get(agency)
        if found is None:
            raise NotPossible(_("There is no such agency. Choose one from the list."))
        change.request.because = text
        if found.handoff == "none":
            change.request.agency = found.id
            change.end(Ending.REDIRECTED, text)
            entry = change.write(Kind.REDIRECTED, text, agency=found.id)
        else:
            entry = hand_over(change, found, text=text)
        is_handed_off = found.handoff != "none"
        tell_resident(
            change,
            "resident_redirected",
            entry,
            agency=found,
            text=text,
            handed_off=is_handed_off,
            shared=is_handed_off and shares_with(change.request, found.id),
        )


def hand_over(change: Change, agency: Agency, *, text: str = "", because: str = "") -> Entry:
    """Hand the request to an agency that takes hand-offs, by mail or into its own system; return the entry.

    The one way in which a request that is open already reaches an agency: it moves by the table (raises
    ``WrongMove``: what waits for another agency is taken back first), is written down, put on its way,
    and from now on the agency's word is expected. Telling the resident is left to the caller. ``because``
    is what the rules say, in the town's language: the town and the agency read it in the journal.
    """
    change.move(Move.HAND_OFF)
    change.request.agency = agency.id
    change.request.agency_reference = None
    change.request.handed_off_at = change.now
    why = {"because": because} if because else {}
    entry = change.write(Kind.HANDED_OFF, text, agency=agency.id, **why)
    pass_on(change, agency)
    return entry


def agency_accept(
    office: Office,
    request_id: int,
    *,
    text: str,
    by: str,
    now: datetime,
    nonce: str | None = None,
    expected_on: date | None = None,
) -> None:
    """The agency says that it is theirs, perhaps until which day; the request goes on waiting for the work.

    Raises ``NotPossible`` for a day that is over or more than two years away.
    """
    text = optional(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        agency = _still_with(change)
        check_expected(expected_on, now.astimezone(office.zone).date())
        expect_word(change, agency, expected_on=expected_on)
        facts = {"expected": expected_on.isoformat()} if expected_on else {}
        entry = change.write(Kind.AGENCY_ACCEPTED, text, **facts)
        said, name = letters.acceptance(office, by, text, change.request.language, expected_on)
        tell_resident(change, "resident_answer", entry, text=said, by_name=name)


def agency_answer(
    office: Office, request_id: int, *, text: str, by: str, now: datetime, nonce: str | None = None
) -> None:
    """The agency writes to the resident; it goes on waiting for the work, and is not reminded meanwhile."""
    text = required(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        agency = _still_with(change)
        if agency is not None and change.status is Status.WAITING_AGENCY:
            expect_word(change, agency, expected_on=change.request.expected_on)
        entry = change.write(Kind.ANSWERED, text)
        tell_resident(change, "resident_answer", entry, text=text, by_name=by_name(change))


def check_expected(day: date | None, today: date) -> None:
    """Refuse a day by which nothing can be done; raises ``NotPossible``."""
    if day is not None and day < today:
        raise NotPossible(_("This day is over. Write today or a later day, or leave it empty."))
    if day is not None and day > today + LONGEST_WAIT:
        raise NotPossible(_("This day is more than two years away. Write an earlier one, or leave it empty."))


def agency_refuse(
    office: Office,
    request_id: int,
    *,
    text: str,
    by: str,
    now: datetime,
    nonce: str | None = None,
    whose: str | None = None,
) -> None:
    """The agency says that it is not theirs, perhaps whose; the clerk has it again, the resident is told.

    Raises ``NotPossible`` for an agency in ``whose`` that the rules do not know.
    """
    text = optional(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        agency = _still_with(change)
        named = office.rulebook.agencies.get(whose or "")
        if whose and named is None:
            raise NotPossible(_("There is no such agency. Choose one from the list."))
        change.move(Move.TAKE_BACK)
        change.request.agency = None
        expect_nothing(change)
        facts = {"whose": named.id} if named else {}
        entry = change.write(Kind.AGENCY_REFUSED, text, agency=agency.id if agency else "", **facts)
        staff = who_reads(office, f"person:{office.rulebook.clerk}")
        said = letters.refusal(text, named, staff)
        name = agency.name.said(staff) if agency else ""
        hand_to(change, office.rulebook.clerk, reason="returned", words=said, agency=name)
        said = letters.refusal(text, named, change.request.language)
        tell_resident(change, "resident_returned", entry, agency=agency, text=said, said="")


def agency_finish(
    office: Office, request_id: int, *, text: str, by: str, now: datetime, nonce: str | None = None
) -> None:
    """The agency says that it is done; the request ends as redirected, which is what it was."""
    text = optional(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if not change.is_repeated:
            _still_with(change)
            finish_by_agency(change, text)


def finish_by_agency(change: Change, text: str) -> None:
    """End it as redirected with the agency's words, and tell the resident; raises ``WrongMove``."""
    change.end(Ending.REDIRECTED, text)
    change.request.agency_remind_at = None
    entry = change.write(Kind.AGENCY_FINISHED, text)
    tell_ending(change, entry, Ending.REDIRECTED, text, said_by=by_name(change))


def _still_with(change: Change) -> Agency | None:
    """Return the agency that acts, if the rules know it.

    Raises ``NotPossible`` if it has it no more, ``WrongMove`` if the request does not wait for it.
    """
    if not change.request.agency or change.by != f"agency:{change.request.agency}":
        raise NotPossible(_("The town has taken this request back."))
    if change.status is not Status.WAITING_AGENCY:
        # Its page may be older than what the town did meanwhile.
        raise WrongMove(change.request.number, change.status, Move.TAKE_BACK)
    return change.office.rulebook.agencies.get(change.request.agency)
