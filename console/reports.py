"""What would the council get, and how is it sent by hand? ``report build|send|resend``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from casework.office import the_office
from paper.pdf import RenderFailed
from reports import edition
from reports.edition import NothingToSend, Sent
from reports.making import Made, NotYet, file_name, made
from reports.period import NoSuchPeriod, Period

FORMATS = ("pdf", "html", "csv", "json")

report = AppGroup("report", help="The council's reports: preview any month, send one, send one again.")
period_option = click.option("--period", "key", required=True, help="A month that is over, as in 2026-10.")


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
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write into."
)
@click.option("--format", "formats", default="pdf,html,csv,json", show_default=True, callback=_formats)
def build(name: str, key: str, out: Path, formats: tuple[str, ...]) -> None:
    """Write the report NAME of a month into a folder and print the files' names; nothing is sent."""
    office = the_office()
    try:
        plan, period = edition.planned(office, name), Period.named(key, office.zone)
        document = made(office, plan, period, now=datetime.now(UTC), is_pdf_wanted="pdf" in formats)
    except (NothingToSend, NoSuchPeriod, NotYet, RenderFailed) as refused:
        raise click.ClickException(str(refused)) from refused
    try:
        out.mkdir(parents=True, exist_ok=True)
        for kind in formats:
            _write(out / f"{file_name(plan, period)}.{kind}", _content(document, kind))
    except OSError as refused:
        raise click.ClickException(
            f"{out}: the report cannot be written there ({refused.strerror})"
        ) from refused
    if "pdf" in formats and document.pdf is None:
        raise click.ClickException(f"{document.note} The other files were written.")


def _content(document: Made, kind: str) -> bytes | None:
    contents: dict[str, bytes | None] = {
        "pdf": document.pdf,
        "html": document.html,
        "csv": document.csv,
        "json": (json.dumps(document.facts, indent=2, ensure_ascii=False) + "\n").encode(),
    }
    return contents[kind]


def _write(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.write_bytes(content)
        click.echo(str(path))


@report.command("send")
@click.argument("name")
@period_option
def send(name: str, key: str) -> None:
    """Make the report NAME of a month now and post it to everybody in its plan, once."""
    _post(key, lambda period: edition.send_now(the_office(), name, period, now=datetime.now(UTC)))


@report.command("resend")
@click.argument("name")
@period_option
@click.option(
    "--to", multiple=True, help="A person id or an address instead of the plan's recipients; may be repeated."
)
def resend(name: str, key: str, to: tuple[str, ...]) -> None:
    """Post the very bytes that were sent before once more, to everybody or to those named."""
    _post(key, lambda period: edition.send_again(the_office(), name, period, to=to, now=datetime.now(UTC)))


def _post(key: str, act: Callable[[Period], Sent]) -> None:
    try:
        sent = act(Period.named(key, the_office().zone))
    except (NothingToSend, NoSuchPeriod, NotYet, RenderFailed) as refused:
        raise click.ClickException(str(refused)) from refused
    kind = "as PDF" if sent.has_pdf else "as a web page and CSV, because this machine cannot make PDFs"
    click.echo(f"{sent.report} for {sent.period} is in the outbox for {', '.join(sent.recipients)}, {kind}.")


commands = (report,)
