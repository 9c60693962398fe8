"""Is a mail applied exactly once, wherever the process that works on it is killed?"""

from __future__ import annotations

import signal
from datetime import datetime, timedelta

import pytest

from casework import arriving
from casework.office import Office
from settings import Settings
from storage import lookups
from tests.builders import opened
from tests.casework.letterbox import fate, kinds_to, letters_to, reading_mail, reply_to
from tests.warm import begin

# Works the mails off in a process of its own, which is killed by the kernel at one named place.
DYING = """
import os, signal, sys
from datetime import datetime
from pathlib import Path

from app import create_app
from casework import acting, arriving, settling
from casework.office import the_office
from settings import Settings
from storage import incoming
from dataclasses import replace

data, secret, at, place = sys.argv[1:]


def die(*args, **how):
    os.kill(os.getpid(), signal.SIGKILL)


def behind(module, name):
    real = getattr(module, name)

    def run(*args, **how):
        real(*args, **how)
        die()

    setattr(module, name, run)


app = create_app(Settings(data=Path(data), secret=secret, demo=True))
with app.app_context():
    office = replace(the_office(), reads_mail=True)
    if place == "behind keeping":
        raw = Path(data, "arriving.eml").read_bytes()
        arriving.store(office, raw, envelope_to="", source="pipe", now=datetime.fromisoformat(at))
        die()
    {
        "while reading": lambda: behind(arriving, "read_apart"),
        "before acting": lambda: setattr(settling.acting, "act", die),
        "behind acting": lambda: behind(settling.acting, "act"),
        "behind settling": lambda: behind(incoming, "settle"),
        "behind the commit": lambda: behind(arriving, "_finish"),
    }[place]()
    arriving.work_off(office, now=datetime.fromisoformat(at))
"""


def _die(settings: Settings, place: str, now: datetime, raw: bytes = b"") -> None:
    (settings.data / "arriving.eml").write_bytes(raw)
    life = begin("-c", DYING, str(settings.data), str(settings.secret), now.isoformat(), place)
    assert life.wait() == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize(
    "place", ["while reading", "before acting", "behind acting", "behind settling", "behind the commit"]
)
def test_a_process_killed_between_keeping_and_settling_leaves_the_mail_to_be_applied_once(
    office: Office, settings: Settings, now: datetime, place: str
):
    mailing = reading_mail(office)
    _receipt, case = opened(mailing, now)
    foreman = mailing.rulebook.people[case.request.assignee].email
    raw = reply_to(letters_to(case.request.id, foreman)[-1], "done\nPicked up.")
    mail_id = arriving.store(mailing, raw, envelope_to="", source="pipe", now=now)
    assert mail_id is not None
    _die(settings, place, now)
    if place != "behind the commit":
        assert fate(mail_id).state == "working"
        assert lookups.case(case.request.id).request.status == "received"
        arriving.work_off(mailing, now=now + timedelta(minutes=1))
        assert fate(mail_id).state == "working", "nobody else takes it while its lease runs"
    arriving.work_off(mailing, now=now + arriving.LEASE)
    assert fate(mail_id).state == "applied"
    kinds = [entry.kind for entry in lookups.case(case.request.id).entries]
    assert kinds.count("finished") == 1
    assert kinds_to(case.request.id, "resident@example.org").count("resident_finished") == 1
    assert kinds_to(case.request.id, foreman).count("acted") == 1


@pytest.mark.slow
def test_a_mail_that_came_in_by_the_pipe_is_there_though_its_carrier_was_killed_at_once(
    office: Office, settings: Settings, now: datetime
):
    raw = b"From: new@example.org\nTo: town@alderfalls.example\nMessage-ID: <1@x>\n\nA pothole.\n"
    _die(settings, "behind keeping", now, raw)
    assert arriving.work_off(reading_mail(office), now=now).drafted == 1
