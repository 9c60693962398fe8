"""Does "whose job is it?" alone tell who is responsible, send nothing, and carry the answers on?"""

from __future__ import annotations

import pytest

from storage import lookups
from tests.conscience import StrictClient
from tests.widgets.resident import MILL_ROAD, OLD_TURNPIKE, ROUTE_88, TWO_ROADS, Resident

FINDER = "/report/whose-job"


def asked(client: StrictClient, **place: str) -> Resident:
    return Resident(client, FINDER).send(description="deep hole").picked("pothole").send(**place)


@pytest.mark.parametrize(
    ("place", "who", "offer"),
    [
        (OLD_TURNPIKE, "Public Works", "Report it"),
        (MILL_ROAD, "County", "Report it, and we pass it on"),
        (ROUTE_88, "State", ""),
    ],
)
def test_it_says_who_is_responsible_and_why(
    client: StrictClient, app, place: dict[str, str], who: str, offer: str
):
    resident = asked(client, **place)
    assert resident.step == "whose"
    assert who in resident.heading
    assert offer in resident.page
    assert lookups.count_requests() == 0


def test_report_it_carries_every_answer_into_the_form(client: StrictClient):
    resident = asked(client, **OLD_TURNPIKE)
    button = next(b for b in resident.tree.iter("button") if "Report it" in "".join(b.itertext()))
    assert button.get("formaction") == "/report"
    resident.answer = client.post("/report", data=resident.fields())
    assert resident.step == "details"
    assert resident.fields()["description"] == "deep hole"
    assert resident.fields()["lat"] == OLD_TURNPIKE["lat"]
    resident.send().send(email="me@example.org").send()
    assert resident.answer.status_code == 303


def test_two_roads_are_asked_about_and_then_it_is_told(client: StrictClient):
    resident = asked(client, **TWO_ROADS)
    assert resident.heading == "Which road is it?"
    resident.send(road="county")
    assert resident.step == "whose"
    assert "County" in resident.heading


def test_where_nobody_is_sure_nothing_is_said_to_go_straight_anywhere(client: StrictClient):
    page = asked(client, place="By the old barn").page
    assert "We are not sure, so somebody here finds out:" in page
    assert "they pass it on" in page
    assert "goes straight to" not in page


def test_nothing_can_be_sent_from_it(client: StrictClient):
    resident = asked(client, **OLD_TURNPIKE)
    for step in ("near", "details", "contact", "check"):
        fields = resident.fields()
        fields["step"] = step
        assert client.post(FINDER, data=fields).status_code == 400
    resident.send(to="check")
    assert resident.step == "whose"
