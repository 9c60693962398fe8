"""Builds a plausible past for the tests of reports: seeded, so that it is always the same one."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from lifecycle.status import Ending
from reports.naming import Naming
from reports.period import Period
from tests.figures.by_row.rows import RequestFacts, TallyFacts, Turn

ZONE = ZoneInfo("America/New_York")
OCTOBER = Period(2026, 10, ZONE)
AS_OF = datetime(2026, 11, 6, 12, tzinfo=UTC)

# service -> (share of requests, days to finish in the middle, promised days, winter's factor)
SERVICES = {
    "pothole": (14, 5.0, 7, 1.5),
    "street-light": (9, 9.0, 10, 1.2),
    "missed-collection": (12, 1.2, 2, 1.0),
    "tree": (8, 14.0, 21, 0.8),
    "noise": (6, 2.0, 3, 0.8),
    "graffiti": (5, 4.0, 7, 0.9),
    "snow": (5, 0.8, 2, 3.0),
    "water-leak": (6, 0.7, 1, 1.0),
    "storm-drain": (6, 6.0, 7, 1.0),
    "sidewalk": (5, 28.0, 45, 0.9),
    "abandoned-vehicle": (4, 8.0, 10, 1.0),
    "property-upkeep": (5, 24.0, 30, 0.8),
    "animal": (4, 1.5, 2, 0.9),
    "park": (5, 5.0, 7, 0.6),
}
AGENCIES = ("county-highway", "state-dot", "electric-utility", "village", "animal-rescue")
NAMING = Naming(
    town="Town of Millbrook Falls",
    title="Resident requests",
    services={
        "pothole": "Pothole",
        "street-light": "Street light",
        "missed-collection": "Missed collection",
        "tree": "Tree or branch",
        "noise": "Noise",
        "graffiti": "Graffiti",
        "snow": "Snow and ice",
        "water-leak": "Water leak",
        "storm-drain": "Storm drain",
        "sidewalk": "Sidewalk damage",
        "abandoned-vehicle": "Abandoned vehicle",
        "property-upkeep": "Property upkeep",
        "animal": "Animal concern",
        "park": "Park or playground",
    },
    agencies={
        "county-highway": "County Highway Department",
        "state-dot": "State Department of Transportation",
        "electric-utility": "Valley Electric Cooperative",
        "village": "Village of Oakridge",
        "animal-rescue": "County Animal Rescue",
    },
    email="clerk@millbrookfalls.example",
    phone="555-0100",
)


def past(
    months: int = 26, a_month: int = 160, seed: int = 7, until: datetime = AS_OF
) -> tuple[RequestFacts, ...]:
    """Return about ``months * a_month`` requests received before ``until``."""
    chance = random.Random(seed)
    start = until - timedelta(days=int(months * 30.44))
    made = [_one(chance, start, until) for _ in range(months * a_month)]
    made.sort(key=lambda facts: facts.created_at)
    return tuple(made)


def _one(chance: random.Random, start: datetime, until: datetime) -> RequestFacts:
    while True:
        created = start + (until - start) * chance.random()
        service = chance.choices(list(SERVICES), [row[0] for row in SERVICES.values()])[0]
        _share, middle, promised, winter = SERVICES[service]
        season = winter if created.month in (12, 1, 2) else 1.0
        growth = 0.75 + 0.25 * (created - start) / (until - start)
        if chance.random() < season * growth / 3:
            break
    created = created.replace(microsecond=0)
    length = timedelta(days=min(200.0, chance.lognormvariate(0, 0.75) * middle * 0.8))
    ending = chance.choices(
        [
            Ending.FIXED,
            Ending.NO_ACTION,
            Ending.NOT_FOUND,
            Ending.DUPLICATE,
            Ending.WITHDRAWN,
            Ending.SPAM,
            Ending.REDIRECTED,
        ],
        [74, 8, 3, 5, 2, 1, 7],
    )[0]
    if ending is Ending.REDIRECTED:
        length = timedelta(hours=chance.uniform(0, 60))
    ended: datetime | None = (created + length).replace(microsecond=0)
    if ended is not None and (ended > until or chance.random() < 0.002):
        ended = None
    answered = created + timedelta(hours=chance.lognormvariate(1.8, 1.0))
    answered = min(answered, ended) if ended else answered
    redirected = ending is Ending.REDIRECTED and ended is not None
    turns: tuple[Turn, ...] = ()
    if ended is not None and chance.random() < 0.03:
        again = ended + timedelta(days=chance.uniform(1, 20))
        final = again + timedelta(days=chance.uniform(0.5, 15))
        turns = (Turn(ended, ending), Turn(again, None), Turn(final, ending))
        turns = tuple(turn for turn in turns if turn.at <= until)
        ended = turns[-1].at if turns[-1].ending else None
    rated = ended is not None and chance.random() < 0.22
    agency = chance.choices(AGENCIES, [6, 4, 5, 3, 1])[0] if ending is Ending.REDIRECTED else None
    return RequestFacts(
        number=f"26-{chance.randrange(10**6):06d}",
        service=service,
        created_at=created,
        finish_due_at=(created + timedelta(days=promised)).replace(hour=20, minute=30, second=0),
        ended_at=ended,
        ending=ending if ended else None,
        answered_at=answered if answered <= until else None,
        handed_off_at=ended if redirected else None,
        agency=agency,
        handed_to=(agency or "") if redirected else "",
        rating=chance.choices([5, 4, 3, 2, 1], [9, 6, 2, 1, 2])[0] if rated else None,
        was_fixed=chance.random() < 0.85 if rated else None,
        channel=chance.choices(["web", "phone", "counter"], [8, 2, 1])[0],
        language=chance.choices(["en", "es"], [9, 1])[0],
        has_place=chance.random() < 0.93,
        turns=turns,
    )


def tallies(seed: int = 7) -> tuple[TallyFacts, ...]:
    chance = random.Random(seed)
    first = OCTOBER.first_day
    return tuple(
        TallyFacts(first + timedelta(days=day), "pothole", outcome, target, chance.randrange(1, 4))
        for day in range(0, 31, 2)
        for outcome, target in (("card", "state-dot"), ("card", "electric-utility"), ("stop", "911"))
    )
