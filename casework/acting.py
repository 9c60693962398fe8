"""What does a mail do whose sender may act? As an employee's, a resident's or an agency's."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from casework import access, commanding, confirming, explaining, letters, me_too, receiving, redirecting
from casework.access import Purpose
from casework.change import Change, changing
from casework.commanding import Doing, How, not_understood
from casework.done import done
from casework.enclosures import NONE, Enclosures
from casework.errors import LONGEST_TEXT, CaseworkError
from casework.escalating import BY_TOWNLINE
from casework.office import Office
from casework.telling import tell_resident
from casework.tongues import who_reads
from inbox.commands import Command, Unknown, first_line, misplaced
from lifecycle.journal import Kind
from lifecycle.status import Status
from storage import lookups
from storage.database import joining
from storage.tables import Entry, Photo, ServiceRequest

AFTER_END = "resident_after_end"


@dataclass(frozen=True)
class Said:
    """What somebody says by a mail."""

    mail_id: int
    request_id: int
    purpose: Purpose
    by: str
    """Who acts, as the journal names them."""
    text: str
    """What they newly wrote."""
    nonce: str
    """By this mark what it did is found, and never done again."""
    sender: str = ""
    """Where the answer to it goes; "" where a person at a page is told instead."""
    message_id: str = ""
    came_along: Enclosures = NONE
    is_for_others: bool = False
    """It is written to somebody else, and the town reads along."""


@dataclass(frozen=True)
class Outcome:
    """What became of it, for the record: the state of the mail and one sentence."""

    state: str
    reason: str


def act(office: Office, said: Said, *, now: datetime) -> Outcome:
    """Do what a mail says, inside ``writing()``; what cannot be done is kept and explained to its sender.

    With a person at a page instead of a ``sender``, raises ``CaseworkError`` for what cannot be done.
    """
    try:
        with joining(), _their_language(office, said):
            _do(office, said, now)
    except CaseworkError as refused:
        if not said.sender:
            raise
        with _their_language(office, said):
            why = str(refused)
        return _refused(office, said, why, now)
    return _done(office, said, now)


def _their_language(office: Office, said: Said) -> AbstractContextManager[None]:
    """Have an employee read in their own language why a mail did nothing; a page speaks it already."""
    is_theirs = said.sender and said.by.startswith("person:")
    return force_locale(who_reads(office, said.by).replace("-", "_")) if is_theirs else nullcontext()


def _do(office: Office, said: Said, now: datetime) -> None:
    how = How(by=said.by, now=now, nonce=said.nonce)
    doing = Doing(office, said.request_id, how, who_reads(office, said.by))
    if said.purpose == "resident":
        _resident(office, said, now)
        return
    if said.purpose == "follower":
        # Their photos are kept for the town alone: nobody has looked at them.
        text = _as_much(said.text) or _files_alone(said, letters.staff_language(office))
        me_too.add(office, said.request_id, said.by, text=text, now=now, nonce=said.nonce)
        return
    command = first_line(said.text, doing.language[:2], agencies=doing.agencies)
    if isinstance(command, Unknown):
        raise not_understood(command)
    below = None if command else misplaced(said.text, doing.language[:2], agencies=doing.agencies)
    if below is not None:
        raise commanding.NotUnderstood(
            _("%(word)s counts only on the first line, so nothing was done and nobody was told. "
              "Please send it again with that line on top.", word=below.said)
        )  # fmt: skip
    if isinstance(command, Command):
        commanding.run(doing, said.purpose, command)
    elif not said.text:
        raise commanding.NotUnderstood(_("We found no words of yours in it, above what it quotes."))
    elif said.is_for_others:
        commanding.aside(doing, said.purpose, said.text)
    elif said.purpose == "employee":
        commanding.plain(doing, said.text)
    else:
        redirecting.agency_answer(*doing.it, text=said.text, **how)


def _resident(office: Office, said: Said, now: datetime) -> None:
    request = _request(said)
    command = first_line(said.text, request.language[:2])
    is_ended = request.status == Status.ENDED
    if isinstance(command, Command) and command.said.startswith(("#", "＃")):
        # What is not possible any more are words like all others: somebody must read them.
        rest = _as_much(command.rest)
        if command.word == "reopen" and receiving.can_reopen(request.ended_at, now):
            receiving.reopen(office, said.request_id, text=rest, now=now, nonce=said.nonce)
            return
        if command.word == "withdraw" and not is_ended:
            receiving.withdraw(office, said.request_id, text=rest, now=now, nonce=said.nonce)
            return
    photos = len(said.came_along.photos)
    text = _as_much(said.text) or _files_alone(said, request.language)
    receiving.reply(office, said.request_id, text=text, now=now, nonce=said.nonce, photo_count=photos)
    if is_ended:
        with changing(office, said.request_id, by=receiving.BY_RESIDENT, now=now) as change:
            _offer_to_reopen(change, said)


def _as_much(text: str) -> str:
    """A resident's words are never refused: what is too long goes on in the original."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 2].rstrip() + " …"


