"""Can everybody use every page: read aloud, by day and by night, on the smallest phone, without a mouse?"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect
from sqlalchemy import select, update

from app import create_app
from casework.answering import finish
from casework.office import the_office
from casework.timing import note_time
from inbox.time_written import Spent
from lifecycle.status import Ending
from reports.approving import STAYS_OPEN
from reports.edition import make_due
from reports.period import Period
from settings import ROOT, Settings
from storage.database import db, reading, writing
from storage.tables import Edition, OutgoingLetter
from tests.browser import soon
from tests.builders import opened
from tests.conftest import SECRET
from tests.journeys import people
from tests.journeys.conftest import visitor
from tests.journeys.examining import ZOOMED, Examiner, unlike_the_standard
from tests.journeys.places import on_a_road_of
from tests.journeys.town import RunningTown

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

PAGES = (
    "the town's page", "the form in it", "the dialog above it", "the form in the dialog",
    "what", "what, with a mistake", "pick", "where, with a mistake",
    "where, with the map", "details, with a photo and a mistake", "contact, with a mistake", "check",
    "receipt", "tracking", "card", "which road", "which road, with a mistake", "questions, with mistakes",
    "stop", "no such page", "hand-off", "hand-off, consent", "hand-off, receipt", "the agency's page",
    "the employee's page", "the employee's page, with a mistake", "the employee's page, ended",
    "was it fixed?", "a link that opens nothing", "mailbox", "a letter in the mailbox", "known already",
    "recent requests", "how far is my request, with mistakes", "how far is my request, answered",
    "whose job is it?", "whose job is it, answered", "almost sent", "what is held",
    "the operator's overview", "the embed page", "the preview in it",
    "the check of a page", "the operator's reports",
    "analytics, what changed", "analytics, when and how", "analytics, where",
    "analytics, who has how much", "analytics, cost", "the manager's analytics",
    "a draft that waits for a word", "a draft of which there is another by now", "a draft, decided",
    "a draft's link, expired", "published reports", "a published report", "the design system",
)  # fmt: skip
"""Every kind of page that is looked at, in this order; docs/accessibility.md has the same list."""


PLANS = """
reports:
  manager-monthly:
    title: The month from inside
    send: {on: business day 1, at: "07:00"}
    audience: manager
    to: [town-clerk]
  council-draft:
    title: The month for the council
    send: {on: business day 1, at: "07:00"}
    approve: {by: deputy-clerk, within: 48h, then: send}
    to: [town-clerk]
"""
"""Beside the demonstration's own report: what the manager gets, and one that waits for a word."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[RunningTown]:
    """A town without a mail server: its letters are in the demonstration's mailbox."""
    folder = tmp_path_factory.mktemp("town")
    (data := folder / "data").mkdir()
    shutil.copy(empty_database, data / "townline.sqlite3")
    for beside in ("layers", "texts"):
        (folder / beside).symlink_to(ROOT / beside)
    rules = (ROOT / "rules.yaml").read_text(encoding="utf-8").replace("\nreports:\n", PLANS, 1)
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    town = RunningTown(data, {"TOWNLINE_RULES": str(folder / "rules.yaml")})
    town.start()
    yield town
    assert town.stop() == 0


def test_no_page_has_a_fault_that_a_machine_can_find(browser: Browser, town: RunningTown, tmp_path: Path):
    guest = visitor(browser, width=ZOOMED[0], height=ZOOMED[1], reduced_motion="reduce")
    examiner = Examiner(guest.page)
    in_the_towns_page(examiner, town)
    number = every_step(examiner, town)
    every_way_out(examiner, town)
    handed, link = hand_over(examiner, town)
    signed_pages(examiner, town, number, link)
    what_others_said(examiner, town)
    small_widgets(examiner, town)
    what_is_held(examiner, town)
    operator = operators_pages(examiner, town)
    with a_month_of_reports(town):
        what_the_manager_sees(examiner, operator)
        what_is_decided(examiner)
    what_the_council_was_told(examiner, town)
    what_is_shown_by_itself(examiner, town)
    assert tuple(examiner.seen) == PAGES
    assert handed != number
    unlike = unlike_the_standard(examiner.sources, tmp_path / "pages")
    record(examiner, unlike)
    assert examiner.faults == [], "\n".join(examiner.faults)
    assert not unlike, "\n".join(unlike)
    refusals = [said for said in guest.seen.complaints if not re.search(r"status of 4(04|09|10|22)", said)]
    assert refusals == []
    guest.seen.complaints.clear()
    guest.leave()
    if unlike is None:
        warn_that_nothing_was_checked()


