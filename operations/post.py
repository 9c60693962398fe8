"""How is the mail doing, out and in? What the operator's page "Mail" shows, and its buttons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from casework.office import Office
from casework.recipients import Mailbox, health, restore
from casework.recipients import mailboxes as mailboxes_of
from operations import words
from storage import drafts, incoming, lookups, mailboxes, outbox
from storage.database import after_commit, writing
from storage.tables import Draft, OutgoingLetter
from storage.tables import Mailbox as ReadMailbox

MOST_SHOWN = 100
LONGEST_ADDRESS = 254
ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@,;]{1,255}")
DONE = ("retried", "dismissed", "restored")
"""What a button did, for the next page."""


@dataclass(frozen=True)
class Failure:
    """A letter that failed or came back. Of a resident only the number of the request is shown."""

    id: int
    kind: str
    whom: str
    number: str
    when: str
    error: str


@dataclass(frozen=True)
class Post:
    """Everything on the page. ``counts`` and ``arrived`` are state -> how many."""

    counts: Mapping[str, int]
    waiting_since: str
    closed: str
    failed: tuple[Failure, ...]
    read: tuple[ReadMailbox, ...]
    arrived: Mapping[str, int]
    drafts: tuple[Draft, ...]
    draft_count: int
    boxes: tuple[Mailbox, ...]

    @property
    def troubled(self) -> int:
        return sum(box.is_troubled for box in self.boxes)


def post_of(office: Office, *, now: datetime) -> Post:
    """Return the values of the page."""
    oldest = lookups.oldest_waiting_letter(now)
    return Post(
        counts=lookups.letter_counts(),
        waiting_since=words.moment(office, oldest) if oldest else "",
        closed=outbox.closed_because() or "",
        failed=_failures(office),
        read=tuple(mailboxes.every()),
        arrived=incoming.counts(),
        drafts=tuple(drafts.waiting(MOST_SHOWN)),
        draft_count=drafts.count_open(),
        boxes=health(office, now=now),
    )


def _failures(office: Office) -> tuple[Failure, ...]:
    failed = lookups.letters_failed(MOST_SHOWN)
    numbers = lookups.numbers_of({one.request_id for one in failed if one.request_id is not None})
    return tuple(_failure(office, one, numbers.get(one.request_id or 0, "")) for one in failed)


def _failure(office: Office, letter: OutgoingLetter, number: str) -> Failure:
    is_known = letter.recipient.lower() in mailboxes_of(office) or letter.edition_id is not None
    error = letter.last_error or ""
    whom = _("the resident") if number else _("somebody who wrote to the town")
    return Failure(
        letter.id,
        letter.kind,
        letter.recipient if is_known else whom,
        number,
        words.moment(office, letter.created_at),
        error if is_known else ADDRESS.sub("…@…", error),
    )


def state_words(state: str) -> str:
    """Return how a mailbox is doing, in words that stand alone."""
    return {
        "suspended": _("gives letters back: who stands in gets them"),
        "bounced": _("gave a letter back"),
        "automatic": _("only machines answer"),
        "silent": _("letters, but no sign of a person"),
        "unanswered": _("“Is this still you?” stayed unanswered"),
        "unused": _("no letter yet"),
        "well": _("well"),
    }[state]


def state_kind(state: str) -> str:
    """Return the colour of a state."""
    return {"suspended": "danger", "bounced": "warn", "well": "good", "unused": ""}.get(state, "warn")


def holders(office: Office, box: Mailbox) -> str:
    """Return whose mailbox it is: roles, then agencies."""
    book, language = office.rulebook, words.language()
    names = [book.people[one].name.said(language) for one in box.people]
    return ", ".join([*names, *(book.agencies[one].name.said(language) for one in box.agencies)])


# -- the buttons --


def act(office: Office, form: Mapping[str, str], *, now: datetime) -> str:
    """Do what a button says and return a word of ``DONE``; raises ``BadRequest`` for anything else."""
    asked, said = form.get("do", ""), form.get("what", "")
    if asked == "restore":
        restore(said[:LONGEST_ADDRESS], now=now)
        return "restored"
    if asked == "retry" and said == "all":
        _retry(office, None, now)
        return "retried"
    if asked not in ("retry", "dismiss") or not (said.isascii() and said.isdigit()) or len(said) > 15:
        raise BadRequest(_("Press one of the buttons on the page."))
    if asked == "retry":
        _retry(office, (int(said),), now)
        return "retried"
    with writing() as session:
        outbox.dismiss(session, (int(said),))
    return "dismissed"


def _retry(office: Office, letter_ids: tuple[int, ...] | None, now: datetime) -> None:
    with writing() as session:
        outbox.queue_again(session, now=now, letter_ids=letter_ids)
        after_commit(session, office.nudge)
