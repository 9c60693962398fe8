"""Who is let in when the town's secret has changed?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from casework import access
from casework.office import Office
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
