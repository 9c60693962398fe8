"""Does the check of a town's page say what is live there, what is not, and what to do?"""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import Babel

from operations.embed_check import Checked, check_page, findings
from operations.embed_findings import Finding
from operations.embed_refusals import refusal
from tests.conscience import StrictClient
from tests.rawsite import RawSite
from websites.addresses import NotAsked
from websites.fetching import NotFetched
from websites.looking import Looked
from websites.reading import seen

OURS = "https://311.example.gov"
SITE = "https://www.example.gov"
LINK = f'<p><a href="{OURS}/report" data-report="inline">Report</a></p>'
SCRIPT = f'<script async src="{OURS}/static/embed.js"></script>'
FRAME = f'<iframe src="{OURS}/report?embed=1" title="Report" allow="geolocation"></iframe>'


@pytest.fixture(scope="module")
def speech() -> Flask:
    """Nothing but the sentences, in English."""
    speech = Flask("sentences")
    Babel(speech)
    return speech


@pytest.fixture
def told(speech: Flask):
    """The findings on a page with this body, in English."""

    def tell(body: str, *, url: str = f"{SITE}/roads", allowed: tuple[str, ...] = (SITE,), **headers: str):
        page = f"<!doctype html><html><body>{body}<p>{'Roads and more. ' * 30}</p></body></html>"
        origin = "/".join(url.split("/")[:3])
        given: dict[str, tuple[str, ...]] = {
            name.replace("_", "-"): (value,) for name, value in headers.items()
        }
        found = Looked(url, origin, given, (), seen(page, url, OURS))
        with speech.test_request_context("/"):
            return list(findings(found, ours=OURS, websites=allowed))

    return tell


def said(found: list[Finding], kind: str) -> str:
    return " | ".join(f"{one.what} {one.todo} {one.code}" for one in found if one.kind == kind)


@pytest.mark.parametrize(
    ("body", "live"),
    [
        (LINK + SCRIPT, "the form stands in the page"),
        (LINK.replace("inline", "dialog") + SCRIPT, "in a dialog"),
        (LINK.replace("inline", "button") + SCRIPT, "a floating button"),
        (f'<a href="{OURS}/report/streets#inline">x</a>' + SCRIPT, "the form stands in the page"),
        (f'<a href="{OURS}/report">x</a>', "A plain link is live"),
        (FRAME, "A frame with the form is live"),
        (
            '<iframe class="wp-embedded-content" sandbox="allow-scripts" '
            f'src="{OURS}/report?embed=1#?secret=x"></iframe>',
            "WordPress has turned the address into the form",
        ),
        (f'<form action="{OURS}/report/pothole"><input name=address></form>', "A field of your own"),
    ],
)
def test_every_rung_is_recognized_and_nothing_else_is_said_of_it(told, body: str, live: str) -> None:
    found = told(body)
    assert live in said(found, "good")
    assert not said(found, "warn")
    assert not said(found, "danger")


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (LINK, "warn", "its script is not"),
        (SCRIPT, "warn", "no link to the form"),
        (f'<a href="{OURS}/report">x</a>' + SCRIPT, "warn", "#inline"),
        (LINK.replace("inline", "popup") + SCRIPT, "warn", 'data-report="popup"'),
        (LINK + '<script src="https://cdn.example/static/embed.js"></script>', "danger", "not this system"),
        ('<a href="https://wrong.example/report" data-report>x</a>', "danger", "wrong.example"),
        (f'<iframe src="{OURS}/report?embed=1"></iframe>', "warn", "no title"),
        (f'<iframe src="{OURS}/report?embed=1" title=x></iframe>', "warn", 'allow="geolocation"'),
        (FRAME.replace("title", "sandbox title"), "danger", "sandbox"),
        (f'<form method=post action="{OURS}/report"></form>', "danger", "method POST"),
        (f"<p>{OURS}/report</p>", "warn", "not as a link"),
        (f'<p>&lt;a href="{OURS}/report" data-report="inline"&gt;', "danger", "words that readers see"),
        ("", "warn", "Nothing of the form was found"),
    ],
)
def test_what_is_missing_or_was_taken_away_is_told_with_what_to_do(told, body, kind, words) -> None:
    assert words in said(told(body), kind)


def test_a_website_that_is_not_allowed_is_told_as_the_line_to_write(told) -> None:
    found = told(LINK + SCRIPT, allowed=("https://parks.example.gov",))
    assert 'websites: ["https://parks.example.gov", "https://www.example.gov"]' in said(found, "danger")
    # Nothing is called live that readers do not see.
    assert not said(found, "good")
    # A link alone works from everywhere.
    assert not said(told(f'<a href="{OURS}/report">x</a>', allowed=()), "danger")
    assert not said(told(LINK + SCRIPT, url=f"{OURS}/roads", allowed=()), "danger")


@pytest.mark.parametrize(
    ("headers", "body", "kind", "words"),
    [
        ({"content_security_policy": "script-src 'self'"}, LINK + SCRIPT, "danger", f"script-src {OURS}"),
        ({"content_security_policy": "default-src 'self'"}, FRAME, "danger", f"frame-src 'self' {OURS}"),
        (
            {"content_security_policy": "form-action 'self'"},
            f'<form action="{OURS}/report"></form>',
            "danger",
            "form-action",
        ),
        ({"permissions_policy": "geolocation=(self)"}, FRAME, "warn", f'geolocation=(self "{OURS}")'),
        ({"cross_origin_embedder_policy": "require-corp"}, FRAME, "danger", "Embedder"),
        (
            {},
            '<meta http-equiv="Content-Security-Policy" content="frame-src \'none\'">' + FRAME,
            "danger",
            "frame-src",
        ),
    ],
)
def test_what_the_headers_of_the_page_forbid_is_told(told, headers, body, kind, words) -> None:
    assert words in said(told(body, **headers), kind)
    assert words not in said(told(body.partition(">")[2] if "<meta" in body else body), kind)


