"""Which mails wait to become requests, and which have? Each becomes one exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from storage.database import reading
from storage.tables import Draft

LOOKED_BACK = 500


def add(
    session: Session,
    *,
    incoming_id: int | None,
    token_hash: str,
    state: str,
    fields: dict[str, Any],
    due_at: datetime,
    now: datetime,
    request_id: int | None = None,
) -> Draft:
    """Keep a draft and return it with its id; call it inside ``writing()``."""
    draft = Draft(
        incoming_id=incoming_id,
        token_hash=token_hash,
        state=state,
        fields=fields,
        created_at=now,
        due_at=due_at,
        request_id=request_id,
    )
    session.add(draft)
    session.flush()
    return draft


def get(draft_id: int) -> Draft | None:
    with reading() as session:
        return session.get(Draft, draft_id)


def by_hash(token_hash: str) -> Draft | None:
    with reading() as session:
        return session.scalar(select(Draft).where(Draft.token_hash == token_hash))


def by_incoming(incoming_id: int) -> Draft | None:
    with reading() as session:
        return session.scalar(select(Draft).where(Draft.incoming_id == incoming_id))


def become(session: Session, draft_id: int, request_id: int, *, state: str) -> bool:
    """Have an open draft become a request (``completed`` or ``passed_on``); False when it has already."""
    result = session.execute(
        update(Draft)
        .where(Draft.id == draft_id, Draft.state == "open")
        .values(state=state, request_id=request_id)
    )
    return cast("CursorResult[object]", result).rowcount == 1


def rewrite(
    session: Session, draft_id: int, fields: dict[str, Any], *, due_at: datetime | None = None
) -> bool:
    """Put more into an open draft, due earlier where it is said; False when it is a request by now."""
    sooner = {} if due_at is None else {"due_at": due_at}
    result = session.execute(
        update(Draft).where(Draft.id == draft_id, Draft.state == "open").values(fields=fields, **sooner)
    )
    return cast("CursorResult[object]", result).rowcount == 1


def postpone(session: Session, draft_id: int, due_at: datetime) -> None:
    """Have an open draft fall due later."""
    session.execute(update(Draft).where(Draft.id == draft_id, Draft.state == "open").values(due_at=due_at))


def due(now: datetime, *, most: int) -> Sequence[int]:
    """Return the drafts that nobody has completed in time, the oldest first."""
    with reading() as session:
        return session.scalars(
            select(Draft.id)
            .where(Draft.state == "open", Draft.due_at <= now)
            .order_by(Draft.due_at, Draft.id)
            .limit(most)
        ).all()


def waiting(limit: int = 100) -> Sequence[Draft]:
    """Return the open drafts, the one that the clerk gets first at the top."""
    with reading() as session:
        return session.scalars(
            select(Draft).where(Draft.state == "open").order_by(Draft.due_at, Draft.id).limit(limit)
        ).all()


def count_open() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Draft).where(Draft.state == "open")) or 0


def senders_since(session: Session, since: datetime) -> list[str]:
    """Return the address of everybody who was answered since then, once for each letter."""
    newest = session.execute(
        select(Draft.created_at, Draft.fields).order_by(Draft.id.desc()).limit(LOOKED_BACK)
    )
    return [
        str(fields.get("email", "")).lower()
        for created_at, fields in newest
        if created_at >= since
        for _letter in range(int(fields.get("letters", 0)))
    ]
