"""Which entries count no more because they were undone? Counts and learning leave them out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lifecycle.journal import Kind
from storage.tables import Entry


def undone_entries(session: Session, requests: Select[Any] | None = None) -> frozenset[int]:
    """Return the ids of entries that were undone; ``requests`` selects the ids of requests to look at."""
    undoings = select(Entry.facts).where(Entry.kind == Kind.UNDONE)
    if requests is not None:
        undoings = undoings.where(Entry.request_id.in_(requests))
    return frozenset(gone for facts in session.scalars(undoings) for gone in facts.get("entries", ()))
