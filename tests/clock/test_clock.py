"""Does time pass as it should: letters at once, jobs every minute, one error never stopping the next?"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from casework.office import Office
from clock import jobs
from clock.postman import Postman
from clock.ticker import Clock
from storage import lookups
from tests.builders import opened


def test_a_letter_leaves_at_once_because_the_commit_rings(office: Office, app: Flask):
    postman = Postman(app)
    postman.start()
    time.sleep(0.3)  # it has found nothing and sleeps for half a minute
    began = time.monotonic()
    opened(office, datetime.now(UTC))
    while lookups.letter_counts() != {"sent": 2}:
        assert time.monotonic() - began < 20, lookups.letter_counts()
        time.sleep(0.02)
    postman.stop()


def test_an_error_in_one_job_does_not_stop_the_next(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    done = []

    def breaks(office: Office, now: datetime) -> None:
        raise RuntimeError("a disk is full")

    monkeypatch.setattr(jobs, "EVERY_MINUTE", (breaks, lambda office, now: done.append(now)))
    jobs.tick(app)
    assert len(done) == 1
    assert "the job breaks was broken off" in caplog.text


def test_photos_without_a_request_are_forgotten_after_two_days(office: Office, now: datetime):
    forgotten = []

    class Photos:
        def forget_orphans(self, known: set[str], *, older_than: datetime) -> int:
            forgotten.append(older_than)
            return 0

    watched = replace(office, photos=Photos())  # type: ignore[arg-type]
    for minute in range(60):
        jobs.forget_orphans(watched, now.replace(minute=minute))
    assert forgotten == [now.replace(minute=17) - timedelta(hours=48)]


def test_the_clock_starts_its_threads_and_ends_them(app: Flask):
    before = {thread.name for thread in threading.enumerate()}
    clock = Clock(app)
    clock.start()
    assert {"postman", "courier", "APScheduler"} <= {thread.name for thread in threading.enumerate()} - before
    clock.stop()
    until = time.monotonic() + 5
    while {thread.name for thread in threading.enumerate()} - before:
        assert time.monotonic() < until, threading.enumerate()
        time.sleep(0.02)
