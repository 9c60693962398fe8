"""Does the council get each report once, whatever happens in between?"""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pikepdf
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from casework.office import Office
from paper.pdf import NoRenderer, RenderFailed
from reports import edition, making
from reports.edition import NothingToSend, make_due
from reports.making import NotYet
from reports.order import addresses
from reports.period import Period
from reports.sending import send_again, send_now
from storage import editions
from storage.database import reading, writing
from storage.lookups import editions_failed
from storage.tables import Edition, OutgoingLetter
from tests.builders import opened

NAME = "council-monthly"
OCTOBER_SENT = datetime(2026, 11, 4, 13, 0, tzinfo=UTC)
"""Well past seven in the morning of the third business day of November."""
MINUTE = timedelta(minutes=1)


@pytest.fixture
def town(office: Office, now: datetime) -> Office:
    """A town with one request in October."""
    opened(office, now)
    return office


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only the sending is tested, the picture of the page does not matter."""
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-1.7 " + str(len(html)).encode())


def letters(kind: str = "edition") -> list[OutgoingLetter]:
    with reading() as session:
        wanted = (
            select(OutgoingLetter).options(undefer(OutgoingLetter.raw)).where(OutgoingLetter.kind == kind)
        )
        return list(session.scalars(wanted.order_by(OutgoingLetter.id)))


def message(letter: OutgoingLetter) -> EmailMessage:
    parsed = message_from_bytes(letter.raw, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def rows() -> list[tuple[str, str]]:
    with reading() as session:
        found = session.execute(select(Edition.period, Edition.state).order_by(Edition.period)).all()
        return [(row.period, row.state) for row in found]


def test_the_month_end_gives_exactly_one_pdf_per_recipient(town: Office) -> None:
    assert make_due(town, now=OCTOBER_SENT - timedelta(days=2)) == ()
    [sent] = make_due(town, now=OCTOBER_SENT)
    assert (sent.period, sent.has_pdf) == ("2026-10", True)
    for minute in range(1, 4):
        assert make_due(town, now=OCTOBER_SENT + minute * MINUTE) == ()
    posted = letters()
    assert [letter.recipient for letter in posted] == list(sent.recipients)
    assert len({letter.recipient for letter in posted}) == len(posted) == 2
    for letter in posted:
        [attached] = message(letter).iter_attachments()
        assert attached.get_filename() == f"{NAME}-2026-10.pdf"
        with pikepdf.open(io.BytesIO(attached.get_content())) as document:
            assert list(document.attachments) == [f"{NAME}-2026-10.csv"]


def test_what_was_sent_is_kept_with_its_figures_and_its_hash(town: Office) -> None:
    from hashlib import sha256

    make_due(town, now=OCTOBER_SENT)
    stored = editions.edition(NAME, "2026-10")
    assert stored is not None
    assert stored.pdf is not None
    assert stored.sha256 == sha256(stored.pdf).hexdigest()
    assert stored.facts is not None
    assert stored.facts["figures"]["this"]["received"] == 1
    assert stored.html is not None
    assert stored.csv is not None
    assert stored.rules_version == town.rulebook.version
    assert (stored.state, stored.sent_at, stored.lease) == ("sent", OCTOBER_SENT, None)


def test_the_letter_says_the_summary_in_words(town: Office, quick: None) -> None:
    make_due(town, now=OCTOBER_SENT)
    body = message(letters()[0]).get_body(("plain",))
    assert body is not None
    assert "Residents sent 1 request in October 2026" in " ".join(body.get_content().split())


def test_an_outage_of_three_weeks_is_made_up_for_once(town: Office, quick: None) -> None:
    make_due(town, now=OCTOBER_SENT)
    late = datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert [sent.period for sent in make_due(town, now=late)] == ["2026-11"]
    assert make_due(town, now=late + MINUTE) == ()
    assert rows() == [("2026-10", "sent"), ("2026-11", "sent")]


def test_a_town_without_requests_sends_nothing(office: Office) -> None:
    assert make_due(office, now=OCTOBER_SENT) == ()
    assert rows() == []


def test_without_a_renderer_the_page_and_the_figures_go_out_and_the_clerk_reads_why(
    town: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(html: str, **_more: object) -> bytes:
        raise NoRenderer("the PDF cannot be made here: cannot load library libpango")

    monkeypatch.setattr(making, "pdf_of", missing)
    [sent] = make_due(town, now=OCTOBER_SENT)
    assert not sent.has_pdf
    names = [part.get_filename() for part in message(letters()[0]).iter_attachments()]
    assert names == [f"{NAME}-2026-10.html", f"{NAME}-2026-10.csv"]
    stored = editions.edition(NAME, "2026-10")
    assert stored is not None
    assert "libpango" in (stored.last_error or "")
    assert "libpango" in caplog.text


def test_a_failure_is_tried_again_later_and_then_told_to_the_clerk(
    town: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(html: str, **_more: object) -> bytes:
        raise RenderFailed("the disk is full")

    monkeypatch.setattr(making, "pdf_of", failing)
    tries = 0
    now = OCTOBER_SENT
    while not editions_failed():
        before = caplog.text.count("could not be made")
        assert make_due(town, now=now) == ()
        tries += caplog.text.count("could not be made") > before
        now += MINUTE
        assert now < OCTOBER_SENT + timedelta(hours=3)
    assert tries == edition.MOST_ATTEMPTS
    [row] = editions_failed()
    assert "the disk is full" in (row.last_error or "")
    [letter] = letters("edition_failed")
    assert letter.recipient == town.rulebook.people[town.rulebook.clerk].email
    assert letters() == []


def test_after_it_was_put_right_it_can_be_sent_by_hand(
    town: Office, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    make_due(town, now=OCTOBER_SENT)
    with writing() as session:
        session.execute(update(Edition).values(state="failed"))
        session.execute(OutgoingLetter.__table__.delete())  # type: ignore[attr-defined]
    [sent] = send_now(town, NAME, Period.named("2026-10", town.zone), now=OCTOBER_SENT + MINUTE)
    assert [letter.recipient for letter in letters()] == list(sent.recipients)


def test_one_that_fails_never_stops_another(town: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def picky(html: str, **_more: object) -> bytes:
        if "September 2026" in html.split("</title>")[0]:
            raise RenderFailed("no")
        return b"%PDF-"

    monkeypatch.setattr(making, "pdf_of", picky)
    with writing() as session:
        editions.add(session, report=NAME, period="2026-09", due_at=OCTOBER_SENT - timedelta(days=30))
    assert [sent.period for sent in make_due(town, now=OCTOBER_SENT)] == ["2026-10"]
    assert rows() == [("2026-09", "due"), ("2026-10", "sent")]


def test_two_processes_never_have_the_same_edition(town: Office) -> None:
    with writing() as session:
        editions.add(session, report=NAME, period="2026-10", due_at=OCTOBER_SENT)
        editions.add(session, report=NAME, period="2026-10", due_at=OCTOBER_SENT)
    terms = {"reports": [NAME], "until": OCTOBER_SENT + edition.LEASE, "now": OCTOBER_SENT}
    with writing() as session:
        first = editions.claim(session, lease="one", **terms)  # type: ignore[arg-type]
        second = editions.claim(session, lease="two", **terms)  # type: ignore[arg-type]
    assert first is not None
    assert second is None


def test_one_whose_lease_was_taken_over_sends_nothing(
    town: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def slow(html: str, **_more: object) -> bytes:
        with writing() as session:  # meanwhile another process finds the lease at its end
            session.execute(update(Edition).values(lease="another"))
        return b"%PDF-"

    monkeypatch.setattr(making, "pdf_of", slow)
    assert make_due(town, now=OCTOBER_SENT) == ()
    assert letters() == []
    assert "taken over by another process" in caplog.text


def test_sending_by_hand_does_it_once(town: Office, quick: None) -> None:
    october = Period.named("2026-10", town.zone)
    send_now(town, NAME, october, now=OCTOBER_SENT - timedelta(days=2))
    with pytest.raises(NothingToSend, match="gone out already"):
        send_now(town, NAME, october, now=OCTOBER_SENT)
    assert make_due(town, now=OCTOBER_SENT) == ()
    assert len(letters()) == 2


def test_sending_again_sends_the_stored_bytes(town: Office, quick: None) -> None:
    october = Period.named("2026-10", town.zone)
    with pytest.raises(NothingToSend, match="not been sent yet"):
        send_again(town, NAME, october, now=OCTOBER_SENT)
    make_due(town, now=OCTOBER_SENT)
    opened(town, OCTOBER_SENT)  # what happens later changes nothing
    send_again(town, NAME, october, to=["member@example.org"], now=OCTOBER_SENT + MINUTE)
    first, *_others, again = letters()
    assert again.recipient == "member@example.org"
    assert [part.get_content() for part in message(again).iter_attachments()] == [
        part.get_content() for part in message(first).iter_attachments()
    ]


def test_a_month_that_is_not_over_and_a_report_that_nobody_planned_are_refused(
    town: Office, now: datetime
) -> None:
    with pytest.raises(NotYet, match="has not ended yet"):
        send_now(town, NAME, Period.around(now, town.zone), now=now)
    with pytest.raises(NothingToSend, match=NAME):
        send_now(town, "weekly", Period.named("2026-09", town.zone), now=now)
    assert rows() == []


def test_a_recipient_named_twice_gets_it_once(town: Office) -> None:
    clerk = town.rulebook.clerk
    address = town.rulebook.people[clerk].email
    assert addresses(town, (clerk, address.upper(), "x@example.org"))[1:] == ("x@example.org",)
