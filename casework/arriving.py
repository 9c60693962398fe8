"""How does a mail that arrives do what it says exactly once?

It is kept first, then read in a process of its own, then acted upon and settled in one commit.

Nothing is dropped: every mail that was kept ends applied, drafted, ignored, unverified or quarantined,
with a sentence. A process that dies leaves a mail whose lease runs out; what it had begun was undone with
its transaction, and the next one begins anew.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex

from flask_babel import gettext as _

from casework import drafting
from casework.addressing import Addressed, addressed
from casework.enclosures import Enclosures, enclosed
from casework.entitled import entitled
from casework.office import Office
from casework.settling import Post, quarantine, settle
from inbox.apart import NoReader, read_apart
from inbox.message import Mail
from inbox.reading import read
from inbox.senders import authenticity
from inbox.understood import Understood
from mail.address import domain_of
from mail.composer import MARKERS
from storage import incoming as rows
from storage import lookups
from storage.database import writing
from storage.incoming import Waiting

log = logging.getLogger("townline.arriving")

LEASE = timedelta(minutes=10)
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
MOST_ATTEMPTS = 5
"""So often a mail is taken up that we fail at; then a person gets it."""
NO_READER_WAIT = timedelta(minutes=1)
BATCH = 200


class LeaseLost(Exception):
    """Another process has taken the mail over; what was done here is undone."""


@dataclass(frozen=True)
class Worked:
    """What one round did; ``left`` counts mails that will be tried again."""

    applied: int = 0
    ignored: int = 0
    quarantined: int = 0
    unverified: int = 0
    drafted: int = 0
    left: int = 0


def store(
    office: Office,
    raw: bytes,
    *,
    envelope_to: str,
    source: str,
    uid: int | None = None,
    uid_validity: int | None = None,
    now: datetime,
) -> int | None:
    """Keep a raw mail and commit; return its number, or None when this very one was kept before.

    ``source`` names the feeder; ``uid`` and ``uid_validity`` are its number in a mailbox. Only after
    this returns may the feeder say that it has the mail.
    """
    mail_id = rows.add(
        raw, envelope_to=envelope_to, source=source, uid=uid, uid_validity=uid_validity, now=now
    )
    if mail_id is not None:
        office.nudge_reader()
    return mail_id


def work_off(office: Office, *, now: datetime, most: int = BATCH) -> Worked:
    """Read and apply the mails that wait, the one that has waited longest first."""
    counted = dict.fromkeys(Worked.__dataclass_fields__, 0)
    for _turn in range(most):
        if not rows.is_due(now):
            break
        lease = token_hex(8)
        waiting = rows.claim(lease=lease, until=now + LEASE, now=now)
        if waiting is None:
            break
        counted[_work_on(office, waiting, lease, now)] += 1
    return Worked(**counted)


def _work_on(office: Office, waiting: Waiting, lease: str, now: datetime) -> str:
    """Work on one mail; return how it ended, or ``left``."""
    try:
        if waiting.attempts > MOST_ATTEMPTS:
            raise RuntimeError(_("whatever worked on it ended in the middle, again and again"))
        post = read_post(office, waiting.id, waiting.raw, waiting.envelope_to)
        return _finish(office, post, lease, now)
    except LeaseLost:
        return "left"
    except NoReader as why:
        log.error("mail %d waits: %s", waiting.id, why)
        rows.put_back(
            waiting.id, lease=lease, next_at=now + NO_READER_WAIT, reason=str(why), is_innocent=True
        )
        return "left"
    except Exception as why:
        # The edge of a job: logged with the number of the mail, and the next mail is worked on.
        log.exception("mail %d met with a failure", waiting.id)
        return _failed(office, waiting, lease, why, now)


def _finish(office: Office, post: Post, lease: str, now: datetime) -> str:
    with writing() as session:
        if not rows.is_ours(session, post.mail_id, lease=lease):
            raise LeaseLost
        verdict = settle(session, office, post, now=now)
        rows.settle(session, post.mail_id, verdict, now=now)
    log.info("mail %d (%s) is %s", post.mail_id, verdict.kind, verdict.state)
    return verdict.state


def _failed(office: Office, waiting: Waiting, lease: str, why: Exception, now: datetime) -> str:
    said = _("Our own program failed at it (%(why)s).", why=f"{type(why).__name__}: {why}"[:300])
    if waiting.attempts < MOST_ATTEMPTS:
        wait = WAITS[min(waiting.attempts, len(WAITS)) - 1]
        rows.put_back(waiting.id, lease=lease, next_at=now + wait, reason=said)
        return "left"
    with writing() as session:
        if not rows.is_ours(session, waiting.id, lease=lease):
            return "left"
        post = Post(waiting.id, Understood("quarantined", said))
        rows.settle(session, waiting.id, quarantine(session, office, post, said, now=now), now=now)
    return "quarantined"


# -- before anything is written --


def read_post(
    office: Office, mail_id: int, raw: bytes, envelope_to: str, *, is_vouched: bool = False
) -> Post:
    """Read a mail in a process of its own, find whom it concerns, and keep its photos if it may act.

    With ``is_vouched`` a person says that it is genuine. Raises ``NoReader``.
    """
    understood = read_apart(raw, loop_signs=loop_signs(office), markers=tuple(MARKERS.values()))
    mail = understood.mail
    if mail is None:
        return Post(mail_id, understood)
    whom = addressed(office, envelope_to, mail)
    if understood.kind != "reply":
        return Post(mail_id, understood, whom)
    if whom.request_id is None:
        return Post(mail_id, understood, whom, Enclosures(tuple(drafting.photos_of(office, mail))))
    ours = _letter(whom)
    if ours and understood.reply and understood.reply.how != "marker":
        understood = read_apart(
            raw, loop_signs=loop_signs(office), markers=tuple(MARKERS.values()), ours=ours.text
        )
    post = Post(mail_id, understood, whom)
    return _with_enclosures(office, post, mail, ours, is_vouched=is_vouched)


def loop_signs(office: Office) -> tuple[str, str]:
    """Return by what a letter of ours is known that comes back whole."""
    return office.sender, domain_of(office.sender)


def _letter(whom: Addressed) -> Mail | None:
    """Return the letter that is answered, to find it again in the quotation."""
    raw = rows.letter_bytes(whom.letter_id) if whom.letter_id is not None else b""
    return read(raw) if raw else None


def _with_enclosures(office: Office, post: Post, mail: Mail, ours: Mail | None, *, is_vouched: bool) -> Post:
    found = lookups.case(post.addressed.request_id) if post.addressed.request_id else None
    if found is None or not mail.attachments:
        return post
    finding = authenticity(mail, office.authserv_id)
    if not is_vouched and not entitled(office, found.request, post.addressed, mail, finding).may_act:
        return post  # pictures of strangers are not even opened
    pictures = [sha256(one.content).hexdigest() for one in ours.attachments] if ours else []
    along = enclosed(office, found.request, mail, ours=pictures)
    return Post(post.mail_id, post.understood, post.addressed, along)
