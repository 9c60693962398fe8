"""Does a report travel from the first word to the receipt, and does nothing get lost on the way?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from casework.office import Office
from storage import lookups
from storage.lookups import Case
from tests.conscience import StrictClient
from tests.widgets.resident import MILL_ROAD, OLD_TURNPIKE, ROUTE_88, TWO_ROADS, Resident
from widgets.tokens import Seal


def kept(resident: Resident) -> Case:
    """The request that the receipt's address means."""
    number = urlsplit(resident.answer.location).path.rsplit("/", 1)[-1]
    case = lookups.case_by_number(number)
    assert case is not None
    return case


def test_words_lead_to_services_then_to_the_place_and_on_to_the_receipt(
    client: StrictClient, app: Flask
) -> None:
    resident = Resident(client)
    assert resident.step == "what"
    assert resident.send(description="deep hole in the road by the school").step == "pick"
    assert "Pothole" in resident.page
    assert resident.picked("pothole").step == "where"
    assert resident.send(**OLD_TURNPIKE).step == "details"
    assert "deep hole in the road by the school" in resident.page
    assert resident.send(q__size="large").step == "contact"
    assert resident.send(name="A Resident", email="resident@example.org").step == "check"
    assert "Wider than a tire" in resident.page
    resident.send()
    assert resident.answer.status_code == 303
    query = parse_qs(urlsplit(resident.answer.location).query)
    assert query["t"]
    assert query["new"] == ["1"]
    request = kept(resident).request
    assert (request.service, request.description) == ("pothole", "deep hole in the road by the school")
    assert request.answers == {"size": "large"}
    assert request.assignee == "road-foreman"
    assert (request.lat, request.lon) == (43.59597, -72.33374)
    assert request.resident_email == "resident@example.org"


def test_every_service_can_be_reported_with_nothing_but_what_it_needs(
    client: StrictClient, office: Office
) -> None:
    for service in office.rulebook.services.values():
        resident = Resident(client, f"/report/{service.code}")
        if service.location != "none":
            assert resident.step == "where"
            resident.send(place="12 Center Road")
        assert resident.step == "details"
        answers = {
            f"q-{question.code}": list(question.choices)[-1] if question.choices else "no"
            for question in service.questions
            if question.required
        }
        resident.send(description="Something is wrong", **answers)
        while resident.step == "whose":
            told = [b for b in resident.tree.iter("button") if b.get("name") == "told"]
            if not told:
                break
            resident.send(told=resident.told())
        if resident.step == "whose":
            continue  # another agency's job, which ends here
        assert resident.step == "contact", service.code
        assert resident.send(email="resident@example.org").step == "check"
        assert resident.send().answer.status_code == 303


def test_a_service_without_a_place_is_not_asked_where(client: StrictClient) -> None:
    assert Resident(client).picked("missed-pickup").step == "details"


def test_a_county_road_is_told_before_more_is_typed_and_passed_on_with_consent(
    client: StrictClient, app: Flask
) -> None:
    resident = Resident(client).picked("pothole").send(**MILL_ROAD)
    assert resident.step == "whose"
    assert resident.heading == "Alder County Highway Department"
    assert "Mill Road is a county road" in resident.page
    assert "tel:6035550140" in resident.page
    resident.send(told=resident.told())
    assert resident.step == "details"
    resident.send(description="A hole")
    assert "Pass my name and contact on to" in resident.page
    resident.send(email="resident@example.org", may_share="yes").send()
    request = kept(resident).request
    assert request.agency == "county-highway"
    assert request.may_share is True


def test_consent_to_one_agency_is_none_to_the_next(client: StrictClient, app: Flask) -> None:
    for agreed, is_shared in (("county-highway", True), ("village-office", False)):
        resident = Resident(client).picked("pothole").send(**MILL_ROAD)
        resident.send(told=resident.told()).send(description=f"A hole, {agreed}")
        assert 'name="may_share" value="county-highway"' in resident.page
        resident.send(email="resident@example.org", may_share=agreed)
        assert ("with your name and contact" in resident.page) is is_shared
        resident.send()
        request = kept(resident).request
        assert (request.agency, request.may_share) == ("county-highway", is_shared)


