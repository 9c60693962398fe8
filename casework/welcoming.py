"""May the sender of a mail that nobody asked for be answered by a machine? RFC 3834 and our own caution."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casework.office import Office
from inbox.message import Address, Mail
from inbox.senders import authenticity
from mail.address import domain_of
from mail.letter import ADDRESS
from storage import drafts

MACHINES = re.compile(
    r"(?:no-?_?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?|owner|listserv|majordomo|"
    r"notifications?|alerts?|automated?|daemon|root|www-data|nobody)(?:[-+._].*)?@|.*-(?:request|bounces?)@|"
    r".*[-._+](?:no-?reply)@",
    re.I,
)
LISTS = (
    "list-id",
    "list-unsubscribe",
    "list-post",
    "list-help",
    "feedback-id",
    "x-campaign",
    "x-mailgun-tag",
)
SPAM = (("x-spam-flag", "yes"), ("x-spam-status", "yes"), ("x-spam", "yes"), ("x-spam-level", "*****"))
MOST_A_DAY = 200
"""Letters to all such senders together: a flood of forged mails must not become a flood of ours."""


def why_quiet(session: Session, office: Office, mail: Mail, email: str, *, now: datetime) -> str:
    """Return why the sender gets no letter, as the end of a sentence; "" where they may get one."""
    if not email:
        return "it has no address that could be answered"
    if MACHINES.match(email) or mail.header("return-path").strip() == "<>":
        return "a machine seems to have sent it"
    if _is_ours(office, email):
        return "it seems to come from the town's own address"
    if any(mail.header(name) for name in LISTS) or _precedence(mail) in ("bulk", "junk", "list"):
        return "it was sent to many"
    if any(mail.header(name).strip().lower().startswith(mark) for name, mark in SPAM):
        return "a mail server takes it for spam"
    if _is_doubtful(office, mail):
        return "our mail server says that its sender may be forged"
    written = drafts.senders_since(session, now - timedelta(days=1))
    if written.count(email.lower()) >= office.rulebook.intake.letters:
        return "this address was written to often enough for one day"
    if len(written) >= MOST_A_DAY:
        return "too many such mails came in one day"
    return ""


def _precedence(mail: Mail) -> str:
    return mail.header("precedence").strip().lower()


def _is_ours(office: Office, email: str) -> bool:
    ours = {office.sender.lower(), office.intake_address.lower(), office.rulebook.town.email.lower()}
    local, _at, domain = email.lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}" in ours


def _is_doubtful(office: Office, mail: Mail) -> bool:
    verdict = authenticity(mail, office.authserv_id)
    return verdict == "fail" or (verdict == "forged" and bool(office.authserv_id))


def sender_of(mail: Mail) -> Address:
    """Return who wrote it; behind a form that mails for others, whom it says to answer."""
    is_machine = not mail.sender.email or bool(MACHINES.match(mail.sender.email))
    return mail.reply_to[0] if is_machine and mail.reply_to and mail.reply_to[0].email else mail.sender


def mailable(email: str) -> str:
    """Return an address that a letter can have; "" for any other."""
    email = email.strip()
    return email if len(email) <= 254 and ADDRESS.fullmatch(email) and "." in domain_of(email) else ""
