"""What does a power cut take? Nothing that a resident was promised, and no letter."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

import pytest

from settings import Settings
from tests.conftest import SECRET
from tests.journeys.town import RunningTown
from tests.mailserver import Server
from widgets.tokens import FIELD, Seal

SUBMISSIONS = 300
SENDERS = 8
KILLS = 6


def form(mark: int) -> dict[str, str]:
    """The last page of the form, filled in, with a token of its own."""
    return {
        "step": "check",
        "service": "missed-pickup",
        "description": f"Report {mark}: our recycling was left standing.",
        "q-address": "12 Mill Road",
        "q-kind": "recycling",
        "email": f"resident{mark}@example.org",
        FIELD: Seal(SECRET.encode()).issue("report/", now=datetime.now(UTC), nonce=""),
    }


class Senders:
    """Eight residents at once, who send the same form again until they get a receipt."""

    def __init__(self, town: RunningTown) -> None:
        self.town = town
        self.receipts: dict[int, str] = {}
        self._marks = iter(range(SUBMISSIONS))
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send_all) for _ in range(SENDERS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        for thread in self._threads:
            thread.join(90)
            assert not thread.is_alive()

    def _send_all(self) -> None:
        while True:
            with self._lock:
                mark = next(self._marks, None)
            if mark is None:
                return
            fields = form(mark)
            while mark not in self.receipts:
                try:
                    answer = self.town.post("/report", fields)
                except (OSError, HTTPException):
                    time.sleep(0.05)
                    continue
                assert answer.status == 303, answer.body
                self.receipts[mark] = answer.location.split("/r/")[1].split("?")[0]


def rows(settings: Settings, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(settings.data / "townline.sqlite3")) as connection:
        return connection.execute(question).fetchall()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_killing_the_town_under_load_loses_no_request_and_no_letter(settings: Settings, mailserver: Server):
    town = RunningTown(
        settings.data,
        {
            "TOWNLINE_SMTP_HOST": "127.0.0.1",
            "TOWNLINE_SMTP_PORT": str(mailserver.port),
            "TOWNLINE_SMTP_SECURITY": "none",
        },
    )
    town.start()
    senders = Senders(town)
    senders.start()
    chance = random.Random(20261014)
    for kill in range(1, KILLS + 1):
        wanted = kill * SUBMISSIONS // (KILLS + 1)
        while len(senders.receipts) < wanted:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.1))
        town.kill()
        town.start()
    senders.finish()
    town.kill()

    stored: dict[str, str] = dict(rows(settings, "SELECT description, number FROM requests"))
    assert len(stored) == SUBMISSIONS, "a form sent again must not make a second request"
    for mark, number in senders.receipts.items():
        assert stored[form(mark)["description"]] == number
    assert rows(settings, "SELECT count(*) FROM letters") == [(2 * SUBMISSIONS,)]
    assert rows(settings, "PRAGMA integrity_check") == [("ok",)]

    _let_leases_end(settings)
    town.start()
    until = time.monotonic() + 60
    while rows(settings, "SELECT count(*) FROM letters WHERE state != 'sent'") != [(0,)]:
        assert time.monotonic() < until, rows(settings, "SELECT state, count(*) FROM letters GROUP BY 1")
        time.sleep(0.2)
    assert town.stop() == 0
    _each_letter_once_or_twice(settings, mailserver)


def _let_leases_end(settings: Settings) -> None:
    """Ten minutes pass: what the dead carriers held may be taken up."""
    with closing(sqlite3.connect(settings.data / "townline.sqlite3")) as connection, connection:
        connection.execute(
            "UPDATE letters SET lease_until = '2026-01-01 00:00:00.000000' WHERE state = 'sending'"
        )


def _each_letter_once_or_twice(settings: Settings, mailserver: Server) -> None:
    promised = {identity for (identity,) in rows(settings, "SELECT message_id FROM letters")}
    arrived = Counter(mail.message["Message-ID"] for mail in mailserver.inbox.mails)
    assert set(arrived) == promised
    assert max(arrived.values()) <= 2
    copies: dict[str, bytes] = {}
    for mail in mailserver.inbox.mails:
        assert copies.setdefault(mail.message["Message-ID"], mail.raw) == mail.raw


@pytest.fixture
def posting(settings: Settings, mailserver: Server) -> RunningTown:
    """A town that posts its letters to the test's mail server."""
    return RunningTown(
        settings.data,
        {
            "TOWNLINE_SMTP_HOST": "127.0.0.1",
            "TOWNLINE_SMTP_PORT": str(mailserver.port),
            "TOWNLINE_SMTP_SECURITY": "none",
        },
    )


