"""What becomes of one mail that was read? By what it is, whom it concerns and whether it may act."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casework import absence, access, acting, drafting, recipients, undoing
from casework.acting import Said
from casework.addressing import NOTHING, TAG, Addressed
from casework.bounced import take_bounce
from casework.change import changing
from casework.enclosures import NONE, Enclosures
from casework.entitled import Entitlement, entitled
from casework.errors import LONGEST_TEXT
from casework.escalating import BY_TOWNLINE
from casework.explaining import explain, tell_clerk
from casework.office import Office
from casework.slowing import slow_down
from casework.tongues import who_reads
from inbox.addresses import addresses
from inbox.commands import Command, first_line
from inbox.message import Mail
from inbox.senders import authenticity
from inbox.understood import Understood
from lifecycle.journal import Kind
from storage import incoming as rows
from storage import lookups
from storage.incoming import Verdict

LONGEST_NOTED = 1000
LONGEST_READ = 1_000_000


@dataclass(frozen=True)
class Post:
    """One mail that was read, with what could be found out about it before anything is written."""

    mail_id: int
    understood: Understood
    addressed: Addressed = NOTHING
    came_along: Enclosures = field(default=NONE)

    @property
    def mail(self) -> Mail:
        assert self.understood.mail is not None, "only what could not be read has no mail"
        return self.understood.mail

    @property
    def text(self) -> str:
        reply = self.understood.reply
        return rows.kept(reply.text.strip(), LONGEST_READ) if reply else ""


def settle(session: Session, office: Office, post: Post, *, now: datetime) -> Verdict:
    """Do what follows from a mail, inside ``writing()``, and return what to write down about it."""
    kind = post.understood.kind
    if kind == "quarantined" or post.understood.mail is None:
        return quarantine(session, office, post, post.understood.reason, now=now)
    before = rows.newest_letter_id(session)
    handlers = {"reply": _reply, "bounce": _bounce, "auto_reply": _auto_reply, "receipt": _receipt}
    verdict = handlers.get(kind, _ignored)(session, office, post, now)
    slow_down(session, post.mail_id, verdict, before=before, now=now)
    return verdict


def verdict_on(post: Post, state: str, reason: str) -> Verdict:
    """Return the verdict with everything that the record keeps of a mail."""
    mail, reply = post.understood.mail, post.understood.reply
    seen = {
        "from_address": mail.sender.email,
        "subject": mail.subject,
        "message_id": mail.message_id,
        "text": reply.text if reply else "",
        "full_text": mail.text,
    } if mail else {}  # fmt: skip
    whom = post.addressed
    return Verdict(state, reason, post.understood.kind, whom.request_id, whom.whose, seen)


def quarantine(session: Session, office: Office, post: Post, why: str, *, now: datetime) -> Verdict:
    """Keep a mail as it is, and tell the clerk; not of every one when there are very many."""
    mail = post.understood.mail
    before = rows.newest_letter_id(session)
    tell_clerk(
        session,
        office,
        mail_id=post.mail_id,
        sender=mail.sender.email if mail else "",
        subject=mail.subject if mail else "",
        why=why,
        now=now,
    )
    verdict = verdict_on(post, "quarantined", why)
    slow_down(session, post.mail_id, replace(verdict, request_id=None), before=before, now=now)
    return verdict


def _ignored(session: Session, office: Office, post: Post, now: datetime) -> Verdict:
    bounce = post.understood.bounce
    if bounce is not None and post.understood.kind == "ignored":
        # A server that is late and goes on trying: noted with the request, and nothing else.
        said = take_bounce(session, office, mail=post.mail, bounce=bounce, addressed=post.addressed, now=now)
        return verdict_on(post, "ignored", said)
    return verdict_on(post, "ignored", post.understood.reason)


def _receipt(session: Session, office: Office, post: Post, now: datetime) -> Verdict:
    # A reader that reports what was displayed says that a machine is there, no more.
    _is_automatic(post, now)
    return _ignored(session, office, post, now)


def _bounce(session: Session, office: Office, post: Post, now: datetime) -> Verdict:
    bounce = post.understood.bounce
    if bounce is None:
        return _ignored(session, office, post, now)
    said = take_bounce(session, office, mail=post.mail, bounce=bounce, addressed=post.addressed, now=now)
    return verdict_on(post, "applied", said)


def _auto_reply(session: Session, office: Office, post: Post, now: datetime) -> Verdict:
    """Keep an automatic answer with its request; it never changes a state."""
    _is_automatic(post, now)
    whom = post.addressed
    if whom.request_id is None or whom.whose is None:
        return _ignored(session, office, post, now)
    with changing(office, whom.request_id, by=BY_TOWNLINE, now=now) as change:
        text = rows.kept(post.mail.text.strip(), LONGEST_NOTED)
        change.write(Kind.MAIL_ARRIVED, text, mail=post.mail_id, whose=whom.whose, what="automatic")
    _offer_deputy(office, post, now)
    return verdict_on(post, "ignored", _("An automatic answer: it is kept with the request and did nothing."))


def _offer_deputy(office: Office, post: Post, now: datetime) -> None:
    """Where an employee's out-of-office names a day, ask those who stand in whether that is so."""
    whom, away = post.addressed, post.understood.away
    person = office.rulebook.people.get(whom.recipient) if whom.purpose == "employee" else None
    if away is None or away.until is None or person is None or whom.is_revoked:
        return
    if person.email.casefold() == post.mail.sender.email.casefold():
        absence.offer(office, person.id, away.until, now=now)


