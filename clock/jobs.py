"""What is done every minute? Thin jobs, each calling one verb; an error in one never stops another."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask

from casework import drafting, held, held_letters, morning, recipients, still_you
from casework.absence import pass_on_due
from casework.bounced import pass_on_suspended
from casework.digesting import send_due
from casework.following import remind_due
from casework.ladder import climb_due
from casework.learning import learn_again
from casework.office import Office, the_office
from clock.rereading import reread_rules
from reports import edition
from storage import factbook, lookups

log = logging.getLogger("townline.clock")
ORPHAN_AGE = timedelta(hours=48)
"""A photo without a request is kept this long: its form may still be open in somebody's browser."""
COUNTING_TIME = "02:40"
"""Town time, as the next one: new rules, maps or departments are counted by before anybody asks."""
LEARNING_TIME = "03:20"
"""Town time. Where the clock is put forward or back at night, a night is missed or done twice: no harm."""


def make_editions(office: Office, now: datetime) -> None:
    edition.make_due(office, now=now)


def remind_agencies(office: Office, now: datetime) -> None:
    remind_due(office, now=now)


def climb_ladders(office: Office, now: datetime) -> None:
    climb_due(office, now=now)


def send_digests(office: Office, now: datetime) -> None:
    send_due(office, now=now)


def pass_on_absent(office: Office, now: datetime) -> None:
    pass_on_due(office, now=now)


def send_mornings(office: Office, now: datetime) -> None:
    morning.send_due(office, now=now)


def tell_of_held(office: Office, now: datetime) -> None:
    held_letters.tell_due(office, now=now)


def pass_on_from_dead_mailboxes(office: Office, now: datetime) -> None:
    recipients.keep_book(office, now=now)
    pass_on_suspended(office, now=now)


def pass_on_drafts(office: Office, now: datetime) -> None:
    drafting.pass_on_due(office, now=now)


def ask_whether_still(office: Office, now: datetime) -> None:
    # A few times a day would do; the hour's minute says so without any state.
    if now.minute == 29:
        still_you.ask_due(office, now=now)


def forget_orphans(office: Office, now: datetime) -> None:
    # Once an hour is enough, and the minute says so without any state.
    if now.minute == 17:
        held.forget_spam_photos(now=now)
        office.photos.forget_orphans(lookups.photo_hashes(), older_than=now - ORPHAN_AGE)


def count_anew(office: Office, now: datetime) -> None:
    # Once a night; where the rules, the maps and the clock are the same this is one look at one row.
    if now.astimezone(office.zone).strftime("%H:%M") == COUNTING_TIME:
        counted = factbook.make_current(office.sorting)
        if counted is not None:
            log.info("%d requests were counted anew by the present rules", counted)


def learn_words(office: Office, now: datetime) -> None:
    # Once a night, when nobody waits for the machine.
    if now.astimezone(office.zone).strftime("%H:%M") == LEARNING_TIME:
        learn_again(office, now=now)


EVERY_MINUTE: tuple[Callable[[Office, datetime], None], ...] = (
    reread_rules,
    make_editions,
    remind_agencies,
    pass_on_absent,
    climb_ladders,
    send_digests,
    send_mornings,
    tell_of_held,
    pass_on_from_dead_mailboxes,
    pass_on_drafts,
    ask_whether_still,
    forget_orphans,
    count_anew,
    learn_words,
)


def tick(app: Flask) -> None:
    """Do the minute's work."""
    now = datetime.now(UTC)
    for job in EVERY_MINUTE:
        with app.app_context():
            try:
                job(the_office(), now)
            except Exception:
                # The edge of a job: logged with its name, and the next job runs all the same.
                log.exception("the job %s was broken off", job.__name__)
