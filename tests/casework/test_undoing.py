"""Is a mistake taken back whole, in time and by the right person, and is every wrong letter explained?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from casework import answering, receiving, redirecting, rerouting, undoing
from casework.delivering import deliver_due
from casework.errors import NotPossible
from casework.holding import as_told
from casework.office import Office
from lifecycle.status import Ending
from mail.delivery import Parcel, TryLater
from mail.smtp import SmtpCarrier
from storage import digests, lookups
from storage.database import reading, writing
from storage.lookups import Case
from storage.tables import Entry, Handover, OutgoingLetter, Photo
from storage.turns import wrong_turns
from tests.builders import opened
from tests.figures.by_row.rows import request_facts
from tests.mailserver import Server

HOLD = timedelta(minutes=5)
SOON = timedelta(minutes=1)
FOREMAN = "person:road-foreman"
COUNTY = "county-highway"
TOWN_ROAD = (43.59597, -72.33374)
RESIDENT = "resident@example.org"


@pytest.fixture
def holding(office: Office) -> Office:
    """The office of a real town, where letters wait for a while."""
    return replace(office, hold=HOLD)


@pytest.fixture
def case(holding: Office, now: datetime) -> Case:
    return opened(holding, now, service="pothole", at=TOWN_ROAD)[1]


def current(case: Case) -> Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def standing(case: Case) -> dict[str, Any]:
    request = current(case).request
    return {column.name: getattr(request, column.name) for column in request.__table__.columns}


def states(case: Case) -> list[tuple[str, str]]:
    return [(letter.kind, letter.state) for letter in lookups.letters_of(case.request.id)]


def last(case: Case, kind: str) -> int:
    return next(entry.id for entry in reversed(current(case).entries) if entry.kind == kind)


def finish(office: Office, case: Case, now: datetime, by: str = FOREMAN) -> int:
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="Filled.", by=by, now=now)
    return last(case, "finished")


ACTS: dict[str, Callable[[Office, int, datetime], None]] = {
    "acknowledged": lambda office, key, now: answering.acknowledge(office, key, by=FOREMAN, now=now),
    "started": lambda office, key, now: answering.start(office, key, by=FOREMAN, now=now),
    "answered": lambda office, key, now: answering.answer(office, key, text="Soon.", by=FOREMAN, now=now),
    "noted": lambda office, key, now: answering.note(office, key, text="Truck 3.", by=FOREMAN, now=now),
    "asked_resident": lambda office, key, now: answering.ask_resident(
        office, key, text="Where?", by=FOREMAN, now=now
    ),
    "finished": lambda office, key, now: answering.finish(
        office, key, ending=Ending.NOT_FOUND, text="", by=FOREMAN, now=now
    ),
    "reassigned": lambda office, key, now: redirecting.reassign(
        office, key, to="town-clerk", text="Yours?", by=FOREMAN, now=now
    ),
    "handed_off": lambda office, key, now: redirecting.redirect(
        office, key, agency=COUNTY, text="Theirs.", by=FOREMAN, now=now
    ),
    "rerouted": lambda office, key, now: rerouting.reroute(
        office, key, service="missed-pickup", at=TOWN_ROAD, place="", by=FOREMAN, now=now
    ),
}


# -- holding --


def test_what_tells_the_resident_waits_and_then_leaves(
    holding: Office, case: Case, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    deliver_due(holding, carrier, now=now)
    answering.answer(holding, case.request.id, text="On Friday.", by=FOREMAN, now=now)
    deliver_due(holding, carrier, now=now + HOLD - timedelta(seconds=1))
    assert states(case)[-1] == ("resident_answer", "queued")
    deliver_due(holding, carrier, now=now + HOLD)
    assert states(case)[-1] == ("resident_answer", "sent")


def test_a_hand_off_is_held_and_what_goes_to_colleagues_is_not(holding: Office, case: Case, now: datetime):
    redirecting.redirect(holding, case.request.id, agency=COUNTY, text="", by=FOREMAN, now=now)
    undoing.undo(holding, case.request.id, entry_id=last(case, "handed_off"), by=FOREMAN, now=now)
    redirecting.reassign(holding, case.request.id, to="town-clerk", text="", by=FOREMAN, now=now)
    waits = {letter.kind: letter.next_at - now for letter in lookups.letters_of(case.request.id)}
    assert waits == {
        "assigned": timedelta(0),
        "resident_receipt": timedelta(0),
        "agency_handoff": HOLD,
        "resident_redirected": HOLD,
    }


def test_what_the_resident_or_an_agency_causes_is_not_held(holding: Office, case: Case, now: datetime):
    receiving.reply(holding, case.request.id, text="It grows.", now=now)
    redirecting.redirect(holding, case.request.id, agency=COUNTY, text="", by=FOREMAN, now=now)
    redirecting.agency_accept(holding, case.request.id, text="Ours.", by=f"agency:{COUNTY}", now=now)
    waits = {letter.kind: letter.next_at - now for letter in lookups.letters_of(case.request.id)}
    assert waits["resident_wrote"] == waits["resident_answer"] == timedelta(0)


def test_where_nothing_is_held_the_letter_leaves_at_once(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    at_once = replace(office, hold=timedelta(0))
    _, case = opened(at_once, now)
    answering.answer(at_once, case.request.id, text="On Friday.", by=FOREMAN, now=now)
    deliver_due(at_once, carrier, now=now)
    assert states(case)[-1] == ("resident_answer", "sent")


# -- undoing --


@pytest.mark.parametrize("kind", ACTS)
def test_every_act_is_taken_back_whole_and_its_letters_never_leave(
    holding: Office, case: Case, carrier: SmtpCarrier, mailserver: Server, now: datetime, kind: str
):
    before, posted = standing(case), states(case)
    ACTS[kind](holding, case.request.id, now + SOON)
    undoing.undo(holding, case.request.id, entry_id=last(case, kind), by=FOREMAN, now=now + 2 * SOON)
    assert standing(case) == before
    outside = [
        state for name, state in states(case)[len(posted) :] if name.startswith(("resident", "agency"))
    ]
    assert set(outside) <= {"cancelled"}
    found = current(case)
    assert found.entries[-1].kind == "undone"
    assert kind not in [entry.kind for entry in found.public_entries]
    deliver_due(holding, carrier, now=now + timedelta(hours=1))
    told = [mail.message["Subject"] for mail in mailserver.inbox.to(RESIDENT)]
    assert len(told) == 1, "the receipt alone"


def test_once_undone_it_can_be_done_again(holding: Office, case: Case, now: datetime):
    for minute in range(3):
        at = now + minute * SOON
        undoing.undo(holding, case.request.id, entry_id=finish(holding, case, at), by=FOREMAN, now=at)
    finish(holding, case, now + 4 * SOON)
    assert current(case).request.ending == "fixed"


def test_undoing_twice_is_undoing_once(holding: Office, case: Case, now: datetime):
    entry = finish(holding, case, now)
    for nonce in ("one-click", "one-click", "another", None):
        undoing.undo(holding, case.request.id, entry_id=entry, by=FOREMAN, now=now + SOON, nonce=nonce)
    assert [one.kind for one in current(case).entries].count("undone") == 1


def test_it_is_too_late_after_a_quarter_of_an_hour(holding: Office, case: Case, now: datetime):
    entry = finish(holding, case, now)
    with pytest.raises(NotPossible, match="more than 15 minutes ago"):
        undoing.undo(holding, case.request.id, entry_id=entry, by=FOREMAN, now=now + timedelta(minutes=16))
    assert current(case).request.status == "ended"


def test_only_who_did_it_or_stands_above_undoes_it(holding: Office, case: Case, now: datetime):
    entry = finish(holding, case, now)
    for stranger in ("person:health-officer", f"agency:{COUNTY}", "resident", "person:nobody"):
        with pytest.raises(NotPossible, match="Only who did it"):
            undoing.undo(holding, case.request.id, entry_id=entry, by=stranger, now=now)
    undoing.undo(holding, case.request.id, entry_id=entry, by="person:town-clerk", now=now)
    assert current(case).request.status == "received"


def test_only_the_newest_act_is_undone(holding: Office, case: Case, now: datetime):
    entry = finish(holding, case, now)
    receiving.reopen(holding, case.request.id, text="Not yet.", now=now + SOON)
    with pytest.raises(NotPossible, match="Something else has happened"):
        undoing.undo(holding, case.request.id, entry_id=entry, by=FOREMAN, now=now + 2 * SOON)


def test_one_request_is_not_undone_by_the_number_of_anothers_entry(
    holding: Office, case: Case, now: datetime
):
    _, other = opened(holding, now)
    entry = finish(holding, case, now)
    with pytest.raises(NotPossible, match="nothing like this"):
        undoing.undo(holding, other.request.id, entry_id=entry, by=FOREMAN, now=now)


def test_what_changed_the_residents_own_words_is_put_right_by_hand(
    holding: Office, case: Case, now: datetime
):
    rerouting.reroute(
        holding, case.request.id, service="pothole", at=TOWN_ROAD, place="By the mill", by=FOREMAN, now=now
    )
    entry = last(case, "rerouted")
    assert "was" not in current(case).entries[-1].facts, "the journal's facts name no place"
    with pytest.raises(NotPossible, match="the same way, on the page"):
        undoing.undo(holding, case.request.id, entry_id=entry, by=FOREMAN, now=now)


def test_the_newest_act_is_found_for_a_reply_that_says_undo(holding: Office, case: Case, now: datetime):
    assert undoing.newest(holding, case.request.id, by=FOREMAN, now=now) is None
    entry = finish(holding, case, now)
    found = undoing.newest(holding, case.request.id, by=FOREMAN, now=now + SOON)
    assert found is not None
    assert (found.entry.id, found.until) == (entry, now + timedelta(minutes=15))


def test_what_is_written_down_for_undoing_names_nobody(holding: Office, case: Case, now: datetime):
    finish(holding, case, now)
    was = current(case).entries[-1].facts["was"]
    assert not {"description", "place", "lat", "lon", "answers", "resident_email"} & set(was)
    assert RESIDENT not in str(was)


# -- who has heard already --


def test_a_resident_who_has_the_letter_is_told_to_disregard_it(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    _, case = opened(office, now)
    entry = finish(office, case, now)
    deliver_due(office, carrier, now=now)
    undoing.undo(office, case.request.id, entry_id=entry, by=FOREMAN, now=now + SOON)
    deliver_due(office, carrier, now=now + SOON)
    correction = mailserver.inbox.to(RESIDENT)[-1]
    assert "Please disregard our last letter" in correction.message["Subject"]
    assert "Your request has ended" in correction.text


def test_a_colleague_who_has_the_letter_is_told_and_who_undid_it_is_not(
    holding: Office, case: Case, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    redirecting.reassign(holding, case.request.id, to="town-clerk", text="", by=FOREMAN, now=now)
    deliver_due(holding, carrier, now=now)
    undoing.undo(holding, case.request.id, entry_id=last(case, "reassigned"), by=FOREMAN, now=now + SOON)
    assert states(case)[-1] == ("staff_correction", "queued")
    assert lookups.letters_of(case.request.id)[-1].recipient == holding.rulebook.people["town-clerk"].email


def test_an_agency_that_has_the_letter_is_told_that_it_need_not_act(
    office: Office, carrier: SmtpCarrier, mailserver: Server, now: datetime
):
    _, case = opened(office, now, service="pothole", at=TOWN_ROAD)
    redirecting.redirect(office, case.request.id, agency=COUNTY, text="", by=FOREMAN, now=now)
    deliver_due(office, carrier, now=now)
    undoing.undo(office, case.request.id, entry_id=last(case, "handed_off"), by=FOREMAN, now=now + SOON)
    assert {kind for kind, state in states(case) if state == "queued"} == {
        "agency_taken_back", "resident_correction",
    }  # fmt: skip


@pytest.mark.parametrize(("state", "is_told"), [("queued", False), ("sent", True), ("uncertain", True)])
def test_a_report_in_an_agencys_own_system_is_told_plainly(
    wired: Callable[..., Office], now: datetime, state: str, is_told: bool
):
    office = replace(wired(), hold=HOLD)
    _, case = opened(office, now, service="pothole", at=TOWN_ROAD)
    redirecting.redirect(office, case.request.id, agency=COUNTY, text="", by=FOREMAN, now=now)
    with writing() as session:
        assert session.scalars(select(Handover.next_at)).all() == [now + HOLD]
        session.execute(update(Handover).values(state=state))
    undoing.undo(office, case.request.id, entry_id=last(case, "handed_off"), by=FOREMAN, now=now + SOON)
    assert bool(current(case).entries[-1].facts["not_recalled"]) is is_told
    with reading() as session:
        assert session.scalars(select(Handover.state)).all() == ["sent" if state == "sent" else "cancelled"]


# -- the race against the postman --


class SlowPostman:
    """Stops with a letter in hand until it is told how the journey ends."""

    def __init__(self, error: Exception | None = None) -> None:
        self.has_letter, self.may_go_on = threading.Event(), threading.Event()
        self.carried: list[Parcel] = []
        self._error = error

    @contextmanager
    def round(self):
        yield self

    def carry(self, parcel: Parcel) -> None:
        self.has_letter.set()
        assert self.may_go_on.wait(10)
        if self._error is not None:
            raise self._error
        self.carried.append(parcel)


def raced(app: Flask, office: Office, case: Case, postman: SlowPostman, now: datetime) -> None:
    """Undo while the letter is in the postman's hand."""
    with writing() as session:
        session.execute(update(OutgoingLetter).values(state="sent"))
    entry = finish(office, case, now)

    def work() -> None:
        with app.app_context():
            deliver_due(office, postman, now=now)

    round_of_letters = threading.Thread(target=work)
    round_of_letters.start()
    assert postman.has_letter.wait(10)
    undoing.undo(office, case.request.id, entry_id=entry, by=FOREMAN, now=now + SOON)
    postman.may_go_on.set()
    round_of_letters.join(10)


