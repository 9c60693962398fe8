"""Two clocks of one town, killed again and again: is everybody told exactly once all the same?"""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import IO

import pytest

from casework.office import Office
from settings import ROOT, Settings
from storage import lookups
from storage.database import db
from storage.tables import DigestItem, OutgoingLetter
from tests.builders import opened
from tests.conftest import SECRET
from tests.rules import changed
from tests.warm import Life, begin_aloud

REQUESTS = 12
DAYS = 14
KILLS = 6
MANAGER = "transfer-station-manager"
CLOCK = f"""
import sys
from datetime import datetime, timedelta
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from app import create_app
from casework import absence, digesting, ladder, morning
from casework.office import the_office
from settings import Settings
from tests.rules import changed

data, rules = Path(sys.argv[1]), Path({str(ROOT / "rules.yaml")!r})
app = create_app(Settings(data=data, rules=rules, secret={SECRET!r}, demo=True))
now, last = map(datetime.fromisoformat, sys.argv[2:4])
with app.app_context():
    office = changed(the_office(), "people", "public-works-director", mail="hourly")
    print("begun", flush=True)
    while now < last:
        for verb in (ladder.climb_due, digesting.send_due, morning.send_due, absence.pass_on_due):
            verb(office, now=now)
        now += timedelta(minutes=60)
print("done", flush=True)
"""


def clock(settings: Settings, now: datetime) -> tuple[Life, IO[bytes]]:
    until = now + timedelta(days=DAYS)
    return begin_aloud("-c", CLOCK, str(settings.data), now.isoformat(), until.isoformat())


@pytest.mark.slow
def test_each_step_each_line_and_each_morning_once(office: Office, settings: Settings, now: datetime):
    cases = [opened(office, now)[1] for _ in range(REQUESTS)]
    gathered = changed(office, "people", MANAGER, mail="daily")
    for _ in range(REQUESTS):
        opened(gathered, now)
    chance = random.Random(11)
    running = [clock(settings, now), clock(settings, now)]
    for _ in range(KILLS):
        victim = chance.randrange(2)
        process, said = running[victim]
        with said:
            assert said.readline() == b"begun\n"
            time.sleep(chance.uniform(0.02, 0.6))
            process.kill()
            process.wait()
        running[victim] = clock(settings, now)
    for process, said in running:
        with said:
            assert (said.read().split()[-1], process.wait()) == (b"done", 0)
    for case in cases:
        found = lookups.case(case.request.id)
        assert found is not None
        steps = Counter((entry.kind, entry.facts["to"]) for entry in found.entries[2:])
        assert set(steps.values()) == {1}
        assert ("reminded", MANAGER) in steps
        assert ("escalated", "town-clerk") in steps
    with db.session() as session:
        assert session.query(DigestItem).filter(DigestItem.sent_at.is_(None)).count() == 0
        days = Counter(
            letter.dedupe_key for letter in session.query(OutgoingLetter).filter_by(kind="morning")
        )
        reminders = session.query(OutgoingLetter).filter_by(kind="reminder").count()
    assert set(days.values()) == {1}
    assert len(days) == 11, "two weeks from a Wednesday to a Wednesday"
    assert reminders == 2 * REQUESTS
