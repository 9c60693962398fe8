"""Which numbers of an edition may the public not see? Columns one by one, then what they tell of each other.

A number tells of another one also by standing there at all: a time is told of ten and more, so where it is
told, and where it is not, it bounds how many there were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from figures.counted import WORKED
from figures.shapes import OUTSIDE, UNKNOWN, Figures, HotSpot, Line
from lifecycle.status import Ending
from reports.suppression import FEWEST, Mask, masks, within

LINES = {"services": "service", "departments": "department", "wards": "ward"}
COUNTED = (
    "received", "finished", "passed_on", "due", "on_time",
    "received_before", "received_year_ago",
)  # fmt: skip
"""What is told of a line: columns of which each is a sum of its own, and none follows from the others.

Not what was open: with that of an earlier edition, what was finished between them would follow."""
TIMES = ("half", "ninety", "first_answer")
"""Lengths of time that are told of a line where there are ten or more."""
AGENCIES = ("handed_off", "confirmed", "returned", "ended", "cards")
"""What is told of an agency, in the order of its table."""
SAID = ("confirmed", "returned")
"""What an agency said of what was handed over to it."""

Key = tuple[str, str, str]
"""(section, name, figure)"""
Named = Callable[[str, str], str]
"""What a row of a section is called."""


def hidden_numbers(figures: Figures) -> dict[Key, Mask]:
    """Return what is hidden, and how."""
    hidden = {key: mask for column in _columns(figures) for key, mask in masks(column).items()}
    for place in (*_late(figures), *_part_of_hidden(figures, hidden)):
        hidden.setdefault(place, Mask.HIDDEN)
    for bounded, most in _bounded(figures, hidden):
        hidden |= within(bounded, {place: hidden[place] for place in bounded if place in hidden}, most)
    for place in (*_unanswered(figures), *_bounding(figures, hidden), *_beside(figures, hidden)):
        hidden[place] = Mask.HIDDEN
    # Places stand alone: there is no sum to work a small number out from.
    few = (spot for spot in figures.hot_spots if spot.before and spot.before < FEWEST)
    placeless = _placeless(figures, hidden)
    return (
        hidden
        | {("spot", place_of(spot), "before"): Mask.FEW for spot in few}
        | ({("quality", "", "without_place"): placeless} if placeless else {})
    )


def as_told(
    figures: Figures, hidden: Mapping[Key, Mask], named: Named = lambda _section, name: name
) -> Figures:
    """Return the figures without the times and kinds that are hidden, and with their hidden rows by name.

    By size, the order of hidden rows would tell which is larger. So they stand below those that are told,
    and above those of which there were none.
    """

    def rank(section: str, name: str, count: int, is_hidden: bool) -> tuple[bool, int, str]:
        called = named(section, name).casefold() if is_hidden else ""
        return name in (UNKNOWN, OUTSIDE), 1 if is_hidden else 0 if count else 2, called

    def counts(section: str, told: Mapping[str, int]) -> dict[str, int]:
        names = sorted(
            told, key=lambda name: rank(section, name, told[name], (section, name, "received") in hidden)
        )
        return {name: told[name] for name in names}

    def lines(section: str, told: tuple[Line, ...]) -> tuple[Line, ...]:
        shown = (_bare(section, one, hidden) for one in told)
        return tuple(
            sorted(
                shown,
                key=lambda one: rank(
                    section, one.name, one.snapshot.received, (section, one.name, "received") in hidden
                ),
            )
        )

    def is_hidden(agency: str) -> bool:
        return any(("agency", agency, figure) in hidden for figure in ("handed_off", "ended", "cards"))

    agencies = (
        replace(one, hours=None if ("agency", one.agency, "hours") in hidden else one.hours)
        for one in figures.agencies
    )
    costs = (one for one in figures.cost[1:] if ("service", one.service, "finished") not in hidden)
    return replace(
        figures,
        services=lines("service", figures.services),
        departments=lines("department", figures.departments),
        wards=lines("ward", figures.wards),
        agencies=tuple(
            sorted(agencies, key=lambda one: rank("agency", one.agency, 1, is_hidden(one.agency)))
        ),
        channels=counts("channel", figures.channels),
        languages=counts("language", figures.languages),
        cost=(*figures.cost[:1], *sorted(costs, key=lambda one: named("service", one.service).casefold())),
        hot_spots=tuple(
            _nameless(spot, hidden)
            for spot in figures.hot_spots
            if ("spot", place_of(spot), "count") not in hidden
        ),
    )


def _bare(section: str, line: Line, hidden: Mapping[Key, Mask]) -> Line:
    """Return a line without its times, where they would tell how many they are made of."""
    if (section, line.name, "promised") in hidden:
        line = replace(line, promised=None)
    if (section, line.name, "half.seconds") not in hidden:
        return line
    bare = replace(line.snapshot, half=None, ninety=None, first_answer=None, asked=0, answered=0)
    return replace(line, snapshot=bare)


def _nameless(spot: HotSpot, hidden: Mapping[Key, Mask]) -> HotSpot:
    """Return a hexagon without its service, where that one's number is hidden: there are at least as many."""
    is_hidden = ("service", spot.service, "received") in hidden
    return replace(spot, service="", count_service=0) if is_hidden else spot


