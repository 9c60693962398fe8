"""Does a mail that nobody vouches for wait on the signed page until a person takes it, once?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casework.office import Office
from storage import incoming, lookups
from tests.builders import opened
from tests.casework.letterbox import (
    Received,
    arrive,
    fate,
    kinds_to,
    letters_to,
    reading_mail,
    reply_to,
    written,
)
from tests.conscience import StrictClient

RESIDENT = "resident@example.org"


@pytest.fixture
def moment() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def mailing(office: Office) -> Office:
    return reading_mail(office)


@pytest.fixture
def assigned(mailing: Office, moment: datetime) -> Received:
    _receipt, case = opened(mailing, moment)
    foreman = mailing.rulebook.people[case.request.assignee].email
    return letters_to(case.request.id, foreman)[-1]


def _page(letter: Received) -> str:
    link = next(link for link in letter.links if "/a/" in link and not link.endswith("/away"))
    return "/a/" + link.rpartition("/a/")[2]


def _counts() -> tuple[int, ...]:
    return (lookups.count_requests(), sum(lookups.letter_counts().values()), *incoming.counts().values())


def test_it_stands_on_the_page_with_its_words_and_the_reason(
    client: StrictClient, mailing: Office, moment: datetime, assigned: Received
):
    receipt = letters_to(assigned.request_id, RESIDENT)[0]
    arrive(mailing, reply_to(receipt, "<b>It is worse</b> now.", sender="other@example.org"), moment)
    page = client.get(_page(assigned)).get_data(as_text=True)
    assert "&lt;b&gt;It is worse&lt;/b&gt; now." in page
    assert "did not go to other@example.org" in page
    assert "take it as the resident&#39;s reply" in page


def test_taken_it_does_what_it_would_have_done_and_only_once(
    client: StrictClient, mailing: Office, moment: datetime, assigned: Received
):
    receipt = letters_to(assigned.request_id, RESIDENT)[0]
    mail_id = arrive(mailing, reply_to(receipt, "It is worse now.", sender="other@example.org"), moment)
    for _click in range(2):
        answer = client.post(f"{_page(assigned)}/mail/{mail_id}", data={"do": "take"})
        assert answer.status_code == 303
    entries = lookups.case(assigned.request_id).entries
    assert [entry.text for entry in entries if entry.kind == "resident_replied"] == ["It is worse now."]
    assert (fate(mail_id).state, fate(mail_id).recipient) == ("applied", "resident")
    assert "It is genuine" not in client.get(_page(assigned)).get_data(as_text=True)
    # The genuine one, should it come once more by another way, is a copy.
    again = arrive(mailing, fate(mail_id).raw, moment)
    assert kinds_to(assigned.request_id, assigned.row.recipient).count("resident_wrote") == 1
    assert fate(again).state == "ignored"


def test_an_employees_words_become_those_of_who_vouches_for_them(
    client: StrictClient, mailing: Office, moment: datetime, assigned: Received
):
    mail_id = arrive(mailing, reply_to(assigned, "done\nAll gone.", sender="me@home.example"), moment)
    assert lookups.case(assigned.request_id).request.status == "received"
    page = client.post(f"{_page(assigned)}/mail/{mail_id}", data={"do": "take"}, follow_redirects=True)
    assert "the request has ended" in page.get_data(as_text=True)
    after = lookups.case(assigned.request_id)
    assert (after.request.ending, after.entries[-1].by) == ("fixed", f"person:{after.request.assignee}")
    assert not letters_to(assigned.request_id, "me@home.example"), "nobody unknown is written to"


def test_a_mail_with_the_number_alone_becomes_a_note(
    client: StrictClient, mailing: Office, moment: datetime, assigned: Received
):
    number = lookups.case(assigned.request_id).request.number
    raw = written("I saw who did it.\n", sender="neighbor@example.org", subject=f"About [{number}]")
    mail_id = arrive(mailing, raw, moment)
    client.post(f"{_page(assigned)}/mail/{mail_id}", data={"do": "take"})
    note = lookups.case(assigned.request_id).entries[-1]
    assert (note.kind, note.is_public) == ("noted", False)
    assert note.text == "neighbor@example.org:\nI saw who did it."


def test_what_cannot_be_done_is_said_on_the_page_and_the_mail_goes_on_waiting(
    client: StrictClient, mailing: Office, moment: datetime, assigned: Received
):
    mail_id = arrive(mailing, reply_to(assigned, "#assign nobody", sender="me@home.example"), moment)
    answer = client.post(f"{_page(assigned)}/mail/{mail_id}", data={"do": "take"})
    assert answer.status_code == 409
    assert "Nobody is called nobody here" in answer.get_data(as_text=True)
    assert fate(mail_id).state == "unverified"


def test_put_aside_it_is_shown_no_more_and_kept(
    client: StrictClient, mailing: Office, moment: datetime, assigned: Received
):
    mail_id = arrive(mailing, reply_to(assigned, "Buy now!", sender="me@home.example"), moment)
    client.post(f"{_page(assigned)}/mail/{mail_id}", data={"do": "aside"})
    assert fate(mail_id).state == "ignored"
    assert "It is genuine" not in client.get(_page(assigned)).get_data(as_text=True)
    assert client.get(f"{_page(assigned)}/mail/{mail_id}").status_code == 200


def test_the_original_is_a_file_that_no_browser_shows(
    client: StrictClient, mailing: Office, moment: datetime, assigned: Received
):
    raw = reply_to(assigned, "<script>alert(1)</script>", sender="me@home.example")
    mail_id = arrive(mailing, raw, moment)
    answer = client.get(f"{_page(assigned)}/mail/{mail_id}")
    assert answer.data == raw
    assert answer.headers["Content-Disposition"] == f'attachment; filename="mail-{mail_id}.eml"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_mails_of_another_request_and_residents_keys_open_nothing(
    client: StrictClient, mailing: Office, moment: datetime, assigned: Received
):
    receipt, other = opened(mailing, moment)
    letter = letters_to(other.request.id, mailing.rulebook.people[other.request.assignee].email)[-1]
    mail_id = arrive(mailing, reply_to(letter, "Hi.", sender="me@home.example"), moment)
    for page in (_page(assigned), f"/a/{receipt.token}"):
        assert client.get(f"{page}/mail/{mail_id}").status_code in (404, 409)
        assert client.post(f"{page}/mail/{mail_id}", data={"do": "take"}).status_code in (404, 409)
    assert fate(mail_id).state == "unverified"


def test_opening_every_link_of_every_new_letter_three_times_changes_nothing(
    client: StrictClient, mailing: Office, moment: datetime, assigned: Received
):
    arrive(mailing, reply_to(assigned, "#nonsense"), moment)
    mail_id = arrive(mailing, reply_to(assigned, "done", sender="me@home.example"), moment)
    arrive(mailing, reply_to(assigned, "done\nAll gone."), moment)
    ended = letters_to(assigned.request_id, RESIDENT)[-1]
    arrive(mailing, reply_to(ended, "It is there again."), moment)
    request_id = assigned.request_id
    letters = [one for to in (assigned.row.recipient, RESIDENT) for one in letters_to(request_id, to)]
    assert {"mail_explained", "acted", "resident_after_end"} <= {one.row.kind for one in letters}
    links = {link.replace(mailing.base_url, "") for one in letters for link in one.links}
    links.add(f"{_page(assigned)}/mail/{mail_id}")
    before, entries = _counts(), len(lookups.case(request_id).entries)
    for _time in range(3):
        for link in links:
            client.get(link)
            client.head(link)
    assert (_counts(), len(lookups.case(request_id).entries)) == (before, entries)
    assert fate(mail_id).state == "unverified"
