"""Which mails came about a request, and which of them wait for somebody to say that they are genuine?"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from casework.office import Office
from casework.vouching import taken_as
from desk import words
from mail.composer import plain
from storage import incoming
from storage.lookups import Case
from storage.tables import IncomingMail

LONGEST_SUBJECT = 120


@dataclass(frozen=True)
class MailLine:
    """One mail as the town sees it. ``becomes`` is what it is taken as, where it waits for that."""

    id: int
    sender: str
    subject: str
    when: str
    iso: str
    became: str
    text: str = ""
    becomes: str = ""


def mails(office: Office, case: Case) -> tuple[list[MailLine], list[MailLine]]:
    """Return the mails that wait for a person, oldest first, and all mails, newest first."""
    every = incoming.of_request(case.request.id)
    waiting = [_line(office, case, mail) for mail in every if mail.state == "unverified"]
    return waiting, [_line(office, case, mail) for mail in reversed(every)]


def _line(office: Office, case: Case, mail: IncomingMail) -> MailLine:
    subject = plain(mail.subject)
    return MailLine(
        id=mail.id,
        sender=plain(mail.from_address) or _("an unknown sender"),
        subject=subject if len(subject) <= LONGEST_SUBJECT else f"{subject[:LONGEST_SUBJECT]}…",
        when=words.when(office, mail.received_at),
        iso=mail.received_at.isoformat(timespec="minutes"),
        # What was done stands in the history; why nothing was done stands only here.
        became="" if mail.state == "applied" else plain(mail.reason),
        text=plain(mail.text) or _("(no words of its own)"),
        becomes=_becomes(office, mail) if mail.state == "unverified" else "",
    )


def _becomes(office: Office, mail: IncomingMail) -> str:
    """Return what the button says."""
    kind = taken_as(mail.recipient)
    if kind == "resident":
        return _("It is genuine: take it as the resident's reply")
    if kind == "agency":
        return _("It is genuine: take it as the agency's answer")
    if kind == "employee":
        return _("It is genuine: do what it says, in my name")
    return _("It is genuine: keep it as a note")
