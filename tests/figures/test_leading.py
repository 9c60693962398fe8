"""Is a planted lead found, with its delay, and nothing in towns of noise with seasons and inertia?"""

from __future__ import annotations

from itertools import pairwise
from math import exp, pi, sin
from random import Random

from figures.leading import FEWEST_WEEKS, leads, without_past
from tests.figures.test_changing import poisson

WEEKS = 182
SERVICES = "abcdefgh"


def town(seed: int) -> dict[str, list[int]]:
    """Services of one season, each with a mood of its own that lasts for weeks."""
    random = Random(seed)
    found: dict[str, list[int]] = {}
    for place, name in enumerate(SERVICES):
        mood, counts = 0.0, []
        for week in range(WEEKS):
            mood = 0.6 * mood + random.gauss(0, 0.15)
            season = 0.7 * sin(2 * pi * week / 52.1775 + place / 10)
            counts.append(poisson(random, (6 + 3 * place) * exp(season + mood)))
        found[name] = counts
    return found


def test_twenty_towns_of_noise_have_no_discovery():
    assert [leads(town(seed)) for seed in range(20)] == [()] * 20


def test_a_planted_lead_is_found_with_its_delay():
    weeks, random = town(99), Random(99)
    storms = [random.random() < 0.15 for _week in range(WEEKS)]
    for week, is_storm in enumerate(storms):
        weeks["b"][week] += 14 * is_storm
        if week >= 3:
            weeks["e"][week] += 22 * storms[week - 3]
    found = leads(weeks)
    assert found is not None
    assert (found[0].first, found[0].then, found[0].weeks) == ("b", "e", 3)
    assert found[0].seen > 0.2
    assert found[0].again > 0.2
    assert {(one.first, one.then) for one in found} == {("b", "e")}


def test_what_goes_together_by_season_alone_is_not_told():
    random = Random(4)
    garbage, rats = (
        [poisson(random, 20 * exp(sin(2 * pi * (week - lag) / 52.1775))) for week in range(WEEKS)]
        for lag in (0, 4)
    )
    assert leads({"garbage": garbage, "rats": rats}) == ()


def test_three_years_are_needed():
    assert leads({name: counts[: FEWEST_WEEKS - 1] for name, counts in town(1).items()}) is None
    assert leads({}) is None


def test_what_is_left_knows_nothing_of_its_own_past():
    left = without_past(town(2)["h"], WEEKS)
    mean = sum(left) / WEEKS
    spread = sum((value - mean) ** 2 for value in left)
    own = sum((a - mean) * (b - mean) for a, b in pairwise(left)) / spread
    assert abs(own) < 0.1
