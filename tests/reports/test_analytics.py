"""Do the manager's pages tell what the figures say, to nobody but who has the link, and change nothing?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from casework import answering, timing
from casework.office import Office
from casework.operating import operator_link
from inbox.time_written import Spent
from lifecycle.status import Ending
from reports import analytics
from reports.analytics import PARTS
from reports.period import Period
from storage.database import Base, reading
from tests.builders import opened
from tests.conscience import StrictClient

TOWN_ROAD = (43.59597, -72.33374)
FOREMAN = "person:road-foreman"


@pytest.fixture
def link(office: Office) -> str:
    return operator_link(office, now=datetime.now(UTC)).removeprefix(office.base_url)


@pytest.fixture
def month(office: Office) -> Period:
    return Period.around(datetime.now(UTC), office.zone).before


@pytest.fixture
def town(office: Office, month: Period) -> Office:
    """Twelve potholes at one place, with the hours of most of them, and one thing for a colleague."""
    at = month.start + timedelta(days=3, hours=14)
    for turn in range(12):
        _receipt, case = opened(office, at + timedelta(days=turn), service="pothole", at=TOWN_ROAD)
        when = at + timedelta(days=turn, hours=5)
        if turn < 11:
            timing.note_time(
                office, case.request.id, spent=Spent(60, 60, 1000), text="", by=FOREMAN, now=when
            )
        answering.finish(office, case.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=when)
    opened(office, at, service="noise")
    return office


def everything() -> dict[str, list]:
    with reading() as session:
        return {
            table.name: list(session.execute(select(table)).all()) for table in Base.metadata.sorted_tables
        }


def _plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize("name", PARTS)
def test_every_page_opens_before_there_is_anything_and_with_a_town(
    client: StrictClient, office: Office, link: str, name: str
):
    answer = client.get(f"{link}analytics/{name}")
    assert answer.status_code == 200
    assert "nothing to count yet" in answer.text


@pytest.mark.parametrize("name", PARTS)
def test_looking_changes_nothing(client: StrictClient, town: Office, link: str, month: Period, name: str):
    client.get(f"{link}analytics/{name}")  # the first look may bring the rows that are counted up to date
    before = everything()
    for question in ("", f"?period={month.key}&department=public-works", "?period=1999-01&department=nobody"):
        answer = client.get(f"{link}analytics/{name}{question}")
        assert answer.status_code == 200
        assert "no-referrer" in answer.headers["Referrer-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert everything() == before


def test_nobody_else_gets_in(client: StrictClient, town: Office):
    answer = client.get("/operations/abcdefghijkmnpqrstuv/analytics/cost")
    assert answer.status_code in (403, 404, 410)
    assert "Road foreman" not in answer.text


def test_an_unknown_page_is_not_found(client: StrictClient, town: Office, link: str):
    assert client.get(f"{link}analytics/gossip").status_code == 404


def test_cost_is_told_with_its_coverage(client: StrictClient, town: Office, link: str, month: Period):
    page = _plain(client.get(f"{link}analytics/cost?period={month.key}").text)
    # 47.50 or 44 an hour of work and 48 or 30 of a truck, by the day; ten of materials.
    rates = {True: (4750 + 4800 + 1000), False: (4400 + 3000 + 1000)}
    each = rates[month.key >= "2026-07"] / 100
    assert f"${each:,.2f}" in page
    assert "92%" in page


def test_places_that_come_back_are_named_with_their_requests(
    client: StrictClient, town: Office, link: str, month: Period
):
    page = _plain(client.get(f"{link}analytics/places?period={month.key}").text)
    assert "Places with three requests and more in ninety days" in page
    assert "Pothole or damaged road (12)" in page


def test_work_is_told_by_person_and_narrowed_to_a_department(
    client: StrictClient, town: Office, link: str, month: Period
):
    whole = _plain(client.get(f"{link}analytics/work?period={month.key}").text)
    one = _plain(client.get(f"{link}analytics/work?period={month.key}&department=public-works").text)
    assert "13 received" in whole
    assert "12 received" in one


def test_hours_and_pages_are_tables_as_well(client: StrictClient, town: Office, link: str, month: Period):
    page = client.get(f"{link}analytics/contacts?period={month.key}").text
    assert "alderfalls.example/trash" in page
    assert page.count("<svg") == page.count("<title>") - 1


def test_when_many_have_figures_counted_the_others_come_again(
    client: StrictClient, town: Office, link: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(analytics, "PATIENCE", 0.01)
    with analytics.COUNTING, analytics.COUNTING:
        answer = client.get(f"{link}analytics/")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == str(analytics.LATER)
    assert client.get(f"{link}analytics/").status_code == 200
