"""Is a forgotten key named at the start, and a key for nobody too?"""

from __future__ import annotations

from console.agency_keys import keys_idle, keys_missing
from routing.town import Open311
from tests.once import demonstration

RULEBOOK, _LAYERS = demonstration()
COUNTY = RULEBOOK.agencies["county-highway"].model_copy(
    update={
        "handoff": "open311",
        "open311": Open311(endpoint="https://311.county.example/v2", default_service="OTHER"),
    }
)
WIRED = RULEBOOK.model_copy(update={"agencies": {**RULEBOOK.agencies, "county-highway": COUNTY}})


def test_an_agency_without_its_key_is_named_with_the_variable():
    (said,) = keys_missing(WIRED, {})
    assert said.startswith("TOWNLINE_OPEN311_KEY_COUNTY_HIGHWAY: is empty")
    assert "Alder County Highway Department" in said
    assert keys_missing(WIRED, {"county-highway": "x"}) == []


def test_a_key_for_nobody_is_named_with_whom_was_meant():
    (said,) = keys_idle(WIRED, {"county-higway": "x"})
    assert said.startswith("TOWNLINE_OPEN311_KEY_COUNTY_HIGWAY: no agency")
    assert 'did you mean "county-highway"?' in said


def test_a_town_without_such_agencies_hears_nothing():
    assert keys_missing(RULEBOOK, {}) == keys_idle(RULEBOOK, {}) == []
