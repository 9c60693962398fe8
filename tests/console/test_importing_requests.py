"""A town's past from another system: taken once, counted honestly, with every dirty row told."""

from __future__ import annotations

import csv
import io
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import Result
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import func, select

from casework import access, answering, morning
from casework.ladder import climb_due
from casework.office import Office, the_office
from lifecycle.status import Ending
from reports.making import counted
from reports.period import period_named
from settings import ROOT
from storage import factbook, imported, lookups
from storage.database import reading, writing
from storage.tables import Entry, Fact, OutgoingLetter, ServiceRequest
from tests.conscience import StrictClient

MAP = """\
source: oldtown
number: Case
received: Opened
closed: Closed
service: {column: Kind, values: {Hole: pothole, Light: street-light}}
status:
  column: Status
  values:
    {Done: fixed, Gone: withdrawn, Same: duplicate, Junk: spam, State: {redirected: state-transport},
     Open: open}
place: Street
lat: Lat
lon: Lon
text: Words
"""
HEADER = "Case,Opened,Closed,Kind,Status,Street,Lat,Lon,Words"
GOOD = (
    "A-1,2024-03-01 09:00,2024-03-02 09:00,Hole,Done,Mill Road,43.609,-72.333,A deep hole",
    "A-2,2024-03-01 10:00,2024-03-01 10:00,Hole,State,Route 88,43.604,-72.302,On the state road",
    "A-3,2024-03-02 10:00,,Light,Open,Elm Street,43.61,-72.306,It flickers",
    "A-4,2024-03-03 10:00,2024-03-09 10:00,Light,Gone,Elm Street,43.61,-72.306,Never mind",
)


