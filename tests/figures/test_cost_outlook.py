"""Does the outlook of costs say what goes on as of late, with a range that holds and its own past error?"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from figures.cost_outlook import LIKELY, cost_outlooks, outlook_of, reach
from figures.counted import Noted
from figures.rates import Card, Rate, Rates

JULY = int(datetime(2026, 7, 1, tzinfo=UTC).timestamp())
TWO = Rates((Card(0, Rate(4000, 2000)), Card(JULY, Rate(5000, 2500), {"foreman": Rate(6000, 2500)})))


def test_an_entry_keeps_the_rate_of_its_day():
    assert (TWO.at(JULY - 1), TWO.at(JULY)) == (0, 1)
    old = Noted("pothole", "foreman", 90, 60, 4250, TWO.at(JULY - 1))
    new = Noted("pothole", "foreman", 90, 60, 4250, TWO.at(JULY))
    assert TWO.cost([old]) == (6000, 2000, 4250)
    assert TWO.cost([old, new]).together == 6000 + 2000 + 4250 + 9000 + 2500 + 4250
    assert Rates().cost([new]) == (0, 0, 4250)


def test_a_level_cost_goes_on_and_was_never_off():
    found = outlook_of("pothole", [10_000] * 30)
    assert found is not None
    assert [(one.low, one.middle, one.high) for one in found.years] == [(120_000,) * 3] * 4
    assert (found.error, found.last_year, found.said, found.months) == (0.0, 120_000, 120_000, 30)


def test_a_winter_is_no_trend():
    year = [900, 800, 500, 0, 0, 0, 0, 0, 0, 0, 200, 600]
    found = outlook_of("snow", year * 3)
    assert found is not None
    assert (found.years[0].middle, found.said, found.error) == (3000, 3000, 0.0)


def test_nothing_is_said_with_under_two_years_or_too_few_hours_noted():
    assert outlook_of("pothole", [10_000] * 23) is None
    assert outlook_of("pothole", [10_000] * 12 + [0] * 12) is None
    level = [10_000] * 24
    assert cost_outlooks({"pothole": level}, {"pothole": (100, 59)}) == ()
    both = cost_outlooks({"pothole": level, "tree": [5] * 24}, {"pothole": (100, 60), "tree": (10, 1)})
    assert [one.service for one in both] == ["", "pothole"]
    assert both[0].last_year == both[1].last_year


def test_the_range_grows_with_the_years():
    random = Random(7)
    found = outlook_of("", [random.randint(8000, 12_000) for _month in range(48)])
    assert found is not None
    wide = [one.high - one.low for one in found.years]
    assert wide == sorted(wide)
    assert found.error is not None
    assert 0 < found.error < 0.2


def test_the_range_holds_four_years_in_five_of_a_wandering_cost():
    # What smoothing takes the world for: a share of each month's chance moves the level for good.
    random, held, tried = Random(11), 0, 400
    share = 0.2
    for _town in range(tried):
        level, sums = 100_000.0, [0.0, 0.0]
        for month in range(24):
            chance = random.gauss(0, 5000)
            sums[month // 12] += level + chance
            level += share * chance
        held += abs(sums[1] - 1_200_000) <= LIKELY * 5000 * reach(share, 1)
    assert held / tried == pytest.approx(0.8, abs=0.05)
