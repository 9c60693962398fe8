"""How does a plain mail to the town become a request? Exactly once, and none is dropped.

A mail that says everything, surely, opens its request at once. Every other one becomes a draft: its
sender is asked for what is missing, by one letter with a link to the form that is filled in already.
What nobody completes in time goes to the clerk as it is. A mail that no person may have written goes
that way too, without a letter.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casework import adding, draft_letters, letters, welcoming
from casework.guessing import Guess, guess, language_of
from casework.office import Office
from casework.opening import Receipt, Submission, open_request, receipt_of
from inbox.message import Mail
from inbox.understood import Understood
from lifecycle.deadlines import due
from mail.address import looks_like_token, token, token_hash
from routing.decided import UNASKED
from routing.decision import Decision
from routing.rulebook import Outcome
from storage import drafts as rows
from storage import lookups
from storage.database import joining, writing
from storage.photos import PhotoRefused, StoredPhoto
from storage.tables import Draft, ServiceRequest

log = logging.getLogger("townline.drafting")
LONGEST = 4000
MOST_PHOTOS = 10
SMALLEST_INLINE = 12_000
"""Bytes. A smaller picture in the text is the logo of a signature."""
MOST_LETTERS = 2
"""So many letters ask the sender of one draft for what is missing."""
A_DAY = timedelta(days=1)
AT_ONCE = 20
AGAIN = timedelta(hours=1)
"""When a draft is tried again that an unknown error kept from becoming a request."""
ANYTHING = "other"
"""The service for whatever fits nowhere else."""
ANSWERED = re.compile(r"\s*(?:re|aw|antw|sv|r|rv|fwd?|wg|tr)\s*:\s*", re.I)


def take(
    office: Office,
    incoming_id: int,
    understood: Understood,
    *,
    now: datetime,
    photos: Sequence[StoredPhoto] | None = None,
) -> str:
    """Make a draft or a request of a human mail that belongs to no request; return what was done.

    Call it inside ``writing()``; the same mail again changes nothing. ``photos`` are those of
    ``photos_of``, where they were kept before the transaction.
    """
    mail = understood.mail
    assert mail is not None, "only a mail that could be read is taken for a request"
    text = _words(mail, understood.reply.text if understood.reply is not None else mail.text)
    value = _token(office, incoming_id, mail, text)
    with joining() as session:
        if rows.by_incoming(incoming_id) is not None or rows.by_hash(token_hash(value)) is not None:
            return "It was taken for a new request already."
        kept = tuple(photos_of(office, mail) if photos is None else photos)
        earlier = draft_letters.answered(session, mail)
        if earlier is not None:
            return _more(session, office, earlier, mail, text, kept, now)
        return _begin(session, office, incoming_id, value, _fields(office, mail, text, kept), mail, now)


def photos_of(office: Office, mail: Mail) -> list[StoredPhoto]:
    """Keep the photos of a mail, re-encoded; what is no photo stays in the original."""
    kept: list[StoredPhoto] = []
    for one in mail.attachments:
        is_logo = one.is_inline and len(one.content) < SMALLEST_INLINE
        if not one.type.startswith("image/") or is_logo or len(kept) == MOST_PHOTOS:
            continue
        try:
            kept.append(office.photos.keep(BytesIO(one.content), one.name))
        except PhotoRefused:
            continue  # the clerk reads that something came along, and the original has it
    return list(dict.fromkeys(kept))


# -- a new one --


def _begin(
    session: Session,
    office: Office,
    incoming_id: int,
    value: str,
    fields: dict[str, Any],
    mail: Mail,
    now: datetime,
) -> str:
    language = str(fields["language"])
    with force_locale(language.replace("-", "_")):
        found = guess(office, fields["description"], language=language, now=now)
    fields |= _guessed(office, found)
    fields["quiet"] = welcoming.why_quiet(session, office, mail, fields["email"], now=now)
    wait = due(now, office.rulebook.intake.wait, office.calendar)
    draft = rows.add(
        session,
        incoming_id=incoming_id,
        token_hash=token_hash(value),
        state="open",
        fields=fields,
        # In danger nobody waits for a form to be completed.
        due_at=now if found.is_danger else wait,
        now=now,
    )
    if found.is_complete and not fields["quiet"]:
        return _open(office, draft, found, now)
    return _ask(session, office, draft, value, found, mail, now)


def _open(office: Office, draft: Draft, found: Guess, now: datetime) -> str:
    """Open the request at once: it says all that the form would have asked."""
    submission = replace(_submission(office, draft), service=found.service or ANYTHING, place=found.place)
    with force_locale(submission.language.replace("-", "_")):
        receipt = open_request(office, submission, now=now, together=_becoming(draft.id, "completed"))
    return f"It said everything and became request {receipt.number}."


def _ask(
    session: Session, office: Office, draft: Draft, value: str, found: Guess, mail: Mail, now: datetime
) -> str:
    quiet = str(draft.fields["quiet"])
    if quiet:
        return f"It waits for the clerk as a draft; its sender was not written to, because {quiet}."
    fields = {**draft.fields, "letters": int(draft.fields.get("letters", 0)) + 1}
    draft_letters.ask(
        session, office, draft.id, fields, value, found, answers=mail.message_id, due_at=draft.due_at, now=now
    )
    rows.rewrite(session, draft.id, fields)
    return "It misses something; its sender was asked and can complete it."


# -- what is said later --


def _more(
    session: Session,
    office: Office,
    draft: Draft,
    mail: Mail,
    text: str,
    photos: tuple[StoredPhoto, ...],
    now: datetime,
) -> str:
    """Add the answer to our letter to what was said; it may be just what was missing."""
    if draft.state != "open" or draft.request_id is not None:
        assert draft.request_id is not None, "a draft that is not open has become a request"
        nonce = f"draft:{hashlib.sha256(f'{mail.message_id}{text}'.encode()).hexdigest()[:40]}"
        adding.join(office, draft.request_id, text=text, photos=photos, now=now, nonce=nonce)
        return "It joined the request that its sender's earlier mail had become."
    fields = dict(draft.fields)
    fields["description"] = f"{fields['description']}\n\n{text}"[:LONGEST]
    fields["photos"] = [*fields["photos"], *_listed(photos)][:MOST_PHOTOS]
    fields["heard"] = [*fields.get("heard", []), mail.message_id][-20:]
    language = str(fields["language"])
    with force_locale(language.replace("-", "_")):
        found = guess(office, fields["description"], language=language, now=now)
    due_at = now if found.is_danger else None
    rows.rewrite(session, draft.id, fields | _guessed(office, found), due_at=due_at)
    session.refresh(draft)
    if found.is_complete:
        return _open(office, draft, found, now)
    return _ask_again(session, office, draft, found, mail, now)


def _ask_again(
    session: Session, office: Office, draft: Draft, found: Guess, mail: Mail, now: datetime
) -> str:
    """Tell them what is missing still, once for each draft: whoever answers believes that it is enough."""
    value = draft_letters.key_of(session, draft, mail)
    quiet = welcoming.why_quiet(session, office, mail, str(draft.fields["email"]), now=now)
    if quiet or not value or int(draft.fields.get("letters", 0)) >= MOST_LETTERS:
        return "It joined the draft that its sender's earlier mail had become."
    fields = {**draft.fields, "letters": int(draft.fields.get("letters", 0)) + 1}
    draft_letters.ask(
        session, office, draft.id, fields, value, found, answers=mail.message_id, due_at=draft.due_at, now=now
    )
    rows.rewrite(session, draft.id, fields)
    return "It joined the draft of its sender, who was told what is missing still."


# -- completed in the form --


@dataclass(frozen=True)
class Standing:
    """What a draft's link shows: the fields while it is open, else the request that it has become."""

    id: int
    fields: dict[str, Any]
    receipt: Receipt | None


