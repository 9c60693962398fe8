"""A resident types where it is and sets no point: do they hear whose road it is, and is it handed over?"""

from __future__ import annotations

from datetime import datetime

from casework.office import Office
from lifecycle.journal import Kind
from lifecycle.status import Status
from tests.builders import opened
from tests.conscience import StrictClient
from tests.widgets.resident import Resident

NO_POINT = {"lat": "", "lon": ""}


def typed(client: StrictClient, place: str, service: str = "pothole") -> Resident:
    return Resident(client).picked(service).send(place=place, **NO_POINT)


def test_a_county_road_that_is_only_typed_leads_to_the_countys_page(client: StrictClient):
    resident = typed(client, "12 Beech Hill Rd.")
    assert resident.step == "whose"
    assert "The address names Beech Hill Road. Beech Hill Road is a county road." in resident.page
    assert "County Highway" in resident.page


def test_two_roads_of_different_owners_are_asked_with_both_names(client: StrictClient):
    resident = typed(client, "Mill Rd or North Rd")
    assert resident.step == "whose"
    assert "Mill Road (the county&#39;s)" in resident.page
    assert "North Road (the town&#39;s)" in resident.page
    assert "The address names Mill Road." in resident.send(road="county").page


def test_a_school_that_is_called_after_a_road_is_no_road(client: StrictClient):
    assert typed(client, "Mill Road School").step == "details"


def test_the_request_goes_to_the_county_and_its_record_says_that_a_name_decided(
    office: Office, now: datetime
):
    _, case = opened(office, now, service="pothole", at=None, place="12 Mill Rd", may_share=True)
    assert (case.request.agency, case.request.status) == ("county-highway", Status.WAITING_AGENCY)
    (routed,) = [entry for entry in case.entries if entry.kind == Kind.ROUTED]
    road = routed.facts["decision"]["road"]
    assert (road["name"], road["by_name"], road["distance_m"]) == ("Mill Road", True, None)
    assert "Found by the name that was written: Mill Road (county)." in routed.text