def test_a_page_without_encryption_is_told(told) -> None:
    assert "not encrypted" in said(
        told(FRAME, url="http://www.example.gov/", allowed=("http://www.example.gov",)), "warn"
    )


@pytest.mark.parametrize(
    "because", ["not-an-address", "not-the-web", "with-password", "other-port", "no-such-name", "not-public"]
)
def test_every_refusal_to_ask_is_a_sentence(speech: Flask, because: str) -> None:
    with speech.test_request_context("/"):
        assert refusal(NotAsked(because, "www.example.gov")).endswith(".")


@pytest.mark.parametrize(
    "because",
    [
        "too-many-redirects", "bad-redirect", "certificate", "too-slow", "no-answer", "cut-off", "status",
        "not-html", "too-large", "unknown-coding", "unreadable",
    ],
)  # fmt: skip
def test_every_failure_is_a_sentence(speech: Flask, because: str) -> None:
    with speech.test_request_context("/"):
        assert refusal(NotFetched(because, "www.example.gov", "404"))[-1] in ".?"


def test_a_real_page_is_fetched_read_and_judged(speech: Flask, raw_site: RawSite) -> None:
    site = raw_site.url("")
    url = raw_site.says("/roads", f"<title>Roads</title>{LINK}{SCRIPT}")
    with speech.test_request_context("/"):
        checked = check_page(url, ours=OURS, websites=(site,), allow_loopback=True)
        assert checked.is_live
        assert not checked.mistake
        gone = check_page(raw_site.url("/gone"), ours=OURS, websites=(site,), allow_loopback=True)
        assert "answers 404" in gone.mistake


def test_the_demonstration_checks_its_own_website_and_nothing_else_on_this_machine(
    speech: Flask, raw_site: RawSite
) -> None:
    site = raw_site.url("").rstrip("/")
    url = raw_site.says("/demo/public-works", f"<title>Roads</title>{LINK}{SCRIPT}")
    for path, elsewhere in (
        ("/away", "http://127.0.0.1:1/"),
        ("/name", url.replace("127.0.0.1", "localhost")),
    ):
        raw_site.says(path, "", f"Location: {elsewhere}", status="302 Found")

    def checked(address: str, own: tuple[str, ...] = (site,)) -> Checked:
        return check_page(address, ours=OURS, websites=(site,), own=own)

    with speech.test_request_context("/"):
        assert checked(url).is_live
        assert checked(url.partition("://")[2]).is_live, "typed as it is said, without http://"
        assert "usual ports" in checked(url, own=()).mistake, "a real town has no website of its own here"
        assert "usual ports" in checked("http://127.0.0.1:1/").mistake
        assert "usual ports" in checked(url.replace("127.0.0.1", "localhost")).mistake, "by this name alone"
        for path in ("/away", "/name"):
            assert "usual ports" in checked(raw_site.url(path)).mistake, "a redirect gains nothing"
        assert "inner network" in checked("http://127.0.0.1/").mistake


def test_only_the_demonstration_names_a_website_of_its_own(
    client, link: str, office, settings, monkeypatch
) -> None:
    named: list[tuple[str, ...]] = []

    def noted(url: str, *, own: tuple[str, ...], **_more: object) -> Checked:
        named.append(own)
        return Checked(url, mistake="Not looked at.")

    monkeypatch.setattr("operations.embed_views.check_page", noted)
    assert "/demo/public-works</code>" in client.post(f"{link}embed", data={"page": "x"}).text
    object.__setattr__(office, "is_demo", False)
    assert "/demo/public-works</code>" not in client.post(f"{link}embed", data={"page": "x"}).text
    port = settings.port
    assert named == [(f"http://127.0.0.1:{port}", f"http://localhost:{port}"), ()]


def test_the_command_looks_at_public_pages_only(app) -> None:
    done = app.test_cli_runner().invoke(args=["check-page", "http://127.0.0.1/"])
    assert done.exit_code == 1
    assert "Only public pages are looked at" in done.output


def test_the_page_checks_an_address_and_keeps_what_was_chosen(client: StrictClient, link: str) -> None:
    for typed, words in (
        ("http://10.0.0.1/", "Only public pages are looked at"),
        ("ftp://www.example.gov", "Only addresses that begin with"),
        ("", "Write the address of the page"),
        ("localhost", "Only public pages are looked at"),
    ):
        answer = client.post(f"{link}embed?show=streets", data={"page": typed})
        assert answer.status_code == 422
        assert words in answer.text
        assert 'value="streets" selected' in answer.text


def test_a_stranger_can_have_no_page_looked_at(client: StrictClient) -> None:
    for path in ("embed", "embed/poster.pdf", "embed/code.svg"):
        assert client.get(f"/operations/abcdefghijkmnpqrstuv/{path}").status_code == 404
    assert client.post("/operations/abcdefghijkmnpqrstuv/embed", data={"page": "x"}).status_code == 404
