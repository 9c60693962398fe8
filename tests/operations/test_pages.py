"""Do overview and wrong turns tell how the town stands, and nothing about a resident?"""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from casework import redirecting
from casework.office import EXTENSION, the_office
from casework.operating import operator_link
from clock.rereading import reread_rules
from operations import words
from settings import ROOT, Settings
from storage.database import db
from storage.standing import standing
from tests.builders import opened
from tests.conftest import SECRET

COUNTY_ROAD = (43.60902, -72.33341)
TOWN_ROAD = (43.59597, -72.33374)


@pytest.fixture
def own(tmp_path: Path, empty_database: Path):
    """A town whose rules may be changed, with its client and its link."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(empty_database, data / "townline.sqlite3")
    shutil.copytree(ROOT / "layers", tmp_path / "layers")
    shutil.copytree(ROOT / "texts", tmp_path / "texts")
    shutil.copy(ROOT / "rules.yaml", tmp_path / "rules.yaml")
    app = create_app(Settings(data=data, rules=tmp_path / "rules.yaml", secret=SECRET, demo=True))
    with app.app_context():
        link = operator_link(the_office(), now=datetime.now(UTC)).removeprefix(the_office().base_url)
        yield app, tmp_path / "rules.yaml", link
        db.engine.dispose()


def test_the_overview_counts_what_is_open_late_waiting_and_failed(client, office, link: str):
    now = datetime.now(UTC)
    _, case = opened(office, now, service="pothole", at=TOWN_ROAD, may_share=True)
    redirecting.redirect(
        office, case.request.id, agency="county-highway", text="", by="person:road-foreman", now=now
    )
    page = client.get(link).text
    assert standing(now, office.calendar).open_handoffs == 1
    assert "hand-off open" in page
    assert "none of them is late" in page
    late = standing(now + timedelta(days=40), office.calendar)
    assert (late.open_handoffs, late.late_handoffs, late.late_requests) == (1, 1, 0)
    assert office.rulebook.version in page
    for layer in office.rulebook.layers:
        assert f"<b>{layer}</b>" in page
    for personal in (case.request.resident_email, case.request.resident_name, case.request.description):
        assert personal not in page


def test_what_is_held_is_counted_for_the_operator_and_the_watcher_without_a_name(client, office, link: str):
    assert "none waits for the clerk" in client.get(link).text
    three_hours_ago = datetime.now(UTC) - timedelta(hours=3, minutes=1)
    _, case = opened(office, three_hours_ago, held_for=("trap", "links"))
    opened(office, datetime.now(UTC), held_for=("trap", "links"))
    page, health = client.get(link).text, client.get("/healthz")
    assert re.search(r"<b>2</b> <span>requests held</span>", page)
    assert f"the oldest since {words.moment(office, three_hours_ago)}" in page
    counts = health.json["counts"]
    assert (counts["requests_held"], counts["requests_held_hours"]) == (2, 3)
    for personal in (case.request.resident_email, case.request.number, case.request.description):
        assert personal not in page
        assert personal not in health.text


def test_a_refused_file_is_told_with_every_mistake_and_its_line(own):
    app, rules, link = own
    good = rules.read_text()
    version = the_office().rulebook.version
    rules.write_text(
        good.replace("clerk: town-clerk ", "clerk: town-clark ").replace("kind: county", "kind: cuonty")
    )
    reread_rules(the_office(), datetime.now(UTC))
    page = app.test_client().get(link).text
    assert "2 mistakes and are not in force" in page
    assert version in page
    assert "no person &#34;town-clark&#34;" in page
    assert "line " in page
    rules.write_text(good)
    reread_rules(the_office(), datetime.now(UTC))
    assert "are not in force" not in app.test_client().get(link).text


def test_newer_rules_that_are_right_are_announced_and_then_dated(own):
    app, rules, link = own
    rules.write_text(rules.read_text() + "\n# another line\n")
    assert "about to be served" in app.test_client().get(link).text
    reread_rules(the_office(), datetime.now(UTC))
    keeper = app.extensions[EXTENSION]
    assert keeper.served_since is not None
    assert "in force since " in app.test_client().get(link).text


def test_a_map_that_is_older_than_the_rules_allow_is_marked(own):
    app, rules, link = own
    rules.write_text(
        rules.read_text().replace("    tolerance: 40 ", "    max_age_days: 30\n    tolerance: 40 ")
    )
    old = (datetime.now(UTC) - timedelta(days=90)).timestamp()
    os.utime(rules.parent / "layers" / "roads.geojson", (old, old))
    page = app.test_client().get(link).text
    assert "more than 30 days ago" in page
    assert "warning of the check" in page


def test_the_rules_page_shows_the_check_and_each_golden_point(client, office, link: str):
    page = client.get(link + "rules").text
    assert "The check finds no mistake" in page
    assert page.count("as expected") >= 1
    assert page.count("<code>county-road</code>") >= 1


def test_a_town_without_wrong_turns_hears_so(client, link: str):
    assert "every request stayed" in client.get(link + "turns").text


def test_wrong_turns_are_listed_and_become_a_rule_to_copy(client, office, link: str):
    now = datetime.now(UTC)
    numbers: list[str] = []
    for _ in range(4):
        _, case = opened(office, now, service="street-light", at=TOWN_ROAD)
        redirecting.redirect(
            office,
            case.request.id,
            agency="electric-cooperative",
            text="",
            by=f"person:{case.request.assignee}",
            now=now + timedelta(hours=1),
        )
        numbers.append(case.request.number)
    page = client.get(link + "turns").text
    assert "4 requests went to somebody else" in page
    assert all(number in page for number in numbers)
    assert "Valley Electric Cooperative" in page
    assert "resident@example.org" not in page


def test_the_app_serves_the_pages_in_a_real_town_too(own):
    app, _, link = own
    assert isinstance(app, Flask)
    assert app.test_client().get(link + "map").status_code == 200