def standing(office: Office, value: str) -> Standing | None:
    """Return how the draft behind a link stands; None for a link that is not ours. Changes nothing."""
    draft = rows.by_hash(token_hash(value)) if looks_like_token(value) else None
    if draft is None:
        return None
    found = lookups.case(draft.request_id) if draft.request_id is not None else None
    return Standing(draft.id, dict(draft.fields), receipt_of(office, found.request.number) if found else None)


def complete(office: Office, value: str, submission: Submission, *, now: datetime) -> Receipt:
    """Open the request that the form completes, once; what is sent later joins that same request.

    Raises what ``open_request`` raises.
    """
    draft = standing(office, value)
    if draft is None:
        return open_request(office, submission, now=now)
    if draft.receipt is None:
        try:
            return open_request(office, submission, now=now, together=_becoming(draft.id, "completed"))
        except _IsOne:
            draft = standing(office, value)  # in this very moment, by the clock or in another window
    assert draft is not None, "a draft is never deleted"
    assert draft.receipt is not None, "it has just become a request"
    found = lookups.case_by_number(draft.receipt.number)
    assert found is not None, "a receipt names a request"
    words, nonce = _news(found.request, submission), submission.mark[-64:]
    adding.join(office, found.request.id, text=words, photos=submission.photos, now=now, nonce=nonce)
    return draft.receipt


def _news(request: ServiceRequest, sent: Submission) -> str:
    """Return what the form says and the request does not."""
    said = [
        sent.description if sent.description.strip() not in request.description else "",
        sent.place if sent.place and sent.place != request.place else "",
        "\n".join(
            f"{code}: {value}" for code, value in sent.answers.items() if request.answers.get(code) != value
        ),
    ]
    return "\n\n".join(part for part in said if part)[:LONGEST]


class _IsOne(Exception):
    """The draft has become a request already."""


def _becoming(draft_id: int, state: str) -> Any:
    def become(session: Session, request_id: int) -> None:
        if not rows.become(session, draft_id, request_id, state=state):
            raise _IsOne

    return become


# -- never completed --


