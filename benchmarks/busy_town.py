"""What does a town of any size have behind it? Requests and facts, written straight into its tables.

A million submissions would take hours. What is written is what would be kept of them, so that a report over
it works as hard, and its figures can be counted by hand.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from app import create_app
from benchmarks.forms import SECRET
from benchmarks.servers import Served
from casework.office import Office, the_office
from figures.counted import ENDINGS, Promise, Way
from figures.span import Span
from lifecycle.status import Ending
from settings import Settings
from storage.database import db
from storage.fact_order import in_order
from storage.factbook import FINE
from storage.tables import Fact, FactHandOff, ServiceRequest

BATCH = 20_000
ENDED: list[Ending | None] = (
    [Ending.FIXED] * 70 + [Ending.NO_ACTION] * 8 + [Ending.NOT_FOUND] * 4 + [Ending.DUPLICATE] * 5
)
ENDED += [Ending.WITHDRAWN] * 2 + [Ending.REDIRECTED] * 7 + [Ending.SPAM] + [None] * 3
WAYS = {Ending.DUPLICATE: Way.DUPLICATE, Ending.REDIRECTED: Way.PASSED, None: Way.NONE}
OTHERS = (Ending.WITHDRAWN, Ending.SPAM)


def fill(town: Served, requests: int, first: date, after: date) -> None:
    """Write so many requests and their facts into an empty town, spread evenly over the days."""
    app = create_app(
        Settings(data=town.data, rules=Path(town.environment["TOWNLINE_RULES"]), secret=SECRET, demo=True)
    )
    with app.app_context():
        office = the_office()
        mark = office.sorting.basis
        db.engine.dispose()
    with closing(sqlite3.connect(town.data / "townline.sqlite3")) as file:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):
            file.execute(f"PRAGMA {pragma}")
        rebuilt = _without_indexes(file)
        _insert(file, office, requests, first, after)
        for statement in rebuilt:
            file.execute(statement)
        file.execute("DELETE FROM fact_basis")
        file.execute("INSERT INTO fact_basis (id, mark) VALUES (1, ?)", (mark,))
        file.commit()
        file.execute("PRAGMA journal_mode = WAL")


def _without_indexes(file: sqlite3.Connection) -> list[str]:
    """Take the indexes away while rows are written; return how to make them again."""
    asked = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (?, ?)"
    )
    found = file.execute(asked, ("facts", "requests")).fetchall()
    for name, _sql in found:
        file.execute(f'DROP INDEX "{name}"')
    return [sql for _name, sql in found]


def _insert(file: sqlite3.Connection, office: Office, requests: int, first: date, after: date) -> None:
    words = Words(file)
    services, people = list(office.rulebook.services), list(office.rulebook.people.values())
    made: list[dict[str, object]] = []
    chance = random.Random(311)
    for number, (day, created) in enumerate(_moments(requests, first, after, office.zone), start=1):
        made.append(
            _one(chance, number, created, day, words, services, people[number % len(people)].id, office)
        )
        if len(made) == BATCH:
            _write(file, made)
    if made:
        _write(file, made)
    file.commit()


class Words:
    """The numbers of words."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self._known: dict[tuple[str, str], int] = {}

    def __call__(self, kind: str, word: str) -> int:
        if (kind, word) not in self._known:
            done = self._file.execute("INSERT INTO fact_words (kind, word) VALUES (?, ?)", (kind, word))
            self._known[kind, word] = done.lastrowid or 0
        return self._known[kind, word]


def _moments(requests: int, first: date, after: date, zone: ZoneInfo) -> Iterator[tuple[Span, int]]:
    count = (after - first).days
    days = [
        Span.of(day, day + timedelta(days=1), zone)
        for day in (first + timedelta(days=n) for n in range(count))
    ]
    for number in range(requests):
        day, part = divmod(number * count, requests)
        span = days[day]
        yield span, span.start + (span.end - span.start) * part // requests


