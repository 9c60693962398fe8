"""Do name and contact go to the agency that the resident agreed to, and to nobody else?"""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

from casework import redirecting, rerouting
from casework.office import Office
from mail.address import token
from storage import lookups
from storage.database import reading
from storage.lookups import Case
from storage.tables import OutgoingLetter
from tests.builders import opened
from tests.conscience import StrictClient

MILL_ROAD = (43.60902, -72.33341)
VILLAGE_STREET = (43.61394, -72.31005)
COUNTY, VILLAGE = "county-highway", "village-office"
CLERK = "person:town-clerk"
WHO = "resident@example.org"


def agreed_to_the_county(office: Office, now: datetime) -> Case:
    _, case = opened(office, now, service="pothole", at=MILL_ROAD, place="Mill Road", may_share=True)
    assert case.request.agency == COUNTY
    return case


def handed(case: Case, kind: str = "agency_handoff") -> list[tuple[str, bool]]:
    """Return (recipient, whether the resident is named) of each hand-off by mail."""
    with reading() as session:
        rows = [
            (row.recipient, row.raw)
            for row in session.query(OutgoingLetter).filter_by(request_id=case.request.id, kind=kind)
        ]
    found = []
    for recipient, raw in rows:
        parts = message_from_bytes(raw, policy=policy.default).walk()
        said = "".join(part.get_content() for part in parts if part.get_content_maintype() == "text")
        found.append((recipient, WHO in said))
    return found


def test_who_agreed_to_one_agency_has_not_agreed_to_the_next(office: Office, now: datetime):
    case = agreed_to_the_county(office, now)
    redirecting.agency_refuse(office, case.request.id, text="", by=f"agency:{COUNTY}", now=now, whose=VILLAGE)
    redirecting.redirect(office, case.request.id, agency=VILLAGE, text="", by=CLERK, now=now)
    assert handed(case) == [
        ("highway@aldercounty.example", True), ("office@alderfallsvillage.example", False),
    ]  # fmt: skip


def test_the_resident_reads_whether_their_name_went_along(office: Office, now: datetime):
    case = agreed_to_the_county(office, now)
    redirecting.agency_refuse(office, case.request.id, text="", by=f"agency:{COUNTY}", now=now)
    redirecting.redirect(office, case.request.id, agency=VILLAGE, text="", by=CLERK, now=now)
    with reading() as session:
        row = session.query(OutgoingLetter).filter_by(kind="resident_redirected").one()
        body = message_from_bytes(row.raw, policy=policy.default).get_body(("plain",))
    assert body is not None
    assert "Your name and contact went along" not in body.get_content()


def test_put_right_it_goes_to_another_agency_without_the_name_and_the_preview_says_so(
    office: Office, now: datetime
):
    case = agreed_to_the_county(office, now)
    wish: dict[str, Any] = {"service": "pothole", "at": VILLAGE_STREET, "place": "Maple Street"}
    plan = rerouting.preview(office, case.request, now=now, **wish)
    assert plan.to == VILLAGE
    assert any("they agreed to another agency, not to this one" in said for said in plan.changes)
    rerouting.reroute(office, case.request.id, by=CLERK, now=now, **wish)
    assert handed(case)[-1] == ("office@alderfallsvillage.example", False)


def test_the_one_they_agreed_to_gets_it_again_with_the_name(office: Office, now: datetime):
    case = agreed_to_the_county(office, now)
    redirecting.agency_refuse(office, case.request.id, text="", by=f"agency:{COUNTY}", now=now)
    redirecting.redirect(office, case.request.id, agency=COUNTY, text="", by=CLERK, now=now.replace(minute=7))
    assert handed(case) == [("highway@aldercounty.example", True)] * 2


def test_the_pages_keep_to_it_and_tell_the_employee(client: StrictClient, office: Office):
    now = datetime.now(UTC)
    case = agreed_to_the_county(office, now)
    pages = {
        name: "/a/" + token(office.secret, "agency", case.request.number, name) for name in (COUNTY, VILLAGE)
    }
    assert WHO in client.get(pages[COUNTY]).get_data(as_text=True)
    redirecting.agency_refuse(office, case.request.id, text="", by=f"agency:{COUNTY}", now=now)
    clerk = "/a/" + token(office.secret, "employee", case.request.number, "town-clerk")
    page = client.get(clerk).get_data(as_text=True)
    assert "With a hand-over to Alder County Highway Department" in page
    assert "To nobody else." in page
    redirecting.redirect(office, case.request.id, agency=VILLAGE, text="", by=CLERK, now=now)
    assert WHO not in client.get(pages[VILLAGE]).get_data(as_text=True)
    after = lookups.case(case.request.id)
    assert after is not None
    assert after.request.agency == VILLAGE
