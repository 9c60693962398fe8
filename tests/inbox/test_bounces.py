"""Is the letter that came back found again, with the address that did not take it?"""

from __future__ import annotations

from inbox.bounces import Bounce
from inbox.understood import understand
from tests.inbox.mails import mail
from tests.inbox.torture_machines import BOUNCES, GONE


def bounce(name: str) -> Bounce:
    found = understand(BOUNCES[name].bytes()).bounce
    assert found is not None
    return found


def test_a_report_names_the_address_the_status_and_our_letter() -> None:
    found = bounce("a report")
    assert found.recipients == ((GONE, "failed", "5.1.1"),)
    assert found.is_permanent
    assert found.original_message_id == "<26-0412.abc@town.example>"
    assert ("subject", "Street light, 26-0412") in found.original_headers


def test_the_action_decides_and_not_the_status() -> None:
    assert bounce("a report with a status of 4 that failed").is_permanent
    assert not bounce("a report that it is late, with a status of 5").is_permanent


def test_a_letter_printed_below_the_words_is_found() -> None:
    for name in ("qmail", "Lotus Notes"):
        assert bounce(name).original_message_id == "<26-0412.abc@town.example>", name


def test_old_servers_name_the_address_in_their_words() -> None:
    for name in (
        "old Exchange",
        "qmail",
        "exim",
        "yahoo",
        "sendmail",
        "postfix without its report",
        "Lotus Notes",
    ):
        assert bounce(name).recipients[0][:2] == (GONE, "failed"), name


def test_a_reply_has_no_bounce() -> None:
    assert understand(mail()).bounce is None


def test_a_letter_given_back_by_a_server_that_names_nobody_in_from_is_one_nevertheless() -> None:
    raw = BOUNCES["old Exchange"].bytes()
    start = raw.index(b"From:")
    found = understand(raw[:start] + raw[raw.index(b"\n", start) + 1 :])
    assert found.kind == "bounce"
    assert found.bounce is not None
    assert [email for email, _action, _status in found.bounce.recipients] == [GONE]
