"""Can everybody use the pages of reports, the public ones and the operator's, on any screen?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from casework.office import Office
from casework.operating import operator_link
from reports import making
from reports.edition import make_due
from reports.period import Period
from reports.publishing import issue_of, publish
from reports.sending import reissue
from storage import editions
from storage.database import writing
from tests.builders import opened
from tests.journeys.examining import ZOOMED, Examiner, unlike_the_standard
from tests.reports.plans import NAME, planning

pytestmark = pytest.mark.browser

DUE = datetime(2026, 11, 4, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HOME = f"/reports/{NAME}/2026-10/"


@pytest.fixture
def pages(office: Office, now: datetime, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The addresses of every page in a town with two issues, one taken back, one failed, one draft."""
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-1.7 " + html.encode())
    opened(office, now)
    town = planning(office, publish=True)
    period = Period.named("2026-10", office.zone)
    make_due(town, now=DUE)
    opened(office, now)
    reissue(town, NAME, period, note="One request was entered late.", now=DUE + HOUR)
    reissue(town, NAME, period, note="A wrong map.", now=DUE + 2 * HOUR)
    back = issue_of(town, NAME, "2026-10")
    publish(town, back, is_public=False, reason="It named a house.", by="test", now=DUE + 3 * HOUR)
    for number in (1, 2):
        harmless = issue_of(town, NAME, "2026-10", issue=number)
        publish(town, harmless, is_public=True, reason="", by="test", now=DUE + 4 * HOUR)
    with writing() as session:
        editions.add(session, report=NAME, period="2026-09", due_at=DUE)
        editions.add(session, report=NAME, period="2026-08", due_at=DUE, missed="missed in an outage")
    planning(town, approve={"by": office.rulebook.clerk, "within": "48h", "then": "send"})
    link = operator_link(office, now=datetime.now(UTC)).removeprefix(office.base_url)
    return {
        "published reports": "/reports/",
        "a published report": HOME,
        "an earlier issue of it": f"{HOME}issue-1/",
        "a report taken back": f"{HOME}issue-3/",
        "the operator's reports": f"{link}reports",
    }


def at(browser: Browser, *, width: int, height: int, scheme: str) -> BrowserContext:
    return browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
        reduced_motion="reduce",
    )


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def test_every_page_fits_by_day_and_by_night(browser: Browser, site: str, pages: dict[str, str]) -> None:
    for width, scheme in ((360, "light"), (1280, "dark")):
        context = at(browser, width=width, height=800, scheme=scheme)
        page = context.new_page()
        for name, address in pages.items():
            page.goto(site + address)
            unfold(page)
            assert Axe().run(page, options={"runOnly": RULES}).response["violations"] == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert context.cookies() == []
        context.close()


def test_no_page_has_a_fault_that_a_machine_can_find(
    browser: Browser, site: str, pages: dict[str, str], tmp_path: Path
) -> None:
    context = at(browser, width=ZOOMED[0], height=ZOOMED[1], scheme="light")
    page = context.new_page()
    examiner = Examiner(page)
    for name, address in pages.items():
        page.goto(site + address)
        unfold(page)
        examiner.look(name)
    unlike = unlike_the_standard(examiner.sources, tmp_path / "pages")
    context.close()
    assert examiner.faults == [], "\n".join(examiner.faults)
    assert not unlike, "\n".join(unlike)
    if unlike is None:
        pytest.skip("All is well, but html-validate is not here: script/setup --tests installs it.")


def test_a_stored_page_looks_as_it_was_made_and_complains_of_nothing(
    browser: Browser, site: str, pages: dict[str, str]
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{site}{HOME}issue-1/{NAME}-2026-10.html")
    assert complaints == []
    assert page.evaluate("document.styleSheets.length") >= 1
    assert page.evaluate("document.styleSheets[0].cssRules.length") > 10
    context.close()
