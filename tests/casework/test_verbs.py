"""Does each verb change the request, the journal and the post together, and only as the table allows?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework import access, answering, receiving, redirecting
from casework.errors import LinkRefused, NoSuchRequest, NotPossible, TextMissing, TextTooLong, WrongMove
from casework.office import Office
from casework.opening import count_told, open_request
from lifecycle.status import Ending
from routing.decision import decide
from storage import lookups
from storage.database import WriteInsideRead, reading, writing
from storage.tables import OutgoingLetter, ServiceRequest, Tally
from tests.builders import opened, submission

LATER = timedelta(hours=2)
COUNTY_ROAD = "county-highway"
CLERK = "person:town-clerk"


def kinds(request_id: int) -> list[str]:
    found = lookups.case(request_id)
    assert found is not None
    return [entry.kind for entry in found.entries]


def posted(request_id: int) -> list[tuple[str, str]]:
    return [(letter.kind, letter.recipient) for letter in lookups.letters_of(request_id)]


def state(request_id: int) -> ServiceRequest:
    found = lookups.case(request_id)
    assert found is not None
    return found.request


def test_a_new_request_is_written_with_its_journal_its_links_and_its_letters(office: Office, now: datetime):
    receipt, case = opened(office, now)
    assert receipt.number == "26-0001"
    assert case.request.status == "received"
    assert [entry.kind for entry in case.entries] == ["received", "routed"]
    assignee = office.rulebook.people[case.request.assignee]
    assert posted(case.request.id) == [
        ("assigned", assignee.email),
        ("resident_receipt", "resident@example.org"),
    ]
    assert access.admit(office, receipt.token, now=now).purpose == "resident"


def test_the_same_form_sent_twice_gives_the_first_receipt(office: Office, now: datetime):
    form = submission()
    first = open_request(office, form, now=now)
    second = open_request(office, form, now=now + LATER)
    assert (second.number, second.token) == (first.number, first.token)
    assert first.is_new
    assert not second.is_new
    assert lookups.count_requests() == 1


def test_the_same_form_with_other_words_is_another_request(office: Office, now: datetime):
    form = submission()
    first = open_request(office, form, now=now)
    corrected = open_request(
        office, replace(form, description="It was the trash, not the recycling."), now=now
    )
    assert corrected.is_new
    assert corrected.number != first.number


def test_numbers_run_by_the_year_in_town_time(office: Office):
    # 03:00 UTC on New Year's Day is still the old year in New England.
    old, _ = opened(office, datetime(2027, 1, 1, 3, tzinfo=UTC))
    new, _ = opened(office, datetime(2027, 1, 1, 6, tzinfo=UTC))
    assert (old.number, new.number) == ("26-0001", "27-0001")


@pytest.mark.past_the_verbs
def test_a_number_taken_by_another_process_is_not_given_twice(office: Office, now: datetime):
    _, case = opened(office, now)
    with writing() as session:
        # Another process opened 26-0002 meanwhile.
        other = session.get_one(ServiceRequest, case.request.id)
        copy = {c.name: getattr(other, c.name) for c in ServiceRequest.__table__.columns if c.name != "id"}
        session.add(ServiceRequest(**copy | {"number": "26-0002", "nonce": "theirs"}))
    third, _ = opened(office, now)
    assert third.number == "26-0003"


def test_without_an_address_the_resident_gets_no_letter_but_a_page(office: Office, now: datetime):
    receipt, case = opened(office, now, email="")
    assert [kind for kind, _to in posted(case.request.id)] == ["assigned"]
    assert access.admit(office, receipt.token, now=now).request_id == case.request.id


def test_the_whole_way_from_seen_to_fixed(office: Office, now: datetime):
    _, case = opened(office, now)
    request_id, by = case.request.id, f"person:{case.request.assignee}"
    answering.acknowledge(office, request_id, by=by, now=now + LATER)
    answering.start(office, request_id, by=by, now=now + LATER)
    answering.answer(office, request_id, text="We come on Friday.", by=by, now=now + LATER)
    answering.note(office, request_id, text="Truck 3.", by=by, now=now + LATER)
    answering.finish(office, request_id, ending=Ending.FIXED, text="Done.", by=by, now=now + 2 * LATER)
    request = state(request_id)
    assert (request.status, request.ending, request.answered_at) == ("ended", "fixed", now + LATER)
    assert kinds(request_id)[2:] == ["acknowledged", "started", "answered", "noted", "finished"]
    assert [kind for kind, _to in posted(request_id)][2:] == ["resident_answer", "resident_finished"]


def test_a_note_stays_inside_the_town(office: Office, now: datetime):
    _, case = opened(office, now)
    answering.note(office, case.request.id, text="Known drunk.", by=CLERK, now=now)
    after = lookups.case(case.request.id)
    assert after is not None
    assert "noted" not in [entry.kind for entry in after.public_entries]


def test_a_wrong_move_is_refused_by_name_and_changes_nothing(office: Office, now: datetime):
    _, case = opened(office, now)
    by = f"person:{case.request.assignee}"
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="", by=by, now=now)
    with pytest.raises(WrongMove, match="26-0001 is ended"):
        answering.start(office, case.request.id, by=by, now=now)
    assert kinds(case.request.id)[-1] == "finished"


def test_a_second_click_changes_nothing(office: Office, now: datetime):
    _, case = opened(office, now)
    for _click in range(3):
        answering.answer(office, case.request.id, text="Soon.", by=CLERK, now=now, nonce="one-form")
    assert kinds(case.request.id).count("answered") == 1
    assert [kind for kind, _to in posted(case.request.id)].count("resident_answer") == 1


def test_an_answer_needs_words_and_not_too_many(office: Office, now: datetime):
    _, case = opened(office, now)
    with pytest.raises(TextMissing):
        answering.answer(office, case.request.id, text="  \n", by=CLERK, now=now)
    with pytest.raises(TextTooLong, match="4001"):
        answering.answer(office, case.request.id, text="x" * 4001, by=CLERK, now=now)
    with pytest.raises(TextMissing):
        answering.finish(office, case.request.id, ending=Ending.NO_ACTION, text="", by=CLERK, now=now)


def test_an_unknown_request_is_named(office: Office, now: datetime):
    with pytest.raises(NoSuchRequest):
        answering.start(office, 4711, by=CLERK, now=now)


def test_a_question_waits_for_the_resident_and_their_reply_ends_the_wait(office: Office, now: datetime):
    _, case = opened(office, now)
    answering.ask_resident(office, case.request.id, text="Which bin?", by=CLERK, now=now)
    assert state(case.request.id).status == "waiting_resident"
    receiving.reply(office, case.request.id, text="The green one.", now=now)
    assert state(case.request.id).status == "acknowledged"
    assert posted(case.request.id)[-1][0] == "resident_wrote"


def test_a_reply_leads_back_to_work_only_where_work_had_begun(office: Office, now: datetime):
    _, case = opened(office, now)
    answering.start(office, case.request.id, by=CLERK, now=now)
    answering.ask_resident(office, case.request.id, text="Which bin?", by=CLERK, now=now)
    receiving.reply(office, case.request.id, text="The green one.", now=now)
    assert state(case.request.id).status == "in_progress"


def test_after_another_end_the_resident_is_asked_anew(office: Office, now: datetime):
    _, case = opened(office, now)
    end: dict[str, Any] = {"ending": Ending.FIXED, "text": "", "by": CLERK, "now": now}
    answering.finish(office, case.request.id, **end)
    receiving.rate(office, case.request.id, was_fixed=False, rating=None, text="", now=now)
    receiving.reopen(office, case.request.id, text="", now=now)
    answering.finish(office, case.request.id, **end)
    assert state(case.request.id).was_fixed is None


def test_nobody_is_asked_who_left_no_address(office: Office, now: datetime):
    _, case = opened(office, now, email="")
    with pytest.raises(NotPossible, match="no e-mail address"):
        answering.ask_resident(office, case.request.id, text="Which?", by=CLERK, now=now)
    assert state(case.request.id).status == "received"


def test_a_duplicate_names_the_other_request(office: Office, now: datetime):
    first, _ = opened(office, now)
    _, second = opened(office, now)
    finish: dict[str, Any] = {"ending": Ending.DUPLICATE, "text": "", "by": CLERK, "now": now}
    for wrong in ("", "26-9999", second.request.number):
        with pytest.raises(NotPossible, match="number of the other"):
            answering.finish(office, second.request.id, duplicate_of=wrong, **finish)
    answering.finish(office, second.request.id, duplicate_of=first.number, **finish)
    assert state(second.request.id).duplicate_of == first.number


def test_spam_ends_without_a_letter(office: Office, now: datetime):
    _, case = opened(office, now)
    answering.finish(office, case.request.id, ending=Ending.SPAM, text="", by=CLERK, now=now)
    assert "resident_finished" not in [kind for kind, _to in posted(case.request.id)]


def test_a_colleague_gets_everything_and_the_first_one_can_only_look(office: Office, now: datetime):
    _, case = opened(office, now)
    mine = token_of(office, case.request, case.request.assignee)
    other = next(p for p in office.rulebook.people if p not in access.chain(office, case.request.assignee))
    redirecting.reassign(office, case.request.id, to=other, text="Yours?", by=CLERK, now=now)
    assert posted(case.request.id)[-1] == ("assigned", office.rulebook.people[other].email)
    theirs = access.admit(office, token_of(office, case.request, other), now=now)
    assert theirs.may_act
    if case.request.assignee not in access.chain(office, other):
        assert not access.admit(office, mine, now=now).may_act


def token_of(office: Office, request: ServiceRequest, person: str) -> str:
    with writing() as session:
        row = session.get_one(ServiceRequest, request.id)
        return access.grant(session, office, row, "employee", person, now=request.created_at)


def test_a_hand_off_tells_both_and_waits_for_the_agency(office: Office, now: datetime):
    _, case = opened(office, now)
    by = f"person:{case.request.assignee}"
    redirecting.redirect(office, case.request.id, agency=COUNTY_ROAD, text="County road.", by=by, now=now)
    request = state(case.request.id)
    assert (request.status, request.agency, request.ending) == ("waiting_agency", COUNTY_ROAD, None)
    agency = office.rulebook.agencies[COUNTY_ROAD]
    assert posted(case.request.id)[-2:] == [
        ("agency_handoff", agency.email),
        ("resident_redirected", "resident@example.org"),
    ]


def test_the_agency_gets_name_and_contact_only_with_consent(office: Office, now: datetime):
    for may_share in (True, False):
        _, case = opened(office, now, may_share=may_share, name="Someone Private")
        redirecting.redirect(
            office,
            case.request.id,
            agency=COUNTY_ROAD,
            text="",
            by=f"person:{case.request.assignee}",
            now=now,
        )
        with reading() as session:
            raw = session.scalar(
                select(OutgoingLetter.raw).where(
                    OutgoingLetter.request_id == case.request.id, OutgoingLetter.kind == "agency_handoff"
                )
            )
        assert raw is not None
        assert (b"Someone Private" in raw) is may_share
        assert (b"resident@example.org" in raw) is may_share


def test_an_agency_that_takes_no_mail_ends_the_request_as_redirected(office: Office, now: datetime):
    card_only = next(a for a in office.rulebook.agencies.values() if a.handoff == "none")
    _, case = opened(office, now)
    redirecting.redirect(office, case.request.id, agency=card_only.id, text="", by=CLERK, now=now)
    request = state(case.request.id)
    assert (request.status, request.ending, request.agency) == ("ended", "redirected", card_only.id)


def test_what_an_agency_refuses_comes_back_to_the_clerk(office: Office, now: datetime):
    _, case = opened(office, now)
    redirecting.redirect(office, case.request.id, agency=COUNTY_ROAD, text="", by=CLERK, now=now)
    by = f"agency:{COUNTY_ROAD}"
    redirecting.agency_refuse(office, case.request.id, text="Not on our list.", by=by, now=now + LATER)
    request = state(case.request.id)
    assert (request.status, request.assignee, request.agency) == ("received", office.rulebook.clerk, None)
    with pytest.raises(NotPossible, match="taken this request back"):
        redirecting.agency_finish(office, case.request.id, text="", by=by, now=now + LATER)


def test_what_an_agency_finishes_ends_as_redirected_never_as_fixed(office: Office, now: datetime):
    _, case = opened(office, now)
    redirecting.redirect(office, case.request.id, agency=COUNTY_ROAD, text="", by=CLERK, now=now)
    by = f"agency:{COUNTY_ROAD}"
    redirecting.agency_accept(office, case.request.id, text="", by=by, now=now + LATER)
    assert posted(case.request.id)[-1] == ("resident_answer", "resident@example.org")
    redirecting.agency_finish(office, case.request.id, text="Patched.", by=by, now=now + 2 * LATER)
    assert (state(case.request.id).status, state(case.request.id).ending) == ("ended", "redirected")


def test_a_resident_reopens_inside_the_window_and_not_after_it(office: Office, now: datetime):
    _, case = opened(office, now)
    end: dict[str, Any] = {"ending": Ending.FIXED, "text": "", "by": CLERK}
    answering.finish(office, case.request.id, now=now, **end)
    receiving.reopen(office, case.request.id, text="Still there.", now=now + receiving.REOPEN_WINDOW)
    assert (state(case.request.id).status, state(case.request.id).reopened) == ("reopened", 1)
    answering.finish(office, case.request.id, now=now, **end)
    with pytest.raises(NotPossible, match="more than 30 days ago"):
        receiving.reopen(office, case.request.id, text="", now=now + receiving.REOPEN_WINDOW + LATER)


def test_a_rating_waits_for_the_end(office: Office, now: datetime):
    _, case = opened(office, now)
    with pytest.raises(NotPossible, match="not ended yet"):
        receiving.rate(office, case.request.id, was_fixed=True, rating=5, text="", now=now)
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="", by=CLERK, now=now)
    with pytest.raises(NotPossible, match="1 to 5"):
        receiving.rate(office, case.request.id, was_fixed=True, rating=6, text="", now=now)
    receiving.rate(office, case.request.id, was_fixed=False, rating=2, text="", now=now)
    assert (state(case.request.id).was_fixed, state(case.request.id).rating) == (False, 2)
    assert posted(case.request.id)[-1][0] == "resident_wrote"


def test_what_is_only_told_leaves_a_count_and_nothing_else(office: Office, now: datetime):
    report = submission(service="street-light", answers={"wires": "yes"}, place="Mill Road")
    decision = decide(office.rulebook, office.layers, report.facts(now))
    with pytest.raises(NotPossible):
        open_request(office, report, now=now)
    count_told(office, decision, report.service, now=now)
    count_told(office, decision, report.service, now=now)
    with reading() as session:
        tally = session.scalars(select(Tally)).one()
    assert (tally.outcome, tally.rule, tally.count) == ("stop", decision.rule, 2)
    assert lookups.count_requests() == 0


def test_writing_inside_a_read_is_refused(office: Office, now: datetime):
    _, case = opened(office, now)
    with reading() as session:
        session.get(ServiceRequest, case.request.id)
        with pytest.raises(WriteInsideRead), writing():
            pass


def test_an_error_undoes_the_fact_with_its_letters(office: Office, now: datetime):
    _, case = opened(office, now)
    before = posted(case.request.id)
    with pytest.raises(RuntimeError), writing() as session:
        session.get_one(ServiceRequest, case.request.id).status = "in_progress"
        session.flush()
        raise RuntimeError
    assert state(case.request.id).status == "received"
    assert posted(case.request.id) == before


@pytest.mark.parametrize("value", ["", "short", "a" * 20, "l" * 20, "a" * 5000, "../../etc", "\x00" * 20])
def test_a_forged_token_opens_nothing(office: Office, now: datetime, value: str):
    with pytest.raises(LinkRefused, match="not one of ours"):
        access.admit(office, value, now=now)


def test_an_expired_and_a_revoked_token_say_so(office: Office, now: datetime):
    receipt, case = opened(office, now)
    with pytest.raises(LinkRefused, match="expired"):
        access.admit(office, receipt.token, now=now + access.LIFETIME)
    with writing() as session:
        for link in lookups.links_of(case.request.id, "resident", access.RESIDENT):
            session.merge(link).revoked_at = now
    with pytest.raises(LinkRefused, match="withdrawn"):
        access.admit(office, receipt.token, now=now)
    with writing() as session:
        row = session.get_one(ServiceRequest, case.request.id)
        fresh = access.grant(session, office, row, "resident", access.RESIDENT, now=now)
    assert fresh != receipt.token
    assert access.admit(office, fresh, now=now).purpose == "resident"


def test_an_agency_does_not_take_what_the_resident_took_back(office: Office, now: datetime):
    _, case = opened(office, now)
    redirecting.redirect(office, case.request.id, agency=COUNTY_ROAD, text="", by=CLERK, now=now)
    receiving.withdraw(office, case.request.id, text="", now=now + LATER)
    before = posted(case.request.id)
    with pytest.raises(WrongMove):
        redirecting.agency_accept(
            office, case.request.id, text="We come.", by=f"agency:{COUNTY_ROAD}", now=now + LATER
        )
    assert posted(case.request.id) == before


def test_a_town_with_a_name_that_is_too_long_for_a_header_gets_its_requests_all_the_same(
    office: Office, now: datetime
):
    town = office.rulebook.town
    name = type(town.name)({"en": "Town of\n" + "Example " * 20})
    rulebook = office.rulebook.model_copy(update={"town": town.model_copy(update={"name": name})})
    _, case = opened(replace(office, rulebook=rulebook), now)
    assert len(posted(case.request.id)) == 2
