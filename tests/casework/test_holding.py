"""Does the resident's page wait with the letter, and tell everything afterwards?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from casework import answering, receiving, redirecting
from casework.holding import as_told
from casework.office import Office
from lifecycle.status import Ending
from storage import lookups
from storage.lookups import Case
from tests.builders import opened

HOLD, SOON = timedelta(minutes=5), timedelta(minutes=1)
FOREMAN = "person:road-foreman"


@pytest.fixture
def holding(office: Office) -> Office:
    return replace(office, hold=HOLD)


@pytest.fixture
def case(holding: Office, now: datetime) -> Case:
    return opened(holding, now, service="pothole", at=(43.59597, -72.33374))[1]


def seen(office: Office, case: Case, now: datetime) -> tuple[str, list[str]]:
    found = lookups.case(case.request.id)
    assert found is not None
    told = as_told(office, found, now)
    return told.request.status, [entry.kind for entry in told.public_entries]


def test_while_the_letter_waits_the_page_is_as_it_was(holding: Office, case: Case, now: datetime):
    answering.answer(holding, case.request.id, text="He is known to us.", by=FOREMAN, now=now)
    answering.finish(
        holding, case.request.id, ending=Ending.FIXED, text="Filled.", by=FOREMAN, now=now + SOON
    )
    assert seen(holding, case, now + SOON) == ("received", ["received"])
    assert seen(holding, case, now + HOLD) == ("acknowledged", ["received", "answered"])
    assert seen(holding, case, now + HOLD + SOON) == ("ended", ["received", "answered", "finished"])


def test_that_somebody_has_it_shows_at_once(holding: Office, case: Case, now: datetime):
    answering.acknowledge(holding, case.request.id, by=FOREMAN, now=now)
    assert seen(holding, case, now) == ("acknowledged", ["received", "acknowledged"])


def test_what_the_resident_did_since_then_is_never_hidden(holding: Office, case: Case, now: datetime):
    answering.ask_resident(holding, case.request.id, text="Where?", by=FOREMAN, now=now)
    receiving.reply(holding, case.request.id, text="By the barn.", now=now + SOON)
    assert seen(holding, case, now + SOON)[1] == ["received", "asked_resident", "resident_replied"]


def test_what_an_agency_says_shows_at_once(holding: Office, case: Case, now: datetime):
    county = "county-highway"
    redirecting.redirect(holding, case.request.id, agency=county, text="", by=FOREMAN, now=now)
    assert seen(holding, case, now)[0] == "received"
    redirecting.agency_finish(holding, case.request.id, text="Done.", by=f"agency:{county}", now=now + SOON)
    assert seen(holding, case, now + SOON) == ("ended", ["received", "handed_off", "agency_finished"])


def test_looking_writes_nothing(holding: Office, case: Case, now: datetime):
    answering.finish(holding, case.request.id, ending=Ending.FIXED, text="", by=FOREMAN, now=now)
    seen(holding, case, now)
    found = lookups.case(case.request.id)
    assert found is not None
    assert found.request.status == "ended"


def test_a_note_behind_an_answer_that_waits_does_not_bring_it_to_light(
    holding: Office, case: Case, now: datetime
):
    answering.answer(holding, case.request.id, text="He is known to us.", by=FOREMAN, now=now)
    answering.note(holding, case.request.id, text="Ask the clerk.", by=FOREMAN, now=now + SOON)
    assert seen(holding, case, now + SOON) == ("received", ["received"])
    assert seen(holding, case, now + HOLD) == ("acknowledged", ["received", "answered"])
