"""Somebody says that a mail is genuine: what does it do now? What it would have done, in their name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _

from casework import acting
from casework.acting import Said
from casework.arriving import read_post
from casework.errors import LONGEST_TEXT, NotPossible
from casework.office import Office
from casework.settling import Post, effect, verdict_on
from inbox.apart import NoReader
from storage import incoming as rows
from storage import lookups
from storage.database import writing
from storage.tables import IncomingMail


def taken_as(recipient: str | None) -> str:
    """Return what a mail becomes that somebody takes: ``resident``, ``employee``, ``agency`` or ``note``.

    ``recipient`` is whose letter it answers, as the record has it; only the mark of a letter tells that.
    """
    kind = (recipient or "").partition(":")[0]
    return {"person": "employee", "agency": "agency", "resident": "resident"}.get(kind, "note")


def take(office: Office, request_id: int, mail_id: int, *, by: str, now: datetime) -> str:
    """Do what an unverified mail says as if its sender were known; done once however often it is asked.

    Returns the mark by which what it did is found. ``by`` is who vouches for it, and an employee's words
    become theirs. Raises ``NotPossible`` for a mail that is not there, and whatever the verb raises.
    """
    mail = _of_request(request_id, mail_id)
    if mail.state != "unverified":
        return mail.effect or ""
    try:
        post = read_post(office, mail.id, mail.raw, mail.envelope_to, is_vouched=True)
    except NoReader as why:
        raise NotPossible(_("The mail cannot be read just now. Please try again in a minute.")) from why
    if post.understood.mail is None or post.understood.kind != "reply":
        raise NotPossible(_("It cannot be read any more. The original is kept."))
    post = replace(post, addressed=replace(post.addressed, request_id=request_id))
    done = effect(post, "acts")
    with writing() as session:
        if not rows.is_still(session, mail.id, "unverified"):
            return done
        if rows.take_effect(session, mail.id, done):
            acting.act(office, _said(post, by), now=now)
        verdict = replace(
            verdict_on(post, "applied", _("Somebody of the town took it as genuine.")),
            recipient=mail.recipient,
        )
        rows.settle(session, mail.id, verdict, now=now)
    return done


def _said(post: Post, by: str) -> Said:
    """Return it in the name of its sender; of whom we know no name, as a note of who vouches for it."""
    whom = post.addressed
    assert whom.request_id is not None
    is_named = whom.purpose is not None
    return Said(
        mail_id=post.mail_id,
        request_id=whom.request_id,
        purpose=whom.purpose or "employee",
        by=(whom.whose or by) if whom.purpose in ("resident", "agency") else by,
        text=post.text if is_named else f"#note\n{post.mail.sender}:\n{post.text}"[:LONGEST_TEXT],
        nonce=effect(post, "acts"),
        came_along=post.came_along,
    )


def put_aside(request_id: int, mail_id: int, *, now: datetime) -> None:
    """Leave an unverified mail as it is, and show it no more; the original is kept."""
    mail = _of_request(request_id, mail_id)
    with writing() as session:
        if rows.is_still(session, mail.id, "unverified"):
            rows.put_aside(session, mail.id, _("Somebody of the town put it aside."), now=now)


def original(request_id: int, mail_id: int) -> IncomingMail:
    """Return a mail about this very request, with its raw bytes; raises ``NotPossible``."""
    return _of_request(request_id, mail_id)


def _of_request(request_id: int, mail_id: int) -> IncomingMail:
    mail = rows.one(mail_id)
    if mail is None or mail.request_id != request_id or lookups.case(request_id) is None:
        raise NotPossible(_("There is no such mail about this request."))
    return mail
