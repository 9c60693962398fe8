"""Is a period called what people call it?"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from reports.period import Period
from reports.wording import Speech


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2026-10", "October 2026"),
        ("2026-W45", "Nov 2 – 8, 2026"),
        ("2026-W01", "Dec 29, 2025 – Jan 4, 2026"),
        ("2026-Q3", "Q3 2026"),
        ("2026", "2026"),
        ("FY2026", "Fiscal year 2026"),
    ],
)
def test_a_period_is_said_in_words(app: Flask, key: str, words: str) -> None:
    period = Period.named(key, ZoneInfo("America/New_York"), fiscal_first=7)
    with app.test_request_context():
        assert Speech("en").period(period) == words


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2026-10", "October 2026"),
        ("2026-W45", "the week Nov 2 – 8, 2026"),
        ("2026-Q3", "Q3 2026"),
        ("FY2026", "the fiscal year 2026"),
    ],
)
def test_a_period_is_said_in_a_sentence(app: Flask, key: str, words: str) -> None:
    period = Period.named(key, ZoneInfo("America/New_York"), fiscal_first=7)
    with app.test_request_context():
        assert Speech("en").within(period) == words