@pytest.fixture
def take(app: Flask, tmp_path: Path):
    """Import rows by a map; return what was said."""
    (tmp_path / "map.yaml").write_text(MAP)

    def run(*rows: str, words: tuple[str, ...] = (), header: str = HEADER, mapped: str = MAP) -> Result:
        (tmp_path / "map.yaml").write_text(mapped)
        (tmp_path / "old.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        asked = ["requests", "import", str(tmp_path / "old.csv"), "--map", str(tmp_path / "map.yaml"), *words]
        return app.test_cli_runner().invoke(args=asked)

    return run


def kept() -> dict[str, ServiceRequest]:
    with reading() as session:
        return {one.imported_number or one.nonce: one for one in session.scalars(select(ServiceRequest))}


def journal(number: str) -> list[Entry]:
    with reading() as session:
        asked = select(Entry).join(ServiceRequest, ServiceRequest.id == Entry.request_id)
        return list(session.scalars(asked.where(ServiceRequest.imported_number == number).order_by(Entry.id)))


def assert_facts_follow(office: Office) -> None:
    with reading() as session:
        now = factbook.rows(session)
    factbook.rebuild(office.sorting)
    with reading() as session:
        assert now == factbook.rows(session)


# -- what is taken --


def test_good_rows_become_requests_with_their_own_history(take, office: Office):
    result = take(*GOOD)
    assert result.exit_code == 0, result.output
    assert "4  new, 0 changed: 1 fixed, 1 open, 1 redirected, 1 withdrawn" in " ".join(
        result.output.split("   ")
    )
    assert "No problems." in result.output
    one = kept()["A-1"]
    assert (one.status, one.ending, one.service, one.assignee) == (
        "ended",
        "fixed",
        "pothole",
        "road-foreman",
    )
    assert one.created_at == datetime(2024, 3, 1, 14, tzinfo=UTC)
    assert one.ended_at == datetime(2024, 3, 2, 14, tzinfo=UTC)
    assert (one.place, one.lat, one.lon, one.description) == ("Mill Road", 43.609, -72.333, "A deep hole")
    assert (one.number, one.channel, one.resident_email) == ("24-0001", "import", "")
    assert [entry.kind for entry in journal("A-1")] == ["received", "noted", "finished"]
    assert journal("A-1")[1].text == "Imported from oldtown, where its number was A-1."
    assert_facts_follow(office)


def test_what_went_to_an_agency_is_redirected_and_never_a_closure(take, office: Office, now: datetime):
    take(*GOOD)
    assert (kept()["A-2"].ending, kept()["A-2"].agency) == ("redirected", "state-transport")
    figures = counted(office, period_named("2024-03", office.rulebook.town), now=now)
    assert (figures.this.received, figures.this.redirected) == (4, 1)
    assert figures.this.outcomes[Ending.FIXED] == figures.this.outcomes[Ending.WITHDRAWN] == 1


def test_an_agency_s_column_makes_hand_offs_of_closed_and_open_ones(take, office: Office):
    mapped = MAP.replace("place: Street", "agency: {column: Street, values: {DOT: state-transport}}")
    take(
        "1,2024-03-01,2024-03-02,Hole,Done,DOT,,,",
        "2,2024-03-01,,Hole,Open,DOT,,,",
        "3,2024-03-01,2024-03-02,Hole,Same,DOT,,,",
        mapped=mapped,
    )
    found = kept()
    assert (found["1"].ending, found["1"].agency) == ("redirected", "state-transport")
    assert (found["2"].status, found["2"].agency) == ("waiting_agency", "state-transport")
    assert (found["3"].ending, found["3"].agency) == ("duplicate", None)
    assert_facts_follow(office)


def test_promised_dates_that_were_reckoned_are_counted(take, office: Office):
    assert "Promised dates that were reckoned: 4; no column is named for due, so each" in take(*GOOD).output
    assert "were reckoned" not in take(*GOOD).output
    header, mapped = HEADER + ",Due", MAP + "due: Due\n"
    rows = [
        f"{row.replace('A-', 'D-')},{due}" for row, due in zip(GOOD, ("2024-03-09",) * 3 + ("",), strict=True)
    ]
    assert (
        "Promised dates that were reckoned: 1; each service's"
        in take(*rows, header=header, mapped=mapped).output
    )


def test_how_long_another_system_took_to_hand_over_is_not_told(take, office: Office, now: datetime):
    mapped = MAP.replace("place: Street", "agency: {column: Street, values: {DOT: state-transport}}")
    take(*(f"{one},2024-03-01,,Hole,Open,DOT,,," for one in range(12)), mapped=mapped)
    figures = counted(office, period_named("2024-03", office.rulebook.town), now=now)
    assert [(line.handed_off, line.hours) for line in figures.agencies] == [(12, None)]
    assert_facts_follow(office)


def test_nobody_is_written_to_and_nobody_is_reminded(take, office: Office):
    take(*GOOD)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(OutgoingLetter)) == 0
    assert all(one.ladder_at is None and one.agency_remind_at is None for one in kept().values())
    assert (
        morning.send_due(office, now=datetime(2026, 10, 14, 16, tzinfo=UTC)) == 1
    )  # the clerk's list of open ones


def test_contact_comes_along_only_with_consent(take):
    header = HEADER + ",Who,Mail,Agreed"
    mapped = MAP + "name: Who\nemail: Mail\nconsent: {column: Agreed, values: {Ja: true}}\n"
    take(
        "1,2024-03-01,,Hole,Open,,,,x,A Resident,a@example.org,Ja",
        "2,2024-03-01,,Hole,Open,,,,x,B Resident,b@example.org,no",
        header=header, mapped=mapped,
    )  # fmt: skip
    assert (kept()["1"].resident_name, kept()["1"].resident_email) == ("A Resident", "a@example.org")
    assert (kept()["2"].resident_name, kept()["2"].resident_email) == ("", "")


def test_numbers_go_on_after_those_of_the_town(take, office: Office, now: datetime):
    take("1,2026-03-01,,Hole,Open,,,,x", "2,2025-12-31 23:59,2026-01-01,Hole,Done,,,,x")
    assert {one.number for one in kept().values()} == {"26-0001", "25-0001"}


# -- twice --


def test_the_same_file_twice_changes_nothing(take):
    take(*GOOD)
    before = {number: one.id for number, one in kept().items()}
    result = take(*GOOD)
    assert "0  new, 0 changed" in result.output
    assert "4  there already" in result.output
    assert {number: one.id for number, one in kept().items()} == before
    assert len(journal("A-1")) == 3


