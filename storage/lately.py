"""How much has come in lately? Counts for the score of a sending, asked in every submission."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from storage.database import db
from storage.tables import ServiceRequest

# Without a session's bookkeeping, as for the nonce.


def count_since(moment: datetime) -> int:
    """Return how many requests have come in since then, held and ended ones included, those by mail not."""
    request = ServiceRequest
    asked = select(func.count()).where(request.created_at >= moment, request.channel != "mail")
    with db.engine.connect() as connection:
        return connection.scalar(asked) or 0


def count_of_form(nonce: str) -> int:
    """Return how many requests were made of the form with this mark: of another wording, another one."""
    # The full mark is "<nonce>.<hash>", and "/" is the sign behind "."; so the unique index answers.
    asked = (
        select(func.count())
        .select_from(ServiceRequest)
        .where(ServiceRequest.nonce >= f"{nonce}.", ServiceRequest.nonce < f"{nonce}/")
    )
    with db.engine.connect() as connection:
        return connection.scalar(asked) or 0
