"""Do the facts tell what the verbs did? Requests opened, ended, reopened and handed over for real."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select

from casework import answering, receiving, redirecting
from casework.office import Office
from lifecycle.status import Ending
from reports.period import Period
from storage import factbook
from storage.counting import first_received
from storage.database import reading, writing
from storage.tables import FactHandOff
from storage.tallies import count
from tests.builders import opened
from tests.figures.by_row.figures import figures
from tests.figures.by_row.rows import RequestFacts, request_facts, tally_facts

DAY = timedelta(days=1)


def facts_of(number: str, until: datetime, since: datetime | None = None) -> RequestFacts:
    with reading() as session:
        found = request_facts(session, since=since or until - 90 * DAY, until=until)
    return next(facts for facts in found if facts.number == number)


def test_a_request_that_was_reopened_is_known_as_it_was_at_every_instant(
    office: Office, now: datetime
) -> None:
    receipt, case = opened(office, now)
    request, person = case.request.id, f"person:{case.request.assignee}"
    answering.finish(office, request, ending=Ending.FIXED, text="Done.", by=person, now=now + DAY)
    receiving.reopen(office, request, text="Not done.", now=now + 3 * DAY)
    answering.finish(
        office, request, ending=Ending.NO_ACTION, text="Will stay.", by=person, now=now + 9 * DAY
    )
    facts = facts_of(receipt.number, now + 20 * DAY)
    endings = [(final.ending if (final := facts.final(now + step * DAY)) else None) for step in (0, 2, 5, 12)]
    assert endings == [None, Ending.FIXED, None, Ending.NO_ACTION]


def test_a_hand_over_that_never_arrived_did_not_happen(now: datetime) -> None:
    def lines(*told: tuple[str, dict[str, str]]) -> list[factbook.Line]:
        return [factbook.Line(place, now, kind, facts) for place, (kind, facts) in enumerate(told)]

    county, power = {"agency": "county"}, {"agency": "power"}
    lost = ("handover_failed", county | {"instead": "clerk"})
    handed = ("handed_off", county), ("handed_off", power)
    assert [one.agency for one in factbook.story(lines(*handed, lost)).handed] == ["power"]
    spoke = ("agency_accepted", county)
    assert [one.agency for one in factbook.story(lines(handed[0], spoke, lost)).handed] == ["county"]
    twice = handed[0], handed[0]
    assert len(factbook.story(lines(*twice, lost)).handed) == 2, "nobody knows which of them it was"
    first = ("handover_failed", county | {"instead": "none", "posted_at": now.isoformat()})
    anew = [lines(handed[0])[0], lines(handed[0])[0]._replace(at=now + DAY), lines(first)[0]]
    assert [one.at for one in factbook.story(anew).handed] == [now + DAY]
    by_mail = ("handover_failed", county | {"instead": "mail"})
    assert [one.agency for one in factbook.story(lines(handed[0], by_mail)).handed] == ["county"]


def test_withdrawn_and_redirected_are_told_apart_in_the_history(office: Office, now: datetime) -> None:
    receipt, case = opened(office, now)
    receiving.withdraw(office, case.request.id, text="", now=now + DAY)
    receiving.reopen(office, case.request.id, text="After all.", now=now + 2 * DAY)
    card = next(agency.id for agency in office.rulebook.agencies.values() if agency.handoff == "none")
    by = f"person:{case.request.assignee}"
    redirecting.redirect(office, case.request.id, agency=card, text="Theirs.", by=by, now=now + 3 * DAY)
    facts = facts_of(receipt.number, now + 9 * DAY)
    assert [turn.ending for turn in facts.turns] == [Ending.WITHDRAWN, None, Ending.REDIRECTED]
    assert facts.agency == card


def test_a_hand_over_is_remembered_after_the_agency_gave_it_back(office: Office, now: datetime) -> None:
    receipt, case = opened(office, now)
    agency = next(agency.id for agency in office.rulebook.agencies.values() if agency.handoff == "mail")
    by = f"person:{case.request.assignee}"
    redirecting.redirect(office, case.request.id, agency=agency, text="", by=by, now=now + DAY)
    waiting = facts_of(receipt.number, now + 9 * DAY)
    assert (waiting.agency, waiting.handed_to, waiting.ending) == (agency, agency, None)
    redirecting.agency_refuse(
        office, case.request.id, text="Not ours.", by=f"agency:{agency}", now=now + 2 * DAY
    )
    back = facts_of(receipt.number, now + 9 * DAY)
    assert (back.agency, back.handed_to) == (None, agency)
    other = next(
        one.id for one in office.rulebook.agencies.values() if one.handoff == "mail" and one.id != agency
    )
    redirecting.redirect(office, case.request.id, agency=other, text="", by=by, now=now + 3 * DAY)
    redirecting.agency_accept(office, case.request.id, text="Ours.", by=f"agency:{other}", now=now + 4 * DAY)
    assert hand_offs() == [(agency, 24, 1, 0), (other, 72, 0, 1)]
    factbook.rebuild(office.sorting)
    assert hand_offs() == [(agency, 24, 1, 0), (other, 72, 0, 1)]


def hand_offs() -> list[tuple[str, int | None, int, int]]:
    """Return (agency, hours until then, given back, confirmed) of each, in order."""
    with reading() as session:
        words = factbook.words(session)["agency"]
        found = session.scalars(select(FactHandOff).order_by(FactHandOff.request_id, FactHandOff.place)).all()
        return [(words[one.agency], one.hours, one.returned, one.confirmed) for one in found]


def test_what_ended_long_ago_is_not_read_and_what_is_still_open_is(office: Office, now: datetime) -> None:
    ended, case = opened(office, now)
    by = f"person:{case.request.assignee}"
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="Done.", by=by, now=now + DAY)
    still_open, _case = opened(office, now)
    later = now + 400 * DAY
    with reading() as session:
        found = request_facts(session, since=later - 30 * DAY, until=later)
        assert [facts.number for facts in found] == [still_open.number]
        assert first_received(session) == now
    assert facts_of(ended.number, later, since=now).ending is Ending.FIXED


def test_the_figures_of_real_verbs_add_up(office: Office, now: datetime) -> None:
    cases = [opened(office, now + step * DAY)[1].request for step in range(12)]
    for request in cases[:8]:
        by = f"person:{request.assignee}"
        answering.finish(
            office, request.id, ending=Ending.FIXED, text="Done.", by=by, now=request.created_at + DAY
        )
    receiving.rate(office, cases[0].id, was_fixed=True, rating=5, text="", now=now + 14 * DAY)
    with reading() as session:
        found = request_facts(session, since=now - DAY, until=now + 30 * DAY)
    told = figures(found, (), period=Period.around(now, office.zone), as_of=now + 30 * DAY)
    assert (told.this.received, told.this.finished, told.this.open_after) == (12, 8, 4)
    assert told.this.first_answer is not None
    assert told.this.first_answer.seconds == 24 * 3600
    assert (told.satisfaction.rated, told.satisfaction.said_fixed) == (1, 1)


def test_tallies_are_read_by_town_day(office: Office) -> None:
    with writing() as session:
        for day in (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 1)):
            count(session, day=day, service="pothole", outcome="card", rule="r", target="state")
    with reading() as session:
        found = tally_facts(session, first=date(2026, 10, 1), last=date(2026, 10, 31))
    assert [(tally.day.day, tally.count) for tally in found] == [(1, 1), (31, 1)]
