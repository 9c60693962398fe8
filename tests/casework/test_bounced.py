"""Does a letter that comes back reach somebody else at once, and does a forged report change nothing?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from casework import access, answering, receiving, recipients
from casework.addressing import addressed
from casework.arriving import store, work_off
from casework.bounced import pass_on_suspended, take_bounce
from casework.delivering import deliver_due
from inbox.understood import understand
from lifecycle.journal import Kind
from mail.address import ALPHABET, bounce_address
from storage import lookups
from storage import recipients as rows
from storage.database import reading, writing
from storage.tables import OutgoingLetter, Recipient
from tests.builders import opened

FOREMAN, DIRECTOR = "roads@alderfalls.example", "publicworks@alderfalls.example"
TOWN_ROAD = (43.59597, -72.33374)


@pytest.fixture
def office(office):
    return replace(office, reads_mail=True)


def report(
    to: str,
    recipient: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "550 5.1.1 no such mailbox",
    message_id: str = "",
    original: bool = True,
) -> bytes:
    """A delivery report as mail servers write them (RFC 3464)."""
    letter = f"Message-ID: {message_id}\r\nSubject: a letter\r\nFrom: townhall@alderfalls.example\r\n"
    returned = f"--edge\r\nContent-Type: text/rfc822-headers\r\n\r\n{letter}\r\n" if original else ""
    return (
        f"From: Mail Delivery System <MAILER-DAEMON@mx.example>\r\nTo: {to}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        "Date: Wed, 14 Oct 2026 12:00:00 -0400\r\nMessage-ID: <bounce@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="edge"\r\n\r\n'
        "--edge\r\nContent-Type: text/plain\r\n\r\nThis is the mail system at host mx.example.\r\n\r\n"
        "--edge\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n\r\n{returned}--edge--\r\n"
    ).encode()


def returned(office, raw: bytes, now: datetime) -> str:
    """Have a report taken as the reader of mails does it."""
    found = understand(raw, loop_signs=(office.sender,))
    assert found.mail is not None
    assert found.bounce is not None
    with writing() as session:
        whom = addressed(office, "", found.mail)
        return take_bounce(session, office, mail=found.mail, bounce=found.bounce, addressed=whom, now=now)


def letter_to(address: str, kind: str | None = None) -> OutgoingLetter:
    """The newest letter to somebody."""
    with reading() as session:
        asked = select(OutgoingLetter).where(OutgoingLetter.recipient == address)
        asked = asked if kind is None else asked.where(OutgoingLetter.kind == kind)
        return session.scalars(asked.order_by(OutgoingLetter.id.desc()).limit(1)).one()


def letters_to(address: str) -> list[str]:
    with reading() as session:
        return list(
            session.scalars(
                select(OutgoingLetter.kind)
                .where(OutgoingLetter.recipient == address)
                .order_by(OutgoingLetter.id)
            )
        )


@pytest.fixture
def pothole(office, carrier, now):
    """A request of the foreman whose letters have left."""
    _, case = opened(office, now, service="pothole", at=TOWN_ROAD, place="Old Turnpike")
    deliver_due(office, carrier, now=now)
    return case.request


def test_a_letter_that_comes_back_has_failed_after_all_and_the_deputy_has_the_request(office, pothole, now):
    letter = letter_to(FOREMAN)
    assert "+b." in letter.envelope_from
    returned(office, report(letter.envelope_from, FOREMAN, message_id=letter.message_id), now)
    case = lookups.case(pothole.id)
    assert case.request.assignee == "public-works-director"
    assert letter_to(FOREMAN).state == "failed"
    assert "no such mailbox" in (letter_to(FOREMAN).last_error or "")
    kinds = [Kind(entry.kind) for entry in case.entries]
    assert Kind.MAIL_BOUNCED in kinds
    assert Kind.MAIL_BOUNCED not in [Kind(entry.kind) for entry in case.public_entries]
    assert letters_to(DIRECTOR) == ["assigned"]
    assert rows.suspended() == {FOREMAN}


def test_further_letters_go_to_who_stands_in_at_once(office, pothole, now):
    letter = letter_to(FOREMAN)
    returned(office, report(letter.envelope_from, FOREMAN, message_id=letter.message_id), now)
    _, case = opened(office, now, service="pothole", at=TOWN_ROAD, place="Old Turnpike")
    assert case.request.assignee == "public-works-director"
    assert letters_to(DIRECTOR) == ["assigned", "assigned"]
    assert letters_to(FOREMAN) == ["assigned"]


def test_what_the_dead_mailbox_had_open_is_passed_on_within_a_minute(office, carrier, pothole, now):
    opened(office, now, service="pothole", at=TOWN_ROAD, place="Old Turnpike")
    deliver_due(office, carrier, now=now)
    letter = letter_to(FOREMAN)
    returned(office, report(letter.envelope_from, FOREMAN, message_id=letter.message_id), now)
    assert lookups.case(pothole.id).request.assignee == "road-foreman"
    assert pass_on_suspended(office, now=now) == 1
    assert pass_on_suspended(office, now=now) == 0
    assert lookups.case(pothole.id).request.assignee == "public-works-director"


def test_the_same_report_twice_is_one(office, pothole, now):
    letter = letter_to(FOREMAN)
    raw = report(letter.envelope_from, FOREMAN, message_id=letter.message_id)
    returned(office, raw, now)
    before = len(lookups.case(pothole.id).entries)
    assert "already" in returned(office, raw, now)
    assert len(lookups.case(pothole.id).entries) == before


def test_without_the_headers_of_our_letter_the_return_address_tells_which_one_it_was(office, pothole, now):
    returned(office, report(letter_to(FOREMAN).envelope_from, FOREMAN, original=False), now)
    assert lookups.case(pothole.id).request.assignee == "public-works-director"


def test_without_plus_addressing_the_headers_of_our_letter_tell_it(office, pothole, now):
    letter = letter_to(FOREMAN)
    returned(office, report(office.sender, FOREMAN, message_id=letter.message_id), now)
    assert letter_to(FOREMAN).state == "failed"


@pytest.mark.parametrize(
    ("recipient", "to", "message_id"),
    [
        ("publicworks@alderfalls.example", "right", "right"),
        (FOREMAN, "townhall+b.aaaaaaaaaaaaaaaaaaaa@alderfalls.example", ""),
        (FOREMAN, "townhall@alderfalls.example", "<26-0001.aaaaaaaaaaaaaaaa@alderfalls.example>"),
        (FOREMAN, "resident", "right"),
        ("resident@example.org", "right", ""),
    ],
    ids=[
        "another recipient",
        "unknown mark",
        "unknown letter",
        "another letter's mark",
        "resident for foreman",
    ],
)
def test_a_forged_report_changes_nothing(office, pothole, now, recipient, to, message_id):
    letter = letter_to(FOREMAN)
    places = {"right": letter.envelope_from, "resident": letter_to("resident@example.org").envelope_from}
    raw = report(
        places.get(to, to), recipient, message_id=letter.message_id if message_id == "right" else message_id
    )
    before = _everything(pothole.id)
    assert "nothing was changed" in returned(office, raw, now)
    assert _everything(pothole.id) == before


def _everything(request_id: int) -> object:
    with reading() as session:
        letters = session.execute(select(OutgoingLetter.id, OutgoingLetter.state)).all()
        boxes = session.execute(select(Recipient.address, Recipient.suspended_at, Recipient.bounced_at)).all()
    case = lookups.case(request_id)
    return (
        [tuple(row) for row in letters],
        [tuple(row) for row in boxes],
        case.request.assignee,
        len(case.entries),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mark=st.text(ALPHABET, min_size=8, max_size=24), status=st.sampled_from(["5.1.1", "4.2.2", "5.7.1", ""])
)
def test_no_guessed_mark_ever_changes_anything(office, pothole, now, mark, status):
    before = _everything(pothole.id)
    to = bounce_address(office.sender, mark)
    returned(office, report(to, FOREMAN, status=status, original=False), now)
    assert _everything(pothole.id) == before


def test_a_late_letter_is_noted_and_nothing_else(office, pothole, now):
    letter = letter_to(FOREMAN)
    raw = report(
        letter.envelope_from, FOREMAN, action="delayed", status="4.4.1", message_id=letter.message_id
    )
    assert "noted" in returned(office, raw, now)
    case = lookups.case(pothole.id)
    assert (case.request.assignee, letter_to(FOREMAN).state) == ("road-foreman", "sent")
    assert case.entries[-1].kind == Kind.MAIL_ARRIVED
    assert rows.suspended() == frozenset()


def test_a_full_mailbox_is_suspended_at_the_third_time_within_a_week(office, carrier, now):
    for turn in range(3):
        at = now + timedelta(days=turn)
        _, case = opened(office, at, service="pothole", at=TOWN_ROAD, place="Old Turnpike")
        deliver_due(office, carrier, now=at)
        letter = letter_to(FOREMAN)
        raw = report(letter.envelope_from, FOREMAN, status="5.2.2", said="552 5.2.2 mailbox full")
        returned(office, raw, at)
        # The letter did not arrive, so the deputy has this one in any case.
        assert lookups.case(case.request.id).request.assignee == "public-works-director"
        assert (FOREMAN in rows.suspended()) == (turn == 2)


def test_a_mailbox_that_is_full_once_a_month_stays(office, carrier, now):
    for turn in range(3):
        at = now + timedelta(days=30 * turn)
        opened(office, at, service="pothole", at=TOWN_ROAD, place="Old Turnpike")
        deliver_due(office, carrier, now=at)
        letter = letter_to(FOREMAN)
        returned(office, report(letter.envelope_from, FOREMAN, status="4.2.2", said="mailbox full"), at)
    assert rows.suspended() == frozenset()


def test_a_resident_whose_address_is_dead_gets_no_more_letters_and_the_employee_reads_it(
    office, pothole, client, now
):
    letter = letter_to("resident@example.org")
    returned(office, report(letter.envelope_from, "resident@example.org", message_id=letter.message_id), now)
    assert lookups.case(pothole.id).request.assignee == "road-foreman"
    answering.answer(office, pothole.id, text="We come on Monday.", by="person:road-foreman", now=now)
    assert letters_to("resident@example.org") == ["resident_receipt"]
    with writing() as session:
        value = access.grant(session, office, pothole, "employee", "road-foreman", now=now)
    page = client.get(f"/a/{value}").text
    assert "The resident's address does not work" in page
    assert "no such mailbox" in page
    with reading() as session:
        assert session.get(Recipient, "resident@example.org") is None, "nothing is kept of a resident here"


def test_a_resident_who_acts_again_is_written_to_again(office, pothole, now):
    letter = letter_to("resident@example.org")
    returned(office, report(letter.envelope_from, "resident@example.org", message_id=letter.message_id), now)
    receiving.reply(office, pothole.id, text="Any news?", now=now)
    answering.answer(office, pothole.id, text="We come on Monday.", by="person:road-foreman", now=now)
    assert letters_to("resident@example.org") == ["resident_receipt", "resident_answer"]


def test_two_dead_mailboxes_do_not_pass_a_request_to_and_fro(office, carrier, pothole, now):
    for address in (FOREMAN, DIRECTOR):
        letter = letter_to(address)
        returned(office, report(letter.envelope_from, address, message_id=letter.message_id), now)
        deliver_due(office, carrier, now=now)
    assert lookups.case(pothole.id).request.assignee == "town-clerk"
    assert pass_on_suspended(office, now=now) == 0


def test_where_everybody_is_gone_it_stays_and_does_not_turn_in_circles(office, carrier, pothole, now):
    for address in (FOREMAN, DIRECTOR, "clerk@alderfalls.example"):
        letter = letter_to(address, "assigned")
        returned(office, report(letter.envelope_from, address, message_id=letter.message_id), now)
        deliver_due(office, carrier, now=now)
    assert pass_on_suspended(office, now=now) == 0
    assert len(lookups.case(pothole.id).entries) < 20


def test_who_acts_is_written_to_again(office, pothole, now):
    letter = letter_to(FOREMAN)
    returned(office, report(letter.envelope_from, FOREMAN, message_id=letter.message_id), now)
    later = now + timedelta(hours=1)
    answering.note(office, pothole.id, text="I am here.", by="person:road-foreman", now=later)
    assert rows.suspended() == frozenset()
    _, case = opened(office, later, service="pothole", at=TOWN_ROAD, place="Old Turnpike")
    assert case.request.assignee == "road-foreman"


def test_a_person_restores_a_mailbox_by_its_address(office, pothole, now):
    letter = letter_to(FOREMAN)
    returned(office, report(letter.envelope_from, FOREMAN, message_id=letter.message_id), now)
    assert recipients.restore("Roads@AlderFalls.example", now=now)
    assert not recipients.restore(FOREMAN, now=now)
    assert rows.suspended() == frozenset()


def test_a_report_that_arrives_as_a_raw_mail_does_all_that(office, pothole, now):
    letter = letter_to(FOREMAN)
    raw = report(letter.envelope_from, FOREMAN, message_id=letter.message_id)
    store(office, raw, envelope_to=letter.envelope_from, source="pipe", now=now)
    done = work_off(office, now=now)
    assert done.applied == 1
    assert lookups.case(pothole.id).request.assignee == "public-works-director"


def test_a_report_of_a_late_letter_that_arrives_as_a_raw_mail_is_noted(office, pothole, now):
    letter = letter_to(FOREMAN)
    raw = report(
        letter.envelope_from, FOREMAN, action="delayed", status="4.4.1", message_id=letter.message_id
    )
    store(office, raw, envelope_to=letter.envelope_from, source="pipe", now=now)
    assert work_off(office, now=now).ignored == 1
    assert lookups.case(pothole.id).entries[-1].facts["what"] == "delayed"


def test_a_report_whose_taking_is_cut_short_leaves_nothing_and_is_taken_the_next_time(office, pothole, now):
    letter = letter_to(FOREMAN)
    raw = report(letter.envelope_from, FOREMAN, message_id=letter.message_id)
    before = _everything(pothole.id)
    found = understand(raw)
    assert found.mail is not None
    assert found.bounce is not None
    with pytest.raises(KeyboardInterrupt), writing() as session:
        whom = addressed(office, "", found.mail)
        take_bounce(session, office, mail=found.mail, bounce=found.bounce, addressed=whom, now=now)
        raise KeyboardInterrupt
    assert _everything(pothole.id) == before
    returned(office, raw, now)
    assert letters_to(DIRECTOR) == ["assigned"]
