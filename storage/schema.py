"""Does the database have the tables that this version needs? Created and upgraded by Alembic."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.database import db

FOLDER = Path(__file__).parent / "migrations"


def newest() -> str | None:
    """Return the revision that this version of the program works with."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config).get_current_head()


def current() -> str | None:
    """Return the revision of the database; None when it has no tables of ours."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current() -> bool:
    return current() == newest()


def upgrade() -> None:
    """Create what is missing; safe to run again."""
    flask_migrate.upgrade(directory=str(FOLDER))
