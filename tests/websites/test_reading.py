"""Is every rung of the ladder recognized on a page, and does no page break the reading?"""

from __future__ import annotations

import json

import pytest

from websites.reading import packed, seen, unpacked

OURS = "https://311.example.gov"
PAGE = "https://www.example.gov/roads/"


def read(body: str):
    found = seen(f"<!doctype html><html><body>{body}</body></html>", PAGE, OURS)
    assert unpacked(json.loads(json.dumps(packed(found)))) == found
    return found


def test_link_and_script_are_found() -> None:
    found = read(
        f'<p><a href="{OURS}/report/streets?lang=es" data-report="dialog">Report <b>it</b></a></p>'
        f'<script async nonce=abc src="{OURS}/static/embed.js?v=2"></script>'
    )
    assert [(link.mode, link.text, link.by_hash) for link in found.links] == [("dialog", "Report it", False)]
    assert [(script.is_ours, script.nonce) for script in found.scripts] == [(True, "abc")]


@pytest.mark.parametrize(
    ("link", "mode", "by_hash"),
    [
        (f'<a href="{OURS}/report#inline">x</a>', "inline", True),
        (f'<a href="{OURS}/report#button">x</a>', "button", True),
        (f'<a href="{OURS}/report#elsewhere">x</a>', "", False),
        (f'<a href="{OURS}/report">x</a>', "", False),
        (f'<a href="{OURS}/report" data-report>x</a>', "inline", False),
        (f'<A HREF=" {OURS}/report/ " DATA-REPORT=inline>x', "inline", False),
    ],
)
def test_a_link_says_how_it_wants_to_be_shown(link: str, mode: str, by_hash: bool) -> None:
    (found,) = read(link).links
    assert (found.mode, found.by_hash) == (mode, by_hash)


def test_a_frame_a_form_and_wordpress_are_found() -> None:
    found = read(
        f'<iframe src="{OURS}/report?embed=1" title="Report" allow="geolocation"></iframe>'
        '<iframe class="wp-embedded-content" sandbox="allow-scripts" '
        f'data-src="{OURS}/report?embed=1"></iframe>'
        f'<form action="{OURS}/report"><input name=address></form>'
        f'<form method=POST action="{OURS}/report"></form>'
    )
    plain, wordpress = found.frames
    assert (plain.title, plain.allow, plain.sandbox, plain.is_wordpress) == (
        "Report",
        "geolocation",
        None,
        False,
    )
    assert (wordpress.sandbox, wordpress.is_wordpress) == ("allow-scripts", True)
    assert found.forms == ("get", "post")


def test_what_is_not_ours_is_not_taken_for_ours() -> None:
    found = read(
        '<a href="https://311.example.gov.evil.example/report" data-report>x</a>'
        f'<a href="{OURS}/r/abc">x</a><a href="{OURS}:8443/report">x</a><a href="http://311.example.gov/report">x</a>'
        '<script src="https://cdn.example/static/embed.js"></script>'
        f'<!-- <a href="{OURS}/report">x</a> -->'
        f'<template><p>{OURS}</p></template><form action="/search"></form>'
    )
    assert (found.links, found.frames, found.forms, found.bare) == ((), (), (), 0)
    assert [link.url for link in found.other] == ["https://311.example.gov.evil.example/report"]
    assert [script.is_ours for script in found.scripts] == [False]


def test_a_bare_address_and_a_snippet_shown_as_words_are_told_apart() -> None:
    assert read(f"<p>Write to us: {OURS}/report or call</p>").bare == 1
    assert read(f'<p><a href="{OURS}/report">{OURS}/report</a></p>').bare == 0
    assert read(f'<p>&lt;a href="{OURS}/report" data-report="inline"&gt;</p>').as_text
    assert not read("<p>Nothing</p>").as_text


def test_the_base_of_a_page_is_followed() -> None:
    found = seen(f'<base href="{OURS}/x/"><a href="../report">x</a>', PAGE, OURS)
    assert [link.url for link in found.links] == [f"{OURS}/report"]


def test_a_page_that_a_script_draws_is_told() -> None:
    assert read('<div id="app"></div><script src="/app.js"></script>').is_drawn
    assert not read("<p>" + "word " * 80 + '</p><script src="/app.js"></script>').is_drawn


@pytest.mark.parametrize(
    "page",
    [
        "", " ", "\0", "<", "<" * 100_000, "<div>" * 100_000, "<a href=" * 50_000, "&" * 500_000,
        "<!doctype html>" * 50_000, '<a href="http://[">x</a><iframe src="http://[::1"></iframe>',
        "<base href='http://[bad'><a href=report data-report>x</a>", "\ud800<p>x",
        "<?xml version='1.0' encoding='utf-16'?><p>x",
        "<script>" * 20_000, "<svg><a xlink:href=x>" * 5_000, "<p " + "a=1 " * 100_000 + ">",
    ],
    ids=range(16),
)  # fmt: skip
def test_no_page_breaks_the_reading(page: str) -> None:
    assert unpacked(packed(seen(page, PAGE, OURS))) is not None
