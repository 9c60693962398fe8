"""Does the council get exactly one PDF when the process is killed, wherever it happens to be?"""

from __future__ import annotations

import random
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from casework.office import the_office
from reports.edition import LEASE, make_due
from settings import Settings
from storage.database import reading
from storage.tables import Edition, OutgoingLetter
from tests.builders import opened
from tests.warm import Life, begin

DUE = datetime(2026, 11, 4, 13, 0, tzinfo=UTC)
KILLED = -9


def run(settings: Settings, now: datetime, step: str) -> Life:
    words = (str(settings.data), str(settings.rules), str(settings.secret), now.isoformat(), step)
    return begin("-m", "tests.reports.one_run", *words)


def sent(app: Flask) -> tuple[list[str], list[str]]:
    with app.app_context(), reading() as session:
        letters = session.scalars(
            select(OutgoingLetter.recipient).where(OutgoingLetter.kind == "edition")
        ).all()
        states = session.scalars(select(Edition.state)).all()
    return sorted(letters), list(states)


@pytest.fixture
def town(bare_app: Flask, now: datetime) -> Flask:
    with bare_app.app_context():
        opened(the_office(), now)
    return bare_app


EVERYBODY = ["clerk@alderfalls.example", "council@alderfalls.example"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "step",
    ["added:after", "claimed:after", "rendered:before", "rendered:after", "finished:after", "posted:after"],
)
def test_killed_at_any_step_before_the_commit_nothing_is_out_and_the_next_one_sends_it(
    town: Flask, settings: Settings, step: str
) -> None:
    assert run(settings, DUE, step).wait() == KILLED
    assert sent(town)[0] == []
    make_later(town)
    assert sent(town) == (EVERYBODY, ["sent"])


@pytest.mark.slow
def test_killed_right_after_the_commit_it_is_out_and_not_sent_again(town: Flask, settings: Settings) -> None:
    assert run(settings, DUE, "made:after").wait() == KILLED
    assert sent(town) == (EVERYBODY, ["sent"])
    make_later(town)
    assert sent(town) == (EVERYBODY, ["sent"])


def make_later(town: Flask) -> None:
    """Be the next process: the dead one's lease has ended."""
    with town.app_context():
        make_due(the_office(), now=DUE + LEASE + timedelta(minutes=1))


@pytest.mark.slow
def test_killed_at_random_again_and_again_there_is_one_pdf_per_recipient(
    town: Flask, settings: Settings
) -> None:
    chance, now = random.Random(), DUE
    for _ in range(3):
        process = run(settings, now, "real")
        try:
            process.wait(timeout=chance.uniform(0.1, 2.5))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        now += LEASE + timedelta(seconds=1)
    assert run(settings, now, "real").wait() == 0
    assert sent(town) == (EVERYBODY, ["sent"])


@pytest.mark.slow
def test_three_processes_at_once_make_it_once(town: Flask, settings: Settings) -> None:
    processes = [run(settings, DUE, "real") for _ in range(3)]
    assert [process.wait() for process in processes] == [0] * 3
    assert sent(town) == (EVERYBODY, ["sent"])
