"""Does the clerk see what is held, decide with one click, and nobody else?"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from PIL import Image

from casework.office import Office
from mail.address import token
from storage import lookups
from storage.database import db
from storage.tables import OutgoingLetter
from tests.builders import opened
from tests.conscience import StrictClient
from tests.desk.test_pages import employee_link, everything, grant, send

NONCE = "a-one-time-mark-of-a-form"
SIGNS = ("trap", "links")


@pytest.fixture
def moment() -> datetime:
    return datetime.now(UTC)


def held_one(office: Office, moment: datetime, **changes: object) -> lookups.Case:
    return opened(office, moment, held_for=SIGNS, **changes)[1]


def clerks_page(office: Office, case: lookups.Case, moment: datetime) -> str:
    return f"{grant(office, case, 'employee', 'town-clerk', moment)}/held"


def current(case: lookups.Case) -> lookups.Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def kinds() -> list[str]:
    with db.session() as session:
        return sorted(letter.kind for letter in session.query(OutgoingLetter))


def press(client: StrictClient, page: str, *, nonce: str = NONCE, **buttons: object):
    return client.post(page, data={"nonce": nonce, **buttons})


def photo_of(office: Office):
    out = io.BytesIO()
    Image.new("RGB", (900, 700), "green").save(out, "JPEG")
    out.seek(0)
    return office.photos.keep(out, "photo.jpg")


def test_each_is_shown_with_its_words_photos_and_reasons_and_opening_changes_nothing(
    client: StrictClient, office: Office, moment: datetime
) -> None:
    photo = photo_of(office)
    case = held_one(
        office, moment, description="Cheap <b>pills</b> http://evil.example", photos=(photo,), place="Here"
    )
    urgent = held_one(office, moment, description="A live wire is down on the road", service="other")
    page = clerks_page(office, case, moment)
    before = everything()
    looks = [client.get(page) for _ in range(3)]
    assert {look.status_code for look in looks} == {200}
    text = looks[-1].text
    assert "Cheap &lt;b&gt;pills&lt;/b&gt;" in text
    assert "A field was filled in that no person sees." in text
    assert "The text holds three links or more." in text
    assert text.index(urgent.request.number) < text.index(case.request.number)
    assert "may be urgent" in text
    picture = re.search(r'src="(/a/[^"]+/photo/[^"]+)"', text)
    assert picture is not None
    answer = client.get(picture[1].replace("&amp;", "&"))
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert everything() == before


def test_one_click_releases_one_and_a_second_click_does_nothing_more(
    client: StrictClient, office: Office, moment: datetime
) -> None:
    case, other = held_one(office, moment), held_one(office, moment)
    page = clerks_page(office, case, moment)
    presses = [
        press(client, page, nonce=one, release=case.request.number) for one in (NONCE, NONCE, NONCE[::-1])
    ]
    assert {answer.status_code for answer in presses} == {303}
    assert "1 request was released." in client.get(presses[-1].location).text
    assert kinds() == ["assigned", "resident_receipt"]
    assert current(case).request.held_at is None
    assert current(other).request.held_at is not None
    assert client.get(page).text.count("tick-") == 2  # one id, one label


def test_several_are_discarded_at_once_and_can_be_taken_back(
    client: StrictClient, office: Office, moment: datetime
) -> None:
    cases = [held_one(office, moment, description=f"Buy {number}") for number in range(3)]
    page = clerks_page(office, cases[0], moment)
    assert client.get(f"{page}?all=1").text.count(" checked") == 3
    numbers = [case.request.number for case in cases[:2]]
    answer = press(client, page, do="discard", number=numbers)
    shown = client.get(answer.location).text
    assert "2 requests were discarded." in shown
    assert kinds() == []
    assert [current(case).request.ending for case in cases] == ["spam", "spam", None]
    press(client, page, nonce=NONCE[::-1], undo=numbers[0])
    assert current(cases[0]).request.ending is None
    assert current(cases[0]).request.held_at is not None
    assert numbers[0] in client.get(page).text


def test_nothing_ticked_and_a_button_that_is_none_say_so(
    client: StrictClient, office: Office, moment: datetime
) -> None:
    case = held_one(office, moment)
    page = clerks_page(office, case, moment)
    for buttons in ({}, {"do": "release"}, {"do": "burn", "number": case.request.number}):
        answer = press(client, page, **buttons)
        assert answer.status_code == 422
        assert "Tick the requests that you mean" in answer.text
    assert press(client, page, nonce="", release=case.request.number).status_code == 422
    assert press(client, page, release="26-9999").status_code == 303
    assert current(case).request.held_at is not None


def test_only_who_decides_upon_it_gets_in(client: StrictClient, office: Office, moment: datetime) -> None:
    case = held_one(office, moment)
    plain = opened(office, moment)[1]
    stranger = employee_link(office, plain) + "/held"
    resident = f"/a/{token(office.secret, 'resident', case.request.number, 'resident')}/held"
    for page in (stranger, resident, "/a/" + "a" * 20 + "/held"):
        assert client.get(page).status_code == 404
        assert press(client, page, release=case.request.number).status_code == 404
    assert current(case).request.held_at is not None


def test_photos_of_what_is_not_held_are_not_shown_here(
    client: StrictClient, office: Office, moment: datetime
) -> None:
    photo = photo_of(office)
    case, plain = held_one(office, moment), opened(office, moment, photos=(photo,))[1]
    page = clerks_page(office, case, moment)
    assert client.get(f"{page}/{plain.request.number}/photo/{photo.sha256}").status_code == 404


def test_an_empty_page_says_that_all_is_well(client: StrictClient, office: Office, moment: datetime) -> None:
    case = opened(office, moment)[1]
    assert "Nothing is held" in client.get(clerks_page(office, case, moment)).text


def test_its_own_page_has_the_two_ways_out_and_no_others(
    client: StrictClient, app: Flask, office: Office, moment: datetime
) -> None:
    case = held_one(office, moment)
    link = grant(office, case, "employee", case.request.assignee, moment)
    text = client.get(link).text
    assert "Did a person send this?" in text
    assert "Release" in text
    assert "do-answer" not in text
    assert send(client, link, "answer", text="Hello").status_code == 409
    assert send(client, link, "release", nonce=NONCE[::-1]).status_code == 303
    assert kinds() == ["assigned", "resident_receipt"]
    text = client.get(link).text
    assert "do-answer" in text
    assert "do-release" not in text


def test_discarding_on_its_own_page_can_be_undone_there(
    client: StrictClient, office: Office, moment: datetime
) -> None:
    case = held_one(office, moment - timedelta(minutes=1))
    link = grant(office, case, "employee", "town-clerk", moment)
    answer = send(client, link, "discard")
    assert answer.status_code == 303
    assert "Undo" in client.get(answer.location).text
    assert current(case).request.ending == "spam"
