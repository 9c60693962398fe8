"""Does the link in our answer to a mail open a form that is filled in, and does sending it count once?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from app import create_app
from casework.drafting import pass_on_due
from casework.office import Office, the_office
from settings import ROOT, Settings
from storage import lookups
from storage.database import db, reading, writing
from storage.tables import Draft, OutgoingLetter, ServiceRequest
from tests.axe import faults
from tests.browser import next_page
from tests.casework.test_drafting import a_mail, arrive
from tests.conftest import SECRET
from tests.inbox import mails
from tests.storage.test_photos import telephone_photo
from tests.widgets.conftest import Served
from tests.widgets.resident import Resident

VAGUE = "Could somebody have a look at it, please? It has been there since Monday."
POTHOLE = "There is a very deep pothole, the asphalt is broken, potholes everywhere."


def link() -> str:
    """The address in the newest letter to a sender."""
    with reading() as session:
        raw = session.scalars(
            select(OutgoingLetter.raw)
            .where(OutgoingLetter.kind == "draft_received")
            .order_by(OutgoingLetter.id.desc())
            .limit(1)
        ).one()
    text = message_from_bytes(raw, policy=default).get_body(("plain",)).get_content()
    found = re.search(r"https?://[^/\s]+(/report\?d=\S+)", text)
    assert found is not None
    return found[1]


def asked(office: Office, body: str = POTHOLE) -> str:
    arrive(office, a_mail(body), datetime.now(UTC))
    return link()


def numbers() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(ServiceRequest.number).order_by(ServiceRequest.id)))


def states() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Draft.state).order_by(Draft.id)))


def completed(client, address: str, place: str = "Old Turnpike") -> Resident:
    resident = Resident(client, address)
    assert resident.step == "where"
    resident.send(place=place, lat="43.59597", lon="-72.33374")
    while resident.step != "check":
        resident.send()
    resident.send()
    return resident


def test_the_form_opens_at_what_is_missing_with_everything_filled_in(office, client):
    resident = Resident(client, asked(office))
    assert resident.step == "where"
    fields = resident.fields()
    assert fields["service"] == "pothole"
    assert "very deep pothole" in fields["description"]
    assert fields["email"] == "pat@home.example"
    assert fields["name"] == "Pat Resident"


def test_without_a_sure_service_it_offers_the_likely_ones(office, client):
    assert Resident(client, asked(office, VAGUE)).step == "pick"


def test_opening_it_any_number_of_times_changes_nothing(office, client):
    address = asked(office)
    for _turn in range(3):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
    assert (states(), numbers()) == (["open"], [])


def test_the_page_is_a_secret_of_who_has_the_link(office, client):
    answer = client.get(asked(office))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_sending_it_completes_the_draft_and_makes_one_request(office, client):
    address = asked(office)
    completed(client, address)
    (number,) = numbers()
    case = lookups.case_by_number(number)
    assert (case.request.service, case.request.resident_email) == ("pothole", "pat@home.example")
    assert states() == ["completed"]
    again = client.get(address)
    assert again.status_code == 302
    assert again.headers["Location"].startswith(f"/r/{number}?t=")


def test_two_windows_of_one_draft_make_one_request_and_no_word_is_lost(office, client):
    address = asked(office)
    first, second = Resident(client, address), Resident(client, address)
    for resident, place in ((first, "Old Turnpike"), (second, "Old Turnpike, by the barn")):
        resident.send(place=place, lat="43.59597", lon="-72.33374")
        while resident.step != "check":
            resident.send()
    first.send()
    second.send()
    (number,) = numbers()
    case = lookups.case_by_number(number)
    assert [entry.text for entry in case.entries if entry.kind == "resident_replied"] == [
        "Old Turnpike, by the barn"
    ]


def test_what_is_sent_after_the_clerk_has_it_joins_that_request(office, client):
    address = asked(office)
    resident = Resident(client, address)
    resident.send(place="Old Turnpike", lat="43.59597", lon="-72.33374")
    while resident.step != "check":
        resident.send()
    assert pass_on_due(office, now=datetime.now(UTC) + timedelta(days=8)) == 1
    resident.send()
    (number,) = numbers()
    case = lookups.case_by_number(number)
    assert case.request.assignee == "town-clerk"
    assert any("Old Turnpike" in entry.text for entry in case.entries if entry.kind == "resident_replied")
    assert states() == ["passed_on"]


def test_a_link_that_is_not_ours_opens_the_empty_form(office, client):
    answer = client.get("/report?d=aaaaaaaaaaaaaaaaaaaa&lang=en")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/report")
    assert "d=" not in answer.headers["Location"]
    # A forged field in the form is no draft either: the report counts all the same.
    resident = Resident(client, asked(office))
    resident.send(place="Old Turnpike", lat="43.59597", lon="-72.33374", draft="aaaaaaaaaaaaaaaaaaaa")
    while resident.step != "check":
        resident.send()
    resident.send()
    assert (len(numbers()), states()) == (1, ["open"])


def test_the_photos_of_the_mail_are_in_the_form_and_in_the_request(office, client):
    photo = telephone_photo().getvalue()
    raw = mails.several(mails.part(POTHOLE), mails.file(photo, "image/jpeg", "hole.jpg"))
    arrive(office, raw.replace(b"Street light", b"Pothole"), datetime.now(UTC))
    completed(client, link())
    (number,) = numbers()
    assert len(lookups.case_by_number(number).photos) == 1


def test_a_service_that_is_offered_no_more_is_asked_again(office, client):
    asked(office)
    with reading() as session:
        draft = session.scalars(select(Draft)).one()
    draft.fields = {**draft.fields, "service": "gone"}
    with writing() as session:
        session.merge(draft)
    assert Resident(client, link()).step == "pick"


# -- in a browser --


@pytest.fixture(params=[360, 1280], ids=str)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    assert context.cookies() == []
    context.close()


@pytest.mark.browser
def test_a_resident_completes_on_a_phone_what_began_as_a_mail(page: Page, served: Served, tmp_path):
    port = int(served.town.rpartition(":")[2])
    beside = create_app(
        Settings(data=tmp_path / "data", rules=ROOT / "rules.yaml", secret=SECRET, demo=True, port=port)
    )
    with beside.app_context():
        address = asked(the_office())
    page.goto(served.town + address)
    assert page.locator("body").get_attribute("data-step") == "where"
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")
    page.fill("#place", "12 Old Turnpike")
    for _step in range(6):
        if "/r/" in page.url:
            break
        with next_page(page):
            page.locator("form button.button:not(.plain):not(.second)").last.click()
    assert re.search(r"/r/\d\d-\d{4}", page.url)
    with beside.app_context():
        assert states() == ["completed"]
        assert len(numbers()) == 1
        db.engine.dispose()
