"""Does what must always be true of mail hold? Three invariants, and where the tests of the others are."""

from __future__ import annotations

import imaplib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, product

import flask_mail
import pytest
from flask import Flask
from sqlalchemy import select

from casework import redirecting
from casework.delivering import deliver_due
from casework.errors import NotPossible
from casework.office import Office
from casework.reading_mailbox import LARGEST, Vain, look, read_some
from console.health import reasons_at
from inbox.imap import ImapServer, open_mailbox
from mail.smtp import SmtpCarrier, SmtpServer
from settings import ROOT
from storage.database import reading
from storage.tables import DigestItem, IncomingMail, OutgoingLetter, ServiceRequest
from tests.builders import opened
from tests.dovecot import PASSWORD, Dovecot, needs_dovecot
from tests.inbox.test_torture import CASES
from tests.journeys.places import on_a_road_of
from tests.mailserver import Server

ELSEWHERE = {
    "kill -9 anywhere in the sender, hundreds of times, with greylisting and cut connections: 0 lost, each "
    "Message-ID delivered once or twice, byte-identical": (
        "tests/acceptance/test_kills.py::test_kill_9_anywhere_in_the_sender_hundreds_of_times_with_greylisting_and_"
        "cut_connections_loses_nothing",
    ),
    "kill -9 of the fetcher between store and flag: each mail applied exactly once": (
        "tests/acceptance/test_kills.py::test_kill_9_of_the_fetcher_between_store_and_flag_hundreds_of_times_"
        "applies_each_mail_exactly_once",
        "tests/acceptance/test_faults.py::test_killing_the_whole_town_while_it_reads_its_mail_applies_each_mail_"
        "exactly_once",
    ),
    "our instance mailing itself, two instances mailing each other, an autoresponder without headers: at "
    "most 3 mails per thread and hour; never reopens, never closes": (
        "tests/casework/test_two_towns.py::test_a_town_that_is_its_own_resident_does_not_talk_to_itself",
        "tests/casework/test_two_towns.py::test_two_towns_that_mail_each_other_soon_fall_silent",
        "tests/casework/test_arriving.py::test_a_machine_without_any_sign_of_one_gets_three_letters_an_hour",
    ),
    "GET/HEAD on every link of every outgoing mail, three times: the database is unchanged": (
        "tests/journeys/test_every_link.py::test_every_link_of_every_letter_opened_three_times_leaves_everything_"
        "as_it_was",
    ),
    "any header value with CR, LF, NUL, U+2028 or 10k characters: an error at build time or exactly one "
    "header": (
        "tests/mail/test_letter.py::test_no_header_value_can_become_a_second_header",
        "tests/mail/test_letter.py::test_any_value_of_a_header_is_refused_or_makes_exactly_one",
    ),
    "spoof matrix: only one cell acts": (
        "tests/casework/test_spoofing.py::test_only_the_right_token_from_who_got_it_or_stands_in_acts",
    ),
}
"""Which tests hold the others."""
_marks = count(1)


@pytest.mark.parametrize("sentence", ELSEWHERE)
def test_each_other_invariant_has_its_test(sentence: str):
    for name in ELSEWHERE[sentence]:
        path, _colons, function = name.partition("::")
        assert re.search(rf"^def {function}\(", (ROOT / path).read_text(), re.M), name


# -- every committed request has an outbox row for each responsible recipient --

MOMENTS = [timedelta(), timedelta(hours=11), timedelta(days=3)]
"""Noon on a Wednesday; at night; on a Saturday."""


def missing(office: Office, request_id: int) -> list[str]:
    """Return who is responsible for a request and has neither a letter nor a line in a digest."""
    with reading() as session:
        request = session.get(ServiceRequest, request_id)
        letters = set(
            session.scalars(select(OutgoingLetter.recipient).where(OutgoingLetter.request_id == request_id))
        )
        lines = set(session.scalars(select(DigestItem.person).where(DigestItem.request_id == request_id)))
    assert request is not None
    agency = office.rulebook.agencies[request.agency] if request.agency else None
    is_theirs = request.status == "waiting_agency" and agency is not None
    wanted = [request.resident_email]
    if is_theirs and agency is not None and agency.handoff == "mail":
        wanted.append(str(agency.email))
    if not is_theirs and request.assignee not in lines:
        wanted.append(office.rulebook.people[str(request.assignee)].email)
    return [address for address in wanted if address and address not in letters]


def places() -> Iterator[tuple[float, float] | None]:
    yield None
    for owner in ("town", "county", "state", "village", "private"):
        place = on_a_road_of(owner)
        yield place.lat, place.lon


