"""Who does it while somebody is away, and does it come back by itself?"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from casework import absence
from casework.errors import NotPossible
from casework.ladder import climb_due
from casework.office import Office
from storage import lookups
from storage.database import db, writing
from storage.lookups import Case
from storage.tables import Absence, OutgoingLetter
from storage.turns import wrong_turns
from tests.builders import opened
from tests.rules import changed

MANAGER = "transfer-station-manager"
DIRECTOR = "public-works-director"
BY = f"person:{MANAGER}"
TODAY = date(2026, 10, 14)
DAY = timedelta(days=1)


def away(office: Office, now: datetime, *, days: int = 7, after: int = 0, passes_on: bool = False) -> None:
    first = TODAY + after * DAY
    absence.leave(office, MANAGER, first=first, last=first + days * DAY, passes_on=passes_on, by=BY, now=now)


def again(case: Case) -> Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def letters(kind: str) -> list[str]:
    with db.engine.connect() as connection:
        rows = connection.execute(
            OutgoingLetter.__table__.select().where(OutgoingLetter.kind == kind).order_by(OutgoingLetter.id)
        )
        return [row.recipient for row in rows]


def test_new_requests_go_to_the_deputy_and_afterwards_come_back(office: Office, now: datetime):
    _, before = opened(office, now)
    away(office, now)
    _, meanwhile = opened(office, now + DAY)
    _, last_day = opened(office, now + 7 * DAY)
    _, afterwards = opened(office, now + 8 * DAY)
    assert [one.request.assignee for one in (before, meanwhile, last_day, afterwards)] == [
        MANAGER, DIRECTOR, DIRECTOR, MANAGER,
    ]  # fmt: skip


def test_what_is_open_stays_unless_it_is_to_go_along(office: Office, now: datetime):
    _, case = opened(office, now)
    away(office, now)
    assert absence.pass_on_due(office, now=now) == 0
    assert again(case).request.assignee == MANAGER
    away(office, now, passes_on=True)
    assert absence.pass_on_due(office, now=now) == 1
    found = again(case)
    assert (found.request.assignee, found.entries[-1].facts["to"]) == (DIRECTOR, DIRECTOR)
    assert absence.pass_on_due(office, now=now) == 0
    assert letters("assigned")[-1] == "publicworks@alderfalls.example"


def test_what_is_open_goes_on_the_first_day_and_not_before(office: Office, now: datetime):
    _, case = opened(office, now)
    away(office, now, after=3, passes_on=True)
    assert absence.pass_on_due(office, now=now + 2 * DAY) == 0
    assert absence.pass_on_due(office, now=now + 3 * DAY) == 1
    assert again(case).request.assignee == DIRECTOR


def test_the_same_days_said_twice_are_one_absence(office: Office, now: datetime):
    away(office, now)
    away(office, now)
    with writing() as session:
        assert session.query(Absence).count() == 1


def test_who_comes_back_earlier_gets_what_is_new_again(office: Office, now: datetime):
    away(office, now)
    with writing() as session:
        number = session.query(Absence).one().id
    absence.come_back(office, MANAGER, number, now=now + DAY)
    absence.come_back(office, MANAGER, number, now=now + 2 * DAY)
    _, case = opened(office, now + DAY)
    assert case.request.assignee == MANAGER


@pytest.mark.parametrize(
    ("first", "last"),
    [(TODAY, TODAY - DAY), (TODAY - 9 * DAY, TODAY - DAY), (TODAY, TODAY + 400 * DAY)],
)
def test_days_on_which_nobody_can_be_away_are_refused(office: Office, now: datetime, first: date, last: date):
    with pytest.raises(NotPossible):
        absence.leave(office, MANAGER, first=first, last=last, passes_on=False, by=BY, now=now)


def test_a_chain_of_absent_deputies_ends_at_the_first_who_is_there(office: Office, now: datetime):
    away(office, now)
    office = changed(office, "people", DIRECTOR, absent=((TODAY, TODAY + DAY),))
    _, case = opened(office, now)
    assert case.request.assignee == "road-foreman"


def test_the_reminder_of_who_is_away_goes_to_who_stands_in(office: Office, now: datetime):
    _, case = opened(office, now)
    away(office, now)
    assert case.request.ladder_at is not None
    climb_due(office, now=case.request.ladder_at)
    assert letters("reminder") == ["publicworks@alderfalls.example"]


def test_an_automatic_answer_is_asked_about_and_changes_nothing(office: Office, now: datetime):
    opened(office, now)
    until = TODAY + 9 * DAY
    assert absence.offer(office, MANAGER, until, now=now)
    assert absence.offer(office, MANAGER, until, now=now + DAY)
    assert letters("away_offer") == ["publicworks@alderfalls.example"]
    _, case = opened(office, now)
    assert case.request.assignee == MANAGER


def test_what_is_known_or_over_is_not_asked_about(office: Office, now: datetime):
    opened(office, now)
    assert not absence.offer(office, MANAGER, TODAY - DAY, now=now)
    assert not absence.offer(office, MANAGER, TODAY + 700 * DAY, now=now)
    assert not absence.offer(office, "nobody", TODAY + DAY, now=now)
    away(office, now)
    assert not absence.offer(office, MANAGER, TODAY + 7 * DAY, now=now)
    assert letters("away_offer") == []


def test_an_offer_joins_the_transaction_of_the_mail_that_caused_it(office: Office, now: datetime):
    opened(office, now)
    with pytest.raises(RuntimeError, match="killed"), writing():
        absence.offer(office, MANAGER, TODAY + DAY, now=now)
        raise RuntimeError("killed")
    assert letters("away_offer") == []


def test_standing_in_says_nothing_about_whose_job_it_is(office: Office, now: datetime):
    opened(office, now)
    away(office, now, passes_on=True)
    assert absence.pass_on_due(office, now=now) == 1
    assert wrong_turns(now - DAY).wrong == ()
