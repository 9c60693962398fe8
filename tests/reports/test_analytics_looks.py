"""Can every manager use the pages: on a phone, at night, by keyboard?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from casework import answering, timing
from casework.office import Office
from casework.operating import operator_link
from inbox.time_written import Spent
from lifecycle.status import Ending
from reports.analytics import PARTS
from reports.period import Period
from tests.axe import look
from tests.builders import opened
from tests.operations.conftest import site  # noqa: F401 - the town on a real port

pytestmark = pytest.mark.browser
FOREMAN = "person:road-foreman"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, bypass_csp=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    assert context.cookies() == []
    context.close()


@pytest.fixture
def town(office: Office) -> Office:
    month = Period.around(datetime.now(UTC), office.zone).before
    for turn in range(12):
        at = month.start + timedelta(days=turn, hours=14)
        _receipt, case = opened(office, at, service="pothole", at=(43.59597, -72.33374))
        timing.note_time(office, case.request.id, spent=Spent(60, 60, 999), text="", by=FOREMAN, now=at)
        answering.finish(office, case.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=at)
    return office


def test_every_page_passes_axe_and_fits(page: Page, app: Flask, site: str, town: Office):  # noqa: F811
    link = operator_link(town, now=datetime.now(UTC)).removeprefix(town.base_url)
    for name in PARTS:
        page.goto(f"{site}{link}analytics/{name}")
        look(page, name)