def test_a_letter_in_the_postmans_hand_arrives_and_is_corrected(app: Flask, office: Office, now: datetime):
    _, case = opened(office, now)
    postman = SlowPostman()
    raced(app, office, case, postman, now)
    assert len(postman.carried) == 1
    assert states(case)[-2:] == [("resident_finished", "sent"), ("resident_correction", "queued")]
    assert current(case).request.status == "received"


def test_a_letter_that_comes_back_to_the_postman_is_not_tried_again(
    app: Flask, office: Office, now: datetime
):
    _, case = opened(office, now)
    raced(app, office, case, SlowPostman(TryLater("greylisted")), now)
    assert states(case)[-2] == ("resident_finished", "cancelled")
    postman = SlowPostman()
    postman.may_go_on.set()
    deliver_due(office, postman, now=now + timedelta(hours=1))
    assert [b"disregard" in parcel.raw for parcel in postman.carried] == [True], "the correction alone"


def test_a_postman_who_dies_with_an_undone_letter_leaves_it_undone(office: Office, now: datetime):
    _, case = opened(office, now)
    entry = finish(office, case, now)
    with writing() as session:
        # Killed after the claim: its lease runs out.
        values = {"state": "sending", "lease": "dead", "lease_until": now + timedelta(minutes=10)}
        told = OutgoingLetter.kind == "resident_finished"
        session.execute(update(OutgoingLetter).where(told).values(**values))
    undoing.undo(office, case.request.id, entry_id=entry, by=FOREMAN, now=now + SOON)
    postman = SlowPostman()
    postman.may_go_on.set()
    deliver_due(office, postman, now=now + timedelta(hours=1))
    assert states(case)[-2:] == [("resident_finished", "cancelled"), ("resident_correction", "sent")]


