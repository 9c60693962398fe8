"""Does the HTML of a mail become safe, readable text in which quotations still show?"""

# Mails are written here as programs write them, long lines too.
# ruff: noqa: E501

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from inbox.html import sanitised, to_text
from inbox.quotation import reply_text

OURS = "<p>Town of Example</p><p>A resident sent this request. It is yours.</p><ul><li>Main Street</li></ul>"

STYLES = {
    "gmail": '<div dir="ltr">{}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, Mar 2, 2026 '
    'at 9:14 AM Town &lt;<a href="mailto:a@b.example">a@b.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote">'
    "{}</blockquote></div>",
    "thunderbird": '<p>{}</p><div class="moz-cite-prefix">On 3/2/26 09:14, Town wrote:<br></div>'
    '<blockquote type="cite" cite="mid:x@b.example">{}</blockquote>',
    "apple": '<div>{}</div><br><div>Sent from my iPhone</div><div><br><blockquote type="cite">On Mar 2, 2026, at 9:14 AM, '
    "Town &lt;a@b.example&gt; wrote:<br><br></blockquote></div><blockquote type=\"cite\"><div>{}</div></blockquote>",
    "outlook web": '<div>{}</div><div id="appendonsend"></div><hr style="width:98%"><div id="divRplyFwdMsg" dir="ltr">'
    "<b>Desde:</b> Town<br><b>Gönderildi:</b> 2.3.2026<br></div><div>{}</div>",
    "outlook desktop": '<div class="WordSection1"><p class="MsoNormal">{}</p><div><div style="border:none;border-top:solid '
    '#E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p><b>From:</b> Town &lt;a@b.example&gt;<br><b>Sent:</b> Monday<br>'
    "<b>To:</b> Roads<br><b>Subject:</b> 26-0412</p></div></div>{}</div>",
    "yahoo": '<div>{}</div><div id="ydp1yahoo_quoted_1" class="ydp1yahoo_quoted yahoo_quoted"><div>On Monday, March 2, 2026 '
    "at 09:14:00 AM EST, Town &lt;a@b.example&gt; wrote:</div><div>{}</div></div>",
    "proton": '<div>{}</div><div class="protonmail_quote">On Monday, March 2nd, 2026 at 9:14 AM, Town &lt;a@b.example&gt; '
    'wrote:<br><blockquote class="protonmail_quote" type="cite">{}</blockquote></div>',
    "gmx": '<div>{}</div><div name="quote" style="margin:10px"><b>Gesendet:</b> Montag, 2. März 2026<br><b>Von:</b> Town'
    "<div>{}</div></div>",
    "zimbra": '<div>{}</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>"Town" '
    '&lt;a@b.example&gt;<br><b>To: </b>Roads<br><b>Subject: </b>x<br></div><div data-marker="__QUOTED_TEXT__">{}</div>',
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_the_answer_is_found_in_the_html_of_every_program(style):
    said = to_text(STYLES[style].format("The crew filled the hole.<br>The sign stays.", OURS))
    assert "A resident sent this request." in said
    assert reply_text(said).text == "The crew filled the hole.\nThe sign stays."


def test_quotations_begin_with_their_mark_and_keep_their_depth():
    assert to_text("<p>a</p><blockquote>b<blockquote>c</blockquote></blockquote><p>d</p>").split("\n\n") == [
        "a", "> b\n> > c", "d",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sign", ['class="gmail_signature"', 'id="Signature"', 'id="x_ms-outlook-mobile-signature"']
)
def test_what_a_program_marks_as_signature_is_cut(sign):
    assert (
        reply_text(to_text(f"<div>It is fixed.</div><div {sign}>Roads<br>603-555-0199</div>")).text
        == "It is fixed."
    )
    assert reply_text(to_text(f"<div {sign}>It is fixed.</div>")).text == "It is fixed."


def test_an_answer_below_or_between_quotations_is_kept():
    said = to_text("On 3/2/26 09:14, X wrote:<blockquote>Whose is it?</blockquote><p>Ours.</p>")
    assert reply_text(said).text == "Ours."


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<style>body{background:url(https://a.example/x.png)}</style>",
        "<iframe src='https://a.example'></iframe>",
        "<p style='background:url(https://a.example/x.png)' onclick='alert(1)'>x</p>",
        "<form action='https://a.example'><input name=a></form>",
        "<svg><script>alert(1)</script></svg>",
        "<table background='https://a.example/x.png'><tr><td>x</table>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(html):
    safe = sanitised(html)
    for sign in ("alert", "javascript", "a.example", "<img", "style", "onclick", "<form", "<svg"):
        assert sign not in safe


def test_pictures_and_titles_are_no_text():
    assert (
        to_text("<html><head><title>Re: x</title><style>p{}</style></head><body><img alt='logo'>Yes.</body>")
        == "Yes."
    )


HOSTILE = ["<div>", "<blockquote>", "<b>", "<p><b><i>", "<table><tr><td>", "<a", "<a ", "&lt;", "&", "<br>", "<hr>", "<!--",
           "<blockquote>x</blockquote>", "<div id=appendonsend></div>", "<ul><li>x", "<p>x", "<", ">", "</div>", "\ue000" "0\ue000"]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("pattern", HOSTILE)
@pytest.mark.parametrize("read", [to_text, sanitised])
def test_three_hundred_kilobytes_of_anything_take_two_seconds_at_most(pattern, read):
    html = pattern * (300_000 // len(pattern)) + "end"
    began = time.process_time()
    read(html)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("tag", ["div", "blockquote", "span", "ul", "b", "table"])
def test_text_below_fifteen_hundred_tags_is_not_lost(tag):
    assert "end" in to_text(f"<{tag}>" * 1500 + "end" + f"</{tag}>" * 1500)


@settings(max_examples=80, deadline=None)
@given(some.lists(some.sampled_from(["<div>", "</div>", "<blockquote>", "</blockquote>", "x", "<br>", "<p>", "&nbsp;", "<hr>", "<!--",
                                     "-->", "<div id=divRplyFwdMsg>", "<div class=gmail_quote>", "<", "\0", "\ue000"]), max_size=20))  # fmt: skip
def test_no_html_makes_it_fail(parts):
    assert isinstance(to_text("".join(parts)), str)
