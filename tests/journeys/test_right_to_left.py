"""Do the pages and letters stand in a language that runs from right to left, and in one that is too long?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from playwright.sync_api import Browser, Frame, Page, expect
from sqlalchemy import select

from settings import ROOT
from storage.database import reading
from storage.tables import OutgoingLetter
from tests.journeys import people, pseudo
from tests.journeys.conftest import visitor
from tests.journeys.places import on_a_road_of

FAULTS = (Path(__file__).parent / "measuring.js").read_text(encoding="utf-8")
WIDTHS = {"ar": (1280, 360, 320), "de": (320,)}
PHYSICAL = re.compile(
    r"(?:margin|padding|border)-(?:left|right)|(?<![-\w])(?:left|right|float)\s*:|text-align:\s*(?:left|right)"
)
SIDES = re.compile(r"(?:padding|margin):\s*([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;}]+)[;}]([^}]*)")


@dataclass
class Reader:
    """Somebody at a window that is made wider and narrower on every page."""

    page: Page
    url: str
    language: str
    faults: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def look(self, name: str, view: Page | Frame | None = None) -> None:
        view = view or self.page
        self.seen.append(name)
        view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        direction = "rtl" if self.language == "ar" else "ltr"
        root = view.evaluate("[document.documentElement.lang, document.documentElement.dir]")
        if root != [self.language, direction]:
            self.faults.append(f"{name}: {root}")
        for width in WIDTHS[self.language]:
            self.page.set_viewport_size({"width": width, "height": 700})
            self.faults += [f"{name}, {width} pixels: {fault}" for fault in view.evaluate(FAULTS)]

    def press(self, step: str, button: str = ".buttons button") -> None:
        self.page.locator(button).first.click()
        people.at(self.page, step)

    def refused(self, name: str) -> None:
        self.page.locator(".buttons button").first.click()
        self.page.wait_for_selector("#errors")
        self.look(name)

    def standing_at(self, owner: str) -> None:
        place = on_a_road_of(owner)
        self.page.goto(f"{self.url}/report/pothole?address={place.road}&lat={place.lat}&lng={place.lon}")
        self.press("whose")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ar", "de"])
def test_every_page_stands_from_right_to_left_and_with_words_that_are_too_long(
    browser: Browser, tmp_path: Path, empty_database: Path, language: str
):
    change = pseudo.arabic if language == "ar" else pseudo.long
    guest = visitor(browser, width=WIDTHS[language][0], height=700, locale=language, reduced_motion="reduce")
    with pseudo.served(tmp_path, empty_database, language, change) as (app, url):
        reader = Reader(guest.page, url, language)
        every_step(reader)
        if language == "ar":
            every_way_out(reader)
            small_widgets(reader)
            signed_pages(reader, app)
            in_a_page_of_the_other_direction(reader)
            letters_run_from_the_right(reader, app)
        assert reader.faults == [], "\n".join(reader.faults)
        guest.context.close()


def every_step(reader: Reader) -> None:
    page = reader.page
    page.goto(f"{reader.url}/report")
    reader.look("what")
    reader.refused("what, with a mistake")
    page.fill("[name=description]", "A deep hole; please call (603) 555-0100")
    reader.press("pick")
    reader.look("pick")
    reader.press("where", "button[value=pothole]")
    page.click("#show-map")
    expect(page.locator(".leaflet-container")).to_be_visible()
    page.locator("#place").press_sequentially("4 elm s")
    expect(page.locator("#place-found li").first).to_be_visible()
    reader.look("where, with the map and places")
    page.fill("#place", "31 Old Turnpike")
    page.keyboard.press("Escape")
    reader.press("details")
    page.fill("[name=description]", "")
    page.locator("[type=file]").set_input_files(people.photo_of_a_hole())  # type: ignore[arg-type]
    reader.refused("details, with a photo and a mistake")
    page.fill("[name=description]", "A deep hole; please call (603) 555-0100")
    reader.press("contact")
    page.fill("#email", "resident@")
    reader.refused("contact, with a mistake")
    page.fill("#email", "resident@example.org")
    page.fill("#phone", "(603) 555-0199")
    reader.press("check")
    reader.look("check")
    reader.press("receipt", "#send")
    reader.look("receipt")
    page.goto(page.url.replace("&new=1", ""))
    reader.look("tracking")


def every_way_out(reader: Reader) -> None:
    page = reader.page
    reader.standing_at("state")
    reader.look("card")
    page.goto(f"{reader.url}/report/pothole?address=Mill+Road&lat=43.60966&lng=-72.33110")
    reader.press("whose")
    reader.look("which road")
    page.goto(f"{reader.url}/report/street-light?address=Elm+Street")
    reader.press("details")
    page.fill("[name=description]", "A wire hangs down")
    page.locator("[value=yes]").first.check()
    reader.press("whose")
    reader.look("stop")
    reader.standing_at("county")
    reader.look("hand-off")
    reader.press("details", "button[name=told]")
    page.fill("[name=description]", "The edge has washed out")
    reader.press("contact")
    reader.look("hand-off, consent")
    page.fill("#email", "neighbor@example.org")
    reader.press("check")
    reader.press("receipt", "#send")
    reader.look("hand-off, receipt")
    reader.standing_at("county")
    reader.press("near", "button[name=told]")
    reader.look("known already")
    page.goto(f"{reader.url}/nowhere")
    reader.look("no such page")


def small_widgets(reader: Reader) -> None:
    page = reader.page
    page.goto(f"{reader.url}/report/recent")
    reader.look("recent requests")
    page.goto(f"{reader.url}/report/my-request")
    reader.refused("how far is my request, with mistakes")
    page.goto(f"{reader.url}/report/whose-job")
    reader.look("whose job is it?")


def signed_pages(reader: Reader, app: Flask) -> None:
    page = reader.page
    page.goto(link_in(letter(app, "highway@aldercounty.example"), "/a/"))
    reader.look("the agency's page")
    page.goto(link_in(letter(app, "roads@alderfalls.example"), "/a/"))
    reader.look("the employee's page")
    page.goto(f"{reader.url}/report/other?address=Town+Hall")
    reader.press("details")
    page.fill("[name=description]", '<a href="http://a.example">A smell of gas</a> http://b.example')
    reader.press("contact")
    reader.press("check")
    page.evaluate("document.getElementById('website').value = 'http://a.example'")
    reader.press("receipt", "#send")
    page.goto(link_in(letter(app, "clerk@alderfalls.example"), "/a/") + "/held")
    reader.look("what is held")


def in_a_page_of_the_other_direction(reader: Reader) -> None:
    """The form in a frame and in a dialog takes its language and direction from the page around it."""
    page = reader.page
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto(reader.url.replace("127.0.0.1", "localhost") + "/host")
    frame = cast(Frame, page.wait_for_selector("iframe").content_frame())
    people.at(frame, "what")
    reader.look("the form in a page", frame)
    page.set_viewport_size({"width": 1280, "height": 700})
    page.click("#dialog")
    dialog = page.locator("dialog[open]")
    assert dialog.evaluate("one => getComputedStyle(one).direction") == "rtl"
    close = dialog.locator("button")
    expect(close).to_have_text(pseudo.arabic("Close"))
    held = cast(Frame, page.wait_for_selector("dialog iframe").content_frame())
    people.at(held, "what")
    reader.look("the form in a dialog", held)
    box, title = close.bounding_box(), dialog.locator("h2").bounding_box()
    assert box is not None
    assert title is not None
    assert box["x"] < title["x"], "the dialog is closed at its end"
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1280, "height": 700})
    launcher = page.locator(".launcher").bounding_box()
    assert launcher is not None
    assert launcher["x"] < 200, "the floating button stands at the end of the line"


def letters_run_from_the_right(reader: Reader, app: Flask) -> None:
    receipt = letter(app, "resident@example.org")
    bodies = {form: receipt.get_body((form,)) for form in ("html", "plain")}
    html, text = (body.get_content() if body else "" for body in bodies.values())
    assert '<html lang="ar" dir="rtl">' in html
    assert '<div dir="rtl"' in html, "where a mail program throws the head away"
    assert "\u2068603-555-0100\u2069" in text
    assert "\u2068" not in str(receipt["Subject"])
    reader.page.set_content(html)
    reader.look("the receipt's letter")


def letter(app: Flask, to: str) -> EmailMessage:
    """Return the last letter to somebody."""
    last = select(OutgoingLetter.raw).where(OutgoingLetter.recipient == to).order_by(OutgoingLetter.id.desc())
    with app.app_context(), reading() as session:
        raw = session.scalars(last.limit(1)).one()
    return message_from_bytes(raw, policy=default)


def link_in(mail: EmailMessage, beginning: str) -> str:
    text = mail.get_body(("plain",))
    assert text is not None
    found = re.search(rf"http\S+{beginning}\w+", text.get_content())
    assert found
    return found[0]


def test_no_sheet_names_left_or_right_where_a_line_begins() -> None:
    """What is centred, or a picture of a thing, may: these lines are read by hand."""
    known = {"pinmap.css": ["left:"]}
    for sheet in sorted((ROOT / "static").glob("*.css")):
        rules = sheet.read_text(encoding="utf-8")
        assert PHYSICAL.findall(rules) == known.get(sheet.name, []), sheet.name
        for _top, right, _bottom, left, more in SIDES.findall(rules):
            is_told_again = "padding-inline:" in more or sheet.name == "demo-site.css"
            assert right == left or is_told_again, f"{sheet.name}: {right} at the right, {left} at the left"
