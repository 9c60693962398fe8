"""What did it take? An employee writes down hours, a vehicle's hours and materials, for the town alone.

In the journal it is a note that carries the numbers; one that puts an earlier one right carries both.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from casework.change import changing, optional
from casework.errors import NotPossible
from casework.office import Office
from casework.undoing import TIME, TIME_PUT_RIGHT
from inbox.time_written import Spent
from lifecycle.journal import Kind
from storage import timesheet
from storage.timesheet import Noted


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
            **_numbers(spent),
            **{TIME: number},
        )


def own_times(request_id: int, *, by: str) -> tuple[Noted, ...]:
    """Return what this actor noted on a request and may put right, newest first."""
    noted = reversed(timesheet.of_request(request_id))
    return tuple(one for one in noted if by == f"person:{one.person}")


def put_right(
    office: Office,
    request_id: int,
    *,
    number: int,
    spent: Spent,
    text: str,
    by: str,
    now: datetime,
    nonce: str | None = None,
) -> None:
    """Have an entry of one's own say something else, at any time; nothing spent removes it.

    It counts on the day on which it was first noted. Raises ``NotPossible`` for what is not one's own, is
    gone, or says so already.
    """
    text = optional(text)
    with changing(office, request_id, by=by, now=now, nonce=nonce) as change:
        if change.is_repeated:
            return
        found = next((one for one in own_times(request_id, by=by) if one.number == number), None)
        if found is None:
            raise NotPossible(_("There is no such entry of yours any more."))
        if found.spent == spent:
            raise NotPossible(_("It says so already."))
        timesheet.put_right(change.session, request_id, number, spent)
        before = {
            "number": number,
            "at": found.at.isoformat(),
            "person": found.person,
            **_numbers(found.spent),
        }
        change.write(Kind.NOTED, text, **_numbers(spent), **{TIME_PUT_RIGHT: before})


def _numbers(spent: Spent) -> dict[str, int]:
    return {
        "minutes": spent.minutes,
        "vehicle_minutes": spent.vehicle_minutes,
        "materials": spent.materials,
    }
