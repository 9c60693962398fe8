"""What does one row say? Cells become a past request, or a reason why not; flaws are told, not hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from operator import itemgetter
from typing import Any

from lifecycle.status import Ending
from past import places
from past.dates import Form, Instant
from past.files import Row, Table
from past.flaws import LEAVING_OUT, Flaw, Found
from past.mapping import CONTACT, DATES, Column, Map, Outcome
from past.places import Bounds
from past.request import PastRequest

LONGEST_TEXT = 4000
LONGEST = {"place": 300, "name": 120, "email": 254, "phone": 40, "channel": 16, "language": 16, "number": 120}
DEFAULT_CHANNEL = "import"
OWN_ENDINGS = (Ending.DUPLICATE, Ending.SPAM, Ending.WITHDRAWN)
"""Endings that stay what they are, whoever had the request."""
EPOCH = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass
class Understood:
    """What came of one row."""

    row: Row
    request: PastRequest | None = None
    flaws: list[Found] = field(default_factory=list)

    @property
    def is_left_out(self) -> bool:
        return self.request is None


class Reader:
    """Understands the rows of one file."""

    def __init__(
        self, table: Table, plan: Map, forms: Mapping[str, Form], *, bounds: Bounds | None, now: datetime
    ) -> None:
        self.table, self.plan, self.bounds, self.now = table, plan, bounds, now
        self._width = len(table.header)
        self._words: dict[str, Callable[[tuple[str, ...]], str]] = {}
        self._dates: dict[str, list[tuple[int, Form, str]]] = {}
        needed = [0]
        for name, column in plan.columns.items():
            spots = [table.where(heading) for heading in column.names]
            needed += spots
            if name in DATES:
                pairs = zip(spots, column.names, strict=True)
                self._dates[name] = [
                    (spot, forms[heading], heading) for spot, heading in pairs if heading in forms
                ]
            else:
                self._words[name] = picker(spots)
        self._needed = max(needed) + 1

    def __iter__(self) -> Iterator[Understood]:
        for row in self.table.rows():
            yield self.understood(row)

    def understood(self, row: Row) -> Understood:
        """Return what a row says."""
        done = Understood(row)
        if row.lost_until:
            done.flaws.append(Found(Flaw.UNREADABLE, value=f"lines {row.line} to {row.lost_until}"))
        elif len(row.cells) < self._needed or any(row.cells[self._width :]):
            done.flaws.append(Found(Flaw.COLUMNS, value=f"{len(row.cells)} instead of {self._width}"))
        else:
            done.request = self._request(row, done.flaws)
        leaving = [found for found in done.flaws if found.flaw in LEAVING_OUT]
        if leaving:
            # What else is wrong with it was not put right: it is not here.
            done.request, done.flaws = None, leaving
        return done

    def _request(self, row: Row, flaws: list[Found]) -> PastRequest | None:
        cells = row.cells
        received = self._received(cells, flaws)
        service = self._meant("service", cells, Flaw.NO_SERVICE, flaws)
        if received is None or service is None:
            return None
        closed = self._date("closed", cells, Flaw.BAD_CLOSED, flaws, after=received)
        outcome = self._outcome(cells, closed is not None, flaws)
        if outcome is None:
            return None
        ending, agency = self._settled(outcome, cells, flaws)
        ended = self._closing(ending, closed, received, cells, flaws)
        number = self._word("number", cells)
        at = self._place(cells, flaws)
        text, place = self._text(cells, flaws), self._word("place", cells)
        if "\ufffd" in text or "\ufffd" in place:
            flaws.append(Found(Flaw.NOT_LETTERS))
        if not number and "number" in self._words:
            flaws.append(Found(Flaw.NO_NUMBER))
        return PastRequest(
            line=row.line,
            number=number,
            identity=number or _identity(received.at, service, place, at, text),
            received=received.at,
            service=service,
            ending=ending,
            closed=ended,
            due=self._due(cells, received, flaws),
            answered=self._answered(cells, received, ended, flaws),
            agency=agency,
            assignee=self._meant("assignee", cells, Flaw.NO_ASSIGNEE, flaws) or "",
            place=place,
            at=at,
            text=text,
            channel=self._channel(cells),
            language=self._meant("language", cells, None, flaws) or "",
            **self._contact(cells),
        )

    # -- words --

    def _word(self, name: str, cells: tuple[str, ...]) -> str:
        picked = self._words.get(name)
        return picked(cells)[: LONGEST[name]] if picked else ""

    def _text(self, cells: tuple[str, ...], flaws: list[Found]) -> str:
        picked = self._words.get("text")
        text = picked(cells) if picked else ""
        if len(text) > LONGEST_TEXT:
            flaws.append(Found(Flaw.TOO_LONG, value=f"{len(text)} characters"))
        return text[:LONGEST_TEXT]

    def _channel(self, cells: tuple[str, ...]) -> str:
        column = self.plan.columns.get("channel")
        if column is None:
            return DEFAULT_CHANNEL
        said = self._words["channel"](cells)
        meant = column.values.get(said.casefold(), said if column.other is None else column.other)
        return str(meant)[: LONGEST["channel"]] or DEFAULT_CHANNEL

    def _meant(self, name: str, cells: tuple[str, ...], flaw: Flaw | None, flaws: list[Found]) -> str | None:
        """Return what a cell means by its table; None, and a flaw, where the table does not know it."""
        column = self.plan.columns.get(name)
        if column is None:
            return None
        said = self._words[name](cells)
        meant: str | None = column.values.get(said.casefold(), column.other)
        if meant is None and flaw is not None and not (name == "assignee" and not said):
            flaws.append(Found(flaw, _heading(column), said))
        return meant

    def _contact(self, cells: tuple[str, ...]) -> dict[str, str]:
        consent = self.plan.columns.get("consent")
        if consent is None:
            return {}
        said = self._words["consent"](cells).casefold()
        if consent.values.get(said, consent.other) != "yes":
            return {}
        return {name: self._word(name, cells) for name in CONTACT}

    # -- how it went --

    def _outcome(self, cells: tuple[str, ...], is_closed: bool, flaws: list[Found]) -> Outcome | None:
        column = self.plan.columns.get("status")
        if column is None:
            return Outcome(Ending.FIXED if is_closed else None)
        said = self._words["status"](cells)
        found: Outcome | None = column.values.get(said.casefold(), column.other)
        if found is None:
            flaws.append(Found(Flaw.NO_STATUS, _heading(column), said))
        return found

    def _settled(
        self, outcome: Outcome, cells: tuple[str, ...], flaws: list[Found]
    ) -> tuple[Ending | None, str | None]:
        """Return the ending and the agency: what an agency has had was never the town's to close."""
        told: list[Found] = []
        agency = outcome.agency or self._meant("agency", cells, None, told) or None
        ending = outcome.ending
        if agency and ending is not None and ending not in OWN_ENDINGS:
            ending = Ending.REDIRECTED
        if ending is Ending.REDIRECTED and not agency:
            column = self.plan.columns.get("agency")
            said = self._words["agency"](cells) if column else ""
            flaws.append(Found(Flaw.NO_AGENCY, _heading(column) if column else "", said))
        if ending in OWN_ENDINGS:
            agency = None
        return ending, agency

    def _closing(
        self,
        ending: Ending | None,
        closed: Instant | None,
        received: Instant,
        cells: tuple[str, ...],
        flaws: list[Found],
    ) -> datetime | None:
        if ending is None:
            if closed is not None:
                flaws.append(Found(Flaw.OPEN_YET_CLOSED, value=self._raw("closed", cells)))
            return None
        if closed is None:
            if not any(found.flaw is Flaw.BAD_CLOSED for found in flaws):
                flaws.append(Found(Flaw.NO_CLOSED))
            return None
        at = closed.at
        # A day alone ends in the evening, which may be yet to come: that is not the future.
        if at > self.now + (timedelta(0) if closed.has_time else timedelta(days=1)):
            flaws.append(Found(Flaw.CLOSES_LATER, value=self._raw("closed", cells)))
        if at < received.at:
            flaws.append(Found(Flaw.CLOCK_ERROR, value=self._raw("closed", cells)))
        return at

    # -- when --

    def _received(self, cells: tuple[str, ...], flaws: list[Found]) -> Instant | None:
        raw = self._raw("received", cells)
        if not raw:
            flaws.append(Found(Flaw.NO_RECEIVED))
            return None
        found = self._date("received", cells, Flaw.BAD_RECEIVED, flaws)
        if found is not None and found.at > self.now:
            flaws.append(Found(Flaw.NOT_YET, value=raw))
        if found is not None and found.at < EPOCH:
            flaws.append(Found(Flaw.TOO_OLD, value=raw))
        return found

    def _raw(self, name: str, cells: tuple[str, ...]) -> str:
        return next(
            (said for spot, _form, _name in self._dates.get(name, ()) if (said := cells[spot].strip())), ""
        )

    def _date(
        self,
        name: str,
        cells: tuple[str, ...],
        flaw: Flaw,
        flaws: list[Found],
        *,
        after: Instant | None = None,
    ) -> Instant | None:
        """Return the first of the field's columns that says something; None, and a flaw, for no date."""
        for spot, form, heading in self._dates.get(name, ()):
            said = cells[spot].strip()
            if not said:
                continue
            found = form.read(said, is_end=name != "received")
            if found is None:
                flaws.append(Found(flaw, heading, said))
                return None
            if found.is_skipped:
                flaws.append(Found(Flaw.NO_SUCH_TIME, heading, said))
            if found.second is not None:
                flaws.append(Found(Flaw.TWO_SUCH_TIMES, heading, said))
                if after is not None and found.at < after.at <= found.second:
                    return Instant(found.second, has_time=found.has_time)
            return found
        return None

    def _due(self, cells: tuple[str, ...], received: Instant, flaws: list[Found]) -> datetime | None:
        found = self._date("due", cells, Flaw.BAD_DUE, flaws, after=received)
        if found is None and "due" in self._dates and not any(one.flaw is Flaw.BAD_DUE for one in flaws):
            flaws.append(Found(Flaw.NO_DUE))
        return found.at if found else None

    def _answered(
        self, cells: tuple[str, ...], received: Instant, closed: datetime | None, flaws: list[Found]
    ) -> datetime | None:
        found = self._date("answered", cells, Flaw.BAD_ANSWERED, flaws, after=received)
        if found is not None:
            return max(found.at, received.at)
        return None if closed is None else max(closed, received.at)

    # -- where --

    def _place(self, cells: tuple[str, ...], flaws: list[Found]) -> tuple[float, float] | None:
        if "position" in self._words:
            said = self._words["position"](cells)
            at, flaw = places.position(said, self.bounds)
        elif "lat" in self._words:
            lat, lon = self._words["lat"](cells), self._words["lon"](cells)
            said = f"{lat}, {lon}"
            at, flaw = places.place(lat, lon, self.bounds)
        else:
            return None
        if flaw is not None:
            flaws.append(Found(flaw, value=said))
        return at


def picker(spots: list[int]) -> Callable[[tuple[str, ...]], str]:
    """Return what takes the words of these columns, without what no database keeps."""
    if not spots:
        return lambda cells: ""
    if len(spots) == 1:
        pick = itemgetter(spots[0])
        return lambda cells: pick(cells).replace("\x00", "").strip()
    return lambda cells: " ".join(said for spot in spots if (said := cells[spot].replace("\x00", "").strip()))


def _heading(column: Column) -> str:
    return ", ".join(column.names)


def _identity(received: datetime, service: str, place: str, at: Any, text: str) -> str:
    said = repr((received, service, place, at, text)).encode("utf-8", "replace")
    return "row " + sha256(said).hexdigest()[:40]
