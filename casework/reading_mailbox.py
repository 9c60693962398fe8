"""What lies in the town's mailbox that we do not have yet? Each mail is stored before it counts as read.

A round looks for what is above the watermark, fetches it in small batches and moves the watermark only
over what was committed. A mail that the server does not give holds the watermark, not the mails behind
it; it is asked for again, and in the end a person is told. Nothing is marked, moved or removed there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casework.arriving import store
from casework.office import Office
from inbox.imap import Mailbox, MailboxTrouble, NotGiven
from storage import mailboxes
from storage.database import writing

AGAIN = timedelta(days=30)
"""How far back a mailbox is read that has numbered its mails anew."""
AT_FIRST = timedelta(days=1)
"""How far back one is read that was never read before: what is older was meant for other readers."""
TRIES, PATIENCE = 5, timedelta(minutes=10)
"""How often and how long a mail is asked for in vain before a person is told."""
LARGEST = 50 * 1024 * 1024  # bytes; what is larger stays in the mailbox, and a person is told
BATCH_BYTES, BATCH_MAILS = 8 * 1024 * 1024, 50


@dataclass
class Vain:
    """Which mails were asked for in vain; lost with the process, which only means more patience."""

    since: dict[tuple[int, int], tuple[int, datetime]] = field(default_factory=dict)

    def has(self, uid_validity: int, uid: int) -> bool:
        return (uid_validity, uid) in self.since

    def again(self, uid_validity: int, uid: int, now: datetime) -> None:
        count, first = self.since.get((uid_validity, uid), (0, now))
        self.since[uid_validity, uid] = (count + 1, first)

    def is_enough(self, uid_validity: int, uid: int, now: datetime) -> bool:
        count, first = self.since.get((uid_validity, uid), (0, now))
        return count >= TRIES and now - first >= PATIENCE

    def forget(self, uid_validity: int, uid: int) -> None:
        self.since.pop((uid_validity, uid), None)


@dataclass
class Look:
    """One look into a mailbox: what is still to be fetched, and where the watermark may go."""

    pending: list[int]
    top: int
    """Where the watermark stands when everything has been stored."""
    is_whole: bool
    """Whether the watermark moves only at the end, because mails were left out by their age."""
    left: list[int] = field(default_factory=list)
    """Which were not given this time."""
    stored: int = 0


def look(box: Mailbox, *, now: datetime) -> Look:
    """Return what is to be fetched; raises ``MailboxTrouble``."""
    row = mailboxes.find(box.name)
    if row is not None and row.uid_validity == box.uid_validity:
        found = box.search(above=row.uid)
        return Look(_missing(box, found), top=max(found, default=row.uid), is_whole=False)
    is_first = row is None or row.uid_validity is None
    found = box.search(above=0, since=now - (AT_FIRST if is_first else AGAIN))
    return Look(_missing(box, found), top=max([*found, box.last_uid()]), is_whole=True)


def _missing(box: Mailbox, uids: list[int]) -> list[int]:
    here = mailboxes.stored(box.name, box.uid_validity, uids)
    return [uid for uid in uids if uid not in here]


def read_some(office: Office, box: Mailbox, looked: Look, vain: Vain, *, now: datetime) -> bool:
    """Store the next batch and return whether there is more. Raises ``MailboxTrouble``.

    When it returns False the watermark stands as high as it may.
    """
    calm = [uid for uid in looked.pending if not vain.has(box.uid_validity, uid)]
    if calm:
        _take_batch(office, box, looked, vain, calm[:BATCH_MAILS], now)
    elif looked.pending:
        # Those that failed before come last and one by one, so that none of them takes others with it.
        _take_alone(office, box, looked, vain, looked.pending.pop(0), now)
    if looked.pending and looked.is_whole:
        return True
    _move(box, looked, now)
    return bool(looked.pending)


def trouble(name: str, why: str) -> None:
    """Remember why the mailbox cannot be read now."""
    with writing() as session:
        mailboxes.fail(session, name, error=why)


def _move(box: Mailbox, looked: Look, now: datetime) -> None:
    waiting = [*looked.left, *looked.pending]
    if looked.is_whole and looked.left:
        return  # the next look begins anew: what is here already is known by its number
    with writing() as session:
        uid = min(waiting) - 1 if waiting else looked.top
        mailboxes.move(session, box.name, uid_validity=box.uid_validity, uid=uid, now=now)


def _take_batch(
    office: Office, box: Mailbox, looked: Look, vain: Vain, uids: list[int], now: datetime
) -> None:
    sizes = box.sizes(uids)
    batch: list[int] = []
    weight = 0
    for uid in uids:
        weight += sizes.get(uid, 0)
        if batch and weight > BATCH_BYTES:
            break
        batch.append(uid)
    huge = [uid for uid in batch if sizes.get(uid, 0) > LARGEST]
    wanted = [uid for uid in batch if uid not in huge]
    try:
        given = box.fetch(wanted) if wanted else {}
    except MailboxTrouble:
        # The line went dead with these in hand. One of them may be why: next time each comes alone.
        for uid in wanted:
            vain.again(box.uid_validity, uid, now)
        raise
    for uid in batch:
        looked.pending.remove(uid)
        if uid in given:
            _keep(office, box, looked, uid, given[uid], now)
        elif uid in huge:
            _put_aside(box, uid, f"it has {sizes[uid] // 2**20} MB, more than is taken in", now)
        else:
            _take_alone(office, box, looked, vain, uid, now)


def _take_alone(office: Office, box: Mailbox, looked: Look, vain: Vain, uid: int, now: datetime) -> None:
    vain.again(box.uid_validity, uid, now)
    is_enough = vain.is_enough(box.uid_validity, uid, now)
    try:
        raw = box.fetch_alone(uid, most=LARGEST)
    except MailboxTrouble:
        if is_enough:
            _put_aside(box, uid, "the connection is cut whenever it is fetched", now, asks=False)
            vain.forget(box.uid_validity, uid)
        raise
    except NotGiven as refused:
        is_there = box.has(uid)  # a person may have removed it meanwhile
        if is_there and not is_enough:
            looked.left.append(uid)
            return
        if is_there:
            _put_aside(box, uid, str(refused), now)
    else:
        _keep(office, box, looked, uid, raw, now)
    vain.forget(box.uid_validity, uid)


def _keep(office: Office, box: Mailbox, looked: Look, uid: int, raw: bytes, now: datetime) -> None:
    if mailboxes.has_bytes(box.name, raw):
        return  # the same mail under a new number
    kept = store(
        office, raw, envelope_to="", source=box.name, uid=uid, uid_validity=box.uid_validity, now=now
    )
    looked.stored += kept is not None


def _put_aside(box: Mailbox, uid: int, why: str, now: datetime, *, asks: bool = True) -> None:
    """Keep what is known of a mail that cannot be had, so that a person looks into the mailbox."""
    head = box.head(uid) if asks else b""
    where = box.name.removeprefix("imap:")
    reason = f"mail number {uid} in {where} could not be fetched: {why}; it is still there"
    with writing() as session:
        mailboxes.quarantine(
            session, box.name, uid_validity=box.uid_validity, uid=uid, raw=head, reason=reason, now=now
        )
