"""Is a length of time understood as it is written, and never guessed?"""

from __future__ import annotations

import pytest

from inbox.time_written import Spent, hundredths_of, minutes_of, not_understood, spent


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("1h30 vehicle 1h materials 42.50", Spent(90, 60, 4250)),
        ("materials 42.50, vehicle 1h, 1h30", Spent(90, 60, 4250)),
        ("1:30", Spent(90)),
        ("1 h 30 min", Spent(90)),
        ("2 hours and 15 minutes", Spent(135)),
        ("1.5h", Spent(90)),
        ("1,5 h", Spent(90)),
        ("45 min truck 20 m", Spent(45, 20)),
        ("2 horas vehículo 45min materiales 12,30", Spent(120, 45, 1230)),
        ("1 heure véhicule 30 min matériel 1 200,00", Spent(60, 30, 120_000)),
        ("2 Stunden Fahrzeug 1 Std Material 9,90", Spent(120, 60, 990)),
        ("materials $1,200", Spent(0, 0, 120_000)),
    ],
)
def test_lengths_and_amounts_are_read_as_people_write_them(line: str, found: Spent):
    assert spent(line) == found


@pytest.mark.parametrize(
    "line",
    ["", "2", "90", "soon", "1h and a bit", "1h 2h", "vehicle", "1h30 materials", "0h", "999h", "1h vehicle",
     "vehicle vehicle 1h", "materials 3 apples", "1h95", "materials 99999999999"],
)  # fmt: skip
def test_what_is_not_plain_is_refused(line: str):
    assert spent(line) is None


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("2h30 vehicle 45min materials 1,250.50 two cones", "two cones"),
        ("2h Año viejo", "Año viejo"),
        ("2h and 3h", "3h"),
        ("1h30 materials", "1h30 materials"),
        ("900h", "900h"),
    ],
)
def test_the_part_that_is_wrong_is_named(line: str, wrong: str):
    assert spent(line) is None
    assert not_understood(line) == wrong


def test_fields_of_the_page_are_read_alone():
    assert (minutes_of("1h30"), minutes_of("30"), minutes_of("1h vehicle 1h")) == (90, None, None)
    assert (hundredths_of("42.5"), hundredths_of("1,200"), hundredths_of("a lot")) == (4250, 120_000, None)
