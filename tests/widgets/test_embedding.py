"""May the right pages frame us, and only they? Are pages small, kept well, and free of cookies?"""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask

from casework.office import Office
from colours.accent import READABLE, block, contrast, parse
from settings import ROOT
from tests.conscience import StrictClient
from tests.rules import changed
from tests.widgets.resident import Resident
from websites.hosts import demo_site, own_origins
from widgets import assets
from widgets.limits import network

PACKED = {"Accept-Encoding": "gzip"}


def linked(page: str) -> list[str]:
    return re.findall(r'(?:<link rel="stylesheet" href|<script src)="([^"]+)"', page)


def test_the_form_may_be_framed_by_the_towns_sites_and_by_nobody_else(client: StrictClient) -> None:
    policy = client.get("/report").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://www.alderfalls.example http://localhost:8311" in policy
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
    ):
        assert part in policy
    assert "unsafe" not in policy


def test_every_other_page_is_framed_by_nobody(client: StrictClient) -> None:
    answer = client.get("/nowhere")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_receipt_is_framed_only_when_the_form_was(client: StrictClient) -> None:
    plain, framed = client.get("/r/26-0001?t=x"), client.get("/r/26-0001?t=x&embed=1")
    assert "frame-ancestors 'none'" in plain.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in framed.headers["Content-Security-Policy"]