def _files_alone(said: Said, language: str) -> str:
    """Return what stands for words where only photos or files came: somebody must look at them."""
    photos, along = len(said.came_along.photos), said.came_along
    others = len(along.files) + len(along.refused)
    with force_locale(language.replace("-", "_")):
        if photos:
            return ngettext("(%(num)d photo, without words)", "(%(num)d photos, without words)", photos)
        if others:
            return ngettext("(%(num)d file, without words)", "(%(num)d files, without words)", others)
    return ""


def _offer_to_reopen(change: Change, said: Said) -> None:
    """Tell the resident that it has ended and how to open it again; once for each end."""
    office, request = change.office, change.request
    since = request.ended_at
    told = (one for one in lookups.letters_of(request.id) if one.kind == AFTER_END)
    if since is None or any(one.created_at >= since for one in told):
        return
    value = access.grant(change.session, office, request, "resident", access.RESIDENT, now=change.now)
    entry = lookups.entry_by_nonce(said.nonce)
    assert entry is not None, "the reply has just been written"
    tell_resident(
        change,
        AFTER_END,
        entry,
        can_reopen=receiving.can_reopen(since, change.now),
        reopen_link=f"{access.tracking_url(office, request.number, value)}&fixed=no",
    )


def _done(office: Office, said: Said, now: datetime) -> Outcome:
    with changing(office, said.request_id, by=said.by, now=now) as change:
        entry = lookups.entry_by_nonce(said.nonce)
        assert entry is not None, "every verb marks its first entry"
        entry.facts = {**entry.facts, "mail": said.mail_id}
        _take_in(change, said, entry)
        change.session.flush()
        if said.sender and said.purpose not in ("resident", "follower"):
            confirming.confirm(change, entry, to=said.sender, answers_to=said.message_id)
        language = who_reads(office, said.by)
        sentence = done(office, Kind(entry.kind), entry.facts, language)
        return Outcome("applied", sentence or _("It joined the record."))


def _take_in(change: Change, said: Said, entry: Entry) -> None:
    """Have the photos join the request, and name what else came along where only the town reads it."""
    known = {photo.sha256 for photo in change.photos()}
    new = [photo for photo in said.came_along.photos if photo.sha256 not in known]
    for photo in new:
        change.session.add(
            Photo(
                request_id=change.request.id,
                sha256=photo.sha256,
                width=photo.width,
                height=photo.height,
                size=photo.size,
            )
        )
    if new:
        # Those alone that were not there before: undoing the act takes them away again.
        entry.facts = {**entry.facts, "photos": [photo.sha256 for photo in new]}
    others = (*said.came_along.files, *said.came_along.refused)
    if others:
        _keep(change.office, said, "; ".join(others), change.now, what="files")


def _refused(office: Office, said: Said, why: str, now: datetime) -> Outcome:
    """Keep the words where the town reads them, and tell their sender why they did nothing."""
    is_empty = not said.text and not said.came_along
    if not (is_empty and said.purpose == "resident"):
        kept = _keep(office, said, _as_much(said.text), now)
        with changing(office, said.request_id, by=said.by, now=now) as change:
            _take_in(change, said, kept)
            if said.purpose not in ("resident", "follower"):
                explaining.explain(
                    change,
                    to=said.sender,
                    why=why,
                    text=said.text,
                    mail_id=said.mail_id,
                    answers_to=said.message_id,
                    photos_kept=len(kept.facts.get("photos", ())),
                    photos_left=len(said.came_along.refused),
                )
    return Outcome("ignored", why)


def _keep(office: Office, said: Said, text: str, now: datetime, *, what: str = "explained") -> Entry:
    # By the town, not by its sender: who did nothing has nothing to undo.
    with changing(office, said.request_id, by=BY_TOWNLINE, now=now) as change:
        return change.write(Kind.MAIL_ARRIVED, text, mail=said.mail_id, whose=said.by, what=what)


def _request(said: Said) -> ServiceRequest:
    found = lookups.case(said.request_id)
    assert found is not None, "whom the mail concerns was looked up before"
    return found.request
