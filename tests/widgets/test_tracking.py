"""Can residents follow their request and answer, and can nobody else?"""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import select, update

from casework import answering, redirecting
from casework.office import Office
from lifecycle.journal import Kind, is_public
from lifecycle.status import Ending
from mail.address import token
from storage import lookups
from storage.database import Base, reading, writing
from storage.lookups import Case
from storage.tables import Entry, ServiceRequest, SignedLink
from tests.builders import opened
from tests.conscience import StrictClient
from widgets.limits import CONFIG

NONCE = "a-one-time-mark-of-a-form"
FOREMAN = "person:road-foreman"
TOWN_ROAD = (43.59597, -72.33374)


@pytest.fixture
def moment() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def case(office: Office, moment: datetime) -> Case:
    return opened(office, moment, service="pothole", at=TOWN_ROAD, place="By the mill")[1]


def link(office: Office, case: Case, **more: str) -> str:
    key = token(office.secret, "resident", case.request.number, "resident")
    return f"/r/{case.request.number}?t={key}" + "".join(f"&{name}={value}" for name, value in more.items())


def finished(office: Office, case: Case, now: datetime, ending: Ending = Ending.FIXED) -> None:
    answering.finish(office, case.request.id, ending=ending, text="We filled it.", by=FOREMAN, now=now)


def current(case: Case) -> Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def everything() -> dict[str, list]:
    with reading() as session:
        tables = Base.metadata.sorted_tables
        return {table.name: list(session.execute(select(table)).all()) for table in tables}


def send(client: StrictClient, address: str, do: str, **fields: str):
    fields.setdefault("nonce", NONCE)
    data = {"do": do, **{f"{do}-{name}": value for name, value in fields.items()}}
    return client.post(address, data=data)