def pass_on_due(office: Office, *, now: datetime) -> int:
    """Give the clerk, as requests, the drafts that nobody has completed in time; return how many."""
    done = 0
    for draft_id in rows.due(now, most=AT_ONCE):
        try:
            with writing():
                done += _pass_on(office, draft_id, now)
        except Exception:
            # One draft that cannot become a request must not keep the others, or itself, from the clerk.
            log.exception("draft %d could not be passed on", draft_id)
            with writing() as session:
                rows.postpone(session, draft_id, now + AGAIN)
    return done


def _pass_on(office: Office, draft_id: int, now: datetime) -> bool:
    draft = rows.get(draft_id)
    if draft is None or draft.state != "open":
        return False
    submission = _submission(office, draft)
    with force_locale(submission.language.replace("-", "_")):
        decision = _for_the_clerk(office, draft, now)
        try:
            open_request(
                office,
                submission,
                now=now,
                decision=decision,
                together=_becoming(draft.id, "passed_on"),
                is_told=not draft.fields["quiet"],
            )
        except _IsOne:
            return False
    return True


def _for_the_clerk(office: Office, draft: Draft, now: datetime) -> Decision:
    rulebook = office.rulebook
    return Decision(
        outcome=Outcome.ACCEPT,
        target=rulebook.clerk,
        rule=UNASKED,
        because=_("You wrote to us by mail. A person in the town office looks at your words as they are."),
        because_staff=_for_staff(office, draft),
        road=None,
        areas={},
        outside=False,
        options=(),
        layer_versions=office.layers.versions,
        rules_version=rulebook.version,
        note_anyway=False,
        services_assignee=office.stand_in(rulebook.clerk, now).id,
        unsure=True,
    )


def _for_staff(office: Office, draft: Draft) -> str:
    """Return why the clerk has it, in the language of the staff and not of whoever wrote."""
    language, services = letters.staff_language(office), office.rulebook.services
    with force_locale(language.replace("-", "_")):
        names = [
            services[code].name.said(language) for code in draft.fields.get("likely", ()) if code in services
        ]
        staff = [_("It came by mail, and nobody completed it in the form.")]
        if draft.fields.get("danger"):
            staff = [_("It came by mail and may speak of danger, so nobody waited for the form.")]
        if draft.fields["quiet"]:
            staff = [_("It came by mail. Its sender was not written to: %(why)s.", why=draft.fields["quiet"])]
        if names:
            staff.append(_("It may be: %(services)s.", services=", ".join(names)))
        if draft.fields.get("files"):
            staff.append(_("The mail also held: %(files)s.", files=", ".join(draft.fields["files"])))
        return " ".join(staff)


# -- values --


def _words(mail: Mail, text: str) -> str:
    """Return what a mail says: its own words, and its subject where that says more."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    subject = " ".join(ANSWERED.sub("", mail.subject).split())[:200]
    if subject and subject.lower() not in text.lower() and not mail.references:
        text = f"{subject}\n\n{text}".strip()
    if not text:
        return _("(a mail without words)")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2].rstrip()} …"


def _fields(office: Office, mail: Mail, text: str, photos: Sequence[StoredPhoto]) -> dict[str, Any]:
    sender = welcoming.sender_of(mail)
    files = [one.name for one in mail.attachments if not one.type.startswith("image/") and not one.is_inline]
    return {
        "description": text,
        "name": " ".join(sender.name.split())[:120] if sender.name.isprintable() else "",
        "email": welcoming.mailable(sender.email),
        "language": language_of(mail, text, office.rulebook.town.languages),
        "photos": _listed(photos),
        "files": files[:MOST_PHOTOS],
        "letters": 0,
        "quiet": "",
    }


def _listed(photos: Sequence[StoredPhoto]) -> list[list[Any]]:
    return [[photo.sha256, photo.width, photo.height, photo.size] for photo in photos]


def _guessed(office: Office, found: Guess) -> dict[str, Any]:
    return {
        "service": found.service or "",
        "place": found.place,
        "likely": list(found.likely),
        "danger": found.is_danger,
    }


def _submission(office: Office, draft: Draft) -> Submission:
    """Return the draft as the clerk gets it: its words, whatever they mean."""
    fields, services = draft.fields, office.rulebook.services
    return Submission(
        nonce=f"draft-{draft.id}",
        service=ANYTHING if ANYTHING in services else next(iter(services)),
        description=fields["description"],
        answers={},
        place=fields.get("place", ""),
        at=None,
        road=None,
        photos=tuple(StoredPhoto(*photo) for photo in fields["photos"]),
        name=fields["name"],
        email=fields["email"],
        phone="",
        may_share=False,
        language=fields["language"],
        channel="mail",
        widget=None,
        source_page="",
    )


def _token(office: Office, incoming_id: int, mail: Mail, text: str) -> str:
    """Return the key of the draft's link; the same mail by two ways gives one key."""
    said = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    mark = f"{mail.message_id}\n{said}" if mail.message_id else str(incoming_id)
    return token(office.secret, "draft", mark, "sender")
