"""Which tables should there be? Alembic asks here, and works on the application's own database."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

import storage.tables
from storage.database import Base, db


def run() -> None:
    """Bring the database up; each step is one transaction, on SQLite too."""
    engine = db.engine
    with engine.connect() as connection:
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


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    # A migration must run in ten years, whatever has become of our own types by then.
    if kind == "type" and isinstance(item, storage.tables.Moment):
        return "sa.DateTime(timezone=True)"
    return False


run()
