"""How does the town stand right now? What is open, late, silent or undecided, and what the mail says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from casework.office import Office
from casework.recipients import troubled
from lifecycle.deadlines import after_pause
from lifecycle.ladder import UNSEEN
from lifecycle.status import WAITING, Status
from storage import drafts, incoming, lookups, mornings
from storage import held as held_requests
from storage.mornings import Open
from storage.tables import OutgoingLetter

UNVERIFIED_FOR = timedelta(days=30)
"""A mail that nobody vouches for is shown this long."""


@dataclass(frozen=True)
class Stand:
    """How somebody stands."""

    who: str
    """The person's id: each reader knows them by a name in their own language."""
    open: int
    late: int


@dataclass(frozen=True)
class Found:
    """Everything that the letter is made of, before anybody's links."""

    received: int
    to_decide: Sequence[Open]
    new: Sequence[Open]
    late: Sequence[Open]
    silent: Sequence[Open]
    stands: Sequence[Stand]
    failed: Sequence[OutgoingLetter]
    failed_count: int
    mailboxes: Sequence[str]
    unverified: Sequence[str]
    """Numbers of the requests that a mail from nobody certain is about."""
    unread: int
    drafts: int
    held: int
    """Requests that wait for somebody to look whether a person sent them."""

    @property
    def is_nothing(self) -> bool:
        """Return whether there is nothing at all to say."""
        counts = (self.received, self.failed_count, self.unread, self.drafts, self.held)
        return not any((*counts, self.stands, self.mailboxes, self.unverified))


def look(office: Office, *, since: datetime, now: datetime) -> Found:
    """Return how the town stands now, and what came since ``since``."""
    standing = mornings.open_requests()
    late = [one for one in standing if is_late(office, one, now)]
    clerks = (office.rulebook.clerk, office.stand_in(office.rulebook.clerk, now).id)
    undecided = [one for one in standing if one.assignee in clerks and Status(one.status) in UNSEEN]
    # Those of earlier mornings were told; what goes on failing is somebody's mailbox, told below.
    failed = lookups.letters_failed(limit=5, since=since)
    unverified = {mail.request_id for mail in incoming.unverified(now - UNVERIFIED_FOR) if mail.request_id}
    return Found(
        received=mornings.count_received(since, now),
        to_decide=undecided,
        new=[one for one in standing if one.created_at > since and one not in undecided],
        late=late,
        silent=[one for one in standing if _is_silent(one)],
        stands=_stands(standing, late),
        failed=failed,
        failed_count=lookups.count_failed(since=since),
        mailboxes=[box.address for box in troubled(office, now)],
        unverified=sorted(one.number for one in map(mornings.request, sorted(unverified)) if one),
        unread=len(incoming.quarantined(since)),
        drafts=drafts.count_open(),
        held=held_requests.count(),
    )


def _is_silent(one: Open) -> bool:
    return one.status == Status.WAITING_AGENCY and one.agency_remind_at is None


def is_late(office: Office, one: Open, now: datetime) -> bool:
    """Return whether the promise to finish is broken, the time added in which it waited for others."""
    if Status(one.status) in WAITING:
        return False
    return after_pause(one.finish_due_at, one.paused_minutes, office.calendar) < now


def _stands(held: Iterable[Open], late: Iterable[Open]) -> list[Stand]:
    """Return how many each person has, the most first; what an agency has is not the town's to do."""
    mine = Counter(one.assignee for one in held if one.status != Status.WAITING_AGENCY)
    overdue = Counter(one.assignee for one in late)
    return [Stand(who, count, overdue[who]) for who, count in mine.most_common()]


def name_of_person(office: Office, who: str, language: str) -> str:
    person = office.rulebook.people.get(who)
    return person.name.said(language) if person else who
