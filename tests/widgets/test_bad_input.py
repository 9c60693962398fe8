"""Does everything wrong that can be sent get a clear sentence, the right status, and lose nothing?"""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from PIL import Image

from storage import lookups
from storage.tables import ServiceRequest
from tests.conscience import StrictClient
from tests.widgets.resident import OLD_TURNPIKE, Resident
from widgets.limits import CONFIG

LONG = "x" * 5000


def picture(width: int = 400, height: int = 300, kind: str = "JPEG") -> BytesIO:
    stream = BytesIO()
    Image.new("RGB", (width, height), "teal").save(stream, kind)
    stream.seek(0)
    return stream


def test_nothing_said_asks_for_a_few_words(client: StrictClient) -> None:
    resident = Resident(client).send()
    assert resident.answer.status_code == 422
    assert resident.page.index("<title>Error:") > 0
    assert resident.mistakes == ["Tell us in a few words what is wrong, or pick it from the list."]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"place": ""}, "Tell us where it is"),
        ({"place": "x" * 301}, "at most 300 characters"),
        ({"place": "Elm", "lat": "north", "lon": "west"}, "position could not be read"),
        ({"place": "Elm", "lat": "91", "lon": "0"}, "position could not be read"),
        ({"place": "Elm", "lat": "nan", "lon": "inf"}, "position could not be read"),
    ],
)
def test_a_place_that_cannot_be_used_is_said(
    client: StrictClient, values: dict[str, Any], words: str
) -> None:
    resident = Resident(client).picked("pothole").send(**values)
    assert resident.answer.status_code == 422
    assert resident.step == "where"
    assert words in resident.mistakes[0]
    assert resident.fields()["place"] == values["place"]


def test_a_field_of_one_line_is_kept_in_one_line(client: StrictClient, app: Flask) -> None:
    forged = "Elm Street\n\nOpen and answer:\nby the barn"
    resident = Resident(client).picked("pothole").send(**{**OLD_TURNPIKE, "place": forged})
    resident.send(description="A hole\n\nand a crack", q__size=forged)
    assert resident.step == "details", "a choice is none of these"
    resident.send(q__size="large").send(name="Bob\r\n\r\nThe clerk says", phone="603 \t 555 0199").send()
    request = the_only_request(app)
    assert request.place == "Elm Street Open and answer: by the barn"
    assert request.resident_name == "Bob The clerk says"
    assert request.resident_phone == "603 555 0199"
    assert request.description == "A hole\n\nand a crack"


@pytest.mark.parametrize(
    ("service", "values", "words"),
    [
        ("pothole", {"description": ""}, "few words"),
        ("pothole", {"description": LONG}, "at most 4,000 characters"),
        ("pothole", {"q__size": "huge"}, "Pick one from the list"),
        ("pothole", {"q__blocked": "maybe"}, "Pick yes or no"),
        ("snow-ice", {"q__problem": None}, "answer this question"),
        ("street-light", {"q__wires": "no", "q__number": LONG}, "at most 500 characters"),
        ("missed-pickup", {"q__address": "1 Elm", "q__kind": ["moon"]}, "Pick from the list"),
    ],
)
def test_details_that_do_not_fit_are_said_and_kept(
    client: StrictClient, service: str, values: dict[str, Any], words: str
) -> None:
    resident = Resident(client).picked(service)
    if resident.step == "where":
        resident.send(**OLD_TURNPIKE)
    resident.send(**{"description": "Something", **values})
    assert resident.answer.status_code == 422
    assert any(words in mistake for mistake in resident.mistakes), resident.mistakes
    if values.get("description"):
        assert LONG in resident.page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"email": "x@"}, "does not look right"),
        ({"email": "two@a.org, other@b.org"}, "does not look right"),
        ({"email": "a@b.org\nBcc: all@b.org"}, "does not look right"),
        ({"email": "x" * 250 + "@example.org"}, "at most 254 characters"),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"phone": "call me"}, "phone number"),
        ({"phone": "5" * 41}, "at most 40 characters"),
    ],
)
def test_a_contact_that_cannot_work_is_said(client: StrictClient, values: dict[str, str], words: str) -> None:
    resident = Resident(client).at_details().send(description="A hole").send(**values)
    assert resident.answer.status_code == 422
    assert resident.step == "contact"
    assert words in resident.mistakes[0]
    name, value = next(iter(values.items()))
    assert resident.fields()[name].splitlines()[0] == value.splitlines()[0]