def text_of(client: StrictClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


# -- showing --


def test_the_page_says_who_has_it_and_by_when(client: StrictClient, office: Office, case: Case):
    page = text_of(client, link(office, case))
    for needed in ("Public Works", "We aim to finish by", "By the mill"):
        assert needed in page
    assert page.count("Public Works") == 1, "once is enough"


def test_the_receipt_shows_the_number_and_tells_the_host_page(
    client: StrictClient, office: Office, case: Case
):
    page = text_of(client, link(office, case, new="1", embed="1"))
    assert "Thank you" in page
    assert f'data-ref="{case.request.number}"' in page
    assert "embed=1" in page.split("<form", 1)[1].split(">", 1)[0], "the forms stay in the frame"
    assert f'data-ref="{case.request.number}"' not in text_of(client, link(office, case, embed="1"))


def test_only_the_frame_may_be_framed(client: StrictClient, office: Office, case: Case):
    alone = client.get(link(office, case)).headers
    framed = client.get(link(office, case, embed="1")).headers
    assert "frame-ancestors 'none'" in alone["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert alone["Referrer-Policy"] == framed["Referrer-Policy"] == "no-referrer"
    assert "noindex" in alone["X-Robots-Tag"]


def test_internal_notes_stay_internal(client: StrictClient, office: Office, case: Case, moment: datetime):
    answering.note(office, case.request.id, text="Between us.", by=FOREMAN, now=moment)
    answering.answer(office, case.request.id, text="We come on Thursday.", by=FOREMAN, now=moment)
    page = text_of(client, link(office, case))
    assert "Between us." not in page
    assert "We come on Thursday." in page


def test_being_late_is_said(client: StrictClient, office: Office, moment: datetime):
    _, case = opened(office, moment - timedelta(days=90))
    page = text_of(client, link(office, case))
    assert "We are late." in page
    assert office.rulebook.town.phone in page


def test_a_question_stands_above_everything(
    client: StrictClient, office: Office, case: Case, moment: datetime
):
    answering.ask_resident(office, case.request.id, text="Which side?", by=FOREMAN, now=moment)
    page = text_of(client, link(office, case))
    assert page.index("Which side?") < page.index("What has happened")
    assert send(client, link(office, case), "reply", text="The left one.").status_code == 303
    assert current(case).request.status == "acknowledged"


def test_a_request_that_is_not_the_towns_says_whom_to_call(
    client: StrictClient, office: Office, case: Case, moment: datetime
):
    redirecting.redirect(
        office, case.request.id, agency="state-transport", text="A state road.", by=FOREMAN, now=moment
    )
    agency = office.rulebook.agencies["state-transport"]
    page = text_of(client, link(office, case))
    assert agency.name.said() in page
    assert agency.phone is not None
    assert agency.phone in page


# -- with an agency --


def handed(office: Office, case: Case, moment: datetime) -> None:
    redirecting.redirect(
        office, case.request.id, agency="county-highway", text="Their road.", by=FOREMAN, now=moment
    )


def happened(case: Case, kind: Kind, at: datetime, **facts: object) -> None:
    """Write down what the clock or an agency's own system does."""
    with writing() as session:
        entry = Entry(request_id=case.request.id, at=at, kind=kind, is_public=is_public(kind), by="townline",
                      text="", facts=facts)  # fmt: skip
        session.add(entry)


def test_where_it_is_with_an_agency_is_told(
    client: StrictClient, office: Office, case: Case, moment: datetime
):
    handed(office, case, moment)
    with writing() as session:
        session.execute(
            update(ServiceRequest).values(agency_reference="HWY-88", expected_on=date(2031, 3, 4))
        )
    page = text_of(client, link(office, case))
    assert "<dt>Their number</dt>" in page
    assert '<span class="number">HWY-88</span>' in page
    assert "Tuesday, March 4, 2031" in page
    assert page.count("Their road.") == 1
    assert "We tell you when it is done." in page
    assert "We tell you what they answer" not in page


def test_reminders_and_arrivals_are_public_and_trouble_with_them_is_not(
    client: StrictClient, office: Office, case: Case, moment: datetime
):
    handed(office, case, moment)
    happened(case, Kind.HANDOVER_ARRIVED, moment, agency="county-highway", reference="HWY-88 <b>")
    happened(case, Kind.AGENCY_REMINDED, moment, agency="county-highway", count=1)
    before = text_of(client, link(office, case))
    assert "We reminded Alder County Highway Department" in before
    assert 'in its own system, as number <span class="number">HWY-88 &lt;b&gt;</span>' in before
    for kind in (Kind.AGENCY_SILENT, Kind.HANDOVER_FAILED, Kind.REROUTED):
        happened(case, kind, moment, agency="county-highway", instead="mail")
    lines = [text_of(client, link(office, case)).count("<time "), before.count("<time ")]
    assert lines[0] == lines[1]


def test_the_day_an_agency_promises_is_said(
    client: StrictClient, office: Office, case: Case, moment: datetime
):
    handed(office, case, moment)
    happened(case, Kind.AGENCY_ACCEPTED, moment, expected="2031-03-04")
    assert "They take care of it, by Tuesday, March 4, 2031" in text_of(client, link(office, case))


def test_nothing_is_said_twice_when_it_ended(
    client: StrictClient, office: Office, case: Case, moment: datetime
):
    finished(office, case, moment)
    page = text_of(client, link(office, case))
    assert page.count("We filled it.") == 1
    assert page.count("Ended: fixed") == 1


def test_what_was_only_sent_elsewhere_is_not_asked_about(
    client: StrictClient, office: Office, case: Case, moment: datetime
):
    redirecting.redirect(
        office, case.request.id, agency="state-transport", text="A state road.", by=FOREMAN, now=moment
    )
    page = text_of(client, link(office, case))
    assert "Was it fixed?" not in page
    assert "Open it again" in page


# -- who may come in --


def test_an_unknown_number_and_a_wrong_key_cannot_be_told_apart(
    client: StrictClient, office: Office, case: Case, moment: datetime
):
    _, other = opened(office, moment)
    mine = link(office, case).split("t=")[1]
    staff = token(office.secret, "employee", case.request.number, case.request.assignee)
    answers = [
        client.get(address)
        for address in (
            f"/r/{case.request.number}",
            f"/r/{case.request.number}?t=wrong",
            f"/r/{case.request.number}?t={staff}",
            f"/r/{other.request.number}?t={mine}",
            f"/r/99-9999?t={mine}",
            "/r/99-9999",
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.get_data() for answer in answers}) == 1
    assert office.rulebook.town.phone in answers[0].get_data(as_text=True)


def test_a_wrong_key_changes_nothing(client: StrictClient, office: Office, case: Case):
    before = everything()
    assert send(client, f"/r/{case.request.number}?t=wrong", "withdraw").status_code == 404
    assert everything() == before


def test_an_old_link_says_so(client: StrictClient, office: Office, case: Case, moment: datetime):
    with writing() as session:
        session.execute(update(SignedLink).values(expires_at=moment - timedelta(days=1)))
    assert client.get(link(office, case)).status_code == 410


# -- acting --


@pytest.mark.parametrize(
    ("do", "fields", "status", "kind"),
    [
        ("reply", {"text": "It is wider now."}, "received", "resident_replied"),
        ("withdraw", {"text": ""}, "ended", "withdrawn"),
    ],
)
def test_an_open_request_can_be_added_to_and_taken_back(
    client: StrictClient, office: Office, case: Case, do: str, fields: dict, status: str, kind: str
):
    address = link(office, case)
    first, second = send(client, address, do, **fields), send(client, address, do, **fields)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    after = current(case)
    assert after.request.status == status
    assert [entry.kind for entry in after.entries].count(kind) == 1
    assert 'role="status"' in text_of(client, first.location)


def test_was_it_fixed_is_kept_only_when_the_button_is_pressed(
    client: StrictClient, office: Office, case: Case, moment: datetime
):
    finished(office, case, moment)
    address = link(office, case, fixed="yes")
    page = text_of(client, address)
    assert 'value="yes" checked' in page
    assert current(case).request.was_fixed is None
    assert send(client, address, "rate", fixed="yes", rating="5", text="Quick!").status_code == 303
    after = current(case).request
    assert (after.was_fixed, after.rating) == (True, 5)


def test_not_yet_offers_to_open_it_again(client: StrictClient, office: Office, case: Case, moment: datetime):
    finished(office, case, moment)
    address = link(office, case, fixed="no")
    page = text_of(client, address)
    assert "Not fixed yet?" in page
    assert "Was it fixed?" not in page, "one form, not two that compete"
    assert send(client, address, "reopen", text="Only half of it.").status_code == 303
    assert current(case).request.status == "reopened"


def test_who_said_not_yet_is_offered_to_open_it_again_at_once(
    client: StrictClient, office: Office, case: Case, moment: datetime
):
    finished(office, case, moment)
    answer = send(client, link(office, case), "rate", fixed="no")
    page = text_of(client, answer.location)
    assert "Not fixed yet? Tell us." in page
    assert "Was it fixed?" not in page, "one form, not two that compete"
    after_all = re.search(r'href="([^"]+fixed=yes)"', page)
    assert after_all is not None
    assert 'value="yes" checked' in text_of(client, after_all[1].replace("&amp;", "&"))


def test_what_an_agency_finished_is_told_as_theirs(
    client: StrictClient, office: Office, case: Case, moment: datetime
):
    number = case.request.id
    redirecting.redirect(office, number, agency="county-highway", text="", by=FOREMAN, now=moment)
    redirecting.agency_finish(office, number, text="Patched.", by="agency:county-highway", now=moment)
    page = text_of(client, link(office, case))
    assert "Alder County Highway Department says that it is done." in page
    assert "The town says" not in page


def test_what_ended_long_ago_is_not_offered_to_be_opened(
    client: StrictClient, office: Office, moment: datetime
):
    _, case = opened(office, moment - timedelta(days=60))
    finished(office, case, moment - timedelta(days=50))
    page = text_of(client, link(office, case))
    assert "Open it again" not in page
    answer = send(client, link(office, case), "reopen", text="Still there.")
    assert answer.status_code == 409
    assert "Still there." in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("do", "fields", "sentence"),
    [
        ("reply", {"text": " "}, "Write a few words first."),
        ("reply", {"text": "y" * 4001}, "at most 4000 fit"),
        ("reply", {"text": "Kept words", "nonce": "short"}, "The form was incomplete."),
    ],
)
def test_wrong_input_is_explained_and_kept(
    client: StrictClient, office: Office, case: Case, do: str, fields: dict, sentence: str
):
    answer = send(client, link(office, case), do, **fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert fields["text"].strip() in page


@pytest.mark.parametrize("fields", [{}, {"rating": "6"}, {"fixed": "perhaps"}])
def test_a_verdict_that_is_none_is_not_kept(
    client: StrictClient, office: Office, case: Case, moment: datetime, fields: dict
):
    finished(office, case, moment)
    assert send(client, link(office, case), "rate", text="Kept words", **fields).status_code == 422
    assert current(case).request.rating is None


def test_a_button_that_does_not_exist_does_nothing(client: StrictClient, office: Office, case: Case):
    assert send(client, link(office, case), "explode").status_code == 400


# -- photos --


def test_a_photo_opens_only_with_the_key(client: StrictClient, office: Office, moment: datetime):
    out = io.BytesIO()
    Image.new("RGB", (900, 700), "green").save(out, "JPEG")
    out.seek(0)
    photo = office.photos.keep(out, "photo.jpg")
    _, case = opened(office, moment, photos=(photo,))
    number, key = case.request.number, link(office, case).split("t=")[1]
    assert client.get(f"/r/{number}/photo/{photo.sha256}?t={key}&small=1").mimetype == "image/jpeg"
    assert client.get(f"/r/{number}/photo/{photo.sha256}?t=wrong").status_code == 404
    assert client.get(f"/r/{number}/photo/{'0' * 64}?t={key}").status_code == 404


def test_a_flood_of_replies_from_one_network_is_held_back(
    client: StrictClient, office: Office, case: Case, app
):
    app.config[CONFIG] = {"sends": "2 per 10 minutes"}
    at_home = {"REMOTE_ADDR": "203.0.113.7"}
    answers = []
    for number in range(4):
        data = {"do": "reply", "reply-nonce": f"{NONCE}-{number}", "reply-text": "Hello?"}
        answers.append(client.post(link(office, case), data=data, environ_overrides=at_home))
    assert [answer.status_code for answer in answers] == [303, 303, 429, 429]
    assert "Hello?" in answers[-1].text  # what was typed is not lost
    assert [entry.kind for entry in current(case).entries].count("resident_replied") == 2
