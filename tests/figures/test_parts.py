"""Do the parts of the figures keep their definitions? Comparisons, hexagons, outlook, cost, what is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figures import reckoning
from figures.comparing import Change, increases, likely_range
from figures.hexagons import FINE, Grid
from figures.kept import OtherForm, as_json, from_json
from figures.outlook import FEWEST_WEEKS, outlook, weekly
from figures.rates import Card, Rate, Rates
from figures.shapes import CostLine, Figures
from figures.span import Frame, Span
from figures.survival import Wait, Watch, middle
from lifecycle.status import Ending
from reports.period import Period, frame_of
from storage import counting
from storage.factbook import make_rows
from storage.tables import TimeEntry
from tests.figures.history import Past
from tests.figures.test_independent import AUTUMN, DAY, compare, local, one, sorting
from tests.figures.town import empty_town, figures, reckoned
from tests.reports.past import AS_OF, OCTOBER, ZONE, past, tallies

RATES = Rates((Card(usual=Rate(0, 2000), people={"foreman": Rate(4000, 2000)}),))


@pytest.fixture(scope="module")
def told() -> Figures:
    return figures(past(), tallies(), period=OCTOBER, as_of=AS_OF)


# -- comparing --


def test_a_change_is_a_number_while_its_base_is_small() -> None:
    assert Change(30, 19).share is None
    assert Change(30, 20).share == pytest.approx(0.5)


def test_increases_are_ranked_by_chance_and_not_by_percentage() -> None:
    found = increases([("tiny", 9, 1), ("big", 400, 300), ("usual", 22, 20), ("less", 5, 50)])
    assert [name for name, _change in found] == ["big", "tiny"]


def test_the_likely_range_is_wilsons() -> None:
    low, high = likely_range(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


def test_the_middle_of_what_is_counted() -> None:
    assert (middle({}), middle({3: 1}), middle({1: 2, 9: 2}), middle({1: 1, 5: 3})) == (None, 3, 5, 5)


def test_nine_are_too_few_and_an_unreached_share_is_longer_than_the_oldest() -> None:
    assert Watch({0: 9}, {1: 9}).waits() is None
    # Nothing is read off the one that is left of twelve: only that it takes longer than when ten were.
    assert Watch({0: 12}, {26: 1}, {3: 2, 20: 9}).waits() == (Wait(20 * 3600, is_reached=False),) * 2
    assert Watch({0: 3, 900: 40}, {5: 3}, {950: 40}).waits() is None
    half, ninety = Watch({0: 10}, {5: 5}, {20: 5}).waits() or ()
    assert (half, ninety) == (Wait(5 * 3600), Wait(20 * 3600, is_reached=False))


# -- places --


@given(st.integers(-60 * FINE, 60 * FINE), st.integers(-179 * FINE, 179 * FINE), st.integers(0, 60))
def test_a_place_lies_in_the_nearest_hexagon(lat: int, lon: int, latitude: int) -> None:
    grid = Grid(latitude)
    column, row = grid.cell(lat, lon)
    assert (column + row) % 2 == 0, "columns and rows are told doubled, so that both are whole"

    def far(cell: tuple[int, int]) -> float:
        up, right = grid.middle(cell)
        return hypot(up * FINE - lat, (right * FINE - lon) * grid.east / 1000)

    around = [(column + side, row + up) for side in (-2, -1, 0, 1, 2) for up in (-2, -1, 0, 1, 2)]
    nearest = min(far(cell) for cell in around if sum(cell) % 2 == 0)
    assert far((column, row)) <= nearest + 0.01


def test_five_make_a_hot_spot_and_four_do_not() -> None:
    crowd = [one(place=(43.601, -72.301)) for _ in range(5)]
    lonely = [one(place=(43.701, -72.301)) for _ in range(4)]
    told = compare([*crowd, *lonely], AUTUMN)
    assert [(spot.count, spot.service) for spot in told.hot_spots] == [(5, "pothole")]
    spot = told.hot_spots[0]
    corners = told.grid.corners((spot.column, spot.row))
    assert min(lat for lat, _lon in corners) < 43.601 < max(lat for lat, _lon in corners)


def test_what_was_reported_there_before_is_counted_also_under_five() -> None:
    crowd = [one(place=(43.601, -72.301)) for _ in range(5)]
    sent = local(3, month=10)
    before = [Past(sent, sent + DAY, place=(43.601, -72.301)) for _ in range(2)]
    assert [spot.before for spot in compare([*crowd, *before], AUTUMN).hot_spots] == [2]


# -- what comes next --


def test_a_steady_town_is_foreseen_as_it_is() -> None:
    span = Span(1000 + 7 * 60 - 31, 1000 + 7 * 60, 0, 0)
    told = outlook(dict.fromkeys(range(1000, 1000 + 7 * 60), 3), span)
    assert told is not None
    assert (told.next.middle, told.next.low, told.next.high) == (84, 84, 84)
    assert (told.actual, told.error) == (84, 0.0)


def test_half_a_year_is_needed_before_anything_is_foreseen() -> None:
    days = dict.fromkeys(range(1000, 1000 + 7 * FEWEST_WEEKS - 1), 1)
    assert outlook(days, Span(1000, max(days) + 1, 0, 0)) is None
    assert len(weekly(days, max(days) + 1)) == FEWEST_WEEKS - 1


def test_the_range_comes_from_its_own_errors() -> None:
    days = {1000 + day: 2 + 4 * (day // 28 % 2) for day in range(7 * 80)}
    told = outlook(days, Span(0, 1000 + 7 * 80, 0, 0))
    assert told is not None
    assert told.last is not None
    assert told.next.low < told.next.middle < told.next.high
    assert told.error is not None
    assert told.error > 0.2


# -- cost --


def test_cost_is_told_for_those_with_a_time_entry_and_hidden_under_sixty_in_a_hundred() -> None:
    town = [Past(local(2), local(9)).finish(local(3), Ending.FIXED) for _ in range(20)]
    with empty_town() as session:
        for number, request in enumerate(town, start=1):
            request.keep(session, number)
        for number in range(1, 13):
            session.add(
                TimeEntry(
                    request_id=number,
                    at=local(3),
                    person="foreman",
                    minutes=60,
                    vehicle_minutes=30,
                    materials=500,
                )
            )
        session.flush()
        make_rows(session, sorting(ZONE), 1, 20)

        frame = frame_of(AUTUMN)
        groups = counting.counted(session, frame, as_of=AUTUMN.end)
        told = reckoning.figures(groups, frame, as_of=AUTUMN.end, zone=ZONE.key, rates=RATES)
    together, pothole = told.cost
    assert (together.finished, together.noted, together.coverage) == (20, 12, 0.6)
    assert together.each == pothole.each == 4000 + 1000 + 500
    assert replace(together, noted=11).each is None
    assert CostLine("", 5, 5, 0, 0, 0, 0).each is None


# -- what is kept --


def test_figures_are_read_again_as_they_were(told: Figures) -> None:
    assert from_json(json.loads(json.dumps(as_json(told)))) == told


def test_figures_of_another_form_are_refused_by_name(told: Figures) -> None:
    with pytest.raises(OtherForm, match="form 1"):
        from_json({"this": {}})
    with pytest.raises(OtherForm, match="form 99"):
        from_json(as_json(told) | {"form": 99})


# -- the frame --


def test_the_line_has_thirteen_months_up_to_the_last_day() -> None:
    frame = frame_of(Period(2026, 7, ZONE, "quarter"))
    assert [span.key for span in frame.line][::12] == ["2025-09", "2026-09"]
    assert [span.key for span in frame.line_before][::12] == ["2024-09", "2025-09"]
    assert Frame.of_month("2026-10", ZONE) == frame_of(OCTOBER)
    assert frame.this.days == 92


def test_the_three_ways_to_count_agree_on_a_plausible_past(told: Figures) -> None:
    this = told.this
    for lines in (told.services, told.departments):
        assert sum(line.snapshot.received for line in lines) == this.received
        assert sum(line.snapshot.due for line in lines) == this.due
        assert sum(line.snapshot.watched for line in lines) == this.watched
        assert sum(line.snapshot.passed_on for line in lines) == this.passed_on
    assert sum(told.backlog.bands) == this.open_after
    assert sum(map(sum, told.hours)) == sum(told.channels.values()) == this.received


def test_a_period_far_from_all_records_is_empty() -> None:
    with empty_town() as session:
        Past(local(2), local(2) + timedelta(days=9000)).keep(session, 1)

        make_rows(session, sorting(ZONE), 1, 1)
        far = Period(2050, 1, ZONE)
        found = reckoned(session, frame_of(far), as_of=far.end + DAY, zone=ZONE.key)
    assert (found.this.received, found.this.open_after) == (0, 1)
