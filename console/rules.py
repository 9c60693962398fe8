"""Are the rules right, and what would they decide? ``flask rules check``, ``rules explain``.

None of these needs the database or the secret: a rules file is enough.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from console.asking import answer_lines, facts_of, loaded, rules_path, with_rules
from console.importing import take_layer
from console.simulating import simulate
from console.turns import wrong_turns
from routing.decision import Decision, decide
from routing.reader import Reading, read
from routing.rulebook import Outcome

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


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


@rules.command("explain", with_appcontext=False)
@with_rules
@click.option("--service", help="The code of the service, as in pothole.")
@click.option("--at", help="The place in degrees: LAT,LON.")
@click.option("--answer", "answers", multiple=True, help="An answer as QUESTION=VALUE; may be given again.")
@click.option("--text", default="", help="What the resident writes.")
@click.option("--time", "moment", help="When, as in 2026-10-05T09:30; without a zone it is town time.")
@click.option("--road", help="The resident's pick where two owners' roads are close, as in county.")
@click.option("--page", help="The page of the town's site that it comes from, as in /parks.")
@click.option("--language", default="en", help="The resident's language.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
@click.option("--batch", is_flag=True, help="Read one JSON object per line and answer each with one line.")
def explain(
    rules_file: Path | None,
    data: Path | None,
    answers: tuple[str, ...],
    as_json: bool,
    batch: bool,
    **asked: str | None,
) -> None:
    """Say whose job a submission is, by which rule, and why."""
    book, layers = loaded(rules_file)
    if batch:
        answer_lines(lambda row: decide(book, layers, facts_of(book, row)).as_json())
        return
    try:
        facts = facts_of(book, _row(asked, answers))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    decision = decide(book, layers, facts)
    if as_json:
        click.echo(json.dumps(decision.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_sentences(decision)))


def _row(asked: dict[str, str | None], answers: Iterable[str]) -> dict[str, Any]:
    """Put the options into the shape of a batch line."""
    row: dict[str, Any] = {key: asked[key] for key in ("service", "text", "road", "language", "page")}
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


def _sentences(decision: Decision) -> Iterator[str]:
    yield f"{decision.outcome}: {decision.target}"
    yield f"  rule      {decision.rule}"
    yield f"  resident  {decision.because}"
    yield f"  staff     {decision.because_staff}"
    if decision.outcome is Outcome.ASK:
        yield from (f"  option    {option.value}: {option.label}" for option in decision.options)
    else:
        yield f"  in town   {decision.services_assignee}"
