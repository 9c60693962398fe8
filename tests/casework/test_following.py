"""Does a silent agency hear from us, and the clerk after it, once each, whatever happens meanwhile?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from casework import agencies, answering, following, held, redirecting
from casework.change import Change
from casework.errors import NotPossible
from casework.following import REMINDERS, remind_due
from casework.in_public import in_public
from casework.office import Office
from desk import words
from storage import lookups
from storage.database import reading, writing
from storage.lookups import Case
from storage.tables import OutgoingLetter, ServiceRequest
from tests.builders import opened
from tests.casework.conftest import COUNTY

BY = f"agency:{COUNTY}"
CLERK = "person:town-clerk"
DAY = timedelta(days=1)


@pytest.fixture
def handed(office: Office, now: datetime) -> Case:
    """A request that the county got by mail on a Wednesday."""
    _, case = opened(office, now)
    redirecting.redirect(office, case.request.id, agency=COUNTY, text="", by=CLERK, now=now)
    return again(case)


def again(case: Case) -> Case:
    found = lookups.case(case.request.id)
    assert found is not None
    return found


def letters(case: Case, kind: str) -> list[str]:
    return [letter.recipient for letter in lookups.letters_of(case.request.id) if letter.kind == kind]


def days(office: Office, first: datetime, many: int) -> None:
    """Let the clock tick four times a day."""
    for quarter in range(many * 4):
        remind_due(office, now=first + quarter * DAY / 4)


def test_five_working_days_of_silence_are_long_enough(office: Office, handed: Case):
    remind_at = handed.request.agency_remind_at
    assert remind_at is not None
    # Wednesday the 14th and five working days: closing time of Wednesday the 21st.
    assert remind_at.astimezone(office.zone).date() == date(2026, 10, 21)
    assert remind_due(office, now=remind_at - timedelta(minutes=1)) == 0
    assert remind_due(office, now=remind_at) == 1
    entry = again(handed).entries[-1]
    assert (entry.kind, entry.is_public, entry.facts["count"]) == ("agency_reminded", True, 1)
    assert letters(handed, "agency_reminder") == [office.rulebook.agencies[COUNTY].email]


def test_after_two_reminders_the_clerk_is_told_once_and_then_there_is_peace(
    office: Office, handed: Case, now: datetime
):
    days(office, now, 60)
    said = [entry.kind for entry in again(handed).entries if entry.kind.startswith("agency_")]
    assert said == ["agency_reminded", "agency_reminded", "agency_silent"]
    assert letters(handed, "agency_silent") == [office.rulebook.people[office.rulebook.clerk].email]
    request = again(handed).request
    assert (request.status, request.agency_remind_at) == ("waiting_agency", None)
    assert request.agency_reminders == REMINDERS


def test_a_reminder_stands_in_the_same_thread_and_opens_the_same_page(office: Office, handed: Case):
    assert handed.request.agency_remind_at is not None
    remind_due(office, now=handed.request.agency_remind_at)
    raws = {}
    with writing() as session:
        for letter in lookups.letters_of(handed.request.id):
            raws[letter.kind] = session.merge(letter).raw.decode()
    links = {
        kind: raw.replace("=\r\n", "").partition("/a/")[2][:20]
        for kind, raw in raws.items()
        if kind.startswith("agency_")
    }
    assert links["agency_reminder"] == links["agency_handoff"]
    assert f"References: <{handed.request.number}.thread@" in raws["agency_reminder"]
    assert "Our recycling was left standing." in raws["agency_reminder"]


def test_an_agency_without_a_mailbox_is_the_clerks_task_at_once(wired: Callable[..., Office], now: datetime):
    office = wired()
    _, case = opened(office, now)
    redirecting.redirect(office, case.request.id, agency=COUNTY, text="", by=CLERK, now=now)
    days(office, now, 20)
    assert letters(case, "agency_reminder") == []
    assert len(letters(case, "agency_silent")) == 1


def test_the_rules_say_how_long_an_agency_may_be_silent(wired: Callable[..., Office], now: datetime):
    county = wired().rulebook.agencies[COUNTY]
    office = wired(remind=county.remind.model_copy(update={"count": 1}))
    _, case = opened(office, now)
    redirecting.redirect(office, case.request.id, agency=COUNTY, text="", by=CLERK, now=now)
    remind_at = again(case).request.agency_remind_at
    assert remind_at is not None
    assert remind_at - now < 2 * DAY


def test_a_word_of_the_agency_begins_the_wait_anew(office: Office, handed: Case, now: datetime):
    days(office, now, 10)
    assert again(handed).request.agency_reminders == 1
    redirecting.agency_accept(office, handed.request.id, text="", by=BY, now=now + 10 * DAY)
    request = again(handed).request
    assert request.agency_reminders == 0
    assert request.agency_remind_at is not None
    assert request.agency_remind_at > now + 14 * DAY


def test_an_agency_that_named_a_day_is_not_asked_before_it(office: Office, handed: Case, now: datetime):
    day = date(2026, 12, 18)
    redirecting.agency_accept(office, handed.request.id, text="", by=BY, now=now, expected_on=day)
    request = again(handed).request
    assert request.expected_on == day
    assert request.agency_remind_at is not None
    # The 18th is a Friday, so it is the Monday after it.
    assert request.agency_remind_at.astimezone(office.zone).date() == date(2026, 12, 21)
    assert again(handed).entries[-1].facts["expected"] == "2026-12-18"


def test_the_resident_hears_the_day_in_words(office: Office, handed: Case, now: datetime):
    day = date(2026, 12, 18)
    redirecting.agency_accept(office, handed.request.id, text="", by=BY, now=now, expected_on=day)
    with writing() as session:
        letter = session.merge(lookups.letters_of(handed.request.id)[-1])
        assert letter.kind == "resident_answer"
        assert "Friday, December 18, 2026" in letter.raw.decode().replace("=\r\n", "")


@pytest.mark.parametrize("day", [date(2026, 10, 13), date(2028, 10, 20), date(9999, 12, 31)])
def test_a_day_by_which_nothing_can_be_done_is_refused(
    office: Office, handed: Case, now: datetime, day: date
):
    with pytest.raises(NotPossible, match="day is"):
        redirecting.agency_accept(office, handed.request.id, text="", by=BY, now=now, expected_on=day)
    assert again(handed).request.expected_on is None


def test_today_is_a_day_until_the_town_sleeps(office: Office, handed: Case):
    # 03:30 UTC on the 15th is still the 14th in the town.
    late = datetime.fromisoformat("2026-10-15T03:30:00+00:00")
    redirecting.agency_accept(
        office, handed.request.id, text="", by=BY, now=late, expected_on=date(2026, 10, 14)
    )


def test_an_agency_may_say_whose_it_is_and_everybody_reads_it(office: Office, handed: Case, now: datetime):
    whose = "village-office"
    redirecting.agency_refuse(office, handed.request.id, text="", by=BY, now=now, whose=whose)
    assert again(handed).entries[-1].facts.items() >= {"agency": COUNTY, "whose": whose}.items()
    with writing() as session:
        for letter in lookups.letters_of(handed.request.id)[-2:]:
            raw = session.merge(letter).raw.decode().replace("=\r\n", "")
            assert "for Alder Falls Village" in raw
            assert letter.kind != "assigned" or "Highway Department says that this is not theirs" in raw
    request = again(handed).request
    assert (request.agency_remind_at, request.expected_on) == (None, None)
    with pytest.raises(NotPossible):
        redirecting.agency_refuse(office, handed.request.id, text="", by=BY, now=now, whose="nobody")


def test_nobody_is_reminded_of_what_has_gone_another_way(office: Office, handed: Case, now: datetime):
    answering.start(office, handed.request.id, by=CLERK, now=now)
    days(office, now, 30)
    assert letters(handed, "agency_reminder") == []
    assert again(handed).request.agency_remind_at is None


def test_two_clocks_remind_once(office: Office, handed: Case, monkeypatch: pytest.MonkeyPatch):
    at = handed.request.agency_remind_at
    assert at is not None
    seen = [(handed.request.id, at)]
    remind_due(office, now=at)
    # The other process had looked before the first one wrote.
    monkeypatch.setattr("casework.following.rows.agencies_reminded", lambda *_words, **_more: seen)
    remind_due(office, now=at)
    assert len(letters(handed, "agency_reminder")) == 1


def test_an_agency_that_the_rules_forgot_is_the_clerks_task(office: Office, handed: Case, now: datetime):
    with writing() as session:
        session.get_one(ServiceRequest, handed.request.id).agency = "gone"
    days(office, now, 10)
    assert len(letters(handed, "agency_silent")) == 1


def test_one_request_that_cannot_be_reminded_of_holds_up_no_other(
    office: Office, handed: Case, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    _, case = opened(office, now + DAY)
    redirecting.redirect(office, case.request.id, agency=COUNTY, text="", by=CLERK, now=now + DAY)
    whole = agencies.mail_to

    def broken(change: Change, *args: Any, **more: Any) -> None:
        if change.request.id == handed.request.id:
            raise RuntimeError("its photo is damaged")
        whole(change, *args, **more)

    monkeypatch.setattr(following, "mail_to", broken)
    remind_due(office, now=now + 20 * DAY)
    assert letters(case, "agency_reminder")
    assert not letters(handed, "agency_reminder")
    assert again(handed).request.agency_reminders == 0, "nothing is half done"


@pytest.mark.parametrize("is_held", [False, True])
def test_an_agency_reads_why_in_the_towns_language_and_the_resident_in_theirs(
    office: Office, now: datetime, is_held: bool
) -> None:
    mill_road: dict[str, Any] = {"at": (43.60902, -72.33341), "place": "12 Mill Road", "service": "pothole"}
    with force_locale("es"):
        _receipt, case = opened(
            office,
            now,
            held_for=("trap",) if is_held else (),
            language="es",
            **mill_road,
            answers={"size": "large"},
        )
        if is_held:
            held.release(office, case.request.id, by=CLERK, now=now)
        remind_due(office, now=now + timedelta(days=30))
    case = again(case)
    assert "Mill Road" in case.request.because
    english = next(one.facts["because"] for one in case.entries if one.kind == "handed_off")
    assert "Mill Road" in english
    assert case.request.because != english
    with reading() as session:
        rows = session.execute(
            select(OutgoingLetter.kind, OutgoingLetter.raw).where(
                OutgoingLetter.kind.in_(["agency_handoff", "agency_reminder"])
            )
        ).all()
    assert {kind for kind, _raw in rows} == {"agency_handoff", "agency_reminder"}
    for _kind, raw in rows:
        text = message_from_bytes(raw, policy=default).get_body(("plain",)).get_content()
        assert english in text
        assert case.request.because not in text
    assert all(case.request.because not in entry.text for entry in case.public_entries)
    assert english in str(words.history(office, case.public_entries))
    one = in_public(office, case, now=now, is_follower=True)
    assert one is not None
    assert all(case.request.because not in step.text and english not in step.text for step in one.steps)