def test_a_second_run_takes_what_is_new_and_what_has_changed(take, office: Office):
    take(*GOOD)
    ended = GOOD[2].replace("10:00,,Light,Open", "10:00,2024-03-05 12:00,Light,Done")
    later = GOOD[0].replace("2024-03-02 09:00", "2024-03-04 09:00")
    result = take(later, GOOD[1], ended, "A-5,2024-03-06 10:00,,Hole,Open,,43.6,-72.3,New")
    assert "1  new, 2 changed" in result.output
    assert kept()["A-3"].ending == "fixed"
    assert kept()["A-1"].ended_at == datetime(2024, 3, 4, 14, tzinfo=UTC)
    assert [entry.kind for entry in journal("A-1")][3:] == ["noted", "undone", "finished"]
    assert journal("A-1")[3].facts["changed"] == ["ended_at", "answered_at"]
    assert_facts_follow(office)


def test_what_was_worked_on_here_stays_as_it_is(take, office: Office, now: datetime):
    take(*GOOD)
    request = kept()["A-3"]
    answering.finish(office, request.id, ending=Ending.FIXED, text="Done.", by="person:road-foreman", now=now)
    result = take(*GOOD[:2], GOOD[2].replace("It flickers", "It burns"), GOOD[3])
    assert "1  changed-there-and-worked-on-here: left out" in result.output
    assert (kept()["A-3"].ending, kept()["A-3"].description) == ("fixed", "It flickers")


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_numbers_that_another_source_has_brought_already_are_warned_of(take, words: tuple[str, ...]):
    assert "Warning" not in take(*GOOD).output
    assert "Warning" not in take(*GOOD).output
    renamed = MAP.replace("oldtown", "old-town")
    said = take(*GOOD[:3], "B-9,2024-03-03 10:00,,Light,Open,,,,x", words=words, mapped=renamed).output
    assert "3 of the first 4 numbers are here already from oldtown" in said
    others = [f"B-{one},2024-03-03 10:00,,Light,Open,,,,x" for one in range(7)]
    assert "Warning" not in take(*GOOD[:1], *others, words=("--dry-run",), mapped=renamed).output


def test_a_run_that_breaks_off_is_gone_on_with(take, office: Office, monkeypatch: pytest.MonkeyPatch):
    rows = [f"N-{one},2024-03-01 09:00,2024-03-02 09:00,Hole,Done,,43.6,-72.3,x" for one in range(1200)]
    real, calls = imported.add_facts, []

    def breaks(session, facts):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(session, facts)

    monkeypatch.setattr(imported, "add_facts", breaks)
    result = take(*rows)
    assert result.exit_code == 1
    assert "Stopped before the end" in result.output
    assert len(kept()) == 500  # whole batches, or nothing of them
    monkeypatch.setattr(imported, "add_facts", real)
    assert "700  new, 0 changed" in take(*rows).output
    assert len(kept()) == 1200
    assert_facts_follow(office)


@pytest.mark.slow
def test_a_run_that_is_killed_is_gone_on_with(take, app: Flask, office: Office, tmp_path: Path):
    rows = [f"K-{one},2024-03-01 09:00,2024-03-02 09:00,Hole,Done,,43.6,-72.3,x" for one in range(8000)]
    (tmp_path / "old.csv").write_text("\n".join((HEADER, *rows)) + "\n")
    mine = app.config["TOWNLINE_SETTINGS"]
    told = {"DATA": mine.data, "RULES": mine.rules, "SECRET": mine.secret, "DEMO": "true"}
    words = ["requests", "import", str(tmp_path / "old.csv"), "--map", str(tmp_path / "map.yaml")]
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", *words], cwd=ROOT, stdout=subprocess.DEVNULL,
        env=os.environ | {f"TOWNLINE_{name}": str(value) for name, value in told.items()},
    )  # fmt: skip
    while process.poll() is None and len(kept()) < 500:
        time.sleep(0.02)
    process.kill()
    process.wait()
    before = len(kept())
    assert before % 500 == 0
    assert 500 <= before < 8000
    assert f"{8000 - before:,}  new, 0 changed" in take(*rows).output
    assert len(kept()) == 8000
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Fact)) == 8000
        assert session.scalar(select(func.count()).select_from(Entry)) == 3 * 8000