@pytest.mark.slow
def test_every_committed_request_has_an_outbox_row_for_each_responsible_recipient(
    office: Office, now: datetime
):
    requests = []
    for service, at, after in product(office.rulebook.services, places(), MOMENTS):
        email = f"resident{next(_marks)}@example.org"
        try:
            case = opened(office, now + after, service=service, at=at, email=email)[1]
        except NotPossible:
            continue  # the resident was given somebody's card, and nothing was committed
        requests.append(case.request)
        assert missing(office, case.request.id) == [], (service, at, after, case.request.status)
    assert {request.status for request in requests} >= {"received", "waiting_agency"}
    assert len({request.assignee for request in requests}) > 5

    mine = next(one for one in requests if one.assignee == "road-foreman" and one.status == "received")
    foreman = "person:road-foreman"
    redirecting.reassign(office, mine.id, to="tree-warden", text="A tree.", by=foreman, now=now)
    assert missing(office, mine.id) == []
    redirecting.redirect(
        office, mine.id, agency="county-highway", text="Theirs.", by="person:tree-warden", now=now
    )
    assert missing(office, mine.id) == []
    redirecting.agency_refuse(
        office, mine.id, text="Not ours.", by="agency:county-highway", now=now, whose=None
    )
    assert missing(office, mine.id) == []


def test_where_a_letter_cannot_be_written_there_is_no_request_either(
    office: Office, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the letter cannot be written")

    monkeypatch.setattr(type(office.composer), "compose", broken)
    with pytest.raises(RuntimeError):
        opened(office, now)
    with reading() as session:
        assert session.scalars(select(ServiceRequest.id)).all() == []


# -- the mail server away --


@pytest.mark.slow
def test_smtp_down_for_hours_then_up_delivers_everything_without_doubles_and_the_alarm_was_raised(
    office: Office, app: Flask, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    nowhere = SmtpCarrier(flask_mail.Mail(app), SmtpServer("127.0.0.1", 1, security="none", timeout=1))
    alarms: list[list[str]] = []
    for quarter in range(4 * 7):
        at = now + timedelta(minutes=15 * quarter)
        opened(office, at, email=f"resident{quarter}@example.org")
        while deliver_due(office, nowhere, now=at).has_more:
            pass
        alarms.append(reasons_at(at))
    assert alarms[0] == [], "a letter that waits a minute is no reason to wake anybody"
    assert all(any("has been waiting for" in reason for reason in said) for said in alarms[2:])

    up = now + timedelta(hours=8)
    for minutes in (0, 5, 15, 60, 120):
        while deliver_due(office, carrier, now=up + timedelta(minutes=minutes)).has_more:
            pass
    with reading() as session:
        states = Counter(session.scalars(select(OutgoingLetter.state)))
        promised = set(session.scalars(select(OutgoingLetter.message_id)))
    assert set(states) == {"sent"}
    arrived = Counter(mail.message["Message-ID"] for mail in mailserver.inbox.mails)
    assert set(arrived) == promised
    assert set(arrived.values()) == {1}
    assert reasons_at(up + timedelta(minutes=120)) == []


# -- whatever lies in the mailbox --


@pytest.mark.slow
@pytest.mark.mailserver
@needs_dovecot
def test_no_bytes_make_the_fetcher_skip_stop_or_lose_a_mail(office: Office, dovecot: Dovecot, now: datetime):
    """All mails of the torture suite lie in a real mailbox, between two ordinary ones."""
    server = ImapServer("127.0.0.1", "torture", dovecot.imap, "none", PASSWORD)
    dovecot.deliver(b"Subject: the first\r\n\r\nHello\r\n", to="torture@alderfalls.example")
    folder = dovecot.folder / "mail" / "torture" / "Maildir" / "new"
    for mark, case in enumerate(CASES.values()):
        file = folder / f"17954190{mark:04}.torture.mx"
        file.write_bytes(case.bytes())
        file.chmod(0o644)
    dovecot.deliver(b"Subject: the last\r\n\r\nHello\r\n", to="torture@alderfalls.example")
    with open_mailbox(server) as box:
        looked = look(box, now=now)
        while read_some(office, box, looked, Vain(), now=now):
            pass
    with reading() as session:
        wanted = select(IncomingMail.uid, IncomingMail.raw, IncomingMail.state, IncomingMail.reason)
        kept = session.execute(wanted.order_by(IncomingMail.uid)).all()
    with imaplib.IMAP4("127.0.0.1", dovecot.imap) as client:
        client.login("torture", PASSWORD)
        client.select(readonly=True)
        assert [uid for uid, *_ in kept] == list(range(1, len(CASES) + 3))
        for uid, raw, state, reason in kept:
            # As the server gives it: of some bytes a mailbox makes others.
            given = client.uid("FETCH", str(uid), "BODY.PEEK[]")[1][0][1]
            if len(given) > LARGEST:
                assert (state, raw) == ("quarantined", given[: len(raw)])
                assert "it is still there" in reason
            else:
                assert (state, raw) == ("stored", given)