def _tried(settings: Settings, address: str) -> tuple[str, int]:
    """Wait until nobody carries the letter to this address; return its state and attempts."""
    question = f"SELECT state, attempts FROM letters WHERE recipient = '{address}'"
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = rows(settings, question)
        if found and found[0][1] and found[0][0] != "sending":
            return found[0][0], found[0][1]
        time.sleep(0.02)
    raise AssertionError(rows(settings, question))


def _change(settings: Settings, what: str) -> None:
    with closing(sqlite3.connect(settings.data / "townline.sqlite3")) as connection, connection:
        connection.execute(f"UPDATE letters SET {what}")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_killing_the_town_does_not_forget_how_often_a_letter_in_doubt_went(
    settings: Settings, mailserver: Server, posting: RunningTown
):
    posting.start()
    assert posting.post("/report", form(1) | {"email": "cut@example.org"}).status == 303
    states = [_tried(settings, "cut@example.org")[0]]
    for turn in range(5):
        posting.kill()
        # An hour passes. Once the server is asked for another address, that says "later".
        address = "later@example.org" if turn == 1 else "cut@example.org"
        due = "2026-01-01 00:00:00.000000"
        _change(
            settings, f"attempts = 0, next_at = '{due}', recipient = '{address}' WHERE kind LIKE 'resident%'"
        )
        posting.start()
        states.append(_tried(settings, address)[0] if states[-1] != "failed" else "failed")
    posting.kill()
    assert states == ["uncertain", "uncertain", "uncertain", "failed", "failed", "failed"]
    assert len(mailserver.inbox.to("cut@example.org")) == 3
    assert len({mail.raw for mail in mailserver.inbox.to("cut@example.org")}) == 1


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_letter_retried_by_hand_after_days_is_not_given_up_at_the_first_later(
    settings: Settings, posting: RunningTown
):
    posting.start()
    assert posting.post("/report", form(2) | {"email": "later@example.org"}).status == 303
    assert _tried(settings, "later@example.org") == ("queued", 1)
    posting.kill()
    # Four days ago it was written and tried; since then somebody let it fail.
    old = "2026-01-01 00:00:00.000000"
    _change(
        settings,
        f"state = 'failed', attempts = 76, created_at = '{old}', started_at = '{old}' "
        "WHERE recipient LIKE 'later%'",
    )
    assert "1 letters" in posting.command("mail", "retry").stdout
    posting.start()
    assert _tried(settings, "later@example.org") == ("queued", 1)
    posting.kill()


@pytest.mark.slow
def test_being_told_to_stop_finishes_what_is_under_way(settings: Settings):
    town = RunningTown(settings.data, is_cold=True)
    town.start()
    connections = []
    for mark in range(8):
        connection = HTTPConnection("127.0.0.1", town.port, timeout=15)
        body = urlencode(form(mark))
        connection.request("POST", "/report", body, {"Content-Type": "application/x-www-form-urlencoded"})
        connections.append(connection)
    began = time.monotonic()
    assert town.stop() == 0
    assert time.monotonic() - began < 10
    assert [connection.getresponse().status for connection in connections] == [303] * 8
    for connection in connections:
        connection.close()
    assert rows(settings, "SELECT count(*) FROM requests") == [(8,)]
