"""What would change with other rules? ``flask rules simulate CSV`` or ``--past``."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app, has_app_context

from console.asking import facts_of, loaded, rules_path, with_rules
from routing.facts import Facts
from routing.rulebook import Rulebook
from routing.simulation import Choice, Move, Row, Simulation, choose
from routing.simulation import simulate as simulate_rows
from storage.simulation import PastDecision, count_past, past_decisions

SHOWN = 50


@click.command("simulate")
@click.argument("points", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_rules
@click.option("--past", is_flag=True, help="Take the town's own requests, and what was decided then.")
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False),
    help="For a CSV: the rules to compare with; otherwise the ones in the settings.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def simulate(
    points: Path | None, rules_file: Path | None, data: Path | None, past: bool, against: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Say what the rules in --rules would change, and from whom to whom.

    POINTS is a CSV with the columns service, lat and lon, and if you like place, text, time,
    language, widget, page, road, number, and answer:QUESTION for each question.
    """
    if past == bool(points):
        raise click.UsageError("name a CSV of points, or say --past; one of the two")
    if past and against:
        raise click.UsageError("--past compares with what was decided then; --against goes with a CSV")
    book, layers = loaded(rules_file)
    skipped: list[tuple[str, str]] = []
    if points is None:
        with _town(data):
            rows: Iterable[Row] = _past_rows(skipped)
            result = simulate_rows(book, layers, _with_progress(rows, count_past()))
    else:
        before = loaded(rules_path(against))
        rows = _csv_rows(points, before[0], lambda facts: choose(*before, facts), skipped)
        result = simulate_rows(book, layers, rows)
    result.skipped = skipped
    click.echo(json.dumps(result.as_json(), indent=2, ensure_ascii=False) if as_json else _told(result))


def _town(data: Path | None) -> AbstractContextManager[Any]:
    """Return the context of the town whose past is asked for."""
    if not has_app_context():
        raise click.UsageError("--past needs the town: say flask --app app rules simulate --past")
    if data is None:
        return nullcontext()
    settings = (
        current_app.config["TOWNLINE_SETTINGS"].model_copy(update={"data": data.absolute()}).remembered()
    )
    other: Flask = current_app.extensions["townline_create"](settings)
    return other.app_context()


def _past_rows(skipped: list[tuple[str, str]]) -> Iterator[Row]:
    for past in past_decisions():
        try:
            yield Row(past.number, past.facts(), _past_choice(past))
        except ValueError as error:
            skipped.append((past.number, str(error)))


def _past_choice(past: PastDecision) -> Choice:
    target = past.agency if past.outcome in ("card", "handoff") else past.assignee
    return Choice(past.outcome, target or "", past.rule)


def _csv_rows(
    path: Path, book: Rulebook, before: Callable[[Facts], Choice], skipped: list[tuple[str, str]]
) -> Iterator[Row]:
    for number, row in enumerate(_read(path), start=2):
        name = row.get("number") or row.get("id") or f"line {number}"
        answers = {
            key.removeprefix("answer:"): value
            for key, value in row.items()
            if key.startswith("answer:") and value
        }
        try:
            facts = facts_of(book, {**row, "answers": answers})
        except ValueError as error:
            skipped.append((name, str(error)))
            continue
        yield Row(name, facts, before(facts))


def _read(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [
                {key: value or "" for key, value in row.items() if isinstance(key, str)}
                for row in csv.DictReader(file)
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"{path} is not a CSV in UTF-8: {error}") from None
    if rows and "service" not in rows[0]:
        raise click.ClickException(f'{path} has no column "service"; its first line names the columns')
    return rows


def _with_progress(rows: Iterable[Row], count: int) -> Iterator[Row]:
    """Pass the rows on; a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield from rows
        return
    with click.progressbar(rows, length=count, label="requests", file=sys.stderr) as bar:
        yield from bar


def _move(move: Move) -> Iterator[str]:
    """Yield one row of the table: how many, from whom to whom, which services, by which rule."""
    yield f"{move.count:6}  {move.before} -> {move.after}"
    services = ", ".join(f"{code} {count}" for code, count in move.services)
    yield f"        {services}; by {', '.join(move.rules) or 'no rule'}"


def _told(result: Simulation) -> str:
    if not result.changes:
        lines = [f"{result.checked} checked, nothing would change."]
    else:
        lines = [f"{result.checked} checked, {len(result.changes)} would change:"]
        lines += (line for move in result.table() for line in _move(move))
        lines.append("")
        lines += (
            f"{change.name}  {change.service}  {change.before} ({change.before.rule}) -> "
            f"{change.after} ({change.after.rule})"
            for change in result.changes[:SHOWN]
        )
        if len(result.changes) > SHOWN:
            lines.append(f"… and {len(result.changes) - SHOWN} more; --json prints them all.")
    lines += (f"{name}: left out: {sentence}" for name, sentence in result.skipped)
    return "\n".join(lines)
