"""How is a town started? ``setup`` makes what is missing, ``serve`` answers until it is told to stop."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from casework.office import EXTENSION, Keeper
from console import serving
from console.agency_keys import keys_idle, keys_missing
from console.demo import fill_past, open_examples
from routing.reader import read
from settings import DEMO_SECRET_MARK, Settings
from storage import lookups, schema

PRIVATE = 0o077
"""What is written is readable by its owner alone: the database, photos and letters name people."""


def the_settings() -> Settings:
    """Return the settings of the current application."""
    settings: Settings = current_app.config["TOWNLINE_SETTINGS"]
    return settings


@click.command("setup")
@with_appcontext
def setup() -> None:
    """Make the data folder, the secret and the database; safe to run again."""
    settings = the_settings()
    os.umask(PRIVATE)
    make_folder(settings.data)
    make_secret(settings)
    before = schema.current() if (settings.data / "townline.sqlite3").exists() else None
    if before != schema.newest():
        schema.upgrade()
        click.echo("Database created." if before is None else f"Database upgraded from {before}.")
    if settings.demo and lookups.count_requests() == 0:
        # A new demonstration gets a past, so that lists and the council report have something to show,
        # and a few letters, so that its mailbox does too.
        fill_past(requests=400, seed=311, months=14)
        open_examples(seed=311)


def make_folder(folder: Path) -> None:
    """Make the data folder, readable by its owner alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as refused:
        raise click.ClickException(
            f"TOWNLINE_DATA: the folder {folder} cannot be made ({refused.strerror})."
        ) from refused


def make_secret(settings: Settings) -> None:
    """Write a new secret unless there is one; the demonstration's is marked as such."""
    path = settings.secret_path
    if settings.secret or path.exists():
        return
    mark = DEMO_SECRET_MARK if settings.demo else ""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(mark + secrets.token_urlsafe(48) + "\n")


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Answer residents, carry letters and make reports, in one process, until told to stop."""
    sys.exit(serve_app(current_app._get_current_object()))  # type: ignore[attr-defined]


def serve_app(app: Flask) -> int:
    """Check, then serve until told to stop; return the exit status."""
    os.umask(PRIVATE)
    with app.app_context():
        check_before_listening(app)
        settings = the_settings()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # The ticker's own lines, two a minute, say nothing that anybody could act on.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    # Who hung up before the page had arrived is told with its address, and that of a signed page is a key.
    logging.getLogger("waitress").setLevel(logging.WARNING)
    # Nor does a line for every request that waits for one of the threads.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # The listener would tell every word of a mail server, with everybody's address.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    return serving.run(app, settings)


def check_before_listening(app: Flask) -> None:
    """Refuse to start, kindly: every reason is a sentence with its remedy."""
    settings = the_settings()
    keeper: Keeper = app.extensions[EXTENSION]
    keeper.office()
    if not schema.is_current():
        raise click.ClickException(
            "The database does not have the tables of this version. "
            "Run script/run, or `flask --app app setup`."
        )
    if not settings.demo and not settings.base_url:
        raise click.ClickException(
            "TOWNLINE_BASE_URL: is empty, so the links in letters would lead nowhere. "
            "Write the address that residents reach, such as https://311.example.gov."
        )
    rulebook = keeper.office().rulebook
    keys = settings.open311_key
    for sentence in (*keys_missing(rulebook, keys), *keys_idle(rulebook, keys)):
        click.echo(sentence, err=True)
    for problem in read(settings.rules, today=datetime.now(UTC).date()).warnings:
        click.echo(str(problem), err=True)
