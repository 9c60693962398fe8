"""Where does a report end that is not the town's, or that cannot wait? Seen in a real browser."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import soon
from tests.journeys import people
from tests.journeys.conftest import link_in, mail_to, visitor
from tests.journeys.places import on_a_road_of
from tests.journeys.town import RunningTown
from tests.mailserver import Server

pytestmark = pytest.mark.browser

AGENCY = "Alder County Highway Department"


def test_a_report_on_a_county_road_is_handed_to_the_county_with_consent(
    browser: Browser, town: RunningTown, post: Server
):
    place = on_a_road_of("county")
    resident = visitor(
        browser, geolocation={"latitude": place.lat, "longitude": place.lon}, permissions=["geolocation"]
    )
    page = resident.page
    page.goto(f"{town.url}/report")
    people.describe(page, "A deep hole in the road", "Pothole or damaged road")
    people.locate(page)
    people.go_on(page, "whose")
    expect(page.get_by_role("heading", level=1)).to_have_text(AGENCY)
    because = page.locator(".lead").inner_text()
    assert because.startswith(f"{place.road} is a county road.")
    people.go_on(page, "details", "Pass it on for me")
    people.go_on(page, "contact")
    page.get_by_label("E-mail").fill("neighbor@example.org")
    consent = page.get_by_label(f"Pass my name and contact on to: {AGENCY}")
    expect(consent).not_to_be_checked()
    consent.check()
    people.go_on(page, "check")
    expect(page.get_by_text("We pass your report on, with your name and contact.")).to_be_visible()
    number = people.send(page)
    expect(page.get_by_text(because)).to_be_visible()
    expect(page.get_by_text(f"{AGENCY} has your request since")).to_be_visible()
    tracking = page.url.replace("&new=1", "")

    mail = mail_to(post, "highway@aldercounty.example", number)
    assert because in mail.text
    assert "neighbor@example.org" in mail.text
    link = link_in(mail, "/a/")
    the_agency_takes_it(browser, link)

    page.goto(tracking)
    expect(page.get_by_text("Our crew looks at it on Friday.")).to_be_visible()
    assert "Our crew looks at it on Friday." in mail_to(post, "neighbor@example.org", number, "answer").text
    resident.leave()


def the_agency_takes_it(browser: Browser, link: str) -> None:
    agency = visitor(browser, width=360, height=740)
    page = agency.page
    page.goto(link)
    expect(page.get_by_text("The resident agreed that you get this.")).to_be_visible()
    page.get_by_label("Anything the resident should know?").fill("Our crew looks at it on Friday.")
    page.get_by_role("button", name="We take it").click()
    expect(page.get_by_role("status")).to_be_visible()
    agency.leave()


@pytest.mark.parametrize(("group", "service"), [
    ("Streets and sidewalks", "Street light"),
    ("Parks and trees", "Fallen or dangerous tree"),
])  # fmt: skip
@pytest.mark.parametrize("has_script", [True, False])
def test_a_wire_ends_with_a_number_to_call_and_nothing_stored_but_a_count(
    browser: Browser, town: RunningTown, group: str, service: str, has_script: bool
):
    soon(
        lambda: rows(town, "SELECT 1 FROM letters WHERE state != 'sent'") == [], "the letters before are out"
    )
    before = all_but_the_count(town)
    told = count(town)
    resident = visitor(browser, java_script_enabled=has_script)
    page = resident.page
    page.goto(f"{town.url}/report")
    people.pick(page, group, service)
    page.get_by_label("Address, corner or landmark").fill("By the library")
    people.go_on(page, "details")
    page.get_by_label("What is wrong?").fill("A wire hangs down.")
    page.get_by_label("Yes").first.check()
    if service.startswith("Fallen"):
        page.get_by_label("On or beside a road").check()
    people.go_on(page, "whose")
    expect(page.get_by_role("heading", level=1)).to_have_text("Please call now")
    expect(page.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    expect(page.get_by_text("Nothing was sent")).to_be_visible()
    assert page.locator("#send").count() == 0
    resident.leave()
    assert count(town) == told + 1
    assert all_but_the_count(town) == before


def all_but_the_count(town: RunningTown) -> list[object]:
    """Return everything the town has stored, pictures too, without the tallies."""
    tables = [name for (name,) in rows(town, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    stored: list[object] = [rows(town, f"SELECT * FROM {name}") for name in tables if name != "tallies"]
    files = sorted(
        str(path) for path in town.data.rglob("*") if path.is_file() and "sqlite3" not in path.name
    )
    return [*stored, files]


def count(town: RunningTown) -> int:
    return int(rows(town, "SELECT coalesce(sum(count), 0) FROM tallies WHERE outcome = 'stop'")[0][0])


def rows(town: RunningTown, question: str) -> list[tuple]:
    with closing(sqlite3.connect(town.data / "townline.sqlite3")) as connection:
        return connection.execute(question).fetchall()