def _one(
    chance: random.Random,
    number: int,
    created: int,
    day: Span,
    words: Words,
    services: list[str],
    person: str,
    office: Office,
) -> dict[str, object]:
    service = services[chance.randrange(len(services))]
    promised = (2, 7, 10, 21, 30)[len(service) % 5] * 86_400
    due = created + promised
    ending = ENDED[chance.randrange(len(ENDED))]
    ended = None if ending is None else created + int(chance.lognormvariate(0, 1.2) * promised * 0.6)
    latest = created + 500 * 86_400
    ended = None if ended is None or ended > latest else ended
    ending = None if ended is None else ending
    passed = ended if ending is Ending.REDIRECTED else None
    is_own = ending not in (Ending.DUPLICATE, Ending.WITHDRAWN, Ending.SPAM, Ending.REDIRECTED)
    rated = chance.randrange(1, 6) if ending is Ending.FIXED and chance.random() < 0.2 else 0
    place = None if chance.random() < 0.07 else (43.6 + chance.gauss(0, 0.02), -72.33 + chance.gauss(0, 0.03))
    way = WAYS.get(ending, Way.OTHER if ending in OTHERS else Way.WORKED)
    numbers = {
        "number": number,
        "service_word": service,
        "person_word": person,
        "place": place,
        "ended_as": ending,
        "request_id": number,
        "created": created,
        "created_day": day.first_day,
        "created_hour": datetime.fromtimestamp(created, office.zone).hour,
        "due": due,
        "due_day": _day(due, office.zone),
        "answered": created + int(chance.lognormvariate(1.8, 1.0) * 3600) if chance.random() < 0.9 else None,
        "passed": passed,
        "ended": ended,
        "ended_day": None if ended is None else _day(ended, office.zone),
        "first_ended": ended,
        "first_reopened": None,
        "ending": ENDINGS.index(ending),
        "service": words("service", service),
        "department": words("department", office.sorting.department(person)),
        "ward": words("ward", f"Ward {1 + number % 6}") if place else 0,
        "agency": words("agency", "county-highway") if passed else 0,
        "channel": words("channel", "widget" if number % 5 else "mail"),
        "language": words("language", "en" if number % 9 else "es"),
        "widget": words("widget", f"widget-{number % 5}"),
        "page": words("page", f"https://town.example/{number % 60}"),
        "assignee": words("person", person),
        "reopened": 0,
        "rating": rated,
        "fixed": 2 if rated else 0,
        "lat": round(place[0] * FINE) if place else None,
        "lon": round(place[1] * FINE) if place else None,
        "held": 0,
        "clock_error": 0,
        "counted": int(ending is not Ending.SPAM),
        "gone": ended,
        "way": int(way),
        "promise": int(
            (Promise.KEPT if ended and ended <= due else Promise.NOT_KEPT) if is_own else Promise.NONE
        ),
    }
    return numbers | in_order(numbers, office.zone)


def _day(instant: int, zone: ZoneInfo) -> int:
    # By the clock on the wall: a day with a clock change in between has 23 hours or 25.
    return datetime.fromtimestamp(instant, zone).toordinal()


def _write(file: sqlite3.Connection, made: list[dict[str, object]]) -> None:
    for table, values in (
        (ServiceRequest.__table__, [_request(one) for one in made]),
        (Fact.__table__, made),
        (FactHandOff.__table__, [_hand_off(one) for one in made if one["passed"]]),
    ):
        names = [column.name for column in table.columns if values and column.name in values[0]]
        places = ", ".join(f":{name}" for name in names)
        file.executemany(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})", values)
    made.clear()


def _hand_off(one: dict[str, object]) -> dict[str, object]:
    at, created = cast(int, one["passed"]), cast(int, one["created"])
    told = {"at": at, "hours": -((created - at) // 3600), "returned": 0, "confirmed": 0, "place": 1}
    return {name: one[name] for name in ("request_id", "agency", "counted")} | told


def _request(one: dict[str, object]) -> dict[str, object]:
    number, place = one["number"], one["place"]
    lat, lon = place if isinstance(place, tuple) else (None, None)
    ending, ended = one["ended_as"], one["ended"]
    return {
        "id": number,
        "number": f"{number:07}",
        "nonce": f"bench-{number}",
        "service": one["service_word"],
        "status": "ended" if ending else "received",
        "ending": str(ending) if ending else None,
        "description": "The lamp at the corner has been dark since Monday, and it is a busy crossing.",
        "answers": json.dumps({}),
        "place": "Main Street",
        "lat": lat,
        "lon": lon,
        "resident_name": "",
        "resident_email": "",
        "resident_phone": "",
        "may_share": 0,
        "language": "en",
        "channel": "widget",
        "source_page": "",
        "assignee": one["person_word"],
        "agency_reminders": 0,
        "rule": "",
        "decided": "accept",
        "because": "",
        "because_staff": "",
        "rules_version": "1",
        "layer_versions": json.dumps({}),
        "created_at": _moment(one["created"]),
        "acknowledge_due_at": _moment(one["due"]),
        "finish_due_at": _moment(one["due"]),
        "ended_at": _moment(ended),
        "paused_minutes": 0,
        "ladder_step": 0,
        "reopened": 0,
        "held_signs": json.dumps([]),
    }


def _moment(seconds: object) -> str | None:
    if not isinstance(seconds, int):
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
