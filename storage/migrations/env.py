"""Which tables should there be? Alembic asks here, and works on the application's own database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

import storage.tables
from storage.database import Base, db


def run() -> None:
    """Bring the database up; each step is one transaction, on SQLite too."""
    engine = db.engine
    with engine.connect() as connection, _rebuilding(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=engine.dialect.name == "sqlite",
            transaction_per_migration=True,
            transactional_ddl=True,
            compare_type=True,
            render_item=_render,
        )
        with context.begin_transaction():
            context.run_migrations()


@contextmanager
def _rebuilding(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild a table that others point to; say so when something then points to nothing.

    A table is rebuilt by dropping the old one, which would delete or refuse every row that points to
    it. The pragma is heard outside transactions only, so it is said to the driver itself.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
        if lost := driver.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(
                f"{len(lost)} rows point to nothing after the upgrade, the first in {lost[0][0]}"
            )
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    # A migration must run in ten years, whatever has become of our own types by then.
    if kind == "type" and isinstance(item, storage.tables.Moment):
        return "sa.DateTime(timezone=True)"
    return False


run()
