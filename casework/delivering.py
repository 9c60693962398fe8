"""Has the letter left? Delivering what was posted, at least once.

``queued → sending → sent``; ``failed`` is final and a person is told; ``uncertain`` was cut behind the
final dot and goes twice more at most. A claim is a compare-and-set with a lease: a process that dies
leaves letters whose lease runs out, and the next round sends the same bytes with the same
Message-ID, by which receivers recognise a double.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from casework.escalating import letter_failed
from casework.office import Office
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
from storage.database import writing

log = logging.getLogger("townline.outbox")

LEASE = timedelta(minutes=10)
BATCH = 25
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
PATIENCE = timedelta(hours=72)
UNCERTAIN_TRIES = 2
"""How often the same bytes go again after a cut behind the final dot."""


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
        """Whether it is worth starting the next round at once."""
        return not self.is_closed and self.sent + self.failed + self.postponed > 0


def deliver_due(office: Office, carrier: Carrier, *, now: datetime) -> Delivered:
    """Send one batch of what is due; returns zeros when nothing was."""
    lease = token_hex(8)
    with writing() as session:
        claimed = rows.claim(session, lease=lease, until=now + LEASE, now=now, most=BATCH)
    if not claimed:
        return Delivered()
    sent = failed = 0
    left = list(claimed)
    try:
        with carrier.round() as post_round:
            while left:
                letter = left[0]
                outcome = _carry(post_round, letter)
                if isinstance(outcome, PostClosed):
                    raise outcome
                left.pop(0)
                failed += _record(office, letter, lease, outcome, now)
                sent += outcome is None
                if isinstance(outcome, Uncertain):
                    break  # the connection is gone; what is left goes with the next one
    except (TryLater, PostClosed) as closed:
        log.warning("post is closed: %s", closed)
        for letter in left:
            failed += _record(office, letter, lease, TryLater(str(closed)), now)
        return Delivered(sent, failed, len(left), is_closed=True)
    if left:
        with writing() as session:
            rows.release(session, left, lease=lease)
    return Delivered(sent, failed, len(claimed) - sent - failed)


def _carry(post_round: Round, letter: rows.Claimed) -> DeliveryError | None:
    try:
        post_round.carry(Parcel(letter.envelope_from, letter.recipient, letter.raw))
    except DeliveryError as error:
        return error
    return None


def _record(
    office: Office, letter: rows.Claimed, lease: str, outcome: DeliveryError | None, now: datetime
) -> bool:
    """Commit what became of one letter; return whether it failed for good."""
    state, next_at = _verdict(letter, outcome, now)
    with writing() as session:
        is_ours = rows.settle(
            session, letter.id, lease=lease, state=state, next_at=next_at, error=str(outcome or ""), now=now
        )
        if is_ours and state == "failed":
            letter_failed(session, office, letter, str(outcome), now=now)
    where = letter.number or letter.kind
    if outcome is None:
        log.info("%s: %s letter sent", where, letter.kind)
    else:
        log.warning("%s: %s letter %s: %s", where, letter.kind, state, type(outcome).__name__)
    return state == "failed"


def _verdict(letter: rows.Claimed, outcome: DeliveryError | None, now: datetime) -> tuple[str, datetime]:
    if outcome is None:
        return "sent", now
    wait = WAITS[min(letter.attempts, len(WAITS) - 1)]
    if isinstance(outcome, Refused) or now - letter.created_at > PATIENCE:
        return "failed", now
    if isinstance(outcome, Uncertain):
        spent = letter.state == "uncertain" and letter.attempts >= UNCERTAIN_TRIES
        return ("failed" if spent else "uncertain"), now + wait
    return "queued", now + wait