def test_undoing_and_delivering_at_once_leaves_no_wrong_letter_unexplained(
    app: Flask, office: Office, now: datetime
):
    """Many races with a postman who carries at once: either nobody heard, or both letters left."""
    for _race in range(20):
        _, case = opened(office, now)
        entry = finish(office, case, now)
        start = threading.Barrier(2)
        postman = SlowPostman()
        postman.may_go_on.set()

        def work(postman: SlowPostman = postman, start: threading.Barrier = start) -> None:
            with app.app_context():
                start.wait()
                while deliver_due(office, postman, now=now).sent:
                    pass

        thread = threading.Thread(target=work)
        thread.start()
        start.wait()
        undoing.undo(office, case.request.id, entry_id=entry, by=FOREMAN, now=now)
        thread.join(10)
        while deliver_due(office, postman, now=now + SOON).sent:
            pass
        ended = [b"Your request has ended" in one.raw for one in postman.carried]
        corrected = [b"disregard" in one.raw for one in postman.carried]
        had_letter = any(is_end and not is_sorry for is_end, is_sorry in zip(ended, corrected, strict=True))
        has_correction = ("resident_correction", "sent") in states(case)
        assert has_correction or not had_letter
        assert current(case).request.status == "received"


# -- what counts --


def test_what_was_undone_is_neither_counted_nor_learned_from(holding: Office, case: Case, now: datetime):
    redirecting.redirect(holding, case.request.id, agency=COUNTY, text="", by=FOREMAN, now=now)
    assert lookups.agencies_chosen("pothole", besides=0) == [(COUNTY, 1)]
    undoing.undo(holding, case.request.id, entry_id=last(case, "handed_off"), by=FOREMAN, now=now)
    redirecting.reassign(holding, case.request.id, to="town-clerk", text="", by=FOREMAN, now=now)
    undoing.undo(holding, case.request.id, entry_id=last(case, "reassigned"), by=FOREMAN, now=now)
    assert lookups.agencies_chosen("pothole", besides=0) == []
    assert wrong_turns(now - HOLD).wrong == ()


