"""What if the power fails while an act is undone, its letter just leaving? Nobody keeps a wrong letter."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPException
from urllib.parse import unquote

import pytest
from flask import Flask

from casework.office import Office
from mail.address import token
from settings import Settings
from tests.builders import opened
from tests.journeys.test_kill import _let_leases_end, rows
from tests.journeys.town import Answer, RunningTown
from tests.mailserver import Server

REQUESTS = 40
KILLS = 5
ENDED, SORRY = "Your request has ended", "disregard our last letter"


class Wavering(threading.Thread):
    """An employee who ends each request and takes it back at once, and sends again what was not answered."""

    def __init__(self, town: RunningTown, links: dict[str, str]) -> None:
        super().__init__()
        self.town, self.links = town, links
        self.undone: list[str] = []

    def run(self) -> None:
        chance = random.Random(20261123)
        for number, link in self.links.items():
            finish, undo = (f"{what}-{number}-0123456789" for what in ("finish", "undo"))
            self._send(link, {"do": "finish", "finish-nonce": finish, "finish-ending": "fixed"})
            page = self._page(f"{link}?done={finish}")
            entry = page.split('name="undo-entry" value="')[1].split('"')[0]
            time.sleep(chance.uniform(0, 0.4))  # the postman is sometimes faster, sometimes just at the door
            self._send(link, {"do": "undo", "undo-nonce": undo, "undo-entry": entry})
            self.undone.append(number)

    def _send(self, link: str, fields: dict[str, str]) -> None:
        answer = self._until_answered(lambda: self.town.post(link, fields))
        assert answer.status == 303, answer.body

    def _page(self, link: str) -> str:
        return unquote(self._until_answered(lambda: self.town.get(link)).body)

    def _until_answered(self, ask: Callable[[], Answer]) -> Answer:
        while True:
            try:
                return ask()
            except (OSError, HTTPException):
                time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_killing_the_town_while_acts_are_undone_leaves_no_wrong_letter_unexplained(
    bare_app: Flask, settings: Settings, mailserver: Server
):
    with bare_app.app_context():
        office: Office = bare_app.extensions["townline"].office()
        now = datetime.now(UTC)
        requests = [
            opened(office, now, email=f"resident{mark}@example.org")[1].request for mark in range(REQUESTS)
        ]
        links = {
            one.number: "/a/" + token(office.secret, "employee", one.number, one.assignee) for one in requests
        }
    town = RunningTown(
        settings.data,
        {
            "TOWNLINE_SMTP_HOST": "127.0.0.1",
            "TOWNLINE_SMTP_PORT": str(mailserver.port),
            "TOWNLINE_SMTP_SECURITY": "none",
            # No wait: each letter races its undoing.
            "TOWNLINE_HOLD_MINUTES": "0",
        },
    )
    town.start()
    employee = Wavering(town, links)
    employee.start()
    chance = random.Random(20261123)
    for kill in range(1, KILLS + 1):
        while len(employee.undone) < kill * REQUESTS // (KILLS + 1):
            assert employee.is_alive()
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.1))
        town.kill()
        town.start()
    employee.join(120)
    assert len(employee.undone) == REQUESTS
    town.kill()
    _let_leases_end(settings)
    town.start()
    until = time.monotonic() + 60
    waiting = "SELECT count(*) FROM letters WHERE state NOT IN ('sent', 'cancelled')"
    while rows(settings, waiting) != [(0,)]:
        assert time.monotonic() < until, rows(settings, "SELECT state, count(*) FROM letters GROUP BY 1")
        time.sleep(0.2)
    assert town.stop() == 0

    assert rows(settings, "SELECT DISTINCT status, ending FROM requests") == [("received", None)]
    assert rows(settings, "SELECT count(*) FROM entries WHERE kind = 'undone'") == [(REQUESTS,)]
    for mark in range(REQUESTS):
        told = [str(mail.message["Subject"]) for mail in mailserver.inbox.to(f"resident{mark}@example.org")]
        had_letter = any(ENDED in subject for subject in told)
        assert not had_letter or any(SORRY in subject for subject in told), told
    assert any(SORRY in str(mail.message["Subject"]) for mail in mailserver.inbox.mails), "no race was lost"
    copies = Counter(mail.message["Message-ID"] for mail in mailserver.inbox.mails)
    assert max(copies.values()) <= 2
