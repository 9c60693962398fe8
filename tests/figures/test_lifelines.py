"""Does our estimate agree with a well-known one? Only where lifelines is installed; it is no dependency."""

from __future__ import annotations

import random
import warnings
from collections.abc import Sequence

import pytest

from figures.survival import Watch

with warnings.catch_warnings():
    # It loads half of the scientific Python, which has complaints of its own.
    warnings.simplefilter("ignore")
    lifelines = pytest.importorskip(
        "lifelines",
        reason="lifelines is not installed: pip install --target FOLDER lifelines, then PYTHONPATH",
    )


def generated(seed: int, many: int) -> list[tuple[int, int, bool]]:
    """Return (age at entry, age at leaving, is done) in hours, many of them at the same age."""
    chance = random.Random(seed)
    stays = []
    for _one in range(many):
        entry = chance.choice([0, 0, 0, chance.randrange(1, 300)])
        stays.append((entry, entry + chance.randrange(0, 200), chance.random() < 0.6))
    return stays


def theirs(stays: Sequence[tuple[int, int, bool]]) -> dict[int, float]:
    """Return age -> share not yet done, by lifelines."""
    fitter = lifelines.KaplanMeierFitter()
    # Whoever enters at an age counts as watched at it; there, entries come just after. So ours come half
    # an hour earlier, and an hour is added to all, because no time may be below nought.
    fitter.fit(
        [leave + 1 for _entry, leave, _done in stays],
        event_observed=[done for _entry, _leave, done in stays],
        entry=[entry + 0.5 for entry, _leave, _done in stays],
    )
    table = fitter.survival_function_["KM_estimate"]
    return {round(age) - 1: float(share) for age, share in table.items() if age == int(age) and age >= 1}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(8))
def test_the_curve_with_delayed_entry_is_theirs(seed: int) -> None:
    stays = generated(seed, 40 + 60 * seed)
    watch = Watch()
    for entry, leave, is_done in stays:
        watch.enter(entry)
        watch.leave(leave, is_done=is_done)
    known = theirs(stays)
    ours = dict(watch.curve())
    assert ours
    for age, share in ours.items():
        assert known[age] == pytest.approx(share, abs=1e-9), f"at {age} hours"
