"""Is a doubtful report proved or held, never refused, and does an honest one not notice any of it?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import func, select
from waitress.proxy_headers import parse_proxy_headers
from werkzeug.exceptions import TooManyRequests

from casework.held import KEPT, release
from casework.held_letters import GAP, MOST, MOST_URGENT, REPEATED, URGENT_GAP
from casework.held_words import in_words
from casework.office import EXTENSION, Office
from casework.screening import (
    BUSY_AT,
    FEW_ALIKE,
    FEW_FORMS,
    FLOOD_AT,
    HOLD_AT,
    MANY_ALIKE,
    MANY_FORMS,
    MANY_LINKS,
    POINTS,
    PROVE_AT,
    SHORTEST_TEXT,
    SHORTEST_WALK,
    Sign,
)
from casework.undoing import WINDOW
from console import serving
from settings import ROOT, Settings
from storage import held, lookups
from storage.database import reading
from storage.lookups import Case
from storage.tables import Tally
from tests.conftest import SECRET
from tests.conscience import StrictClient
from tests.rules import of_town
from tests.widgets.conftest import Served
from tests.widgets.resident import ROUTE_88, Resident
from tests.widgets.test_begun_by_mail import asked as written_to
from tests.widgets.test_form import kept
from widgets import proof
from widgets.limits import (
    CONFIG,
    LIMITS,
    MOST_NETWORKS,
    NAMELESS,
    PROXY,
    Networks,
    allows,
    limited,
    sender,
)
from widgets.tokens import Seal
from widgets.traffic import MOST_NETWORKS as MOST_SENDERS
from widgets.traffic import MOST_TELLINGS, Traffic
from widgets.uploads import MOST_A_DAY

OURS: dict[str, Any] = {"Origin": "http://localhost"}
LINKS = "Buy at https://a.example or www.b.example or https://c.example today"


def solved(challenge: str) -> str:
    """The same sums as in the browser."""

    def sum_at(place: int) -> int:
        for number in count():
            digest = sha256(f"{challenge}.{place}.{number}".encode()).digest()
            if int.from_bytes(digest[:4], "big") >> (32 - proof.BITS) == 0:
                return number
        raise AssertionError

    return " ".join(str(sum_at(place)) for place in range(proof.SUMS))


def held_ones() -> list[str]:
    return [request.number for request in held.waiting(most=100)]


def letters_of(case: Case) -> list[str]:
    return [letter.kind for letter in lookups.letters_of(case.request.id)]


def asked(client: StrictClient, **headers: str) -> Resident:
    """Somebody whose words look like advertisement, at the page with the sum."""
    resident = Resident(client, **{**OURS, **headers}).at_check(description=LINKS).send()
    assert resident.answer.status_code == 200
    assert resident.heading == "Almost sent"
    return resident


def test_an_honest_sender_sees_nothing_of_it_however_fast(client: StrictClient, app: Flask) -> None:
    others: list[dict[str, Any]] = [{}, {"Origin": "null"}, {"Origin": "https://www.alderfalls.example"}]
    for headers in (OURS, *others):
        resident = Resident(client, **headers).at_check().send()
        assert resident.answer.status_code == 303
        assert "resident_receipt" in letters_of(kept(resident))
    assert not held_ones()


@pytest.mark.parametrize("headers", [OURS, {}, {"Origin": "null"}])
@pytest.mark.parametrize("filled", [{}, {"website": "https://me.example"}, {"website": "me@example.org"}])
def test_without_scripts_a_browser_that_fills_in_everything_at_once_is_never_refused(
    client: StrictClient, app: Flask, office: Office, headers: dict[str, Any], filled: dict[str, str]
) -> None:
    resident = Resident(client, **headers).at_check()
    words = resident.fields()["description"]
    resident.send(**filled)
    if resident.answer.status_code == 200:  # no script does the sum: one more press of the button
        assert filled
        assert resident.heading == "Almost sent"
        assert resident.fields()["description"] == words
        resident.send()
    assert resident.answer.status_code == 303
    request = kept(resident).request
    assert request.description == words
    assert (request.held_at is not None) is bool(filled)
    if filled:  # the clerk's one click, and it has gone its way
        release(office, request.id, by="person:town-clerk", now=request.created_at + timedelta(hours=1))
        assert set(letters_of(kept(resident))) == {"assigned", "resident_receipt"}


def test_whose_browser_does_the_sum_is_accepted_like_everybody(client: StrictClient, app: Flask) -> None:
    resident = asked(client)
    assert LINKS in resident.fields()["description"]
    resident.send(proof=solved(resident.fields()["challenge"]))
    assert resident.answer.status_code == 303
    assert kept(resident).request.held_at is None
    assert set(letters_of(kept(resident))) == {"assigned", "resident_receipt"}


def test_who_cannot_do_it_is_held_and_nothing_is_lost(client: StrictClient, app: Flask) -> None:
    resident = asked(client).send()
    assert resident.answer.status_code == 303
    request = kept(resident).request
    assert request.held_signs[0] == "links"
    assert (request.description, request.resident_email) == (LINKS, "resident@example.org")
    assert letters_of(kept(resident)) == []
    page = client.get(resident.answer.location)
    assert page.status_code == 200
    assert request.number in page.text
    assert "program" not in page.text
    assert "A person in the town office looks at it first." in page.text
    assert "We have written to you" not in page.text


def test_a_proof_is_good_for_one_report_only(client: StrictClient, app: Flask) -> None:
    first = asked(client)
    challenge = first.fields()["challenge"]
    answer = solved(challenge)
    first.send(proof=answer)
    number = kept(first).request.number
    again = Resident(client, **OURS).at_check(description=f"{LINKS}!").send()
    again.send(challenge=challenge, proof=answer)
    assert kept(again).request.held_at is not None
    assert kept(again).request.number != number
    assert kept(first).request.held_at is None


def test_a_proof_sent_twice_gives_the_first_receipt(client: StrictClient, app: Flask) -> None:
    resident = asked(client)
    fields = resident.fields()
    fields["proof"] = solved(fields["challenge"])
    answers = [client.post("/report", data=fields, headers=OURS).location for _ in range(2)]
    assert answers[0] == answers[1]


def test_a_forged_or_old_or_half_done_proof_counts_as_none(office: Office, now) -> None:
    secret, mark = office.secret, "nonce.0123"
    challenge = proof.give(secret, mark, now=now).text
    answer = solved(challenge)
    assert proof.is_done(secret, challenge, answer, mark=mark, now=now + timedelta(minutes=59))
    late = now + timedelta(minutes=62)
    assert not proof.is_done(secret, challenge, answer, mark=mark, now=late)
    assert not proof.is_done(secret, challenge, answer, mark="other", now=now)
    assert not proof.is_done(b"another secret" * 4, challenge, answer, mark=mark, now=now)
    assert not proof.is_done(secret, challenge, " ".join(answer.split()[:-1]), mark=mark, now=now)
    assert not proof.is_done(secret, challenge, "0 " * proof.SUMS, mark=mark, now=now)
    for wrong in ("", "x", "\x00", "9" * 100_000, "\ud800 " * 16):
        assert not proof.is_done(secret, challenge, wrong, mark=mark, now=now)
        assert not proof.is_done(secret, wrong, answer, mark=mark, now=now)


def test_a_browser_that_fills_in_everything_does_the_sum_and_a_program_is_held(
    client: StrictClient, app: Flask
) -> None:
    resident = Resident(client, **OURS).at_check().send(website="https://me.example")
    assert resident.heading == "Almost sent"
    resident.send(proof=solved(resident.fields()["challenge"]))
    assert kept(resident).request.held_at is None
    program = Resident(client).at_check(description=LINKS).send(website="x")
    assert set(kept(program).request.held_signs) >= {"trap", "links"}


def test_danger_waits_for_no_sum(client: StrictClient, app: Flask) -> None:
    words = f"A live wire hangs over the road. {LINKS}"
    resident = Resident(client, **OURS).at_check(description=words).send()
    case = kept(resident)
    assert case.request.held_at is not None
    assert "held_urgent" in letters_of(case)
    assert "resident_receipt" not in letters_of(case)


@pytest.mark.parametrize("key", ["x", "A" * 26, "n7Yc2Qk0v4mD8sXbT1wEzR"])
def test_a_key_that_the_town_never_gave_spares_nothing(client: StrictClient, app: Flask, key: str) -> None:
    resident = Resident(client, **OURS).at_check(description=LINKS).send(draft=key)
    assert resident.heading == "Almost sent"
    # What a program says without a page, and into the trap, is held with a known-looking key too.
    program = Resident(client).at_check(description=f"{LINKS} and more").send(draft=key, website="x")
    assert set(kept(program).request.held_signs) >= {"trap", "links"}


def test_whoever_was_written_to_by_the_town_is_no_stranger(client: StrictClient, office: Office) -> None:
    key = parse_qs(urlsplit(written_to(office)).query)["d"][0]
    resident = Resident(client, **OURS).at_check(description=LINKS).send(draft=key)
    assert resident.answer.status_code == 303
    assert kept(resident).request.held_at is None


def test_beyond_the_days_cap_everything_is_held_and_nothing_refused(client: StrictClient, app: Flask) -> None:
    keeper = app.extensions[EXTENSION]
    keeper.swap(of_town(keeper.office(), most_a_day=2))
    for number in range(4):
        resident = Resident(client, **OURS).at_check(description=f"Hole {number}").send()
        assert resident.answer.status_code == 303
        assert (kept(resident).request.held_at is not None) is (number >= 2)
    assert len(held_ones()) == 2


def test_the_cap_is_derived_generously_where_it_is_not_said(office: Office) -> None:
    for residents, most in ((None, 500), (300, 200), (3200, 320), (40_000, 4000)):
        assert of_town(office, residents=residents).rulebook.town.most_on_a_day == most


def test_one_text_from_many_networks_is_noticed_and_one_network_with_many_texts_too(app: Flask) -> None:
    book, text = Traffic(), "a mark of a text"
    for number in range(4):
        assert book.same_text(text, f"net{number}", now=100.0 + number) == number
        book.taken_in(f"net{number}", text, now=100.0 + number)
    assert book.same_text(text, "net0", now=104.0) == 3
    assert book.same_text("", "new", now=104.0) == 0
    assert book.same_text(text, "new", now=100_000.0) == 0
    for second in range(12):
        book.taken_in("busy", "", now=200.0 + second)
    assert book.from_network("busy", now=212.0) == 12
    assert book.from_network("busy", now=900.0) == 0
    assert book.from_network(None, now=212.0) == 0


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("::ffff:198.51.100.7", "198.51.100.0/24"),
        ("203.0.113.9:4711", "203.0.113.0/24"),
        ("[2001:db8::1]:443", "2001:db8::/48"),
        ("[2001:db8::1]", "2001:db8::/48"),
        ("2001:db8::1", "2001:db8::/48"),
        ("made up, 192.0.2.1, 203.0.113.9", "203.0.113.0/24"),
        ("unknown", NAMELESS),
        ("203.0.113.9, _hidden", NAMELESS),
        ("127.0.0.1", None),
    ],
)
def test_a_proxys_word_for_the_sender_is_read_in_every_way_it_is_written(
    app: Flask, forwarded: str, counted: str | None
) -> None:
    sent = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded, "wsgi.url_scheme": "http"}
    parse_proxy_headers(sent, trusted_proxy_count=1, trusted_proxy_headers={"x-forwarded-for"})
    app.config[PROXY] = True
    with app.test_request_context("/", environ_base=sent):
        assert sender() == counted
    app.config[PROXY] = False
    with app.test_request_context("/", environ_base={**sent, "REMOTE_ADDR": "192.0.2.7"}):
        assert sender() == "192.0.2.0/24", "without a proxy of ours nobody is believed"


@pytest.mark.parametrize("proxy", ["", "127.0.0.1"])
def test_only_behind_a_proxy_of_ours_its_word_is_believed(app: Flask, tmp_path: Path, proxy: str) -> None:
    settings = Settings(data=tmp_path, secret=SECRET, demo=True, host="127.0.0.1", port=0, proxy=proxy)
    server = serving._listen(app, settings, {})
    server.close()
    assert app.config.get(PROXY, False) is bool(proxy)


def test_what_is_remembered_of_networks_is_bounded() -> None:
    book, storage = Traffic(), Networks()
    for number in range(MOST_NETWORKS + 50):
        book.taken_in(f"net{number}", f"text{number}", now=1.0)
        storage.acquire_entry(f"net{number}", 5, 600)
    assert len(book._sends) == len(book._texts) == len(storage) == MOST_NETWORKS
    for number in range(200):
        book.taken_in(f"other{number}", "one text", now=2.0)
    assert len(book._texts["one text"]) <= 64


def test_the_window_moves_and_says_how_full_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 1.0, 2.0, 3.0, 601.0, 602.0])
    monkeypatch.setattr("widgets.limits.monotonic", lambda: next(moments))
    storage = Networks()
    assert [storage.acquire_entry("net", 3, 600) for _ in range(5)] == [True, True, True, False, True]
    assert storage.get_moving_window("net", 3, 600)[1] == 1


def test_too_many_steps_keep_the_answers_and_no_header_or_cookie_is_added(
    client: StrictClient, app: Flask
) -> None:
    app.config[CONFIG] = {"steps": "0 per 10 minutes"}
    fields = {"step": "details", "service": "pothole", "description": "A very deep hole", "place": "Here"}
    home = {"REMOTE_ADDR": "2001:db8:1:2::3"}
    answer = client.post("/report", data=fields, environ_overrides=home)
    assert answer.status_code == 429
    assert "A very deep hole" in answer.text
    assert "Nothing is lost" in answer.text
    assert not [name for name, _value in answer.headers if "ratelimit" in name.lower()]
    assert "Set-Cookie" not in answer.headers
    assert client.post("/report", data=fields).status_code == 200


def test_a_view_may_be_limited_as_a_whole(app: Flask) -> None:
    app.config[CONFIG] = {"lookups": "2 per 10 minutes"}
    look = limited("lookups")(lambda: "found")
    for address, most in (("203.0.113.9", 2), ("127.0.0.1", 5)):
        with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
            assert [look() for _ in range(most)] == ["found"] * most
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "203.0.113.200"}):
        with pytest.raises(TooManyRequests) as refused:
            look()
        assert ("Retry-After", "600") in refused.value.get_headers()


def test_counting_costs_nothing_that_anybody_notices(app: Flask) -> None:
    with app.test_request_context("/report", environ_base={"REMOTE_ADDR": "203.0.113.9"}):
        began = monotonic()
        for _ in range(1000):
            allows("steps")
        assert monotonic() - began < 0.5


@pytest.mark.browser
def test_a_browser_does_the_sum_by_itself_and_without_scripts_one_presses_send(
    browser: Browser, served: Served
) -> None:
    for has_scripts in (True, False):
        context = browser.new_context(java_script_enabled=has_scripts, viewport={"width": 360, "height": 740})
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(f"{served.town}/report/pothole?address=Old+Turnpike&lat=43.59597&lng=-72.33374")
        page.locator(".buttons .button").last.click()
        if page.locator("body[data-step=near]").count():
            page.locator("button[name=near]").click()  # what the first one sent is near
        page.locator("#description").fill(LINKS)
        page.locator(".buttons .button").last.click()
        page.locator(".buttons .button").last.click()
        page.locator("#send").click()
        if not has_scripts:
            page.get_by_role("heading", name="Almost sent").wait_for()
            page.locator("#send").click()
        page.wait_for_url("**/r/*")
        assert "Your number" in page.content()
        assert context.cookies() == []
        context.close()


def told_at(client: StrictClient, office: Office, address: str, token: str = "") -> int:
    """Have the form tell that a hole on a state road is not the town's; return the figure after it."""
    data = {**ROUTE_88, "step": "where", "service": "pothole", "description": "x", "token": token}
    answer = client.post("/report", data=data, environ_base={"REMOTE_ADDR": address})
    assert 'data-step="whose"' in answer.get_data(as_text=True)
    with reading() as session:
        return session.scalar(select(func.sum(Tally.count))) or 0