def test_the_employee_s_page_of_an_imported_request_tells_where_it_is_from(
    take, office: Office, client: StrictClient, now: datetime
):
    take(*GOOD)
    request = kept()["A-3"]
    with writing() as session:
        found = session.get_one(ServiceRequest, request.id)
        link = access.grant(session, office, found, "employee", request.assignee, now=now)
    page = client.get(f"/a/{link}").get_data(as_text=True)
    assert "Imported from oldtown, where its number was A-3." in page
    assert "It flickers" in page


def test_a_dry_run_says_the_same_and_writes_nothing(take):
    result = take(*GOOD, words=("--dry-run",))
    assert "4  would be new" in result.output
    assert kept() == {}


def test_what_was_closed_today_has_ended_by_now(take):
    today = datetime.now(UTC).astimezone(ZoneInfo("America/New_York")).date().isoformat()
    row = f"1,2024-03-01 09:00,{today},Hole,Done,,43.6,-72.3,x"
    mapped = MAP.replace("Opened", "{column: Opened, format: iso}")
    result = take(row, mapped=mapped)
    assert "1  new" in result.output
    ended = kept()["1"].ended_at
    assert ended is not None and ended <= datetime.now(UTC)  # noqa: PT018
    assert "1  there already" in take(row, mapped=mapped).output


# -- what is wrong --

DIRTY = (
    "1,2024-03-01 09:00,2024-02-28 09:00,Hole,Done,,43.6,-72.3,closed before it came",
    "1,2024-03-01 09:00,2024-02-28 09:00,Hole,Done,,43.6,-72.3,the number again",
    "2,2024-03-01 09:00,,Hole,Done,,43.6,-72.3,no end",
    "3,,2024-03-01 09:00,Hole,Done,,43.6,-72.3,no beginning",
    "4,yesterday,,Hole,Open,,43.6,-72.3,no date",
    "5,2099-03-01 09:00,,Hole,Open,,43.6,-72.3,to come",
    "6,2024-03-01 09:00,,Rats,Open,,43.6,-72.3,unknown service",
    "7,2024-03-01 09:00,,Hole,Perhaps,,43.6,-72.3,unknown status",
    "8,2024-03-01 09:00,2024-03-02 09:00,Hole,Open,,-72.3,43.6,swapped",
    "9,2024-03-01 09:00,,Hole,Open,,34.1,-118.2,far away",
    "10,2024-03-01 09:00,,Hole,Open,,,,nowhere",
    "11,2024-03-10 02:30,2024-11-03 01:30,Hole,Done,,43.6,-72.3,clocks",
    ",2024-03-01 09:00,,Hole,Open,,43.6,-72.3,no number",
    ",2024-03-01 09:00,,Hole,Open,,43.6,-72.3,no number",
    "12,2024-03-01 09:00,,Hole,Open,,43.6,-72.3,too,many,columns",
    '13,2024-03-01 09:00,,Hole,Open,,43.6,-72.3,"two\nlines"',
    "14,2024-03-01 09:00,2099-01-01 09:00,Hole,Done,,43.6,-72.3,=SUM(A1)",
)
EXPECTED = {
    "closed-before-received": [2], "same-number-twice": [3], "ended-without-a-date": [4],
    "no-date-received": [5], "unreadable-date-received": [6], "received-in-the-future": [7],
    "unknown-service": [8], "unknown-status": [9], "latitude-and-longitude-swapped": [10],
    "open-with-a-closing-date": [10], "far-from-the-town": [11], "no-coordinates": [12],
    "hour-skipped-by-the-clock": [13], "hour-struck-twice": [13], "no-number": [14],
    "same-row-twice": [15], "wrong-number-of-columns": [16], "closed-in-the-future": [19],
}  # fmt: skip


