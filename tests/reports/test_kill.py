"""Does everybody get exactly one of each when processes are killed, wherever they happen to be?"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from casework.office import the_office
from reports.edition import LEASE
from settings import ROOT, Settings
from storage.database import db
from tests.builders import opened
from tests.conftest import SECRET

DUE = datetime(2026, 11, 4, 13, 0, tzinfo=UTC)
WAIT = timedelta(hours=48)
LATER = LEASE + timedelta(minutes=1)
"""By then the lease of a dead process has ended."""
KILLED = -9
CLERK, COUNCIL, DEPUTY = (f"{name}@alderfalls.example" for name in ("clerk", "council", "deputy.clerk"))
SENT = [("edition", CLERK), ("edition", COUNCIL)]
DRAFT = [("edition_draft", DEPUTY)]
REMINDED = [("edition_reminder", DEPUTY)]
APPROVED = {"approve": {"by": "deputy-clerk", "within": "48h", "then": "send"}}
PARTS = {"audience": "department", "to": {"public-works": [CLERK], "town-office": [COUNCIL]}}


class Town:
    """A town in a folder of its own, whose processes come from the nursery."""

    def __init__(self, nursery: subprocess.Popen[str], data: Path, keys: dict[str, Any]) -> None:
        self.file = data / "townline.sqlite3"
        self._kept = data / "kept.sqlite3"
        self._nursery, self._keys = nursery, keys

    def run(self, now: datetime, *die_at: int, kill_after: float = 0) -> list[int]:
        """Let processes do the minute's work together; each dies after so many steps, or with 0 lives."""
        order = {
            "data": str(self.file.parent),
            "keys": self._keys,
            "now": now.isoformat(),
            "die_at": die_at or (0,),
            "kill_after": kill_after,
        }
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(json.dumps(order) + "\n")
        self._nursery.stdin.flush()
        return list(json.loads(self._nursery.stdout.readline()))

    def keep(self) -> None:
        """Remember how it stands, with everything that is still in the log of the database."""
        with sqlite3.connect(self.file) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        shutil.copy(self.file, self._kept)

    def reset(self) -> None:
        """Stand again as remembered."""
        for left in self.file.parent.glob(f"{self.file.name}-*"):
            left.unlink()
        shutil.copy(self._kept, self.file)

    def letters(self) -> list[tuple[str, str]]:
        return self._rows(
            "SELECT kind, recipient FROM letters WHERE kind LIKE 'edition%' ORDER BY kind, recipient"
        )

    def states(self) -> list[tuple[str, str]]:
        return self._rows("SELECT period, state FROM editions ORDER BY period, part, issue")

    def _rows(self, question: str) -> list[tuple[str, str]]:
        database = sqlite3.connect(self.file)
        try:
            return list(database.execute(question))
        finally:
            database.close()


@pytest.fixture(scope="module")
def nursery() -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-m", "tests.reports.nursery", str(ROOT / "rules.yaml"), SECRET]
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        yield started
        started.communicate(timeout=20)


@pytest.fixture
def town(
    request: pytest.FixtureRequest,
    nursery: subprocess.Popen[str],
    bare_app: Flask,
    settings: Settings,
    now: datetime,
) -> Town:
    with bare_app.app_context():
        opened(the_office(), now)
        db.engine.dispose()
    made = Town(nursery, settings.data, getattr(request, "param", {}))
    made.keep()
    return made


def deaths(town: Town, now: datetime) -> Iterator[int]:
    """Let a process die after one step, after two, and so on, each time in the same town; until it lives."""
    for step in count(1):
        town.reset()
        [code] = town.run(now, step)
        if code == 0:
            return
        assert code == KILLED
        yield step


@pytest.mark.slow
def test_killed_after_any_step_the_next_process_sends_it_once(town: Town) -> None:
    before = 0
    for _ in deaths(town, DUE):
        before += town.letters() == []
        town.run(DUE + LATER)
        assert (town.letters(), town.states()) == (SENT, [("2026-10", "sent")])
    assert before >= 7  # added, claimed, counted, rendered, finished, one letter, two


@pytest.mark.slow
@pytest.mark.parametrize("town", [APPROVED], indirect=True)
def test_killed_after_any_step_a_draft_is_asked_for_once(town: Town) -> None:
    for _ in deaths(town, DUE):
        town.run(DUE + LATER)
        assert (town.letters(), town.states()) == (DRAFT, [("2026-10", "waiting")])


@pytest.mark.slow
@pytest.mark.parametrize("town", [APPROVED], indirect=True)
def test_killed_after_any_step_at_the_end_of_the_wait_it_goes_out_once(town: Town) -> None:
    town.run(DUE)
    town.keep()
    for _ in deaths(town, DUE + WAIT):
        town.run(DUE + WAIT + LATER)
        assert (town.letters(), town.states()) == (SENT + DRAFT, [("2026-10", "sent")])


@pytest.mark.slow
@pytest.mark.parametrize("town", [APPROVED], indirect=True)
def test_three_at_once_with_deaths_among_them_do_each_thing_once(town: Town) -> None:
    town.run(DUE, 0, 0, 3)
    town.run(DUE + LATER, 0, 0, 0)
    assert town.letters() == DRAFT
    town.run(DUE + WAIT / 2 + timedelta(hours=3), 0, 0, 0)
    assert town.letters() == DRAFT + REMINDED
    town.run(DUE + WAIT, 0, 4, 2)
    town.run(DUE + WAIT + LATER, 0, 0, 0)
    assert (town.letters(), town.states()) == (SENT + DRAFT + REMINDED, [("2026-10", "sent")])


@pytest.mark.slow
@pytest.mark.parametrize("town", [PARTS], indirect=True)
def test_three_at_once_make_every_part_once(town: Town) -> None:
    town.run(DUE, 0, 0, 0)
    assert (town.letters(), town.states()) == (SENT, [("2026-10", "sent")] * 2)


@pytest.mark.slow
def test_killed_at_random_again_and_again_everybody_gets_one(town: Town) -> None:
    chance, now = random.Random(), DUE
    for _ in range(4):
        town.run(now, 0, 0, kill_after=chance.uniform(0.02, 0.4))
        now += LATER
    town.run(now)
    assert (town.letters(), town.states()) == (SENT, [("2026-10", "sent")])
