"""What if the resident wants no more letters about it? Updates stop; the page goes on telling everything.

The receipt was sent before, and a question is still asked: nobody else can answer it.
"""

from __future__ import annotations

from datetime import datetime

from casework.change import changing
from casework.office import Office
from casework.receiving import BY_RESIDENT
from casework.telling import UPDATES
from lifecycle.journal import Kind
from storage import outbox


def stop_updates(office: Office, request_id: int, *, now: datetime) -> None:
    """Send no more updates, also none that still waits to leave; asked twice, once is enough."""
    with changing(office, request_id, by=BY_RESIDENT, now=now) as change:
        if change.request.updates_stopped_at is None:
            change.request.updates_stopped_at = now
            change.write(Kind.UPDATES_STOPPED)
            outbox.cancel_waiting(change.session, request_id, sorted(UPDATES))


def resume_updates(office: Office, request_id: int, *, now: datetime) -> None:
    """Send updates again, from the next one on."""
    with changing(office, request_id, by=BY_RESIDENT, now=now) as change:
        if change.request.updates_stopped_at is not None:
            change.request.updates_stopped_at = None
            change.write(Kind.UPDATES_RESUMED)
