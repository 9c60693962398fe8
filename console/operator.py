"""How does the operator get in? ``flask --app app operator-link`` prints or mails a link, or closes all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from casework.office import the_office
from casework.operating import (
    HOURS,
    MOST_HOURS,
    mail_operator_link,
    operator,
    operator_link,
    revoke_operator_links,
)


@dataclass(frozen=True)
class _Door:
    """Known from the settings alone: the rules may be broken, which is when the operator needs to look."""

    secret: bytes
    base_url: str


@click.command("operator-link")
@click.option(
    "--hours", type=click.IntRange(1, MOST_HOURS), default=HOURS, show_default=True, help="How long it works."
)
@click.option("--mail", "by_mail", is_flag=True, help="Mail it to the operator instead of printing it.")
@click.option("--revoke", is_flag=True, help="Close every link there is, and make none.")
@with_appcontext
def link(hours: int, by_mail: bool, revoke: bool) -> None:
    """Print a link to the operator's pages: rules, maps, letters, a trial of new rules."""
    now = datetime.now(UTC)
    if revoke and by_mail:
        raise click.UsageError("--revoke makes no link that could be mailed; say one of the two")
    if revoke:
        count = revoke_operator_links(now=now)
        click.echo("1 link was closed." if count == 1 else f"{count} links were closed.")
        return
    if not by_mail:
        settings = current_app.config["TOWNLINE_SETTINGS"]
        click.echo(operator_link(_Door(settings.key(), settings.url), now=now, hours=hours))
        click.echo(f"It works for {hours} hours; whoever has it can look.", err=True)
        return
    office = the_office()
    if mail_operator_link(office, now=now, hours=hours):
        click.echo(f"A link is on its way to {operator(office).email}.")
    else:
        raise click.ClickException("a link was mailed within the last ten minutes; it still works")
