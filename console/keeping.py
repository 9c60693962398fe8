"""Can it be brought back tomorrow? ``backup FILE`` and ``restore FILE``."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from console.starting import the_settings
from storage.backup import BackupRefused
from storage.backup import backup as write_backup
from storage.backup import restore as read_backup


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Copy database, photos, secret and rules into FILE while the town goes on working."""
    settings = the_settings()
    if settings.database_url:
        raise click.ClickException("TOWNLINE_DATABASE_URL is set: back that database up with its own tools.")
    try:
        count = write_backup(settings.data, settings.rules, file)
    except (BackupRefused, OSError) as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"{file}: {count} requests, checked. It holds the secret and personal data: keep it safe.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Unpack FILE into the (empty) data folder."""
    data = the_settings().data
    try:
        count = read_backup(file, data)
    except BackupRefused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"{data}: {count} requests. Its rules are in {data / 'rules.yaml'}.")
