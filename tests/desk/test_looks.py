"""Can everybody use the signed pages: on a small phone, at night, with a screen reader, without a script?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page

from casework import answering, redirecting
from casework.absence import leave
from casework.office import Office
from mail.address import token
from tests.axe import look
from tests.browser import next_page
from tests.builders import opened

pytestmark = pytest.mark.browser

TOWN_ROAD = (43.59597, -72.33374)
FOREMAN = "person:road-foreman"


@pytest.fixture
def addresses(office: Office) -> dict[str, str]:
    """One address for every kind of signed page."""
    now = datetime.now(UTC)
    receipt, case = opened(
        office, now, service="pothole", at=TOWN_ROAD, phone="603-555-0199", answers={"wires": "yes"}
    )
    answering.answer(office, case.request.id, text="We come on Thursday.", by=FOREMAN, now=now)
    _, handed = opened(office, now, service="pothole", at=TOWN_ROAD, may_share=True)
    redirecting.redirect(office, handed.request.id, agency="county-highway", text="", by=FOREMAN, now=now)
    _, homeless = opened(office, now, service="pothole", at=None, place="Behind the old mill")
    first, last = now.date() + timedelta(days=9), now.date() + timedelta(days=20)
    leave(office, case.request.assignee, first=first, last=last, passes_on=False, by=FOREMAN, now=now)
    return {
        "clerk": "/a/" + token(office.secret, "employee", homeless.request.number, "town-clerk"),
        "employee": "/a/" + token(office.secret, "employee", case.request.number, case.request.assignee),
        "away": "/a/"
        + token(office.secret, "employee", case.request.number, case.request.assignee)
        + "/away",
        "agency": "/a/" + token(office.secret, "agency", handed.request.number, "county-highway"),
        "resident": f"/r/{receipt.number}?t={receipt.token}",
        "receipt": f"/r/{receipt.number}?t={receipt.token}&new=1&embed=1",
        "stranger": "/a/abcdefghijkmnpqrstuv",
    }


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, bypass_csp=True, reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def test_every_signed_page_passes_axe_and_fits(page: Page, site: str, addresses: dict[str, str]):
    for name, address in addresses.items():
        page.goto(site + address)
        look(page, name)


def test_every_preview_passes_axe_and_fits(page: Page, site: str, addresses: dict[str, str]):
    corrections = {
        "a colleague's": {"service": "sign"},
        "a card": {"lat": "43.60395, -72.30251", "lon": ""},
        "a question": {"lat": "43.60966", "lon": "-72.33110"},
        "danger": {"service": "street-light"},
        "more to know": {"service": "water-leak"},
        "nothing": {},
    }
    for name, correction in corrections.items():
        page.goto(site + addresses["employee"])
        page.get_by_text("It is something else, or somewhere else").click()
        for field, value in correction.items():
            box = page.locator(f"#reroute-{field}")
            box.select_option(value) if field == "service" else box.fill(value)
        with next_page(page):
            page.get_by_role("button", name="See what would change").click()
        assert page.get_by_text("Nothing has changed yet.").is_visible()
        look(page, name)


def test_an_employee_puts_a_request_right_without_a_script(
    browser: Browser, site: str, addresses: dict[str, str]
):
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + addresses["employee"])
    page.get_by_text("It is something else, or somewhere else").click()
    page.get_by_label("What is it?").select_option("sign")
    page.get_by_role("button", name="See what would change").click()
    page.get_by_label("A word to your colleague").fill("It is the stop sign.")
    page.get_by_role("button", name="Do it").click()
    assert page.get_by_role("status").inner_text().startswith("Done: it is put right. Lights and Signs")
    context.close()


def test_an_employee_answers_without_a_script(browser: Browser, site: str, addresses: dict[str, str]):
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + addresses["employee"])
    page.get_by_label("Your answer").fill("The crew comes on Thursday morning.")
    page.get_by_role("button", name="Send the answer").click()
    assert page.get_by_role("status").inner_text().startswith("Done: your answer is on its way.")
    page.goto(site + addresses["resident"])
    assert page.get_by_text("The crew comes on Thursday morning.").is_visible()
    context.close()