def test_the_plain_headers_stand_on_every_page(client: StrictClient) -> None:
    for address in ("/report", "/nowhere", "/static/embed.js"):
        assert client.get(address).headers["X-Content-Type-Options"] == "nosniff"
    page = client.get("/report").headers
    assert page["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert page["Permissions-Policy"] == "geolocation=(self), camera=(), microphone=()"
    assert client.get("/r/26-0001?t=x").headers["Referrer-Policy"] == "no-referrer"


def test_the_first_page_is_rendered_once_and_known_again(client: StrictClient) -> None:
    first = client.get("/report", headers=PACKED)
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get("/report", headers=PACKED | {"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data
    assert client.get("/report?theme=dark").headers["ETag"] != first.headers["ETag"]
    assert gzip.decompress(first.data) == client.get("/report").data


def test_no_step_sets_a_cookie_or_asks_another_host(client: StrictClient) -> None:
    resident = Resident(client)
    for _ in range(2):
        assert "Set-Cookie" not in resident.answer.headers
        outside = re.findall(r'(?:src|action|rel="stylesheet" href)="(https?:[^"]+)"', resident.page)
        assert not outside
        resident.send(description="hole")


def test_steps_with_a_contact_are_kept_by_no_browser(client: StrictClient) -> None:
    resident = Resident(client).at_details()
    assert resident.answer.headers["Cache-Control"] == "private, no-cache"
    resident.send(description="A hole").send(email="resident@example.org")
    assert resident.answer.headers["Cache-Control"] == "no-store"


def test_the_first_view_fits_in_twelve_kilobytes_and_three_requests(client: StrictClient) -> None:
    page = client.get("/report", headers=PACKED)
    addresses = linked(client.get("/report").text)
    assert len(addresses) == 2
    sizes = [len(page.data)] + [len(client.get(address, headers=PACKED).data) for address in addresses]
    assert sum(sizes) <= 12 * 1024


def test_styles_and_scripts_are_kept_for_ever_by_their_hash(client: StrictClient) -> None:
    for address in linked(client.get("/report").text):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.mimetype in ("text/css", "text/javascript")
    assert client.get("/assets/000000000000/form.js").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "address",
    [
        "/assets/x/nothing.js",
        "/assets/x/..%2Fapp.py",
        "/assets/x/zzz/townline.css",
        "/assets/x/112233/form.js",
    ],
)
def test_only_what_stands_in_the_folder_is_served(client: StrictClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_the_pasted_script_is_small_and_open_to_every_site(client: StrictClient) -> None:
    answer = client.get("/static/embed.js", headers=PACKED)
    assert len(answer.data) <= 2048
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=600, stale-while-revalidate=86400"
    assert answer.headers["ETag"]
    # Whose links it upgrades: ours, by both names of this machine; its dialogs come from the first.
    script = gzip.decompress(answer.data).decode()
    assert 'TOWN=["http://127.0.0.1:8311","http://localhost:8311"]' in script
    again = client.get("/static/embed.js", headers=PACKED | {"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    moved = assets.loader(ROOT / "static", own_origins("https://311.example.gov"))
    assert f'"{moved.mark}"' != answer.headers["ETag"]
    assert b'TOWN=["https://311.example.gov"]' in moved.body


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("https://311.Example.gov:443", "https://311.example.gov"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://town_hall:8311", "http://town_hall:8311"),
    ],
)
def test_an_address_is_known_as_browsers_write_it(written: str, known: str) -> None:
    assert own_origins(written) == (known,)


def test_what_a_dialog_needs_comes_in_the_towns_colour_and_language(client: StrictClient) -> None:
    answer = client.get("/static/dialog.js", headers=PACKED)
    assert len(answer.data) <= 3.5 * 1024
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=600, stale-while-revalidate=86400"
    script = gzip.decompress(answer.data).decode()
    assert '{"":"Close","en":"Close"' in script
    assert "--accent:#1f5f4b" in script
    assert "@sheet" not in script
    assert "--accent:#803300" in client.get("/static/dialog.js?accent=%23803300").text
    assert "--accent:#1f5f4b" in client.get("/static/dialog.js?accent=red").text


def test_a_form_in_a_sandbox_may_read_its_answers_and_no_cookie_ever_goes_along(client: StrictClient) -> None:
    receipt = Resident(client, "/report?embed=1", Origin="null").at_check().send().answer
    assert receipt.status_code == 303
    shown = client.get(receipt.headers["Location"], headers={"Origin": "null"})
    asset = client.get(linked(shown.text)[-1])
    for answer in (client.get("/report"), receipt, shown, asset, client.get("/report/nothing")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    alone = receipt.headers["Location"].replace("embed=1", "")
    for address in (alone, "/nowhere", "/healthz"):
        assert "Access-Control-Allow-Origin" not in client.get(address).headers


def test_of_no_origin_and_without_our_token_nothing_is_sent(client: StrictClient) -> None:
    resident = Resident(client, "/report?embed=1", Origin="null").at_check().send(token="made-up")
    assert resident.answer.status_code == 422
    assert "was not recognised as ours" in resident.page


def test_a_widget_may_stand_behind_the_question_mark(client: StrictClient) -> None:
    answer = client.get("/report?widget=streets&lat=43.6&lat=1&embed=1")
    assert answer.headers["Location"] == "/report/streets?lat=43.6&lat=1&embed=1"
    assert client.get("/report?widget=//evil.example").headers["Location"] == "/report/%2F%2Fevil.example"


def test_the_look_goes_along_from_step_to_step(client: StrictClient) -> None:
    resident = Resident(
        client, "/report/streets?embed=1&theme=dark&lang=en&accent=803300&from=https://a.example/x"
    )
    for _ in range(2):
        assert 'data-theme="dark"' in resident.page
        assert 'class="framed' in resident.page
        assert "/803300/townline.css" in resident.page
        resident.send(description="hole", service="pothole")
    assert "from=https%3A%2F%2Fa.example%2Fx" in resident.page


def test_a_widgets_own_colour_stays_on_the_receipt_and_in_the_dialog(
    client: StrictClient, app: Flask, office: Office
) -> None:
    app.extensions["townline"].swap(changed(office, "widgets", "streets", accent="#803300"))
    resident = Resident(client, "/report/streets").at_check().send()
    receipt = resident.answer.headers["Location"]
    assert "/803300/townline.css" in client.get(receipt).text
    assert "/123456/townline.css" in client.get(f"{receipt}&accent=123456").text
    assert "/1f5f4b/townline.css" in client.get("/report").text
    assert "--accent:#803300" in client.get("/static/dialog.js?accent=&of=/report/streets").text
    assert "--accent:#1f5f4b" in client.get("/static/dialog.js?accent=&of=/report").text


@pytest.mark.parametrize("accent", ["red", "12345", "1234567", "javascript:", "</style>"])
def test_a_colour_that_is_none_leaves_the_towns_own(client: StrictClient, accent: str) -> None:
    assert "/1f5f4b/townline.css" in client.get("/report", query_string={"accent": accent}).text


def shades(colour: str) -> dict[str, tuple[int, int, int]]:
    return {name: parse(value) for name, value in re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", block(colour))}


@pytest.mark.parametrize(
    "colour", ["#1f5f4b", "#ffff00", "#000000", "#ffffff", "#ff0000", "#00ffff", "#808080", "#123456"]
)
def test_every_accent_can_be_read_by_day_and_by_night(colour: str) -> None:
    found = shades(colour)
    white, page, dark, sunk = parse("#ffffff"), parse("#f4f5f2"), parse("#181f1c"), parse("#1e2622")
    for ground in (white, page, found["accent-soft"], found["on-accent"]):
        assert contrast(found["accent"], ground) >= READABLE
    for ground in (dark, sunk, found["night-soft"], found["night-on"]):
        assert contrast(found["night-accent"], ground) >= READABLE
    assert contrast(found["brand"], white) >= READABLE


TOKENS = re.compile(r"--([a-z-]+): (#[0-9a-f]{3,6});")


def palettes() -> list[dict[str, tuple[int, int, int]]]:
    """The colours of the stylesheet, by day and by night."""
    sheet = (ROOT / "static" / "townline.css").read_text()
    found = []
    for start in re.finditer(r"color-scheme: (light|dark);", sheet):
        rules = sheet[start.end() : sheet.index("}", start.end())]
        colours = dict(TOKENS.findall(rules))
        if "danger" in colours:
            wide = {n: "#" + "".join(c * 2 for c in v[1:]) if len(v) == 4 else v for n, v in colours.items()}
            found.append({name: parse(value) for name, value in wide.items()})
    return found


def test_the_stylesheets_own_colours_can_be_read_in_both_schemes() -> None:
    found = palettes()
    assert len(found) == 3
    for colours in found:
        for ground in ("page", "surface", "sunk"):
            assert contrast(colours["ink"], colours[ground]) >= 7
            assert contrast(colours["soft"], colours[ground]) >= READABLE
            assert contrast(colours["edge"], colours[ground]) >= 3
        for name in ("danger", "good", "warn"):
            assert contrast(colours[name], colours[f"{name}-soft"]) >= READABLE
            assert contrast(colours[name], colours["surface"]) >= READABLE
        assert contrast(colours["surface"], colours["danger"]) >= READABLE


def test_two_names_of_this_machine_are_two_sites() -> None:
    assert demo_site("http://127.0.0.1:8311") == "http://localhost:8311"
    assert demo_site("http://localhost:8311") == "http://127.0.0.1:8311"
    assert demo_site("https://311.example.gov") == "https://311.example.gov"


def test_networks_are_counted_together_and_this_machine_never() -> None:
    assert network("203.0.113.9") == network("203.0.113.200") == "203.0.113.0/24"
    assert network("2001:db8:1:2::3") == network("2001:db8:1:ffff::1")
    assert network("::ffff:203.0.113.9") == "203.0.113.0/24"
    assert network("127.0.0.1") is None
    assert network("::1") is None
    assert network("somewhere") is None


def test_assets_are_what_the_readable_sources_say() -> None:
    found = assets.asset(ROOT / "static", "form.js")
    assert b"ResizeObserver" in found.body
    assert b"geolocation" in assets.asset(ROOT / "static", "where.js").body
    assert b"//" not in found.body
