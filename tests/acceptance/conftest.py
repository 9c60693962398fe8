"""What does every acceptance test start from? Real mail servers on this machine, started once for all."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests import dovecot as dovecots
from tests.acceptance import postfix as postfixes
from tests.acceptance.gateway import Gateway
from tests.acceptance.people import Person
from tests.acceptance.postfix import HAS_POSTFIX, Postfix
from tests.browser import soon
from tests.conftest import SECRET
from tests.dovecot import PASSWORD, Dovecot
from tests.journeys.town import RunningTown
from tests.mailserver import Inbox, Server
from widgets.tokens import FIELD, Seal


class Deserted(Inbox):
    async def handle_RCPT(self, *_: Any) -> str:
        return "550 5.1.1 no such mailbox"


DOMAINS = ("alderfalls.example", "aldercounty.example", "example.org")
PATIENCE = 30.0  # seconds that a mail may take through three mail servers on a busy machine
LONG_AGO = "2026-01-01 00:00:00.000000"
_marks = count(1)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    if not dovecots.PROGRAM.exists():
        pytest.skip("Dovecot is not installed, so no real mailbox was read: script/setup --tests")
    # It runs as nobody, whom every other run of pytest shuts out of the folders of all of them.
    folder = Path(tempfile.mkdtemp(prefix="townline-dovecot-"))
    folder.chmod(0o755)
    with dovecots.running(folder / "served") as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Server]:
    """A mail server out there at which nobody lives any more."""
    server = Server(Deserted())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot, elsewhere: Server) -> Iterator[Postfix]:
    """Takes everybody's mail but that for ``gone@``; what it takes for two others comes back."""
    if not HAS_POSTFIX:
        pytest.skip(postfixes.WHY_NOT)
    with postfixes.running(
        lmtp=dovecot.lmtp,
        domains=DOMAINS,
        elsewhere=dict.fromkeys(("moved@example.org", "transferstation@alderfalls.example"), elsewhere.port),
        refused=("gone@example.org",),
    ) as server:
        yield server


@dataclass
class PostOffice:
    """A running town with real mail servers around it, and everybody who writes to it."""

    town: RunningTown
    gateway: Gateway
    dovecot: Dovecot
    postfix: Postfix

    def person(self, address: str) -> Person:
        return Person(address, self.dovecot.folder / "mail", self.postfix.port, self.soon)

    def report(self, email: str = "", **fields: str) -> str:
        """Send the last page of the form, filled in; return the number of the request."""
        mark = next(_marks)
        filled = {
            "step": "check",
            "service": "pothole",
            "description": f"Report {mark}: a deep hole, cars swerve around it.",
            "place": "Old Turnpike, by the bend",
            "lat": "43.59597",
            "lon": "-72.33374",
            "q-size": "medium",
            "q-blocked": "no",
            "email": email or f"somebody{mark}@example.org",
            FIELD: Seal(SECRET.encode()).issue("report/", now=datetime.now(UTC)),
        }
        answer = self.town.post("/report", filled | fields)
        assert answer.status == 303, answer.body
        return answer.location.split("/r/")[1].split("?")[0]

    def time_passes(self, which: str = "1") -> None:
        """Make letters that wait due, and those whose carrier died; then somebody reports something."""
        self.change(
            f"UPDATE letters SET next_at = '{LONG_AGO}' WHERE state IN ('queued', 'uncertain') AND {which}"
        )
        self.change(f"UPDATE letters SET lease_until = '{LONG_AGO}' WHERE state = 'sending' AND {which}")
        self.report()

    def change(self, what: str) -> None:
        with closing(self._connection()) as connection, connection:
            connection.execute(what)

    def rows(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(self._connection()) as connection:
            return connection.execute(question, values).fetchall()

    def journal(self, number: str) -> list[str]:
        """Return the kinds of a request's entries."""
        entries = "SELECT e.kind FROM entries e, requests r WHERE r.id = e.request_id AND r.number = ?"
        return [kind for (kind,) in self.rows(entries, number)]

    def soon(self, look: Callable[[], Any], what: str) -> Any:
        try:
            return soon(look, what, PATIENCE)
        except AssertionError as late:
            arrived = self.rows("SELECT id, state, kind, reason, from_address, envelope_to FROM incoming")
            left = self.rows("SELECT kind, recipient, state, attempts, next_at, last_error FROM letters")
            told = "\n".join(map(str, (*arrived, *left[-12:])))
            raise AssertionError(
                f"{late}\n{told}\n{self.postfix.log()[-2000:]}\n{self.town.log()[-2500:]}"
            ) from late

    def _connection(self) -> sqlite3.Connection:
        return sqlite3.connect(self.town.data / "townline.sqlite3", timeout=20)


@pytest.fixture(scope="session")
def office_at(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Path, dovecot: Dovecot, postfix: Postfix
) -> Iterator[PostOffice]:
    """The demonstration town, served, with real mail servers on both sides."""
    gateway = Gateway(postfix=postfix.port)
    door = Server(gateway)
    door.start()
    data = tmp_path_factory.mktemp("posted") / "data"
    data.mkdir()
    shutil.copy(empty_database, data / "townline.sqlite3")
    town = RunningTown(
        data,
        {
            "TOWNLINE_SMTP_HOST": "127.0.0.1",
            "TOWNLINE_SMTP_PORT": str(door.port),
            "TOWNLINE_SMTP_SECURITY": "none",
            "TOWNLINE_SMTP_TIMEOUT": "3",
            "TOWNLINE_IMAP_HOST": "127.0.0.1",
            "TOWNLINE_IMAP_PORT": str(dovecot.imap),
            "TOWNLINE_IMAP_SECURITY": "none",
            "TOWNLINE_IMAP_USER": "townhall@alderfalls.example",
            "TOWNLINE_IMAP_PASSWORD": PASSWORD,
            "TOWNLINE_HOLD_MINUTES": "5",
        },
    )
    town.start()
    yield PostOffice(town, gateway, dovecot, postfix)
    assert town.stop() == 0
    assert "Traceback" not in town.log()
    door.stop()
