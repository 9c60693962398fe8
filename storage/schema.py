"""Does the database have the tables that this version needs? Created and upgraded by Alembic."""

from __future__ import annotations

import re
from pathlib import Path

from flask import current_app
from sqlalchemy import inspect, text

from storage.database import db

FOLDER = Path(__file__).parent / "migrations"


def newest() -> str:
    """Return the revision that this version of the program works with: the last one in the folder.

    Alembic would say the same, at the price of 11 MB in a process that has nothing to migrate.
    """
    names = (re.match(r"\d{4}", file.name) for file in (FOLDER / "versions").glob("*.py"))
    return max(name[0] for name in names if name)


def current() -> str | None:
    """Return the revision of the database; None when it has no tables of ours."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def is_current() -> bool:
    return current() == newest()


def upgrade() -> None:
    """Create what is missing; safe to run again, inside an application context."""
    import flask_migrate

    _attach()
    flask_migrate.upgrade(directory=str(FOLDER))


def write_step(what: str) -> str:
    """Write the next migration from the difference to the tables, and return its revision."""
    import flask_migrate

    _attach()
    revision = f"{int(newest()) + 1:04d}"
    flask_migrate.migrate(directory=str(FOLDER), message=what, rev_id=revision)
    return revision


def _attach() -> None:
    # Imported here: Alembic takes 11 MB that a serving process never needs.
    from flask_migrate import Migrate

    Migrate(current_app._get_current_object(), db, directory=str(FOLDER))  # type: ignore[attr-defined]