def test_consent_counts_only_where_something_is_passed_on(client: StrictClient, app: Flask) -> None:
    resident = Resident(client).at_check().send(may_share="yes")
    assert kept(resident).request.may_share is False


def test_a_state_road_ends_with_their_card_and_nothing_is_sent(client: StrictClient) -> None:
    resident = Resident(client).picked("pothole").send(**ROUTE_88)
    assert resident.step == "whose"
    assert "State Department of Transportation" in resident.heading
    assert "tel:6035550141" in resident.page
    assert not [b for b in resident.tree.iter("button") if b.get("name") == "told"]
    forged = resident.send(step="check", told="card:state-road:state-transport", description="A hole")
    assert forged.step == "whose"


def test_somebody_told_whose_job_it_is_counts_once(client: StrictClient, app: Flask) -> None:
    from sqlalchemy import text

    from storage.database import reading

    resident = Resident(client).picked("pothole").send(**ROUTE_88)
    resident.send()
    resident.send()
    with reading() as session:
        assert session.execute(text("select sum(count) from tallies")).scalar() == 1


def test_two_roads_ask_one_question_and_the_answer_decides(client: StrictClient) -> None:
    resident = Resident(client).picked("pothole").send(**TWO_ROADS)
    assert resident.heading == "Which road is it?"
    assert resident.send().answer.status_code == 422
    assert resident.mistakes
    assert resident.send(road="town").step == "details"
    resident.send(to="where").send(**TWO_ROADS)
    assert resident.heading == "Which road is it?"
    assert resident.send(road="county").heading == "Alder County Highway Department"
    assert resident.send(told=resident.told()).step == "details"
    resident.send(to="where").send(**TWO_ROADS)
    assert resident.send(road="unknown").step == "details"


def test_a_danger_answer_stops_with_the_number_to_call(client: StrictClient, app: Flask) -> None:
    resident = Resident(client, "/report/street-light").send(place="Church Street")
    resident.send(description="pole hangs", q__wires="yes")
    assert resident.step == "whose"
    assert resident.heading == "Please call now"
    assert "tel:911" in resident.page
    assert resident.send(to="details").fields()["q-wires"] == "yes"
    resident.send()
    assert resident.send(step="check", told="stop:x:911").heading == "Please call now"


def test_a_danger_answer_stops_before_the_form_is_complete(client: StrictClient) -> None:
    resident = Resident(client).at_details("tree")
    resident.send(**{"q-wires": "yes"})
    assert resident.heading == "Please call now"
    assert resident.send(to="details").step == "details"


def test_back_from_the_check_leads_back_step_by_step(client: StrictClient) -> None:
    resident = Resident(client).at_check(**OLD_TURNPIKE)
    steps = [resident.send(back=step).step for step in ("contact", "details", "where")]
    assert steps == ["contact", "details", "where"]
    assert 'name="back" value="what"' in resident.page


def test_a_place_called_wrong_is_asked_again_without_the_position(client: StrictClient) -> None:
    resident = Resident(client).picked("pothole").send(**MILL_ROAD)
    resident.send(to="where")
    assert (resident.step, resident.fields()["place"]) == ("where", "12 Mill Road")
    assert not resident.fields().get("lat")
    assert not resident.fields().get("lon")


def test_emergency_words_show_the_line_and_stop_nobody(client: StrictClient) -> None:
    resident = Resident(client).send(description="I smell gas on Elm Street")
    assert resident.step == "pick"
    assert 'href="tel:911"' in resident.page
    assert "Danger?" not in Resident(client).send(description="hole in the road").page


def test_a_change_comes_back_to_the_check_with_everything_else_kept(client: StrictClient) -> None:
    resident = Resident(client).at_check()
    assert resident.send(to="where").step == "where"
    assert resident.send(place="By the bridge").step == "check"
    assert "By the bridge" in resident.page
    assert "resident@example.org" in resident.page


def test_another_service_asks_its_own_questions_before_the_check(client: StrictClient) -> None:
    resident = Resident(client).at_check()
    resident.send(to="what").picked("street-light")
    assert resident.step == "details"
    assert resident.send(q__wires="no").step == "check"


