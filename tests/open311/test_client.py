"""Is every answer of an agency's system one of four outcomes, with a sentence and without the key?"""

from __future__ import annotations

import time

import pytest

from open311.client import Courier
from open311.outcome import Arrived, Later, Refused, Standing, Unclear
from tests.journeys.town import free_port
from tests.open311.server import GeoServer

KEY = "not-a-real-key-4711"
FIELDS = {"service_code": "POT", "description": "A hole – tief & breit", "jurisdiction_id": "county.example"}


@pytest.fixture
def courier() -> Courier:
    return Courier({"county": KEY}, read_timeout=2.5)


def test_a_report_is_posted_with_its_fields_and_the_agencys_key(courier: Courier, county: GeoServer):
    assert courier.post("county", county.endpoint, FIELDS) == Arrived("1001")
    (seen,) = county.seen
    assert (seen.method, seen.path, seen.query) == ("POST", "/open311/v2/requests.json", {})
    assert seen.fields == {**FIELDS, "api_key": KEY}
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_an_agency_without_a_key_gets_none(courier: Courier, county: GeoServer):
    courier.post("village", county.endpoint, FIELDS)
    assert "api_key" not in county.seen[0].fields


@pytest.mark.parametrize("how", ["json", "single", "xml"])
def test_numbers_are_understood_in_every_dress(courier: Courier, county: GeoServer, how: str):
    county.behave = how
    assert courier.post("county", county.endpoint, FIELDS) == Arrived("1001")


def test_a_token_is_a_receipt_until_it_has_become_a_number(courier: Courier, county: GeoServer):
    county.behave = "token"
    assert courier.post("county", county.endpoint, FIELDS) == Arrived("", "t-1001")
    assert county.seen[-1].path == "/open311/v2/tokens/t-1001.json"
    assert county.seen[-1].query == {"jurisdiction_id": "county.example"}
    county.tokens["t-1001"] = "26-7"
    assert courier.number_for(county.endpoint, "t-1001", "") == "26-7"
    county.tokens["t-1002"] = "26-8"
    assert courier.post("county", county.endpoint, FIELDS) == Arrived("26-8", "t-1002")


@pytest.mark.parametrize(
    ("how", "kind", "said"),
    [
        ("refused", Refused, "lat/long is outside the county (400)"),
        ("refused-in-xml", Refused, "api_key is unknown (403): check the key"),
        ("moved", Refused, "has moved (HTTP 307): correct the endpoint"),
        ("busy", Later, "cannot take it now (HTTP 503)"),
        ("broken", Unclear, "cannot tell whether it took it (HTTP 500)"),
        ("gateway", Unclear, "cannot tell whether it took it (HTTP 504)"),
        ("hang", Unclear, "the connection was cut (ReadTimeoutError)"),
        ("cut", Unclear, "the connection was cut"),
        ("cut-inside", Unclear, "the connection was cut"),
        ("huge", Unclear, "the connection was cut (_TooLarge)"),
        ("nonsense", Unclear, "cannot be understood: its JSON is broken"),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    courier: Courier, county: GeoServer, how: str, kind: type[Refused | Later | Unclear], said: str
):
    county.behave = how
    began = time.monotonic()
    outcome = courier.post("county", county.endpoint, FIELDS)
    assert isinstance(outcome, kind)
    assert said in outcome.sentence
    assert KEY not in repr(outcome)
    assert time.monotonic() - began < 15


def test_nobody_there_is_away_and_certainly_has_not_got_it(courier: Courier):
    outcome = courier.post("county", f"http://127.0.0.1:{free_port()}/v2", FIELDS)
    assert isinstance(outcome, Later)
    assert outcome.is_away


def test_a_certificate_that_nobody_vouches_for_ends_the_conversation(courier: Courier, county: GeoServer):
    outcome = courier.post("county", county.endpoint.replace("http:", "https:"), FIELDS)
    assert isinstance(outcome, Later)
    assert "certificate is not in order" in outcome.sentence
    assert county.seen == []


def test_the_standing_is_read_with_its_words_and_its_day(courier: Courier, county: GeoServer):
    county.standings["7/ä"] = {"status": "open"}
    county.standings["26-7"] = {
        "status": "OPEN",
        "status_notes": " Crew on Friday. ",
        "expected_datetime": "2026-12-04T12:00:00-05:00",
    }
    assert courier.standing(county.endpoint, "26-7", "county.example") == Standing(
        "open", "Crew on Friday.", "2026-12-04T12:00:00-05:00"
    )
    assert "api_key" not in county.seen[-1].query
    assert courier.standing(county.endpoint, "unknown", "") is None
    assert courier.standing(county.endpoint, "../../etc", "") is None
    assert county.seen[-1].path == "/open311/v2/requests/..%2F..%2Fetc.json"


def test_the_key_is_not_in_the_couriers_own_words(courier: Courier):
    assert KEY not in repr(courier)
