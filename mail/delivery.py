"""What may happen to a letter on its way? The carriers' promise and its errors.

::

    DeliveryError
    ├── TryLater     4xx, timeout, connection refused: the same bytes again, later
    ├── Refused      5xx at the recipient: this letter will never arrive
    ├── Uncertain    cut after the final dot: it may or may not have arrived
    └── PostClosed   login refused or the server turns us away: not this letter's fault
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Parcel:
    """Finished bytes and their envelope."""

    sender: str
    recipient: str
    raw: bytes


class DeliveryError(Exception):
    """A letter did not leave; ``str()`` is a sentence for the person who looks into it."""


class TryLater(DeliveryError):
    pass


class Refused(DeliveryError):
    pass


class Uncertain(DeliveryError):
    pass


class PostClosed(DeliveryError):
    MARK = "the post is closed: "
    """How its sentence begins, in the outbox too, where a person and ``/healthz`` look for it."""

    def __str__(self) -> str:
        return self.MARK + super().__str__()


class Round(Protocol):
    """One connection, many letters."""

    def carry(self, parcel: Parcel) -> None:
        """Hand one parcel over; returning means it was accepted. Raises ``DeliveryError``."""


class Carrier(Protocol):
    def round(self) -> AbstractContextManager[Round]:
        """Open a connection for several letters. Raises ``TryLater`` or ``PostClosed``."""
