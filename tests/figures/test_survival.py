"""How long did it take, by hand?"""

from __future__ import annotations

import pytest

from tests.figures.by_row.survival import Stay, Wait, is_usual, likely_range, waits


def test_without_anything_open_it_is_the_plain_middle() -> None:
    assert waits([Stay(0, age, True) for age in range(1, 11)]) == (Wait(5), Wait(9))


def test_those_still_open_push_the_middle_out() -> None:
    stays = [Stay(0, age, True) for age in range(1, 6)] + [Stay(0, 20, False)] * 5
    assert waits(stays) == (Wait(5), Wait(20, is_reached=False))


def test_one_that_was_old_already_counts_only_from_its_age() -> None:
    young = [Stay(0, age, True) for age in range(1, 11)]
    assert waits([*young, Stay(100, 130, False)])[0] == Wait(5)  # type: ignore[index]


def test_nine_are_too_few() -> None:
    assert waits([Stay(0, 1, True)] * 9) is None


def test_the_likely_range_is_wilsons() -> None:
    low, high = likely_range(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert likely_range(10, 10)[1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("now", "before", "usual"), [(100, 120, True), (100, 150, False), (0, 0, True), (8, 0, False)]
)
def test_a_difference_is_usual_when_chance_alone_makes_it(now: int, before: int, usual: bool) -> None:
    assert is_usual(now, before) is usual