def test_dirty_rows_are_counted_by_kind_with_their_lines(take, office: Office, tmp_path: Path):
    result = take(*DIRTY, words=("--report", str(tmp_path / "wrong.csv")))
    assert result.exit_code == 0, result.output
    with open(tmp_path / "wrong.csv", newline="") as file:
        told = list(csv.DictReader(file))
    lines: dict[str, list[int]] = {}
    for row in told:
        lines.setdefault(row["problem"], []).append(int(row["line"]))
    assert lines == EXPECTED
    for kind, where in EXPECTED.items():
        assert f"{len(where)}  {kind}: " in result.output
    assert '1 x "Rats"' in result.output
    assert "10  left out" in result.output
    found = kept()
    assert set(found) - {"1", "8", "9", "10", "11", "13"} == {next(key for key in found if key[0] == "i")}
    assert (found["8"].lat, found["8"].lon, found["8"].ended_at) == (43.6, -72.3, None)
    assert found["9"].lat is None
    assert found["11"].created_at == datetime(2024, 3, 10, 7, 30, tzinfo=UTC)
    with reading() as session:
        flagged = session.scalars(select(Fact.request_id).where(Fact.clock_error == 1)).all()
    assert flagged == [found["1"].id]
    assert_facts_follow(office)


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
@pytest.mark.parametrize("name", ["old.csv", "map.yaml", "linked.csv"])
def test_a_report_over_what_is_read_is_refused(take, tmp_path: Path, name: str, words: tuple[str, ...]):
    (tmp_path / "linked.csv").symlink_to(tmp_path / "old.csv")
    result = take(*GOOD, words=("--report", str(tmp_path / name), *words))
    assert result.exit_code == 1
    assert f"{tmp_path / name} is read by this import; name another file for --report" in result.output
    assert (tmp_path / "old.csv").read_text() == "\n".join((HEADER, *GOOD)) + "\n"
    assert (tmp_path / "map.yaml").read_text() == MAP
    assert kept() == {}


