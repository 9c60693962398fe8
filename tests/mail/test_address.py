"""Does a reply find its way back, and can nobody open a page by what travels in headers?"""

from __future__ import annotations

from mail.address import bounce_address, looks_like_token, reply_address, reply_token, token

SECRET = b"s" * 40


def test_each_recipient_of_a_request_has_a_mark_of_their_own_that_opens_no_page():
    marks = {
        reply_token(SECRET, number, recipient)
        for number in ("26-0412", "26-0413")
        for recipient in ("roads@example.org", "resident@example.org")
    }
    assert len(marks) == 4
    assert all(looks_like_token(mark) and not set(mark) & set("lo01") for mark in marks)
    links = {
        token(SECRET, purpose, "26-0412", recipient)
        for purpose in ("employee", "resident", "agency")
        for recipient in ("roads@example.org", "resident@example.org", "resident")
    }
    assert not marks & links


def test_a_relay_that_lowers_letters_changes_nothing():
    assert reply_token(SECRET, "26-0412", "Roads@Example.org") == reply_token(
        SECRET, "26-0412", "roads@example.org"
    )
    mark = reply_token(SECRET, "26-0412", "roads@example.org")
    assert reply_address("311@example.org", mark).lower() == f"311+r.{mark}@example.org"
    assert bounce_address("311@example.org", mark) == f"311+b.{mark}@example.org"


def test_no_local_part_grows_beyond_what_every_server_takes():
    mark = "a" * 20
    fits, grows = "x" * 41, "x" * 42
    assert len(reply_address(f"{fits}@example.org", mark).split("@")[0]) == 64
    assert reply_address(f"{grows}@example.org", mark) == f"{grows}@example.org"
    assert bounce_address(f"{grows}@example.org", mark) == f"{grows}@example.org"