def _is_automatic(post: Post, now: datetime) -> None:
    if post.addressed.whose:
        recipients.seen_automatic(post.mail.sender.email.lower(), now)


def _reply(session: Session, office: Office, post: Post, now: datetime) -> Verdict:
    if post.addressed.request_id is None:
        photos = post.came_along.photos
        done = drafting.take(office, post.mail_id, post.understood, now=now, photos=photos)
        return verdict_on(post, "drafted", done)
    found = lookups.case(post.addressed.request_id)
    assert found is not None, "it was found a moment ago"
    finding = authenticity(post.mail, office.authserv_id)
    entitlement = entitled(office, found.request, post.addressed, post.mail, finding)
    if _takes_back(office, post, entitlement, now):
        entitlement = Entitlement(entitlement.author)
    if _is_copy(session, post, may_act=entitlement.may_act):
        return verdict_on(post, "ignored", _("It has been applied already: this is another copy of it."))
    if not entitlement.may_act:
        return _unverified(office, post, entitlement, now)
    recipients.seen_human(post.mail.sender.email.lower(), now)
    answer_to = access.address_of(office, found.request, *_actor(entitlement.by))
    outcome = acting.act(office, said(office, post, entitlement.by, answer_to), now=now)
    return verdict_on(post, outcome.state, outcome.reason)


def _takes_back(office: Office, post: Post, entitlement: Entitlement, now: datetime) -> bool:
    """Return whether who gave the request away takes just that back, as they can on their page."""
    if entitlement.may_act or not entitlement.author.startswith("person:"):
        return False
    command = first_line(post.text, who_reads(office, entitlement.author)[:2])
    request_id = post.addressed.request_id
    if not isinstance(command, Command) or command.word != "undo" or request_id is None:
        return False
    return undoing.newest(office, request_id, by=entitlement.author, now=now) is not None


def _is_copy(session: Session, post: Post, *, may_act: bool) -> bool:
    """Return whether another mail has done exactly this; if not, mark that this one does it."""
    if not may_act and rows.is_done(session, post.mail_id, effect(post, "acts")):
        return True  # somebody vouched for that one
    return not rows.take_effect(session, post.mail_id, effect(post, "acts" if may_act else "waits"))


def _actor(by: str) -> tuple[str, str]:
    """Return the purpose and the recipient behind ``person:<id>``, ``agency:<id>`` or ``resident``."""
    kind, _colon, who = by.partition(":")
    return {"person": "employee"}.get(kind, kind), who


def said(office: Office, post: Post, by: str, answer_to: str) -> Said:
    """Return what a mail says, in the name of ``by``; ``answer_to`` is their address as the rules have it."""
    whom = post.addressed
    assert whom.request_id is not None
    assert whom.purpose is not None
    return Said(
        mail_id=post.mail_id,
        request_id=whom.request_id,
        purpose=whom.purpose,
        by=by,
        text=post.text,
        nonce=effect(post, "acts"),
        sender=answer_to,
        message_id=post.mail.message_id,
        came_along=post.came_along,
        is_for_others=_is_for_others(office, post.mail),
    )


def _is_for_others(office: Office, mail: Mail) -> bool:
    """Return whether To names others alone: who forwards our letter to a colleague with us in copy."""
    to = [one.key for one in addresses(mail.header("to")) if one.email]
    ours = [one.lower().rpartition("@")[::2] for one in (office.sender, office.intake_address) if one]
    parts = [(one.rpartition("@")[0].partition("+")[0], one.rpartition("@")[2]) for one in to]
    return bool(to) and not any(one in ours for one in parts) and not any(TAG.search(one) for one in to)


def effect(post: Post, what: str) -> str:
    """Return by which mark it is known that exactly this was done: request, Message-ID and what it says.

    Two mails with one Message-ID that say different things are two mails.
    """
    mail = post.mail
    name = mail.message_id or f"{mail.header('date')} {mail.header('received')}"
    parts = [sha256(one.content).hexdigest() for one in mail.attachments]
    words = "\n".join((what, str(post.addressed.request_id), name, mail.sender.key, post.text, *parts))
    return sha256(words.encode("utf-8", "replace")).hexdigest()


def _unverified(office: Office, post: Post, entitlement: Entitlement, now: datetime) -> Verdict:
    """Show it to the town with the reason; it changes nothing until a person takes it."""
    whom = post.addressed
    assert whom.request_id is not None
    with changing(office, whom.request_id, by=BY_TOWNLINE, now=now) as change:
        change.write(Kind.MAIL_UNVERIFIED, post.text[:LONGEST_TEXT], mail=post.mail_id)
    if entitlement.author:
        _explain(office, whom.request_id, post, entitlement, now)
    return verdict_on(post, "unverified", entitlement.sentence)


def _explain(office: Office, request_id: int, post: Post, entitlement: Entitlement, now: datetime) -> None:
    """Tell who wrote it that it did nothing: they believe that the resident has their answer."""
    with changing(office, request_id, by=entitlement.author, now=now) as change:
        to = access.address_of(office, change.request, *_actor(entitlement.author))
        message_id = post.mail.message_id
        explain(
            change,
            to=to,
            why=entitlement.sentence,
            text=post.text,
            mail_id=post.mail_id,
            answers_to=message_id,
            photos_left=_pictures(post.mail),
        )


def _pictures(mail: Mail) -> int:
    """Return how many photos a mail has that nobody opened; what stands in its text may be our own."""
    return sum(one.type.startswith("image/") and not one.is_inline for one in mail.attachments)
