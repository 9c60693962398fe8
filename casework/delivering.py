"""Has the letter left? Delivering what was posted, at least once.

``queued → sending → sent``; ``failed`` is final and a person is told; ``uncertain`` was cut behind the
final dot and goes twice more at most, whatever happens in between. A claim is a compare-and-set with
a lease: a process that dies leaves letters whose lease runs out, and the next round sends the same
bytes with the same Message-ID, by which receivers recognise a double. Every way ends: by patience,
by repeats, or by the number of attempts. Only a post that is closed to all of them makes letters wait,
because that is not their fault; ``/healthz`` says so.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy.orm import Session

from casework.escalating import letter_failed
from casework.office import Office
from casework.recipients import mailboxes
from mail.delivery import (
    Carrier,
    DeliveryError,
    Parcel,
    PostClosed,
    Refused,
    Round,
    TryLater,
    Uncertain,
)
from storage import outbox as rows
from storage import recipients
from storage.database import reading, writing

log = logging.getLogger("townline.outbox")

LEASE = timedelta(minutes=10)
BATCH = 25
AT_ONCE = 5
"""How many outcomes are written down in one commit."""
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
PATIENCE = timedelta(hours=72)
"""How long a letter is tried, counted from when it was written or a person started it anew."""
CLOSED_WAIT = timedelta(minutes=5)
"""How long nobody knocks at a post that is closed: servers lock out who tries a wrong password often."""
UNCERTAIN_TRIES = 2
"""How often the same bytes go again after a cut behind the final dot."""
MOST_ATTEMPTS = 100
"""More than patience allows: only a letter of which its carriers die comes so far."""


@dataclass(frozen=True)
class Delivered:
    """What one round did."""

    sent: int = 0
    failed: int = 0
    postponed: int = 0
    is_closed: bool = False
    """The server could not be reached or turned us away: another round now would fare no better."""

    @property
    def has_more(self) -> bool:
        """Whether more may be due than fitted into this round."""
        return not self.is_closed and self.sent + self.failed + self.postponed >= BATCH


def deliver_due(office: Office, carrier: Carrier, *, now: datetime) -> Delivered:
    """Send one batch of what is due; returns zeros when nothing was."""
    with reading() as session:
        if not rows.is_due(session, now):
            return Delivered()  # a look costs nothing, the write lock would hold up a resident
        if rows.is_closed(session, now):
            return Delivered(is_closed=True)
    lease = token_hex(8)
    with writing() as session:
        claimed = rows.claim(session, lease=lease, until=now + LEASE, now=now, most=BATCH)
    if not claimed:
        return Delivered()
    book = _Book(office, lease, now, left=list(claimed))
    is_closed = False
    try:
        with carrier.round() as post_round:
            while book.left and not book.is_cut:
                book.note(_carry(post_round, book.left[0]))
    except (TryLater, PostClosed) as closed:
        log.warning("post is closed: %s", closed)
        book.postpone(closed)
        is_closed = True
    finally:
        book.settle()
    return Delivered(book.sent, book.failed, len(claimed) - book.sent - book.failed, is_closed)


def _carry(post_round: Round, letter: rows.Claimed) -> DeliveryError | None:
    if letter.attempts >= MOST_ATTEMPTS:
        return Refused(f"it was tried {letter.attempts} times, and whatever carried it ended on the way")
    try:
        post_round.carry(Parcel(letter.envelope_from, letter.recipient, letter.raw))
    except PostClosed:
        raise
    except DeliveryError as error:
        return error
    except Exception as error:
        # Nobody knows what it was, nor whether the letter left before it. Given back as it was, the
        # letter would come first again in every round, and hold up all the others.
        log.exception("%s: a %s letter met with an unknown failure", letter.number or "", letter.kind)
        return Uncertain(f"something that nobody foresaw went wrong with this letter: {type(error).__name__}")
    return None


@dataclass
class _Book:
    """What became of each letter of a round, written down a few at a time.

    One commit for each letter would hold up residents; one for the whole round would send more than a
    few twice after a power cut.
    """

    office: Office
    lease: str
    now: datetime
    left: list[rows.Claimed]
    sent: int = 0
    failed: int = 0
    is_cut: bool = False
    _done: list[tuple[rows.Claimed, DeliveryError | None]] = field(default_factory=list)

    def note(self, outcome: DeliveryError | None) -> None:
        """Note what became of the letter in hand."""
        self._done.append((self.left.pop(0), outcome))
        # After a cut the connection is gone; what is left goes with the next one.
        self.is_cut = isinstance(outcome, Uncertain)
        if len(self._done) >= AT_ONCE:
            self._write()

    def postpone(self, error: TryLater | PostClosed) -> None:
        """Put off all that is left: the server is away, or turns us away."""
        self._done += [(letter, error) for letter in self.left]
        self.left = []

    def settle(self) -> None:
        """Write down the rest, and give back what was not tried."""
        self._write(give_back=self.left)

    def _write(self, give_back: Sequence[rows.Claimed] = ()) -> None:
        done, self._done = self._done, []
        given_up = [pair for pair in done if _verdict(*pair, self.now).state == "failed"]
        others = [pair for pair in done if pair not in given_up]
        if others or give_back:
            with writing() as session:
                for letter, outcome in self._without_sent(session, others):
                    self._settle(session, letter, outcome)
                self._note_mailboxes(session, others)
                rows.release(session, give_back, lease=self.lease)
        # Giving up tells people, which may itself go wrong; that must not make sent letters go again.
        for letter, outcome in given_up:
            with writing() as session:
                self._settle(session, letter, outcome)
        for letter, outcome in done:
            _say(letter, outcome)

    def _note_mailboxes(
        self, session: Session, done: Sequence[tuple[rows.Claimed, DeliveryError | None]]
    ) -> None:
        """Note to which mailboxes of employees and agencies letters have left."""
        left = {letter.recipient.lower() for letter, outcome in done if outcome is None}
        recipients.written_to(session, left & mailboxes(self.office).keys(), now=self.now)

    def _without_sent(
        self, session: Session, done: list[tuple[rows.Claimed, DeliveryError | None]]
    ) -> list[tuple[rows.Claimed, DeliveryError | None]]:
        """Write down those that left, all at once; return the others, and all where that did not go."""
        sent = [letter.id for letter, outcome in done if outcome is None]
        if not sent or not rows.settle_sent(session, sent, lease=self.lease, now=self.now):
            return done
        self.sent += len(sent)
        return [pair for pair in done if pair[1] is not None]

    def _settle(self, session: Session, letter: rows.Claimed, outcome: DeliveryError | None) -> None:
        verdict = _verdict(letter, outcome, self.now)
        is_ours = rows.settle(session, letter.id, verdict, lease=self.lease, now=self.now)
        self.sent += verdict.state == "sent"
        self.failed += verdict.state == "failed"
        if is_ours and verdict.state == "failed":
            letter_failed(session, self.office, letter, verdict.error, now=self.now)


def _say(letter: rows.Claimed, outcome: DeliveryError | None) -> None:
    where = letter.number or letter.kind
    if outcome is None:
        log.info("%s: %s letter sent", where, letter.kind)
    else:
        log.warning("%s: %s letter did not leave: %s", where, letter.kind, type(outcome).__name__)


def _verdict(letter: rows.Claimed, outcome: DeliveryError | None, now: datetime) -> rows.Verdict:
    """Return what becomes of a letter that was carried, and how that went."""
    if outcome is None:
        return rows.Verdict("sent", now)
    error = str(outcome)
    # What may have arrived already stays marked as such, also while a server says "later".
    waiting = "uncertain" if letter.repeats or isinstance(outcome, Uncertain) else "queued"
    if isinstance(outcome, PostClosed):
        return rows.Verdict(waiting, now + CLOSED_WAIT, error, starts_anew=True)
    is_spent = isinstance(outcome, Uncertain) and letter.repeats >= UNCERTAIN_TRIES
    if isinstance(outcome, Refused) or is_spent or now - letter.started_at > PATIENCE:
        return rows.Verdict("failed", now, error)
    wait = WAITS[min(letter.attempts, len(WAITS) - 1)]
    return rows.Verdict(waiting, now + wait, error, is_repeated=isinstance(outcome, Uncertain))
