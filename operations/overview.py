"""How does the town stand? Everything the operator sees at one look, none of it about a resident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _

from casework.office import EXTENSION, Keeper, Office
from operations import words
from operations.checking import check, rules_file
from routing.problems import Problem
from storage import held, lookups
from storage.standing import Issue, Standing, newest_issues, standing

TURNS_SINCE = timedelta(days=90)


@dataclass(frozen=True)
class LayerLine:
    """One map: what it is, how large, how old, and what the check says of it."""

    id: str
    kind: str
    count: int
    changed: str
    version: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Overview:
    """``refused`` are the mistakes of a newer file that is not served; ``is_coming``: it soon is."""

    version: str
    since: str
    warnings: int
    refused: tuple[Problem, ...]
    is_coming: bool
    counts: tuple[tuple[str, int], ...]
    layers: tuple[LayerLine, ...]
    standing: Standing
    letters: dict[str, int]
    waiting_since: str
    held: int
    held_since: str
    issues: tuple[Issue, ...]


def overview(office: Office, *, now: datetime) -> Overview:
    """Return the page's values."""
    reading = check(office, today=now.astimezone(office.zone).date())
    keeper: Keeper = current_app.extensions[EXTENSION]
    oldest, held_since = lookups.oldest_waiting_letter(now), held.oldest()
    book = office.rulebook
    return Overview(
        version=book.version,
        since=words.moment(office, keeper.served_since) if keeper.served_since else "",
        warnings=len(reading.warnings),
        refused=reading.errors,
        is_coming=reading.rulebook is not None and reading.rulebook.version != book.version,
        counts=(
            (_("services"), len(book.services)),
            (_("rules"), len(book.rules)),
            (_("agencies"), len(book.agencies)),
            (_("golden points"), len(book.checks)),
        ),
        layers=tuple(_layers(office, reading.problems)),
        standing=standing(now, office.calendar),
        letters=lookups.letter_counts(),
        waiting_since=words.moment(office, oldest) if oldest else "",
        held=held.count(),
        held_since=words.moment(office, held_since) if held_since else "",
        issues=newest_issues(),
    )


def _layers(office: Office, problems: tuple[Problem, ...]) -> list[LayerLine]:
    folder = rules_file().parent
    return [
        LayerLine(
            layer.id,
            words.layer_kind(layer.kind, is_boundary=layer.boundary),
            office.layers.size(layer.id),
            _changed(office, folder / layer.file),
            office.layers.versions.get(layer.id, ""),
            tuple(problem for problem in problems if problem.message.startswith(f"layers.{layer.id}.")),
        )
        for layer in office.rulebook.layers.values()
    ]


def _changed(office: Office, path: Path) -> str:
    try:
        return words.day(office, datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except OSError:
        return _("the file is gone")
