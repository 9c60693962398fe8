"""Can it be brought back tomorrow? ``backup FILE`` and ``restore FILE``."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from console.starting import the_settings
from routing.reader import read
from routing.texts import files_of
from storage.backup import BackupRefused
from storage.backup import backup as write_backup
from storage.backup import restore as read_backup


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Copy database, photos, secret, rules and layers into FILE while the town goes on working."""
    settings = the_settings()
    if settings.database_url:
        raise click.ClickException("TOWNLINE_DATABASE_URL is set: back that database up with its own tools.")
    # A file with mistakes still names its layers, as long as it can be read at all.
    rulebook = read(settings.rules).rulebook
    layers = [layer.file for layer in rulebook.layers.values()] if rulebook else []
    layers += files_of(rulebook.texts) if rulebook else ()
    try:
        count = write_backup(settings.data, settings.rules, layers, file)
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