def test_a_place_changed_to_another_agencys_is_told_again(client: StrictClient) -> None:
    resident = Resident(client).at_check()
    assert resident.send(to="where").send(**MILL_ROAD).step == "whose"
    resident.send(told=resident.told())
    assert resident.step == "check"


def test_back_keeps_what_was_typed_even_if_it_was_wrong(client: StrictClient) -> None:
    resident = Resident(client).at_details()
    resident.send(description="A" * 4001, to="where")
    assert resident.step == "where"
    resident.send()
    assert "A" * 4001 in resident.page


def test_the_same_form_sent_twice_gives_the_first_receipt(client: StrictClient) -> None:
    resident = Resident(client).at_check()
    fields = resident.fields()
    first = client.post("/report", data=fields)
    again = client.post("/report", data=fields)
    assert first.location == again.location


def test_going_back_and_sending_again_makes_no_second_request(client: StrictClient) -> None:
    resident = Resident(client).at_check()
    first = client.post("/report", data=resident.fields())
    resident.send(to="contact").send().send()
    assert resident.answer.location == first.location


def test_going_back_to_correct_something_loses_nothing(client: StrictClient, office: Office) -> None:
    resident = Resident(client).at_check()
    first = client.post("/report", data=resident.fields())
    resident.send(to="contact").send(phone="603 555 0199").send()
    assert resident.answer.status_code == 303
    assert resident.answer.location != first.location


@pytest.mark.parametrize("token", [None, "", "forged", "WyJyZXBvcnQvIiwieCIsMV0.AAAA"])
def test_a_forged_token_keeps_every_answer_and_gives_a_new_one(
    client: StrictClient, token: str | None
) -> None:
    resident = Resident(client).at_check().send(token=token)
    assert resident.answer.status_code == 422
    assert "not recognised" in resident.mistakes[0]
    assert "A deep hole" in resident.page
    assert resident.send().answer.status_code == 303


def test_an_expired_token_keeps_the_answers_and_its_nonce(client: StrictClient, office: Office) -> None:
    seal = Seal(office.secret)
    old = seal.issue("report/", now=datetime.now(UTC) - timedelta(hours=25), nonce="once")
    resident = Resident(client).at_check().send(token=old)
    assert resident.answer.status_code == 422
    assert "more than a day" in resident.mistakes[0]
    token = seal.read("report/", resident.fields()["token"])
    assert token is not None
    assert token.nonce == "once"
    assert resident.send().answer.status_code == 303


def test_a_token_of_another_form_is_not_taken(client: StrictClient, office: Office) -> None:
    other = Seal(office.secret).issue("report/streets", now=datetime.now(UTC))
    assert Resident(client).at_check().send(token=other).answer.status_code == 422


def test_a_widget_offers_its_own_services_only(client: StrictClient) -> None:
    resident = Resident(client, "/report/streets")
    assert "Pothole" in resident.page
    assert "Noise" not in resident.page
    assert resident.picked("noise").step == "pick"
    assert resident.picked("pothole").step == "where"


def test_the_address_fills_in_what_the_town_knows_already(client: StrictClient, app: Flask) -> None:
    resident = Resident(
        client,
        "/report?service=pothole&address=5+Elm+Street&lat=43.59597&lng=-72.33374&from=https://www.x.example/p?id=7",
    )
    assert resident.step == "where"
    assert "5 Elm Street" in resident.page
    resident.send().send(description="A hole").send().send()
    request = kept(resident).request
    assert (request.place, request.lat) == ("5 Elm Street", 43.59597)
    assert request.source_page == "https://www.x.example/p"
    assert "Number E-31" in Resident(client, "/report/street-light?asset=E-31").page


@pytest.mark.parametrize("address", ["/report/nothing", "/report/a/b/c", "/report/photo/forged"])
def test_an_address_that_leads_nowhere_says_so(client: StrictClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "603-555-0100" in answer.text


def test_the_bare_address_leads_to_the_form(client: StrictClient):
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, "/report")
