"""How does the database change from one version to the next? A developer writes the step with this."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from storage import schema


@click.command("new-migration")
@click.argument("what")
@with_appcontext
def new_migration(what: str) -> None:
    """Write a migration from the tables as they are in code (WHAT says why), to be read and corrected."""
    click.echo(f"Written for revision {schema.write_step(what)}: read it, correct it, and run the tests.")
