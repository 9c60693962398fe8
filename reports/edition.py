"""Being written."""

from datetime import datetime

from casework.office import Office


def make_due(office: Office, *, now: datetime) -> None:
    """Being written."""