@pytest.mark.parametrize(
    ("changed", "step"),
    [
        ({"service": ""}, "pick"),
        ({"service": "no-such"}, "pick"),
        ({"description": ""}, "details"),
        ({"description": LONG}, "what"),
        ({"place": "", "lat": "", "lon": ""}, "where"),
        ({"email": "nobody"}, "contact"),
        ({"q__size": "huge"}, "details"),
    ],
)
def test_the_last_step_checks_all_of_them_again(
    client: StrictClient, changed: dict[str, str], step: str
) -> None:
    resident = Resident(client).at_check(q__size="large").send(**changed)
    assert resident.answer.status_code == 422
    assert resident.step == step
    assert "resident@example.org" in resident.page or changed.get("email") or step == "contact"


@pytest.mark.parametrize("body", [{"step": "rubbish"}, {"step": "../etc"}])
def test_a_step_that_does_not_exist_is_refused(client: StrictClient, body: dict[str, str]) -> None:
    assert client.post("/report", data=body).status_code == 400


@pytest.mark.parametrize("step", ["what", "pick", "where", "whose", "details", "contact", "check"])
def test_an_empty_form_at_any_step_is_answered_in_words(client: StrictClient, step: str) -> None:
    answer = client.post("/report", data={"step": step})
    assert answer.status_code == 422
    assert "<h1>" in answer.text


@pytest.mark.parametrize("step", ["what", "pick", "where", "whose", "details", "contact", "check"])
def test_rubbish_in_every_field_breaks_nothing(client: StrictClient, step: str) -> None:
    rubbish = "\x00\u202e<script>'\"&\ud7ff" * 20
    names = [
        "description", "place", "lat", "lon", "road", "told", "photo", "name", "email", "phone",
        "may_share", "token", "came", "counted", "q-size", "to", "website",
    ]  # fmt: skip
    for service in ("pothole", "missed-pickup", "", rubbish):
        answer = client.post(
            "/report", data={"step": step, "service": service, **dict.fromkeys(names, rubbish)}
        )
        assert answer.status_code in (200, 400, 422)
        assert "<script>'" not in answer.text


def test_a_photo_is_kept_through_a_later_mistake_and_can_be_removed(client: StrictClient, app: Flask) -> None:
    resident = Resident(client).at_details()
    resident.send(description="", photos=(picture(), "hole.jpg"))
    assert resident.answer.status_code == 422
    name = resident.fields()["photo"]
    shown = client.get(f"/report/photo/{name}")
    assert shown.mimetype == "image/jpeg"
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    resident.send(description="A hole", photos=(picture(300, 300), "other.jpg"))
    assert resident.step == "contact"
    resident.send(to="details")
    assert len(resident.photos) == 2
    resident.send(remove=name)
    assert resident.step == "details"
    assert name not in resident.photos
    assert resident.send().send().step == "check"
    assert "/report/photo/" in resident.page
    assert resident.send().answer.status_code == 303


def test_a_refused_photo_loses_neither_the_answers_nor_the_good_photos(client: StrictClient) -> None:
    resident = Resident(client).at_details()
    photos = [(picture(), "good.jpg"), (BytesIO(b"%PDF-1.7 not a picture"), "trick.jpg")]
    resident.send(description="A hole", q__size="large", photos=photos)
    assert resident.answer.status_code == 422
    assert "“trick.jpg” is not a photo we can read" in resident.mistakes[0]
    assert len(resident.photos) == 1
    assert resident.fields()["q-size"] == "large"


def test_more_photos_than_the_service_takes_are_left_out_with_a_word(client: StrictClient) -> None:
    photos = [(picture(100 + n, 100), f"{n}.jpg") for n in range(5)]
    resident = Resident(client).at_details().send(description="A hole", photos=photos)
    assert resident.answer.status_code == 422
    assert "At most 3 photos" in resident.mistakes[0]
    assert len(resident.photos) == 3


