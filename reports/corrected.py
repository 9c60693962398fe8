"""What was corrected between two published issues, in words that a resident reads?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from figures.survival import Wait
from reports.as_data import FEW, HIDDEN, Changed, Value
from reports.wording import NOTHING, Speech

SECONDS = ".seconds"
REACHED = ".is_reached"


@dataclass(frozen=True)
class Correction:
    """One line: what it is about, which figure, what it was and what it is."""

    about: str
    figure: str
    then: str
    now: str


def corrections(changes: Iterable[Changed], facts: Mapping[str, Any], say: Speech) -> tuple[Correction, ...]:
    """Return a line for each figure that is another one; a length of time is one figure."""
    return tuple(
        Correction(
            _about(change.section, change.name, facts),
            _figure(change.section, change.figure),
            _said(change.then, change.figure, say),
            _said(change.now, change.figure, say),
        )
        for change in changes
        if not change.figure.endswith(REACHED)
    )


def _about(section: str, name: str, facts: Mapping[str, Any]) -> str:
    known = facts.get({"service": "services", "agency": "agencies"}.get(section, ""), {})
    said = known.get(name, name)
    kind = {
        "this": _("The whole period"),
        "backlog": _("Open at the end"),
        "satisfaction": _("Satisfaction"),
        "reopened": _("Opened again"),
        "service": _("Service"),
        "department": _("Department"),
        "ward": _("Ward"),
        "agency": _("Agency"),
        "channel": _("How it came in"),
        "language": _("Language"),
        "spot": _("Place"),
        "cost": _("Cost"),
        "mail": _("Mail"),
        "quality": _("Quality of the data"),
        "stops": _("“Call now” shown"),
    }.get(section, section)
    return f"{kind}: {said}" if said else kind


def _figure(section: str, figure: str) -> str:
    bare = figure.removesuffix(SECONDS)
    known = {
        "received": _("Received"),
        "issues": _("Different issues"),
        "finished": _("Finished"),
        "outcomes.fixed": _("Fixed"),
        "outcomes.no_action": _("No action, with a reason given"),
        "outcomes.not_found": _("Could not be found"),
        "outcomes.duplicate": _("Already reported (duplicate)"),
        "outcomes.withdrawn": _("Withdrawn by the resident"),
        "redirected": _("Closed as another agency’s"),
        "passed_on": _("Passed on"),
        "handed_off": _("Passed on"),
        "open_before": _("Open at the start"),
        "open_after": _("Open at the end"),
        "due": _("Due"),
        "on_time": _("Finished on time"),
        "half": _("Half finished within, in days"),
        "ninety": _("Nine in ten finished within, in days"),
        "first_answer": _("First answer, half within, in days"),
        "overdue": _("Overdue"),
        "oldest_days": _("Age of the oldest, in days"),
        "median_days": _("Age of half of them, in days"),
        "received_before": _("Received in the period before"),
        "received_year_ago": _("Received a year ago"),
        "rated": _("Ratings"),
        "spam": _("Left out as spam"),
        "shown": _("How often"),
    }
    if bare in known:
        return known[bare]
    # What no resident asks for by name is told by the name it has in the table that can be downloaded.
    return bare.replace("_", " ").replace(".", ", ")


def _said(value: Value, figure: str, say: Speech) -> str:
    if value is None:
        return NOTHING
    if value in (FEW, HIDDEN):
        return _("under five") if value == FEW else _("not told")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return say.days(Wait(value)) if figure.endswith(SECONDS) else say.number(value)
    return say.number(value, 2) if isinstance(value, float) else value