def test_an_older_report_stays_until_the_new_one_is_whole(
    take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    report = tmp_path / "wrong.csv"
    report.write_text("the last one")

    def breaks(session, facts):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(imported, "add_facts", breaks)
        take(*GOOD, words=("--report", str(report)))
    assert report.read_text() == "the last one"
    take(*GOOD, words=("--report", str(report)))
    assert report.read_text().startswith("line,problem,")
    assert sorted(one.name for one in tmp_path.glob("*wrong*")) == ["wrong.csv"]


def test_nothing_usable_ends_with_a_failure(take):
    result = take("1,2024-03-01 09:00,,Rats,Open,,43.6,-72.3,x")
    assert result.exit_code == 1
    assert "no row could be taken" in result.output


def test_another_grid_is_refused_before_anything_is_taken(take):
    rows = [f"{one},2024-03-01 09:00,,Hole,Open,,1013245.2,231331.{one},x" for one in range(9)]
    result = take(*rows)
    assert result.exit_code == 1
    assert 'old.csv:2: "1013245.2, 231331.0" in Lat and Lon are no degrees' in result.output


def test_an_ambiguous_date_is_refused_before_anything_is_taken(take):
    result = take("1,03/04/2024,,Hole,Open,,43.6,-72.3,x")
    assert result.exit_code == 1
    assert "may be month/day or day/month" in result.output
    assert kept() == {}


def test_windows_files_are_read_and_said_to_be(app: Flask, tmp_path: Path):
    (tmp_path / "map.yaml").write_text(MAP)
    (tmp_path / "old.csv").write_bytes(
        "\r\n".join((HEADER, "1,2024-03-01,,Hole,Open,Café,43.6,-72.3,x")).replace(",", ";").encode("cp1252")
    )
    asked = ["requests", "import", str(tmp_path / "old.csv"), "--map", str(tmp_path / "map.yaml")]
    result = app.test_cli_runner().invoke(args=asked)
    assert "Line 2 is not UTF-8" in result.output
    assert kept()["1"].place == "Café"


# -- asking --


def test_without_a_map_it_is_said_how_to_get_one(app: Flask, tmp_path: Path):
    (tmp_path / "old.csv").write_text(HEADER + "\n")
    result = app.test_cli_runner().invoke(args=["requests", "import", str(tmp_path / "old.csv")])
    assert result.exit_code == 2
    assert "--suggest prints a map" in result.output


def test_pairs_on_the_command_line_do_for_a_simple_list(app: Flask, tmp_path: Path):
    (tmp_path / "My List.csv").write_text("When,What,Done\n2024-03-14,pothole,2024-03-15\n")
    words = ["--map", "When=received", "--map", "What=service", "--map", "Done=closed"]
    result = app.test_cli_runner().invoke(args=["requests", "import", str(tmp_path / "My List.csv"), *words])
    assert result.exit_code == 2
    assert "say with --source which system the file comes from" in result.output
    words += ["--source", "clerks-list"]
    result = app.test_cli_runner().invoke(args=["requests", "import", str(tmp_path / "My List.csv"), *words])
    assert result.exit_code == 0, result.output
    (one,) = kept().values()
    assert (one.imported_from, one.ending) == ("clerks-list", "fixed")
    assert one.ended_at is not None
    assert one.ended_at - one.created_at == timedelta(hours=47, minutes=59)


def test_a_map_is_suggested_from_the_header(app: Flask, tmp_path: Path):
    (tmp_path / "old.csv").write_text("id,created,closed,type,status\n1,2024-03-14,,Potholes,Open\n")
    result = app.test_cli_runner().invoke(args=["requests", "import", str(tmp_path / "old.csv"), "--suggest"])
    assert result.exit_code == 0
    assert "received: created" in result.output
    assert "Potholes: pothole" in result.output
    assert "?    #" not in result.output
    (tmp_path / "old.csv").write_text("State,Street\nOpen,Elm Street\n")
    result = app.test_cli_runner().invoke(args=["requests", "import", str(tmp_path / "old.csv"), "--suggest"])
    asked = [line for line in result.output.splitlines() if line.endswith("A map must say so.")]
    assert [line.partition(":")[0] for line in asked] == ["number", "received", "service"]


# -- anything at all --

TEMPTING = (
    "", "1", "2", "2024-03-01 09:00", "2024-03-10 02:30", "1890-01-01", "2999-01-01", "0001-01-01", "Hole",
    "Done", "State", "Open", "Junk", "Same", "43.6", "-72.3", "1e400", "nan", "x" * 5000, '"', "a\nb", "\x00",
)  # fmt: skip
CELLS = st.sampled_from(TEMPTING) | st.text(max_size=8)
WILD_MAP = MAP.replace("Opened", "{column: Opened, format: iso}").replace(
    "Closed\n", "{column: Closed, format: iso}\n", 1
)


@trying(
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=11), max_size=12), seed=st.integers(0, 9))
def test_every_row_of_a_wild_file_is_taken_or_told(
    app: Flask, tmp_path: Path, rows: list[list[str]], seed: int
):
    chance = random.Random(seed)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER.split(","))
    good = ["Z", "2024-03-01 09:00", "2024-03-14 10:00", "Hole", "Done", "Mill Road", "43.6", "-72.3", "x"]
    writer.writerows([f"Z{one}", *good[1:]] for one in range(2 * len(rows) + 1))
    writer.writerows(rows)
    for row in rows:  # nearly right ones reach further
        wild = list(good)
        wild[0] = row[0]
        wild[chance.randrange(9)] = row[-1]
        writer.writerow(wild)
    (tmp_path / "map.yaml").write_text(WILD_MAP)
    (tmp_path / "old.csv").write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    asked = ["requests", "import", str(tmp_path / "old.csv"), "--map", str(tmp_path / "map.yaml")]
    before = len(kept())
    result = app.test_cli_runner().invoke(args=asked)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert "Traceback" not in result.output
    read = int(result.output.split(" rows read")[0].rsplit(" ", 1)[-1])
    new, changed, same, out = (
        int(result.output.split(word)[0].rsplit(None, 1)[-1].replace(",", ""))
        for word in ("  new, ", " changed", "  there already", "  left out")
    )
    assert read == new + changed + same + out
    assert len(kept()) == before + new
    assert_facts_follow(the_office())
    again = app.test_cli_runner().invoke(args=asked)
    assert "0  new, 0 changed" in again.output


