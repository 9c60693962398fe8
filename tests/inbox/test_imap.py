"""Is the town's mailbox read without changing it, and is every trouble a sentence that helps?"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from inbox.imap import ImapServer, MailboxTrouble, NotGiven, open_mailbox
from inbox.xoauth import Fresh, Token
from tests.imapserver import Imap, serving

MAIL = b"From: a@x.example\r\nSubject: one\r\n\r\nHello.\r\n"


@pytest.fixture
def imap() -> Iterator[Imap]:
    with serving(Imap(mails={3: MAIL, 5: MAIL * 2, 9: MAIL * 3})) as box:
        yield box


def server(imap: Imap, **changes) -> ImapServer:
    plain = ImapServer("127.0.0.1", "hall", port=imap.port, security="none", password="right", timeout=2)
    return replace(plain, **changes)


def why(imap: Imap, **changes) -> str:
    with pytest.raises(MailboxTrouble) as trouble:
        open_mailbox(server(imap, **changes))
    return str(trouble.value)


def test_mails_above_the_watermark_are_found_and_no_other(imap: Imap):
    with open_mailbox(server(imap)) as box:
        assert (box.uid_validity, box.last_uid()) == (7, 9)
        assert box.search(above=0) == [3, 5, 9]
        assert box.search(above=5) == [9]
        assert box.search(above=9) == []  # "10:*" names the last mail, whatever its number


def test_a_mailbox_with_very_high_numbers_is_searched_in_few_steps(imap: Imap):
    imap.mails[4_000_000_000] = MAIL
    with open_mailbox(server(imap)) as box:
        assert box.search(above=0) == [3, 5, 9, 4_000_000_000]
    assert len([said for said in imap.said if said.startswith("UID SEARCH")]) < 30


def test_nothing_is_ever_marked(imap: Imap):
    with open_mailbox(server(imap)) as box:
        assert box.fetch([3, 5]) == {3: MAIL, 5: MAIL * 2}
        assert box.fetch_alone(9, most=1000) == MAIL * 3
    fetched = [said for said in imap.said if said.startswith("UID FETCH")]
    assert fetched
    assert all("BODY.PEEK[" in said for said in fetched)
    assert not [said for said in imap.said if said.startswith(("SELECT", "UID STORE", "UID EXPUNGE"))]


def test_a_large_mail_comes_in_pieces_and_whole(imap: Imap):
    imap.mails[12] = large = MAIL + b"x" * (2 * 256 * 1024 - len(MAIL))
    with open_mailbox(server(imap)) as box:
        assert box.fetch_alone(12, most=1024 * 1024) == large
        with pytest.raises(NotGiven, match="more than"):
            box.fetch_alone(12, most=1000)


def test_a_mail_that_is_not_given_does_not_take_others_with_it(imap: Imap):
    imap.refuse.add(5)
    with open_mailbox(server(imap)) as box:
        assert box.fetch([3, 5, 9]) == {}
        assert box.fetch_alone(3, most=1000) == MAIL
        with pytest.raises(NotGiven, match="that mail is broken"):
            box.fetch_alone(5, most=1000)
        imap.mute.add(9)
        with pytest.raises(NotGiven, match="does not give it"):
            box.fetch_alone(9, most=1000)


def test_a_cut_in_the_middle_of_a_mail_is_trouble_and_no_half_mail(imap: Imap):
    imap.cut.add(5)
    with open_mailbox(server(imap)) as box, pytest.raises(MailboxTrouble, match="broke off"):
        box.fetch([3, 5])


@pytest.mark.parametrize("at", ["LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH"])
def test_a_silent_server_is_left_after_the_time_that_is_set(imap: Imap, at: str):
    imap.silent_at = at
    began = time.monotonic()
    with pytest.raises(MailboxTrouble), open_mailbox(server(imap, timeout=0.4)) as box:
        box.fetch(box.search(above=0))
    assert time.monotonic() - began < 10


def test_news_ends_the_waiting(imap: Imap):
    with open_mailbox(server(imap)) as box:
        threading.Timer(0.2, lambda: imap.mails.update({11: MAIL})).start()
        began = time.monotonic()
        box.wait(20, lambda: False)
        assert time.monotonic() - began < 15
        assert box.search(above=9) == [11]


def test_news_that_came_between_looking_and_waiting_ends_the_waiting_at_once(imap: Imap):
    with open_mailbox(server(imap)) as box:
        imap.is_telling = True
        box.search(above=9)
        began = time.monotonic()
        box.wait(20, lambda: False)  # while we wait it would not say so again
        assert time.monotonic() - began < 10
        began = time.monotonic()
        imap.is_telling = False
        box.search(above=9)
        box.wait(0.3, lambda: False)
        assert time.monotonic() - began > 0.3


@pytest.mark.parametrize("has_idle", [True, False])
def test_waiting_ends_by_itself_and_when_it_is_told_to(imap: Imap, has_idle: bool):
    imap.has_idle = has_idle
    with open_mailbox(server(imap)) as box:
        began = time.monotonic()
        box.wait(0.3, lambda: False)
        box.wait(30, lambda: True)
        assert time.monotonic() - began < 15
        assert box.search(above=0)


def test_a_server_that_hangs_up_while_we_wait_is_noticed(imap: Imap):
    imap.silent_at = "IDLE"
    with open_mailbox(server(imap)) as box, pytest.raises(MailboxTrouble):
        threading.Timer(0.2, imap.over.set).start()
        box.wait(20, lambda: False)


def test_every_trouble_names_what_to_check(imap: Imap):
    assert "check TOWNLINE_IMAP_USER and TOWNLINE_IMAP_PASSWORD" in why(imap, password="wrong")
    assert "did you mean TOWNLINE_IMAP_FOLDER=Requests?" in why(imap, folder="request")
    assert "there are: INBOX, Requests, Sent" in why(imap, folder="zzz")
    assert "nobody listens" in why(imap, port=1)
    assert "no machine called nowhere.invalid" in why(imap, host="nowhere.invalid")
    assert "TOWNLINE_IMAP_SECURITY" in why(imap, security="tls")
    assert "check TOWNLINE_IMAP_SECURITY" in why(imap, security="starttls")
    assert "no file /nowhere" in why(imap, authorities="/nowhere")


def test_an_access_token_opens_it_and_a_withdrawn_one_is_replaced_at_once(imap: Imap):
    imap.tokens = ("second",)
    given = iter(["first", "second"])
    token = Token(lambda: Fresh(next(given), 3600))
    with open_mailbox(server(imap, password="", token=token)) as box:
        assert box.search(above=5) == [9]


def test_a_token_that_opens_nothing_is_a_sentence_without_the_token(imap: Imap, caplog):
    caplog.set_level("DEBUG")
    said = why(imap, password="", token=Token(lambda: Fresh("s3cret")))
    assert "that the token may read its mail by IMAP" in said
    assert "s3cret" not in said + caplog.text
    assert "s3cret" not in repr(server(imap, password="s3cret"))
