"""Do the migrations make exactly the tables that the code means?"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import event, text

from casework import answering
from casework.following import remind_due
from casework.ladder import climb_due
from casework.office import Office
from lifecycle.status import Ending
from storage import lookups, schema
from storage.database import Base, db
from tests.builders import opened
from tests.once import without_waiting_for_the_disk

MILL_ROAD = (43.60902, -72.33341)


def _step_back() -> None:
    schema.upgrade()  # it makes Alembic known to the application
    flask_migrate.downgrade(directory=str(schema.FOLDER), revision="0001")


def test_the_migrated_database_is_current(app: Flask):
    assert schema.current() == schema.newest()
    assert schema.is_current()


def test_no_table_differs_from_the_code(app: Flask):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(app: Flask):
    schema.upgrade()
    assert schema.is_current()


def test_one_step_back_and_forth_loses_no_request_and_no_journal(app: Flask, office: Office, now: datetime):
    cases = [opened(office, now, service="pothole", at=MILL_ROAD)[1] for _ in range(3)]
    answering.finish(
        office, cases[0].request.id, ending=Ending.FIXED, text="", by="person:town-clerk", now=now
    )
    before = [lookups.case(case.request.id) for case in cases]
    _step_back()
    assert schema.current() == "0001"
    schema.upgrade()
    after = [lookups.case(case.request.id) for case in cases]
    for one, other in zip(before, after, strict=True):
        assert one is not None
        assert other is not None
        assert [entry.kind for entry in one.entries] == [entry.kind for entry in other.entries]
        assert one.request.number == other.request.number
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_what_waited_for_an_agency_before_the_upgrade_is_reminded_of_too(
    app: Flask, office: Office, now: datetime
):
    waiting = opened(office, now, service="pothole", at=MILL_ROAD)[1].request.id
    ours = opened(office, now)[1].request.id
    _step_back()
    schema.upgrade()
    assert remind_due(office, now=now + timedelta(days=6)) == 0
    assert remind_due(office, now=now + timedelta(days=8)) == 1
    sent = [letter.kind for letter in lookups.letters_of(waiting)]
    assert sent.count("agency_reminder") == 1
    case = lookups.case(ours)
    assert case is not None
    assert case.request.agency_remind_at is None


def test_promises_are_kept_through_a_power_cut_and_rows_have_their_request(app: Flask):
    event.remove(db.engine, "connect", without_waiting_for_the_disk)
    db.engine.dispose()
    with db.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_what_was_open_before_the_upgrade_is_reminded_of_a_few_a_day(
    app: Flask, office: Office, now: datetime
):
    for _ in range(23):
        opened(office, now)
    _step_back()
    schema.upgrade()
    later = now + timedelta(days=30)
    reminded = []
    for hour in range(24 * 14):
        moment = later + timedelta(hours=hour)
        climb_due(office, now=moment)
        with db.engine.connect() as connection:
            count = connection.scalar(text("SELECT count(*) FROM letters WHERE kind = 'reminder'"))
        reminded.append((moment.astimezone(office.zone).date(), count))
    by_day = dict(reminded)
    counts = [0, *by_day.values()]
    assert max(after - before for before, after in pairwise(counts)) == 5
    assert counts[-1] == 23


def test_what_waited_for_others_before_the_upgrade_has_waited_since_then(
    app: Flask, office: Office, now: datetime
):
    away = opened(office, now, service="pothole", at=MILL_ROAD)[1].request.id
    asked = opened(office, now)[1].request.id
    answering.ask_resident(
        office, asked, text="Which bin?", by="person:town-clerk", now=now + timedelta(hours=3)
    )
    _step_back()
    schema.upgrade()
    found = {one: lookups.case(one) for one in (away, asked)}
    since = {one: case.request.waiting_since for one, case in found.items() if case}
    assert since == {away: now, asked: now + timedelta(hours=3)}
    assert [case.request.ladder_at for case in found.values() if case] == [None, None]
