"""Do the signed pages show everything, act once, and open to nobody else?"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, update

from casework import access, answering, redirecting
from casework.office import Office
from lifecycle.status import Ending
from mail.address import token
from storage import lookups
from storage.database import Base, reading, writing
from storage.tables import OutgoingLetter, SignedLink
from tests.builders import opened
from tests.casework.letterbox import letters_to
from tests.conscience import StrictClient

NONCE = "a-one-time-mark-of-a-form"
WILD = '<script>alert(1)</script> \u202egnp.exe http://evil.example "quoted" ' + "x" * 200
COUNTY = "county-highway"
TOWN_ROAD = (43.59597, -72.33374)


@pytest.fixture
def moment() -> datetime:
    return datetime.now(UTC)


def employee_link(office: Office, case: lookups.Case, person: str | None = None) -> str:
    person = person or case.request.assignee
    return "/a/" + token(office.secret, "employee", case.request.number, person)


def grant(office: Office, case: lookups.Case, purpose, recipient: str, now: datetime) -> str:
    with writing() as session:
        return "/a/" + access.grant(session, office, case.request, purpose, recipient, now=now)


def handed_over(office: Office, case: lookups.Case, now: datetime) -> str:
    redirecting.redirect(
        office, case.request.id, agency=COUNTY, text="A county road.", by="person:road-foreman", now=now
    )
    return "/a/" + token(office.secret, "agency", case.request.number, COUNTY)


def finished(office: Office, case: lookups.Case, now: datetime) -> None:
    answering.finish(office, case.request.id, ending=Ending.FIXED, text="", by="person:town-clerk", now=now)


def everything() -> dict[str, list]:
    with reading() as session:
        tables = Base.metadata.sorted_tables
        return {table.name: list(session.execute(select(table)).all()) for table in tables}


def current(case: lookups.Case) -> lookups.Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def send(client: StrictClient, link: str, do: str, **fields: str):
    fields.setdefault("nonce", NONCE)
    return client.post(link, data={"do": do, **{f"{do}-{name}": value for name, value in fields.items()}})


# -- showing --


def test_the_history_says_that_it_went_to_the_agency_and_to_no_colleague(
    client: StrictClient, office: Office, moment: datetime
):
    _, case = opened(office, moment, service="pothole", at=(43.60902, -72.33341))
    link = grant(office, case, "employee", case.request.assignee, moment)
    page = client.get(link).get_data(as_text=True)
    assert "The rules sent it to Alder County Highway Department" in page
    assert "It went to Road Foreman" not in page


def test_the_page_has_what_the_work_needs(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(
        office, moment, service="pothole", at=TOWN_ROAD, place="By the mill", phone="603-555-0199"
    )
    page = client.get(employee_link(office, case)).get_data(as_text=True)
    for needed in (case.request.number, "Our recycling was left standing.", "By the mill", "geo:43.595970"):
        assert needed in page
    assert 'href="tel:6035550199"' in page
    assert "resident@example.org" in page
    assert "<svg" in page
    assert "Finish by" in page


def test_opening_a_link_three_times_changes_nothing(client: StrictClient, office: Office, moment: datetime):
    receipt, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    own = f"/r/{receipt.number}?t={receipt.token}"
    links = [employee_link(office, case), own, f"{own}&fixed=yes", handed_over(office, case, moment)]
    before = everything()
    for _ in range(3):
        for link in links:
            assert client.get(link).status_code == 200
            assert client.head(link).status_code == 200
    assert everything() == before


def test_wild_words_stay_words(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment, description=WILD, place=WILD[:300], name=WILD[:120])
    page = client.get(employee_link(office, case)).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert 'href="http://evil.example' not in page


def test_the_pages_are_kept_private(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment)
    headers = client.get(employee_link(office, case)).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "no-store" in headers["Cache-Control"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


# -- who may come in --


def test_a_stranger_and_a_residents_key_open_nothing(client: StrictClient, office: Office, moment: datetime):
    receipt, _ = opened(office, moment)
    for key in ("abcdefghijkmnpqrstuv", "short", receipt.token):
        answer = client.get(f"/a/{key}")
        assert answer.status_code == 404
        assert office.rulebook.town.phone in answer.get_data(as_text=True)
        assert send(client, f"/a/{key}", "acknowledge").status_code == 404


@pytest.mark.parametrize("field", ["expires_at", "revoked_at"])
def test_an_old_or_withdrawn_link_says_so(client: StrictClient, office: Office, moment: datetime, field: str):
    _, case = opened(office, moment)
    with writing() as session:
        session.execute(update(SignedLink).values({field: moment - timedelta(days=1)}))
    answer = client.get(employee_link(office, case))
    assert answer.status_code == 410
    assert "A newer letter" in answer.get_data(as_text=True)


def test_after_a_hand_over_to_a_colleague_the_old_link_only_shows(
    client: StrictClient, office: Office, moment: datetime
):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    link = employee_link(office, case)
    assert send(client, link, "give", to="code-officer").status_code == 303
    page = client.get(link).get_data(as_text=True)
    assert "this link only shows it" in page
    assert "<form" not in page
    assert send(client, link, "note", text="Mine!", nonce="another-mark-of-mine").status_code == 403


def test_the_department_head_may_act(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    people = office.rulebook.people
    head = office.rulebook.departments[people[case.request.assignee].department].head
    link = grant(office, case, "employee", head, moment)
    assert send(client, link, "acknowledge").status_code == 303
    assert current(case).entries[-1].by == f"person:{head}"


# -- acting --


@pytest.mark.parametrize(
    ("do", "fields", "status", "kind"),
    [
        ("acknowledge", {}, "acknowledged", "acknowledged"),
        ("start", {}, "in_progress", "started"),
        ("answer", {"text": "We come on Thursday."}, "acknowledged", "answered"),
        ("note", {"text": "Bring the hot box."}, "received", "noted"),
        ("ask", {"text": "Before or after the bridge?"}, "waiting_resident", "asked_resident"),
        ("finish", {"ending": "fixed", "text": "Filled."}, "ended", "finished"),
        ("finish", {"ending": "no_action", "text": "It is a farm track."}, "ended", "finished"),
        ("finish", {"ending": "spam"}, "ended", "finished"),
        ("give", {"to": "code-officer", "text": "A tree did it."}, "received", "reassigned"),
        ("redirect", {"agency": COUNTY, "text": "A county road."}, "waiting_agency", "handed_off"),
        ("redirect", {"agency": "state-transport"}, "ended", "redirected"),
    ],
)
def test_every_button_acts_once_and_says_what_it_did(
    client: StrictClient, office: Office, moment: datetime, do: str, fields: dict, status: str, kind: str
):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    link = employee_link(office, case)
    first, second = send(client, link, do, **fields), send(client, link, do, **fields)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location == f"{link}?done={NONCE}"
    after = current(case)
    assert after.request.status == status
    assert [entry.kind for entry in after.entries].count(kind) == 1
    page = client.get(first.location).get_data(as_text=True)
    assert 'role="status"' in page
    assert fields.get("text", "") in page


def test_the_confirmation_says_what_the_resident_got(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment)
    done = send(client, employee_link(office, case), "answer", text="We come on Thursday.")
    page = client.get(done.location).get_data(as_text=True)
    letter = lookups.letters_of(case.request.id)[-1]
    assert letter.recipient == "resident@example.org"
    assert letter.subject in page


def test_a_resident_without_an_address_is_not_said_to_get_mail(
    client: StrictClient, office: Office, moment: datetime
):
    _, case = opened(office, moment, email="")
    link = employee_link(office, case)
    assert "Ask the resident" not in client.get(link).get_data(as_text=True)
    done = send(client, link, "answer", text="We come on Thursday.")
    page = client.get(done.location).get_data(as_text=True)
    assert "left no e-mail address" in page
    assert "gets a letter" not in page


def test_a_mark_of_another_request_confirms_nothing(client: StrictClient, office: Office, moment: datetime):
    _, one = opened(office, moment)
    _, other = opened(office, moment)
    me = f"person:{other.request.assignee}"
    answering.note(office, other.request.id, text="Secret.", by=me, now=moment, nonce=NONCE)
    page = client.get(f"{employee_link(office, one)}?done={NONCE}").get_data(as_text=True)
    assert "Secret." not in page
    assert 'role="status"' not in page


def test_a_duplicate_names_its_other(client: StrictClient, office: Office, moment: datetime):
    first, _ = opened(office, moment)
    _, case = opened(office, moment)
    fields = {"ending": "duplicate", "duplicate_of": first.number}
    assert send(client, employee_link(office, case), "finish", **fields).status_code == 303
    assert current(case).request.duplicate_of == first.number


def test_an_ended_request_can_be_opened_again(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment)
    finished(office, case, moment)
    link = employee_link(office, case)
    assert "Open it again" in client.get(link).get_data(as_text=True)
    assert send(client, link, "reopen", text="It broke again.").status_code == 303
    assert current(case).request.status == "reopened"


# -- what is wrong is said, and nothing is lost --


@pytest.mark.parametrize(
    ("do", "fields", "sentence"),
    [
        ("answer", {"text": "  "}, "Write a few words first."),
        ("answer", {"text": "y" * 4001}, "at most 4000 fit"),
        ("finish", {"text": "Kept words"}, "Choose how it ended."),
        ("finish", {"ending": "redirected", "text": "Kept words"}, "Choose how it ended."),
        ("finish", {"ending": "no_action"}, "Say why nothing is done"),
        ("finish", {"ending": "duplicate", "text": "Kept words"}, "Write the number of the other request"),
        ("give", {"text": "Kept words"}, "Choose a colleague."),
        ("redirect", {"text": "Kept words"}, "Choose who is responsible."),
        ("note", {"text": "Kept words", "nonce": "short"}, "The form was incomplete."),
    ],
)
def test_wrong_input_is_explained_and_kept(
    client: StrictClient, office: Office, moment: datetime, do: str, fields: dict, sentence: str
):
    _, case = opened(office, moment)
    before = everything()
    answer = send(client, employee_link(office, case), do, **fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert sentence in page
    assert fields.get("text", "").strip() in page
    assert "<title>Error:" in page
    assert everything() == before


@pytest.mark.parametrize(
    ("do", "fields"),
    [
        ("give", {"to": "nobody-known"}),
        ("redirect", {"agency": "nobody-known"}),
        ("finish", {"ending": "duplicate", "duplicate_of": "99-9999"}),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    client: StrictClient, office: Office, moment: datetime, do: str, fields: dict
):
    _, case = opened(office, moment)
    answer = send(client, employee_link(office, case), do, text="Kept words", **fields)
    assert answer.status_code == 409
    assert "Kept words" in answer.get_data(as_text=True)


def test_a_move_that_came_too_late_keeps_its_words(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment)
    finished(office, case, moment)
    answer = send(client, employee_link(office, case), "finish", ending="fixed", text="Filled on Friday.")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "is ended, so this cannot be done now" in page
    assert "Filled on Friday." in page


def test_somebody_elses_form_confirms_nothing(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    link = handed_over(office, case, moment)
    answering.note(office, case.request.id, text="Secret.", by="person:town-clerk", now=moment, nonce=NONCE)
    assert "Secret." not in client.get(f"{link}?done={NONCE}").get_data(as_text=True)


def test_a_button_that_does_not_exist_does_nothing(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment)
    before = everything()
    for name in ("", "accept", "explode"):
        assert send(client, employee_link(office, case), name).status_code == 400
    assert everything() == before


# -- the agency --


def test_the_agency_sees_what_is_public_only(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    answering.note(office, case.request.id, text="Between us.", by="person:road-foreman", now=moment)
    page = client.get(handed_over(office, case, moment)).get_data(as_text=True)
    assert case.request.number in page
    assert "Between us." not in page
    assert "resident@example.org" not in page, "there was no consent"


def test_with_consent_the_agency_gets_the_contact_until_the_town_takes_it_back(
    client: StrictClient, office: Office, moment: datetime
):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD, may_share=True)
    link = handed_over(office, case, moment)
    assert "resident@example.org" in client.get(link).get_data(as_text=True)
    assert send(client, link, "refuse", text="It is the village's.").status_code == 303
    page = client.get(link).get_data(as_text=True)
    assert "resident@example.org" not in page
    assert "taken this request back" in page


@pytest.mark.parametrize(
    ("do", "status", "kind"),
    [
        ("accept", "waiting_agency", "agency_accepted"),
        ("done", "ended", "agency_finished"),
        ("refuse", "received", "agency_refused"),
    ],
)
def test_the_agencys_answer_is_written_down_once(
    client: StrictClient, office: Office, moment: datetime, do: str, status: str, kind: str
):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    link = handed_over(office, case, moment)
    assert send(client, link, do, text="On Monday.").status_code == 303
    assert send(client, link, do, text="On Monday.").status_code == 303
    after = current(case)
    assert after.request.status == status
    assert [entry.kind for entry in after.entries].count(kind) == 1
    assert client.get(link).status_code == 200


# -- photos --


def picture(office: Office, colour: str):
    out = io.BytesIO()
    Image.new("RGB", (900, 700), colour).save(out, "JPEG")
    out.seek(0)
    return office.photos.keep(out, "photo.jpg")


def test_a_photo_opens_only_through_its_own_request(client: StrictClient, office: Office, moment: datetime):
    mine, other = picture(office, "green"), picture(office, "red")
    _, case = opened(office, moment, photos=(mine,))
    opened(office, moment, photos=(other,))
    link = employee_link(office, case)
    whole = client.get(f"{link}/photo/{mine.sha256}")
    small = client.get(f"{link}/photo/{mine.sha256}?small=1")
    assert whole.mimetype == small.mimetype == "image/jpeg"
    assert len(small.data) < len(whole.data)
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    for strange in (other.sha256, "0" * 64, "nonsense"):
        assert client.get(f"{link}/photo/{strange}").status_code == 404
    whole.close()


def test_a_photo_that_is_gone_is_said_to_be_gone(
    client: StrictClient, office: Office, moment: datetime, app: Flask
):
    photo = picture(office, "blue")
    _, case = opened(office, moment, photos=(photo,))
    (office.photos.path / photo.sha256[:2] / f"{photo.sha256}.jpg").unlink()
    for query in ("", "?small=1"):
        answer = client.get(f"{employee_link(office, case)}/photo/{photo.sha256}{query}")
        assert answer.status_code == 404


# -- it is something else, or somewhere else --

STATE_ROAD = (43.60395, -72.30251)
TWO_ROADS = (43.60966, -72.33110)


def corrected(case: lookups.Case, **changes: str) -> dict[str, str]:
    """Return the form of a correction as the page gives it, but for the changes."""
    request = case.request
    now = {"service": request.service, "place": request.place, "lat": "", "lon": ""}
    if request.lat is not None:
        now |= {"lat": f"{request.lat:.6f}", "lon": f"{request.lon:.6f}"}
    return now | changes


def at(position: tuple[float, float]) -> dict[str, str]:
    return {"lat": str(position[0]), "lon": str(position[1])}


def seen_in(page: str) -> str:
    found = re.search(r'name="reroute-seen" value="(\w+)"', page)
    assert found is not None
    return found[1]


def test_looking_at_a_correction_changes_nothing(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    before = everything()
    answer = send(client, employee_link(office, case), "reroute", **corrected(case, service="sign"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Nothing has changed yet." in page
    assert "It goes from Road Foreman to Lights and Signs Technician" in page
    assert everything() == before


def test_what_was_looked_at_is_done_once(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    link, form = employee_link(office, case), corrected(case, service="sign")
    form["seen"] = seen_in(send(client, link, "reroute", **form).get_data(as_text=True))
    done = send(client, link, "reroute", text="It is the stop sign.", **form)
    again = send(client, link, "reroute", text="It is the stop sign.", **form)
    assert (done.status_code, done.location) == (again.status_code, again.location)
    assert done.status_code == 303
    after = current(case)
    assert after.request.assignee == "lights-signs-technician"
    assert [entry.kind for entry in after.entries].count("rerouted") == 1
    page = client.get(done.location).get_data(as_text=True)
    assert "Lights and Signs Technician has it now" in page
    assert "The resident was not told." in page


def test_when_it_leaves_the_town_the_page_says_what_the_resident_gets(
    client: StrictClient, office: Office, moment: datetime
):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    link, form = employee_link(office, case), corrected(case, **at(STATE_ROAD))
    page = send(client, link, "reroute", **form).get_data(as_text=True)
    assert "The resident reads:" in page
    assert "State Route 88 is a state road." in page
    done = send(client, link, "reroute", seen=seen_in(page), **form)
    page = client.get(done.location).get_data(as_text=True)
    assert "The resident is told to turn to State Department of Transportation" in page
    assert "The resident gets this letter:" in page
    assert current(case).request.ending == "redirected"


def test_what_changed_meanwhile_is_shown_again_and_not_done(
    client: StrictClient, office: Office, moment: datetime
):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    link, form = employee_link(office, case), corrected(case, service="sign")
    form["seen"] = seen_in(send(client, link, "reroute", **form).get_data(as_text=True))
    answering.acknowledge(office, case.request.id, by="person:road-foreman", now=moment)
    before = everything()
    answer = send(client, link, "reroute", **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Something has changed meanwhile, so nothing was done yet." in page
    assert everything() == before
    form["seen"] = seen_in(page)
    assert send(client, link, "reroute", **form).status_code == 303


def test_two_near_roads_are_one_question(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    link, form = employee_link(office, case), corrected(case, **at(TWO_ROADS))
    page = send(client, link, "reroute", **form).get_data(as_text=True)
    assert "Mill Road (the county&#39;s)" in page
    assert "reroute-seen" not in page, "nothing can be done yet"
    assert "Choose one of them." in send(client, link, "reroute", asked="yes", **form).get_data(as_text=True)
    page = send(client, link, "reroute", road="county", **form).get_data(as_text=True)
    assert "Alder County Highway Department gets the whole request" in page
    assert send(client, link, "reroute", road="county", seen=seen_in(page), **form).status_code == 303
    assert current(case).request.agency == COUNTY


def test_danger_is_said_loudly(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD, answers={"wires": "yes"})
    page = send(client, employee_link(office, case), "reroute", **corrected(case, service="street-light"))
    assert 'href="tel:911"' in page.get_data(as_text=True)
    assert "Town Clerk" in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"lat": "somewhere"}, "Write the position as two numbers"),
        ({"lat": "91", "lon": "0"}, "Write the position as two numbers"),
        ({"lat": "nan", "lon": "0"}, "Write the position as two numbers"),
        ({"service": ""}, "Choose what it is."),
        ({"place": "x" * 301}, "At most 300 characters fit."),
    ],
)
def test_a_wrong_correction_is_explained(
    client: StrictClient, office: Office, moment: datetime, fields: dict, sentence: str
):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    answer = send(client, employee_link(office, case), "reroute", **corrected(case, **fields))
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_both_numbers_may_be_pasted_into_one_field(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    pasted = corrected(case, lat="43.60395, -72.30251", lon="")
    page = send(client, employee_link(office, case), "reroute", **pasted).get_data(as_text=True)
    assert "State Route 88" in page


def test_an_ended_request_is_not_put_right(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    finished(office, case, moment)
    answer = send(client, employee_link(office, case), "reroute", **corrected(case, service="sign"))
    assert answer.status_code == 409
    assert "is ended, so this cannot be done now" in answer.get_data(as_text=True)


# -- whose is it? --


def agencies_on(page: str) -> list[str]:
    return re.findall(r'name="redirect-agency" value="([\w-]+)"', page)


def test_the_likely_agencies_come_first_with_the_reason(
    client: StrictClient, office: Office, moment: datetime
):
    _, other = opened(office, moment, service="pothole", at=TOWN_ROAD)
    redirecting.redirect(
        office, other.request.id, agency="village-office", text="", by="person:road-foreman", now=moment
    )
    _, case = opened(office, moment, service="pothole", at=TWO_ROADS, road="town")
    page = client.get(employee_link(office, case)).get_data(as_text=True)
    assert agencies_on(page)[:2] == [COUNTY, "village-office"]
    assert "The map: Mill Road is theirs, 0 m away." in page
    assert "Chosen once before for this service." in page
    assert "603-555-0140" in page


def test_who_has_refused_this_very_request_comes_last(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    assert send(client, handed_over(office, case, moment), "refuse").status_code == 303
    page = client.get(employee_link(office, case, "town-clerk")).get_data(as_text=True)
    assert agencies_on(page)[-1] == COUNTY
    assert "They said of this very request that it is not theirs." in page


# -- why it is here --


def test_what_nobody_could_tell_says_what_was_unsure_and_what_to_do(
    client: StrictClient, office: Office, moment: datetime
):
    _, case = opened(office, moment, service="pothole", at=None, place="Behind the old mill")
    assert case.request.assignee == "town-clerk"
    page = client.get(employee_link(office, case)).get_data(as_text=True)
    assert "No rule and no map could tell, so it came to you." in page
    assert "What was unsure" in page
    assert page.index("do-reroute") < page.index("do-redirect") < page.index("do-acknowledge")
    letter = next(one for one in lookups.letters_of(case.request.id) if one.kind == "assigned")
    with reading() as session:
        body = session.get_one(OutgoingLetter, letter.id).raw.decode()
    assert "No rule and no map could tell whose job this is" in body
    assert "It is yours" not in body


def test_after_passing_it_on_the_page_says_who_and_why(
    client: StrictClient, office: Office, moment: datetime
):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    send(client, employee_link(office, case), "give", to="code-officer", text="A junk car did it.")
    after = current(case)
    page = client.get(employee_link(office, after)).get_data(as_text=True)
    assert "Road Foreman passed it on to Code Enforcement Officer" in page
    assert page.count("A junk car did it.") == 1
    assert after.request.because_staff == "Road Foreman passed it on to you."


def test_how_it_ended_stands_once(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment)
    finished(office, case, moment)
    page = client.get(employee_link(office, case)).get_data(as_text=True)
    assert page.lower().count("ended: fixed") == 1


def test_what_the_rules_ask_more_can_be_answered_in_the_residents_place(
    client: StrictClient, office: Office, moment: datetime
):
    _, case = opened(office, moment, service="pothole", at=TOWN_ROAD)
    link, form = employee_link(office, case), corrected(case, service="street-light")
    page = send(client, link, "reroute", **form).get_data(as_text=True)
    assert "The rules ask more about this" in page
    assert "What is the pole made of?" in page
    form |= {"answer-wires": "no", "answer-pole": "metal"}
    page = send(client, link, "reroute", **form).get_data(as_text=True)
    assert "It goes from Road Foreman to Lights and Signs Technician" in page
    assert send(client, link, "reroute", seen=seen_in(page), **form).status_code == 303
    assert current(case).request.answers == {"wires": "no", "pole": "metal"}


def test_the_employee_is_told_which_other_language_the_resident_reads(
    app: Flask, office: Office, client: StrictClient, now: datetime
):
    told = "The resident reads Spanish. What you write reaches them as you wrote it."
    for language, times in (("es", 3), ("en", 0)):
        _receipt, case = opened(office, now, language=language)
        page = client.get(employee_link(office, case)).get_data(as_text=True)
        assert page.count(told) == times, "beside the answer, the end and the question"
        letter = letters_to(case.request.id, office.rulebook.people[case.request.assignee].email)[-1]
        assert (told in letter.mail.text.replace("\n", " ")) is bool(times)
