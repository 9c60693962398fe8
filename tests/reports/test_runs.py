"""Does the operator see how each report fares, and do the buttons do what the commands do?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from casework.office import Office
from casework.operating import operator_link
from console.health import reasons_at
from reports import making, runs
from reports.edition import make_due, timetable
from reports.period import Period
from reports.runs import watched
from reports.sending import reissue, send_now
from storage import editions
from storage.database import reading, writing
from storage.runs import Counts
from storage.tables import Edition, OutgoingLetter
from tests.builders import opened
from tests.conscience import StrictClient
from tests.reports.plans import NAME, planning

DUE = datetime(2026, 11, 4, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLERK, COUNCIL = "clerk@alderfalls.example", "council@alderfalls.example"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-1.7 " + html.encode())


@pytest.fixture
def plain(bare_app: Flask) -> FlaskClient:
    return FlaskClient(bare_app, use_cookies=False)


@pytest.fixture
def town(office: Office, now: datetime) -> Office:
    opened(office, now)
    return planning(office, publish=True)


@pytest.fixture
def link(office: Office) -> str:
    path = operator_link(office, now=DUE, hours=200).removeprefix(office.base_url)
    return f"{path}reports"


@pytest.fixture(autouse=True)
def after_the_first() -> Any:
    with time_machine.travel(DUE + HOUR, tick=False):
        yield


def everything() -> list[tuple[Any, ...]]:
    with reading() as session:
        found: list[tuple[Any, ...]] = []
        for table in (Edition.__table__, OutgoingLetter.__table__):
            found += [tuple(row) for row in session.execute(select(table).order_by(table.c.id))]
    return found


def the_row(period: str = "2026-10") -> Edition:
    found = editions.edition(NAME, period)
    assert found is not None
    return found


def letters(kind: str = "edition") -> list[str]:
    with reading() as session:
        wanted = select(OutgoingLetter.recipient).where(OutgoingLetter.kind == kind)
        return list(session.scalars(wanted.order_by(OutgoingLetter.id)))


def letters_become(state: str, *, to: str, error: str = "", sent_at: datetime | None = None) -> None:
    with writing() as session:
        session.execute(
            update(OutgoingLetter)
            .where(OutgoingLetter.recipient == to)
            .values(state=state, last_error=error, sent_at=sent_at)
        )


# -- what it shows --


def test_before_the_first_edition_the_next_dates_stand_there(
    office: Office, client: StrictClient, link: str
) -> None:
    page = client.get(link).text
    assert "No edition yet." in page
    for month in ("November 2026", "December 2026", "January 2027", "February 2027", "March 2027"):
        assert month in page


def test_every_recipient_is_told_of(town: Office, client: StrictClient, link: str) -> None:
    make_due(town, now=DUE)
    letters_become("sent", to=CLERK, sent_at=DUE)
    letters_become("failed", to=COUNCIL, error="550 no such mailbox", sent_at=DUE)
    page = client.get(link).text
    assert "Recipients: 1 of 2 have it" in page
    assert "550 no such mailbox" in page
    assert "came back" in page
    assert "one did not get it" in page


def test_a_draft_can_be_looked_at_and_tells_for_whom_it_waits(
    town: Office, client: StrictClient, plain: FlaskClient, link: str
) -> None:
    clerk = town.rulebook.clerk
    make_due(planning(town, approve={"by": clerk, "within": "48h", "then": "send"}), now=DUE)
    page = client.get(link).text
    assert "waits for Town Clerk until Fri, Nov 6, 8:00" in page
    assert "draft waits for a word" in page
    for kind in ("pdf", "html"):
        address = f"{link}/{the_row().id}.{kind}"
        assert f'href="{address}"' in page
        answer = plain.get(address)
        assert answer.data == getattr(the_row(), kind)
        assert "-draft" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in plain.get(f"{link}/{the_row().id}.html").headers["Content-Security-Policy"]
    assert plain.get(f"{link}/{the_row().id}.exe").status_code == 404
    assert plain.get(f"{link}/9999.pdf").status_code == 404
    assert plain.get(f"{link}/99999999999999999999.pdf").status_code == 404


def test_looking_changes_nothing(town: Office, client: StrictClient, plain: FlaskClient, link: str) -> None:
    make_due(town, now=DUE)
    before = everything()
    for address in (link, f"{link}?report={NAME}", f"{link}/{the_row().id}.pdf"):
        assert plain.get(address).status_code == 200
    assert everything() == before


def test_nobody_gets_in_without_a_link(town: Office, client: StrictClient, plain: FlaskClient) -> None:
    make_due(town, now=DUE)
    for address in ("reports", f"reports/{the_row().id}.pdf"):
        assert plain.get(f"/operations/abcdefghijkmnpqrstuv/{address}").status_code in (404, 403, 410)
    before = everything()
    answer = client.post("/operations/abcdefghijkmnpqrstuv/reports", data={"do": "make", "report": NAME})
    assert answer.status_code in (404, 403, 410)
    assert everything() == before


# -- the buttons --


def test_an_edition_is_made_by_hand_once(town: Office, client: StrictClient, link: str) -> None:
    form = {"do": "make", "report": NAME, "period": "2026-10"}
    answer = client.post(link, data=form)
    assert answer.status_code == 303
    assert "its letters are in the outbox" in client.get(answer.headers["Location"]).text
    assert (the_row().state, letters()) == ("sent", [CLERK, COUNCIL])
    again = client.post(link, data=form)
    assert again.status_code == 409
    assert "has gone out already" in again.text
    assert letters() == [CLERK, COUNCIL]


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("october", "is not a period"),
        ("2026-11", "has not ended yet"),
        ("2026", "is a report for every month"),
    ],
)
def test_what_cannot_be_made_is_told_in_a_sentence(
    town: Office, client: StrictClient, link: str, period: str, said: str
) -> None:
    answer = client.post(link, data={"do": "make", "report": NAME, "period": period})
    assert answer.status_code == 409
    assert said in answer.text
    assert letters() == []


def test_a_failed_one_is_made_after_all(town: Office, client: StrictClient, link: str) -> None:
    with writing() as session:
        editions.add(session, report=NAME, period="2026-10", due_at=DUE - 5 * HOUR)
        session.execute(update(Edition).values(state="failed", attempts=6, last_error="it broke"))
    page = client.get(link).text
    assert "it broke" in page
    assert "6 tries failed" in page
    client.post(link, data={"do": "make", "report": NAME, "period": "2026-10", "part": ""})
    assert (the_row().state, letters()) == ("sent", [CLERK, COUNCIL])


def test_it_is_sent_again_to_one_or_to_everybody_and_never_twice_at_once(
    town: Office, client: StrictClient, link: str
) -> None:
    make_due(town, now=DUE)
    number = str(the_row().id)
    form = {"do": "resend", "edition": number, "to": COUNCIL}
    assert "done=on-its-way" in client.post(link, data=form).headers["Location"]
    letters_become("sent", to=COUNCIL, sent_at=DUE)
    for _ in range(2):
        client.post(link, data=form)
    assert letters() == [CLERK, COUNCIL, COUNCIL]
    letters_become("sent", to=CLERK, sent_at=DUE)
    letters_become("sent", to=COUNCIL, sent_at=DUE)
    with time_machine.travel(DUE + 2 * HOUR):
        client.post(link, data={"do": "resend", "edition": number})
    assert letters() == [CLERK, COUNCIL, COUNCIL, CLERK, COUNCIL]
    assert the_row().issue == 1


def test_it_goes_to_nobody_whom_the_plan_does_not_name(town: Office, client: StrictClient, link: str) -> None:
    make_due(town, now=DUE)
    form = {"do": "resend", "edition": str(the_row().id), "to": "somebody@else.example"}
    assert client.post(link, data=form).status_code == 400
    assert letters() == [CLERK, COUNCIL]


def test_it_is_taken_off_the_public_page_with_a_reason_and_put_back(
    town: Office, client: StrictClient, link: str
) -> None:
    make_due(town, now=DUE)
    number, home = str(the_row().id), f"/reports/{NAME}/2026-10/"
    assert client.get(home).status_code == 200
    silent = client.post(link, data={"do": "withdraw", "edition": number, "reason": ""})
    assert (silent.status_code, client.get(home).status_code) == (409, 200)
    form = {"do": "withdraw", "edition": number, "reason": "A wrong map."}
    assert "done=withdrawn" in client.post(link, data=form).headers["Location"]
    assert "done=unchanged" in client.post(link, data=form).headers["Location"]
    assert "A wrong map." in client.get(home).text
    assert "not public" in client.get(link).text
    client.post(link, data={"do": "publish", "edition": number})
    assert client.get(home).status_code == 200


def test_only_the_issue_that_was_pressed_is_taken_back(
    town: Office, client: StrictClient, link: str, now: datetime
) -> None:
    make_due(town, now=DUE)
    first, period = the_row(), "2026-10"
    opened(town, now)
    reissue(town, NAME, timetable(town, town.rulebook.reports[NAME]).newest(DUE), note="why", now=DUE)
    client.post(link, data={"do": "withdraw", "edition": str(first.id), "reason": "It was wrong."})
    assert client.get(f"/reports/{NAME}/{period}/issue-1/").status_code == 410
    page = client.get(f"/reports/{NAME}/{period}/").text
    assert "Issue 1 was taken back" in page
    assert "It was wrong." in page


def test_what_was_replaced_is_taken_back_with_what_replaced_it(
    town: Office, bare_app: Flask, client: StrictClient, now: datetime
) -> None:
    make_due(town, now=DUE)
    opened(town, now)
    reissue(town, NAME, timetable(town, town.rulebook.reports[NAME]).newest(DUE), note="why", now=DUE)
    said = ["report", "withdraw", NAME, "--period", "2026-10", "--reason", "Both are wrong."]
    told = bare_app.test_cli_runner().invoke(args=said).output.splitlines()
    assert told == [
        f"{NAME} for 2026-10, issue 2 is taken back.",
        f"{NAME} for 2026-10, issue 1 is taken back, as it was replaced by issue 2.",
    ]
    for address in ("", "issue-1/", "issue-2/"):
        assert client.get(f"/reports/{NAME}/2026-10/{address}").status_code == 410
    bare_app.test_cli_runner().invoke(args=["report", "publish", NAME, "--period", "2026-10"])
    assert client.get(f"/reports/{NAME}/2026-10/").status_code == 200
    assert client.get(f"/reports/{NAME}/2026-10/issue-1/").status_code == 410


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "delete"},
        {"do": "resend"},
        {"do": "publish", "edition": "x"},
        {"do": "withdraw", "edition": "99"},
    ],
)
def test_anything_else_is_no_button(
    town: Office, client: StrictClient, link: str, form: dict[str, str]
) -> None:
    before = everything()
    assert client.post(link, data=form).status_code == 400
    assert everything() == before


def test_a_report_that_is_not_published_has_no_such_button(
    office: Office, client: StrictClient, link: str, now: datetime
) -> None:
    opened(office, now)
    make_due(planning(office, audience="manager"), now=DUE)
    page = client.get(link).text
    assert "Publish it" not in page
    answer = client.post(link, data={"do": "publish", "edition": str(the_row().id)})
    assert "written for the manager" in answer.text


# -- what a watcher hears --


def test_what_failed_or_is_overdue_is_counted_and_nothing_is_named(town: Office) -> None:
    assert runs.watched(town, now=DUE).overdue == 0
    later = DUE + 3 * HOUR
    assert runs.watched(town, now=later).overdue == 1  # nobody has made it, and it has no row
    [said] = [reason for reason in reasons_at(later) if "overdue" in reason]
    assert said.startswith("1 edition of a report is overdue")
    assert NAME not in said
    make_due(town, now=later)
    assert runs.watched(town, now=later + HOUR).overdue == 0
    with writing() as session:
        session.execute(update(Edition).values(state="failed"))
    assert any("1 editions of reports could not be made" in reason for reason in reasons_at(later))


def test_nobody_is_woken_for_what_the_clock_had_no_chance_to_make_yet(
    town: Office, plain: FlaskClient
) -> None:
    def overdue(minutes: int) -> list[str]:
        with time_machine.travel(DUE + timedelta(days=3, minutes=minutes), tick=False):
            answer = plain.get("/healthz").get_json()
        said = [reason for reason in answer["reasons"] if "overdue" in reason]
        assert answer["counts"]["editions_overdue"] == len(said)
        return said

    assert overdue(0) == overdue(9) == []  # the process has only just begun, or the requests are imported
    assert len(overdue(10)) == 1
    make_due(town, now=DUE + timedelta(days=3, minutes=11))
    assert overdue(30) == []
    with writing() as session:
        session.execute(update(Edition).values(state="due", next_at=DUE))
    assert overdue(31) == []  # it is another lateness
    assert len(overdue(41)) == 1


def test_the_counts_stand_at_healthz(town: Office, client: StrictClient) -> None:
    make_due(planning(town, approve={"by": town.rulebook.clerk}), now=DUE)
    counts = client.get("/healthz").get_json()["counts"]
    assert (counts["editions_failed"], counts["editions_overdue"], counts["editions_waiting"]) == (0, 0, 1)


def test_a_draft_that_waits_within_its_time_is_not_overdue(town: Office) -> None:
    held = planning(town, approve={"by": town.rulebook.clerk, "within": "48h", "then": "send"})
    make_due(held, now=DUE)
    assert runs.watched(held, now=DUE + 40 * HOUR) == Counts(failed=0, overdue=0, waiting=1)
    assert runs.watched(held, now=DUE + 51 * HOUR).overdue == 1


# -- the same by command --


def test_the_commands_publish_and_take_back(town: Office, bare_app: Flask, client: StrictClient) -> None:
    make_due(town, now=DUE)
    run = bare_app.test_cli_runner().invoke
    told = run(args=["report", "withdraw", NAME, "--period", "2026-10", "--reason", "A wrong map."])
    assert told.output == f"{NAME} for 2026-10, issue 1 is taken back.\n"
    assert client.get(f"/reports/{NAME}/2026-10/").status_code == 410
    again = run(args=["report", "withdraw", NAME, "--period", "2026-10", "--reason", "A wrong map."])
    assert "nothing to do, it is not on the public page" in again.output
    listed = run(args=["report", "list", NAME]).output
    assert "2026-10: sent Wed 2026-11-04 08:00, taken back from the public page" in listed, listed
    assert run(args=["report", "publish", NAME, "--period", "2026-10"]).exit_code == 0
    assert client.get(f"/reports/{NAME}/2026-10/").status_code == 200
    refused = run(args=["report", "publish", NAME, "--period", "2026-09"])
    assert "has not been sent" in refused.output


def test_a_part_that_is_gone_is_sent_to_nobody_and_the_clerk_told(town: Office) -> None:
    wards = {"audience": "ward", "publish": True}
    approve = {"by": town.rulebook.clerk, "within": "48h", "then": "send"}
    make_due(planning(town, approve=approve, to={"North": "north@example.org"}, **wards), now=DUE)
    changed = planning(town, approve=approve, to={"South": "south@example.org"}, **wards)
    assert make_due(changed, now=DUE + 48 * HOUR) == ()
    gone = editions.edition(NAME, "2026-10", "North")
    assert gone is not None
    assert (gone.state, gone.published_at) == ("failed", None)
    assert 'its plan has no part "North" now' in (gone.last_error or "")
    assert editions.edition(NAME, "2026-10", "South") is None


def test_a_part_by_another_name_begins_with_the_next_period(town: Office) -> None:
    make_due(planning(town, audience="ward", to={"North": "north@example.org"}), now=DUE)
    renamed = planning(town, audience="ward", to={"North Side": "north@example.org"})
    assert make_due(renamed, now=DUE + timedelta(days=9)) == ()
    assert watched(renamed, now=DUE + timedelta(days=9)).overdue == 0
    [sent] = make_due(renamed, now=DUE + timedelta(days=40))
    assert (sent.part, sent.period) == ("North Side", "2026-11")


def test_a_part_that_was_sent_by_hand_before_its_day_keeps_no_other_back(town: Office) -> None:
    wards = planning(town, audience="ward", to={"North": "n@example.org", "South": "s@example.org"})
    send_now(wards, NAME, Period.named("2026-10", town.zone), part="North", now=DUE - 30 * HOUR)
    assert [sent.part for sent in make_due(wards, now=DUE)] == ["South"]


@pytest.mark.parametrize("has_one", [False, True], ids=["new", "with-an-edition"])
def test_a_clock_that_was_ahead_for_a_while_silences_nothing(town: Office, has_one: bool) -> None:
    if has_one:
        make_due(town, now=DUE)
    make_due(town, now=datetime(2028, 1, 20, tzinfo=UTC))
    made = [make_due(town, now=DUE + timedelta(days=days)) for days in (1, 35, 66, 67)]
    wanted = [[] if has_one else ["2026-10"], ["2026-11"], ["2026-12"], []]
    assert [[one.period for one in sent] for sent in made] == wanted
    early = the_row("2027-12")
    assert (early.state, "report reissue corrects it" in (early.last_error or "")) == ("sent", True)
    assert watched(town, now=DUE + timedelta(days=67)).overdue == 0


def test_a_draft_that_a_clock_made_too_early_is_made_anew_on_its_day(town: Office) -> None:
    asking = planning(town, approve={"by": town.rulebook.clerk, "within": "48h", "then": "send"})
    make_due(asking, now=datetime(2026, 12, 20, tzinfo=UTC))  # the clock is a month ahead
    assert the_row("2026-11").state == "waiting"
    make_due(asking, now=DUE)
    early = the_row("2026-11")
    assert (early.state, early.decided_at) == ("skipped", None)
    assert "a clock that was ahead" in (early.last_error or "")
    later = DUE + timedelta(days=35)
    make_due(asking, now=later)
    assert the_row("2026-11").approve_until == later + 48 * HOUR
    assert watched(asking, now=later).overdue == 0


def test_a_try_that_a_clock_put_off_for_years_is_made_now(town: Office) -> None:
    make_due(town, now=DUE)
    for values in (
        {"state": "due", "next_at": DUE + timedelta(days=700)},
        {"state": "building", "lease": "another", "lease_until": DUE + timedelta(days=700)},
    ):
        with writing() as session:
            session.execute(update(Edition).values(**values))
        assert [sent.period for sent in make_due(town, now=DUE + HOUR)] == ["2026-10"]


def test_what_failed_can_be_put_aside_and_made_after_all(
    town: Office, bare_app: Flask, client: StrictClient, link: str
) -> None:
    make_due(town, now=DUE)
    with writing() as session:
        session.execute(update(Edition).values(state="failed", last_error="No luck."))
    assert watched(town, now=DUE).failed == 1
    answer = client.post(link, data={"do": "aside", "edition": str(the_row().id)}, follow_redirects=True)
    assert "It is put aside" in answer.text
    assert "decided by the operator" in answer.text
    assert watched(town, now=DUE).failed == 0
    run = bare_app.test_cli_runner().invoke
    args = ["report", "skip", NAME, "--period", "2026-10"]
    assert "no edition of council-monthly for 2026-10 has failed" in run(args=args).output
    with writing() as session:
        session.execute(update(Edition).values(state="failed"))
    assert "is put aside; flask --app app report send still makes it" in run(args=args).output
    month = Period.named("2026-10", town.zone)
    assert [one.period for one in send_now(town, NAME, month, now=DUE + HOUR)] == ["2026-10"]


@pytest.mark.parametrize("state", ["failed", "waiting", "due"])
def test_what_is_left_of_a_report_that_is_gone_wakes_nobody(town: Office, state: str) -> None:
    make_due(town, now=DUE)
    with writing() as session:
        session.execute(update(Edition).values(state=state, next_at=DUE, approve_until=DUE))
    later = DUE + 9 * HOUR
    assert watched(town, now=later) != Counts(0, 0, 0)
    without = replace(town, rulebook=town.rulebook.model_copy(update={"reports": {}}))
    assert watched(without, now=later) == Counts(0, 0, 0)