def _columns(figures: Figures) -> Iterator[dict[Key, int]]:
    """Yield the columns whose sum is told and in which a number may be too small."""
    for kind, section in LINES.items():
        lines: tuple[Line, ...] = getattr(figures, kind)
        for figure in COUNTED:
            # What cannot be anything but nought hides nothing.
            able = (line for line in lines if figure != "on_time" or line.snapshot.due)
            counts = ((line.name, counted(line, figure)) for line in able)
            yield {(section, name, figure): count for name, count in counts if count is not None}
    for figure in AGENCIES:
        yield {
            ("agency", line.agency, figure): getattr(line, figure)
            for line in figures.agencies
            if figure not in SAID or line.handed_off
        }
    yield {("channel", name, "received"): count for name, count in figures.channels.items()}
    yield {("language", name, "received"): count for name, count in figures.languages.items()}
    yield {("this", "", f"outcomes.{name}"): count for name, count in figures.this.outcomes.items()}
    yield {("backlog", "", f"bands.{at}"): count for at, count in enumerate(figures.backlog.bands)}


def _placeless(figures: Figures, hidden: Mapping[Key, Mask]) -> Mask | None:
    """Return how the number of those without a place is hidden: as in its line of the wards, or alone."""
    if any(line.name == UNKNOWN for line in figures.wards):
        mask = hidden.get(("ward", UNKNOWN, "received"))
        if mask is not None:
            return mask
    return Mask.FEW if 0 < figures.quality.without_place < FEWEST else None


def _late(figures: Figures) -> Iterator[Key]:
    """Yield where what was on time is hidden because with what was due it would tell how few were late."""
    for kind, section in LINES.items():
        lines: tuple[Line, ...] = getattr(figures, kind)
        late = {line.name: line.snapshot.due - line.snapshot.on_time for line in lines}
        for name in masks(late):
            yield section, name, "on_time"


def _part_of_hidden(figures: Figures, hidden: Mapping[Key, Mask]) -> Iterator[Key]:
    """Yield the parts of hidden numbers: of what was due there are at least as many as were on time.

    Also where it is nought, or not even that could be hidden beside it.
    """
    for kind, section in LINES.items():
        lines: tuple[Line, ...] = getattr(figures, kind)
        for line in lines:
            if (section, line.name, "due") in hidden:
                yield section, line.name, "on_time"
    for agency in figures.agencies:
        if ("agency", agency.agency, "handed_off") in hidden:
            for figure in SAID:
                yield "agency", agency.agency, figure


def _bounded(figures: Figures, hidden: Mapping[Key, Mask]) -> Iterator[tuple[dict[Key, int], dict[Key, int]]]:
    """Yield the columns of which none exceeds what is told beside it, and that: on time are only due ones."""
    for kind, section in LINES.items():
        lines: tuple[Line, ...] = getattr(figures, kind)
        due = {line.name: line.snapshot.due for line in lines}
        on_time = {line.name: line.snapshot.on_time for line in lines}
        yield _within(section, "on_time", on_time, "due", due, hidden)
    handed = {line.agency: line.handed_off for line in figures.agencies}
    for figure in SAID:
        parts = {line.agency: int(getattr(line, figure)) for line in figures.agencies}
        yield _within("agency", figure, parts, "handed_off", handed, hidden)


