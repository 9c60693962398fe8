"""What did another system know of one request? Its row, in Townline's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from lifecycle.status import Ending


@dataclass(frozen=True)
class PastRequest:
    """One request as another system knew it, in Townline's words."""

    line: int
    number: str
    """Its number there; empty where it has none."""
    identity: str
    """By what it is known again: its number, else what it says."""
    received: datetime
    service: str
    ending: Ending | None
    closed: datetime | None
    """Where only the day is known, its end, which today is yet to come."""
    due: datetime | None
    answered: datetime | None
    agency: str | None
    assignee: str
    """A person or department of the rules; empty: the service's own."""
    place: str
    at: tuple[float, float] | None
    text: str
    channel: str
    language: str
    name: str = ""
    email: str = ""
    phone: str = ""

    @property
    def mark(self) -> str:
        """What the row says, as a hash."""
        said = (
            self.received, self.service, self.ending, self.closed, self.due, self.answered, self.agency,
            self.assignee, self.place, self.at, self.text, self.channel, self.language, self.name, self.email,
            self.phone,
        )  # fmt: skip
        return sha256(repr(said).encode("utf-8", "replace")).hexdigest()[:32]
