"""Does the way back to a request open to whom it belongs, and tell nobody else that it is there?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casework import me_too
from casework.looking_up import plain_number
from casework.me_too import MeToo
from casework.office import Office
from casework.opening import Receipt
from storage import lookups
from tests.builders import opened
from tests.conscience import StrictClient
from widgets import status

ADDRESS = "/report/my-request"


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "SAME_TIME", 0.0)


def asked(client: StrictClient, number: str, contact: str):
    return client.post(ADDRESS, data={"number": number, "contact": contact})


def links(receipt: Receipt) -> list[str]:
    case = lookups.case_by_number(receipt.number)
    return [row.recipient for row in lookups.letters_of(case.request.id) if row.kind == "resident_link"]


def made(office: Office, **changes) -> Receipt:
    return opened(office, datetime.now(UTC), **changes)[0]


def test_the_link_goes_to_the_mailbox_and_the_page_tells_nothing(client: StrictClient, app, office: Office):
    receipt = made(office)
    pages = {}
    for number, email in (
        (receipt.number, "resident@example.org"),
        (receipt.number, "stranger@example.org"),
        ("26-9999", "resident@example.org"),
    ):
        answer = asked(client, number, email)
        assert answer.status_code == 200
        pages[number, email] = answer.get_data(as_text=True).replace(number, "N").replace(email, "E")
    assert len(set(pages.values())) == 1
    assert receipt.token not in next(iter(pages.values()))
    assert links(receipt) == ["resident@example.org"]


def test_a_number_is_read_as_people_write_it_and_one_letter_an_hour_is_enough(
    client: StrictClient, app, office: Office
):
    receipt = made(office)
    for typed in (
        receipt.number,
        receipt.number.replace("-", " "),
        f"#{receipt.number}",
        receipt.number.replace("-", ""),
    ):
        assert asked(client, typed, "RESIDENT@example.org").status_code == 200
    assert len(links(receipt)) in (1, 2)  # the hour may turn meanwhile


def test_a_follower_gets_the_link_to_their_own_page(client: StrictClient, app, office: Office):
    receipt = made(office, service="pothole", at=(43.59597, -72.33374))
    me_too.follow(office, receipt.number, MeToo("n" * 22, "me@example.org", "", "en"), now=datetime.now(UTC))
    asked(client, receipt.number, "me@example.org")
    assert links(receipt) == ["me@example.org"]


def test_without_an_address_the_key_of_the_receipt_opens_it(client: StrictClient, app, office: Office):
    receipt = made(office, email="")
    page = client.get(f"/r/{receipt.number}?t={receipt.token}&new=1").get_data(as_text=True)
    grouped = " ".join(receipt.token[at : at + 5] for at in range(0, 20, 5))
    assert grouped in page
    answer = asked(client, receipt.number, grouped.upper())
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/r/{receipt.number}?t={receipt.token}"


def test_a_wrong_key_and_a_wrong_number_get_one_answer(client: StrictClient, app, office: Office):
    receipt = made(office, email="")
    one = asked(client, receipt.number, "a" * 20)
    other = asked(client, "26-9999", receipt.token)
    assert one.status_code == other.status_code == 422
    texts = [
        answer.get_data(as_text=True).replace(receipt.number, "N").replace("26-9999", "N")
        .replace("a" * 20, "K").replace(receipt.token, "K")
        for answer in (one, other)
    ]  # fmt: skip
    assert texts[0] == texts[1]


def test_what_is_held_is_written_to_nobody(client: StrictClient, app, office: Office):
    receipt = made(office, held_for=("links",))
    assert asked(client, receipt.number, "resident@example.org").status_code == 200
    assert links(receipt) == []


@pytest.mark.parametrize(
    ("number", "contact"), [("", ""), ("x", "me@example.org"), ("26-0001", ""), ("26-0001", "me@")]
)
def test_what_is_missing_is_said(client: StrictClient, number: str, contact: str):
    answer = asked(client, number, contact)
    assert answer.status_code == 422
    assert "Error:" in answer.get_data(as_text=True)


def test_nobody_tries_many_numbers(client: StrictClient, app):
    app.config["TOWNLINE_LIMITS"] = {"lookups": "3 per 10 minutes"}
    answers = [
        client.post(
            ADDRESS,
            data={"number": "26-0001", "contact": "a" * 20},
            environ_base={"REMOTE_ADDR": "203.0.113.9"},
        )
        for _time in range(5)
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 429, 429]


def test_it_may_be_framed_and_asks_nothing_to_be_kept(client: StrictClient):
    answer = client.get(f"{ADDRESS}?embed=1")
    assert "frame-ancestors 'self' " in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("typed", ["26-0259", "26-259", "26 259", "No. 26-259", "260259"])
def test_a_number_is_known_without_its_noughts(typed: str):
    assert plain_number(typed) == "26-0259"
