"""What would the council get, and how is it sent by hand? ``report build|send|resend|reissue|list``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from casework.office import Office, the_office
from console.dates import at_once_line, coming_lines, moment
from paper.pdf import RenderFailed
from reports import edition, sending
from reports.cells import PUBLIC
from reports.edition import NothingToSend, Sent
from reports.making import Made, NotYet, made
from reports.order import Order, file_name, parts_of
from reports.period import NoSuchPeriod, Period, period_named
from reports.schedule import Timetable
from routing.rulebook import ReportPlan
from storage import editions
from storage.counting import first_received
from storage.database import reading
from storage.tables import Edition

FORMATS = ("pdf", "html", "csv", "json")
REFUSALS = (NothingToSend, NoSuchPeriod, NotYet, RenderFailed)

report = AppGroup(
    "report", help="The council's reports: preview any period, send, send again, correct, list."
)
period_option = click.option(
    "--period",
    "key",
    required=True,
    help="A period that is over: 2026-10, 2026-W45, 2026-Q3, 2026 or FY2026.",
)
part_option = click.option(
    "--part", help="Only this department's or ward's; all of them where it is not said."
)


def _formats(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(word.strip().lower() for word in value.split(",") if word.strip()))
    wrong = [word for word in chosen if word not in FORMATS]
    if wrong or not chosen:
        found = ", ".join(wrong) or "nothing"
        raise click.BadParameter(f"found {found}; choose from {', '.join(FORMATS)}, with commas between")
    return chosen


@report.command("build")
@click.argument("name")
@period_option
@part_option
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write into."
)
@click.option("--format", "formats", default="pdf,html,csv,json", show_default=True, callback=_formats)
@click.option("--note", default="", help="The clerk's note, to see it on the first page.")
def build(name: str, key: str, part: str | None, out: Path, formats: tuple[str, ...], note: str) -> None:
    """Write the report NAME of any period into a folder and print the files' names; nothing is sent."""
    office = the_office()
    try:
        plan, period = edition.planned(office, name), period_named(key, office.rulebook.town)
        orders = [Order(one, note=note) for one in sending.parts(office, plan, part)]
        for order in orders:
            document = made(
                office, plan, period, now=datetime.now(UTC), order=order, is_pdf_wanted="pdf" in formats
            )
            _write_all(out, file_name(plan, period, order), document, formats)
    except REFUSALS as refused:
        raise click.ClickException(str(refused)) from refused
    except OSError as refused:
        raise click.ClickException(
            f"{out}: the report cannot be written there ({refused.strerror})"
        ) from refused


