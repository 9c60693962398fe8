"""What did it take? An employee writes down hours, a vehicle's hours and materials, for the town alone.

In the journal it is a note that carries the numbers.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from casework.change import changing, optional
from casework.errors import NotPossible
from casework.office import Office
from casework.undoing import TIME
from inbox.time_written import Spent
from lifecycle.journal import Kind
from storage import timesheet


def note_time(
    office: Office,
    request_id: int,
    *,
    spent: Spent,
    text: str,
    by: str,
    now: datetime,
    nonce: str | None = None,
) -> None:
    """Add to what a request has taken, also after it has ended; ``undoing`` takes it back as any other act.

    Raises ``NotPossible`` where nothing was spent, or by anybody who does not work for the town.
    """
    text = optional(text)
    if not spent:
        raise NotPossible(_("Write how long it took, or what the materials cost."))
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        kind, _colon, person = by.partition(":")
        if kind != "person":
            raise NotPossible(_("Only who works for the town notes time."))
        number = timesheet.add(
            change.session, request_id, person=person, spent=spent, now=now, nonce=change.nonce
        )
        change.write(
            Kind.NOTED,
            text,
            minutes=spent.minutes,
            vehicle_minutes=spent.vehicle_minutes,
            materials=spent.materials,
            **{TIME: number},
        )
