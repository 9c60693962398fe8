"""Who may act by mail? Every cell of token × From × what mail servers found; only the entitled ones act."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import update

from casework.access import chain
from casework.office import Office
from mail.address import reply_address, reply_token
from storage import lookups
from storage.database import writing
from storage.tables import SignedLink
from tests.builders import opened
from tests.casework.letterbox import TOWN, arrive, fate, reading_mail, written

SERVER = "mx.alderfalls.example"
TOKENS = ("right", "other's", "none", "revoked")
SENDERS = ("right", "delegate", "colleague", "stranger", "own")
FINDINGS = ("pass", "fail", "absent", "forged", "foreign")
ACTS = {("right", sender, found) for sender in ("right", "delegate") for found in FINDINGS if found != "fail"}

RESULTS = {
    "pass": (f"Authentication-Results: {SERVER}; dmarc=pass header.from=alderfalls.example",),
    "fail": (f"Authentication-Results: {SERVER}; dmarc=fail header.from=x",),
    "absent": (),
    "foreign": ("Authentication-Results: mx.elsewhere.example; dmarc=fail header.from=x",),
}


@pytest.fixture
def mailing(office: Office) -> Office:
    return reading_mail(office, authserv_id=SERVER)


def _addresses(office: Office, assignee: str) -> dict[str, str]:
    people = office.rulebook.people
    able = chain(office, assignee)
    delegate = next(one for one in able[1:] if people[one].email != people[assignee].email)
    mailboxes = {people[one].email for one in able}
    colleague = next(person.email for person in people.values() if person.email not in mailboxes)
    return {
        "right": people[assignee].email,
        "delegate": people[delegate].email,
        "colleague": colleague,
        "stranger": "stranger@elsewhere.example",
        "own": office.sender,
    }


def _raw(office: Office, number: str, token: str, sender: str, finding: str, assignee: str) -> bytes:
    addresses = _addresses(office, assignee)
    whose = {"right": addresses["right"], "revoked": addresses["right"], "other's": "resident@example.org"}
    to = TOWN
    if token in whose:
        to = reply_address(office.sender, reply_token(office.secret, number, whose[token]))
    body, headers = "The truck comes tomorrow.\n", RESULTS.get(finding, ())
    raw = written(body, sender=addresses[sender], to=to, subject=f"Re: [{number}]", headers=headers)
    if finding == "forged":
        # It claims to be our own server's finding, and stands below what the sender wrote.
        raw = raw.replace(b"\nMIME-Version", f"\n{RESULTS['pass'][0]}\nMIME-Version".encode(), 1)
    return raw


@pytest.mark.parametrize("finding", FINDINGS)
@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("token", TOKENS)
def test_only_the_right_token_from_who_got_it_or_stands_in_acts(
    mailing: Office, now: datetime, token: str, sender: str, finding: str
):
    receipt, case = opened(mailing, now)
    assignee = case.request.assignee
    if token == "revoked":
        with writing() as session:
            session.execute(update(SignedLink).where(SignedLink.purpose == "employee").values(revoked_at=now))
    letters = len(lookups.letters_of(case.request.id))
    mail_id = arrive(mailing, _raw(mailing, receipt.number, token, sender, finding, assignee), now)
    after = lookups.case(case.request.id)
    if (token, sender, finding) in ACTS:
        assert fate(mail_id).state == "applied", fate(mail_id).reason
        assert after.entries[-1].kind == "answered"
        return
    assert fate(mail_id).state == "unverified", fate(mail_id).reason
    assert fate(mail_id).reason
    assert after.entries[-1].kind == "mail_unverified"
    assert after.request.status == case.request.status
    assert len(lookups.letters_of(case.request.id)) == letters


@pytest.mark.parametrize("name", ["several", "malformed"])
def test_a_mail_that_does_not_say_clearly_who_sent_it_does_not_act(mailing: Office, now: datetime, name: str):
    receipt, case = opened(mailing, now)
    raw = _raw(mailing, receipt.number, "right", "right", "absent", case.request.assignee)
    sender = _addresses(mailing, case.request.assignee)["right"].encode()
    wrong = {
        "several": b"From: " + sender + b"\nFrom: stranger@elsewhere.example",
        "malformed": b"From: nobody at all",
    }
    mail_id = arrive(mailing, raw.replace(b"From: " + sender, wrong[name], 1), now)
    assert fate(mail_id).state == "unverified"


def test_the_domain_of_a_sender_may_be_written_in_any_case(mailing: Office, now: datetime):
    receipt, case = opened(mailing, now)
    raw = _raw(mailing, receipt.number, "right", "right", "absent", case.request.assignee)
    sender = _addresses(mailing, case.request.assignee)["right"].encode()
    mail_id = arrive(mailing, raw.replace(sender, sender.upper(), 1), now)
    assert fate(mail_id).state == "applied"


def test_without_a_server_of_ours_that_reports_nothing_is_held_against_anybody(office: Office, now: datetime):
    mailing = replace(office, reads_mail=True, authserv_id="")
    receipt, case = opened(mailing, now)
    raw = _raw(mailing, receipt.number, "right", "right", "fail", case.request.assignee)
    assert fate(arrive(mailing, raw, now)).state == "applied"


WRITTEN = {
    "none, but a Sender": "Sender: {right}",
    "none, but a Reply-To": "Reply-To: {right}",
    "none, but a Return-Path": "Return-Path: <{right}>",
    "empty, and a Sender": "From:\nSender: {right}",
    "two in angle brackets": "From: <{right}> <x@evil.example>",
    "another one in a comment": "From: {right} (x@evil.example)",
    "a group": "From: {right}:x@evil.example;",
    "hidden in an encoded word": "From: =?utf-8?q?{hidden}?=",
    "behind a bare return": "From: {right}\rFrom: x@evil.example",
    "letters that look alike": "From: {alike}",
}


@pytest.mark.parametrize("written_as", WRITTEN)
def test_a_from_that_two_programs_read_differently_does_not_act(
    mailing: Office, now: datetime, written_as: str
):
    receipt, case = opened(mailing, now)
    raw = _raw(mailing, receipt.number, "right", "right", "pass", case.request.assignee)
    right = _addresses(mailing, case.request.assignee)["right"]
    others = {"hidden": right.replace("@", "=40"), "alike": right.replace("s", "ſ")}
    line = WRITTEN[written_as].format(right=right, **others)
    mail_id = arrive(mailing, raw.replace(f"From: {right}".encode(), line.encode(), 1), now)
    assert fate(mail_id).state == "unverified", fate(mail_id).reason
    assert lookups.case(case.request.id).entries[-1].kind == "mail_unverified"


@pytest.mark.parametrize(
    "written_as",
    ["{right}", "<{right}>", '"{right}" <{right}>', "'{right}' <{right}>", "Roads (town) <{right}>"],
)
def test_an_ordinary_from_acts(mailing: Office, now: datetime, written_as: str):
    receipt, case = opened(mailing, now)
    raw = _raw(mailing, receipt.number, "right", "right", "pass", case.request.assignee)
    right = _addresses(mailing, case.request.assignee)["right"]
    line = f"From: {written_as.format(right=right)}"
    mail_id = arrive(mailing, raw.replace(f"From: {right}".encode(), line.encode(), 1), now)
    assert fate(mail_id).state == "applied", fate(mail_id).reason


def test_a_pass_for_another_domain_vouches_for_nobody(mailing: Office, now: datetime):
    receipt, case = opened(mailing, now)
    raw = _raw(mailing, receipt.number, "right", "right", "pass", case.request.assignee)
    raw = raw.replace(b"header.from=alderfalls.example", b"header.from=evil.example")
    assert fate(arrive(mailing, raw, now)).state == "unverified"
