"""What has changed since the issue before, in words? Headlines one by one, and that there is more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from figures.survival import Wait
from reports.cells import Cells
from reports.changes import WAIT, Change
from reports.hiding import hides_issues
from reports.naming import Naming
from reports.suppression import masks
from reports.wording import NOTHING, Speech

MOST = 6
"""So many stand on the first page. All of them stand on the public page of the edition."""
OUTCOMES = "this.outcomes."


def told(changes: Sequence[Change], cells: Cells, naming: Naming, say: Speech) -> tuple[str, ...]:
    """Return a line for each headline that changed, and one where others changed as well."""
    words = figure_words()
    named = [change for change in changes if change["figure"] in words]
    hidden = _hidden(changes, cells)
    named = [change for change in named if change["figure"] not in hidden][:MOST]
    lines = [
        _(
            "%(figure)s: %(now)s instead of %(then)s",
            figure=words[change["figure"]],
            now=_value(change["now"], say),
            then=_value(change["then"], say),
        )
        for change in named
    ]
    if len(changes) > len(named):
        lines.append(_("Other numbers in the tables have changed as well"))
    return tuple(lines)


def figure_words() -> dict[str, str]:
    """Return what the headlines are called."""
    return {
        "this.received": _("Received"),
        "this.issues": _("Different issues"),
        "this.outcomes.fixed": _("Fixed"),
        "this.redirected": _("Closed as another agency’s"),
        "this.passed_on": _("Passed on"),
        "this.open_before": _("Open at the start"),
        "this.open_after": _("Open at the end"),
        "this.due": _("Due"),
        "this.on_time": _("Finished on time"),
        "this.half": _("Half finished within"),
        "this.ninety": _("Nine in ten finished within"),
        "this.first_answer": _("First answer, half within"),
        "backlog.overdue": _("Overdue"),
        "backlog.oldest_days": _("Age of the oldest open request, in days"),
        "satisfaction.rated": _("Ratings"),
        "quality.spam": _("Left out as spam"),
    }


def _value(value: Any, say: Speech) -> str:
    if isinstance(value, Mapping) and value.keys() == WAIT:
        return say.length(Wait(value["seconds"], value["is_reached"]))
    return say.count(value) if isinstance(value, int) else NOTHING


def _hidden(changes: Sequence[Change], cells: Cells) -> frozenset[str]:
    """Return which parts of what was finished this issue hides from the public, or the one before hid."""
    if not cells.is_public:
        return frozenset()
    then = {change["figure"]: change["then"] or 0 for change in changes}
    now = {f"{OUTCOMES}{code}": count for code, count in cells.figures.this.outcomes.items()}
    before = {place: then.get(place, count) for place, count in now.items()}
    hidden = masks(now).keys() | masks(before).keys()
    this = cells.figures.this
    doubles = (
        this.received - this.issues,
        then.get("this.received", this.received) - then.get("this.issues", this.issues),
    )
    is_hidden = f"{OUTCOMES}duplicate" in hidden
    tells = {"this.issues"} if any(hides_issues(count, is_hidden=is_hidden) for count in doubles) else set()
    before_bands = next((change["then"] for change in changes if change["figure"] == "backlog.bands"), None)
    for bands in (cells.figures.backlog.bands, before_bands or ()):
        if masks({str(at): count for at, count in enumerate(bands)}):
            tells.add("backlog.oldest_days")
    return frozenset(hidden | tells)
