"""Is the town's mailbox read, and why not? Asked also where nothing can read one."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage import mailboxes

UNREAD = timedelta(minutes=10)
"""How long a mailbox may go unread before that is worth a word: one cut line is not."""


def unread_because(name: str, *, now: datetime) -> str:
    """Return why a mailbox has not been read for a while; empty while all is well."""
    row = mailboxes.find(name)
    if row is None or (row.read_at is not None and now - row.read_at < UNREAD):
        return ""
    if row.error:
        return row.error
    return f"it was last read at {row.read_at:%Y-%m-%d %H:%M} UTC" if row.read_at else "it was never read"