def _write_all(out: Path, name: str, document: Made, formats: tuple[str, ...]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for kind in formats:
        content = _content(document, kind)
        if content is not None:
            path = out / f"{name}.{kind}"
            path.write_bytes(content)
            click.echo(str(path))
    if "pdf" in formats and document.pdf is None and document.note:
        raise click.ClickException(f"{document.note} The other files were written.")


def _content(document: Made, kind: str) -> bytes | None:
    contents: dict[str, bytes | None] = {
        "pdf": document.pdf,
        "html": document.html,
        "csv": document.csv,
        "json": (json.dumps(_facts(document), indent=2, ensure_ascii=False) + "\n").encode(),
    }
    return contents[kind]


def _facts(document: Made) -> dict[str, Any]:
    """Return the figures as the readers of the report may see them: whoever publishes them publishes all."""
    facts = {name: value for name, value in document.facts.items() if name != "told"}
    told = document.facts["told"]
    return facts | {"figures": told} if told["audience"] in PUBLIC else facts


@report.command("send")
@click.argument("name")
@period_option
@part_option
@click.option(
    "--to", help="One person id or address: they alone get it, marked as a preview, and no edition is used."
)
@click.option("--note", default="", help="With --to: the clerk's note, to see it on the first page.")
def send(name: str, key: str, part: str | None, to: str | None, note: str) -> None:
    """Make the report NAME of a period now and post it to everybody in its plan, once.

    Where the plan wants an approval, it is asked for first.
    """
    if note and to is None:
        raise click.UsageError("--note goes with --to; a note for everybody comes with the approval")

    def act(office: Office, period: Period, now: datetime) -> tuple[Sent, ...]:
        if to is not None:
            return sending.send_preview(office, name, period, to=to, part=part, note=note, now=now)
        return sending.send_now(office, name, period, part=part, now=now)

    _post(key, act)


@report.command("resend")
@click.argument("name")
@period_option
@part_option
@click.option(
    "--to", multiple=True, help="A person id or an address instead of the plan's recipients; may be repeated."
)
def resend(name: str, key: str, part: str | None, to: tuple[str, ...]) -> None:
    """Post the very bytes that were sent before once more, to everybody or to those named."""
    _post(
        key, lambda office, period, now: sending.send_again(office, name, period, to=to, part=part, now=now)
    )


@report.command("reissue")
@click.argument("name")
@period_option
@part_option
@click.option("--note", required=True, help="Why it is corrected; it stands on the first page.")
def reissue(name: str, key: str, part: str | None, note: str) -> None:
    """Make and post the next issue of what was sent, with the list of the figures that have changed."""
    _post(
        key, lambda office, period, now: sending.reissue(office, name, period, note=note, part=part, now=now)
    )


@report.command("skip")
@click.argument("name")
@period_option
@part_option
def skip(name: str, key: str, part: str | None) -> None:
    """Put an edition of NAME aside that could not be made, so that nobody is told of it any more."""
    office = the_office()
    try:
        period_named(key, office.rulebook.town)
    except NoSuchPeriod as refused:
        raise click.ClickException(str(refused)) from refused
    row = editions.edition(name, key, part or "")
    if row is None or not sending.put_aside(row, now=datetime.now(UTC)):
        raise click.ClickException(
            f"no edition of {name} for {key} has failed; see flask --app app report list {name}"
        )
    plan = office.rulebook.reports.get(name)
    is_there = plan is not None and row.part in parts_of(office, plan)
    again = "; flask --app app report send still makes it." if is_there else ", and the plan has it no more."
    click.echo(f"{name} for {key} is put aside{again}")


def _post(key: str, act: Callable[[Office, Period, datetime], tuple[Sent, ...]]) -> None:
    office = the_office()
    try:
        sent = act(office, period_named(key, office.rulebook.town), datetime.now(UTC))
    except REFUSALS as refused:
        raise click.ClickException(str(refused)) from refused
    for one in sent:
        click.echo(_said(office, one))


def _said(office: Office, sent: Sent) -> str:
    name = f"{sent.report} for {sent.period}" + (f", {sent.part}" if sent.part else "")
    issue = f", issue {sent.issue}" if sent.issue > 1 else ""
    if sent.waits_until is not None:
        until = moment(sent.waits_until, office.zone)
        return f"{name}{issue} waits for a word from {', '.join(sent.recipients)} until {until}."
    kind = "as PDF" if sent.has_pdf else "as a web page, without a PDF"
    return f"{name}{issue} is in the outbox for {', '.join(sent.recipients) or 'nobody'}, {kind}."


@report.command("list")
@click.argument("name", required=False)
@click.option("--runs", default=10, show_default=True, type=click.IntRange(1, 500), help="How many editions.")
def show(name: str | None, runs: int) -> None:
    """Show what has become of the newest editions of NAME, or of every report, and the next dates."""
    office, now = the_office(), datetime.now(UTC)
    try:
        plans = [edition.planned(office, name)] if name else list(office.rulebook.reports.values())
    except NothingToSend as refused:
        raise click.ClickException(str(refused)) from refused
    for plan in plans:
        _show_plan(office, plan, runs, now)


def _show_plan(office: Office, plan: ReportPlan, runs: int, now: datetime) -> None:
    found = editions.runs(plan.id, runs)
    click.echo(f"{plan.id}: {plan.title.said(office.rulebook.town.languages[0])}")
    for row in found:
        click.echo(f"  {_run(office, row)}")
    if not found:
        click.echo("  no edition yet")
    parts = len(parts_of(office, plan))
    if plan.has_parts:
        click.echo(f"  {parts} editions each time, one for every {plan.audience}")
    dates = edition.timetable(office, plan)
    for line in (*_at_once(office, plan, dates, now), *coming_lines(dates, now)):
        click.echo(f"  {line}")


def _at_once(office: Office, plan: ReportPlan, dates: Timetable, now: datetime) -> list[str]:
    """Return what the clock makes within a minute, because its day is over and there is no edition of it."""
    with reading() as session:
        since = first_received(session)
    unsent = {wish.period for _part, wish in edition.due_of(office, plan, since, now) if not wish.is_missed}
    return [
        at_once_line(dates, period, is_known=True) for period in sorted(unsent, key=lambda one: one.start)
    ]


def _run(office: Office, row: Edition) -> str:
    name = (
        row.period + (f" {row.part}" if row.part else "") + (f" issue {row.issue}" if row.issue > 1 else "")
    )
    by = f" by {row.decided_by}" if row.decided_by else ""
    said = {
        "due": f"due since {moment(row.due_at, office.zone)}",
        "building": "being made",
        "waiting": f"waits for a word until {moment(row.approve_until, office.zone)}",
        "sent": f"sent {moment(row.sent_at, office.zone)}",
        "skipped": f"skipped{by}",
        "failed": "failed",
    }[row.state]
    return f"{name}: {said}{_in_public(row)}" + (f" ({row.last_error})" if row.last_error else "")


def _in_public(row: Edition) -> str:
    """Return whether everybody may read it, as far as that was ever so."""
    if row.published_at is not None:
        return ", public"
    return ", taken back from the public page" if (row.facts or {}).get("publishing") else ""


commands = (report,)
