"""Who is let in, also when the town's secret has changed, and whose is a mark?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from casework import access
from casework.answering import note
from casework.errors import WrongMove
from casework.office import Office
from casework.receiving import reopen
from mail.address import reply_token, token_hash
from storage import lookups
from storage.database import writing
from storage.tables import ServiceRequest
from tests.builders import opened


def test_after_a_change_of_the_secret_old_links_go_on_and_new_letters_carry_links_that_open(
    office: Office, now: datetime
):
    receipt, case = opened(office, now)
    changed = replace(office, secret=b"another secret " * 3)
    values = []
    for _letter in range(2):
        with writing() as session:
            request = session.get_one(ServiceRequest, case.request.id)
            values.append(access.grant(session, changed, request, "resident", access.RESIDENT, now=now))
    assert values[0] == values[1] != receipt.token
    for value in (receipt.token, values[0]):
        assert access.admit(changed, value, now=now).request_id == case.request.id


def _mark(office: Office, number: str, address: str):
    return lookups.link_by_mark(token_hash(reply_token(office.secret, number, address)))


def test_each_link_knows_the_mark_of_its_replies_from_the_first_letter_on(office: Office, now: datetime):
    receipt, case = opened(office, now)
    person = office.rulebook.people[case.request.assignee]
    assert _mark(office, receipt.number, person.email).recipient == person.id
    assert _mark(office, receipt.number, "resident@example.org").purpose == "resident"


def test_a_new_address_is_recognised_from_the_next_letter_on_and_the_old_one_no_more(
    office: Office, now: datetime
):
    receipt, case = opened(office, now)
    person = office.rulebook.people[case.request.assignee]
    moved = person.model_copy(update={"email": "new.place@alderfalls.example"})
    people = {**office.rulebook.people, person.id: moved}
    changed = replace(office, rulebook=office.rulebook.model_copy(update={"people": people}))
    with writing() as session:
        request = session.get_one(ServiceRequest, case.request.id)
        access.grant(session, changed, request, "employee", person.id, now=now)
    assert _mark(office, receipt.number, moved.email).recipient == person.id
    assert _mark(office, receipt.number, person.email) is None


def test_an_employee_who_reports_something_to_themselves_answers_as_an_employee(
    office: Office, now: datetime
):
    foreman = office.rulebook.people[opened(office, now)[1].request.assignee]
    receipt, case = opened(office, now, email=foreman.email.upper())
    assert _mark(office, receipt.number, foreman.email).purpose == "employee"
    with writing() as session:
        request = session.get_one(ServiceRequest, case.request.id)
        access.grant(session, office, request, "resident", access.RESIDENT, now=now)
    assert _mark(office, receipt.number, foreman.email).purpose == "employee"


def test_a_verb_inside_a_transaction_that_fails_undoes_only_itself(office: Office, now: datetime):
    _receipt, case = opened(office, now)
    with writing() as session:
        note(office, case.request.id, text="Kept.", by="person:x", now=now)
        with pytest.raises(WrongMove):
            reopen(office, case.request.id, text="Not possible.", now=now)
        assert session.in_transaction()
    after = lookups.case(case.request.id)
    assert after.entries[-1].text == "Kept."
    assert after.request.status == "received"


def test_what_a_failed_transaction_had_joined_is_undone_with_it(office: Office, now: datetime):
    _receipt, case = opened(office, now)
    with pytest.raises(ZeroDivisionError), writing():
        note(office, case.request.id, text="Gone.", by="person:x", now=now)
        raise ZeroDivisionError
    assert lookups.case(case.request.id).entries[-1].text != "Gone."


def test_who_is_not_in_the_rules_any_more_may_look_and_not_act(office: Office, now: datetime):
    _receipt, case = opened(office, now)
    gone = case.request.assignee
    with writing() as session:
        request = session.get_one(ServiceRequest, case.request.id)
        value = access.grant(session, office, request, "employee", gone, now=now)
    assert access.admit(office, value, now=now).may_act
    people = {name: one for name, one in office.rulebook.people.items() if name != gone}
    without = replace(office, rulebook=office.rulebook.model_copy(update={"people": people}))
    assert not access.admit(without, value, now=now).may_act
