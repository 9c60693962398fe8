"""A letter came back: which one, is that true, and who gets it instead?

A letter that left is failed after all only when a mail server gave up on it (``Action: failed``,
whatever the status says) and the report fits one of our letters: by the mark in the address that it
was returned to, or by the Message-ID in the headers that came along. Whoever can write neither can
change nothing. ``delayed`` is only noted.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casework import recipients
from casework.access import address_of
from casework.addressing import Addressed
from casework.change import Change, changing
from casework.escalating import BY_TOWNLINE, give_up, send_to_assignee
from casework.office import Office
from inbox.bounces import Bounce
from inbox.message import Mail
from lifecycle.journal import Kind
from lifecycle.status import Status
from mail.address import looks_like_token, reply_token
from mail.composer import plain
from storage import outbox
from storage import recipients as rows
from storage.database import joining, reading, writing
from storage.tables import OutgoingLetter, ServiceRequest

log = logging.getLogger("townline.bounced")
SOFT = re.compile(r"[45]\.(?:2\.2|2\.3|3\.4|6\.\d+|7\.\d+)")
"""The mailbox was full, the letter too large or not to its taste: the mailbox itself is there."""
FULL = re.compile(r"(?:mailbox|inbox|quota|storage).{0,40}(?:full|exceeded)|over ?quota", re.I | re.S)
MOST_SOFT = 3
SOFT_SPAN = timedelta(days=7)
AT_ONCE = 20
"""How many requests are passed on in one transaction."""
RETURN_MARK = re.compile(r"\+b\.([a-z0-9]{8,40})@", re.I)
LONGEST_SAID = 500


def take_bounce(
    session: Session | AbstractContextManager[Session] | None,
    office: Office,
    *,
    mail: Mail,
    bounce: Bounce,
    addressed: Addressed,
    now: datetime,
) -> str:
    """Believe a delivery report as far as it fits one of our letters; return what was done, as a sentence.

    ``session`` is that of an open ``writing()``, which it joins. ``addressed`` is whom the mail was
    addressed to; ``NOTHING`` will do where the headers of our letter came along.
    """
    with _inside(session) as inside:
        letter, why = _letter(inside, office, mail, bounce, addressed)
        if letter is None:
            return why
        named = [one for one in bounce.recipients if _same(one[0], letter.recipient)] or [
            one for one in bounce.recipients if not one[0]
        ]
        if bounce.recipients and not named:
            return "It speaks of another recipient than the letter had, so nothing was changed."
        status = next((status for _email, action, status in named if action == "failed"), "")
        if not bounce.is_permanent or (named and all(action != "failed" for _e, action, _s in named)):
            return _note(office, letter, named, now)
        return _fail(inside, office, letter, mail, status, now)


def _inside(
    session: Session | AbstractContextManager[Session] | None,
) -> AbstractContextManager[Session]:
    if session is None:
        return joining()
    return nullcontext(session) if isinstance(session, Session) else session


def _same(one: str, other: str) -> bool:
    return one.strip().strip("<>").lower() == other.lower()


# -- which letter --


def _letter(
    session: Session, office: Office, mail: Mail, bounce: Bounce, addressed: Addressed
) -> tuple[OutgoingLetter | None, str]:
    """Return our letter that the report speaks of, or why there is none."""
    by_id = outbox.by_message_id(session, _id(bounce.original_message_id))
    marks = set(_marks(mail))
    if addressed.is_returned and addressed.request_id is not None:
        marks |= _mark_of(session, office, addressed)
    if by_id is not None:
        # Its number of 80 random bits was told to its recipient and the servers on the way only.
        if marks and _mark(session, office, by_id) not in marks:
            return None, "It came to the return address of another letter, so nothing was changed."
        return by_id, ""
    if not marks or addressed.request_id is None:
        return None, "It fits no letter that we have sent, so nothing was changed."
    for letter in outbox.sent_about(session, addressed.request_id):
        if _mark(session, office, letter) in marks:
            return letter, ""
    return None, "It fits no letter about that request, so nothing was changed."


def _mark_of(session: Session, office: Office, addressed: Addressed) -> set[str]:
    """Return the mark of the address it was given back to: only the envelope may have told it."""
    request = session.get(ServiceRequest, addressed.request_id)
    if request is None or addressed.purpose is None:
        return set()
    address = address_of(office, request, addressed.purpose, addressed.recipient)
    return {reply_token(office.secret, request.number, address)} if address else set()


def _id(value: str) -> str:
    bare = value.strip().strip("<>")
    return f"<{bare}>" if bare else ""


def _marks(mail: Mail) -> Iterable[str]:
    for address in (*mail.delivered_to, *(one.email for one in mail.to)):
        for mark in RETURN_MARK.findall(address):
            if looks_like_token(mark.lower()):
                yield mark.lower()


def _mark(session: Session, office: Office, letter: OutgoingLetter) -> str:
    found = RETURN_MARK.search(letter.envelope_from)
    if found:
        return found[1].lower()
    request = session.get(ServiceRequest, letter.request_id) if letter.request_id else None
    return reply_token(office.secret, request.number, letter.recipient) if request else ""


# -- what follows --


def _note(office: Office, letter: OutgoingLetter, named: list[tuple[str, str, str]], now: datetime) -> str:
    actions = {action for _email, action, _status in named} or {"delayed"}
    if actions & {"delivered", "relayed", "expanded"} and "delayed" not in actions:
        return "A mail server says that the letter has arrived; nothing was changed."
    if letter.request_id is None:
        return "A mail server is late with a letter and goes on trying; nothing was changed."
    with changing(office, letter.request_id, by=BY_TOWNLINE, now=now) as change:
        change.write(Kind.MAIL_ARRIVED, "", what="delayed", letter=letter.kind, letter_id=letter.id)
    return "A mail server is late with a letter and goes on trying; it was noted."


def _fail(
    session: Session, office: Office, letter: OutgoingLetter, mail: Mail, status: str, now: datetime
) -> str:
    said = _said(mail, status)
    if not outbox.fail_after_all(session, letter.id, said, now=now):
        return "That the letter came back was known already."
    is_soft = bool(SOFT.fullmatch(status)) or (not status and bool(FULL.search(mail.text[:4000])))
    is_staff = letter.recipient.lower() in recipients.mailboxes(office)
    if is_staff:
        # Before anybody is told, so that nothing goes to a mailbox that is known to be dead.
        _mark_mailbox(session, office, letter.recipient, said, is_soft, now)
    who = "staff" if is_staff else "resident"
    give_up(session, office, letter, said, now=now, kind=Kind.MAIL_BOUNCED, who=who, soft=is_soft)
    if letter.request_id is not None:
        pass_on(office, letter.request_id, now=now)
    if not is_staff:
        return f"A letter to {letter.recipient} came back; no further ones are sent there for now."
    return f"A letter to {letter.recipient} came back, and who stands in was told."


def _said(mail: Mail, status: str) -> str:
    """Return what the server said in a few words: its diagnosis where there is one."""
    report = next((one for one in mail.attachments if one.type.endswith("delivery-status")), None)
    text = report.content.decode("utf-8", "replace") if report else mail.text
    found = re.search(r"^diagnostic-code:[ \t]*((?:.+)(?:\r?\n[ \t]+.+){0,4})", text[:20_000], re.I | re.M)
    words = " ".join((found[1] if found else mail.text[:LONGEST_SAID]).split())
    said = plain(words if not status or status in words else f"{status} {words}")
    return said[:LONGEST_SAID] or mail.subject[:LONGEST_SAID] or "it came back without a reason"


def _mark_mailbox(
    session: Session, office: Office, address: str, said: str, is_soft: bool, now: datetime
) -> None:
    row = rows.known(session, address, now=now)
    row.bounced_at, row.bounce = now, said
    people, _agencies = recipients.mailboxes(office)[address.lower()]
    # This one is not in the journal yet.
    is_over = not is_soft or rows.soft_bounces(session, address, since=now - SOFT_SPAN) + 1 >= MOST_SOFT
    # An agency has nobody who stands in: each hand-off is tried, and each that comes back is told.
    if people and is_over and row.suspended_at is None:
        row.suspended_at = now
    session.flush()


# -- who stands in --


def pass_on(office: Office, request_id: int, *, now: datetime) -> bool:
    """Give a request whose assignee has no mailbox that works to the next in the chain who has one."""
    with changing(office, request_id, by=BY_TOWNLINE, now=now) as change:
        return _pass_on(change)


def _pass_on(change: Change) -> bool:
    meant = change.request.assignee
    is_stuck = recipients.reachable(change.office, meant) != meant
    if not is_stuck or change.status in (Status.ENDED, Status.WAITING_AGENCY):
        return False
    send_to_assignee(change, reason="deputy")  # which finds who stands in, and says so
    return True


def pass_on_suspended(office: Office, *, now: datetime) -> int:
    """Give the open requests of everybody whose mailbox is suspended to who stands in; return how many.

    A minute's work each time, so that many requests never hold up a resident.
    """
    dead = rows.suspended()
    people = [person.id for person in office.rulebook.people.values() if person.email.lower() in dead]
    stuck = [one for one in people if recipients.reachable(office, one, suspended=dead) != one]
    if not stuck:
        return 0
    with reading() as session:
        waiting = rows.open_with(session, stuck, most=AT_ONCE)
    passed = 0
    for request_id in waiting:
        try:
            with writing():
                passed += pass_on(office, request_id, now=now)
        except Exception:
            # One request must not keep the others in a mailbox that is dead.
            log.exception("request %d could not be given to who stands in", request_id)
    return passed
