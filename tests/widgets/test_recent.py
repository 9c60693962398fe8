"""Does the list of recent requests show what is public, that alone, and nobody's house?"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from casework import answering, me_too
from casework.me_too import MeToo
from casework.office import Office
from lifecycle.status import Ending
from tests.builders import opened
from tests.conscience import StrictClient
from tests.widgets.resident import Resident
from widgets.pinned_map import draw

ADDRESS = "/report/recent"
TURNPIKE = (43.59597, -72.33374)
FOREMAN = "person:road-foreman"
SECRETS = ("Ada Nowhere", "Nowhere", "ada@example.org", "603-555-0142", "1217", "43.59597", "-72.33374")


def made(office: Office, *, days: float = 1, **changes):
    given = {
        "service": "pothole",
        "description": "Deep hole by 1217 Old Turnpike. Ada Nowhere, 603-555-0142, ada@example.org",
        "place": "1217 Old Turnpike",
        "at": TURNPIKE,
        "name": "Ada Nowhere",
        "email": "ada@example.org",
        "phone": "603 555 0142",
    }
    return opened(office, datetime.now(UTC) - timedelta(days=days), **{**given, **changes})[1]


def shown(client: StrictClient, **query) -> str:
    answer = client.get(ADDRESS, query_string=query)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def numbers(page: str) -> list[str]:
    return re.findall(r'id="r-([\d-]+)"', page)


def test_it_shows_what_is_new_and_public_the_newest_first(client: StrictClient, app, office: Office):
    older, newer = made(office, days=3), made(office, days=2)
    made(office, days=40)
    opened(office, datetime.now(UTC), held_for=("links",), service="pothole", at=TURNPIKE)
    spam = made(office)
    answering.finish(office, spam.request.id, ending=Ending.SPAM, text="", by=FOREMAN, now=datetime.now(UTC))
    assert numbers(shown(client)) == [newer.request.number, older.request.number]


def test_nothing_private_stands_in_the_list_the_map_or_the_feed(client: StrictClient, app, office: Office):
    case = made(office)
    answering.answer(
        office,
        case.request.id,
        text="Dear Ada Nowhere, at 1217 on Friday.",
        by=FOREMAN,
        now=datetime.now(UTC) - timedelta(hours=1),
    )
    page = shown(client)
    feed = client.get(ADDRESS, query_string={"format": "geojson"})
    assert feed.mimetype == "application/geo+json"
    for text in (page, feed.get_data(as_text=True)):
        assert "Deep hole by" in text
        assert not [secret for secret in SECRETS if secret in text]
    assert "on Friday" in page
    (feature,) = feed.get_json()["features"]
    lon, lat = feature["geometry"]["coordinates"]
    assert abs(lat - TURNPIKE[0]) < 0.0005
    assert abs(lon - TURNPIKE[1]) < 0.0005


def test_a_service_that_is_not_public_is_in_none_of_them(client: StrictClient, app, office: Office):
    private = next((one.code for one in office.rulebook.services.values() if not one.public), None)
    if private is None:
        services = dict(office.rulebook.services)
        services["pothole"] = services["pothole"].model_copy(update={"public": False})
        changed = replace(office, rulebook=office.rulebook.model_copy(update={"services": services}))
        app.extensions["townline"].swap(changed)
        private = "pothole"
    made(office, service=private)
    assert numbers(shown(client)) == []
    assert client.get(ADDRESS, query_string={"format": "geojson"}).get_json()["features"] == []


def test_the_choice_of_group_and_state_counts_and_pages_go_on(client: StrictClient, app, office: Office):
    many = [made(office, days=1 + place / 100) for place in range(23)]
    done = many[0]
    answering.finish(
        office,
        done.request.id,
        ending=Ending.FIXED,
        text="Filled",
        by=FOREMAN,
        now=datetime.now(UTC) - timedelta(hours=1),
    )
    trash = opened(office, datetime.now(UTC), service="dumping", at=TURNPIKE)[1]
    group = office.rulebook.services["dumping"].group
    assert numbers(shown(client, group=group)) == [trash.request.number]
    ended = shown(client, state="ended")
    assert numbers(ended) == [done.request.number]
    assert "Filled" in ended
    assert len(numbers(shown(client))) == 10
    last = numbers(shown(client, page=3))
    assert len(last) == 4
    assert many[-1].request.number in last
    assert numbers(shown(client, page=400)) == []
    assert shown(client, page="x", state="y", group="z", lat="nan", lng="1e9")


def test_a_centre_leaves_out_what_is_far_away(client: StrictClient, app, office: Office):
    near = made(office)
    made(office, at=(43.61547, -72.33754))
    assert numbers(shown(client, lat=TURNPIKE[0], lng=TURNPIKE[1])) == [near.request.number]
    named = made(office, at=(43.616407, -72.309937))
    page = shown(client, address="9 Church Street")
    assert numbers(page) == [named.request.number]
    assert 'name="address" value="9 Church Street"' in page, "the choice keeps the place"
    assert len(numbers(shown(client, address="somewhere else"))) == 3


def test_i_have_the_same_problem_leads_to_me_too(client: StrictClient, app, office: Office):
    case = made(office)
    me_too.follow(office, case.request.number, MeToo("n" * 22, "", "", "en"), now=datetime.now(UTC))
    page = shown(client)
    assert "1 other says the same" in page
    resident = Resident(client)
    resident.answer = client.post("/report", data={"step": "near", "follow": case.request.number})
    assert resident.heading == f"Follow request {case.request.number}"
    resident.send(join="yes")
    assert resident.answer.status_code == 303


def test_it_can_only_be_read(client: StrictClient):
    refused = client.post(ADDRESS)
    assert refused.status_code == 405
    assert sorted(refused.headers["Allow"].split(", ")) == ["GET", "HEAD"]


def test_every_pin_is_in_the_picture_and_none_covers_another(office: Office):
    points = [(str(number), TURNPIKE) for number in range(12)] + [("far", (43.61, -72.30))]
    drawn = draw(office.layers, points)
    assert drawn is not None
    assert [pin.label for pin in drawn.pins] == [label for label, _at in points]
    spots = [(pin.x, pin.y) for pin in drawn.pins]
    assert len(set(spots)) == len(spots)
    assert any(line.kind == "road" for line in drawn.ground.lines)
    assert draw(office.layers, []) is None
