"""Which edition is due, who is making it, what was sent? One row per report, period and issue.

The row is the truth about what has gone out: it is unique, it is claimed by compare-and-set with a
lease, and it turns to ``sent`` in the transaction that posts its letters. A process that dies in the
middle leaves a lease that ends; the next one makes the edition anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from storage.database import reading
from storage.tables import Edition

FIRST_ISSUE = 1


class LeaseLost(RuntimeError):
    """Another process has taken over this edition, so this one must not send it."""

    def __init__(self, edition_id: int) -> None:
        super().__init__(f"edition {edition_id} was taken over by another process, so nothing was sent here")


@dataclass(frozen=True)
class Claimed:
    """An edition that this process alone may make until its lease ends."""

    id: int
    report: str
    period: str
    attempts: int
    """How often making it has failed before."""
    lease: str


@dataclass(frozen=True)
class Finished:
    """What is kept of an edition, for ever."""

    facts: dict[str, Any]
    rules_version: str
    html: bytes
    csv: bytes
    pdf: bytes | None
    sha256: str
    note: str | None
    """A sentence for the clerk when something was not as it should be."""


def known_periods(report: str) -> frozenset[str]:
    """Return the period keys for which the report has a row, in whatever state."""
    with reading() as session:
        return frozenset(session.scalars(select(Edition.period).where(Edition.report == report)))


def add(session: Session, *, report: str, period: str, due_at: datetime) -> None:
    """Make the row of a due edition unless it is there; call it inside ``writing()``."""
    same = (Edition.report == report, Edition.period == period, Edition.issue == FIRST_ISSUE)
    if session.scalar(select(Edition.id).where(*same)) is not None:
        return
    row = Edition(
        report=report,
        period=period,
        issue=FIRST_ISSUE,
        state="due",
        attempts=0,
        due_at=due_at,
        next_at=due_at,
        rules_version="",
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Where several processes write at once, another one added it between our look and our row.
        return


def is_waiting(now: datetime) -> bool:
    """Return whether any edition could be claimed now: a look that takes no lock."""
    with reading() as session:
        return session.scalar(select(Edition.id).where(_is_free(now)).limit(1)) is not None


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(Edition.state == "due", Edition.next_at <= now),
        and_(Edition.state == "building", Edition.lease_until <= now),
    )


def claim(
    session: Session,
    *,
    reports: Sequence[str],
    lease: str,
    until: datetime,
    now: datetime,
    period: str | None = None,
) -> Claimed | None:
    """Claim the edition that has been due longest, or whose maker died; None when there is none."""
    is_free = _is_free(now)
    wanted = select(Edition.id).where(is_free, Edition.report.in_(reports))
    if period is not None:
        wanted = wanted.where(Edition.period == period)
    found = session.scalar(wanted.order_by(Edition.due_at, Edition.id).limit(1))
    if found is None or not _changed(
        session.execute(
            update(Edition)
            .where(Edition.id == found, is_free)
            .values(state="building", lease=lease, lease_until=until)
        )
    ):
        return None
    row = session.execute(
        select(Edition.report, Edition.period, Edition.attempts).where(Edition.id == found)
    ).one()
    return Claimed(found, row.report, row.period, row.attempts, lease)


def finish(session: Session, claimed: Claimed, made: Finished, *, now: datetime) -> None:
    """Keep what was made and mark it sent; raises ``LeaseLost``. The letters go into this transaction."""
    _set(
        session,
        claimed,
        state="sent",
        sent_at=now,
        facts=made.facts,
        rules_version=made.rules_version,
        html=made.html,
        csv=made.csv,
        pdf=made.pdf,
        sha256=made.sha256,
        last_error=made.note,
    )


def fail(session: Session, claimed: Claimed, *, error: str, next_at: datetime | None) -> None:
    """Note why it was not made and when to try again; without ``next_at`` it has failed for good."""
    values: dict[str, Any] = {"attempts": claimed.attempts + 1, "last_error": error}
    if next_at is None:
        _set(session, claimed, state="failed", **values)
    else:
        _set(session, claimed, state="due", next_at=next_at, **values)


def edition(report: str, period: str) -> Edition | None:
    """Return the newest issue of a period with its stored bytes; None when there is no row."""
    with reading() as session:
        return session.scalar(
            select(Edition)
            .options(undefer(Edition.pdf), undefer(Edition.html), undefer(Edition.csv))
            .where(Edition.report == report, Edition.period == period)
            .order_by(Edition.issue.desc())
            .limit(1)
        )


def revive(session: Session, report: str, period: str, *, now: datetime) -> None:
    """Let an edition that failed for good be made again; call it inside ``writing()``."""
    session.execute(
        update(Edition)
        .where(Edition.report == report, Edition.period == period, Edition.state.in_(("due", "failed")))
        .values(state="due", next_at=now, attempts=0)
    )


def _set(session: Session, claimed: Claimed, **values: Any) -> None:
    done = session.execute(
        update(Edition)
        .where(Edition.id == claimed.id, Edition.state == "building", Edition.lease == claimed.lease)
        .values(lease=None, lease_until=None, **values)
    )
    if not _changed(done):
        raise LeaseLost(claimed.id)


def _changed(result: Any) -> bool:
    return cast("CursorResult[Any]", result).rowcount == 1
