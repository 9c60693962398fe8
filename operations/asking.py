"""What does the operator ask the map? An address's query as facts, a window and a spot.

The map is an ``<input type="image">``: a click sends the spot in pixels of the size in which it is
shown, which the field's name tells. The Enter key sends 0,0 and means the middle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask_babel import gettext as _

from casework.office import Office
from operations.atlas import Atlas
from operations.window import HEIGHT, WIDTH, Window, window_from
from routing.facts import Facts
from routing.rulebook import Service

SIZES = (288, 328, 640)
"""Pixels of width in which the map is shown; static/operations.css chooses one."""
LONGEST = 400
ANSWER = "answer:"


def height_of(width: int) -> int:
    """Return how high the map is at a width, in pixels."""
    return round(width * HEIGHT / WIDTH)


@dataclass
class Question:
    """One look at the map. ``mistakes`` are (field, sentence); ``kept`` is what goes on to the next look."""

    service: Service
    window: Window
    at: tuple[float, float] | None = None
    place: str = ""
    text: str = ""
    time: str = ""
    road: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    answers: dict[str, str] = field(default_factory=dict)
    mistakes: list[tuple[str, str]] = field(default_factory=list)
    is_asked: bool = False

    @property
    def written_at(self) -> str:
        return f"{self.at[0]:.6f}, {self.at[1]:.6f}" if self.at else ""

    @property
    def kept(self) -> dict[str, str]:
        """Everything but the window, as it stands in an address."""
        given = {
            "service": self.service.code,
            "at": self.written_at,
            "place": self.place,
            "text": self.text,
            "time": self.time,
            "road": self.road,
        } | {ANSWER + code: value for code, value in self.answers.items()}
        return {name: value for name, value in given.items() if value}

    def facts(self, language: str) -> Facts:
        return Facts(
            service=self.service.code,
            at=self.at,
            place=self.place,
            answers=self.answers,
            text=self.text,
            road=self.road or None,
            language=language,
            now=self.now,
        )


def question(office: Office, atlas: Atlas, given: Mapping[str, str]) -> Question:
    """Read the query of an address; what cannot be read is a mistake, never an error."""
    services = office.rulebook.services
    service = services.get(given.get("service", "")) or next(iter(services.values()))
    whole = atlas.whole or Window(0, 0, 1000)
    asked = Question(service, window_from(given.get("view", "")) or whole)
    asked.place, asked.text, asked.road = (
        given.get(name, "")[:LONGEST] for name in ("place", "text", "road")
    )
    asked.answers = {
        one.code: given[ANSWER + one.code][:LONGEST]
        for one in service.questions
        if given.get(ANSWER + one.code)
    }
    _read_time(office, asked, given.get("time", ""))
    asked.at = _clicked(asked.window, given)
    if asked.at is None:
        _read_point(asked, given.get("at", "")[:LONGEST])
    asked.is_asked = bool(asked.at or asked.place) or service.location == "none"
    return asked


def _clicked(window: Window, given: Mapping[str, str]) -> tuple[float, float] | None:
    for width in SIZES:
        x, y = given.get(f"map{width}.x", ""), given.get(f"map{width}.y", "")
        if not (x.isdecimal() and y.isdecimal() and len(x) < 6 and len(y) < 6):
            continue
        if int(x) == int(y) == 0:
            return window.place(WIDTH / 2, HEIGHT / 2)
        units = WIDTH / width
        return window.place(int(x) * units, int(y) * units)
    return None


def _read_point(asked: Question, words: str) -> None:
    if not words.strip():
        return
    try:
        lat, lon = map(float, words.replace(",", " ").split())
        Window(lat, lon, 1000)
    except ValueError:
        said = _(
            '"%(words)s" is not a point. Write latitude and longitude, as in 43.60902, -72.33341.',
            words=words,
        )
        asked.mistakes.append(("at", said))
        return
    asked.at = (lat, lon)
    if not asked.window.holds(lat, lon):
        asked.window = asked.window.around(lat, lon)


def _read_time(office: Office, asked: Question, words: str) -> None:
    if not words:
        return
    try:
        moment = datetime.fromisoformat(words[:LONGEST])
        asked.now = (moment if moment.tzinfo else moment.replace(tzinfo=office.zone)).astimezone(UTC)
        asked.time = words
    except (ValueError, OverflowError):
        said = _('"%(words)s" is not a moment. Write it as in 2026-10-05T09:30.', words=words[:40])
        asked.mistakes.append(("time", said))
