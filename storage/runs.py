"""How did each edition fare: who got it, and which ones are late or failed? Counts and deliveries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select

from storage.database import reading
from storage.tables import Edition, OutgoingLetter

Key = tuple[str, str, str, int]
"""Report, part, period and issue of an edition."""
ON_ITS_WAY = ("queued", "sending", "uncertain")


@dataclass(frozen=True)
class Delivery:
    """What became of the last letter that brought an edition to one recipient."""

    recipient: str
    state: str
    """``queued``, ``sent``, ``failed``, ``bounced`` (it left and came back) or ``cancelled``."""
    at: datetime
    error: str
    times: int
    """How many letters have brought it so far: more than one where it was sent again."""

    @property
    def is_on_its_way(self) -> bool:
        return self.state == "queued"


@dataclass(frozen=True)
class Counts:
    """Editions that a person should look into."""

    failed: int
    overdue: int
    waiting: int


def deliveries(edition_ids: Collection[int]) -> dict[int, tuple[Delivery, ...]]:
    """Return the deliveries of each edition, one for every recipient, in the order of the first letters."""
    letter = OutgoingLetter
    with reading() as session:
        rows = session.scalars(
            select(letter)
            .where(letter.edition_id.in_(edition_ids), letter.kind == "edition")
            .order_by(letter.id)
        ).all()
    found: dict[int, dict[str, Delivery]] = {}
    for row in rows:
        assert row.edition_id is not None
        own = found.setdefault(row.edition_id, {})
        before = own.get(row.recipient)
        is_back = row.state == "failed" and row.sent_at is not None
        said = "bounced" if is_back else "queued" if row.state in ON_ITS_WAY else row.state
        own[row.recipient] = Delivery(
            row.recipient,
            said,
            row.sent_at or row.created_at,
            row.last_error or "",
            before.times + 1 if before else 1,
        )
    return {edition_id: tuple(own.values()) for edition_id, own in found.items()}


def counts(reports: Collection[str] | None = None) -> tuple[int, int]:
    """Return how many editions failed, and how many wait for a word; of these reports alone, where given."""
    wanted = select(Edition.state, func.count().label("number")).where(
        Edition.state.in_(("failed", "waiting"))
    )
    if reports is not None:
        wanted = wanted.where(Edition.report.in_(reports))
    with reading() as session:
        rows = session.execute(wanted.group_by(Edition.state)).all()
    states = {row.state: row.number for row in rows}
    return states.get("failed", 0), states.get("waiting", 0)


def late(since: datetime) -> set[Key]:
    """Return the editions that should have gone out, or been taken up again, before ``since``."""
    is_late = or_(
        and_(Edition.state == "due", Edition.due_at < since, Edition.next_at < since),
        and_(Edition.state == "building", Edition.lease_until < since),
        and_(Edition.state == "waiting", Edition.approve_until < since),
    )
    wanted = select(Edition.report, Edition.part, Edition.period, Edition.issue).where(is_late)
    with reading() as session:
        return {(row.report, row.part, row.period, row.issue) for row in session.execute(wanted)}


def of_report(report: str, most: int) -> Sequence[Edition]:
    """Return editions of a report without their bytes: what is not at its end first, then by their days."""
    is_over = case((Edition.state.in_(("sent", "skipped")), 1), else_=0)
    wanted = select(Edition).where(Edition.report == report)
    wanted = wanted.order_by(is_over, Edition.due_at.desc(), Edition.issue.desc(), Edition.id).limit(most)
    with reading() as session:
        return session.scalars(wanted).all()


def count(report: str) -> int:
    """Return how many editions of a report there are."""
    with reading() as session:
        return session.scalar(select(func.count()).where(Edition.report == report)) or 0


def forms(edition_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return in which forms each edition is kept: ``pdf``, ``html``."""
    with reading() as session:
        rows = session.execute(
            select(Edition.id, Edition.pdf.is_not(None), Edition.html.is_not(None)).where(
                Edition.id.in_(edition_ids)
            )
        ).all()
    return {
        edition_id: tuple(kind for kind, is_kept in (("pdf", has_pdf), ("html", has_page)) if is_kept)
        for edition_id, has_pdf, has_page in rows
    }
