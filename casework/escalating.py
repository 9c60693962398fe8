"""Who hears about what went wrong? A letter that will never arrive goes to the next person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casework import access, gathering, letters
from casework.change import Change
from casework.office import Office
from casework.outbox import post
from casework.recipients import reachable
from casework.tongues import reads
from lifecycle.journal import Kind
from lifecycle.status import Status
from routing.rulebook import Person
from storage import digests, followers, lookups
from storage.outbox import Claimed
from storage.tables import OutgoingLetter, ServiceRequest

BY_TOWNLINE = "townline"


def letter_failed(session: Session, office: Office, letter: Claimed, error: str, *, now: datetime) -> None:
    """Write it into the journal, tell the clerk, and find somebody who can be reached.

    Called in the transaction that gives the letter up.
    """
    give_up(session, office, letter, error, now=now, kind=Kind.LETTER_FAILED)


def give_up(
    session: Session,
    office: Office,
    letter: Claimed | OutgoingLetter,
    error: str,
    *,
    now: datetime,
    kind: Kind,
    **facts: Any,
) -> None:
    """Do so for a letter that never left or that came back, as ``kind`` says; ``facts`` are noted too."""
    if letter.kind.startswith(followers.LETTERS) and letter.request_id:
        # They asked for it and need not be found: their voice counts, and nothing more is sent.
        followers.stop(session, letter.request_id, letter.recipient, now=now)
        return
    # A failed edition, which is about none, shows on /healthz and in ``flask mail status``.
    about = [letter.request_id] if letter.request_id else digests.requests_in(session, letter.id)
    clerk = office.rulebook.people[office.rulebook.clerk]
    for number, request_id in enumerate(about):
        request = session.get_one(ServiceRequest, request_id)
        change = Change(session, office, request, BY_TOWNLINE, now, nonce=None)
        change.write(kind, error, letter=letter.kind, letter_id=letter.id, **facts)
        if number == 0 and letter.recipient != clerk.email:
            tell_clerk(change, letter, error)  # of a digest, too, once
        is_theirs = responsible(change).email.lower() == letter.recipient.lower()
        if letter.kind in ("assigned", "digest") and is_theirs and change.status is not Status.ENDED:
            _pass_on(change, letter)
        change.recount()


def tell_clerk(change: Change, letter: Claimed | OutgoingLetter, error: str) -> None:
    """Tell the clerk, or who stands in, which letter will never arrive, and why."""
    clerk = change.office.stand_in(change.office.rulebook.clerk, change.now)
    tell_staff(
        change,
        "letter_failed",
        clerk,
        letter.id,
        recipient=letter.recipient,
        subject=letter.subject,
        error=error,
    )


def tell_staff(
    change: Change, name: str, to: Person, cause: int, *, at_once: bool = False, **context: Any
) -> None:
    """Post the letter ``name`` with a link to the request; ``cause`` is the id of what it tells about.

    Somebody whose mailbox gives letters back is not written to; the next in the chain is. It waits for
    the end of the quiet hours, or is a line of the person's digest, unless it is urgent or is to go
    ``at_once``.
    """
    office, request, now = change.office, change.request, change.now
    to = office.rulebook.people[reachable(office, to.id)]
    key = f"{name}:{cause}"
    value = access.grant(change.session, office, request, "employee", to.id, now=now)
    line = gathering.line(office, to, request, kind=name, dedupe_key=key, now=now, at_once=at_once)
    if line is not None:
        gathering.keep(change.session, line, request)
        return
    link = access.desk_url(office, value)
    language = reads(office, to)
    told = letters.letter(
        office, name, to.email, language, request, link=link, away_link=f"{link}/away", **context
    )
    post(
        change.session,
        office,
        told,
        kind=name,
        dedupe_key=key,
        now=now,
        request_id=request.id,
        entry_id=change.act,
        hold=gathering.quiet(office, request, now=now, at_once=at_once),
    )


def responsible(change: Change) -> Person:
    """Return who has the request now; the clerk, when the rules do not know that role any more."""
    rulebook = change.office.rulebook
    return rulebook.people.get(change.request.assignee) or rulebook.people[rulebook.clerk]


def _pass_on(change: Change, letter: Claimed | OutgoingLetter) -> None:
    """Give the request to the next person in the chain whose address has not been refused for it yet."""
    people = change.office.rulebook.people
    # Without looking back, two dead mailboxes would pass a request to each other for ever.
    refused = {letter.recipient} | {
        earlier.recipient
        for earlier in lookups.letters_of(change.request.id)
        if earlier.kind == "assigned" and earlier.state == "failed"
    }
    for person_id in access.chain(change.office, change.request.assignee)[1:]:
        if people[person_id].email not in refused:
            change.request.assignee = person_id
            change.write(Kind.REASSIGNED, "", to=person_id, reason="letter_failed")
            send_to_assignee(change, reason="deputy")
            return


def send_to_assignee(change: Change, *, reason: str, words: str = "", agency: str = "", by: str = "") -> None:
    """Post the whole request to whoever is responsible for it now, with the words of who passed it on.

    ``agency`` is the name of the one that says that it is not theirs, ``by`` of the colleague who opened it
    again. Where that mailbox gives letters back, who stands in becomes responsible.
    """
    office, request = change.office, change.request
    person = responsible(change)
    if (instead := reachable(office, person.id)) != person.id:
        person, reason = office.rulebook.people[instead], "deputy"
        request.assignee = instead
        change.write(Kind.REASSIGNED, "", to=instead, reason="mailbox_suspended")
    value = access.grant(change.session, office, request, "employee", person.id, now=change.now)
    key = f"assigned:{request.number}:{person.id}:{change.now.isoformat()}"
    line = gathering.line(office, person, request, kind="assigned", dedupe_key=key, now=change.now)
    if line is not None:
        gathering.keep(change.session, line, request)
        return
    letter = letters.to_assignee(
        office,
        request,
        change.photos(),
        person=person,
        link=access.desk_url(office, value),
        reason=reason,
        now=change.now,
        words=words,
        agency=agency,
        by=by,
    )
    post(
        change.session,
        office,
        letter,
        kind="assigned",
        dedupe_key=key,
        now=change.now,
        request_id=request.id,
        entry_id=change.act,
        hold=gathering.quiet(office, request, now=change.now),
    )
