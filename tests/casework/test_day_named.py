"""Is the day that somebody writes in a mail the day they mean?"""

from __future__ import annotations

from datetime import date

import pytest

from casework.day_named import day_named
from casework.errors import NotPossible

A_WEDNESDAY = date(2026, 10, 14)


@pytest.mark.parametrize(
    ("said", "language", "day"),
    [
        ("2026-11-30", "en", date(2026, 11, 30)),
        ("Friday", "en", date(2026, 10, 16)),
        ("viernes", "es", date(2026, 10, 16)),
        ("sabado", "es", date(2026, 10, 17)),
        ("Vendredi", "fr", date(2026, 10, 16)),
        ("FREITAG", "de", date(2026, 10, 16)),
        ("Friday", "de", date(2026, 10, 16)),
        ("tuesday.", "en", date(2026, 10, 20)),
        ("Wednesday", "en", date(2026, 10, 21)),
    ],
)
def test_a_day_is_a_date_or_the_next_weekday_of_that_name(app, said: str, language: str, day: date):
    assert day_named(said, language, today=A_WEDNESDAY) == day


@pytest.mark.parametrize("said", ["tomorrow", "12/4", "soon", "next Friday", "Freitag"])
def test_whatever_else_is_written_is_answered_with_a_sentence(app, said: str):
    with pytest.raises(NotPossible, match="is no day"):
        day_named(said, "en", today=A_WEDNESDAY)
