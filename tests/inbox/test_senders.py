"""Whose word counts about a From: only that of our own server."""

from __future__ import annotations

import pytest

from inbox.reading import read
from inbox.senders import authenticity
from tests.inbox.mails import mail

OURS = "mx.town.example"


def found(*results: str, sender: str = "a@works.example", below: str = "", ours: str = OURS) -> str:
    top = [f"Authentication-Results: {said}" for said in results]
    raw = mail("x", *top, "Received: from x by y", sender=sender)
    if below:
        raw = raw.replace(b"MIME-Version", f"Authentication-Results: {below}\r\nMIME-Version".encode())
    return authenticity(read(raw), ours)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (f"{OURS}; dmarc=pass header.from=works.example", "pass"),
        (
            f"{OURS} 1; spf=pass smtp.mailfrom=x@y.example; dmarc=fail (p=none) header.from=works.example",
            "fail",
        ),
        (f"{OURS}; dkim=fail; dmarc=pass (p=reject; sp=none)", "pass"),
        (f"{OURS}; dmarc=pass header.from=evil.example", "fail"),
        (f"{OURS}; dmarc=pass header.from=example", "fail"),
        (f"{OURS}; dmarc=pass header.from=a@WORKS.example", "pass"),
        (f"{OURS}; dmarc=none header.from=works.example", "absent"),
        (f"{OURS}; dkim=pass header.d=works.example", "pass"),
        (f"{OURS}; dkim=pass header.d=evil.example", "absent"),
        (f"{OURS}; dkim=fail header.d=works.example; dkim=pass header.d=evil.example", "absent"),
        (f"{OURS}; spf=pass smtp.mailfrom=bounce@works.example", "pass"),
        (f"{OURS}; spf=softfail smtp.mailfrom=works.example", "absent"),
        (f"{OURS}; none", "absent"),
        (f"{OURS}; dmarc=temperror", "absent"),
        (f"{OURS.upper()}; dmarc=pass", "pass"),
        (f"{OURS}; x=y (dmarc=pass); dmarc=fail", "fail"),
        ("mx.evil.example; dmarc=pass", "forged"),
        (f"{OURS}.evil.example; dmarc=pass", "forged"),
    ],
)
def test_one_header(said: str, verdict: str) -> None:
    assert found(said) == verdict


def test_nothing_said_is_absent() -> None:
    assert found() == "absent"


def test_findings_in_several_headers_of_ours_belong_together() -> None:
    assert found(f"{OURS}; dkim=pass header.d=evil.example", f"{OURS}; dmarc=fail") == "fail"


def test_the_upper_one_of_two_findings_counts() -> None:
    assert found(f"{OURS}; dmarc=fail", f"{OURS}; dmarc=pass") == "fail"


def test_a_second_result_in_one_header_does_not_win() -> None:
    assert found(f"{OURS}; dmarc=fail; dmarc=pass") == "fail"


def test_a_header_that_the_sender_wrote_under_our_name_is_forged() -> None:
    assert found(below=f"{OURS}; dmarc=pass") == "forged"
    assert found(f"{OURS}; dmarc=fail", below=f"{OURS}; dmarc=pass") == "fail"


def test_without_a_server_of_ours_nothing_is_believed() -> None:
    assert found("; dmarc=pass", ours="") == "absent"
    assert found(f"{OURS}; dmarc=fail", ours="") == "absent"


def test_two_senders_are_one_too_many() -> None:
    assert found(f"{OURS}; dmarc=pass", sender="a@works.example, b@works.example") == "forged"


def test_a_finding_about_the_domain_above_or_in_ascii_is_about_the_sender() -> None:
    assert found(f"{OURS}; dmarc=pass header.from=works.example", sender="a@roads.works.example") == "pass"
    in_ascii = f"{OURS}; dmarc=pass header.from=xn--mnchen-3ya.example"
    assert found(in_ascii, sender="a@münchen.example") == "pass"
