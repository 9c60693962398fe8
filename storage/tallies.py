"""How often was somebody told "not the town's"? Counts by day, nothing about anybody."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from storage.tables import Tally


def count(session: Session, *, day: date, service: str, outcome: str, rule: str, target: str) -> None:
    """Add one; call it inside ``writing()``."""
    key = {"day": day, "service": service, "outcome": outcome, "rule": rule, "target": target}
    tally = session.get(Tally, key, with_for_update=True)
    if tally is None:
        tally = Tally(**key, count=0)
        session.add(tally)
    tally.count += 1
