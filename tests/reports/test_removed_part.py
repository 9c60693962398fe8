"""What can somebody do about an edition of a part that its plan has no more?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.office import Office, the_office
from reports.edition import NothingToSend, make_due
from reports.runs import watched
from reports.sending import parts
from storage import editions
from storage.database import reading
from storage.tables import OutgoingLetter
from tests.builders import opened
from tests.reports.plans import NAME, planning

DUE = datetime(2026, 11, 6, 13, 0, tzinfo=UTC)
HELD = timedelta(hours=48)


def the_letter() -> str:
    with reading() as session:
        kind = OutgoingLetter.kind == "edition_failed"
        [row] = session.scalars(select(OutgoingLetter).options(undefer(OutgoingLetter.raw)).where(kind)).all()
    body = message_from_bytes(row.raw, policy=default).get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


@pytest.fixture
def renamed(bare_app: Flask, now: datetime) -> Office:
    """Return a town that renamed a ward while the draft of its report waited for a word."""
    with bare_app.app_context():
        office = the_office()
        opened(office, now)
        approve = {"by": office.rulebook.clerk, "within": "48h", "then": "send"}
        wards = {"audience": "ward", "approve": approve, "attach": {"pdf": False}}
        make_due(planning(office, to={"North": "north@example.org"}, **wards), now=DUE)
        changed = planning(office, to={"North Side": "north@example.org"}, **wards)
        assert make_due(changed, now=DUE + HELD) == ()
        return changed


def test_the_letter_says_that_its_plan_has_changed_and_how_it_is_put_aside(
    renamed: Office, bare_app: Flask
) -> None:
    with bare_app.app_context():
        told = the_letter()
        assert "because its plan has changed meanwhile" in told
        assert "We tried for an hour" not in told
        command = f'report skip {NAME} --period 2026-10 --part "North"'
        assert command in told
        assert watched(renamed, now=DUE + HELD).failed == 1
    run = bare_app.test_cli_runner().invoke
    done = run(args=["report", "skip", NAME, "--period", "2026-10", "--part", "North"])
    assert (done.exit_code, "is put aside" in done.output) == (0, True)
    with bare_app.app_context():
        row = editions.edition(NAME, "2026-10", "North")
        assert row is not None
        assert row.state == "skipped"
        assert 'its plan has no part "North" now' in (row.last_error or "")
        assert watched(renamed, now=DUE + HELD).failed == 0


def test_building_it_by_hand_says_what_there_is_and_what_can_be_done(
    renamed: Office, bare_app: Flask, tmp_path: object
) -> None:
    run = bare_app.test_cli_runner().invoke
    for command in (["build", "--out", str(tmp_path)], ["send"]):
        args = ["report", command[0], NAME, "--period", "2026-10", "--part", "North", *command[1:]]
        said = run(args=args).output
        assert "North Side. It had one once: flask --app app report list council-monthly" in said
        assert "report skip puts aside" in said
    with bare_app.app_context(), pytest.raises(NothingToSend, match=r"its parts are: North Side$"):
        parts(renamed, renamed.rulebook.reports[NAME], "East")
