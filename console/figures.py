"""How did a figure come about, and are all of them counted? ``report explain|recount``."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import click

from casework.office import the_office
from console.reports import period_option, report
from figures.shapes import TOWN, Scope
from reports.edition import NothingToSend, planned
from reports.explaining import FIGURES, explained
from reports.making import NotYet
from reports.period import NoSuchPeriod, period_named
from storage import factbook

__all__ = ["report"]


@report.command("explain")
@click.argument("name")
@period_option
@click.option("--figure", required=True, type=click.Choice(FIGURES), help="Which figure.")
@click.option("--service", help="Only this service.")
@click.option("--part", help="Only this department's or ward's, for a report that has such parts.")
def explain(name: str, key: str, figure: str, service: str | None, part: str | None) -> None:
    """Print what a figure of the report NAME means, its arithmetic and the requests behind it."""
    office = the_office()
    if service and part:
        raise click.UsageError("--service and --part cannot be said together")
    if service and service not in office.rulebook.services:
        known = ", ".join(office.rulebook.services)
        raise click.ClickException(f'there is no service "{service}" in the rules; there are: {known}')
    try:
        plan, period = planned(office, name), period_named(key, office.rulebook.town)
        scope = Scope("service", service) if service else TOWN
        if part:
            scope = Scope(plan.audience, part) if plan.has_parts else TOWN
        for line in explained(office, period, figure, scope=scope, now=datetime.now(UTC)):
            click.echo(line)
    except (NothingToSend, NoSuchPeriod, NotYet) as refused:
        raise click.ClickException(str(refused)) from refused


@report.command("recount")
def recount() -> None:
    """Make what is counted of every request anew, from the requests and their history."""
    began = time.perf_counter()
    count = factbook.rebuild(the_office().sorting)
    click.echo(f"{count} requests counted anew in {time.perf_counter() - began:.1f} seconds.")
