"""What can the manager look at by themselves? Pages behind a signed link that show and change nothing.

The operator's link opens them for any department, and the one in a manager's report for what that covers
(``inviting``). They draw the same sections as the manager's report, from the same figures, for any period.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from threading import BoundedSemaphore

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.exceptions import ServiceUnavailable

from casework.errors import LinkRefused
from casework.office import Office, the_office
from casework.operating import admit_operator
from figures.shapes import TOWN, Scope
from reports import operator
from reports.document import MOST_SPOTS, Document, shades
from reports.ground import Ground, ground_of
from reports.making import counted, naming_in
from reports.maps import LETTERS
from reports.period import NoSuchPeriod, Period, fiscal_first, period_named
from reports.wording import NOTHING, Speech
from routing.plans import Rhythm
from storage.counting import first_received
from storage.database import reading

bp = Blueprint("analytics", __name__, url_prefix="/operations")
bp.register_error_handler(LinkRefused, operator.refused)
bp.after_request(operator.keep_private)

PARTS: dict[str, tuple[str, ...]] = {
    "changes": ("changes", "outlook"),
    "contacts": ("contacts",),
    "places": ("where", "repeats"),
    "work": ("workload", "timeliness"),
    "cost": ("cost",),
}
"""Page -> the sections of a report that stand on it."""
SWATCH = Markup('<span class="swatch"></span>')
"""A shade of the legend; its strength stands in the style sheet, for our pages have no styles inside."""
MOST: dict[Rhythm, int] = {"month": 13, "quarter": 5, "year": 4}
"""How many periods of each kind may be chosen."""
COUNTING = BoundedSemaphore(2)
"""Free for whoever may count now: a page that is loaded again and again takes few who serve residents."""
WAITING = BoundedSemaphore(2)
"""Free for whoever may wait: each of them holds a thread that serves residents."""
PATIENCE = 5.0
"""Seconds in which a page waits for its turn."""
LATER = 15
"""Seconds after which one that got none is told to come again."""


@dataclass(frozen=True)
class Choice:
    """One period of the filter."""

    key: str
    words: str


@dataclass(frozen=True)
class Visitor:
    """Who looks, and at what at most."""

    token: str
    until: datetime
    endpoint: str
    """Of the page with one name, in the same blueprint."""
    scope: Scope = TOWN
    """What they are kept to; for the whole town any department may be chosen."""
    frame: str = "operations/frame.html"


@bp.get("/<token>/analytics/")
def start(token: str) -> ResponseReturnValue:
    """Show what has changed: what one wants to know first."""
    return part(token, "changes")


@bp.get("/<token>/analytics/<name>")
def part(token: str, name: str) -> ResponseReturnValue:
    """Show one page of figures; a period or department that does not exist is the newest, or all."""
    now = datetime.now(UTC)
    until = admit_operator(the_office(), token, now=now)
    return shown(Visitor(token, until, "analytics.part"), name, now=now)


def shown(visitor: Visitor, name: str, *, now: datetime) -> str:
    """Return one page as its visitor may see it."""
    if name not in PARTS:
        abort(HTTPStatus.NOT_FOUND)
    office, language = the_office(), operator.language()
    say = Speech(language.replace("-", "_"))
    groups = periods(office, say, now=now)
    period = _chosen(office, request.args.get("period", ""), groups)
    scope = visitor.scope
    if scope == TOWN:
        scope = _scope(office, request.args.get("department", ""))
    document = _document(office, period, scope, language, now=now) if period else None
    context = _context(document) if document else {}
    departments = office.rulebook.departments.values() if visitor.scope == TOWN else ()
    return render_template(
        "operations/analytics.html",
        frame=visitor.frame, token=visitor.token, endpoint=visitor.endpoint,
        here="analytics", until=operator.moment(office, visitor.until), office=office,
        parts_of=titles(), part=name, groups=groups, period=period, scope=scope, language=language,
        departments=[(one.id, one.name.said(language)) for one in departments],
        is_operator=visitor.frame == "operations/frame.html",
        names=[f"reports/section_{section}.html" for section in PARTS[name]],
        period_words=say.period(period) if period else "", **context,
    )  # fmt: skip


def titles() -> dict[str, str]:
    """Return the pages in their order, as people call them."""
    return {
        "changes": _("What changed"),
        "contacts": _("When and how"),
        "places": _("Where"),
        "work": _("Who has how much"),
        "cost": _("Cost"),
    }


def periods(office: Office, say: Speech, *, now: datetime) -> list[tuple[str, list[Choice]]]:
    """Return the periods that are over and of which there are records, newest first, by kind."""
    with reading() as session:
        first = first_received(session)
    if first is None:
        return []
    names: dict[Rhythm, str] = {"month": _("Months"), "quarter": _("Quarters"), "year": _("Years")}
    found = []
    for every, most in MOST.items():
        last = Period.around(now, office.zone, every, fiscal_first=fiscal_first(office.rulebook.town)).before
        back = (last.later(-step) for step in range(most))
        told = [Choice(one.key, say.period(one)) for one in back if one.end > first]
        if told:
            found.append((names[every], told))
    return found


def _chosen(office: Office, key: str, groups: Iterable[tuple[str, list[Choice]]]) -> Period | None:
    known = [choice.key for _name, choices in groups for choice in choices]
    wanted = key if key in known else next(iter(known), "")
    try:
        return period_named(wanted, office.rulebook.town) if wanted else None
    except NoSuchPeriod:
        return None


def _scope(office: Office, department: str) -> Scope:
    return Scope("department", department) if department in office.rulebook.departments else TOWN


def _document(office: Office, period: Period, scope: Scope, language: str, *, now: datetime) -> Document:
    if not _turn():
        raise ServiceUnavailable(retry_after=LATER)
    try:
        found = counted(office, period, now=now, scope=scope, is_workload_wanted=True)
    finally:
        COUNTING.release()
    ground = Ground() if found.is_small else ground_of(office, found.hot_spots[:MOST_SPOTS])
    names = naming_in(office, language, _("Analytics"))
    return Document(
        found, names, audience="manager", sections=("contacts", "workload", "cost"), ground=ground
    )


def _turn() -> bool:
    """Wait until fewer are counted, unless enough wait already; return whether it is this page's turn."""
    if COUNTING.acquire(blocking=False):
        return True
    if not WAITING.acquire(blocking=False):
        return False
    try:
        return COUNTING.acquire(timeout=PATIENCE)
    finally:
        WAITING.release()


def _context(document: Document) -> dict[str, object]:
    return {
        "doc": document, "figures": document.figures, "this": document.figures.this,
        "naming": document.naming, "say": document.say, "pictures": document.gallery,
        "letters": LETTERS, "spots": document.figures.hot_spots[:MOST_SPOTS],
        "shades": [(SWATCH, words) for _swatch, words in shades(document)],
        "nothing": NOTHING,
    }  # fmt: skip
