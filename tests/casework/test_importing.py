"""A batch of a past: all of it or nothing, with the journal and what is counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework import answering
from casework.importing import Importer
from casework.in_public import in_public
from casework.office import Office
from lifecycle.status import Ending
from past.request import PastRequest
from routing.rulebook import Outcome
from storage import learning, lookups, numbers
from storage.counting import first_received
from storage.database import reading
from storage.tables import ServiceRequest
from tests.builders import opened

DAY = timedelta(days=1)
MARCH = datetime(2024, 3, 1, 14, tzinfo=UTC)


def past(number: str = "1", **changes: Any) -> PastRequest:
    """Return an ordinary request of another system."""
    ordinary = PastRequest(
        line=2, number=number, identity=number, received=MARCH, service="pothole", ending=Ending.FIXED,
        closed=MARCH + DAY, due=None, answered=MARCH + DAY, agency=None, assignee="", place="Mill Road",
        at=(43.609, -72.333), text="A deep hole", channel="import", language="",
    )  # fmt: skip
    return replace(ordinary, **changes)


@pytest.fixture
def importer(office: Office, now: datetime) -> Importer:
    return Importer(office, "oldtown", now=now)


def kept() -> list[ServiceRequest]:
    with reading() as session:
        return list(session.scalars(select(ServiceRequest).order_by(ServiceRequest.id)))


def test_two_sources_may_use_the_same_numbers(office: Office, now: datetime):
    for source in ("north", "south"):
        assert Importer(office, source, now=now).take([past()]).new == 1
    assert [one.imported_from for one in kept()] == ["north", "south"]


def test_a_promise_that_was_made_there_is_kept_and_a_missing_one_is_today_s_target(importer: Importer):
    importer.take([past("1", due=MARCH + 3 * DAY), past("2")])
    first, second = kept()
    assert first.finish_due_at == MARCH + 3 * DAY
    assert second.finish_due_at == datetime(2024, 3, 15, 16, tzinfo=UTC)  # ten working days, noon on a Friday


def test_a_number_taken_by_another_process_is_followed_by_the_next(
    office: Office, importer: Importer, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    opened(office, now)
    number = kept()[0].number
    real, given = numbers.reserve, iter([number])
    monkeypatch.setattr(numbers, "reserve", lambda year: next(given, None) or real(year))
    assert importer.take([past(received=now - DAY, closed=now)]).new == 1
    assert kept()[1].number != number


def test_what_is_reopened_there_is_open_here_again(importer: Importer):
    importer.take([past()])
    importer.take([past(ending=None, closed=None, answered=None)])
    (one,) = kept()
    assert (one.status, one.ending, one.ended_at) == ("received", None, None)


def test_a_hand_off_that_ends_there_ends_as_redirected(importer: Importer):
    theirs: dict[str, Any] = {"agency": "state-transport", "answered": None}
    importer.take([past(ending=None, closed=None, **theirs)])
    assert kept()[0].status == "waiting_agency"
    importer.take([past(ending=Ending.REDIRECTED, **theirs)])
    assert (kept()[0].status, kept()[0].ending) == ("ended", "redirected")


def test_an_open_one_is_worked_on_as_any_other(office: Office, importer: Importer, now: datetime):
    importer.take([past(ending=None, closed=None, answered=None)])
    (one,) = kept()
    assert one.decided == Outcome.ACCEPT
    answering.start(office, one.id, by="person:road-foreman", now=now)
    answering.finish(office, one.id, ending=Ending.FIXED, text="Filled.", by="person:road-foreman", now=now)
    assert kept()[0].ending == "fixed"
    assert importer.take([past(text="Another text")]).worked_on == [past(text="Another text")]


def test_the_finder_learns_from_words_alone(importer: Importer):
    importer.take([past("1"), past("2", text="")])
    assert learning.examples() == [("A deep hole", "pothole")]
    assert learning.ended().count == 1


def test_an_imported_past_makes_no_report_due(office: Office, importer: Importer, now: datetime):
    importer.take([past()])
    with reading() as session:
        assert first_received(session) is None
    opened(office, now)
    with reading() as session:
        assert first_received(session) == now


def test_words_that_were_written_elsewhere_are_for_the_town_alone(office: Office, importer: Importer, now):
    importer.take([past(ending=None, closed=None, answered=None, text="Mrs Smith at 12 saw it")])
    case = lookups.case(kept()[0].id)
    assert case is not None
    shown = in_public(office, case, now=now)
    assert shown is not None
    assert shown.words == ""
    assert not any(step.text for step in shown.steps)
    assert case.request.description == "Mrs Smith at 12 saw it"
