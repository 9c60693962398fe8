"""Does every letter leave, once, and does a person hear of the one that cannot?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import flask_mail
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from flask import Flask
from sqlalchemy import update

from casework import delivering
from casework.delivering import (
    CLOSED_WAIT,
    LEASE,
    MOST_ATTEMPTS,
    PATIENCE,
    UNCERTAIN_TRIES,
    WAITS,
    deliver_due,
)
from casework.office import Office
from mail.address import reply_token
from mail.composer import MARKERS
from mail.delivery import Parcel, PostClosed, TryLater, Uncertain
from mail.smtp import SmtpCarrier, SmtpServer
from storage import lookups
from storage import outbox as rows
from storage.database import writing
from storage.tables import OutgoingLetter
from tests.builders import opened
from tests.conscience import StrictClient
from tests.mailserver import Inbox, Server


def states(request_id: int) -> dict[str, str]:
    return {letter.recipient: letter.state for letter in lookups.letters_of(request_id)}


def test_letters_arrive_and_are_sent_once(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    _, case = opened(office, now)
    assert deliver_due(office, carrier, now=now).sent == 2
    assert deliver_due(office, carrier, now=now).sent == 0
    assert set(states(case.request.id).values()) == {"sent"}
    receipt = mailserver.inbox.to("resident@example.org")[0]
    assert receipt.message["From"].addresses[0].addr_spec == office.sender
    assert "26-0001" in receipt.message["Subject"]
    assert "/r/26-0001?t=" in receipt.text
    assert "/r/26-0001?t=" in receipt.html


def test_a_letter_carries_the_headers_that_stop_answering_machines(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    opened(office, now)
    deliver_due(office, carrier, now=now)
    for mail in mailserver.inbox.mails:
        assert mail.message["Auto-Submitted"] == "auto-generated"
        assert mail.message["X-Auto-Response-Suppress"] == "All"
        assert mail.message["References"].startswith("<26-0001.thread@")
        assert len(mail.message.get_all("To", [])) == 1
    ids = [mail.message["Message-ID"] for mail in mailserver.inbox.mails]
    assert len(set(ids)) == len(ids)


def test_a_greylisted_letter_waits_and_goes_later_with_the_same_bytes(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    _, case = opened(office, now, email="later@example.org")
    deliver_due(office, carrier, now=now)
    assert states(case.request.id)["later@example.org"] == "queued"
    assert deliver_due(office, carrier, now=now + WAITS[0] / 2).sent == 0
    before = [letter.message_id for letter in lookups.letters_of(case.request.id)]
    deliver_due(office, carrier, now=now + WAITS[0])
    assert [letter.message_id for letter in lookups.letters_of(case.request.id)] == before
    letter = lookups.letters_of(case.request.id)[-1]
    assert (letter.attempts, letter.next_at) == (2, now + WAITS[0] + WAITS[1])


def test_a_letter_that_waits_too_long_is_given_up_and_the_clerk_is_told(
    office: Office, carrier: SmtpCarrier, now: datetime
):
    _, case = opened(office, now, email="later@example.org")
    deliver_due(office, carrier, now=now)
    deliver_due(office, carrier, now=now + PATIENCE + timedelta(hours=1))
    assert states(case.request.id)["later@example.org"] == "failed"
    clerk = office.rulebook.people[office.rulebook.clerk]
    assert ("letter_failed", clerk.email) in [
        (x.kind, x.recipient) for x in lookups.letters_of(case.request.id)
    ]


@pytest.mark.parametrize("address", ["refused@example.org", "full@example.org"])
def test_a_refused_resident_is_a_task_for_the_clerk(
    office: Office, carrier: SmtpCarrier, now: datetime, address: str
):
    _, case = opened(office, now, email=address)
    assert deliver_due(office, carrier, now=now).failed == 1
    after = lookups.case(case.request.id)
    assert after is not None
    assert [entry.kind for entry in after.entries][-1] == "letter_failed"
    told = lookups.letters_of(case.request.id)[-1]
    assert told.kind == "letter_failed"
    assert address in [letter.recipient for letter in lookups.letters_failed()]


def test_a_request_whose_assignee_cannot_be_reached_goes_to_the_next(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    _, case = opened(office, now)
    assignee = office.rulebook.people[case.request.assignee]
    monkeypatch.setattr(type(mailserver.inbox), "handle_RCPT", _refuse(assignee.email))
    deliver_due(office, carrier, now=now)
    after = lookups.case(case.request.id)
    assert after is not None
    assert after.request.assignee != assignee.id
    newest = [x for x in lookups.letters_of(case.request.id) if x.kind == "assigned"][-1]
    assert newest.recipient == office.rulebook.people[after.request.assignee].email


def _refuse(closed: str):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == closed:
            return "550 5.1.1 closed"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    return handle_RCPT


def test_a_cut_behind_the_final_dot_goes_again_twice_at_most_with_the_same_bytes(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    _, case = opened(office, now, email="cut@example.org")
    at = now
    for _round in range(8):
        deliver_due(office, carrier, now=at)
        at += timedelta(hours=1)
    copies = {mail.raw for mail in mailserver.inbox.to("cut@example.org")}
    assert len(copies) == 1
    assert len(mailserver.inbox.to("cut@example.org")) == 3
    assert states(case.request.id)["cut@example.org"] == "failed"
    assert "sent" in states(case.request.id).values()


def test_no_server_stops_the_post_and_not_the_town(office: Office, app: Flask, now: datetime):
    nowhere = SmtpCarrier(flask_mail.Mail(app), SmtpServer("127.0.0.1", 1, security="none", timeout=1))
    _, case = opened(office, now)
    result = deliver_due(office, nowhere, now=now)
    assert result.is_closed
    assert not result.has_more
    assert set(states(case.request.id).values()) == {"queued"}


def test_after_days_without_a_server_everything_goes_out_once(
    office: Office, carrier: SmtpCarrier, mailserver: Server, app: Flask, now: datetime
):
    nowhere = SmtpCarrier(flask_mail.Mail(app), SmtpServer("127.0.0.1", 1, security="none", timeout=1))
    for number in range(30):
        opened(office, now, email=f"resident{number}@example.org")
    for hour in range(0, 48, 6):
        while deliver_due(office, nowhere, now=now + timedelta(hours=hour)).has_more:
            pass
    later = now + timedelta(hours=50)
    while deliver_due(office, carrier, now=later).has_more:
        pass
    ids = [mail.message["Message-ID"] for mail in mailserver.inbox.mails]
    assert len(ids) == len(set(ids)) == 60


def test_letters_of_a_dead_carrier_are_taken_up_when_its_lease_ends(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    opened(office, now)
    with writing() as session:
        rows.claim(session, lease="the dead", until=now + LEASE, now=now, most=10)
    assert deliver_due(office, carrier, now=now + LEASE / 2).sent == 0
    assert deliver_due(office, carrier, now=now + LEASE).sent == 2


def test_a_carrier_that_lost_its_lease_does_not_overwrite_the_truth(office: Office, now: datetime):
    _, case = opened(office, now)
    with writing() as session:
        claimed = rows.claim(session, lease="slow", until=now, now=now, most=1)
    lost = rows.Verdict("failed", now, "x")
    with writing() as session:
        rows.claim(session, lease="fast", until=now + LEASE, now=now, most=9)
        assert not rows.settle(session, claimed[0].id, lost, lease="slow", now=now)
    assert "failed" not in states(case.request.id).values()


def test_letters_taken_over_from_a_dead_carrier_and_given_back_are_claimed_again(
    office: Office, carrier: SmtpCarrier, now: datetime
):
    _, case = opened(office, now)
    with writing() as session:
        rows.claim(session, lease="the dead", until=now, now=now, most=10)
    with writing() as session:
        claimed = rows.claim(session, lease="the next", until=now + LEASE, now=now, most=10)
        rows.release(session, claimed, lease="the next")
    deliver_due(office, carrier, now=now + LEASE)
    assert set(states(case.request.id).values()) == {"sent"}


def test_a_server_that_hangs_up_before_the_letter_is_tried_again_for_days(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    _, case = opened(office, now)
    for answer in ("421 4.7.0 too many letters, come again", "hang up"):
        with monkeypatch.context() as busy:
            busy.setattr(type(mailserver.inbox), "handle_RCPT", _end_with(answer))
            for hour in range(12):
                deliver_due(office, carrier, now=now + timedelta(hours=hour))
        assert set(states(case.request.id).values()) == {"queued"}
    deliver_due(office, carrier, now=now + timedelta(hours=24))
    assert set(states(case.request.id).values()) == {"sent"}


def _end_with(answer: str):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer == "hang up":
            server.transport.abort()
        return answer

    return handle_RCPT


def test_a_server_that_refuses_everybody_ends_with_the_clerk_and_not_in_a_circle(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    _, case = opened(office, now, service="pothole", at=(43.59597, -72.33374))
    monkeypatch.setattr(type(mailserver.inbox), "handle_RCPT", _end_with("550 5.7.1 relaying denied"))
    for second in range(12):
        deliver_due(office, carrier, now=now + timedelta(seconds=second))
    assert deliver_due(office, carrier, now=now + timedelta(hours=1)).failed == 0
    assigned = [x.recipient for x in lookups.letters_of(case.request.id) if x.kind == "assigned"]
    assert len(assigned) == len(set(assigned))
    assert office.rulebook.people[office.rulebook.clerk].email in assigned


def test_trouble_with_one_given_up_letter_makes_no_sent_one_go_again(
    office: Office,
    carrier: SmtpCarrier,
    mailserver: Server,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
):
    def breaks(*_args: object, **_more: object) -> None:
        raise RuntimeError("the clerk's letter could not be written")

    monkeypatch.setattr(delivering, "letter_failed", breaks)
    _, case = opened(office, now, email="refused@example.org")
    with pytest.raises(RuntimeError):
        deliver_due(office, carrier, now=now)
    assert sorted(states(case.request.id).values()) == ["sending", "sent"]
    with pytest.raises(RuntimeError):
        deliver_due(office, carrier, now=now + LEASE)
    assert len(mailserver.inbox.mails) == 1


class Fickle:
    """A carrier that meets with one outcome after the other, for one address; the rest arrive."""

    def __init__(self, address: str, *outcomes: Exception | None) -> None:
        self.address = address
        self.outcomes = list(outcomes)
        self.carried: list[bytes] = []
        self.others = 0

    @contextmanager
    def round(self) -> Iterator[Fickle]:
        yield self

    def carry(self, parcel: Parcel) -> None:
        if parcel.recipient != self.address:
            self.others += 1
            return
        self.carried.append(parcel.raw)
        outcome = self.outcomes.pop(0)
        if outcome is not None:
            raise outcome


RESIDENT = "resident@example.org"


def test_a_letter_started_anew_by_hand_has_all_its_patience_again(
    office: Office, app: Flask, carrier: SmtpCarrier, now: datetime
):
    _, case = opened(office, now)
    over = now + PATIENCE + timedelta(hours=1)
    deliver_due(office, Fickle(RESIDENT, TryLater("later")), now=now)
    deliver_due(office, Fickle(RESIDENT, TryLater("later")), now=over)
    assert states(case.request.id)[RESIDENT] == "failed"
    with writing() as session:
        assert rows.queue_again(session, now=over) == 1
    deliver_due(office, Fickle(RESIDENT, TryLater("once more")), now=over)
    assert states(case.request.id)[RESIDENT] == "queued"
    letter = next(x for x in lookups.letters_of(case.request.id) if x.recipient == RESIDENT)
    assert (letter.attempts, letter.next_at) == (1, over + WAITS[0])
    deliver_due(office, carrier, now=over + WAITS[0])
    assert states(case.request.id)[RESIDENT] == "sent"


def test_doubt_is_counted_whatever_the_server_says_in_between(office: Office, now: datetime):
    _, case = opened(office, now)
    cut, later = Uncertain("cut"), TryLater("later")
    fickle = Fickle(RESIDENT, cut, later, later, cut, later, cut, cut, cut)
    seen = []
    for hour in range(10):
        deliver_due(office, fickle, now=now + timedelta(hours=2 * hour))
        seen.append(states(case.request.id)[RESIDENT])
    assert seen == ["uncertain"] * 5 + ["failed"] * 5
    assert len(fickle.carried) == 6
    assert len(set(fickle.carried)) == 1


def test_a_failure_that_nobody_foresaw_ends_and_holds_up_no_other_letter(
    office: Office, now: datetime, caplog: pytest.LogCaptureFixture
):
    _, case = opened(office, now)
    fickle = Fickle(RESIDENT, *[ValueError("who knows") for _ in range(9)])
    for hour in range(9):
        deliver_due(office, fickle, now=now + timedelta(hours=2 * hour))
    assert states(case.request.id)[RESIDENT] == "failed"
    assert len(fickle.carried) == 1 + UNCERTAIN_TRIES
    assert fickle.others >= 2  # the employee's letter, and the clerk's about this one
    assert "unknown failure" in caplog.text
    after = lookups.case(case.request.id)
    assert after is not None
    failed = [entry for entry in after.entries if entry.kind == "letter_failed"]
    assert "ValueError" in failed[0].text


def test_a_letter_of_which_its_carriers_die_comes_last_and_ends(office: Office, now: datetime):
    _, case = opened(office, now)
    for number in range(MOST_ATTEMPTS + 1):
        with writing() as session:
            rows.claim(session, lease=f"dead {number}", until=now, now=now, most=1)
    _, other = opened(office, now, email="other@example.org")
    with writing() as session:
        order = [x.request_id for x in rows.claim(session, lease="x", until=now, now=now, most=9)]
    assert order.index(other.request.id) < order.index(case.request.id)
    fickle = Fickle(RESIDENT)
    deliver_due(office, fickle, now=now)
    assert "failed" in states(case.request.id).values()


@pytest.mark.parametrize("closed", ["login", "connect"])
def test_a_closed_post_stops_the_queue_and_costs_no_letter(
    office: Office, app: Flask, client: StrictClient, now: datetime, closed: str
):
    shut = Shut(PostClosed(f"the mail server refused the {closed} (535)"))
    _, case = opened(office, now)
    days = [now + timedelta(hours=hour) for hour in range(0, 24 * 6, 6)]
    for at in days:
        assert deliver_due(office, shut, now=at).is_closed
    assert set(states(case.request.id).values()) == {"queued"}
    knocks = shut.knocks
    opened(office, days[-1])
    assert deliver_due(office, shut, now=days[-1] + CLOSED_WAIT / 2).is_closed
    assert shut.knocks == knocks
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "The mail server turns us away, so no letter leaves." in answer.get_data(as_text=True)
    told = app.test_cli_runner().invoke(args=["mail", "status"])
    assert told.exit_code == 1
    assert f"No letter leaves: the post is closed: the mail server refused the {closed} (535)" in told.output
    again = days[-1] + CLOSED_WAIT
    # The first thing that a server says after it opened again may be "later".
    deliver_due(office, Fickle(RESIDENT, TryLater("greylisted"), TryLater("greylisted")), now=again)
    assert states(case.request.id)[RESIDENT] == "queued"
    deliver_due(office, Fickle(RESIDENT, None, None), now=again + timedelta(hours=2))
    assert set(states(case.request.id).values()) == {"sent"}
    assert rows.closed_because() is None


class Shut:
    """A post that turns everybody away at the door."""

    def __init__(self, error: PostClosed) -> None:
        self.error = error
        self.knocks = 0

    @contextmanager
    def round(self) -> Iterator[Fickle]:
        self.knocks += 1
        raise self.error
        yield


def test_what_waits_for_a_closed_post_goes_at_once_when_somebody_says_so(
    office: Office, carrier: SmtpCarrier, now: datetime
):
    _, case = opened(office, now)
    deliver_due(office, Shut(PostClosed("no")), now=now)
    with writing() as session:
        rows.queue_again(session, now=now)
    assert deliver_due(office, carrier, now=now).sent == 2
    assert set(states(case.request.id).values()) == {"sent"}


class Locked(Server):
    """A real server that takes letters only after a login, and knows nobody."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        Controller.__init__(
            self, self.inbox, hostname="127.0.0.1", port=0, ready_timeout=10, auth_require_tls=False,
            authenticator=lambda *_: AuthResult(success=False, handled=False),
        )  # fmt: skip


