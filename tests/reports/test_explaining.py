"""Can a figure be followed, from its definition to its requests? As the command prints it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from casework import answering, receiving, redirecting
from casework.office import Office
from lifecycle.status import Ending
from reports.explaining import FIGURES, MEANINGS
from storage import factbook
from storage.database import reading
from tests.builders import opened

DAY = timedelta(days=1)
SEPTEMBER = datetime.fromisoformat("2025-09-03T16:00:00+00:00")
"""Long enough ago to be over whenever this runs."""


@pytest.fixture
def numbers(office: Office) -> list[str]:
    """Twelve requests of one month: ten fixed after a day, one withdrawn, one still open."""
    found = []
    for day in range(12):
        receipt, case = opened(office, SEPTEMBER + day * DAY)
        found.append(receipt.number)
        after = SEPTEMBER + (day + 1) * DAY
        if day < 10:
            by = f"person:{case.request.assignee}"
            answering.finish(office, case.request.id, ending=Ending.FIXED, text="Done.", by=by, now=after)
        elif day == 10:
            receiving.withdraw(office, case.request.id, text="", now=after)
    return found


def said(app: Flask, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=["report", *words])
    assert result.exit_code == 0, result.output
    return result.output


def explained(app: Flask, figure: str, *more: str) -> str:
    return said(app, "explain", "council-monthly", "--period", "2025-09", "--figure", figure, *more)


def test_a_count_is_followed_to_its_requests(app: Flask, numbers: list[str]) -> None:
    told = explained(app, "received")
    assert "12 requests:" in told
    assert all(number in told for number in numbers)
    assert "0 open before + 12 received - 11 finished - 0 redirected = 1" in explained(app, "open_after")


def test_a_time_is_followed_step_by_step(app: Flask, numbers: list[str]) -> None:
    told = explained(app, "half")
    assert "12 under watch" in told
    assert "      24     10       12        0.1667" in told
    assert "50% done within 24 hours (1.0 days)" in told


def test_a_share_shows_both_its_numbers(app: Flask, numbers: list[str]) -> None:
    told = explained(app, "on_time")
    assert "10 finished by the promised date of 11 due" in told
    assert (told.count("  on time"), told.count("  late")) == (10, 1), "each says on which side it is"


def test_every_hand_off_is_told_by_agency(app: Flask, office: Office) -> None:
    """One request went to two agencies: it stands once in the list, and twice in the sum."""
    first, second = [one.id for one in office.rulebook.agencies.values() if one.handoff == "mail"][:2]
    receipt, case = opened(office, SEPTEMBER)
    by, request = f"person:{case.request.assignee}", case.request.id
    redirecting.redirect(office, request, agency=first, text="", by=by, now=SEPTEMBER + DAY)
    redirecting.agency_refuse(office, request, text="No.", by=f"agency:{first}", now=SEPTEMBER + 2 * DAY)
    redirecting.redirect(office, request, agency=second, text="", by=by, now=SEPTEMBER + 3 * DAY)
    told = explained(app, "handed_off")
    assert f"{first}: 1 handed over, 1 given back, 0 confirmed" in told
    assert f"{second}: 1 handed over, 0 given back, 0 confirmed" in told
    assert "  2 together" in told
    assert "1 request" in told
    assert receipt.number in told


def test_one_service_can_be_asked_about_alone(app: Flask, numbers: list[str]) -> None:
    assert "12 requests:" in explained(app, "received", "--service", "missed-pickup")
    told = explained(app, "received", "--service", "pothole")
    assert "0 requests" in told
    assert numbers[0] not in told


def test_every_figure_can_be_explained(app: Flask, numbers: list[str]) -> None:
    assert set(MEANINGS) == set(FIGURES)
    for figure in FIGURES:
        assert MEANINGS[figure] in explained(app, figure)


def test_no_such_service_is_answered_with_those_there_are(app: Flask) -> None:
    words = ["report", "explain", "council-monthly", "--period", "2025-09", "--figure", "received"]
    result = app.test_cli_runner().invoke(args=[*words, "--service", "moon"])
    assert result.exit_code == 1
    assert "missed-pickup" in result.output


def test_everything_is_counted_anew_and_comes_to_the_same(
    app: Flask, office: Office, numbers: list[str]
) -> None:
    with reading() as session:
        before = factbook.rows(session)
    assert said(app, "recount").startswith("12 requests counted anew in ")
    with reading() as session:
        assert factbook.rows(session) == before
    assert factbook.is_current(office.sorting)
    assert factbook.make_current(office.sorting) is None
