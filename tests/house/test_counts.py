"""Does what was only passed on ever appear among what was fixed? Every place that counts, one by one."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import html5lib
import pytest

from casework import answering, receiving, redirecting
from casework.office import Office
from casework.opening import count_told
from lifecycle.status import Ending
from mail.address import token
from reports.edition import planned
from reports.making import Made, made
from reports.period import Period
from routing.decision import Facts, decide
from storage.database import reading
from storage.lookups import Case
from tests.builders import opened
from tests.conscience import StrictClient
from tests.figures.by_row.rows import tally_facts

HOUR = timedelta(hours=1)
TOWN_ROAD, STATE_ROAD = (43.59597, -72.33374), (43.60395, -72.30251)
FOREMAN, COUNTY = "person:road-foreman", "agency:county-highway"


@pytest.fixture
def cases(office: Office, now: datetime) -> dict[str, Case]:
    """One request that was fixed, and three that went elsewhere; each resident says "it is fixed"."""
    names = ("fixed", "redirected", "handed off", "done by the agency")
    cases = {name: opened(office, now, service="pothole", at=TOWN_ROAD)[1] for name in names}
    keys = {name: case.request.id for name, case in cases.items()}
    answering.finish(office, keys["fixed"], ending=Ending.FIXED, text="Filled.", by=FOREMAN, now=now + HOUR)
    redirecting.redirect(
        office, keys["redirected"], agency="state-transport", text="Theirs.", by=FOREMAN, now=now + HOUR
    )
    for name in ("handed off", "done by the agency"):
        redirecting.redirect(
            office, keys[name], agency="county-highway", text="Theirs.", by=FOREMAN, now=now + HOUR
        )
    redirecting.agency_finish(
        office, keys["done by the agency"], text="Filled.", by=COUNTY, now=now + 2 * HOUR
    )
    for name in ("fixed", "redirected", "done by the agency"):
        receiving.rate(office, keys[name], was_fixed=True, rating=5, text="", now=now + 3 * HOUR)
    facts = Facts(service="pothole", at=STATE_ROAD, now=now)
    count_told(office, decide(office.rulebook, office.layers, facts), "pothole", now=now)
    return cases


@pytest.fixture
def report(office: Office, cases: dict[str, Case], now: datetime) -> Made:
    # For the manager, who sees every number: for the council a lone one would be "fewer than five".
    plan = planned(office, "council-monthly").model_copy(update={"audience": "manager"})
    return made(
        office, plan, Period.around(now, office.zone), now=now + timedelta(days=30), is_pdf_wanted=False
    )


def rows_of(report: Made) -> dict[tuple[str, str, str], str]:
    lines = csv.DictReader(io.StringIO(report.csv.decode(), newline=""))
    return {(row["section"], row["name"], row["figure"]): row["value"] for row in lines}


def is_apart(snapshot: Mapping[str, Any]) -> bool:
    """Whether one was fixed, two ended elsewhere, three were passed on, and one of them is open there."""
    return snapshot["outcomes"] == {
        "fixed": 1,
        "no_action": 0,
        "not_found": 0,
        "duplicate": 0,
        "withdrawn": 0,
    } and (snapshot["redirected"], snapshot["passed_on"], snapshot["with_agency"]) == (2, 3, 1)


def test_the_report_s_figures_tell_them_apart(report: Made):
    figures = report.facts["figures"]
    pothole = next(row for row in figures["services"] if row["name"] == "pothole")
    assert is_apart(figures["this"])
    assert report.figures.this.finished == 1
    assert is_apart(pothole["snapshot"])


def test_only_what_the_town_worked_on_is_asked_whether_it_was_fixed(report: Made):
    said = report.facts["figures"]["satisfaction"]
    assert (said["asked"], said["rated"], said["said_fixed"]) == (1, 1, 1)


def test_each_agency_has_its_own_line(report: Made):
    lines = {row["agency"]: row for row in report.facts["figures"]["agencies"]}
    county, state = lines["county-highway"], lines["state-transport"]
    assert (county["handed_off"], county["ended"], county["cards"]) == (2, 1, 0)
    assert (state["handed_off"], state["ended"], state["cards"]) == (0, 1, 1)


def test_the_csv_tells_them_apart(report: Made):
    rows = rows_of(report)
    for section, name in (("this", ""), ("service", "pothole")):
        told = [rows[section, name, figure] for figure in ("outcomes.fixed", "redirected", "passed_on")]
        assert told == ["1", "2", "3"]
    assert rows["satisfaction", "", "said_fixed"] == "1"


def test_the_web_report_its_tiles_and_sentences_tell_them_apart(report: Made):
    tiles = {label: (value, note) for label, value, note in report.tiles}
    assert tiles["Finished"] == ("1", "1 of them fixed")
    page = html5lib.parse(report.html, namespaceHTMLElements=False)
    table = {
        "".join(row.find("th").itertext()).strip(): "".join(row.find("td").itertext()).strip()
        for row in page.iter("tr")
        if row.find("th") is not None and len(row.findall("td")) == 1
    }
    assert (table["Fixed"], table["Closed as another agency’s"]) == ("1", "2")
    assert not [sentence for sentence in report.sentences if "fixed" in sentence and "2" in sentence]


def test_a_card_that_was_shown_is_counted_as_that_and_opens_no_request(
    cases: dict[str, Case], office: Office, now: datetime
):
    with reading() as session:
        told = tally_facts(session, first=now.date(), last=now.date())
    assert [(one.outcome, one.target, one.count) for one in told] == [("card", "state-transport", 1)]


@pytest.mark.parametrize(
    ("name", "says_done"),
    [("fixed", True), ("redirected", False), ("handed off", False), ("done by the agency", False)],
)
def test_the_resident_s_page_calls_nothing_fixed_that_was_passed_on(
    client: StrictClient, office: Office, cases: dict[str, Case], name: str, says_done: bool
):
    number = cases[name].request.number
    page = client.get(f"/r/{number}?t={token(office.secret, 'resident', number, 'resident')}")
    assert ("The town says that it is fixed." in page.get_data(as_text=True)) is says_done
    assert ("Ended: fixed" in page.get_data(as_text=True)) is says_done
