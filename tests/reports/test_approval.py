"""Does a draft wait for a word, and does the first word count, whoever says it and whenever?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.office import Office
from reports import approving, making, order
from reports.approving import LONGEST_NOTE, STAYS_OPEN
from reports.edition import make_due
from reports.period import Period
from reports.sending import reissue, send_now
from storage import editions
from storage.database import reading
from storage.tables import Edition, OutgoingLetter
from tests.builders import opened
from tests.conscience import StrictClient
from tests.reports.plans import NAME, planning

DUE = datetime(2026, 11, 4, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLERK = "clerk@alderfalls.example"
EVERYBODY = [CLERK, "council@alderfalls.example"]
APPROVE = {"by": "town-manager", "within": "48h", "then": "send"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-1.7 " + html.encode())


@pytest.fixture
def approver(office: Office) -> str:
    """Somebody who is not the clerk."""
    return next(name for name in office.rulebook.people if name != office.rulebook.clerk)


@pytest.fixture
def town(office: Office, now: datetime, approver: str) -> Office:
    opened(office, now)
    return planning(office, approve=APPROVE | {"by": approver})


@pytest.fixture
def skipping(town: Office, approver: str) -> Office:
    return planning(town, approve=APPROVE | {"by": approver, "then": "skip"})


def letters(kind: str) -> list[EmailMessage]:
    with reading() as session:
        wanted = select(OutgoingLetter).options(undefer(OutgoingLetter.raw)).order_by(OutgoingLetter.id)
        rows = session.scalars(wanted.where(OutgoingLetter.kind == kind)).all()
    found = [message_from_bytes(row.raw, policy=default) for row in rows]
    return [letter for letter in found if isinstance(letter, EmailMessage)]


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def link() -> str:
    found = re.search(r"http\S+(/approve/\S+)", text(letters("edition_draft")[-1]))
    assert found
    return found[1]


def say(client: StrictClient, form: dict[str, str], **more: Any) -> Any:
    """Press a button of the page that shows the draft as it is now."""
    return client.post(link(), data={"draft": the_row().sha256, **form}, **more)


def the_row() -> Edition:
    found = editions.edition(NAME, "2026-10")
    assert found is not None
    return found


def test_a_draft_goes_to_who_approves_it_and_to_nobody_else(town: Office, approver: str) -> None:
    [held] = make_due(town, now=DUE)
    assert held.waits_until == DUE + 48 * HOUR
    assert (the_row().state, the_row().approve_until) == ("waiting", held.waits_until)
    [letter] = letters("edition_draft")
    assert letter["to"] == town.rulebook.people[approver].email
    assert "If nobody says anything, it goes out on Friday, November 6, 2026" in text(letter)
    assert [part.get_filename() for part in letter.iter_attachments()] == [f"{NAME}-2026-10-draft.pdf"]
    assert letters("edition") == []
    assert make_due(town, now=DUE + HOUR) == ()
    assert len(letters("edition_draft")) == 1


def test_approved_it_goes_out_as_it_was_looked_at(town: Office, client: StrictClient, now: datetime) -> None:
    make_due(town, now=DUE)
    before = the_row()
    opened(town, now)  # what happens meanwhile changes nothing of what was looked at
    with time_machine.travel(DUE + HOUR):
        page = client.get(link())
        assert "Approve and send" in page.text
        assert the_row().state == "waiting"  # looking is not deciding
        done = say(client, {"do": "approve"}, follow_redirects=True)
    assert "approved it" in done.text
    [sent] = make_due(town, now=DUE + 2 * HOUR)
    assert list(sent.recipients) == EVERYBODY
    after = the_row()
    assert (after.state, after.sha256, after.pdf) == ("sent", before.sha256, before.pdf)
    assert [letter["to"] for letter in letters("edition")] == EVERYBODY
    assert make_due(town, now=DUE + 3 * HOUR) == ()


def test_with_a_note_it_is_drawn_anew_and_its_figures_stay(
    town: Office, client: StrictClient, now: datetime
) -> None:
    make_due(town, now=DUE)
    seen = (the_row().facts or {})["figures"]
    opened(town, now)  # known only now
    with time_machine.travel(DUE + HOUR):
        say(client, {"do": "approve", "note": "The storm of the 9th explains the trees."})
    make_due(town, now=DUE + 2 * HOUR)
    assert (the_row().state, the_row().note) == ("sent", "The storm of the 9th explains the trees.")
    assert (the_row().facts or {})["figures"] == seen
    assert all("> The storm of the 9th explains the trees." in text(one) for one in letters("edition"))
    assert len(letters("edition")) == 2


def test_the_first_word_counts_and_the_same_twice_is_fine(town: Office, client: StrictClient) -> None:
    make_due(town, now=DUE)
    with time_machine.travel(DUE + HOUR):
        for _ in range(2):
            assert say(client, {"do": "skip"}).status_code == 303
        late = say(client, {"do": "approve"}, follow_redirects=True)
    assert "skipped it on Wednesday, November 4, 2026" in late.text
    assert make_due(town, now=DUE + 72 * HOUR) == ()
    assert (the_row().state, letters("edition")) == ("skipped", [])
    [told] = letters("edition_skipped")
    assert told["to"] == CLERK
    assert f"report send {NAME} --period 2026-10" in text(told)


def test_when_nobody_speaks_it_goes_out_at_the_end(town: Office, client: StrictClient) -> None:
    make_due(town, now=DUE)
    assert make_due(town, now=DUE + 48 * HOUR - timedelta(seconds=1)) == ()
    [sent] = make_due(town, now=DUE + 48 * HOUR)
    assert list(sent.recipients) == EVERYBODY
    assert the_row().decided_by == "townline"
    with time_machine.travel(DUE + 50 * HOUR):
        assert "Nobody said anything in time, so it went out" in client.get(link()).text
        say(client, {"do": "skip"})
    assert the_row().state == "sent"


def test_or_it_is_skipped_and_both_hear_of_it(skipping: Office, approver: str) -> None:
    make_due(skipping, now=DUE)
    assert make_due(skipping, now=DUE + 48 * HOUR) == ()
    assert (the_row().state, letters("edition")) == ("skipped", [])
    assert [letter["to"] for letter in letters("edition_skipped")] == [
        CLERK,
        skipping.rulebook.people[approver].email,
    ]


def test_a_skipped_one_can_still_be_sent_and_is_asked_for_again(skipping: Office) -> None:
    make_due(skipping, now=DUE)
    make_due(skipping, now=DUE + 48 * HOUR)
    [held] = send_now(skipping, NAME, _october(skipping), now=DUE + 50 * HOUR)
    assert held.waits_until == DUE + 98 * HOUR
    assert len(letters("edition_draft")) == 2


def _october(office: Office) -> Period:
    return Period.named("2026-10", office.zone)


def test_half_way_there_is_one_reminder_without_the_draft(town: Office, approver: str) -> None:
    make_due(town, now=DUE)
    for hours in (1, 23, 24, 25, 30, 47):
        make_due(town, now=DUE + hours * HOUR)
    [letter] = letters("edition_reminder")
    assert letter["to"] == town.rulebook.people[approver].email
    assert "Still waiting for your word" in letter["subject"]
    assert list(letter.iter_attachments()) == []
    assert link() in text(letter)


def test_without_a_word_after_an_approval_nobody_is_reminded(town: Office, client: StrictClient) -> None:
    make_due(town, now=DUE)
    with time_machine.travel(DUE + HOUR):
        say(client, {"do": "approve"})
    make_due(town, now=DUE + 30 * HOUR)
    assert letters("edition_reminder") == []


def test_a_correction_says_what_it_is_and_why_where_it_is_approved(
    town: Office, client: StrictClient
) -> None:
    make_due(town, now=DUE)
    make_due(town, now=DUE + 48 * HOUR)
    month = Period.named("2026-10", town.zone)
    reissue(town, NAME, month, note="A place was wrong.", now=DUE + 50 * HOUR)
    with time_machine.travel(DUE + 51 * HOUR, tick=False):
        page = client.get(link()).text
    assert "This is issue 2. It replaces the one before." in page
    assert "A place was wrong." in page


def test_the_draft_can_be_read_behind_the_link(town: Office, bare_app: Flask) -> None:
    client = FlaskClient(bare_app)  # not the strict one: a report carries its style with it
    make_due(town, now=DUE)
    with time_machine.travel(DUE + HOUR):
        draft = client.get(f"{link()}/draft.pdf")
        assert (draft.mimetype, draft.data) == ("application/pdf", the_row().pdf)
        page = client.get(f"{link()}/draft.html")
        assert "sandbox" in page.headers["Content-Security-Policy"]
        assert client.get(f"{link()}/draft.exe").status_code == 409


@pytest.mark.parametrize(
    "wrong", ["/approve/short/1", "/approve/" + "a" * 20 + "/1", "/approve/" + "a" * 20 + "/99"]
)
def test_a_wrong_link_opens_nothing(town: Office, client: StrictClient, wrong: str) -> None:
    make_due(town, now=DUE)
    answer = client.get(wrong)
    assert answer.status_code == 404
    assert "not one of ours" in answer.text


def test_the_link_of_one_edition_opens_no_other(town: Office, client: StrictClient) -> None:
    make_due(town, now=DUE)
    make_due(town, now=DUE + timedelta(days=30))
    numbers = sorted(row.id for row in editions.runs())
    assert len(numbers) == 2
    key = link().split("/")[2]
    with time_machine.travel(DUE + timedelta(days=30)):
        assert [client.get(f"/approve/{key}/{number}").status_code for number in numbers] == [404, 200]


def test_a_link_of_long_ago_says_that_it_has_expired(town: Office, client: StrictClient) -> None:
    make_due(town, now=DUE)
    with time_machine.travel(DUE + 48 * HOUR + STAYS_OPEN + HOUR):
        answer = client.get(link())
        assert answer.status_code == 410
        assert "This link has expired." in answer.text
        assert say(client, {"do": "approve"}).status_code == 410


def test_what_is_no_answer_and_a_note_too_long_are_sentences(town: Office, client: StrictClient) -> None:
    make_due(town, now=DUE)
    with time_machine.travel(DUE + HOUR):
        assert say(client, {"do": "frame it"}).status_code == 400
        long = say(client, {"do": "approve", "note": "x" * (LONGEST_NOTE + 1)})
    assert long.status_code == 422
    assert f"at most {LONGEST_NOTE} fit on the first page" in long.text
    assert the_row().state == "waiting"


def test_a_strangers_words_in_a_note_stay_words(town: Office, client: StrictClient) -> None:
    make_due(town, now=DUE)
    wild = '<script>alert(1)</script> {{ 7*7 }} \u202egnp "quoted"'
    with time_machine.travel(DUE + HOUR):
        page = say(client, {"do": "approve", "note": wild}, follow_redirects=True)
    assert "<script>alert" not in page.text
    make_due(town, now=DUE + 2 * HOUR)
    html = letters("edition")[0].get_body(("html",))
    assert html is not None
    assert "<script>alert" not in html.get_content()


def test_the_deputy_is_asked_where_the_approver_is_away(town: Office, approver: str) -> None:
    from casework.absence import leave

    days = {"first": DUE.date(), "last": DUE.date() + timedelta(days=5)}
    leave(town, approver, passes_on=False, by=f"person:{approver}", now=DUE - HOUR, **days)
    make_due(town, now=DUE)
    assert letters("edition_draft")[0]["to"] == town.stand_in(approver, DUE).email


def test_a_plan_that_needs_no_word_any_more_sends_what_still_waits(town: Office) -> None:
    make_due(town, now=DUE)
    freed = planning(town, approve=None)
    make_due(freed, now=DUE + 48 * HOUR)
    assert (the_row().state, len(letters("edition"))) == ("sent", 2)


def test_a_draft_that_nothing_can_be_said_of_never_stops_another_report(
    town: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_due(town, now=DUE)

    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(approving, "_end", broken)
    [held] = make_due(town, now=DUE + timedelta(days=30))
    assert held.period == "2026-11"
    assert "could not be decided about" in caplog.text


def test_what_was_approved_for_the_manager_never_goes_to_the_council(
    town: Office, client: StrictClient, approver: str
) -> None:
    managers = planning(town, audience="manager", sections=None, to=[CLERK])
    make_due(managers, now=DUE)
    with time_machine.travel(DUE + HOUR):
        say(client, {"do": "approve"})
    councils = planning(managers, audience="council", sections=["summary"], to=EVERYBODY)
    assert make_due(councils, now=DUE + 2 * HOUR) == ()
    assert (the_row().state, letters("edition")) == ("failed", [])
    [told] = letters("edition_failed")
    assert told["to"] == CLERK
    assert "was made for the audience manager, and its plan is for the audience council now" in text(told)
    send_now(councils, NAME, _october(councils), now=DUE + 3 * HOUR)
    assert order.audience_of(the_row().facts) == "council"


def test_nor_do_its_figures_with_a_note(town: Office, client: StrictClient) -> None:
    managers = planning(town, audience="manager", sections=None, to=[CLERK])
    make_due(managers, now=DUE)
    with time_machine.travel(DUE + HOUR):
        say(client, {"do": "approve", "note": "For the manager's eyes."})
    councils = planning(managers, audience="council", sections=["summary"], to=EVERYBODY)
    assert make_due(councils, now=DUE + 2 * HOUR) == ()
    assert (the_row().state, letters("edition")) == ("failed", [])


def test_a_word_about_another_draft_than_was_looked_at_does_not_count(
    skipping: Office, client: StrictClient, now: datetime
) -> None:
    make_due(skipping, now=DUE)
    looked_at = the_row().sha256 or ""
    with time_machine.travel(DUE + HOUR):
        say(client, {"do": "skip", "note": "Wait for the bridge."})
    opened(skipping, now)
    send_now(skipping, NAME, _october(skipping), now=DUE + 2 * HOUR)
    assert (the_row().state, the_row().note) == ("waiting", "")
    with time_machine.travel(DUE + 3 * HOUR):
        for form in ({"do": "approve"}, {"do": "approve", "draft": looked_at}, {"do": "skip"}):
            answer = client.post(link(), data=form)
            assert answer.status_code == 409
            assert "made anew since you opened it" in answer.text
        assert the_row().state == "waiting"
        page = client.get(link()).text
        assert f'name="draft" value="{the_row().sha256}"' in page
        assert say(client, {"do": "approve"}).status_code == 303
    assert len(make_due(skipping, now=DUE + 4 * HOUR)) == 1


def test_who_approves_it_no_more_is_not_let_in(town: Office, client: StrictClient, approver: str) -> None:
    make_due(town, now=DUE)
    meant = town.rulebook.people[approver]
    other = next(
        name for name in town.rulebook.people if town.rulebook.people[name].deputy != approver
        and name not in (approver, meant.deputy)
    )  # fmt: skip
    planning(town, approve=APPROVE | {"by": other})
    with time_machine.travel(DUE + HOUR):
        for answer in (client.get(link()), client.get(f"{link()}/draft.pdf"), say(client, {"do": "approve"})):
            assert answer.status_code == 409
            assert "By the rules of today, you do not decide about this report." in answer.text
    assert the_row().state == "waiting"


def test_made_by_hand_after_the_approval_it_stays_approved(town: Office, client: StrictClient) -> None:
    make_due(town, now=DUE)
    with time_machine.travel(DUE + HOUR):
        say(client, {"do": "approve", "note": "A word."})
    send_now(town, NAME, _october(town), now=DUE + HOUR)
    row = the_row()
    assert (row.state, row.note, row.decided_by[:7]) == ("sent", "A word.", "person:")
    assert len(letters("edition_draft")) == 1


def test_a_draft_for_the_manager_is_shown_to_nobody_who_approves_for_the_council(
    town: Office, client: StrictClient, approver: str
) -> None:
    managers = planning(town, audience="manager", sections=None, to=[CLERK])
    make_due(managers, now=DUE)
    old, until = link(), the_row().approve_until
    councils = planning(managers, audience="council", sections=["summary"], to=EVERYBODY)
    with time_machine.travel(DUE + HOUR):
        for answer in (
            client.get(old),
            client.get(f"{old}/draft.pdf"),
            client.post(old, data={"do": "approve"}),
        ):
            assert answer.status_code == 409
            assert "The report is for others now" in answer.text
    [held] = make_due(councils, now=DUE + 30 * HOUR)
    assert held.waits_until is not None
    assert until is not None
    assert held.waits_until > until
    assert order.audience_of(the_row().facts) == "council"
    assert [len(letters(kind)) for kind in ("edition_draft", "edition_reminder", "edition")] == [2, 0, 0]
    with time_machine.travel(DUE + 31 * HOUR):
        assert client.get(old).status_code == 200


def test_a_draft_that_would_wait_too_long_is_asked_for_again(town: Office) -> None:
    make_due(town, now=DUE + timedelta(days=20))  # the clock is ahead, though October is over
    [held] = make_due(town, now=DUE)
    assert held.waits_until == the_row().approve_until == DUE + 48 * HOUR
    shorter = planning(town, approve=APPROVE | {"by": town.rulebook.clerk, "within": "4h"})
    [held] = make_due(shorter, now=DUE + HOUR)
    assert (held.waits_until, len(letters("edition_draft"))) == (DUE + 5 * HOUR, 3)
    assert make_due(shorter, now=DUE + 2 * HOUR) == ()
