"""Can everybody decide about a draft: enlarged to 400 %, at night, by keyboard, without a script?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from casework.office import Office
from reports import approving, making
from reports.period import Period
from reports.sending import send_now
from storage import editions
from tests.builders import opened
from tests.journeys.examining import ZOOMED, Examiner
from tests.reports.plans import NAME, planning

pytestmark = pytest.mark.browser


@pytest.fixture
def address(office: Office, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where somebody decides about the report of last month."""
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-")
    now = datetime.now(UTC)
    month = Period.around(now, office.zone).before
    opened(office, month.start + timedelta(days=3))
    planned = planning(office, approve={"by": "deputy-clerk", "within": "48h"}, publish=True)
    send_now(planned, NAME, month, now=now)
    row = editions.edition(NAME, month.key)
    assert row is not None
    link = approving.link(planned, row.id, row.period, row.issue, "deputy-clerk")
    return link.removeprefix(planned.base_url)


def test_the_page_of_a_draft_is_fit_for_everybody(browser: Browser, site: str, address: str) -> None:
    width, height = ZOOMED
    context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=True)
    page = context.new_page()
    examiner = Examiner(page)
    page.goto(site + address)
    examiner.look("a draft")
    page.get_by_label("A note for the first page").fill("x" * 900)
    page.get_by_role("button", name="Approve and send").click()
    examiner.look("a draft, with a mistake")
    page.get_by_label("A note for the first page").fill("Under way.")
    page.get_by_role("button", name="Approve and send").click()
    examiner.look("a draft, approved")
    assert "It goes out within a few minutes." in page.get_by_role("status").inner_text()
    page.goto(site + "/approve/" + "a" * 20 + "/1")
    examiner.look("a link that opens no draft")
    assert examiner.faults == []
    context.close()


def test_without_a_script_the_buttons_work(browser: Browser, site: str, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + address)
    page.get_by_role("button", name="Skip this report").click()
    assert "Deputy Town Clerk skipped it on" in page.get_by_role("status").inner_text()
    context.close()
