"""Does noted time become a row, a line of the journal and a cost, and does undoing take it back?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from casework import answering, timing, undoing
from casework.costing import cost_of, rates_of, spent_on
from casework.errors import NotPossible
from casework.office import Office
from inbox.time_written import Spent
from lifecycle.status import Ending
from routing.rates import Rate, RateCard, Rates
from storage import lookups
from tests.builders import opened
from tests.casework.letterbox import Received, arrive, fate, letters_to, reading_mail, reply_to

FOREMAN = "person:road-foreman"
VISIT = Spent(90, 60, 4250)


@pytest.fixture
def mailing(office: Office) -> Office:
    return reading_mail(office)


def _line(letter: Received) -> str:
    return " ".join(letter.mail.text.split())


def _letter(office: Office, now: datetime) -> Received:
    _receipt, case = opened(office, now)
    person = office.rulebook.people[case.request.assignee]
    return letters_to(case.request.id, person.email)[-1]


def test_noted_time_is_one_row_and_one_line_that_residents_never_see(office: Office, now: datetime):
    _receipt, case = opened(office, now)
    for _click in range(2):
        timing.note_time(
            office,
            case.request.id,
            spent=VISIT,
            text="Two holes.",
            by=FOREMAN,
            now=now,
            nonce="a-mark-of-one",
        )
    after = lookups.case(case.request.id)
    assert after is not None
    assert spent_on(case.request.id) == VISIT
    assert after.entries[-1].facts["minutes"] == 90
    assert after.entries[-1].id not in [entry.id for entry in after.public_entries]


def test_undoing_takes_the_row_back(office: Office, now: datetime):
    _receipt, case = opened(office, now)
    timing.note_time(office, case.request.id, spent=VISIT, text="", by=FOREMAN, now=now)
    act = undoing.newest(office, case.request.id, by=FOREMAN, now=now)
    assert act is not None
    undoing.undo(office, case.request.id, entry_id=act.entry.id, by=FOREMAN, now=now)
    assert spent_on(case.request.id) == Spent()


def test_hours_noted_after_an_ending_do_not_stand_in_its_way(office: Office, now: datetime):
    _receipt, case = opened(office, now)
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=now)
    act = undoing.newest(office, case.request.id, by=FOREMAN, now=now)
    assert act is not None
    timing.note_time(office, case.request.id, spent=VISIT, text="", by=FOREMAN, now=now)
    undoing.undo(office, case.request.id, entry_id=act.entry.id, by=FOREMAN, now=now)
    after = lookups.case(case.request.id)
    assert after is not None
    assert after.request.ending is None
    assert spent_on(case.request.id) == VISIT


def test_ones_own_entry_is_put_right_much_later_and_keeps_its_day(office: Office, now: datetime):
    _receipt, case = opened(office, now)
    number, later = case.request.id, now + timedelta(days=40)
    timing.note_time(office, number, spent=VISIT, text="", by=FOREMAN, now=now)
    [own] = timing.own_times(number, by=FOREMAN)
    for _click in range(2):
        timing.put_right(
            office, number, number=own.number, spent=Spent(30), text="A slip.", by=FOREMAN, now=later,
            nonce="a-mark-of-one",
        )  # fmt: skip
    [changed] = timing.own_times(number, by=FOREMAN)
    assert (changed.spent, changed.at) == (Spent(30), now)
    after = lookups.case(number)
    assert after is not None
    entry = after.entries[-1]
    assert (entry.text, entry.facts["minutes"], entry.facts["time_before"]["minutes"]) == ("A slip.", 30, 90)
    assert entry.id not in [one.id for one in after.public_entries]


@pytest.mark.parametrize("becomes", [Spent(), Spent(30)], ids=["removed", "changed"])
def test_putting_right_can_itself_be_undone(office: Office, now: datetime, becomes: Spent):
    (_one, case), (_two, other) = opened(office, now), opened(office, now)
    first = case.request.id
    timing.note_time(office, first, spent=VISIT, text="", by=FOREMAN, now=now)
    [own] = timing.own_times(first, by=FOREMAN)
    timing.put_right(office, first, number=own.number, spent=becomes, text="", by=FOREMAN, now=now)
    assert spent_on(first) == becomes
    # Another request's entry must not get the number of the one that is gone.
    timing.note_time(office, other.request.id, spent=Spent(15), text="", by=FOREMAN, now=now)
    act = undoing.newest(office, first, by=FOREMAN, now=now)
    assert act is not None
    undoing.undo(office, first, entry_id=act.entry.id, by=FOREMAN, now=now)
    assert spent_on(first) == VISIT
    assert timing.own_times(first, by=FOREMAN) == (own,)
    assert spent_on(other.request.id) == Spent(15)


@pytest.mark.parametrize("becomes", [Spent(), Spent(30)], ids=["removed", "changed"])
def test_undoing_back_to_the_start_takes_the_row_and_no_other_ones(
    office: Office, now: datetime, becomes: Spent
):
    (_one, case), (_two, other) = opened(office, now), opened(office, now)
    first, second = case.request.id, other.request.id
    timing.note_time(office, first, spent=VISIT, text="", by=FOREMAN, now=now)
    noting = undoing.newest(office, first, by=FOREMAN, now=now)
    [own] = timing.own_times(first, by=FOREMAN)
    timing.put_right(office, first, number=own.number, spent=becomes, text="", by=FOREMAN, now=now)
    righting = undoing.newest(office, first, by=FOREMAN, now=now)
    timing.note_time(office, second, spent=Spent(15), text="", by="person:town-clerk", now=now)
    for act in (righting, noting):
        assert act is not None
        undoing.undo(office, first, entry_id=act.entry.id, by=FOREMAN, now=now)
    assert (spent_on(first), spent_on(second)) == (Spent(), Spent(15))


def test_the_hours_that_were_put_right_are_not_undone_below_that(office: Office, now: datetime):
    _receipt, case = opened(office, now)
    number = case.request.id
    timing.note_time(office, number, spent=VISIT, text="", by=FOREMAN, now=now)
    noting = undoing.newest(office, number, by=FOREMAN, now=now)
    assert noting is not None
    [own] = timing.own_times(number, by=FOREMAN)
    timing.put_right(office, number, number=own.number, spent=Spent(), text="", by=FOREMAN, now=now)
    with pytest.raises(NotPossible, match="Something else has happened"):
        undoing.undo(office, number, entry_id=noting.entry.id, by=FOREMAN, now=now)


def test_nobody_puts_right_what_is_another_ones_gone_or_so_already(office: Office, now: datetime):
    _receipt, case = opened(office, now)
    number = case.request.id
    timing.note_time(office, number, spent=VISIT, text="", by=FOREMAN, now=now)
    [own] = timing.own_times(number, by=FOREMAN)
    assert timing.own_times(number, by="person:town-clerk") == ()
    for by, which, spent in (
        ("person:town-clerk", own.number, Spent(1)), (FOREMAN, own.number + 1, Spent(1)),
        (FOREMAN, own.number, VISIT), ("agency:county-highway", own.number, Spent(1)),
    ):  # fmt: skip
        with pytest.raises(NotPossible):
            timing.put_right(office, number, number=which, spent=spent, text="", by=by, now=now)
    assert spent_on(number) == VISIT


def test_nothing_spent_is_refused_and_so_is_an_agency(office: Office, now: datetime):
    _receipt, case = opened(office, now)
    with pytest.raises(NotPossible):
        timing.note_time(office, case.request.id, spent=Spent(), text="", by=FOREMAN, now=now)
    with pytest.raises(NotPossible):
        timing.note_time(office, case.request.id, spent=VISIT, text="", by="agency:county-highway", now=now)


def test_a_mail_notes_time_and_its_answer_says_it_back(mailing: Office, now: datetime):
    letter = _letter(mailing, now)
    mail_id = arrive(mailing, reply_to(letter, "#time 1h30 vehicle 1h materials 42.50\nTwo holes."), now)
    assert fate(mail_id).state == "applied", fate(mail_id).reason
    assert spent_on(letter.request_id) == VISIT
    acted = letters_to(letter.request_id, letter.row.recipient)[-1]
    assert "1 h 30 min, vehicle 1 h, materials 42.50 noted. Only the town sees it." in _line(acted)
    arrive(mailing, reply_to(acted, "#undo"), now + timedelta(minutes=1))
    assert spent_on(letter.request_id) == Spent()


def test_one_mail_notes_time_and_ends_the_request(mailing: Office, now: datetime):
    letter = _letter(mailing, now)
    mail_id = arrive(mailing, reply_to(letter, "#time 45 min\ndone\nBoth are filled."), now)
    assert fate(mail_id).state == "applied", fate(mail_id).reason
    case = lookups.case(letter.request_id)
    assert case is not None
    assert (case.request.ending, case.request.ending_reason) == ("fixed", "Both are filled.")
    assert spent_on(letter.request_id) == Spent(45)
    acted = _line(letters_to(letter.request_id, letter.row.recipient)[-1])
    assert "Done: 45 min noted. Only the town sees it. Done: the request has ended." in acted


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("#time", "needs one thing more"),
        ("#time a while", "no length of time"),
        ("#time 1h\n#undo", "cannot stand below #time"),
        ("#time 1h\n#noaction", "Write a few words first"),
    ],
)
def test_a_mail_that_cannot_be_done_whole_notes_nothing(
    mailing: Office, now: datetime, words: str, said: str
):
    letter = _letter(mailing, now)
    mail_id = arrive(mailing, reply_to(letter, words), now)
    assert fate(mail_id).state != "applied"
    assert said in _line(letters_to(letter.request_id, letter.row.recipient)[-1])
    assert spent_on(letter.request_id) == Spent()


def priced(office: Office, *cards: RateCard) -> Office:
    return replace(office, rulebook=office.rulebook.model_copy(update={"rates": Rates(cards=cards)}))


def test_each_hour_counts_by_the_rate_of_its_own_day(office: Office, now: datetime):
    _receipt, case = opened(office, now)
    first = RateCard(since=date(2020, 1, 1), hour=40, vehicle=20)
    second = RateCard(
        since=(now + timedelta(days=30)).date(), hour=50, vehicle=20,
        departments={"public-works": Rate(hour=60)}, people={"road-foreman": Rate(vehicle=30)},
    )  # fmt: skip
    town = priced(office, first, second)
    timing.note_time(town, case.request.id, spent=Spent(60, 60), text="", by=FOREMAN, now=now)
    assert cost_of(town, case.request.id) == 6000
    later = now + timedelta(days=40)
    timing.note_time(town, case.request.id, spent=Spent(60, 60, 99), text="", by=FOREMAN, now=later)
    assert cost_of(town, case.request.id) == 6000 + 6000 + 3000 + 99
    unpriced = replace(office, rulebook=office.rulebook.model_copy(update={"rates": None}))
    assert cost_of(unpriced, case.request.id) is None
    assert rates_of(unpriced.rulebook).cards == ()
