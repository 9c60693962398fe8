"""Which sent editions stand on the public page? ``report publish|withdraw``."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from casework.office import the_office
from console.figures import report  # with its commands
from console.reports import part_option
from reports import publishing
from reports.edition import NothingToSend
from reports.period import NoSuchPeriod, period_named

BY = "console"
period_option = click.option("--period", "key", required=True, help="As in 2026-10.")
issue_option = click.option("--issue", type=click.IntRange(1), help="Which issue; else the newest.")


@report.command("publish")
@click.argument("name")
@period_option
@part_option
@issue_option
@click.option("--reason", default="", help="Kept with the edition.")
def publish(name: str, key: str, part: str | None, issue: int | None, reason: str) -> None:
    """Put a sent edition of NAME on the public page, /reports/."""
    _set(name, key, part or "", issue, is_public=True, reason=reason)


@report.command("withdraw")
@click.argument("name")
@period_option
@part_option
@issue_option
@click.option("--reason", required=True, help="Why; the public page tells it.")
def withdraw(name: str, key: str, part: str | None, issue: int | None, reason: str) -> None:
    """Take an edition of NAME off the public page, which tells the reason from then on.

    The issues that it had replaced go with it.
    """
    _set(name, key, part or "", issue, is_public=False, reason=reason)


def _set(name: str, key: str, part: str, issue: int | None, *, is_public: bool, reason: str) -> None:
    office, now = the_office(), datetime.now(UTC)
    try:
        period = period_named(key, office.rulebook.town)
        row = publishing.issue_of(office, name, period.key, part, issue)
        changed = publishing.publish(office, row, is_public=is_public, reason=reason, by=BY, now=now)
    except (NothingToSend, NoSuchPeriod) as refused:
        raise click.ClickException(str(refused)) from refused
    which, done = f"{name} for {key}" + (f", {part}" if part else ""), "public" if is_public else "taken back"
    if not changed:
        so = "it is public already" if is_public else "it is not on the public page"
        click.echo(f"{which}, issue {row.issue}: nothing to do, {so}.")
    for one in changed:
        why = f", as it was replaced by issue {row.issue}" if one != row.issue else ""
        click.echo(f"{which}, issue {one} is {done}{why}.")
