"""Does opening any link of any letter change anything? Mail scanners open them all, several times."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import select

from casework import answering, held_letters, operating, receiving, redirecting, rerouting, undoing
from casework.change import changing
from casework.confirming import confirm
from casework.delivering import deliver_due
from casework.following import remind_due
from casework.office import Office
from lifecycle.status import Ending
from mail.delivery import Parcel, Refused
from settings import ROOT
from storage import lookups
from storage.database import Base, reading
from storage.tables import OutgoingLetter
from tests.builders import opened
from tests.conscience import StrictClient

FOREMAN, COUNTY = "person:road-foreman", "county-highway"
TOWN_ROAD = (43.59597, -72.33374)
AGENCY = f"agency:{COUNTY}"

LINKS = {
    "link": "/a/<token>, /a/<token>/held, /r/<number>, /report?d=, /operations/<token>/, /still/<token>",
    "held_link": "/a/<token>/held",
    "fixed_link": "/r/<number>&fixed=yes",
    "not_fixed_link": "/r/<number>&fixed=no",
    "reopen_link": "/r/<number>&fixed=no",
    "stop_link": "/r/<number>/stop",
    "undo_link": "/a/<token>?undo=",
    "away_link": "/a/<token>/away",
    "item.link": "/a/<token>",
    "line.link": "/a/<token>",
    "map_link": "geo:, which no server answers",
    "public_page": "/reports/<report>/<period>/",
    "agency.website": "not ours",
}
"""Every name by which a letter's template says an address, and where it leads."""


class Postman:
    """Refuses one kind of letter for good, so that people are told; carries the others."""

    @contextmanager
    def round(self) -> Iterator[Postman]:
        yield self

    def carry(self, parcel: Parcel) -> None:
        if b"We have a question" in parcel.raw:
            raise Refused("550 no such user")


def entries(request_id: int) -> tuple[Any, ...]:
    found = lookups.case(request_id)
    assert found is not None
    return found.entries


def take_back(office: Office, request_id: int, now: datetime) -> None:
    act = undoing.newest(office, request_id, by=FOREMAN, now=now)
    assert act is not None
    undoing.undo(office, request_id, entry_id=act.entry.id, by=FOREMAN, now=now)


def everybody_is_written_to(office: Office, now: datetime) -> None:
    """Live through everything that makes this town write letters."""
    later = timedelta(minutes=1)

    def request(**more: Any) -> int:
        return opened(office, now, service="pothole", at=TOWN_ROAD, **more)[1].request.id

    one, two, three, four = request(), request(may_share=True), request(), request()
    answering.answer(office, one, text="On Friday.", by=FOREMAN, now=now)
    with changing(office, one, by=FOREMAN, now=now) as change:
        confirm(change, entries(one)[-1], to="foreman@example.org", answers_to="<one@example.org>")
    answering.ask_resident(office, one, text="Which side?", by=FOREMAN, now=now)
    receiving.reply(office, one, text="The left.", now=now)
    answering.finish(office, one, ending=Ending.FIXED, text="Filled.", by=FOREMAN, now=now + later)
    deliver_due(office, Postman(), now=now + later)
    take_back(office, one, now + later)
    redirecting.reassign(office, two, to="town-clerk", text="", by=FOREMAN, now=now)
    deliver_due(office, Postman(), now=now + later)
    take_back(office, two, now + later)
    redirecting.redirect(office, two, agency=COUNTY, text="Theirs.", by=FOREMAN, now=now + later)
    redirecting.agency_refuse(office, two, text="No.", by=AGENCY, now=now + later)
    redirecting.redirect(office, three, agency=COUNTY, text="", by=FOREMAN, now=now)
    rerouting.reroute(
        office, three, service="missed-pickup", at=TOWN_ROAD, place="", by=FOREMAN, now=now + later
    )
    redirecting.redirect(office, four, agency=COUNTY, text="", by=FOREMAN, now=now)
    for _month in range(3):
        remind_due(office, now=now + timedelta(days=30 * (_month + 1)))
    assert operating.mail_operator_link(office, now=now)
    opened(office, now, held_for=("links",))
    opened(office, now, held_for=("day_full",), description="A live wire hangs over the road.")
    assert held_letters.tell_due(office, now=now)


def letters() -> list[tuple[str, EmailMessage]]:
    with reading() as session:
        rows = session.execute(select(OutgoingLetter.kind, OutgoingLetter.raw)).all()
    parsed = [(kind, message_from_bytes(raw, policy=default)) for kind, raw in rows]
    return [(kind, one) for kind, one in parsed if isinstance(one, EmailMessage)]


def links(office: Office, letter: EmailMessage) -> set[str]:
    """Return every address of ours in a letter: its text, its HTML, its header."""
    found = {str(letter["List-Unsubscribe"] or "").strip("<>")}
    for form in ("plain", "html"):
        body = letter.get_body((form,))
        assert body is not None
        found |= set(re.findall(r'https?://[^\s"<>]+', html.unescape(body.get_content())))
    return {link.removeprefix(office.base_url) for link in found if link.startswith(office.base_url)}


def everything() -> dict[str, list[Any]]:
    with reading() as session:
        return {table.name: list(session.execute(select(table))) for table in Base.metadata.sorted_tables}


@pytest.mark.timeout(240)
def test_every_link_of_every_letter_opened_three_times_leaves_everything_as_it_was(
    client: StrictClient, office: Office
):
    # The hand-offs and reminders of months: what is left at the end are the letters.
    everybody_is_written_to(replace(office, reads_mail=True), datetime.now(UTC))
    written = letters()
    assert {kind for kind, _letter in written} >= {
        "acted", "agency_handoff", "agency_reminder", "agency_silent", "agency_taken_back", "assigned",
        "day_full", "held", "held_urgent",
        "letter_failed", "operator_link", "resident_answer", "resident_correction", "resident_finished",
        "resident_question", "resident_receipt", "resident_redirected", "resident_returned",
        "resident_wrote", "staff_correction",
    }  # fmt: skip
    before, opened_links = everything(), set[str]()
    for _kind, letter in written:
        opened_links |= links(office, letter)
    for link in sorted(opened_links):
        for _time in range(3):
            assert client.get(link).status_code in (200, 303), link
            assert client.head(link).status_code in (200, 303), link
    assert everything() == before
    assert any("/stop?" in link for link in opened_links)
    assert any(link.endswith("/held") for link in opened_links)
    assert any("?undo=" in link for link in opened_links)
    assert any("fixed=no" in link for link in opened_links)


def test_no_letter_has_a_kind_of_link_that_nobody_thought_of():
    unknown = []
    for template in sorted((ROOT / "templates" / "mail").rglob("*.*")):
        text = template.read_text("utf-8")
        for name in re.findall(r'href="\{\{\s*([\w.]+)', text) + re.findall(r"\{\{ ([\w.]*link)\b", text):
            if name not in LINKS:
                unknown.append(f"{template.relative_to(ROOT)}: {name}")
    assert not unknown, "say here where it leads, and see that opening it changes nothing"