# -- taken out again, and worked on --


def undo(app: Flask, *words: str, answer: str = "") -> Result:
    return app.test_cli_runner().invoke(args=["requests", "import", "--undo", *words], input=answer)


def test_an_import_is_undone_but_not_what_has_been_worked_on_here(take, app: Flask, office: Office):
    take(*GOOD)
    now = datetime.now(UTC)
    answering.note(office, kept()["A-3"].id, text="Ours.", by="person:town-clerk", now=now)
    tried = undo(app, "oldtown", "--dry-run")
    assert tried.output == (
        f"oldtown: 3 requests would go.\n1 stay, for they have been worked on here: {kept()['A-3'].number}\n"
    )
    assert undo(app, "oldtown", answer="n\n").exit_code == 1
    assert len(kept()) == 4
    done = undo(app, "oldtown", answer="y\n")
    assert done.exit_code == 0, done.output
    assert "3 are gone." in done.output
    assert set(kept()) == {"A-3"}
    assert_facts_follow(office)
    with reading() as session:
        assert set(session.scalars(select(Entry.request_id))) == {kept()["A-3"].id}
    again = take(*GOOD)
    assert "3  new, 0 changed" in again.output


def test_what_others_point_at_or_heard_of_stays_and_a_morning_s_link_does_not_hold(
    take, app: Flask, office: Office
):
    take(*GOOD, "A-5,2024-03-04 10:00,,Light,Open,Elm Street,43.61,-72.306,Again")
    now, there = datetime.now(UTC), kept()
    answering.finish(
        office, there["A-5"].id, ending=Ending.DUPLICATE, text="", duplicate_of=there["A-1"].number,
        by="person:town-clerk", now=now,
    )  # fmt: skip
    with writing() as session:
        one = session.get_one(ServiceRequest, there["A-3"].id)
        access.grant(session, office, one, "employee", "town-clerk", now=now)
    assert undo(app, "oldtown", "--yes").exit_code == 0
    assert set(kept()) == {"A-1", "A-5"}


def test_a_number_that_a_letter_named_is_given_to_nobody_else(take, app: Flask, office: Office):
    take(*GOOD)
    there, prefix = kept(), kept()["A-1"].number[:3]
    last = max(there.values(), key=lambda one: one.number)
    with writing() as session:
        one = session.get_one(ServiceRequest, last.id)
        access.grant(session, office, one, "employee", "town-clerk", now=datetime.now(UTC))
    assert undo(app, "oldtown", "--yes").exit_code == 0
    assert not kept()
    assert f"{prefix}{lookups.highest_number(prefix):04d}" == last.number


def test_an_undo_names_the_sources_there_are_and_takes_no_file(take, app: Flask, tmp_path: Path):
    take(*GOOD)
    assert "nothing has come from elsewhere; there is: oldtown (4)" in undo(app, "elsewhere").output
    both = undo(app, "oldtown", str(tmp_path / "old.csv"))
    assert (both.exit_code, "stands alone" in both.output) == (2, True)
    bare = app.test_cli_runner().invoke(args=["requests", "import"])
    assert "name the CSV file" in bare.output


def test_open_ones_wait_until_somebody_says_that_work_begins(take, office: Office):
    take(*GOOD)
    now = datetime.now(UTC)
    assert climb_due(office, now=now + timedelta(days=400)) == 0
    tried = take(*GOOD, words=("--start-work", "--dry-run"))
    assert "Of 1 open ones people would be reminded from now on" in tried.output
    assert kept()["A-3"].ladder_at is None
    assert "Of 1 open ones people are reminded from now on" in take(*GOOD, words=("--start-work",)).output
    assert "Of 0 open ones" in take(*GOOD, words=("--start-work",)).output
    now = datetime.now(UTC)
    assert climb_due(office, now=now) == 1
    assert climb_due(office, now=now) == 0
    assert climb_due(office, now=now + timedelta(days=10)) == 1
    assert [entry.kind for entry in journal("A-3")][-1] == "reminded"
