"""Are the rules right, and what would they decide? ``flask rules check``, ``rules explain``, ``find``.

None of these needs the database or the secret: a rules file is enough.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app, has_app_context
from flask.cli import AppGroup

from routing.decision import Decision, Facts, decide
from routing.finder import find as find_services
from routing.layers import Layers
from routing.reader import Reading, RulesRefused, load, read
from routing.rulebook import Outcome, Rulebook

Action = Callable[..., Any]


def with_rules(command: Action) -> Action:
    """Add ``--rules`` and ``--data``, which every command that reads rules understands."""
    command = click.option(
        "--data",
        type=click.Path(path_type=Path),
        help="The data folder; taken as everywhere, not needed here.",
    )(command)
    return click.option(
        "--rules",
        "rules_file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The rules file; otherwise the one in the settings.",
    )(command)


rules = AppGroup("rules", help="Check rules.yaml, and see what it decides.")


def _file(given: Path | None) -> Path:
    if given is not None:
        return given
    if has_app_context():
        return Path(current_app.config["TOWNLINE_SETTINGS"].rules)
    raise click.UsageError("name the rules file with --rules")


def _loaded(given: Path | None) -> tuple[Rulebook, Layers]:
    path = _file(given)
    try:
        return load(path)
    except RulesRefused as error:
        click.echo(str(error), err=True)
        sys.exit(1)


@rules.command("check", with_appcontext=False)
@with_rules
@click.option("--json", "as_json", is_flag=True, help="Print the problems as a JSON list.")
def check(rules_file: Path | None, data: Path | None, as_json: bool) -> None:
    """Name every mistake in the rules and their layers, and try the golden points.

    The exit status is 1 when there is an error; warnings alone are 0.
    """
    reading = read(_file(rules_file))
    if as_json:
        click.echo(
            json.dumps([problem.as_json() for problem in reading.problems], indent=2, ensure_ascii=False)
        )
    else:
        _tell(reading, _file(rules_file))
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
    book, layers = _loaded(rules_file)
    if batch:
        _answer_lines(lambda row: decide(book, layers, _facts(book, row)).as_json())
        return
    try:
        facts = _facts(book, _row(asked, answers))
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


def _facts(book: Rulebook, row: Any) -> Facts:
    """Read one submission; ``ValueError`` says in a sentence what is wrong with it."""
    if not isinstance(row, dict):
        raise ValueError("a line is a JSON object with service, lat, lon, answers, text, time")
    code = row.get("service")
    if not code:
        raise ValueError("name the service")
    if code not in book.services:
        raise ValueError(f'no service "{code}"; there is {", ".join(book.services)}')
    answers = row.get("answers") or {}
    if not isinstance(answers, dict):
        raise ValueError('answers is an object such as {"wires": "yes"}')
    return Facts(
        service=code,
        at=_place(row.get("lat"), row.get("lon")),
        answers={str(key): _word(value) for key, value in answers.items()},
        text=str(row.get("text") or ""),
        language=str(row.get("language") or "en"),
        road=row.get("road") or None,
        widget=row.get("widget") or None,
        now=_moment(book, row.get("time")),
        page=str(row.get("page") or ""),
    )


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _place(lat: Any, lon: Any) -> tuple[float, float] | None:
    if lat in (None, "") and lon in (None, ""):
        return None
    try:
        return float(lat), float(lon)
    except (TypeError, ValueError):
        raise ValueError(f"latitude {lat} and longitude {lon} are not two numbers in degrees") from None


def _moment(book: Rulebook, time: Any) -> datetime:
    if not time:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(str(time))
    except ValueError:
        raise ValueError(f'time "{time}" is not of the form 2026-10-05T09:30') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=book.town.zone)


def _sentences(decision: Decision) -> Iterator[str]:
    yield f"{decision.outcome}: {decision.target}"
    yield f"  rule      {decision.rule}"
    yield f"  resident  {decision.because}"
    yield f"  staff     {decision.because_staff}"
    if decision.outcome is Outcome.ASK:
        yield from (f"  option    {option.value}: {option.label}" for option in decision.options)
    else:
        yield f"  in town   {decision.services_assignee}"


@click.command("find")
@with_rules
@click.option("--text", help="What the resident writes.")
@click.option("--json", "as_json", is_flag=True, help="Print the ranking as JSON.")
@click.option("--batch", is_flag=True, help='Read {"text": …} per line and answer each with one line.')
def find(rules_file: Path | None, data: Path | None, text: str | None, as_json: bool, batch: bool) -> None:
    """Rank the services that a resident's words may mean."""
    book, _layers = _loaded(rules_file)
    if batch:
        _answer_lines(lambda row: _ranking(book, _text(row)))
        return
    if text is None:
        raise click.UsageError("give the words with --text, or lines with --batch")
    ranking = _ranking(book, text)
    if as_json:
        click.echo(json.dumps(ranking, indent=2, ensure_ascii=False))
        return
    for row in ranking["services"]:
        click.echo(f"{row['score']:.3f}  {row['service_code']}")
    click.echo("sure" if ranking["sure"] else "not sure: the whole list is shown")


def _text(row: Any) -> str:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise ValueError('a line is a JSON object such as {"text": "the street light is out"}')
    return str(row["text"])


def _ranking(book: Rulebook, text: str) -> dict[str, Any]:
    found = find_services(book, text)
    return {
        "services": [{"service_code": code, "score": score} for code, score in found.services],
        "agencies": list(found.agencies),
        "answers": list(found.answers),
        "sure": found.sure,
    }


def _answer_lines(answer: Callable[[Any], dict[str, Any]]) -> None:
    """Answer every line of standard input with one line; a bad one gives its error and the work goes on."""
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            result = answer(json.loads(line))
        except json.JSONDecodeError as error:
            result = {"error": f"this line is not JSON: {error.msg}"}
        except ValueError as error:
            result = {"error": str(error)}
        click.echo(json.dumps(result, ensure_ascii=False))
