"""What was corrected between two published issues, in words that a resident reads?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from figures.survival import Wait
from reports.as_data import FEW, HIDDEN, SECONDS, Figure, Value, changed, open_waits
from reports.naming import Naming
from reports.wording import NOTHING, Speech

TECHNICAL = frozenset({"watched", "asked", "promised", "residents"})
"""Figures that the others are worked out of; they stand in the table, and nobody asks what they were."""
UNSAID = frozenset({"spot", "widget", "page", "person"})
"""Sections whose rows have no name that a resident knows."""


@dataclass(frozen=True)
class Correction:
    """One line: what it is about, which figure, what it was and what it is."""

    about: str
    figure: str
    then: str
    now: str


def corrections(
    before: Sequence[Figure], now: Sequence[Figure], naming: Naming, say: Speech
) -> tuple[Correction, ...]:
    """Return a line for each figure that is another one; a length of time is one figure."""
    then_open, now_open = open_waits(before), open_waits(now)
    lines = (
        Correction(
            _about(change.section, change.name, naming),
            _figure(change.figure),
            _said(change.then, change.figure, naming, say, is_open=change[:3] in then_open),
            _said(change.now, change.figure, naming, say, is_open=change[:3] in now_open),
        )
        for change in changed(before, now)
        if not change.is_part_of_wait and change.figure not in TECHNICAL and change.section not in UNSAID
    )
    # What differs by less than is said is no correction to whoever reads it.
    return tuple(line for line in lines if line.then != line.now)


def _about(section: str, name: str, naming: Naming) -> str:
    words = {
        "service": naming.service,
        "cost": naming.service,
        "agency": naming.agency,
        "department": naming.department,
        "ward": naming.ward,
        "channel": naming.channel,
        "language": naming.tongue,
    }.get(section)
    said = words(name) if words else name
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
        "cost": _("Cost"),
        "mail": _("Mail"),
        "quality": _("Quality of the data"),
        "stops": _("“Call now” shown"),
    }.get(section, section)
    return f"{kind}: {said}" if said else kind


def _figure(figure: str) -> str:
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
        "half": _("Half finished within"),
        "ninety": _("Nine in ten finished within"),
        "first_answer": _("First answer, half within"),
        "answered": _("Answered by a person"),
        "answered_share": _("Share answered by a person"),
        "overdue": _("Overdue"),
        "oldest_days": _("Age of the oldest, in days"),
        "median_days": _("Age of half of them, in days"),
        "received_before": _("Received in the period before"),
        "received_year_ago": _("Received a year ago"),
        "bands.0": _("Under 7 days old"),
        "bands.1": _("7 to 29 days old"),
        "bands.2": _("30 to 89 days old"),
        "bands.3": _("90 to 179 days old"),
        "bands.4": _("180 days old or more"),
        "rated": _("Ratings"),
        "spam": _("Left out as spam"),
        "shown": _("How often"),
        "each": _("Cost of one"),
    }
    if bare in known:
        return known[bare]
    # What no resident asks for by name is told by the name it has in the table that can be downloaded.
    return bare.replace("_", " ").replace(".", ", ")


def _said(value: Value, figure: str, naming: Naming, say: Speech, *, is_open: bool) -> str:
    if value is None:
        return NOTHING
    if value in (FEW, HIDDEN):
        return _("under five") if value == FEW else _("not told")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if figure == "each" and isinstance(value, int):
        return say.amount(value, naming.currency)
    if figure == "answered_share" and isinstance(value, float):
        return say.share(value)
    if isinstance(value, int):
        return say.length(Wait(value, not is_open)) if figure.endswith(SECONDS) else say.number(value)
    return say.number(value, 2) if isinstance(value, float) else value
