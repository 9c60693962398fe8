"""Who is about to send what is known already sees it first, and may join it instead: without JavaScript."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

from flask import Flask
from PIL import Image

from casework import answering
from casework.office import Office
from casework.opening import open_request
from lifecycle.status import Ending
from storage import followers, lookups
from storage.lookups import Case
from tests.builders import submission
from tests.conscience import StrictClient
from tests.widgets.resident import MILL_ROAD, OLD_TURNPIKE, ROUTE_88, Resident

AT = (float(OLD_TURNPIKE["lat"]), float(OLD_TURNPIKE["lon"]))
PRIVATE = ("Ada Nowhere", "Nowhere", "ada@example.org", "603-555-0142", "17 Old")
FOREMAN = "person:road-foreman"


def known(app: Flask, office: Office, **changes) -> Case:
    """Have somebody report a hole a day ago, at the place where the tests report one."""
    given = {
        "service": "pothole",
        "description": "Wide and deep, by 17 Old Turnpike. Ada Nowhere 603-555-0142",
        "place": "17 Old Turnpike",
        "at": AT,
        "name": "Ada Nowhere",
        "email": "ada@example.org",
        "phone": "603-555-0142",
    }
    receipt = open_request(
        office, submission(**{**given, **changes}), now=datetime.now(UTC) - timedelta(days=1)
    )
    found = lookups.case_by_number(receipt.number)
    assert found is not None
    return found


def at_near(client: StrictClient, **place: str) -> Resident:
    resident = Resident(client, meets_others=True).send(description="A hole by the white barn")
    return resident.picked("pothole").send(**(place or OLD_TURNPIKE))


def shows_nobody(page: str) -> bool:
    return not [secret for secret in PRIVATE if secret in page]


def test_with_nothing_near_nobody_is_asked(client: StrictClient, app: Flask, office: Office):
    known(app, office, at=(AT[0] + 0.01, AT[1]))
    assert at_near(client).step == "details"


def test_what_is_open_nearby_is_shown_with_its_words_and_what_was_done(
    client: StrictClient, app: Flask, office: Office
):
    case = known(app, office)
    answering.answer(
        office,
        case.request.id,
        text="Dear Ada Nowhere, we come on Friday.",
        by=FOREMAN,
        now=case.request.created_at,
    )
    resident = at_near(client)
    assert resident.step == "near"
    page = resident.page
    assert case.request.number in page
    assert "Wide and deep" in page
    assert "we come on Friday" in page
    assert "right there" in page
    assert shows_nobody(page)


def test_mine_is_another_one_goes_on_and_is_not_asked_again(client: StrictClient, app: Flask, office: Office):
    known(app, office)
    resident = at_near(client)
    resident.send(near=resident.another_one())
    assert resident.step == "details"
    assert resident.fields()["description"] == "A hole by the white barn"
    resident.send().send(email="me@example.org")
    assert resident.step == "check"
    known(app, office)  # comes in while they read
    resident.send()
    assert resident.answer.status_code == 303


def test_another_place_is_another_question(client: StrictClient, app: Flask, office: Office):
    known(app, office)
    resident = at_near(client)
    resident.send(near=resident.another_one()).send(to="where")
    resident.send(**ROUTE_88) if resident.step == "where" else None
    resident = at_near(client, **MILL_ROAD)
    assert resident.step == "whose"


def test_me_too_asks_two_things_that_may_stay_empty_and_leads_to_a_page_of_ones_own(
    client: StrictClient, app: Flask, office: Office
):
    case = known(app, office)
    number = case.request.number
    resident = at_near(client).send(follow=number)
    assert resident.heading == f"Follow request {number}"
    assert resident.fields()["follow-words"] == "A hole by the white barn"
    assert shows_nobody(resident.page)
    wrong = resident.send(join="yes", **{"follow-email": "not an address"})
    assert wrong.answer.status_code == 422
    assert wrong.fields()["follow-words"] == "A hole by the white barn"
    resident.send(join="yes", **{"follow-email": "neighbour@example.org"})
    assert resident.answer.status_code == 303
    assert followers.count(case.request.id) == 1
    way = resident.answer.headers["Location"]
    page = client.get(way).get_data(as_text=True)
    assert "You follow this request" in page
    assert "says the same" not in page, "the only one who does reads it"
    assert shows_nobody(page)
    again = client.get(way.replace("&new=1", "")).get_data(as_text=True)
    assert "The request that you follow" in again
    assert shows_nobody(again)


def test_a_me_too_is_judged_as_a_report_is(client: StrictClient, app: Flask, office: Office):
    case = known(app, office)
    resident = at_near(client).send(follow=case.request.number)
    text = "[url=https://shop.example]Cheap[/url] https://shop.example/a https://shop.example/b"
    resident.send(join="yes", **{"follow-email": "neighbour@example.org", "follow-words": text})
    assert resident.answer.status_code == 303
    assert followers.count(case.request.id) == 1
    letters = lookups.letters_of(case.request.id)
    assert not [letter for letter in letters if letter.recipient == "neighbour@example.org"]


def followed(
    client: StrictClient, app: Flask, office: Office, email: str = "neighbour@example.org"
) -> tuple[Case, str]:
    case = known(app, office)
    resident = at_near(client).send(follow=case.request.number)
    resident.send(join="yes", **{"follow-email": email, "follow-words": ""})
    return case, resident.answer.headers["Location"].replace("&new=1", "")


def test_the_same_button_pressed_twice_counts_once(client: StrictClient, app: Flask, office: Office):
    case = known(app, office)
    resident = at_near(client).send(follow=case.request.number)
    fields = resident.fields()
    fields["join"] = "yes"
    first, second = (client.post("/report", data=fields) for _time in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert followers.count(case.request.id) == 1


def test_a_follower_adds_a_detail_once_and_may_do_nothing_else(
    client: StrictClient, app: Flask, office: Office
):
    case, way = followed(client, app, office)
    resident = Resident(client, way)
    fields = resident.fields()
    fields["reply-text"] = "It is deeper now"
    first, second = (client.post(way, data=fields) for _time in range(2))
    assert first.status_code == second.status_code == 303
    assert "passed them on" in client.get(second.headers["Location"]).get_data(as_text=True)
    found = lookups.case(case.request.id)
    assert [entry.text for entry in found.entries if entry.kind == "followed"] == ["", "It is deeper now"]
    for do in ("withdraw", "rate", "reopen", ""):
        assert client.post(way, data={"do": do, f"{do}-nonce": "x" * 20}).status_code == 400
    assert lookups.case(case.request.id).request.status == "received"
    assert client.post(way, data={"do": "reply"}).status_code == 422


def test_a_follower_stops_the_letters_with_one_post(client: StrictClient, app: Flask, office: Office):
    case, way = followed(client, app, office)
    stop = way.replace("?", "/stop?")
    assert "Stop the letters" in client.get(stop).get_data(as_text=True)
    assert client.post(stop).status_code == 200
    answering.answer(office, case.request.id, text="Soon", by=FOREMAN, now=datetime.now(UTC))
    kinds = [letter.kind for letter in lookups.letters_of(case.request.id)]
    assert "follower_update" not in kinds
    assert "You get letters about it again" in client.post(stop, data={"do": "resume"}).get_data(as_text=True)


def test_a_followers_key_opens_neither_the_residents_page_nor_the_desk(
    client: StrictClient, app: Flask, office: Office
):
    case, way = followed(client, app, office, email="")
    key = re.findall(r"t=(\w+)", way)[0]
    assert client.get(f"/a/{key}").status_code in (403, 404, 410)
    assert client.get(f"/r/26-0999?t={key}").status_code == 404
    assert "ada@example.org" not in client.get(way).get_data(as_text=True)
    assert client.get(f"/r/{case.request.number}/photo/{'a' * 64}?t={key}").status_code == 404


def test_what_ends_meanwhile_is_said_and_the_own_report_goes_on(
    client: StrictClient, app: Flask, office: Office
):
    case = known(app, office)
    resident = at_near(client)
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=datetime.now(UTC))
    resident.send(follow=case.request.number)
    assert resident.step == "details"
    assert "ended meanwhile" in resident.page


def test_photos_are_shown_while_the_request_is_public(client: StrictClient, app: Flask, office: Office):
    picture = BytesIO()
    Image.new("RGB", (900, 700), "brown").save(picture, "JPEG")
    picture.seek(0)
    case = known(app, office, photos=(office.photos.keep(picture),))
    page = at_near(client).page
    address = re.findall(r'src="(/report/seen/[^"]+)"', page)[0]
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(address[:-1] + ("0" if address[-1] != "0" else "1")).status_code == 404
    answering.finish(office, case.request.id, ending=Ending.SPAM, text="", by=FOREMAN, now=datetime.now(UTC))
    assert client.get(address).status_code == 404
