"""Does a report get from a resident to the county's system and back, with the power cut in between?"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from settings import ROOT, Settings
from tests.conftest import SECRET
from tests.journeys.town import RunningTown
from tests.open311.server import GeoServer
from widgets.tokens import FIELD, Seal

KEY = "not-a-real-key-4711"


def form(**changes: str) -> dict[str, str]:
    """The last page of the form, filled in on the county's road."""
    return {
        "step": "check",
        "told": "handoff:county-road:county-highway",
        "service": "pothole",
        "description": "The edge has washed out.",
        "place": "12 Mill Road",
        "lat": "43.60902",
        "lon": "-72.33341",
        "name": "Ada Private",
        "email": "neighbor@example.org",
        FIELD: Seal(SECRET.encode()).issue("report/", now=datetime.now(UTC), nonce=""),
        **changes,
    }


def rows(settings: Settings, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(settings.data / "townline.sqlite3", timeout=10)) as connection:
        return connection.execute(question).fetchall()


def write(settings: Settings, statement: str) -> None:
    with closing(sqlite3.connect(settings.data / "townline.sqlite3", timeout=10)) as connection, connection:
        connection.execute(statement)


def until(happened: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def town(settings: Settings, county: GeoServer, tmp_path: Path) -> Iterator[RunningTown]:
    """The demonstration town, whose county takes reports into its own system instead of by mail."""
    rules = tmp_path / "rules.yaml"
    text = (ROOT / "rules.yaml").read_text(encoding="utf-8")
    before, mark, after = text.partition("    handoff: mail\n")
    assert "county-highway:" in before[before.rindex("agencies:") :]
    theirs = (
        "    handoff: open311\n"
        f"    open311: {{endpoint: {county.endpoint}, services: {{pothole: POT}}, default_service: OTHER}}\n"
    )
    assert mark
    rules.write_text(before + theirs + after, encoding="utf-8")
    shutil.copytree(ROOT / "layers", tmp_path / "layers")
    shutil.copytree(ROOT / "texts", tmp_path / "texts")
    town = RunningTown(
        settings.data,
        {"TOWNLINE_RULES": str(rules), "TOWNLINE_OPEN311_KEY_COUNTY_HIGHWAY": KEY},
    )
    yield town
    if town.process is not None and town.process.poll() is None:
        town.kill()


@pytest.mark.slow
def test_a_report_goes_to_the_county_is_closed_there_and_ends_here(
    settings: Settings, town: RunningTown, county: GeoServer
):
    town.start()
    assert town.post("/report", form(may_share="yes")).status == 303
    assert town.post("/report", form(description="Another one.")).status == 303
    until(lambda: len(county.posts) == 2)
    consented, unnamed = sorted(county.posts, key=lambda seen: "email" not in seen.fields)
    assert consented.fields["last_name"] == "Private"
    assert not {"email", "first_name", "last_name", "phone"} & unnamed.fields.keys()
    assert {seen.fields["api_key"] for seen in county.posts} == {KEY}
    until(lambda: rows(settings, "SELECT count(*) FROM handovers WHERE state = 'sent'") == [(2,)])

    county.standings = {
        number: {"status": "closed", "status_notes": "Shoulder rebuilt."} for number in ("1001", "1002")
    }
    town.kill()
    write(settings, "UPDATE handovers SET ask_at = '2026-01-01 00:00:00.000000'")  # an hour passes
    town.start()
    ended = "SELECT count(*) FROM requests WHERE status = 'ended' AND ending = 'redirected'"
    until(lambda: rows(settings, ended) == [(2,)])
    told = "SELECT count(*) FROM letters WHERE kind = 'resident_finished'"
    until(lambda: rows(settings, told) == [(2,)])
    assert town.stop() == 0
    assert KEY not in town.log()
    assert KEY.encode() not in (settings.data / "townline.sqlite3").read_bytes()


@pytest.mark.slow
def test_the_power_cut_between_the_post_and_its_note_sends_it_once_more_and_loses_nothing(
    settings: Settings, town: RunningTown, county: GeoServer
):
    county.behave = "slow"
    town.start()
    assert town.post("/report", form()).status == 303
    for kill in (1, 2):
        until(lambda kill=kill: len(county.posts) == kill)  # type: ignore[misc]
        town.kill()
        assert rows(settings, "SELECT state, repeats FROM handovers") == [("sending", kill - 1)]
        write(settings, "UPDATE handovers SET lease_until = '2026-01-01 00:00:00.000000'")
        town.start()
    until(lambda: rows(settings, "SELECT state FROM handovers") == [("sent",)])
    assert len(county.posts) == 3
    assert len({seen.fields["description"] for seen in county.posts}) == 1
    assert rows(settings, "SELECT agency_reference FROM requests") == [("1003",)]
    assert town.stop() == 0


@pytest.mark.slow
def test_a_system_that_hangs_holds_up_neither_mail_nor_the_end(
    settings: Settings, town: RunningTown, county: GeoServer
):
    county.behave = "hang"
    town.start()
    assert town.post("/report", form()).status == 303
    until(lambda: len(county.posts) == 1)
    until(lambda: rows(settings, "SELECT state FROM letters") == [("sent",)])
    began = time.monotonic()
    assert town.stop() == 0
    assert time.monotonic() - began < 10
    assert rows(settings, "SELECT state FROM handovers") == [("sending",)]
