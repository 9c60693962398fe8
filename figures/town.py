"""What else is told of the town as a whole? Backlog, agencies, satisfaction, hot spots, cost, records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from figures.comparing import FEWEST
from figures.counted import WORKED, Cell, Counted, Handed, Noted, Open
from figures.hexagons import Grid
from figures.rates import Rates
from figures.shapes import (
    AgencyLine,
    Backlog,
    CostLine,
    HotSpot,
    Line,
    Mail,
    Quality,
    Reopened,
    Satisfaction,
    Snapshot,
)
from figures.survival import middle

BANDS = (0, 7, 30, 90, 180)
"""Backlog age in days: each band reaches from its number to the next one."""
CROWD = 5
"""Fewest reports that make a hexagon a hot spot: fewer could point at one household."""
MOST_SPOTS = 60


def backlog(still_open: Iterable[Open]) -> Backlog:
    """Return what was open at the end by age."""
    groups = list(still_open)
    ages = Counter[int]()
    for group in groups:
        ages[group.days] += group.many
    upper = (*BANDS[1:], 10**9)
    median = middle(ages)
    return Backlog(
        bands=tuple(
            sum(count for age, count in ages.items() if low <= age < high)
            for low, high in zip(BANDS, upper, strict=True)
        ),
        median_days=None if median is None else int(median),
        oldest_days=max(ages, default=None),
        overdue=sum(group.many for group in groups if group.is_overdue),
    )


def agencies(counted: Counted) -> tuple[AgencyLine, ...]:
    """Return a line for every agency that got, ended or was named anything in the period."""
    handed: dict[str, list[Handed]] = {}
    for group in counted.handed:
        handed.setdefault(group.agency, []).append(group)
    cards = {target: count for (outcome, target), count in counted.tallies.items() if outcome == "card"}
    lines = [
        _agency(name, handed.get(name, []), counted.redirected.get(name, 0), cards.get(name, 0))
        for name in {*handed, *counted.redirected, *cards}
    ]
    return tuple(sorted(lines, key=lambda line: (-(line.handed_off + line.ended + line.cards), line.agency)))


def _agency(name: str, groups: list[Handed], ended: int, cards: int) -> AgencyLine:
    count = sum(group.many for group in groups)
    waited = Counter[int]()
    for group in groups:
        if group.hours is not None:
            waited[group.hours] += group.many
    half = middle(waited) if waited.total() >= FEWEST else None
    return AgencyLine(
        agency=name,
        handed_off=count,
        ended=ended,
        cards=cards,
        hours=None if half is None else round(half),
        returned=sum(group.many for group in groups if group.is_returned),
        confirmed=sum(group.many for group in groups if group.is_confirmed),
    )


def satisfaction(ratings: Mapping[tuple[int, int], int], this: Snapshot) -> Satisfaction:
    """Return what residents said about the work finished in the period."""
    scores = [0] * 6
    said = [0] * 3
    for (rating, fixed), count in ratings.items():
        scores[rating] += count
        said[fixed] += count
    return Satisfaction(
        asked=worked(this),
        rated=sum(scores[1:]),
        good=scores[4] + scores[5],
        said_fixed=said[2],
        said_not_fixed=said[1],
        scores=(scores[1], scores[2], scores[3], scores[4], scores[5]),
    )


def worked(snapshot: Snapshot) -> int:
    """Return how many the town finished by its own work."""
    return sum(snapshot.outcomes.get(ending.value, 0) for ending in WORKED)


def reopened(counted: tuple[int, int]) -> Reopened:
    return Reopened(*counted)


def hot_spots(counted: Counted, grid: Grid, *, is_known: bool) -> tuple[HotSpot, ...]:
    """Return the hexagons with at least five reports, the fullest first.

    ``is_known`` says whether there are records of the period before.
    """
    before = Counter[tuple[int, int]]()
    for cell in counted.cells_before:
        before[cell.column, cell.row] += cell.many
    by_cell: dict[tuple[int, int], list[Cell]] = {}
    for cell in counted.cells:
        by_cell.setdefault((cell.column, cell.row), []).append(cell)
    spots = [
        _spot(grid, place, cells, before[place] if is_known else None)
        for place, cells in by_cell.items()
        if sum(cell.many for cell in cells) >= CROWD
    ]
    return tuple(sorted(spots, key=lambda spot: (-spot.count, spot.lat, spot.lon))[:MOST_SPOTS])


def _spot(grid: Grid, place: tuple[int, int], cells: list[Cell], before: int | None) -> HotSpot:
    lat, lon = grid.middle(place)
    most = max(cells, key=lambda cell: (cell.many, cell.service))
    is_told = most.many >= CROWD
    return HotSpot(
        lat=round(lat, 6),
        lon=round(lon, 6),
        count=sum(cell.many for cell in cells),
        service=most.service if is_told else "",
        count_service=most.many if is_told else 0,
        before=before,
        column=place[0],
        row=place[1],
    )


def cost(counted: Counted, services: Iterable[Line], rates: Rates) -> tuple[CostLine, ...]:
    """Return the cost of finished requests, all together first; empty where nobody noted any time."""
    noted = list(counted.noted)
    if not noted:
        return ()
    finished = {line.name: worked(line.snapshot) for line in services if worked(line.snapshot)}
    lines = [
        _cost(
            service,
            count,
            counted.finished_with_time.get(service, 0),
            [one for one in noted if one.service == service],
            rates,
        )
        for service, count in sorted(finished.items())
    ]
    together = CostLine(
        service="",
        finished=sum(line.finished for line in lines),
        noted=sum(line.noted for line in lines),
        minutes=sum(line.minutes for line in lines),
        work=sum(line.work for line in lines),
        vehicle=sum(line.vehicle for line in lines),
        materials=sum(line.materials for line in lines),
    )
    return (together, *sorted(lines, key=lambda line: (-line.finished, line.service)))


def _cost(
    service: str,
    finished: int,
    with_time: int,
    noted: list[Noted],
    rates: Rates,
) -> CostLine:
    cost = rates.cost(noted)
    return CostLine(
        service=service,
        finished=finished,
        noted=with_time,
        minutes=sum(one.minutes for one in noted),
        work=cost.work,
        vehicle=cost.vehicle,
        materials=cost.materials,
    )


def mail(counted: tuple[int, int]) -> Mail:
    return Mail(*counted)


def quality(counted: Mapping[str, int]) -> Quality:
    return Quality(
        spam=counted.get("spam", 0),
        ended_before_received=counted.get("clock_error", 0),
        without_place=counted.get("without_place", 0),
        held=counted.get("held", 0),
        without_department=counted.get("without_department", 0),
    )
