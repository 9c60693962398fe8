"""Do the migrations make exactly the tables that the code means?"""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask

from storage import schema
from storage.database import Base, db


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


def test_promises_are_kept_through_a_power_cut_and_rows_have_their_request(app: Flask):
    with db.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
