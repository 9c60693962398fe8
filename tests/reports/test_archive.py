"""Can everybody read what was sent, check it, follow it, and nothing that was not meant for them?"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree

import flask_babel
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from casework.office import Office
from reports import making
from reports.as_made import policy
from reports.edition import make_due
from reports.feed import ATOM
from reports.period import Period
from reports.publishing import NotPublic, issue_of, publish
from reports.sending import reissue, send_now
from storage.database import reading, writing
from storage.tables import Edition
from tests.builders import opened
from tests.conscience import StrictClient
from tests.reports.plans import NAME, planning

DUE = datetime(2026, 11, 4, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOME = f"/reports/{NAME}/2026-10/"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-1.7 " + html.encode())


@pytest.fixture
def plain(bare_app: Flask) -> FlaskClient:
    """A reader who takes the stored pages as they are: styled inside, as no page of ours may be."""
    return FlaskClient(bare_app, use_cookies=False)


@pytest.fixture
def town(office: Office, now: datetime) -> Office:
    """A town that publishes, with one request and its report of October."""
    opened(office, now)
    planned = planning(office, publish=True)
    make_due(planned, now=DUE)
    return planned


@pytest.fixture
def october(office: Office) -> Period:
    return Period.named("2026-10", office.zone)


@pytest.fixture
def corrected(town: Office, october: Period, now: datetime) -> Office:
    """The same with a second issue, in which one request more is counted."""
    opened(town, now)
    reissue(town, NAME, october, note="One request was entered late.", now=DUE + HOUR)
    return town


def rows() -> list[tuple[Any, ...]]:
    with reading() as session:
        table = Edition.__table__
        return [tuple(row) for row in session.execute(select(table).order_by(table.c.id))]


def file(kind: str, issue: int = 1) -> str:
    mark = f"-issue-{issue}" if issue > 1 else ""
    return f"{HOME}issue-{issue}/{NAME}-2026-10{mark}.{kind}"


def stored(issue: int = 1) -> dict[str, bytes | None]:
    with reading() as session:
        row = session.execute(
            select(Edition.pdf, Edition.html, Edition.csv).where(
                Edition.issue == issue, Edition.state == "sent"
            )
        ).one()
    return dict(zip(("pdf", "html", "csv"), row, strict=True))


# -- what stands there --


def test_an_empty_archive_is_a_calm_sentence(client: StrictClient) -> None:
    page = client.get("/reports/")
    assert page.status_code == 200
    assert "No report has been published here yet" in page.text
    assert client.get("/reports").status_code == 308


def test_what_was_sent_is_listed_with_its_files(town: Office, client: StrictClient) -> None:
    page = client.get("/reports/").text
    assert "October 2026" in page
    for kind in ("pdf", "html", "csv", "json"):
        assert f'href="{file(kind)}"' in page
    assert "What was corrected" not in page
    assert client.get("/reports/?year=2026").status_code == 200
    assert client.get("/reports/?year=1999").status_code == 404


def test_the_stored_bytes_go_out_as_they_are_and_match_the_hash(
    town: Office, client: StrictClient, plain: FlaskClient
) -> None:
    page, kept = client.get(HOME).text, stored()
    for kind, kept_bytes in kept.items():
        assert kept_bytes is not None
        answer = plain.get(file(kind))
        assert answer.data == kept_bytes, kind
        assert sha256(answer.data).hexdigest() in page
        assert f"{NAME}-2026-10.{kind}" in answer.headers["Content-Disposition"]
    assert plain.get(file("pdf")).headers["Content-Disposition"].startswith("inline")
    with reading() as session:
        assert session.scalar(select(Edition.sha256)) == sha256(kept["pdf"] or b"").hexdigest()


def test_what_a_page_brings_along_does_nothing_but_look(town: Office, plain: FlaskClient) -> None:
    answer = plain.get(file("html"))
    said = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in said
    assert "; sandbox; style-src 'sha256-" in said
    assert "unsafe-inline" not in said
    assert "script" not in said
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_only_the_styles_it_was_made_with_are_allowed() -> None:
    assert policy(b"<p>plain").endswith("style-src 'none'")
    said = policy(b"<style>p{}</style><p style='color:red'>a &amp; b")
    assert said.count("'sha256-") == 2
    assert "'unsafe-hashes'" in said


def test_the_headers_are_those_of_a_public_page(town: Office, client: StrictClient) -> None:
    for address in ("/reports/", HOME, "/reports/feed", file("json"), file("csv")):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["Cache-Control"].startswith("public, max-age="), address
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "address", ["/reports/", HOME, "/reports/feed", file("pdf"), file("csv"), file("json")]
)
def test_what_has_not_changed_is_not_sent_again(town: Office, plain: FlaskClient, address: str) -> None:
    first = plain.get(address)
    again = plain.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert plain.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_part_of_a_file_can_be_asked_for(town: Office, client: StrictClient) -> None:
    answer = client.get(file("pdf"), headers={"Range": "bytes=0-7"})
    assert (answer.status_code, answer.data) == (206, b"%PDF-1.7")


def test_looking_changes_nothing(corrected: Office, plain: FlaskClient) -> None:
    before = rows()
    for address in ("/reports/", HOME, f"{HOME}issue-1/", "/reports/feed", file("json", 2), file("html", 2)):
        assert plain.get(address).status_code == 200
        assert plain.post(address).status_code == 405
    assert rows() == before


# -- issues --


def test_a_correction_says_what_was_and_what_is(corrected: Office, client: StrictClient) -> None:
    page = client.get(HOME).text
    assert "One request was entered late." in page
    assert "What was corrected" in page
    assert "Different issues" in page
    listed = client.get("/reports/").text
    assert "Corrected".casefold() in listed.casefold()
    assert f'href="{HOME}issue-1/"' in listed


def test_an_earlier_issue_stays_and_says_that_a_newer_one_replaces_it(
    corrected: Office, client: StrictClient
) -> None:
    old = client.get(f"{HOME}issue-1/").text
    assert "A newer issue replaces this one" in old
    assert f'href="{HOME}"' in old
    assert "A newer issue replaces this one" not in client.get(f"{HOME}issue-2/").text
    answer = client.get(file("pdf", 1))
    assert answer.data == stored(1)["pdf"]
    assert answer.headers["Link"] == f'<{HOME}>; rel="successor-version"'
    assert "Link" not in client.get(file("pdf", 2)).headers


# -- as data --


def test_the_figures_as_json_are_those_of_the_table(
    corrected: Office, client: StrictClient, plain: FlaskClient
) -> None:
    told = json.loads(client.get(file("json", 2)).text)
    assert told["form"] == "townline-report-1"
    assert told["period"] == {"key": "2026-10", "first_day": "2026-10-01", "last_day": "2026-10-31"}
    assert (told["issue"], told["newest_issue"]) == (2, 2)
    lines = list(csv.reader(io.StringIO((stored(2)["csv"] or b"").decode(), newline="")))[1:]
    assert [[one["section"], one["name"], one["figure"]] for one in told["figures"]] == [
        line[1:4] for line in lines
    ]
    received = {one["figure"]: one["value"] for one in told["figures"] if one["section"] == "this"}
    assert received["received"] == 2
    changed = {(one["section"], one["figure"]): (one["then"], one["now"]) for one in told["changes"]}
    assert changed["this", "received"] == (1, 2)
    for told_file in told["files"]:
        path = told_file["url"].removeprefix(corrected.base_url)
        answer = plain.get(path)
        assert sha256(answer.data).hexdigest() == told_file["sha256"]
        assert len(answer.data) == told_file["bytes"]


def test_nobody_who_got_it_is_named(corrected: Office, plain: FlaskClient) -> None:
    for address in ("/reports/", HOME, "/reports/feed", file("json", 2)):
        page = plain.get(address).text
        assert "council@alderfalls.example" not in page, address
        assert "clerk@alderfalls.example" not in page, address


# -- the feed --


def test_the_feed_is_well_formed_and_has_what_atom_asks_for(corrected: Office, client: StrictClient) -> None:
    answer = client.get("/reports/feed")
    assert answer.mimetype == "application/atom+xml"
    root = ElementTree.fromstring(answer.data)
    atom = {"a": ATOM}
    assert root.tag == f"{{{ATOM}}}feed"
    entries = root.findall("a:entry", atom)
    assert len(entries) == 2
    for element in (root, *entries):
        for name in ("id", "title", "updated"):
            found = element.findall(f"a:{name}", atom)
            assert len(found) == 1, name
            assert found[0].text
        moment = element.findtext("a:updated", None, atom)
        assert moment is not None
        assert datetime.fromisoformat(moment).tzinfo is not None
        assert element.find("a:link[@rel='alternate']", atom) is not None
    assert root.find("a:author/a:name", atom) is not None
    assert root.find("a:link[@rel='self']", atom) is not None
    ids = [entry.findtext("a:id", None, atom) for entry in entries]
    assert ids == [f"{corrected.base_url}{HOME}issue-{issue}/" for issue in (2, 1)]
    assert "corrected" in (entries[0].findtext("a:title", None, atom) or "")
    [pdf, _table] = entries[0].findall("a:link[@rel='enclosure']", atom)
    assert pdf.get("length") == str(len(stored(2)["pdf"] or b""))
    address = (pdf.get("href") or "").removeprefix(corrected.base_url)
    assert client.get(address).status_code == 200


def test_an_empty_feed_is_a_feed(client: StrictClient) -> None:
    root = ElementTree.fromstring(client.get("/reports/feed").data)
    assert root.findtext("a:updated", None, {"a": ATOM}) == "1970-01-01T00:00:00Z"


# -- what is not for everybody --


@pytest.mark.parametrize(
    "plan", [{"publish": False}, {"audience": "manager"}, {"audience": "department"}], ids=str
)
def test_what_is_not_meant_for_everybody_is_not_there(
    town: Office, client: StrictClient, plan: dict[str, Any]
) -> None:
    planning(town, **({"publish": True} | plan))
    assert "October 2026" not in client.get("/reports/").text
    assert "/issue-1/" not in client.get("/reports/feed").text
    for address in (HOME, f"{HOME}issue-1/", file("pdf"), file("json")):
        assert client.get(address).status_code == 404


def test_an_edition_written_for_others_stays_theirs_when_the_plan_changes(
    office: Office, client: StrictClient, now: datetime
) -> None:
    opened(office, now)
    make_due(planning(office, audience="manager", publish=True), now=DUE)
    other = planning(office, publish=True)
    with writing() as session:
        session.execute(update(Edition).values(published_at=DUE))
    assert "October 2026" not in client.get("/reports/").text
    assert client.get(HOME).status_code == 404
    with pytest.raises(NotPublic, match="written for the manager"):
        publish(other, issue_of(other, NAME, "2026-10"), is_public=True, reason="", by="test", now=DUE)


def test_a_draft_is_not_there_until_it_is_sent(office: Office, client: StrictClient, now: datetime) -> None:
    opened(office, now)
    make_due(planning(office, publish=True, approve={"by": office.rulebook.clerk}), now=DUE)
    assert client.get(HOME).status_code == 404
    assert client.get(file("pdf")).status_code == 404


def test_what_is_taken_back_says_so_with_the_reason(town: Office, client: StrictClient) -> None:
    row = issue_of(town, NAME, "2026-10")
    with pytest.raises(NotPublic, match="say why"):
        publish(town, row, is_public=False, reason=" ", by="test", now=DUE)
    assert publish(town, row, is_public=False, reason="It named a <b>house</b>.", by="test", now=DUE + HOUR)
    assert not publish(town, row, is_public=False, reason="Twice.", by="test", now=DUE + HOUR)
    for address in (HOME, f"{HOME}issue-1/", file("pdf")):
        answer = client.get(address)
        assert answer.status_code == 410
        assert "It named a &lt;b&gt;house&lt;/b&gt;." in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    assert "October 2026" not in client.get("/reports/").text
    assert publish(town, row, is_public=True, reason="", by="test", now=DUE + 2 * HOUR)
    assert client.get(file("pdf")).status_code == 200
    with reading() as session:
        said = (session.scalar(select(Edition.facts)) or {})["publishing"]
    assert [(one["is_public"], one["by"]) for one in said] == [(False, "test"), (True, "test")]


@pytest.mark.parametrize(
    "address",
    ["nothing/2026-10/", f"{NAME}/2026-09/", f"{NAME}/october/", f"{NAME}/2026-10/issue-9/",
     f"{NAME}/2026-10/issue-1/other.pdf", f"{NAME}/2026-10/issue-1/{NAME}-2026-10.exe",
     f"{NAME}/2026-10/ward/", f"{NAME}/2026-10/issue-99999999999999999999/", "%00/2026-10/",
     f"{NAME}/2026-10%00/", f"{'a' * 500}/2026-10/"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(town: Office, client: StrictClient, address: str) -> None:
    assert client.get(f"/reports/{address}").status_code == 404


def test_a_network_that_asks_without_end_is_asked_to_wait(town: Office, client: StrictClient) -> None:
    client.application.config["TOWNLINE_LIMITS"] = {"archive": "2 per 10 minutes"}
    from_outside = {"REMOTE_ADDR": "192.0.2.9"}
    answers = [client.get("/reports/", environ_base=from_outside).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


# -- parts and languages --


def test_each_ward_has_a_place_of_its_own(office: Office, client: StrictClient, now: datetime) -> None:
    opened(office, now)
    to = {"North Side": "council@alderfalls.example", "Süd/Ost": "council@alderfalls.example"}
    planned = planning(office, publish=True, audience="ward", to=to)
    period = Period.named("2026-10", office.zone)
    send_now(planned, NAME, period, now=DUE)
    page = client.get("/reports/").text
    assert f'href="{HOME}north-side/"' in page
    assert f'href="{HOME}sud-ost/"' in page
    name = f"{NAME}-north-side-2026-10.pdf"
    answer = client.get(f"{HOME}north-side/issue-1/{name}")
    assert (answer.status_code, name in answer.headers["Content-Disposition"]) == (200, True)
    assert "North Side" in client.get(f"{HOME}north-side/").text
    assert client.get(HOME).status_code == 404


def test_the_page_speaks_the_language_that_was_chosen(town: Office, client: StrictClient) -> None:
    flask_babel.refresh()  # the test holds the context in which English was spoken
    page = client.get("/reports/?lang=es")
    assert '<html lang="es"' in page.text
    assert "Octubre de 2026" in page.text
    assert f'href="{HOME}?lang=es"' in page.text
    assert client.get(f"{HOME}?lang=es").headers["Content-Language"] == "es"


def test_the_towns_forms_lead_there(town: Office, client: StrictClient) -> None:
    assert 'href="/reports/' in client.get("/report").text


def test_and_do_not_where_nothing_is_published(office: Office, client: StrictClient) -> None:
    planning(office, publish=False)
    assert 'href="/reports/' not in client.get("/report").text