def record(examiner: Examiner, unlike: list[str] | None) -> None:
    """Write down what was looked at, for script/accessibility."""
    (ROOT / "build").mkdir(exist_ok=True)
    found = {
        "pages": examiner.seen,
        "faults": len(examiner.faults),
        "rules": len(examiner.rules),
        "stops": examiner.stops,
        "conformance": None if unlike is None else {"pages": len(examiner.sources), "faults": len(unlike)},
    }
    (ROOT / "build" / "accessibility.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


def warn_that_nothing_was_checked() -> None:
    pytest.skip(
        "All is well so far, but no page was held against the HTML standard: html-validate is not here. "
        "script/setup --tests installs it where npm and Node.js 20 are."
    )


def in_the_towns_page(examiner: Examiner, town: RunningTown) -> None:
    page = examiner.page
    page.goto(f"http://localhost:{town.port}/demo/public-works")
    element = page.wait_for_selector("iframe")
    frame = element.content_frame() if element is not None else None
    assert frame is not None
    people.at(frame, "what")
    examiner.look("the town's page")
    examiner.look("the form in it", frame)
    dialog_link(page, town)
    page.get_by_role("link", name="Report it here").click()
    sheet = form_in_dialog(page)
    examiner.look("the dialog above it")
    examiner.look("the form in the dialog", sheet)


def dialog_link(page: Page, town: RunningTown) -> None:
    """Put another link on the page, as its editor would."""
    page.evaluate(
        "address => document.querySelector('main').insertAdjacentHTML('beforeend', "
        "`<p><a href='${address}#dialog'>Report it here</a></p>`)",
        f"{town.url}/report",
    )
    expect(page.get_by_role("link", name="Report it here")).to_have_attribute("aria-haspopup", "dialog")


def form_in_dialog(page: Page) -> Frame:
    expect(page.get_by_role("dialog")).to_be_visible()
    element = page.wait_for_selector("dialog iframe")
    frame = element.content_frame() if element is not None else None
    assert frame is not None
    people.at(frame, "what")
    return frame


def every_step(examiner: Examiner, town: RunningTown) -> str:
    page = examiner.page
    page.goto(f"{town.url}/report")
    examiner.look("what")
    examiner.walk("what")
    people.go_on(page, "what")
    page.wait_for_selector("#errors")
    examiner.look("what, with a mistake")
    page.get_by_label("What is wrong?").fill("A deep hole, and a smell of gas")
    people.go_on(page, "pick")
    examiner.look("pick")
    page.get_by_role("button", name="Pothole or damaged road").first.click()
    people.at(page, "where")
    people.go_on(page, "where")
    page.wait_for_selector("#errors")
    examiner.look("where, with a mistake")
    page.get_by_role("button", name="Show the map").click()
    expect(page.locator(".leaflet-container")).to_be_visible()
    examiner.look("where, with the map")
    examiner.walk("where, with the map")
    examiner.see_ring("where, with the map", ".leaflet-container")
    page.get_by_label("Address, corner or landmark").fill("31 Old Turnpike")
    people.go_on(page, "details")
    page.get_by_label("What is wrong?").fill("")
    page.get_by_label("Add a photo").set_input_files(people.photo_of_a_hole())  # type: ignore[arg-type]
    people.go_on(page, "details")
    page.wait_for_selector("#errors")
    examiner.look("details, with a photo and a mistake")
    examiner.walk("details, with a photo and a mistake")
    page.get_by_label("What is wrong?").fill("A deep hole")
    people.go_on(page, "contact")
    page.get_by_label("E-mail").fill("resident@")
    people.go_on(page, "contact")
    page.wait_for_selector("#errors")
    examiner.look("contact, with a mistake")
    page.get_by_label("E-mail").fill("resident@example.org")
    people.go_on(page, "check")
    examiner.look("check")
    examiner.walk("check")
    number = people.send(page)
    examiner.look("receipt")
    page.goto(page.url.replace("&new=1", ""))
    examiner.look("tracking")
    examiner.walk("tracking")
    return number


def every_way_out(examiner: Examiner, town: RunningTown) -> None:
    page = examiner.page
    standing_at(page, town, "state")
    examiner.look("card")
    page.goto(f"{town.url}/report/pothole?address=Mill+Road&lat=43.60966&lng=-72.33110")
    people.go_on(page, "whose")
    examiner.look("which road")
    people.go_on(page, "whose")
    page.wait_for_selector("#errors")
    examiner.look("which road, with a mistake")
    page.goto(f"{town.url}/report/street-light?address=Elm+Street")
    people.go_on(page, "details")
    people.go_on(page, "details")
    page.wait_for_selector("#errors")
    examiner.look("questions, with mistakes")
    page.get_by_label("What is wrong?").fill("A wire hangs down")
    page.get_by_label("Yes").check()
    people.go_on(page, "whose")
    examiner.look("stop")
    page.goto(f"{town.url}/nowhere")
    examiner.look("no such page")


def standing_at(page: Page, town: RunningTown, owner: str) -> None:
    place = on_a_road_of(owner)
    page.goto(f"{town.url}/report/pothole?address={place.road}&lat={place.lat}&lng={place.lon}")
    people.go_on(page, "whose")


def hand_over(examiner: Examiner, town: RunningTown) -> tuple[str, str]:
    page = examiner.page
    standing_at(page, town, "county")
    examiner.look("hand-off")
    people.go_on(page, "details", "Pass it on for me")
    page.get_by_label("What is wrong?").fill("The edge has washed out")
    people.go_on(page, "contact")
    examiner.look("hand-off, consent")
    page.get_by_label("E-mail").fill("neighbor@example.org")
    people.go_on(page, "check")
    number = people.send(page)
    examiner.look("hand-off, receipt")
    return number, letter_to(town, "highway@aldercounty.example", number)


def signed_pages(examiner: Examiner, town: RunningTown, number: str, agency: str) -> None:
    page = examiner.page
    page.goto(agency)
    examiner.look("the agency's page")
    page.goto(letter_to(town, "roads@alderfalls.example", number))
    examiner.look("the employee's page")
    examiner.walk("the employee's page")
    page.get_by_role("button", name="Send the answer").click()
    page.wait_for_selector("#errors")
    examiner.look("the employee's page, with a mistake")
    people.answer_and_finish(page, page.url, "Thank you, we come on Thursday.")
    examiner.look("the employee's page, ended")
    page.goto(letter_to(town, "resident@example.org", number, "fixed=no"))
    examiner.look("was it fixed?")
    page.goto(f"{town.url}/a/abcdefghijkmnpqrstuv")
    examiner.look("a link that opens nothing")
    page.goto(f"{town.url}/demo/mailbox")
    examiner.look("mailbox")
    page.locator(".options a").first.click()
    expect(page.locator("iframe.letter")).to_be_visible()
    examiner.look("a letter in the mailbox")


def what_others_said(examiner: Examiner, town: RunningTown) -> None:
    page = examiner.page
    place = on_a_road_of("county")
    page.goto(f"{town.url}/report/pothole?address={place.road}&lat={place.lat}&lng={place.lon}")
    people.go_on(page, "whose")
    people.go_on(page, "near", "Pass it on for me")
    examiner.look("known already")
    page.goto(f"{town.url}/report/recent")
    examiner.look("recent requests")


def small_widgets(examiner: Examiner, town: RunningTown) -> None:
    page = examiner.page
    page.goto(f"{town.url}/report/my-request")
    page.locator(".buttons .button").click()
    page.wait_for_selector("#errors")
    examiner.look("how far is my request, with mistakes")
    page.get_by_label("Number of the request").fill("26-9999")
    page.get_by_label("Your e-mail address").fill("resident@example.org")
    page.locator(".buttons .button").click()
    page.wait_for_selector("[role=status]")
    examiner.look("how far is my request, answered")
    page.goto(f"{town.url}/report/whose-job")
    examiner.look("whose job is it?")
    page.get_by_label("What is wrong?").fill("A deep hole")
    people.go_on(page, "pick")
    page.get_by_role("button", name="Pothole or damaged road").first.click()
    people.at(page, "where")
    page.get_by_label("Address, corner or landmark").fill("31 Old Turnpike")
    people.go_on(page, "whose")
    examiner.look("whose job is it, answered")


def what_is_held(examiner: Examiner, town: RunningTown) -> None:
    page = examiner.page
    page.goto(f"{town.url}/report/other?address=Town+Hall")
    people.go_on(page, "details")
    page.get_by_label("What is wrong?").fill("See http://a.example http://b.example http://c.example")
    people.go_on(page, "contact")
    people.go_on(page, "check")
    # A sum that has no end: the page stays for as long as it is looked at.
    page.add_init_script("crypto.subtle.digest = () => new Promise(() => {})")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    examiner.look("almost sent")
    examiner.walk("almost sent")
    page.goto(f"{town.url}/report/other?address=Town+Hall")
    people.go_on(page, "details")
    words = '<a href="http://a.example">A smell of gas</a> http://b.example http://c.example'
    page.get_by_label("What is wrong?").fill(words)
    people.go_on(page, "contact")
    people.go_on(page, "check")
    page.evaluate("document.getElementById('website').value = 'http://a.example'")
    # What may be urgent is told at once; the clerk's key to it is one to all that is held.
    page.goto(letter_to(town, "clerk@alderfalls.example", people.send(page)) + "/held")
    examiner.look("what is held")
    examiner.walk("what is held")


def operators_pages(examiner: Examiner, town: RunningTown) -> str:
    page = examiner.page
    link = re.search(r"https?://\S+", town.command("operator-link").stdout)
    assert link is not None
    page.goto(link[0])
    examiner.look("the operator's overview")
    page.goto(link[0] + "embed")
    examiner.look("the embed page")
    element = page.wait_for_selector("iframe.preview")
    frame = element.content_frame() if element is not None else None
    assert frame is not None
    frame.wait_for_selector("iframe")
    examiner.look("the preview in it", frame)
    page.get_by_label("Address of the page").fill("http://10.0.0.1/")
    page.get_by_role("button", name="Check it").click()
    page.wait_for_selector("#errors")
    examiner.look("the check of a page")
    return link[0]


@contextmanager
def a_month_of_reports(town: RunningTown) -> Iterator[None]:
    """Have requests of last month, and all that is due made of them; inside, its database is open here."""
    rules = Path(town.environment["TOWNLINE_RULES"])
    app = create_app(Settings(data=town.data, rules=rules, port=town.port, secret=SECRET, demo=True))
    with app.app_context():
        office, now = the_office(), datetime.now(UTC)
        silent, first = replace(office, is_silent=True), Period.around(now, office.zone).before.start
        for day in range(12):
            at = first + timedelta(days=day, hours=14)
            _receipt, case = opened(silent, at, service="pothole", at=(43.59597, -72.33374))
            by = f"person:{case.request.assignee}"
            note_time(silent, case.request.id, spent=Spent(60, 60, 999), text="", by=by, now=at)
            finish(silent, case.request.id, ending=Ending.FIXED, text="", by=by, now=at)
        make_due(office, now=now)
        yield
        db.engine.dispose()


def posted(kind: str, page: str) -> str:
    """Return the address of such a page in a letter that the open town has just written."""
    wanted = select(OutgoingLetter.raw).where(OutgoingLetter.kind == kind).order_by(OutgoingLetter.id)
    with reading() as session:
        bodies = [
            message_from_bytes(raw, policy=default).get_body(("plain",)) for raw in session.scalars(wanted)
        ]
    found = re.search(rf"https?://\S+/{page}/\S+", "\n".join(str(one.get_content()) for one in bodies if one))
    assert found is not None
    return found[0]


def what_the_manager_sees(examiner: Examiner, operator: str) -> None:
    page = examiner.page
    page.goto(operator + "reports")
    examiner.look("the operator's reports")
    examiner.walk("the operator's reports")
    for name, words in (
        ("changes", "what changed"), ("contacts", "when and how"), ("places", "where"),
        ("work", "who has how much"), ("cost", "cost"),
    ):  # fmt: skip
        page.goto(f"{operator}analytics/{name}")
        examiner.look(f"analytics, {words}")
    examiner.walk("analytics, cost")
    page.goto(posted("edition", "analytics"))
    examiner.look("the manager's analytics")


def what_is_decided(examiner: Examiner) -> None:
    page, link = examiner.page, posted("edition_draft", "approve")
    page.goto(link)
    examiner.look("a draft that waits for a word")
    examiner.walk("a draft that waits for a word")
    page.evaluate("document.querySelectorAll('[name=draft]').forEach(one => one.value = 'an older one')")
    page.get_by_role("button", name="Approve and send").click()
    page.wait_for_selector("#errors")
    examiner.look("a draft of which there is another by now")
    page.get_by_label("A note for the first page").fill("The culvert is replaced in December.")
    page.get_by_role("button", name="Skip this report").click()
    page.wait_for_selector("[role=status]")
    examiner.look("a draft, decided")
    with writing() as session:
        session.execute(update(Edition).values(approve_until=datetime.now(UTC) - STAYS_OPEN))
    page.goto(link)
    examiner.look("a draft's link, expired")


def what_the_council_was_told(examiner: Examiner, town: RunningTown) -> None:
    page = examiner.page
    page.goto(f"{town.url}/reports/")
    examiner.look("published reports")
    page.locator(".editions h3 a").first.click()
    page.wait_for_selector(".kept")
    examiner.look("a published report")
    examiner.walk("a published report")


def what_is_shown_by_itself(examiner: Examiner, town: RunningTown) -> None:
    examiner.page.goto(f"{town.url}/demo/design")
    examiner.look("the design system")


def letter_to(town: RunningTown, address: str, number: str, ending: str = "") -> str:
    """Wait for a letter in the mailbox's folder and return the signed link in it."""

    def link() -> str | None:
        for file in (town.data / "letters").glob("*.eml"):
            message = message_from_bytes(file.read_bytes(), policy=default)
            body = message.get_body(("plain",))
            if str(message["To"]) != address or number not in str(message["Subject"]) or body is None:
                continue
            found = re.search(rf"https?://\S+/[ar]/\S+{ending}(?=\s|$)", str(body.get_content()))
            if found:
                return found[0]
        return None

    return soon(link, f"a letter about {number} to {address}")


# -- without a mouse --


def test_a_report_is_sent_with_tab_space_and_enter_alone(browser: Browser, town: RunningTown):
    guest = visitor(browser, width=1024, height=800)
    page = guest.page
    page.goto(f"http://localhost:{town.port}/demo/public-works")
    element = page.wait_for_selector("iframe")
    frame = element.content_frame() if element is not None else None
    assert frame is not None
    people.at(frame, "what")
    dialog_link(page, town)

    # From the page through the form in it to the link that opens the dialog; Escape leads back to the link.
    tab_to(page, frame, "description")
    page.keyboard.type("Half an answer")
    tab_to(page, page.main_frame, "Report it here")
    page.keyboard.press("Enter")
    frame = form_in_dialog(page)
    tab_to(page, frame, "description")
    page.keyboard.type("A deep hole")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert focused(page.main_frame)["words"] == "Report it here"
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert frame.input_value("#description") == "A deep hole"
    tab_to(page, frame, "description")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")

    tab_to(page, frame, "Continue")
    page.keyboard.press("Enter")
    the_summary_has_the_focus(page, frame)
    page.keyboard.press("Enter")
    assert focused(frame)["id"] == "description"
    page.keyboard.type("A deep hole in the road")
    tab_to(page, frame, "Continue")
    page.keyboard.press("Space")
    people.at(frame, "pick")
    tab_to(page, frame, "Pothole or damaged road")
    page.keyboard.press("Enter")
    people.at(frame, "where")
    tab_to(page, frame, "place")
    page.keyboard.type("Behind the white barn")
    page.keyboard.press("Enter")
    people.at(frame, "details")
    tab_to(page, frame, "q-size")
    page.keyboard.press("Space")
    tab_to(page, frame, "q-blocked")
    page.keyboard.press("Space")
    tab_to(page, frame, "Continue")
    page.keyboard.press("Enter")
    people.at(frame, "contact")
    tab_to(page, frame, "email")
    page.keyboard.type("resident@")
    page.keyboard.press("Enter")
    the_summary_has_the_focus(page, frame)
    page.keyboard.press("Enter")
    assert focused(frame)["id"] == "email"
    page.keyboard.press("End")
    page.keyboard.type("example.org")
    tab_to(page, frame, "Continue")
    page.keyboard.press("Enter")
    people.at(frame, "check")
    for words in ("Smaller than a dinner plate", "resident@example.org"):
        expect(frame.get_by_text(words)).to_be_visible()
    tab_to(page, frame, "Send")
    page.keyboard.press("Enter")
    people.at(frame, "receipt")
    page.keyboard.press("Escape")
    assert focused(page.main_frame)["words"] == "Report it here"
    refused = [said for said in guest.seen.complaints if "status of 422" in said]
    assert refused == guest.seen.complaints, set(guest.seen.complaints)
    guest.seen.complaints.clear()
    guest.leave()


def focused(frame: Frame) -> dict[str, str]:
    """Return the id and the words of what has the focus inside the frame."""
    found: dict[str, str] = frame.evaluate(
        "(e => ({id: e.id, words: document.hasFocus() && e.innerText || '',"
        " ring: getComputedStyle(e).outlineStyle}))"
        "(document.activeElement)"
    )
    return found


def tab_to(page: Page, frame: Frame, wanted: str) -> None:
    """Press Tab until a field of this id, or a button that begins with these words, has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        found = focused(frame)
        if wanted == found["id"] or found["words"].strip().startswith(wanted):
            assert found["ring"] != "none", f"the focus on {wanted} cannot be seen"
            return
    raise AssertionError(f"Tab never reaches {wanted}")


def the_summary_has_the_focus(page: Page, frame: Frame) -> None:
    frame.wait_for_selector("#errors")
    soon(lambda: focused(frame)["id"] == "errors", "the list of mistakes has the focus")
    page.keyboard.press("Tab")
    assert frame.evaluate("document.activeElement.closest('#errors') !== null")