def test_a_wrong_password_closes_the_post_and_is_not_tried_again_at_once(
    office: Office, app: Flask, now: datetime
):
    server = Locked()
    server.start()
    there = SmtpServer("127.0.0.1", server.port, security="none", user="town", password="wrong", timeout=5)
    _, case = opened(office, now)
    assert deliver_due(office, SmtpCarrier(flask_mail.Mail(app), there), now=now).is_closed
    server.stop()
    assert rows.closed_because() == (
        f"the post is closed: the mail server 127.0.0.1:{server.port} refused the login (535)"
    )
    assert set(states(case.request.id).values()) == {"queued"}


def test_a_server_without_starttls_closes_the_post_where_it_is_wanted(
    office: Office, app: Flask, mailserver: Server, now: datetime
):
    there = SmtpServer("127.0.0.1", mailserver.port, security="starttls", timeout=5)
    opened(office, now)
    assert deliver_due(office, SmtpCarrier(flask_mail.Mail(app), there), now=now).is_closed
    assert "cannot do what is set" in (rows.closed_because() or "")


def test_as_long_as_nobody_reads_replies_no_letter_asks_for_one(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    deaf = replace(office, reads_mail=False)
    opened(deaf, now)
    deliver_due(deaf, carrier, now=now)
    assert len(mailserver.inbox.mails) == 2
    for mail in mailserver.inbox.mails:
        assert mail.message["Reply-To"] is None
        assert MARKERS["en"] not in mail.text + mail.html
        assert mail.sender == office.sender
        mark = reply_token(office.secret, "26-0001", mail.recipient)
        assert f"Ref 26-0001 {mark}" in mail.text
        assert f"Ref 26-0001 {mark}" in mail.html


def test_where_replies_are_read_each_letter_says_whose_reply_or_return_it_will_be(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    listening = replace(office, reads_mail=True)
    opened(listening, now)
    deliver_due(listening, carrier, now=now)
    local, _at, domain = office.sender.partition("@")
    for mail in mailserver.inbox.mails:
        mark = reply_token(office.secret, "26-0001", mail.recipient)
        assert mail.message["Reply-To"] == f"{local}+r.{mark}@{domain}"
        assert mail.sender == f"{local}+b.{mark}@{domain}"
        assert mail.message["From"].addresses[0].addr_spec == office.sender
    assert len({mail.sender for mail in mailserver.inbox.mails}) == 2


def test_a_letter_from_before_the_upgrade_is_patient_since_it_was_written(office: Office, now: datetime):
    _, case = opened(office, now)
    with writing() as session:
        session.execute(update(OutgoingLetter).values(started_at=None))
    deliver_due(office, Fickle(RESIDENT, TryLater("later")), now=now + PATIENCE)
    assert states(case.request.id)[RESIDENT] == "queued"
    deliver_due(office, Fickle(RESIDENT, TryLater("later")), now=now + PATIENCE + timedelta(hours=2))
    assert states(case.request.id)[RESIDENT] == "failed"
