"""Can a town say who hears when nobody acts, when it is quiet, and who wants how many letters?"""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from routing.reader import Reading, read
from routing.rulebook import Span
from settings import ROOT

RULES = (ROOT / "rules.yaml").read_text()


def reading(tmp_path: Path, *changes: tuple[str, str]) -> Reading:
    text = RULES
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "rules.yaml").write_text(text)
    if not (tmp_path / "layers").exists():
        (tmp_path / "layers").symlink_to(ROOT / "layers")
        (tmp_path / "texts").symlink_to(ROOT / "texts")
    return read(tmp_path / "rules.yaml")


def test_everything_can_be_said(tmp_path: Path):
    found = reading(
        tmp_path,
        ('  # quiet_hours: "20:00-07:00"', "  quiet_hours: 20:00-7:00"),
        ("  # ladder: {deputy: 1 working day", "  ladder: {deputy: 2 working days"),
        ("    # mail: daily", "    mail: daily\n    morning: yes"),
        (
            "    target: {acknowledge: 8 office hours",
            "    ladder: {clerk: 3 days}\n    target: {acknowledge: 8 office hours",
        ),
    ).rulebook
    assert found is not None
    hours, foreman = found.town.quiet_hours, found.people["road-foreman"]
    assert hours is not None
    assert (hours.begins, hours.ends) == (time(20), time(7))
    assert found.town.ladder.deputy == Span(count=2, unit="working day")
    assert (foreman.mail, foreman.morning) == ("daily", True)
    assert found.ladder_of("pothole").clerk == Span(count=3, unit="day")
    assert found.ladder_of("pothole").deputy == Span(count=1, unit="working day")
    assert found.ladder_of("snow-ice") == found.town.ladder


def test_nothing_has_to_be_said(tmp_path: Path):
    found = reading(tmp_path).rulebook
    assert found is not None
    assert found.town.quiet_hours is None
    assert {person.mail for person in found.people.values()} == {"at once"}
    assert {person.morning for person in found.people.values()} == {None}
    assert found.ladder_of("a-service-of-last-year") == found.town.ladder


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('  # quiet_hours: "20:00-07:00"', "  quiet_hours: 20:00", "quiet_hours"),
        ('  # quiet_hours: "20:00-07:00"', '  quiet_hours: "7:00-07:00"', "begin and end at the same time"),
        ("  # ladder: {deputy: 1 working day", "  ladder: {deputy: soon", "is not a span"),
        ("  # ladder: {deputy: 1 working day", "  ladder: {mayor: 1 working day", "mayor"),
        ("    # mail: daily", "    mail: weekly", "mail"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, sentence: str):
    found = reading(tmp_path, (old, new))
    assert not found.ok
    assert any(sentence in str(problem) and problem.line > 1 for problem in found.errors)
