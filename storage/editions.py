"""Which edition is due, who is making it, what was sent? One row per report, part, period and issue.

The row is the truth about what has gone out: it is unique, it is claimed by compare-and-set with a
lease, and it turns to ``waiting`` or ``sent`` in the transaction that posts its letters. A process that
dies in the middle leaves a lease that ends; the next one makes the edition anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, Select, and_, case, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from storage.database import reading
from storage.tables import Edition, OutgoingLetter

FIRST_ISSUE = 1
BY_ITSELF = "townline"
"""Who decided where nobody did."""
BY_OPERATOR = "operator"
"""Who put an edition aside that had failed."""
LONGEST_WAIT = timedelta(hours=3)
"""More than any try is put off, and any lease lasts."""


class LeaseLost(RuntimeError):
    """Another process has taken over this edition, so this one must not send it."""

    def __init__(self, edition_id: int) -> None:
        super().__init__(f"edition {edition_id} was taken over by another process, so nothing was sent here")


@dataclass(frozen=True)
class Claimed:
    """An edition that this process alone may make until its lease ends."""

    id: int
    report: str
    part: str
    """The department or ward; empty for the whole town."""
    period: str
    issue: int
    attempts: int
    """How often making it has failed, or its maker has died, before."""
    note: str
    is_decided: bool
    """True where somebody has approved it already, or the time for that ran out."""
    is_made: bool
    """True where what was approved is stored and goes out as it is."""
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
    remark: str | None
    """A sentence for the clerk when something was not as it should be."""
    changes: tuple[dict[str, Any], ...] = ()
    """What differs from the issue before it."""


@dataclass(frozen=True)
class Waiting:
    """A draft that waits for a word."""

    id: int
    report: str
    part: str
    period: str
    issue: int
    since: datetime
    until: datetime


class Ahead(NamedTuple):
    """An edition of which a clock that was ahead made a row."""

    id: int
    report: str
    period: str


def known_periods(report: str) -> dict[str, dict[str, datetime]]:
    """Return the periods of which each part of a report has a row, in any state, and when it was due.

    Left out is what was only noted as missed: a clock that was ahead may have noted what is due now.
    """
    found: dict[str, dict[str, datetime]] = {}
    wanted = select(Edition.part, Edition.period, Edition.due_at).where(
        Edition.report == report, Edition.issue == FIRST_ISSUE, ~_is_missed()
    )
    with reading() as session:
        for part, period, due_at in session.execute(wanted):
            found.setdefault(part, {})[period] = due_at
    return found


def add(
    session: Session,
    *,
    report: str,
    period: str,
    due_at: datetime,
    part: str = "",
    issue: int = FIRST_ISSUE,
    note: str = "",
    missed: str = "",
) -> bool:
    """Make the row of a due edition unless it is there; call it inside ``writing()``.

    With ``missed``, a sentence that says why, it is skipped at once. A row that was once noted as missed is
    made due by a call without. Returns whether the row is new, or due anew.
    """
    same = (
        Edition.report == report, Edition.part == part, Edition.period == period, Edition.issue == issue
    )  # fmt: skip
    if session.scalar(select(Edition.id).where(*same)) is not None:
        return not missed and _changed(
            session.execute(
                update(Edition)
                .where(*same, _is_missed())
                .values(state="due", due_at=due_at, next_at=due_at, last_error=None, decided_by="")
                .execution_options(synchronize_session=False)
            )
        )
    row = Edition(
        report=report,
        part=part,
        period=period,
        issue=issue,
        state="skipped" if missed else "due",
        attempts=0,
        due_at=due_at,
        next_at=due_at,
        rules_version="",
        note=note,
        changes=[],
        last_error=missed or None,
        decided_by=BY_ITSELF if missed else "",
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Where several processes write at once, another one added it between our look and our row.
        return False
    return True


def _is_missed() -> ColumnElement[bool]:
    """Skipped because nobody made it in time, and not because somebody, or the end of a wait, said so."""
    return and_(Edition.state == "skipped", Edition.decided_by == BY_ITSELF, Edition.decided_at.is_(None))


def is_waiting(now: datetime) -> bool:
    """Return whether any edition could be claimed now: a look that takes no lock."""
    with reading() as session:
        return session.scalar(select(Edition.id).where(_is_free(now)).limit(1)) is not None


def _is_free(now: datetime) -> ColumnElement[bool]:
    # No try is put off for hours, and no lease lasts that long: what says so is of a clock that was ahead.
    ahead = now + LONGEST_WAIT
    return or_(
        and_(Edition.state == "due", Edition.next_at <= now),
        and_(Edition.state == "due", Edition.due_at <= now, Edition.next_at > ahead),
        and_(Edition.state == "building", or_(Edition.lease_until <= now, Edition.lease_until > ahead)),
    )


def ahead(now: datetime) -> tuple[Ahead, ...]:
    """Return the editions that are due later than ``now``: a clock was ahead; of those sent the unmarked."""
    is_open = Edition.state.in_(("due", "building", "waiting", "failed"))
    is_unmarked = and_(Edition.state == "sent", Edition.last_error.is_(None))
    wanted = select(Edition.id, Edition.report, Edition.period).where(
        Edition.due_at > now, Edition.issue == FIRST_ISSUE, or_(is_open, is_unmarked)
    )
    with reading() as session:
        return tuple(Ahead(*row) for row in session.execute(wanted))


def call_off(session: Session, edition_ids: Sequence[int], *, why: str, why_sent: str) -> None:
    """Note that these were only missed, so that they are made anew when their day comes.

    What went out stays sent, and has ``why_sent`` for whoever looks at it.
    """
    session.execute(
        update(Edition)
        .where(Edition.id.in_(edition_ids), Edition.state == "sent")
        .values(last_error=why_sent)
    )
    session.execute(
        update(Edition)
        .where(Edition.id.in_(edition_ids), Edition.state != "sent")
        .values(
            state="skipped", last_error=why, decided_by=BY_ITSELF, decided_at=None, lease=None,
            lease_until=None, approve_until=None, attempts=0,
        )
    )  # fmt: skip


def make_anew(session: Session, edition_id: int, *, now: datetime) -> None:
    """Have a draft that waits made once more, as if it were due now; what was said of it goes with it."""
    first = case((Edition.issue == FIRST_ISSUE, ""), else_=Edition.note)
    session.execute(
        update(Edition)
        .where(Edition.id == edition_id, Edition.state == "waiting")
        .values(state="due", next_at=now, attempts=0, approve_until=None, note=first)
    )


def put_aside(session: Session, edition_id: int, *, by: str, now: datetime) -> bool:
    """Give up an edition that failed; it can still be made by hand. Returns whether it had failed."""
    done = session.execute(
        update(Edition)
        .where(Edition.id == edition_id, Edition.state == "failed")
        .values(state="skipped", decided_by=by, decided_at=now)
        .execution_options(synchronize_session=False)
    )
    return _changed(done)


def claim(
    session: Session,
    *,
    reports: Sequence[str],
    lease: str,
    until: datetime,
    now: datetime,
    only: int | None = None,
) -> Claimed | None:
    """Claim the edition that has been due longest, or whose maker died; None when there is none.

    A maker's death counts as an attempt, so that one which kills its makers comes to an end too.
    """
    is_free = _is_free(now)
    wanted = select(Edition.id).where(is_free, Edition.report.in_(reports))
    if only is not None:
        wanted = wanted.where(Edition.id == only)
    found = session.scalar(wanted.order_by(Edition.due_at, Edition.issue, Edition.id).limit(1))
    is_orphan = case((Edition.state == "building", 1), else_=0)
    if found is None or not _changed(
        session.execute(
            update(Edition)
            .where(Edition.id == found, is_free)
            .values(state="building", lease=lease, lease_until=until, attempts=Edition.attempts + is_orphan)
            .execution_options(synchronize_session=False)
        )
    ):
        return None
    return _claimed(session, found, lease)


def _claimed(session: Session, found: int, lease: str) -> Claimed:
    row = session.execute(
        select(
            Edition.report,
            Edition.part,
            Edition.period,
            Edition.issue,
            Edition.attempts,
            Edition.note,
            Edition.decided_at.is_not(None),
            # A note that came with the approval stands on the first page, which is made anew for it.
            and_(Edition.html.is_not(None), Edition.decided_at.is_not(None)),
        ).where(Edition.id == found)
    ).one()
    return Claimed(found, *row, lease=lease)


def hold(session: Session, claimed: Claimed, made: Finished, *, until: datetime) -> None:
    """Keep a draft, which then waits for a word; raises ``LeaseLost``. The letter goes along."""
    _set(session, claimed, state="waiting", approve_until=until, **_kept(made))


def finish(
    session: Session, claimed: Claimed, made: Finished | None, *, now: datetime, is_public: bool = False
) -> None:
    """Mark an edition sent; raises ``LeaseLost``. The letters go into this transaction.

    ``made`` is kept; without it, what has been stored and approved goes out as it is.
    """
    kept = _kept(made) if made is not None else {}
    _set(session, claimed, state="sent", sent_at=now, published_at=now if is_public else None, **kept)


def _kept(made: Finished) -> dict[str, Any]:
    return {
        "facts": made.facts,
        "rules_version": made.rules_version,
        "html": made.html,
        "csv": made.csv,
        "pdf": made.pdf,
        "sha256": made.sha256,
        "last_error": made.remark,
        "changes": list(made.changes),
    }


def fail(session: Session, claimed: Claimed, *, error: str, next_at: datetime | None) -> None:
    """Note why it was not made and when to try again; without ``next_at`` it has failed for good."""
    values: dict[str, Any] = {"attempts": claimed.attempts + 1, "last_error": error}
    if next_at is None:
        _set(session, claimed, state="failed", **values)
    else:
        _set(session, claimed, state="due", next_at=next_at, **values)


def decide(
    session: Session,
    edition_id: int,
    *,
    by: str,
    is_skipped: bool,
    note: str = "",
    sha256: str | None = None,
    now: datetime,
) -> bool:
    """Keep what was decided about a draft, if it still waits; return whether this call did.

    With ``sha256`` it must still be the very draft that was looked at.
    An approved one is due at once; with a note it is made anew, since the note stands on its first page.
    """
    values: dict[str, Any] = {"decided_at": now, "decided_by": by, "next_at": now, "attempts": 0}
    if note:
        old = session.scalar(select(Edition.note).where(Edition.id == edition_id)) or ""
        values["note"] = f"{old}\n\n{note}" if old else note
        if not is_skipped:
            values |= {"html": None, "csv": None, "pdf": None}
    wanted = [Edition.id == edition_id, Edition.state == "waiting"]
    if sha256 is not None:
        wanted.append(Edition.sha256 == sha256)
    done = session.execute(
        update(Edition)
        .where(*wanted)
        .values(state="skipped" if is_skipped else "due", **values)
        .execution_options(synchronize_session=False)
    )
    return _changed(done)


def waiting() -> tuple[Waiting, ...]:
    """Return every draft that waits for a word, the one whose time ends first before the others."""
    told = (
        select(OutgoingLetter.edition_id, func.min(OutgoingLetter.created_at).label("since"))
        .where(OutgoingLetter.kind == "edition_draft")
        .group_by(OutgoingLetter.edition_id)
        .subquery()
    )
    with reading() as session:
        rows = session.execute(
            select(
                Edition.id,
                Edition.report,
                Edition.part,
                Edition.period,
                Edition.issue,
                func.coalesce(told.c.since, Edition.due_at, type_=Edition.due_at.type),
                Edition.approve_until,
            )
            .outerjoin(told, told.c.edition_id == Edition.id)
            .where(Edition.state == "waiting")
            .order_by(Edition.approve_until, Edition.id)
        ).all()
    return tuple(Waiting(*row) for row in rows)


def edition(report: str, period: str, part: str = "", *, states: Sequence[str] = ()) -> Edition | None:
    """Return the newest issue of a period with its stored bytes, in one of the states where any are named."""
    wanted = _whole().where(Edition.report == report, Edition.part == part, Edition.period == period)
    if states:
        wanted = wanted.where(Edition.state.in_(states))
    with reading() as session:
        return session.scalar(wanted.order_by(Edition.issue.desc()).limit(1))


def one(edition_id: int) -> Edition | None:
    """Return an edition by its number, with its stored bytes."""
    with reading() as session:
        return session.scalar(_whole().where(Edition.id == edition_id))


def _whole() -> Select[Edition]:
    return select(Edition).options(undefer(Edition.pdf), undefer(Edition.html), undefer(Edition.csv))


def runs(report: str | None = None, most: int = 20) -> Sequence[Edition]:
    """Return the newest editions without their bytes, of one report or of all, the newest first."""
    wanted = select(Edition).order_by(Edition.due_at.desc(), Edition.id.desc()).limit(most)
    if report is not None:
        wanted = wanted.where(Edition.report == report)
    with reading() as session:
        return session.scalars(wanted).all()


def revive(session: Session, edition_id: int, *, note: str | None = None, now: datetime) -> None:
    """Let an edition that failed or was skipped be made after all, with another note where one is given.

    What has been approved and is about to go out stays approved. Without a note, what was said about the
    last draft of a first issue goes with that draft. Call it inside ``writing()``.
    """
    first = case((Edition.issue == FIRST_ISSUE, ""), else_=Edition.note)
    values: dict[str, Any] = {"note": first if note is None else note}
    is_approved = and_(Edition.state == "due", Edition.decided_at.is_not(None))
    session.execute(
        update(Edition).where(Edition.id == edition_id, is_approved).values(next_at=now, attempts=0)
    )
    session.execute(
        update(Edition)
        .where(Edition.id == edition_id, Edition.state.in_(("due", "failed", "skipped")), ~is_approved)
        .values(
            state="due",
            next_at=now,
            attempts=0,
            decided_at=None,
            decided_by="",
            approve_until=None,
            **values,
        )
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
