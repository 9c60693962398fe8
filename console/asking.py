"""How does an operator describe rules and submissions on the command line? Options, lines and columns."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app, has_app_context

from routing.decision import Facts
from routing.layers import Layers
from routing.model import Model
from routing.reader import RulesRefused, load
from routing.rulebook import Rulebook
from storage.learning import ModelFile

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


def rules_path(given: Path | None) -> Path:
    """Return the rules file that was named, else the one in the settings."""
    if given is not None:
        return given
    if has_app_context():
        return Path(current_app.config["TOWNLINE_SETTINGS"].rules)
    raise click.UsageError("name the rules file with --rules")


def loaded(given: Path | None) -> tuple[Rulebook, Layers]:
    """Return the rules and their layers; every mistake is printed, and the exit status is 1."""
    path = rules_path(given)
    try:
        return load(path)
    except RulesRefused as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def kept_model(data: Path | None) -> Model | None:
    """Return what the town has learned; None where there is nothing yet."""
    if data is None and has_app_context():
        data = Path(current_app.config["TOWNLINE_SETTINGS"].data)
    return ModelFile(data / ModelFile.NAME).model() if data else None


def facts_of(book: Rulebook, row: Any) -> Facts:
    """Read one submission; ``ValueError`` says in a sentence what is wrong with it."""
    if not isinstance(row, dict):
        raise ValueError("a line is a JSON object with service, lat, lon or place, answers, text, time")
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
        place=str(row.get("place") or ""),
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


def answer_lines(answer: Callable[[Any], dict[str, Any]]) -> None:
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
