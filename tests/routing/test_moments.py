"""Office hours, holidays, seasons and nights: does a rule know what time it is in town?"""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from routing.decision import Facts, decide
from routing.moments import Times, is_moment
from routing.reader import load, read

BIG = "when: {service: pothole, answer: {size: big}}"
NEW_YORK = ZoneInfo("America/New_York")
MONDAY_NOON = datetime(2026, 7, 6, 12, tzinfo=NEW_YORK)
MONDAY_NIGHT = datetime(2026, 7, 6, 23, tzinfo=NEW_YORK)
TUESDAY_EARLY = datetime(2026, 7, 7, 5, 59, tzinfo=NEW_YORK)
CHRISTMAS_EVE = datetime(2026, 12, 24, 10, tzinfo=NEW_YORK)
INDEPENDENCE_DAY = datetime(2025, 7, 4, 10, tzinfo=NEW_YORK)
FRIDAY_AFTERNOON = datetime(2026, 7, 10, 12, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("times", "now", "holds"),
    [
        ({"office": "open"}, MONDAY_NOON, True),
        ({"office": "open"}, datetime(2026, 7, 6, 16, tzinfo=UTC), True),
        ({"office": "closed"}, MONDAY_NIGHT, True),
        ({"office": "closed"}, TUESDAY_EARLY, True),
        ({"office": "open"}, datetime(2026, 7, 6, 16, 0, tzinfo=NEW_YORK), False),
        ({"office": "closed"}, INDEPENDENCE_DAY, True),
        ({"holiday": True}, INDEPENDENCE_DAY, True),
        ({"holiday": True}, CHRISTMAS_EVE, True),
        ({"holiday": False}, MONDAY_NOON, True),
        ({"office": "closed"}, FRIDAY_AFTERNOON, True),
        ({"months": [11, 12, 1]}, CHRISTMAS_EVE, True),
        ({"months": 7}, CHRISTMAS_EVE, False),
        ({"weekdays": "monday"}, MONDAY_NIGHT, True),
        # Three in the morning in Greenwich is still Monday evening in town.
        ({"weekdays": "monday"}, datetime(2026, 7, 7, 3, tzinfo=UTC), True),
        ({"between": ["22:00", "06:00"]}, MONDAY_NIGHT, True),
        ({"between": ["22:00", "06:00"]}, TUESDAY_EARLY, True),
        ({"between": ["22:00", "06:00"]}, MONDAY_NOON, False),
        ({"between": ["12:00", "13:00"]}, MONDAY_NOON, True),
        ({"between": ["11:00", "12:00"]}, MONDAY_NOON, False),
    ],
)
def test_a_moment_is_told_in_town_time(book, times, now, holds):
    assert is_moment(Times.model_validate(times), book.town, now) is holds


def changed(town: Path, old: str, new: str) -> None:
    assert old in town.read_text()
    town.write_text(town.read_text().replace(old, new, 1))


def test_a_rule_for_the_night_matches_at_night_only(town: Path):
    changed(town, "  - {service: pothole, at: [43.000, -72.000], expect: {accept: works}}\n", "")
    changed(
        town,
        "when: {service: pothole, answer: {size: big}}",
        "when: {service: pothole, time: {office: closed}}",
    )
    book, layers = load(town)

    def target(now: datetime | None) -> str | None:
        return decide(book, layers, Facts("pothole", (43.0, -72.0), now=now)).target

    assert target(MONDAY_NIGHT) == "clerk"
    assert target(MONDAY_NOON) == "works"


def test_without_a_moment_the_time_is_unknown_and_the_staff_read_so(town: Path):
    changed(
        town,
        "when: {service: pothole, answer: {size: big}}",
        "when: {service: pothole, time: {office: open}}",
    )
    changed(town, "  - {service: pothole, at: [43.000, -72.000], expect: {accept: works}}\n", "")
    book, layers = load(town)
    decision = decide(book, layers, Facts("pothole", (43.0, -72.0)))
    assert decision.unsure
    assert "no moment was given" in decision.because_staff


def test_a_golden_point_may_name_its_moment(town: Path):
    changed(
        town,
        "when: {service: pothole, answer: {size: big}}",
        "when: {service: pothole, time: {office: closed}}",
    )
    changed(town, "at: [43.000, -72.000], expect", "at: [43.000, -72.000], time: 2026-07-06 12:00, expect")
    assert read(town).problems == ()


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("time: {}", "time asks nothing"),
        ("time: {months: [13]}", "less than or equal to 12"),
        ('time: {between: ["22:00", "22:00"]}', "never hold"),
        ("time: {office: shut}", "not one of open, closed"),
        ("time: {season: winter}", 'unknown key "season"'),
    ],
)
def test_a_time_that_makes_no_sense_is_named(town: Path, written: str, sentence: str):
    changed(town, "answer: {size: big}", written)
    assert sentence in "\n".join(map(str, read(town).errors))


def test_facts_without_a_time_zone_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        Facts("pothole", None, now=datetime(2026, 7, 6))


@pytest.mark.parametrize(
    ("page", "outcome"),
    [
        ("https://www.littleton.example/parks", "clerk"),
        ("https://www.littleton.example/parks/falls", "clerk"),
        ("/parks/", "clerk"),
        ("https://www.littleton.example/parkside", "works"),
        ("", "works"),
        ("http://[", "works"),
    ],
)
def test_the_page_it_came_from_can_decide(town: Path, page: str, outcome: str):
    changed(town, "when: {service: pothole, answer: {size: big}}", "when: {service: pothole, page: /parks}")
    book, layers = load(town)
    assert decide(book, layers, Facts("pothole", (43.0, -72.0), page=page)).target == outcome


def test_a_notice_is_read_after_the_because(town: Path):
    changed(town, "    accept: clerk\n", "    accept: clerk\n    notice: We come within the hour.\n")
    book, layers = load(town)
    decision = decide(book, layers, Facts("pothole", (43.0, -72.0), answers={"size": "big"}))
    assert decision.notice == "We come within the hour."
    assert decision.because.endswith("takes care of this. We come within the hour.")


def test_a_notice_goes_with_accept_only(town: Path):
    changed(town, "    card: state\n", "    card: state\n    notice: No.\n")
    assert "notice goes with accept only" in str(read(town).errors[0])
