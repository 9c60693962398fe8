"""Who takes in what the town's own mail server hands over? The listener, with the town behind it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from casework.arriving import store
from casework.doorkeeping import is_ours
from casework.office import the_office
from inbox.listener import Doors, Listener

SOURCE = "smtp"


def listener(app: Flask, *, host: str, port: int) -> Listener:
    """Return the listener of one town, not yet started; ``start()`` may raise ``OSError``."""

    def known(address: str) -> bool:
        with app.app_context():
            return is_ours(the_office(), address)

    def keep(raw: bytes, address: str) -> None:
        with app.app_context():
            store(the_office(), raw, envelope_to=address.lower(), source=SOURCE, now=datetime.now(UTC))

    return Listener(Doors(is_ours=known, store=keep), host=host, port=port)
