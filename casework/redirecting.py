"""What if it is somebody else's job? A colleague's, or an agency's, and the resident is told who.

A redirected request is never counted as finished work. Where the agency takes hand-offs it gets the
whole report, with name and contact only where the resident agreed; the request then waits for the
agency's answer. Where it does not, the resident is told whom to call, and the request ends as
redirected.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from casework import access, letters
from casework.answering import tell_ending
from casework.change import Change, changing, optional
from casework.errors import NotPossible, WrongMove
from casework.office import Office
from casework.outbox import post
from casework.telling import by_name, hand_to, tell_resident
from lifecycle.journal import Kind
from lifecycle.status import Ending, Move, Status
from routing.rulebook import Agency


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
        change.request.agency = found.id
        change.request.because = text
        is_handed_off = found.handoff == "mail"
        if is_handed_off:
            change.move(Move.HAND_OFF)
            change.request.handed_off_at = now
        else:
            change.end(Ending.REDIRECTED, text)
        kind = Kind.HANDED_OFF if is_handed_off else Kind.REDIRECTED
        entry = change.write(kind, text, agency=found.id)
        if is_handed_off:
            send_to_agency(change, found)
        tell_resident(
            change,
            "resident_redirected",
            entry,
            agency=found,
            text=text,
            handed_off=is_handed_off,
            shared=is_handed_off and change.request.may_share,
        )


def send_to_agency(change: Change, agency: Agency) -> None:
    """Post the hand-off to the agency."""
    office, request = change.office, change.request
    value = access.grant(change.session, office, request, "agency", agency.id, now=change.now)
    link = access.desk_url(office, value)
    letter = letters.to_agency(office, request, change.photos(), agency=agency, link=link)
    key = f"agency_handoff:{request.number}:{agency.id}:{change.now.isoformat()}"
    post(
        change.session,
        office,
        letter,
        kind="agency_handoff",
        dedupe_key=key,
        now=change.now,
        request_id=request.id,
    )


def agency_accept(
    office: Office, request_id: int, *, text: str, by: str, now: datetime, nonce: str | None = None
) -> None:
    """The agency says that it is theirs; the request goes on waiting for the work."""
    text = optional(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        _still_with_agency(change)
        if change.status is not Status.WAITING_AGENCY:
            # Nothing moves, so the table is not asked; but nobody takes what has ended meanwhile.
            raise WrongMove(change.request.number, change.status, Move.TAKE_BACK)
        entry = change.write(Kind.AGENCY_ACCEPTED, text)
        said, by_name = letters.acceptance(office, by, text, change.request.language)
        tell_resident(change, "resident_answer", entry, text=said, by_name=by_name)


def agency_refuse(
    office: Office, request_id: int, *, text: str, by: str, now: datetime, nonce: str | None = None
) -> None:
    """The agency says that it is not theirs; the town's clerk has it again and the resident is told."""
    text = optional(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        _still_with_agency(change)
        agency = office.rulebook.agencies.get(change.request.agency or "")
        change.move(Move.TAKE_BACK)
        change.request.agency = None
        entry = change.write(Kind.AGENCY_REFUSED, text, agency=agency.id if agency else "")
        hand_to(change, office.rulebook.clerk, reason="returned", words=text)
        tell_resident(change, "resident_returned", entry, agency=agency, text=text)


def agency_finish(
    office: Office, request_id: int, *, text: str, by: str, now: datetime, nonce: str | None = None
) -> None:
    """The agency says that it is done; the request ends as redirected, which is what it was."""
    text = optional(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        _still_with_agency(change)
        change.end(Ending.REDIRECTED, text)
        entry = change.write(Kind.AGENCY_FINISHED, text)
        tell_ending(change, entry, Ending.REDIRECTED, text, said_by=by_name(change))


def _still_with_agency(change: Change) -> None:
    if not change.request.agency or change.by != f"agency:{change.request.agency}":
        raise NotPossible(_("The town has taken this request back."))
