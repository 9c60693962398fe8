"""Does the main job run from end to end: a report, its mail, its answer, its end, in a real browser?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser import soon
from tests.journeys import people
from tests.journeys.conftest import Visitor, link_in, mail_to, visitor
from tests.journeys.places import on_a_road_of
from tests.journeys.town import RunningTown
from tests.mailserver import Received, Server

pytestmark = pytest.mark.browser

HOLE = "There is a deep hole in the road, cars swerve around it."
ANSWER = "Thank you. The crew fills it on Thursday morning."


def test_the_whole_journey_in_a_strangers_page(browser: Browser, town: RunningTown, post: Server):
    place = on_a_road_of("town")
    resident = visitor(
        browser, geolocation={"latitude": place.lat, "longitude": place.lon}, permissions=["geolocation"]
    )
    heights: list[float] = []
    frame = framed(resident.page, town)

    def step(name: str) -> None:
        people.at(frame, name)
        heights.append(grown(resident.page, frame))

    step("what")
    people.describe(frame, HOLE, "Pothole or damaged road")
    step("where")
    frame.get_by_label("Address, corner or landmark").fill(f"31 {place.road}")
    people.locate(frame)
    people.go_on(frame, "details")
    step("details")
    photo_and_questions(frame)
    people.told_of_the_photos_place(frame)
    people.go_on(frame, "contact")
    step("contact")
    frame.get_by_label("E-mail").fill("resident@example.org")
    people.go_on(frame, "check")
    step("check")
    number = people.send(frame)
    step("receipt")
    assert len(set(heights)) == len(heights), "every step has a height of its own"
    resident.leave()

    ends_well(browser, town, post, number, assignee="roads@alderfalls.example")
    assert kept(town, "SELECT source_page FROM requests WHERE number = ?", number) == (
        f"http://localhost:{town.port}/demo/public-works",
    )


def test_the_whole_journey_without_scripts(browser: Browser, town: RunningTown, post: Server):
    resident = visitor(browser, java_script_enabled=False)
    page = resident.page
    page.goto(f"http://localhost:{town.port}/demo/public-works")
    page.get_by_role("link", name="Report a problem on a street").click()
    assert page.url == f"{town.url}/report/streets"
    people.describe(page, HOLE, "Pothole or damaged road")
    page.get_by_label("Address, corner or landmark").fill("By the white barn")
    people.go_on(page, "details")
    photo_and_questions(page)
    people.told_of_the_photos_place(page)
    # That is offered, and taken only by who presses the button.
    expect(page.get_by_role("button", name="Use this as the place")).to_be_visible()
    people.go_on(page, "contact")
    page.get_by_label("E-mail").fill("resident@example.org")
    people.go_on(page, "check")
    number = people.send(page)
    resident.leave()
    # Words alone are no point on a map, so the clerk finds out whose road it is.
    ends_well(browser, town, post, number, assignee="clerk@alderfalls.example", java_script_enabled=False)


# -- what both share --


def framed(page: Page, town: RunningTown) -> Frame:
    """Open the town's own page, on another site than the form, and return the form's frame."""
    page.goto(f"http://localhost:{town.port}/demo/public-works")
    element = page.wait_for_selector("iframe")
    frame = element.content_frame() if element is not None else None
    assert frame is not None
    assert page.locator("a[data-report]").is_hidden()
    people.at(frame, "what")
    assert frame.url.startswith(f"{town.url}/report/streets")
    return frame


def grown(page: Page, frame: Frame) -> float:
    """Wait until the frame is as high as what is in it; return that height in pixels."""

    def settled() -> float | None:
        inside = frame.evaluate("document.documentElement.scrollHeight")
        body = frame.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
        outside = page.evaluate("document.querySelector('iframe').clientHeight")
        return float(outside) if outside == body == inside else None

    return soon(settled, "the frame is as high as the form in it")


def photo_and_questions(view: Page | Frame) -> None:
    view.get_by_label("About as wide as a tire").check()
    view.get_by_label("Yes").check()
    view.get_by_label("Add a photo").set_input_files(people.photo_of_a_hole())  # type: ignore[arg-type]


def ends_well(
    browser: Browser, town: RunningTown, post: Server, number: str, *, assignee: str, **window: Any
) -> None:
    """From the employee's mail to the resident's verdict."""
    mail = mail_to(post, assignee, number)
    assert HOLE in mail.text
    photo_inside(mail)
    link = link_in(mail, "/a/")
    opening_changes_nothing(town, post, link)

    employee = visitor(browser, width=360, height=740, **window)
    people.answer_and_finish(employee.page, link, ANSWER)
    employee.leave()

    resident = visitor(browser, width=360, height=740, **window)
    verdict(resident, town, post, number)
    resident.leave()
    assert kept(town, "SELECT rating, was_fixed, ending FROM requests WHERE number = ?", number) == (
        5,
        1,
        "fixed",
    )


def photo_inside(mail: Received) -> None:
    """The photo stands in the letter itself, and no longer says where it was taken."""
    pictures = [part for part in mail.message.walk() if part.get_content_type() == "image/jpeg"]
    assert len(pictures) == 1
    assert pictures[0].get_content_disposition() == "inline"
    assert f"cid:{str(pictures[0]['Content-ID']).strip('<>')}" in mail.html
    raw = pictures[0].get_payload(decode=True)
    assert isinstance(raw, bytes)
    with Image.open(BytesIO(raw)) as picture:
        assert not picture.getexif()
        assert picture.info.get("exif") is None
    assert b"Telltale" not in raw


def opening_changes_nothing(town: RunningTown, post: Server, link: str) -> None:
    """Mail scanners open every link, some of them several times."""
    soon(lambda: all_sent(town), "every letter is out")
    before, mails = dump(town), len(post.inbox.mails)
    for _ in range(3):
        assert town.get(link.removeprefix(town.url)).status == 200
    assert dump(town) == before
    assert len(post.inbox.mails) == mails


def verdict(resident: Visitor, town: RunningTown, post: Server, number: str) -> None:
    """The resident reads the answer, hears of the end, and says whether it is true."""
    page = resident.page
    assert ANSWER in mail_to(post, "resident@example.org", number, "answer").text
    page.goto(link_in(mail_to(post, "resident@example.org", number, "We have your request"), "/r/"))
    expect(page.get_by_text(ANSWER)).to_be_visible()
    ended = mail_to(post, "resident@example.org", number, "ended")
    assert "The hole is filled." in ended.text
    yes = link_in(ended, "/r/", "fixed=yes")
    opening_changes_nothing(town, post, yes)
    page.goto(yes)
    expect(page.get_by_label("Yes, it is fixed")).to_be_checked()
    people.unfold(page, "How did we do?")
    page.get_by_label("5", exact=True).check()
    page.locator("#do-rate").get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("Thank you")
    expect(page.get_by_label("Yes, it is fixed")).to_be_checked()
    expect(page.get_by_label("5", exact=True)).to_be_checked()


def dump(town: RunningTown) -> list[str]:
    with closing(sqlite3.connect(town.data / "townline.sqlite3")) as connection:
        return list(connection.iterdump())


def kept(town: RunningTown, question: str, *values: str) -> tuple[object, ...]:
    with closing(sqlite3.connect(town.data / "townline.sqlite3")) as connection:
        found = connection.execute(question, values).fetchone()
    assert found is not None
    return tuple(found)


def all_sent(town: RunningTown) -> bool:
    return kept(town, "SELECT count(*) FROM letters WHERE state != 'sent'") == (0,)
