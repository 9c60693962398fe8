"""Are a page's headers read as browsers read them?"""

from __future__ import annotations

import pytest

from websites.policies import blocking, keeps_place, policies

PAGE = "https://www.example.gov/roads/"
SCRIPT = "https://311.example.gov/static/embed.js"
FRAME = "https://311.example.gov/report?embed=1"


@pytest.mark.parametrize(
    ("policy", "script", "frame"),
    [
        ("", "", ""),
        ("img-src 'self'", "", ""),
        ("default-src 'self'", "default-src", "default-src"),
        ("default-src 'none'; script-src https://311.example.gov; frame-src https://311.example.gov", "", ""),
        ("script-src 'self' https:; frame-src 311.example.gov", "", ""),
        ("script-src *.example.gov; child-src *.example.gov", "", ""),
        ("script-src *.gov.example; frame-src *", "script-src", ""),
        ("script-src *; script-src-elem 'self'", "script-src-elem", ""),
        ("frame-src https://311.example.gov:8443", "", "frame-src"),
        ("frame-src https://311.example.gov:*", "", ""),
        ("frame-src http://311.example.gov", "", ""),
        ("frame-src https://311.example.gov/report", "", ""),
        ("frame-src https://311.example.gov/other/", "", "frame-src"),
        ("script-src https://311.example.gov/static/", "", ""),
        ("script-src 'nonce-abc' 'strict-dynamic' https://311.example.gov", "script-src", ""),
        ("script-src HTTPS://311.Example.GOV; FRAME-SRC 'NONE'", "", "frame-src"),
        ("script-src 'unsafe-inline'", "script-src", ""),
        ("script-src https://311.example.gov, script-src 'self'", "script-src", ""),
        ("script-src *, , frame-src 'none'; frame-src *", "", "frame-src"),
    ],
)
def test_what_a_policy_keeps_out(policy: str, script: str, frame: str) -> None:
    found = policies([policy])
    assert blocking(found, "script", SCRIPT, PAGE) == script
    assert blocking(found, "frame", FRAME, PAGE) == frame


def test_a_nonce_lets_the_script_in_also_where_hosts_count_for_nothing() -> None:
    found = policies(["script-src 'nonce-abc' 'strict-dynamic'"])
    assert blocking(found, "script", SCRIPT, PAGE, "abc") == ""
    assert blocking(found, "script", SCRIPT, PAGE, "other") == "script-src"


def test_self_is_the_page_and_its_safer_twin() -> None:
    found = policies(["frame-src 'self'"])
    assert blocking(found, "frame", "https://www.example.gov/report", "http://www.example.gov/") == ""
    assert (
        blocking(found, "frame", "http://www.example.gov/report", "https://www.example.gov/") == "frame-src"
    )
    assert blocking(found, "form", "https://311.example.gov/report", PAGE) == ""


@pytest.mark.parametrize(
    ("header", "is_kept"),
    [
        ("", False),
        ("camera=()", False),
        ("geolocation=*", False),
        ("geolocation=()", True),
        ("geolocation=(self)", True),
        ("geolocation=self", True),
        ('geolocation=(self "https://311.example.gov"), camera=()', False),
        ('camera=(), geolocation=(self "https://other.example.gov")', True),
    ],
)
def test_who_may_ask_where_the_reader_is(header: str, is_kept: bool) -> None:
    assert keeps_place([header] if header else [], "https://311.example.gov") is is_kept