def test_an_end_that_was_undone_is_no_end_in_the_report(holding: Office, case: Case, now: datetime):
    finish(holding, case, now)
    receiving.reopen(holding, case.request.id, text="", now=now + SOON)
    entry = finish(holding, case, now + 2 * SOON)
    undoing.undo(holding, case.request.id, entry_id=entry, by=FOREMAN, now=now + 3 * SOON)
    with reading() as session:
        (facts,) = request_facts(session, since=now - HOLD, until=now + HOLD)
    assert [turn.ending for turn in facts.turns] == [Ending.FIXED, None]


# -- what came along --


def test_photos_that_came_with_the_words_go_with_them(holding: Office, case: Case, now: datetime):
    answering.answer(holding, case.request.id, text="See here.", by=FOREMAN, now=now)
    entry = last(case, "answered")
    with writing() as session:
        for sha256 in ("a" * 64, "b" * 64):
            session.add(Photo(request_id=case.request.id, sha256=sha256, width=1, height=1, size=1))
        answered = session.get_one(Entry, entry)
        answered.facts = {**answered.facts, "photos": ["b" * 64]}
    told = as_told(holding, current(case), now)
    assert [photo.sha256 for photo in told.photos] == ["a" * 64], "nor are they shown before"
    undoing.undo(holding, case.request.id, entry_id=entry, by=FOREMAN, now=now)
    assert [photo.sha256 for photo in current(case).photos] == ["a" * 64]


def test_a_line_that_waits_for_a_digest_is_taken_back(holding: Office, now: datetime):
    people = dict(holding.rulebook.people)
    people["town-clerk"] = people["town-clerk"].model_copy(update={"mail": "daily"})
    office = replace(holding, rulebook=holding.rulebook.model_copy(update={"people": people}))
    _, case = opened(office, now, service="pothole", at=TOWN_ROAD)
    redirecting.reassign(office, case.request.id, to="town-clerk", text="", by=FOREMAN, now=now + SOON)
    assert ("town-clerk", now + SOON) in digests.waiting()
    undoing.undo(office, case.request.id, entry_id=last(case, "reassigned"), by=FOREMAN, now=now + SOON)
    assert "town-clerk" not in dict(digests.waiting())
