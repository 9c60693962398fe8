"""How does a newcomer see a town at work? ``demo fill`` makes a plausible past.

Everything goes through the same verbs as real requests, only with an earlier ``now`` and without
letters, so that what the lists and the report show is what the product really does.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import click
from flask import current_app
from flask.cli import AppGroup

from casework import answering, opening, receiving, redirecting, timing
from casework.errors import NotPossible
from casework.office import EXTENSION, Keeper, Office
from console import demo_texts
from inbox.time_written import Spent
from lifecycle.status import Ending
from routing.decision import decide
from routing.rulebook import Outcome, Question
from settings import Settings
from storage import lookups
from storage.tables import ServiceRequest

MOST_TRIES = 200
HAUNTED = 0.14
"""The share of requests about places that come back again and again, as in any town."""
HAUNTS = (5, 2, 1)
"""How often each of these places does, one to the other."""

demo = AppGroup("demo", help="The demonstration town. Never for a real one.")


@demo.command("fill")
@click.option("--requests", default=1200, show_default=True, help="How many.")
@click.option("--seed", default=311, show_default=True, help="The same seed gives the same past.")
@click.option("--months", default=14, show_default=True, help="Over how many months, up to now.")
def fill(requests: int, seed: int, months: int) -> None:
    """Fill the town with a plausible past, so that lists and reports have something to show."""
    settings: Settings = current_app.config["TOWNLINE_SETTINGS"]
    if not settings.demo:
        raise click.ClickException(
            "TOWNLINE_DEMO is not true: made-up requests do not belong among real ones."
        )
    click.echo(f"{fill_past(requests=requests, seed=seed, months=months)} requests were made up.")


def fill_past(*, requests: int, seed: int, months: int) -> int:
    """Make up a past and return how many requests were opened; the same seed gives the same past."""
    keeper: Keeper = current_app.extensions[EXTENSION]
    office = replace(keeper.office(), is_silent=True)
    chance = random.Random(seed)  # noqa: S311 - a made-up past needs to be repeatable, not secret
    now = datetime.now(UTC)
    moments = sorted(_moments(chance, now, months, requests, office))
    opened = 0
    # A progress bar belongs on a terminal and nowhere else.
    with click.progressbar(
        moments, label="Making up a past", hidden=not sys.stderr.isatty(), file=sys.stderr
    ) as bar:
        for number, at in enumerate(bar):
            opened += _one_life(office, chance, number, at, now)
    return opened


def open_examples(*, seed: int) -> None:
    """Open one ordinary request of each kind now, with letters, so that a newcomer finds some to open."""
    keeper: Keeper = current_app.extensions[EXTENSION]
    office, now = keeper.office(), datetime.now(UTC)
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    wanted = {Outcome.ACCEPT, Outcome.HANDOFF}
    for number in range(MOST_TRIES):
        submission = _submission(office, chance, "pothole", number, now)
        decision = decide(office.rulebook, office.layers, submission.facts(now))
        if decision.outcome in wanted and not decision.unsure:
            wanted.remove(decision.outcome)
            opening.open_request(office, replace(submission, email="resident@example.org"), now=now)
        if not wanted:
            return


def _moments(
    chance: random.Random, now: datetime, months: int, count: int, office: Office
) -> Iterator[datetime]:
    """Yield when requests come in: mostly by day, fewer at weekends, more in spring and winter."""
    span = timedelta(days=30.4 * months)
    for _ in range(count):
        while True:
            at = now - span * chance.random()
            local = at.astimezone(office.zone)
            likely = 0.45 if local.weekday() >= 5 else 1.0
            likely *= 1.25 if local.month in (1, 2, 3, 4, 11) else 1.0
            hour = min(23, max(0, round(chance.gauss(13.5, 4.2))))
            at = local.replace(hour=hour, minute=chance.randrange(60), second=chance.randrange(60))
            if chance.random() < likely / 1.25 and at < now:
                yield at.astimezone(UTC)
                break


def _one_life(office: Office, chance: random.Random, number: int, at: datetime, now: datetime) -> bool:
    """Open one request and let its life go on until now; False when the rules turn it away."""
    service = _service(chance, at.astimezone(office.zone).month, office)
    submission = _submission(office, chance, service, number, at)
    try:
        receipt = opening.open_request(office, submission, now=at)
    except NotPossible:
        decision = decide(office.rulebook, office.layers, submission.facts(at))
        if decision.outcome in (Outcome.CARD, Outcome.STOP):
            opening.count_told(office, decision, service, now=at)
        return False
    if not receipt.is_new:
        return False  # the same past was made up a moment ago
    found = lookups.case_by_number(receipt.number)
    assert found is not None
    if found.request.decided == Outcome.HANDOFF:
        _agency_life(office, chance, found.request, at, now)
    else:
        _town_life(office, chance, found.request, at, now)
    return True


def _service(chance: random.Random, month: int, office: Office) -> str:
    weights = {
        code: weight for code, weight in demo_texts.WEIGHTS.items() if code in office.rulebook.services
    }
    for code in weights:
        if code in demo_texts.WINTER:
            weights[code] *= 4 if month in (12, 1, 2, 3) else 0
        if code in demo_texts.SPRING and month in (3, 4, 5):
            weights[code] *= 2
    return chance.choices(list(weights), list(weights.values()))[0]


def _submission(
    office: Office, chance: random.Random, code: str, number: int, at: datetime
) -> opening.Submission:
    service = office.rulebook.services[code]
    place, point = ("", None) if service.location == "none" else _place(office, chance, number)
    has_contact = chance.random() < 0.7 or service.contact == "required"
    may_share = chance.random() < 0.6
    channel = chance.choices(("widget", "page", "phone"), (70, 20, 10))[0]
    page = chance.choice(("", "public-works", "trash-recycling"))
    return opening.Submission(
        nonce=f"demo-{at.timestamp():.0f}-{number}",
        service=code,
        description=chance.choice(demo_texts.REPORTS[code]),
        answers={question.code: _answer(chance, question) for question in service.questions},
        place=place,
        at=point,
        road=None,
        photos=(),
        name="",
        email=f"resident{number}@example.org" if has_contact else "",
        phone="",
        may_share=may_share,
        language="en",
        channel=channel,
        widget=None,
        source_page=f"https://www.alderfalls.example/{page}" if channel == "widget" else "",
    )


def _answer(chance: random.Random, question: Question) -> str:
    """Return an answer, rarely the one that means danger."""
    if question.kind == "yes-no":
        return "yes" if chance.random() < 0.03 else "no"
    if question.choices:
        return chance.choice(list(question.choices))
    return ""


def _place(office: Office, chance: random.Random, number: int) -> tuple[str, tuple[float, float]]:
    """Return a point beside one of the town's roads, by the road's name."""
    # Chances of their own, so that the rest of the past stays what it was.
    own = random.Random(number)  # noqa: S311 - repeatable, not secret
    comes_back = own.random() < HAUNTED
    haunt = own.choices(range(len(HAUNTS)), HAUNTS)[0]
    usual = _somewhere(office, chance)
    return _somewhere(office, random.Random(haunt)) if comes_back else usual  # noqa: S311


def _somewhere(office: Office, chance: random.Random) -> tuple[str, tuple[float, float]]:
    roads = [line for line in office.layers.outlines() if line.kind == "road"]
    # The town's own roads carry most of what residents report to the town.
    road = chance.choices(roads, [2 if line.owner == "town" else 1 for line in roads])[0]
    lon, lat = chance.choice(road.coordinates)
    away = 4e-5  # degrees, about four metres
    point = (lat + chance.uniform(-away, away), lon + chance.uniform(-away, away))
    return f"{chance.randrange(1, 240)} {road.name}", point


def _later(chance: random.Random, at: datetime, days: float) -> datetime:
    """Return a later moment; most things go fast, a few take very long."""
    return at + timedelta(days=days * math.exp(chance.gauss(0, 0.9)))


def _town_life(
    office: Office, chance: random.Random, request: ServiceRequest, at: datetime, now: datetime
) -> None:
    by = f"person:{request.assignee}"
    promised = (request.finish_due_at - request.created_at) / timedelta(days=1)
    when = _later(chance, at, 0.4)
    if when >= now or chance.random() < 0.01:
        return
    answering.acknowledge(office, request.id, by=by, now=when)
    if chance.random() < 0.5 and (then := _later(chance, when, 0.8)) < now:
        when = then
        answering.answer(office, request.id, text=chance.choice(demo_texts.ANSWERS), by=by, now=when)
    when = _later(chance, when, promised * 0.45)
    if when >= now or chance.random() < 0.015:
        return
    endings = {Ending.FIXED: 82, Ending.NO_ACTION: 10, Ending.NOT_FOUND: 6, Ending.SPAM: 2}
    ending = chance.choices(list(endings), list(endings.values()))[0]
    words = {Ending.FIXED: demo_texts.FIXED, Ending.NO_ACTION: demo_texts.NO_ACTION}.get(ending, ("",))
    _note_time(office, request, ending, by=by, at=when)
    answering.finish(office, request.id, ending=ending, text=chance.choice(words), by=by, now=when)
    _after_the_end(office, chance, request, ending, when, now)


def _note_time(office: Office, request: ServiceRequest, ending: Ending, *, by: str, at: datetime) -> None:
    """Note what the visit took, three times in four."""
    # Chances of its own, so that the rest of the past stays what it was.
    chance = random.Random(request.number)  # noqa: S311 - repeatable, not secret
    if ending is Ending.SPAM or chance.random() > 0.75:
        return
    minutes = max(10, round(math.exp(chance.gauss(3.9, 0.6)) / 5) * 5)
    is_driven, is_mended = chance.random() < 0.6, ending is Ending.FIXED and chance.random() < 0.4
    spent = Spent(minutes, minutes if is_driven else 0, chance.randrange(5, 160) * 100 if is_mended else 0)
    timing.note_time(office, request.id, spent=spent, text="", by=by, now=at)


def _after_the_end(
    office: Office,
    chance: random.Random,
    request: ServiceRequest,
    ending: Ending,
    at: datetime,
    now: datetime,
) -> None:
    when = _later(chance, at, 1.5)
    if when >= now or ending is not Ending.FIXED or not request.resident_email or chance.random() > 0.35:
        return
    was_fixed = chance.random() < 0.88
    rating = chance.choices((5, 4, 3, 2, 1), (45, 30, 12, 7, 6) if was_fixed else (2, 6, 20, 32, 40))[0]
    receiving.rate(office, request.id, was_fixed=was_fixed, rating=rating, text="", now=when)
    if not was_fixed and receiving.can_reopen(at, when) and chance.random() < 0.6:
        receiving.reopen(office, request.id, text="It is not mended yet.", now=when)
        end = _later(chance, when, 4)
        if end < now:
            by = f"person:{request.assignee}"
            answering.finish(office, request.id, ending=Ending.FIXED, text="", by=by, now=end)


def _agency_life(
    office: Office, chance: random.Random, request: ServiceRequest, at: datetime, now: datetime
) -> None:
    by = f"agency:{request.agency}"
    when = _later(chance, at, 3)
    if when >= now or chance.random() < 0.06:
        return
    if chance.random() < 0.06:
        redirecting.agency_refuse(office, request.id, text=demo_texts.RETURNED, by=by, now=when)
        return
    redirecting.agency_accept(office, request.id, text=demo_texts.ACCEPTED, by=by, now=when)
    end = _later(chance, when, 12)
    if end < now and chance.random() < 0.93:
        redirecting.agency_finish(office, request.id, text="", by=by, now=end)
