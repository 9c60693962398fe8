"""Degrees or nothing: what cannot be a place of this town is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from past.flaws import Flaw
from past.places import Bounds, place, position

TOWN = Bounds(43.5, -72.5, 43.7, -72.2)
HERE = (43.6, -72.3)


@pytest.mark.parametrize(
    ("lat", "lon", "found", "flaw"),
    [
        ("43.6", "-72.3", HERE, None),
        ("43,6", "-72,3", HERE, None),
        ("-72.3", "43.6", HERE, Flaw.SWAPPED),
        ("43.6", "", None, Flaw.NO_COORDINATES),
        ("", "", None, Flaw.NO_COORDINATES),
        ("0", "0.0", None, Flaw.NO_COORDINATES),
        ("1013245.2", "231331.9", None, Flaw.BAD_COORDINATES),
        ("nan", "inf", None, Flaw.BAD_COORDINATES),
        ("north", "west", None, Flaw.BAD_COORDINATES),
        ("34.1", "-118.2", None, Flaw.FAR_AWAY),
    ],
)
def test_two_cells_are_a_place_or_a_reason(lat, lon, found, flaw):
    assert place(lat, lon, TOWN) == (found, flaw)


def test_without_maps_only_what_no_latitude_can_be_is_swapped():
    assert place("-118.2", "34.1", None) == ((34.1, -118.2), Flaw.SWAPPED)
    assert place("-72.3", "43.6", None) == ((-72.3, 43.6), None)


@pytest.mark.parametrize(
    "cell", ["POINT (-72.3 43.6)", "(43.6, -72.3)", "43.6;-72.3", "12 Mill Rd\nAlder Falls\n(43.6, -72.3)"]
)
def test_one_cell_may_hold_both(cell: str):
    assert position(cell, TOWN) == (HERE, None)


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_words_are_a_place_or_a_reason(lat: str, lon: str):
    for bounds in (TOWN, None):
        for found, flaw in (place(lat, lon, bounds), position(lat, bounds)):
            assert (found is None) == (flaw not in (None, Flaw.SWAPPED))
