"""Which links open the operator's pages, and when was the last one mailed?"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from storage.database import reading
from storage.tables import OperatorLink, OutgoingLetter


def add(session: Session, *, token_hash: str, now: datetime, expires_at: datetime) -> None:
    """Let a token in until ``expires_at``; call it inside ``writing()``."""
    session.add(OperatorLink(token_hash=token_hash, created_at=now, expires_at=expires_at))


def link_by_hash(token_hash: str) -> OperatorLink | None:
    with reading() as session:
        return session.scalar(select(OperatorLink).where(OperatorLink.token_hash == token_hash))


def revoke(session: Session, *, now: datetime) -> int:
    """Close every link that would still open something; return how many."""
    result = session.execute(
        update(OperatorLink)
        .where(OperatorLink.revoked_at.is_(None), OperatorLink.expires_at > now)
        .values(revoked_at=now)
    )
    return cast("CursorResult[object]", result).rowcount


def last_mailed(kind: str) -> datetime | None:
    """Return when the newest letter of a kind was written."""
    with reading() as session:
        return session.scalar(select(func.max(OutgoingLetter.created_at)).where(OutgoingLetter.kind == kind))
