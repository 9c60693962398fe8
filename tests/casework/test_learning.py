"""Does the finder learn from the town's own requests, at night, and only when there is something new?"""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from casework import learning as verb
from casework.learning import FEWEST_REQUESTS, learn_again
from casework.office import Office
from clock.jobs import EVERY_MINUTE, learn_words
from lifecycle.status import Ending
from routing.finder import find
from storage import learning
from storage.database import writing
from storage.learning import ModelFile
from storage.tables import ServiceRequest
from tests.builders import opened
from tests.conscience import StrictClient
from tests.widgets.resident import Resident

pytestmark = pytest.mark.past_the_verbs


def ended(office: Office, now: datetime, count: int, ending: Ending = Ending.FIXED) -> None:
    """Put as many ended requests into the books as if they had been handled, in one step."""
    _receipt, case = opened(office, now)
    plain = {column.key: getattr(case.request, column.key) for column in ServiceRequest.__table__.columns}
    del plain["id"]
    rows = [
        {**plain, "number": f"25-{number:04}-{ending.value[:3]}", "nonce": f"ended-{ending.value}-{number}",
         "service": ("noise", "water-leak")[number % 2],
         "description": ("the gizmo hums", "widget leaks")[number % 2],
         "status": "ended", "ending": ending.value, "ended_at": now + timedelta(seconds=number)}
        for number in range(count)
    ]  # fmt: skip
    with writing() as session:
        session.execute(insert(ServiceRequest), rows)


def test_what_was_ended_is_learned_and_the_form_knows_it(office: Office, client: StrictClient, now: datetime):
    ended(office, now, FEWEST_REQUESTS)
    assert office.finder_model is None
    model = learn_again(office, now=now)
    assert model is not None
    assert model.texts == FEWEST_REQUESTS
    assert office.finder_model is not None
    assert find(office.rulebook, "gizmo", office.finder_model).services[0][0] == "noise"
    resident = Resident(client)
    resident.send(description="my gizmo again")
    assert resident.step == "pick"
    assert "Is it one of these?" in resident.page


def test_too_few_requests_teach_nothing(office: Office, now: datetime):
    ended(office, now, FEWEST_REQUESTS - 1)
    assert learn_again(office, now=now) is None
    assert office.finder_model is None


def test_nothing_new_is_not_learned_twice_but_new_requests_and_new_rules_are(office: Office, now: datetime):
    ended(office, now, FEWEST_REQUESTS)
    assert learn_again(office, now=now) is not None
    assert learn_again(office, now=now) is None
    other = replace(office, rulebook=office.rulebook.model_copy(update={"version": "0" * 12}))
    assert learn_again(other, now=now) is not None
    assert learn_again(office, now=now) is not None
    assert office.learned.path is not None
    os.utime(office.learned.path, (now.timestamp(), now.timestamp()))
    assert learn_again(office, now=now) is not None


def test_spam_and_what_was_taken_back_teach_nothing(office: Office, now: datetime):
    ended(office, now, 60, Ending.SPAM)
    ended(office, now, 60, Ending.WITHDRAWN)
    assert learning.ended().count == 0
    assert learning.examples() == []


def test_the_newest_are_taken_and_the_oldest_of_them_comes_first(
    office: Office, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    ended(office, now, 5)
    monkeypatch.setattr(learning, "MOST_EXAMPLES", 2)
    with writing() as session:
        session.execute(
            update(ServiceRequest)
            .where(ServiceRequest.number == "25-0000-fix")
            .values(ended_at=now + timedelta(days=1), description="newest")
        )
    assert [text for text, _service in learning.examples()] == ["the gizmo hums", "newest"]


def test_it_learns_once_a_night_in_town_time(office: Office, now: datetime, monkeypatch: pytest.MonkeyPatch):
    times = []
    monkeypatch.setattr("clock.jobs.learn_again", lambda office, now: times.append(now))
    midnight = now.replace(hour=4, minute=0)  # in New York
    for minute in range(24 * 60):
        learn_words(office, midnight + timedelta(minutes=minute))
    assert times == [midnight.replace(hour=7, minute=20)]
    assert learn_words in EVERY_MINUTE


# -- the file --


def test_a_broken_file_is_told_once_and_the_words_of_the_rules_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    path = tmp_path / ModelFile.NAME
    path.write_text('{"format": 1')
    kept = ModelFile(path)
    with caplog.at_level(logging.ERROR):
        assert kept.model() is None
        assert kept.model() is None
    assert len(caplog.records) == 1
    assert "until it learns again" in caplog.text


def test_a_town_without_a_folder_has_no_model(office: Office):
    assert ModelFile().model() is None
    assert ModelFile().changed_at() is None
    assert verb.FEWEST_REQUESTS == 50


def test_a_model_that_cannot_be_written_leaves_the_old_one_and_no_litter(
    office: Office, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ended(office, now, FEWEST_REQUESTS)
    model = learn_again(office, now=now)
    assert model is not None
    kept = ModelFile(tmp_path / "finder.json")
    kept.save(model)

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storage.learning.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept.save(model)
    assert [path.name for path in tmp_path.glob("*.json")] == ["finder.json"]
    assert not list(tmp_path.glob("tmp*"))
    assert kept.model() is not None
