"""Are the rules right, and what would they decide? ``flask rules check``, ``rules explain``.

None of these needs the database or the secret: a rules file is enough.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
from flask.cli import AppGroup

from casework.office import office_calendar
from console.asking import answer_lines, facts_of, kept_model, loaded, rules_path, with_rules
from console.dates import at_once_line, coming_lines
from console.explaining import decision_lines, trace_lines
from console.importing import take_layer
from console.simulating import simulate
from console.turns import wrong_turns
from reports import workbook
from reports.period import fiscal_first
from reports.schedule import Timetable
from routing.decision import decide
from routing.finder import find
from routing.reader import Reading, read
from routing.rulebook import Rulebook
from routing.trace import explain as explained

rules = AppGroup("rules", help="Check rules.yaml, and see what it decides.")
rules.add_command(simulate)
rules.add_command(take_layer)
rules.add_command(wrong_turns)


@rules.command("check", with_appcontext=False)
@with_rules
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON list.")
def check(rules_file: Path | None, data: Path | None, as_json: bool) -> None:
    """Name every mistake in the rules and their layers, and try the golden points.

    The exit status is 1 when there is an error; warnings alone are 0.
    """
    reading = read(rules_path(rules_file), today=datetime.now(UTC).date())
    if as_json:
        click.echo(
            json.dumps([problem.as_json() for problem in reading.problems], indent=2, ensure_ascii=False)
        )
    else:
        _tell(reading, rules_path(rules_file))
    sys.exit(0 if reading.ok else 1)


def _tell(reading: Reading, path: Path) -> None:
    for problem in reading.problems:
        click.echo(str(problem))
    if reading.rulebook is None or not reading.ok:
        click.echo(
            f"{path}: {_count(len(reading.errors), 'error')}, {_count(len(reading.warnings), 'warning')}"
        )
        return
    book = reading.rulebook
    parts = (
        _count(len(book.services), "service"),
        _count(len(book.rules), "rule"),
        _count(len(book.agencies), "agency", "agencies"),
        _count(len(book.layers), "layer"),
        _count(len(book.checks), "golden point") + " as expected",
        _count(len(reading.warnings), "warning"),
    )
    click.echo(f"{path}: right. {', '.join(parts)}.")
    for language, absent in reading.missing.items():
        if absent:
            say = f"{_count(len(absent), 'text')} missing; flask --app app rules texts {language} prints them"
            click.echo(f"{path}: note: {language}: {say}.")
    _tell_dates(book)


def _tell_dates(book: Rulebook) -> None:
    """Print when the next editions of each report go out, so that a mistyped day is seen before it comes."""
    for plan in book.reports.values():
        dates = Timetable(plan, office_calendar(book.town), fiscal_first(book.town))
        click.echo(f"{plan.id}:")
        if plan.attach.xlsx and not workbook.is_possible():
            click.echo(f"  {workbook.MISSING}.")
        try:
            lines = _date_lines(dates, datetime.now(UTC))
        except ValueError as never:  # a town whose office is always closed has no business day
            lines = [f"no date: {never}"]
        for line in lines:
            click.echo(f"  {line}")


def _date_lines(dates: Timetable, now: datetime) -> list[str]:
    """Without the database nobody knows what has gone out: a new report starts with the newest."""
    newest = dates.newest(now)
    at_once = [at_once_line(dates, newest, is_known=False)] if dates.tells_of(newest) else []
    return [*at_once, *coming_lines(dates, now)]


@rules.command("texts", with_appcontext=False)
@click.argument("language")
@with_rules
def texts(rules_file: Path | None, data: Path | None, language: str) -> None:
    """Print what the town does not say yet in LANGUAGE, as YAML to fill in."""
    reading = read(rules_path(rules_file))
    if not reading.ok:
        raise click.ClickException("the rules have mistakes; flask --app app rules check names them")
    if language not in reading.missing:
        known = ", ".join(reading.missing) or "none"
        raise click.UsageError(f'"{language}" is no further language of the town: {known}')
    if not reading.missing[language]:
        click.echo(f"Nothing is missing: the town says everything in {language}.", err=True)
    for name, words in reading.missing[language].items():
        empty = "[]" if name.endswith(".words") else '""'
        click.echo(f"{name}: {empty}  # {' '.join(words.split())}")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


@rules.command("explain", with_appcontext=False)
@with_rules
@click.option("--service", help="The code of the service, as in pothole; without it, --text tells.")
@click.option("--at", help="The place in degrees: LAT,LON.")
@click.option("--place", default="", help="The place as residents type it, read where there is no --at.")
@click.option("--answer", "answers", multiple=True, help="An answer as QUESTION=VALUE; may be given again.")
@click.option("--text", default="", help="What the resident writes.")
@click.option("--time", "moment", help="When, as in 2026-10-05T09:30; without a zone it is town time.")
@click.option("--road", help="The resident's pick where two owners' roads are close, as in county.")
@click.option("--page", help="The page of the town's site that it comes from, as in /parks.")
@click.option("--language", default="en", help="The resident's language.")
@click.option("--brief", is_flag=True, help="Leave out the rules that were tried.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision and its trace as JSON.")
@click.option("--batch", is_flag=True, help="Read one JSON object per line and answer each with one line.")
def explain(
    rules_file: Path | None,
    data: Path | None,
    answers: tuple[str, ...],
    brief: bool,
    as_json: bool,
    batch: bool,
    **asked: str | None,
) -> None:
    """Say whose job a submission is, by which rule, and why; and what every rule before it found."""
    book, layers = loaded(rules_file)
    if batch:
        answer_lines(lambda row: decide(book, layers, facts_of(book, row)).as_json())
        return
    try:
        taken = None if asked["service"] else _service(book, asked["text"], data)
        facts = facts_of(
            book, _row({**asked, "service": asked["service"] or (taken and taken.code)}, answers)
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    trace = explained(book, layers, facts)
    if as_json:
        said = (trace.decision.as_json() if brief else trace.as_json()) | (taken.as_json() if taken else {})
        click.echo(json.dumps(said, indent=2, ensure_ascii=False))
        return
    lines = [] if taken is None else [f"{taken}"]
    click.echo("\n".join((*lines, *decision_lines(trace.decision), *(() if brief else trace_lines(trace)))))


class Taken(NamedTuple):
    """The service that the finder took a text for."""

    code: str
    is_sure: bool

    def __str__(self) -> str:
        return f"taken for {self.code}, {'sure' if self.is_sure else 'not sure: the whole list is shown'}"

    def as_json(self) -> dict[str, Any]:
        return {"taken_for": {"service": self.code, "sure": self.is_sure}}


def _service(book: Rulebook, text: str | None, data: Path | None) -> Taken | None:
    """Return what the finder takes the text for; None without a text, ``ValueError`` where it has no idea."""
    if not text:
        return None
    found = find(book, text, kept_model(data))
    if not found.services:
        raise ValueError("no service has any of these words; name one with --service")
    return Taken(found.services[0][0], found.sure)


def _row(asked: dict[str, str | None], answers: Iterable[str]) -> dict[str, Any]:
    """Put the options into the shape of a batch line."""
    row: dict[str, Any] = {
        key: asked[key] for key in ("service", "place", "text", "road", "language", "page")
    }
    row["time"] = asked["moment"]
    row["answers"] = {}
    for answer in answers:
        code, equals, value = answer.partition("=")
        if not equals:
            raise ValueError(f'--answer "{answer}" is not of the form QUESTION=VALUE')
        row["answers"][code.strip()] = value.strip()
    if asked["at"]:
        lat, comma, lon = asked["at"].partition(",")
        if not comma:
            raise ValueError(f'--at "{asked["at"]}" is not of the form LAT,LON')
        row["lat"], row["lon"] = lat, lon
    return row
