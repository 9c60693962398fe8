"""Which requests stand behind a figure? The rows of one figure, by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from figures.counted import CLOSED, ENDINGS, Promise, Way
from figures.span import Span
from lifecycle.status import Ending
from storage.counting_pass import WINDOW
from storage.counting_town import WORKED_CODES
from storage.ledger import Ledger, facts, row
from storage.tables import FactHandOff, ServiceRequest

MOST = 200
"""Rows that are shown; all are counted."""

Condition = Callable[[Span], ColumnElement[bool]]


class Seen(NamedTuple):
    """One request as the figures see it; instants in seconds."""

    number: str
    service: str
    created: int
    due: int
    answered: int | None
    gone: int | None
    ended: int | None
    ending: int
    way: int
    promise: int
    """Whether the promised date was kept, see ``Promise``."""


def _came(span: Span) -> ColumnElement[bool]:
    return and_(row.created_day >= span.first_day, row.created_day < span.next_day)


def _left(span: Span) -> ColumnElement[bool]:
    return and_(row.ended_day >= span.first_day, row.ended_day < span.next_day)


def _is_open(day: int, instant: int) -> ColumnElement[bool]:
    return and_(row.created < instant, or_(row.ended_day.is_(None), row.ended_day >= day))


def _stays(span: Span) -> ColumnElement[bool]:
    is_here = or_(row.gone.is_(None), row.gone >= span.start)
    return and_(row.created < span.end, is_here, row.way != Way.DUPLICATE)


def _first_ended(span: Span) -> ColumnElement[bool]:
    return and_(row.first_ended >= span.start - WINDOW, row.first_ended < span.end - WINDOW)


def _due(span: Span) -> ColumnElement[bool]:
    return and_(row.due_day >= span.first_day, row.due_day < span.next_day, row.promise != Promise.NONE)


def _handed(span: Span) -> ColumnElement[bool]:
    one = FactHandOff
    is_it = (one.request_id == row.request_id, one.at >= span.start, one.at < span.end)
    return exists().where(*is_it)


_CLOSED_CODES = [ENDINGS.index(ending) for ending in CLOSED]
_REDIRECTED, _DUPLICATE = ENDINGS.index(Ending.REDIRECTED), ENDINGS.index(Ending.DUPLICATE)

BEHIND: Mapping[str, Condition] = {
    "received": _came,
    "issues": lambda span: and_(_came(span), row.ending != _DUPLICATE),
    "finished": lambda span: and_(_left(span), row.ending.in_(_CLOSED_CODES)),
    "redirected": lambda span: and_(_left(span), row.ending == _REDIRECTED),
    "passed_on": lambda span: and_(row.passed >= span.start, row.passed < span.end),
    "handed_off": _handed,
    "open_before": lambda span: _is_open(span.first_day, span.start),
    "open_after": lambda span: _is_open(span.next_day, span.end),
    "with_agency": lambda span: and_(_is_open(span.next_day, span.end), row.passed < span.end),
    "overdue": lambda span: and_(
        _is_open(span.next_day, span.end),
        row.due < span.end,
        or_(row.passed.is_(None), row.passed >= span.end),
    ),
    "half": _stays,
    "ninety": _stays,
    "on_time": _due,
    "first_answer": lambda span: and_(_came(span), row.passed.is_(None)),
    "reopened": _first_ended,
    "satisfaction": lambda span: and_(_left(span), row.ending.in_(WORKED_CODES)),
}
"""Figure -> which of the requests that are counted at all it is made of."""


def behind(ledger: Ledger, figure: str, span: Span) -> tuple[int, list[Seen]]:
    """Return how many requests stand behind a figure, and the first of them in the order received."""
    where = (*ledger.counted, BEHIND[figure](span))
    total = ledger.session.execute(select(func.count()).select_from(facts).where(*where)).scalar_one()
    columns: tuple[Any, ...] = (
        ServiceRequest.number, ServiceRequest.service, row.created, row.due, row.answered, row.gone,
        row.ended, row.ending, row.way, row.promise,
    )  # fmt: skip
    asked = (
        select(*columns)
        .join(ServiceRequest, ServiceRequest.id == row.request_id)
        .where(*where)
        .order_by(row.created, row.request_id)
        .limit(MOST)
    )
    return total, [Seen(*found) for found in ledger.session.execute(asked)]