def test_sixty_megabytes_are_answered_with_the_answers_still_there(client: StrictClient) -> None:
    resident = Resident(client).at_details()
    big = (BytesIO(bytes(60 * 1024 * 1024)), "film.jpg")
    resident.send(description="A very deep hole", q__size="large", photos=big)
    assert resident.answer.status_code == 413
    assert resident.step == "details"
    assert "too large to send together" in resident.mistakes[0]
    assert resident.fields()["description"] == "A very deep hole"
    assert resident.fields()["q-size"] == "large"
    assert resident.send().step == "contact"


def test_sixty_megabytes_of_anything_else_are_a_calm_413(client: StrictClient) -> None:
    body = BytesIO(b"description=" + b"x" * (60 * 1024 * 1024))
    answer = client.post("/report", input_stream=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "too large" in answer.text
    assert "603-555-0100" in answer.text


def test_a_network_that_sends_too_much_is_asked_to_wait(client: StrictClient, app: Flask) -> None:
    app.config[CONFIG] = {"steps": "6 per 10 minutes", "sends": "1 per 10 minutes"}
    other = {"REMOTE_ADDR": "203.0.113.9"}
    for _ in range(6):
        assert client.post("/report", data={}, environ_overrides=other).status_code == 422
    refused = client.post("/report", data={}, environ_overrides={"REMOTE_ADDR": "203.0.113.77"})
    assert refused.status_code == 429
    assert "603-555-0100" in refused.text
    assert client.post("/report", data={}).status_code == 422


def test_sending_too_often_loses_nothing(client: StrictClient, app: Flask) -> None:
    app.config[CONFIG] = {"sends": "0 per 10 minutes"}
    resident = Resident(client).at_check()
    answer = client.post("/report", data=resident.fields(), environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert answer.status_code == 429
    assert "A deep hole" in answer.text
    assert "ten minutes" in answer.text


@pytest.mark.parametrize("page", ["http://[", "http://[x]/", "http://a\u2100b/", "javascript:alert(1)"])
def test_a_page_of_origin_that_is_no_address_does_not_stop_the_report(
    bare_app: Flask, client: StrictClient, page: str
) -> None:
    resident = Resident(client, f"/report?{urlencode({'from': page})}").at_check().send()
    assert resident.answer.status_code == 303
    assert the_only_request(bare_app).source_page == ""


def test_a_part_of_a_form_without_a_name_is_left_out(client: StrictClient) -> None:
    body = b"--x\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--x--\r\n"
    answer = client.post(
        "/report",
        input_stream=BytesIO(body),
        content_type="multipart/form-data; boundary=x",
        content_length=len(body),
    )
    assert answer.status_code == 422
    assert "nameless" not in answer.get_data(as_text=True)


def test_only_the_answer_that_was_checked_is_kept(bare_app: Flask, client: StrictClient) -> None:
    resident = Resident(client).at_check(q__size=["large", "x" * 5000])
    assert resident.send().answer.status_code == 303
    assert the_only_request(bare_app).answers == {"size": "large"}


def test_a_flood_of_fields_does_not_come_back_as_a_flood(client: StrictClient) -> None:
    body = "&".join(f"q-{number}=a" for number in range(5000))
    answer = client.post("/report", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
    assert len(answer.data) < 50_000


@pytest.mark.parametrize("address", ["/report", "/a/abcdefghijkmnpqrstuv"])
def test_a_form_without_files_is_small(client: StrictClient, address: str) -> None:
    body = "a=&" * 700_000
    answer = client.post(address, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == (413 if address == "/report" else 404)


@pytest.mark.parametrize("email", ["m\u00fcller@example.org", "\u7528\u6237@example.org"])
def test_an_address_that_no_letter_can_carry_is_said(client: StrictClient, email: str) -> None:
    resident = Resident(client).at_details().send(description="A hole").send(email=email)
    assert (resident.answer.status_code, resident.step) == (422, "contact")
    assert "does not look right" in resident.mistakes[0]


def test_an_address_at_a_domain_with_other_letters_gets_its_letter(
    bare_app: Flask, client: StrictClient
) -> None:
    resident = (
        Resident(client).at_details().send(description="A hole").send(email="someone@b\u00fccher.example")
    )
    assert resident.send().answer.status_code == 303
    assert the_only_request(bare_app).resident_email == "someone@xn--bcher-kva.example"


def the_only_request(app: Flask) -> ServiceRequest:
    with app.app_context():
        assert lookups.count_requests() == 1
        case = lookups.case(1)
        assert case is not None
        return case.request
