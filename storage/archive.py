"""Which editions may everybody read, how large are they, and what was said when one was taken back?

An edition is public while ``published_at`` says since when. What was decided about that by hand stands
beside its figures, in ``facts["publishing"]``, oldest first; nothing of it is ever taken out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from storage.database import reading
from storage.tables import Edition

SENT = Edition.state == "sent"


@dataclass(frozen=True)
class Listed:
    """One sent edition without its bytes; sizes in bytes, 0 where there is none of the kind."""

    id: int
    report: str
    part: str
    period: str
    issue: int
    sent_at: datetime
    published_at: datetime | None
    note: str
    audience: str | None
    """Of the plan by which it was made; None where an early version did not keep it."""
    title: str | None
    part_name: str | None
    sentences: tuple[str, ...]
    pdf_size: int
    page_size: int
    csv_size: int
    decisions: tuple[dict[str, Any], ...]
    """What was decided about it by hand, oldest first: ``at``, ``is_public``, ``by``, ``reason``."""


def places() -> frozenset[tuple[str, str]]:
    """Return (report, period) of every edition that is published."""
    with reading() as session:
        rows = session.execute(
            select(Edition.report, Edition.period).where(SENT, Edition.published_at.is_not(None)).distinct()
        )
        return frozenset((report, period) for report, period in rows)


def published(found: Collection[tuple[str, str]]) -> tuple[Listed, ...]:
    """Return the published editions of these (report, period), the newest issue first."""
    if not found:
        return ()
    periods = {period for _report, period in found}
    wanted = (
        _listed()
        .where(Edition.published_at.is_not(None), Edition.period.in_(periods))
        .order_by(Edition.issue.desc(), Edition.id.desc())
    )
    return tuple(row for row in _rows(wanted) if (row.report, row.period) in found)


def latest(most: int) -> tuple[Listed, ...]:
    """Return what was published last, the newest first."""
    wanted = _listed().where(Edition.published_at.is_not(None))
    return _rows(wanted.order_by(Edition.published_at.desc(), Edition.id.desc()).limit(most))


def sent(report: str, period: str) -> tuple[Listed, ...]:
    """Return every sent issue of every part for a period, also those taken back, the newest issue first."""
    wanted = _listed().where(Edition.report == report, Edition.period == period)
    return _rows(wanted.order_by(Edition.issue.desc(), Edition.id.desc()))


def csv_of(edition_id: int) -> bytes:
    """Return the stored table of an edition."""
    with reading() as session:
        return session.scalar(select(Edition.csv).where(Edition.id == edition_id)) or b""


def publish(
    session: Session, edition_id: int, *, is_public: bool, reason: str, by: str, now: datetime
) -> bool:
    """Publish a sent edition or take it back; return whether this call changed anything.

    Call it inside ``writing()``.
    """
    is_other = Edition.published_at.is_(None) if is_public else Edition.published_at.is_not(None)
    facts = session.scalar(
        select(Edition.facts).where(Edition.id == edition_id, SENT, is_other).with_for_update()
    )
    if facts is None:
        return False
    said = {"at": now.isoformat(), "is_public": is_public, "by": by, "reason": reason}
    session.execute(
        update(Edition)
        .where(Edition.id == edition_id)
        .values(
            published_at=now if is_public else None,
            facts=facts | {"publishing": [*facts.get("publishing", ()), said]},
        )
        .execution_options(synchronize_session=False)
    )
    return True


def _listed() -> Select[Any]:
    facts = Edition.facts
    return select(
        Edition.id,
        Edition.report,
        Edition.part,
        Edition.period,
        Edition.issue,
        Edition.sent_at,
        Edition.published_at,
        Edition.note,
        facts[("plan", "audience")].as_string().label("audience"),
        facts[("letter", "title")].as_string().label("title"),
        facts[("letter", "part")].as_string().label("part_name"),
        facts[("letter", "sentences")].label("sentences"),
        facts["publishing"].label("decisions"),
        func.coalesce(func.length(Edition.pdf), 0).label("pdf_size"),
        func.coalesce(func.length(Edition.html), 0).label("page_size"),
        func.coalesce(func.length(Edition.csv), 0).label("csv_size"),
    ).where(SENT)


def _rows(wanted: Select[Any]) -> tuple[Listed, ...]:
    with reading() as session:
        found = [dict(row) for row in session.execute(wanted).mappings()]
    return tuple(
        Listed(**row | {name: tuple(row[name] or ()) for name in ("sentences", "decisions")}) for row in found
    )