def test_a_program_does_not_swell_the_councils_figures(
    client: StrictClient, app: Flask, office: Office
) -> None:
    seal, now = Seal(office.secret), datetime.now(UTC)
    one, other = (seal.issue("report/", now=now) for _ in range(2))
    old = seal.issue("report/", now=now - timedelta(days=2))
    # Without a token, as the first page sends, a network is heard once; then each form of ours once.
    counts = [
        told_at(client, office, "203.0.113.9", token) for token in ("", "", "forged", old, one, one, other)
    ]
    assert counts == [1, 1, 1, 1, 2, 2, 3]
    assert told_at(client, office, "198.51.100.7") == 4
    # Fresh forms are easily had, so one network swells them only so far.
    app.config[CONFIG] = {"told": "2 per 10 minutes"}
    fresh = [told_at(client, office, "192.0.2.1", seal.issue("report/", now=now)) for _ in range(4)]
    assert fresh == [5, 6, 6, 6]


def test_what_was_told_is_remembered_in_bounds_and_a_network_is_heard_again() -> None:
    book = Traffic()
    assert book.tells("network a", "card", now=0)
    assert not book.tells("network a", "card", now=500)
    assert book.tells("network a", "card", now=700)
    assert book.tells("form a", "card", now=0)
    assert not book.tells("form a", "card", now=5000)
    for number in range(MOST_TELLINGS + 10):
        book.tells(f"form {number}", "card", now=1.0)
    assert len(book._told) == MOST_TELLINGS


