"""Is what left its usual range found, is the season no news, and is nothing found in noise?"""

from __future__ import annotations

from math import exp, pi, sin
from random import Random

import pytest

from figures.changing import BASE, LONGEST, RECENT, YEAR, began, shifts, usual_of
from figures.discovery import chance_of, discoveries
from figures.repeating import Seen, repeats

END = 740_000


def poisson(random: Random, mean: float) -> int:
    left, count = exp(-mean), 0
    product = random.random()
    while product > left:
        product *= random.random()
        count += 1
    return count


def test_the_bar_rises_with_the_number_of_things_looked_at():
    assert discoveries([0.04]) == {0}
    assert discoveries([0.04, *[0.5] * 9]) == frozenset()
    assert discoveries([0.001, 0.015, 0.02, *[0.5] * 7]) == {0, 1, 2}
    assert discoveries([]) == frozenset()
    assert chance_of(1.959964) == pytest.approx(0.05, abs=1e-5)


def test_a_planted_change_is_found_with_its_week():
    random = Random(3)
    towns = {("service", name): [poisson(random, 6) for _week in range(LONGEST)] for name in "abcdefgh"}
    towns["service", "d"][-5:] = [19, 21, 17, 20, 18]
    found = shifts(towns, END)
    assert [one.name for one in found if one.is_unusual] == ["d"]
    first = found[0]
    assert (first.name, first.is_season) == ("d", True)
    assert first.now > first.high >= first.usual >= first.low
    assert END - 6 * 7 <= first.since_day <= END - 5 * 7


def test_a_season_that_comes_back_is_no_news():
    random = Random(5)

    def winter(week: int) -> float:
        return 12 + 11 * sin(2 * pi * week / YEAR)

    snow = [poisson(random, winter(week)) for week in range(LONGEST)]
    known = shifts({("service", "snow"): snow}, END)
    assert known[0].is_season
    assert not known[0].is_unusual


def test_noise_is_rarely_called_a_change():
    alarms = 0
    for seed in range(40):
        random = Random(seed)
        town = {("service", str(at)): [poisson(random, 2 + at) for _week in range(60)] for at in range(12)}
        alarms += any(one.is_unusual for one in shifts(town, END))
    assert alarms <= 6


def test_restless_weeks_make_the_range_wider():
    calm, restless = [10] * (BASE + RECENT), [2, 18] * ((BASE + RECENT) // 2)
    one, other = usual_of(calm), usual_of(restless)
    assert one is not None
    assert other is not None
    assert (one.sum, other.sum) == (80, 80)
    assert other.variance > 5 * one.variance


def test_nothing_is_judged_with_too_little():
    assert shifts({("service", "new"): [5] * 20}, END) == ()
    assert shifts({("service", "rare"): [0, 1] * 30}, END) == ()


def test_the_turn_of_the_summed_differences_tells_since_when():
    assert began([5, 5, 5, 5, 5, 15, 15, 15], 5) == 5
    assert began([5, 5, 0, 0, 0, 0, 0, 0], 5) == 2


# -- places that come back --


def seen(
    lat: int, lon: int, number: str, service: str = "pothole", day: int = 1, *, is_open: bool = False
) -> Seen:
    return Seen(lat, lon, service, number, day, is_open)


def test_three_within_thirty_metres_are_one_place():
    there = [seen(436_000, -723_300, "a"), seen(436_002, -723_300, "b", day=9, is_open=True),
             seen(436_000, -723_302, "c", "tree")]  # fmt: skip
    away = [seen(436_000, -723_400, "d"), seen(436_000, -723_400, "e"), seen(436_004, -723_400, "f")]
    (found,) = repeats(there + away)
    assert (found.count, found.service, found.count_service, found.open) == (3, "pothole", 2, 1)
    assert (found.first_day, found.last_day, found.numbers) == (1, 9, ("a", "c", "b"))


def test_a_long_row_of_places_is_not_one_place():
    row = [seen(436_000 + 3 * at, -723_300, str(at)) for at in range(30)]
    assert all(one.count == 3 for one in repeats(row))
