"""How is one edition made? Facts are read, counted, written as page, CSV and JSON, and rendered."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casework.costing import rates_of
from casework.office import Office
from casework.sorting import residents_of
from colours.accent import readable
from figures.kept import OtherForm, as_json, from_json
from figures.reckoning import figures
from figures.shapes import OUTSIDE, TOWN, Figures, Insight, Repeat, Scope
from figures.span import Frame
from paper.pdf import Draws, Enclosed, NoRenderer, ahead, pdf_of
from reports.cells import Cells
from reports.changes import Change, changes
from reports.document import MOST_SPOTS, Document, html_of
from reports.ground import NEAR, Ground, ground_of
from reports.naming import Naming
from reports.order import WHOLE, Order, file_name, part_name
from reports.period import Period, frame_of
from routing.rulebook import ReportPlan
from routing.turns import WrongTurn
from storage import counting, factbook
from storage.counting_cost import cost_outlook
from storage.counting_weeks import insight
from storage.database import reading
from storage.turns import wrong_turns

log = logging.getLogger("townline.reports")
LETTER_PAPER = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "CR", "PR"})


class NotYet(ValueError):
    """The period has not ended, so nothing true can be said about it."""

    def __init__(self, period: Period) -> None:
        super().__init__(f"{period.key} has not ended yet; a report is made of a period that is over")


@dataclass(frozen=True)
class Made:
    """One report in all its forms, and what the letter says of it."""

    title: str
    period_words: str
    figures: Figures
    facts: dict[str, Any]
    html: bytes
    csv: bytes
    pdf: bytes | None
    note: str | None
    """Why there is no PDF; None when there is one."""
    tiles: tuple[tuple[str, str, str], ...]
    sentences: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    """What differs from the issue before it."""

    @property
    def sha256(self) -> str:
        """The hash of what was sent: the PDF, or the page where there is none."""
        return sha256(self.pdf or self.html).hexdigest()


def counted(
    office: Office,
    period: Period,
    *,
    now: datetime,
    scope: Scope = TOWN,
    is_workload_wanted: bool = False,
    is_lead_lag_wanted: bool = False,
) -> Figures:
    """Count the facts of a period and return its figures; raises ``NotYet``.

    Where the facts were made by another clock or map, all are made anew first.
    """
    if period.end > now:
        raise NotYet(period)
    factbook.make_current(office.sorting)
    frame, grid = frame_of(period), office.grid
    scoped = _turns(office, period, scope) if is_workload_wanted else ()
    with reading() as session:
        rates, zone = rates_of(office.rulebook), period.zone
        groups = counting.counted(
            session, frame, as_of=now, scope=scope, grid=grid, is_workload_wanted=is_workload_wanted,
            rate_edges=rates.edges,
        )  # fmt: skip
        found = figures(
            groups, frame, as_of=now, zone=zone.key, scope=scope, grid=grid, rates=rates,
            residents=residents_of(office.rulebook, office.layers),
            cost_outlook=cost_outlook(session, rates, frame, zone, scope) if is_workload_wanted else (),
            insight=_insight(office, session, frame, scoped, scope, is_lead_lag_wanted)
            if is_workload_wanted else None,
        )  # fmt: skip
    # A hexagon tells of its ward that there are at least as many.
    ward = office.sorting.ward
    spots = (replace(spot, ward=ward(spot.lat, spot.lon) or OUTSIDE) for spot in found.hot_spots)
    return replace(found, hot_spots=tuple(spots))


def _insight(
    office: Office,
    session: Session,
    frame: Frame,
    turns: tuple[WrongTurn, ...],
    scope: Scope,
    is_lead_lag_wanted: bool,
) -> Insight:
    """Return what only the manager is told, with the names of crossings."""
    found = insight(session, frame.this, turns=turns, scope=scope, is_lead_lag_wanted=is_lead_lag_wanted)

    def placed(one: Repeat) -> Repeat:
        near = office.gazetteer.crossing(one.lat, one.lon, NEAR)
        return replace(one, near=near.words) if near else one

    return replace(found, repeats=tuple(map(placed, found.repeats)))


def _turns(office: Office, period: Period, scope: Scope) -> tuple[WrongTurn, ...]:
    """Return what was put right by hand in the period: in a department what one of its people had, or got."""
    people = office.rulebook.people

    def is_meant(turn: WrongTurn) -> bool:
        if scope.kind != "department":
            return not scope.kind
        had = (people.get(who) for who in (turn.decided_to, turn.went_to))
        return any(person is not None and person.department == scope.name for person in had)

    return tuple(turn for turn in wrong_turns(period.start) if turn.when < period.end and is_meant(turn))


def made(
    office: Office,
    plan: ReportPlan,
    period: Period,
    *,
    now: datetime,
    order: Order = WHOLE,
    is_pdf_wanted: bool = True,
) -> Made:
    """Make the report of one period as ordered; takes about two seconds, so never inside ``writing()``.

    Raises ``NotYet`` and ``RenderFailed``. Where WeasyPrint is missing it comes without a PDF.
    """
    # What draws takes as long to get ready as a month to be counted: it begins now.
    with ahead(pdf_of) if is_pdf_wanted and plan.attach.pdf else nullcontext() as draw:
        return _made(office, plan, period, now=now, order=order, draw=draw)


def _made(
    office: Office, plan: ReportPlan, period: Period, *, now: datetime, order: Order, draw: Draws | None
) -> Made:
    scope = Scope(plan.audience, order.part) if order.part else TOWN
    found = _frozen(order) or counted(
        office,
        period,
        now=now,
        scope=scope,
        is_workload_wanted=plan.audience == "manager",
        is_lead_lag_wanted=plan.lead_lag,
    )
    names = naming(office, plan)
    differs = changes(order.before["figures"], as_json(found)) if order.before else ()
    document = Document(
        found, names, audience=plan.audience, sections=plan.sections,
        part=part_name(office, plan, order.part), note=order.note, issue=order.issue,
        changes=differs, ground=_ground(office, plan, found),
    )  # fmt: skip
    with force_locale(document.say.locale):
        html = html_of(document)
        # What is drawn is as old as its figures: the same figures give the same bytes, whenever it is drawn.
        enclosed = _enclosed(plan, period, order, document.csv)
        pdf, note = _pdf(draw, html, enclosed, document) if draw else (None, None)
        return Made(
            title=names.title,
            period_words=document.say.period(period),
            figures=found,
            facts={"town": names.town, "title": names.title, "services": dict(names.services),
                   "agencies": dict(names.agencies), "figures": as_json(found),
                   "told": document.cells.plain()},
            html=html.encode(),
            csv=document.csv,
            pdf=pdf,
            note=note,
            tiles=tuple((tile.label, tile.value, tile.note) for tile in document.tiles),
            sentences=tuple(document.sentences),
            changes=differs,
        )  # fmt: skip


def _ground(office: Office, plan: ReportPlan, found: Figures) -> Ground:
    is_drawn = "where" in plan.sections and not found.is_small
    told = Cells(found, plan.audience).figures.hot_spots[:MOST_SPOTS] if is_drawn else ()
    return ground_of(office, told) if is_drawn else Ground()


def _frozen(order: Order) -> Figures | None:
    """Return the figures of a draft that was approved; None where there is none that this version reads."""
    try:
        return from_json(order.frozen["figures"]) if order.frozen else None
    except OtherForm as other:
        log.warning("the report is counted anew: %s", other)
        return None


def naming(office: Office, plan: ReportPlan) -> Naming:
    """Return the town's words for what the figures name by id, in the town's own language."""
    language = office.rulebook.town.languages[0]
    return naming_in(office, language, plan.title.said(language))


def naming_in(office: Office, language: str, title: str) -> Naming:
    """Return the same in any language of the town's."""
    town, rates = office.rulebook.town, office.rulebook.rates
    country = town.holidays.country
    day, night = readable(town.accent)
    is_letter = country in LETTER_PAPER if country else town.timezone.startswith("America/")
    return Naming(
        town=town.name.said(language),
        title=title,
        services={code: service.name.said(language) for code, service in office.rulebook.services.items()},
        agencies={name: agency.name.said(language) for name, agency in office.rulebook.agencies.items()},
        email=town.email,
        phone=town.phone,
        language=language,
        paper="letter" if is_letter else "a4",
        is_demo=office.is_demo,
        accent=day,
        accent_night=night,
        departments={name: one.name.said(language) for name, one in office.rulebook.departments.items()},
        people={name: one.name.said(language) for name, one in office.rulebook.people.items()},
        residents=town.residents,
        widgets={name: one.title.said(language) for name, one in office.rulebook.widgets.items()},
        currency=rates.currency if rates else "",
    )


def _enclosed(plan: ReportPlan, period: Period, order: Order, sheet: bytes) -> Enclosed | None:
    is_inside = plan.attach.csv == "embedded"
    return Enclosed(f"{file_name(plan, period, order)}.csv", sheet) if is_inside else None


def _pdf(
    draw: Draws, html: str, enclosed: Enclosed | None, document: Document
) -> tuple[bytes | None, str | None]:
    try:
        created = document.figures.as_of
        return draw(html, created=created, enclosed=enclosed, settings=document.settings), None
    except NoRenderer as missing:
        log.warning("the report goes out as a web page and CSV, without a PDF: %s", missing)
        return None, _("Sent without a PDF: %(why)s", why=str(missing))
