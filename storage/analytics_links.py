"""Who may look at the analytics by a link that came with a report? Rows of keys, only their hashes kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from storage.database import reading
from storage.tables import AnalyticsLink

KEPT = timedelta(days=400)
"""So long after its end a link still tells that it has ended."""


def add(
    session: Session,
    *,
    token_hash: str,
    report: str,
    part: str,
    recipient: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Let a token in until ``expires_at``; call it inside ``writing()``. What ended long ago is forgotten."""
    session.execute(delete(AnalyticsLink).where(AnalyticsLink.expires_at < now - KEPT))
    session.add(
        AnalyticsLink(
            token_hash=token_hash,
            report=report,
            part=part,
            recipient=recipient,
            created_at=now,
            expires_at=expires_at,
        )
    )


def by_hash(token_hash: str) -> AnalyticsLink | None:
    with reading() as session:
        return session.scalar(select(AnalyticsLink).where(AnalyticsLink.token_hash == token_hash))


def revoke(session: Session, *, now: datetime) -> int:
    """Close every link that would still open something; return how many."""
    result = session.execute(
        update(AnalyticsLink)
        .where(AnalyticsLink.revoked_at.is_(None), AnalyticsLink.expires_at > now)
        .values(revoked_at=now)
    )
    return cast("CursorResult[object]", result).rowcount
