"""What will the work cost in the next four years? Exponential smoothing of months, with its own past error.

It knows no inflation and no plans: it says what goes on as of late would cost at the rates of each month so
far. Nothing is said with under two years of months, or where too few requests have their hours noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from figures.outlook import STEPS
from figures.shapes import COVERED, CostOutlook, CostYear

YEAR = 12
YEARS = 4
FEWEST_MONTHS = 24
"""Months of entries before anything is said."""
LIKELY = 1.2815515655446004
"""So many standard deviations to either side hold four in five."""


def cost_outlooks(
    months: Mapping[str, Sequence[int]], covered: Mapping[str, tuple[int, int]]
) -> tuple[CostOutlook, ...]:
    """Return the outlook of all services together and of each, the dearest first.

    ``months`` is service -> what each month cost in hundredths, all from the same first month of entries up
    to the last whole one; ``covered`` is service -> (finished in the last twelve months, of these with time).
    """
    told = {service: costs for service, costs in months.items() if _is_covered(covered.get(service, (0, 0)))}
    if not told:
        return ()
    length = max(map(len, told.values()))
    together = [sum(costs[at] for costs in told.values()) for at in range(length)]
    found = [outlook_of("", together), *(outlook_of(service, costs) for service, costs in told.items())]
    known = [one for one in found if one is not None]
    return tuple(sorted(known, key=lambda one: (one.service != "", -one.last_year, one.service)))


def _is_covered(count: tuple[int, int]) -> bool:
    finished, noted = count
    return finished > 0 and noted / finished >= COVERED


def outlook_of(service: str, months: Sequence[int]) -> CostOutlook | None:
    """Return the outlook of one row of months; None with under two years of them, or without any cost."""
    if len(months) < FEWEST_MONTHS or not any(months[-YEAR:]):
        return None
    calm = without_season(months)
    share = _best(calm)
    level, wrong = _smoothed(calm, share)
    # Twelve months' means were taken out of them, so they look calmer than they are.
    spread = sqrt(wrong / (len(months) - 1) * len(months) / (len(months) - YEAR))
    told = [(_level(months[:at]) * YEAR, sum(months[at : at + YEAR]))
            for at in range(YEAR, len(months) - YEAR + 1)]  # fmt: skip
    came = sum(actual for _said, actual in told)
    return CostOutlook(
        service=service,
        last_year=sum(months[-YEAR:]),
        said=round(told[-1][0]),
        error=sum(abs(actual - said) for said, actual in told) / came if came else None,
        months=len(months),
        years=tuple(_year(level, spread * reach(share, year)) for year in range(YEARS)),
    )


def without_season(months: Sequence[int]) -> list[float]:
    """Return the months without what each month of the year has beside the mean: snow is no trend."""
    usual = [sum(months[at::YEAR]) / len(months[at::YEAR]) for at in range(min(YEAR, len(months)))]
    mean = sum(usual) / len(usual)
    return [count - usual[at % YEAR] + mean for at, count in enumerate(months)]


def _level(months: Sequence[int]) -> float:
    calm = without_season(months)
    return max(0.0, _smoothed(calm, _best(calm))[0])


def reach(share: float, year: int) -> float:
    """Return how many months' errors a year's sum is off by, so many years ahead (0 is the next).

    Every month's error moves all later months by ``share``: those of years before count for all twelve.
    """
    within = sum((1 + share * later) ** 2 for later in range(YEAR))
    return sqrt(within + year * YEAR * (YEAR * share) ** 2)


def _year(level: float, spread: float) -> CostYear:
    middle = max(0.0, level) * YEAR
    return CostYear(
        middle=round(middle),
        low=round(max(0.0, middle - LIKELY * spread)),
        high=round(middle + LIKELY * spread),
    )


def _best(months: Sequence[float]) -> float:
    return min(STEPS, key=lambda share: _smoothed(months, share)[1])


def _smoothed(months: Sequence[float], share: float) -> tuple[float, float]:
    """Return the level after the last month, and the sum of squared one-month errors on the way."""
    # From the mean of the first year: one dear first month would hang on for long.
    now, wrong = sum(months[:YEAR]) / len(months[:YEAR]), 0.0
    for actual in months[1:]:
        error = actual - now
        wrong += error * error
        now += share * error
    return now, wrong