def _within(
    section: str, part: str, parts: Mapping[str, int], whole: str, wholes: Mapping[str, int],
    hidden: Mapping[Key, Mask],
) -> tuple[dict[Key, int], dict[Key, int]]:  # fmt: skip
    """Return a column of parts, and the most that each of them could be for one who reads the table."""
    masked = {name: hidden.get((section, name, whole)) for name in wholes}
    able = [name for name, count in wholes.items() if count or masked[name]]
    most = {name: FEWEST - 1 if masked[name] is Mask.FEW else wholes[name] for name in able}
    return (
        {(section, name, part): parts[name] for name in able},
        {(section, name, part): most[name] for name in able if masked[name] is not Mask.HIDDEN},
    )


def _unanswered(figures: Figures) -> Iterator[Key]:
    """Yield where the share that was answered is hidden: few were answered, or few still wait.

    It stands alone: in public neither the numbers behind it nor their sum are told.
    """
    for kind, section in LINES.items():
        lines: tuple[Line, ...] = getattr(figures, kind)
        for line in lines:
            answered = line.snapshot.answered
            is_told = line.snapshot.answered_share is not None
            if is_told and not is_safe((answered, line.snapshot.asked - answered)):
                yield section, line.name, "answered_share"


def _bounding(figures: Figures, hidden: Mapping[Key, Mask]) -> Iterator[Key]:
    """Yield what would bound a hidden number by being told or not: it is told of ten and more alone.

    So it is hidden whether there is one or not. A number under five never has one.
    """
    for kind, section in LINES.items():
        lines: tuple[Line, ...] = getattr(figures, kind)
        received = {line.name: hidden.get((section, line.name, "received")) for line in lines}
        for name in (name for name, mask in received.items() if mask is Mask.HIDDEN):
            for figure in TIMES:
                yield section, name, f"{figure}.seconds"
                yield section, name, f"{figure}.is_reached"
            yield section, name, "answered_share"
        # What nobody asked for has no promise, so where a nought is hidden the promise would show it.
        if any(received[line.name] and not line.snapshot.received for line in lines):
            yield from ((section, name, "promised") for name, mask in received.items() if mask)
    for agency in figures.agencies:
        if hidden.get(("agency", agency.agency, "handed_off")) is Mask.HIDDEN:
            yield "agency", agency.agency, "hours"
    for spot in figures.hot_spots:
        if spot.ward is not None and ("ward", spot.ward, "received") in hidden:
            yield "spot", place_of(spot), "count"


def _beside(figures: Figures, hidden: Mapping[Key, Mask]) -> Iterator[Key]:
    """Yield the sums of a whole edition that would tell one of its hidden parts."""
    this = figures.this
    outcomes = {Ending(name) for name in this.outcomes if ("this", "", f"outcomes.{name}") in hidden}
    # Who is asked for a rating is whoever's request the town worked on: three of the five outcomes together.
    if outcomes & WORKED and outcomes - WORKED:
        yield "satisfaction", "", "asked"
    if hides_issues(this.received - this.issues, is_hidden=Ending.DUPLICATE in outcomes):
        yield "this", "", "issues"
    yield from _ages(figures, hidden)


def _ages(figures: Figures, hidden: Mapping[Key, Mask]) -> Iterator[Key]:
    """Yield the ages in the backlog that tell of its hidden bands: in which of them the middle one lies."""
    bands = figures.backlog.bands
    masked = [("backlog", "", f"bands.{at}") in hidden for at in range(len(bands))]
    if any(masked):
        yield "backlog", "", "median_days"
    told = (at for at, count in enumerate(bands) if count and not masked[at])
    # The oldest lies in the last band that is told, or it tells that one above is none or not.
    if any(masked[max(told, default=-1) + 1 :]):
        yield "backlog", "", "oldest_days"


def hides_issues(duplicates: int, *, is_hidden: bool) -> bool:
    """Return whether the number of issues would tell a small number of duplicates, or a hidden one."""
    return is_hidden or 0 < duplicates < FEWEST


def place_of(spot: HotSpot) -> str:
    """Return what a hexagon is called in the table."""
    return f"{spot.column}/{spot.row}"


def counted(line: Line, figure: str) -> int | None:
    """Return one number of a line of services, departments or wards."""
    found = getattr(line if figure.startswith("received_") else line.snapshot, figure)
    return None if found is None else int(found)


def is_safe(counts: Iterable[int]) -> bool:
    """Return whether none of the counts is too small to be told."""
    return not any(0 < count < FEWEST for count in counts)