def test_signs_and_results_are_explained_in_the_documents() -> None:
    text = (ROOT / "docs" / "abuse.md").read_text(encoding="utf-8")
    for sign in Sign:
        assert f"| {in_words([sign])[0]} | {POINTS[sign]} |" in text
    assert f"{PROVE_AT} points" in text
    assert f"{HOLD_AT} points" in text


def test_every_number_in_the_document_is_that_of_the_code(office: Office) -> None:
    def minutes(span: timedelta) -> str:
        return f"{span / timedelta(minutes=1):.0f}"

    def hours(span: timedelta) -> str:
        return f"{span / timedelta(hours=1):.0f}"

    def least(residents: int | None) -> str:
        return str(of_town(office, residents=residents).rulebook.town.most_on_a_day)

    network = {what: most.removesuffix(" per 10 minutes") for what, most in LIMITS.items()}
    assert all(most.isdecimal() for most in network.values()), "the document speaks of ten minutes"
    assert MOST_SENDERS == MOST_NETWORKS
    text = (ROOT / "docs" / "abuse.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (.+) \| (.+) \|$", text.split("## All numbers in one place")[1], re.M)
    assert [number for _what, number in table[1:]] == [
        str(PROVE_AT), str(HOLD_AT), f"{SHORTEST_WALK:.0f}", str(MANY_LINKS), f"{FEW_FORMS} and {MANY_FORMS}",
        f"{FEW_ALIKE} and {MANY_ALIKE}", str(SHORTEST_TEXT), f"{BUSY_AT} and {FLOOD_AT}",
        hours(proof.LIFETIME), str(proof.SUMS * 2**proof.BITS), least(1), least(None), str(MOST_A_DAY),
        network["steps"], network["sends"], network["photos"], network["tries"], network["places"],
        network["archive"], network["lookups"],
        network["told"],
        str(MOST_NETWORKS), minutes(GAP), str(MOST), str(MOST_URGENT), minutes(URGENT_GAP), hours(REPEATED),
        hours(KEPT), minutes(WINDOW),
    ]  # fmt: skip
