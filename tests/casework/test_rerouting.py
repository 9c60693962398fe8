"""Is exactly that done which the preview showed, whatever the rules say to it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework import access, answering, me_too, redirecting
from casework.errors import NotPossible, WrongMove
from casework.me_too import MeToo
from casework.office import Office, the_office
from casework.rerouting import NotAsSeen, preview, reroute
from lifecycle.status import Ending
from storage import lookups
from storage.database import reading
from storage.simulation import past_decisions
from storage.tables import OutgoingLetter
from storage.turns import wrong_turns
from tests.builders import opened
from tests.casework.letterbox import letters_to

COUNTY_ROAD = (43.60902, -72.33341)
TWO_ROADS = (43.60966, -72.33110)
STATE_ROAD = (43.60395, -72.30251)
TOWN_ROAD = (43.59597, -72.33374)
NOWHERE = (43.5, -73.5)
PLACES = {"county": COUNTY_ROAD, "two": TWO_ROADS, "state": STATE_ROAD, "town": TOWN_ROAD, "out": NOWHERE}
FOREMAN = "person:road-foreman"
COUNTY, STATE = "county-highway", "state-transport"
NONCE = "a-one-time-mark-of-a-form"
LATER = timedelta(hours=2)


def current(case: lookups.Case) -> lookups.Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def pothole(office: Office, now: datetime, **changes: Any) -> lookups.Case:
    return opened(office, now, **{"service": "pothole", "at": TOWN_ROAD, "place": "Old Turnpike", **changes})[
        1
    ]


def what(case: lookups.Case, **changes: Any) -> dict[str, Any]:
    """Return the correction of a request: as it is, but for the changes."""
    request = case.request
    at = None if request.lat is None else (request.lat, request.lon)
    return {"service": request.service, "at": at, "place": request.place, **changes}


def put_right(office: Office, case: lookups.Case, now: datetime, **changes: Any) -> lookups.Case:
    more: dict[str, Any] = {key: changes.pop(key) for key in ("seen", "nonce", "text") if key in changes}
    reroute(office, case.request.id, **what(case, **changes), by=FOREMAN, now=now, **more)
    return current(case)


def letters(case: lookups.Case, kind: str) -> list[str]:
    """Return the plain text of every letter of a kind about a request, with its headers before it."""
    with reading() as session:
        rows = session.query(OutgoingLetter).filter_by(request_id=case.request.id, kind=kind).all()
        raws = [(row.recipient, row.raw) for row in rows]
    texts = []
    for recipient, raw in raws:
        body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
        texts.append(f"To {recipient}\n{body.get_content()}")
    return texts


def everything(case: lookups.Case) -> tuple[Any, ...]:
    found = current(case)
    columns = {name: value for name, value in vars(found.request).items() if not name.startswith("_")}
    return columns, [entry.id for entry in found.entries], len(lookups.letters_of(case.request.id))


# -- looking --


def test_a_preview_changes_nothing(office: Office, now: datetime):
    case = pothole(office, now)
    before = everything(case)
    for at in PLACES.values():
        preview(office, case.request, **what(case, at=at), now=now)
    assert everything(case) == before


def test_a_preview_says_what_would_change_in_sentences(office: Office, now: datetime):
    case = pothole(office, now)
    plan = preview(office, case.request, **what(case, service="sign"), now=now)
    assert plan.changes == (
        "The service changes from “Pothole or damaged road” to “Street sign or road marking”.",
        "It goes from Road Foreman to Lights and Signs Technician, who gets everything by mail.",
        "The resident is not written to.",
        "The promised dates stay as they are.",
    )


def test_where_nothing_is_put_right_the_rules_say_the_same_again(office: Office, now: datetime):
    case = pothole(office, now)
    plan = preview(office, case.request, **what(case), now=now)
    assert plan.effect == "stays"
    assert plan.changes[0] == "It stays with Road Foreman."


def test_the_same_position_with_fewer_digits_is_the_same_place(office: Office, now: datetime):
    case = pothole(office, now, at=(43.5959712345, -72.3337412345))
    plan = preview(office, case.request, **what(case, at=(43.595971, -72.333741)), now=now)
    assert plan.correction.at == (43.5959712345, -72.3337412345)
    assert not [said for said in plan.changes if "position" in said]


def test_answers_that_mean_nothing_to_the_new_service_do_not_decide(office: Office, now: datetime):
    """ "kind" is asked about signs and may be asked elsewhere; an answer counts only where it is a choice."""
    case = pothole(office, now, answers={"blocked": "yes", "size": "large"})
    plan = preview(
        office, case.request, **what(case, service="street-light", answers={"wires": "yes"}), now=now
    )
    assert plan.is_stop
    assert plan.after.target == "911"


def test_a_strange_service_or_place_is_refused(office: Office, now: datetime):
    case = pothole(office, now)
    with pytest.raises(NotPossible, match="no such service"):
        preview(office, case.request, **what(case, service="unicorn"), now=now)
    with pytest.raises(NotPossible, match="no such place"):
        reroute(office, case.request.id, **what(case, at=(91.0, 0.0)), by=FOREMAN, now=now)


# -- ours: the same person, or another --


def test_accepted_by_the_same_person_nothing_more_happens(office: Office, now: datetime):
    case = pothole(office, now)
    count = len(lookups.letters_of(case.request.id))
    after = put_right(office, case, now, place="Old Turnpike, at the barn", text="I was there.")
    assert after.request.place == "Old Turnpike, at the barn"
    assert after.request.assignee == "road-foreman"
    assert after.entries[-1].kind == "rerouted"
    assert not after.entries[-1].is_public
    assert after.entries[-1].text == "The place was: Old Turnpike, 43.59597, -72.33374\nI was there."
    assert len(lookups.letters_of(case.request.id)) == count


def test_another_person_gets_everything_by_mail_and_the_resident_nothing(office: Office, now: datetime):
    case = pothole(office, now)
    after = put_right(office, case, now, service="sign", text="It is the stop sign.")
    assert (after.request.service, after.request.assignee) == ("sign", "lights-signs-technician")
    told = letters(after, "assigned")[-1]
    assert told.startswith("To lights@alderfalls.example")
    assert "A colleague corrected what it is or where it is" in told
    assert "> It is the stop sign." in told
    assert not letters(after, "resident_redirected")


def test_the_journal_keeps_what_was_and_why_it_is_otherwise(office: Office, now: datetime):
    case = pothole(office, now)
    after = put_right(office, case, now, service="street-light", at=STATE_ROAD)
    entry = next(entry for entry in after.entries if entry.kind == "rerouted")
    assert entry.facts["before"] == {
        "service": "pothole", "rule": case.request.rule, "target": "road-foreman",
    }  # fmt: skip
    assert entry.facts["after"] == {
        "service": "street-light", "rule": after.request.rule, "target": after.request.agency,
    }  # fmt: skip
    assert entry.facts["is_moved"]
    assert entry.facts["decision"]["rule"] == after.request.rule
    assert str(STATE_ROAD[0]) not in str(entry.facts), "places are the resident's, and stand in the text only"


def test_what_was_promised_stays_promised(office: Office, now: datetime):
    case = pothole(office, now)
    after = put_right(office, case, now + timedelta(days=3), service="snow-ice", answers={"problem": "icy"})
    for name in ("created_at", "acknowledge_due_at", "finish_due_at", "number"):
        assert getattr(after.request, name) == getattr(case.request, name)


# -- not ours --


def test_a_hand_off_reaches_the_agency_and_the_resident_hears_who_and_why(office: Office, now: datetime):
    case = pothole(office, now)
    after = put_right(office, case, now, at=COUNTY_ROAD, place="Mill Road", text="We looked on Monday.")
    assert (after.request.status, after.request.agency) == ("waiting_agency", COUNTY)
    assert after.request.agency_remind_at is not None
    assert [entry.kind for entry in after.entries[-2:]] == ["rerouted", "handed_off"]
    assert after.entries[-1].is_public
    assert letters(after, "agency_handoff")[-1].startswith("To highway@aldercounty.example")
    told = letters(after, "resident_redirected")[-1]
    assert "Alder County Highway Department is responsible for this" in told
    assert f"> {after.request.because}" in told
    assert "> We looked on Monday." in told


def test_nothing_is_promised_for_a_request_that_is_about_to_end(office: Office, now: datetime):
    case = pothole(office, now)
    plan = preview(office, case.request, **what(case, at=STATE_ROAD), now=now)
    assert any("ends as passed on" in said for said in plan.changes)
    assert not any("promised dates" in said for said in plan.changes)


def test_a_card_ends_the_request_as_redirected(office: Office, now: datetime):
    case = pothole(office, now)
    after = put_right(office, case, now, at=STATE_ROAD)
    assert (after.request.status, after.request.ending) == ("ended", "redirected")
    assert after.request.agency == STATE
    assert after.entries[-1].kind == "redirected"
    told = letters(after, "resident_redirected")[-1]
    assert "603-555-0141" in told
    assert "is a state road" in told


def test_a_resident_without_an_address_reads_it_on_their_page(office: Office, now: datetime):
    case = pothole(office, now, email="")
    plan = preview(office, case.request, **what(case, at=STATE_ROAD), now=now)
    assert any("left no e-mail address" in said for said in plan.changes)
    after = put_right(office, case, now, at=STATE_ROAD)
    assert not letters(after, "resident_redirected")
    assert after.entries[-1].is_public


# -- a question, a danger --


def test_two_roads_must_be_told_apart_first(office: Office, now: datetime):
    case = pothole(office, now)
    plan = preview(office, case.request, **what(case, at=TWO_ROADS), now=now)
    assert plan.effect == "ask"
    assert {option.value for option in plan.after.options} == {"county", "town"}
    with pytest.raises(NotPossible, match="which of them"):
        put_right(office, case, now, at=TWO_ROADS)
    assert current(case).entries[-1].kind == "routed"
    assert put_right(office, case, now, at=TWO_ROADS, road="county").request.agency == COUNTY


def test_when_nobody_can_tell_the_road_the_clerk_has_it(office: Office, now: datetime):
    case = pothole(office, now)
    assert put_right(office, case, now, at=TWO_ROADS, road="unknown").request.assignee == "town-clerk"


def test_who_puts_only_the_service_right_is_not_asked_for_the_road_again(office: Office, now: datetime):
    case = pothole(office, now, at=TWO_ROADS, road="town")
    plan = preview(office, case.request, **what(case, service="drain"), now=now)
    assert plan.effect == "stays"


def test_danger_names_the_number_and_stays_with_the_clerk(office: Office, now: datetime):
    case = pothole(office, now)
    changes = {"service": "street-light", "answers": {"wires": "yes"}}
    plan = preview(office, case.request, **what(case, **changes), now=now)
    assert (plan.is_stop, plan.after.target, plan.to) == (True, "911", "town-clerk")
    after = put_right(office, case, now, **changes)
    assert (after.request.assignee, after.request.decided) == ("town-clerk", "stop")
    assert after.request.answers["wires"] == "yes"


# -- what an agency had --


def with_county(office: Office, now: datetime) -> lookups.Case:
    case = pothole(office, now, at=COUNTY_ROAD, place="Mill Road")
    assert case.request.status == "waiting_agency"
    return case


def test_what_comes_back_is_told_to_the_agency_so_that_nobody_works_twice(office: Office, now: datetime):
    case = with_county(office, now)
    after = put_right(office, case, now, at=TOWN_ROAD)
    assert (after.request.status, after.request.agency) == ("received", None)
    assert after.request.agency_remind_at is None
    told = letters(after, "agency_taken_back")
    assert len(told) == 1
    assert told[0].startswith("To highway@aldercounty.example")
    assert "Please do not send anybody" in told[0]
    assert letters(after, "assigned")[-1].startswith("To roads@")


def test_the_agency_may_only_look_from_then_on(office: Office, now: datetime):
    case = with_county(office, now)
    put_right(office, case, now, at=TOWN_ROAD)
    link = letters(case, "agency_taken_back")[0].partition("/a/")[2].split()[0]
    assert not access.admit(office, link, now=now).may_act
    with pytest.raises(NotPossible, match="taken this request back"):
        redirecting.agency_accept(office, case.request.id, text="", by=f"agency:{COUNTY}", now=now)


def test_from_one_agency_to_the_next_both_are_told(office: Office, now: datetime):
    case = with_county(office, now)
    after = put_right(office, case, now, at=STATE_ROAD)
    assert (after.request.ending, after.request.agency) == ("redirected", STATE)
    assert letters(after, "agency_taken_back")


def test_an_agency_that_keeps_it_gets_it_again_as_it_is_now(office: Office, now: datetime):
    case = with_county(office, now)
    plan = preview(office, case.request, **what(case, place="12 Mill Road"), now=now)
    assert "They get the corrected request by mail." in plan.changes
    after = put_right(office, case, now + LATER, place="12 Mill Road")
    assert after.request.status == "waiting_agency"
    assert "12 Mill Road" in letters(after, "agency_handoff")[-1]
    assert len(letters(after, "agency_handoff")) == 2


# -- what is learned from it --


def test_the_past_is_what_was_put_right(office: Office, now: datetime):
    case = pothole(office, now)
    put_right(office, case, now, service="sign")
    past = list(past_decisions())
    assert [(one.service, one.assignee) for one in past] == [("sign", "lights-signs-technician")]


def test_a_correction_is_listed_as_a_wrong_turn(office: Office, now: datetime):
    case = pothole(office, now)
    put_right(office, case, now, at=STATE_ROAD)
    turns = wrong_turns(now - LATER).wrong
    assert [(turn.kind, turn.decided_to, turn.went_to) for turn in turns] == [
        ("rerouted", "road-foreman", STATE)
    ]


# -- once, as seen, and only while it is open --


def test_a_second_click_does_it_once(office: Office, now: datetime):
    case = pothole(office, now)
    put_right(office, case, now, at=STATE_ROAD, nonce=NONCE)
    before = everything(case)
    put_right(office, case, now + LATER, at=STATE_ROAD, nonce=NONCE)
    assert everything(case) == before


def test_what_was_not_looked_at_is_not_done(office: Office, now: datetime):
    case = pothole(office, now)
    seen = preview(office, case.request, **what(case, service="street-light"), now=now).seen
    before = everything(case)
    changed = replace(office, rulebook=office.rulebook.model_copy(update={"version": "another"}))
    with pytest.raises(NotAsSeen):
        put_right(changed, case, now, service="street-light", seen=seen)
    with pytest.raises(NotAsSeen):
        put_right(office, case, now, service="sign", seen=seen)
    assert everything(case) == before
    redirecting.reassign(office, case.request.id, to="code-officer", text="", by=FOREMAN, now=now)
    with pytest.raises(NotAsSeen):
        put_right(office, case, now, service="street-light", seen=seen)


def test_what_has_ended_stays_as_it_ended(office: Office, now: datetime):
    case = pothole(office, now)
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=now)
    ended = current(case)
    with pytest.raises(WrongMove):
        preview(office, ended.request, **what(ended, service="sign"), now=now)
    with pytest.raises(WrongMove):
        put_right(office, ended, now, service="sign")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    began=st.sampled_from(["town", "county", "two"]),
    service=st.sampled_from(["pothole", "street-light", "drain", "sewer", "missed-pickup", "water-leak"]),
    where=st.sampled_from([*PLACES, None]),
    road=st.sampled_from([None, "town", "county", "unknown"]),
    wires=st.sampled_from(["yes", "no"]),
    has_address=st.booleans(),
)
def test_what_is_done_is_exactly_what_was_shown(
    app: Flask, now: datetime, began: str, service: str, where: str, road: str, wires: str, has_address
):
    office = the_office()
    case = pothole(office, now, email="r@example.org" if has_address else "", at=PLACES[began], road="town")
    wish = what(case, service=service, at=PLACES.get(where), road=road, answers={"wires": wires})
    plan = preview(office, case.request, **wish, now=now)
    letters_before = len(lookups.letters_of(case.request.id))
    if plan.effect == "ask":
        with pytest.raises(NotPossible):
            reroute(office, case.request.id, **wish, by=FOREMAN, now=now, seen=plan.seen)
        return
    reroute(office, case.request.id, **wish, by=FOREMAN, now=now + LATER, seen=plan.seen)
    after = current(case).request
    assert (after.service, after.rule, after.because) == (service, plan.after.rule, plan.after.because)
    assert (after.status == "ended") == (plan.effect == "card")
    assert (after.status == "waiting_agency") == (
        plan.to in office.rulebook.agencies and plan.effect != "card"
    )
    assert plan.to in (after.agency, after.assignee)
    told = [letter.kind for letter in lookups.letters_of(after.id)[letters_before:]]
    assert ("resident_redirected" in told) == (plan.is_told and has_address)
    assert ("agency_taken_back" in told) == (plan.taken_from is not None)
    assert ("assigned" in told) == (plan.effect == "colleague")


def test_who_follows_it_reads_in_their_own_language_why_it_is_anothers(office: Office, now: datetime) -> None:
    case = pothole(office, now)
    for language in ("es", "fr"):
        neighbour = MeToo(language * 11, f"{language}@example.org", "", language)
        me_too.follow(office, case.request.number, neighbour, now=now)
    put_right(office, case, now + LATER, at=STATE_ROAD, place="Route 88", text="Seen there.")
    for language, sign in (("es", "es una carretera estatal"), ("fr", "est une route de l’État")):
        letter = letters_to(case.request.id, f"{language}@example.org")[-1]
        told = " ".join(letter.mail.text.replace(">", "").split())
        assert sign in told
        assert "Seen there." in told, "the words of who put it right are theirs"
        assert "is a state road" not in told


def test_the_journal_remembers_the_place_in_the_language_of_all_staff(office: Office, now: datetime):
    case = pothole(office, now)
    with force_locale("es"):
        put_right(office, case, now, place="Elm Street", at=(43.5970, -72.3330))
    rerouted = next(entry for entry in current(case).entries if entry.kind == "rerouted")
    assert rerouted.text.startswith("The place was: Old Turnpike")
