"""What happens when a visitor of the demonstration answers a letter? A real mail is written and taken in.

The mail quotes the letter as mail programs do and goes the way of every reply: kept raw, read apart,
judged, acted on. Only the mail servers in between are missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, make_msgid
from pathlib import Path

from casework.arriving import store, work_off
from casework.office import Office
from console.mailbox import letter_path
from mail.address import domain_of
from storage import incoming, lookups

SOURCE = "demonstration"
PATIENCE = 8.0  # seconds that a visitor waits for another thread to finish with the mail
SETTLED = frozenset(incoming.SETTLED)


@dataclass(frozen=True)
class Picture:
    """A photo that comes along."""

    name: str
    content: bytes


def reply_to(letter: EmailMessage, words: str, *, pictures: Sequence[Picture], now: datetime) -> EmailMessage:
    """Return the mail that the letter's reader would send with a press on "Reply"."""
    reader = letter["To"].addresses[0]
    reply = EmailMessage(policy=SMTP)
    reply["From"] = letter["To"]
    reply["To"] = letter["Reply-To"] or letter["From"]
    subject = str(letter["Subject"] or "")
    reply["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    reply["Date"] = format_datetime(now)
    reply["Message-ID"] = make_msgid(domain=domain_of(reader.addr_spec))
    if message_id := str(letter["Message-ID"] or ""):
        reply["In-Reply-To"] = message_id
        reply["References"] = f"{letter['References'] or ''} {message_id}".strip()
    reply.set_content(f"{words.strip()}\n\n{_quoted(letter)}", cte="quoted-printable")
    for picture in pictures:
        reply.add_attachment(picture.content, "application", "octet-stream", filename=picture.name)
    return reply


def _quoted(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    lines = str(body.get_content()).splitlines() if body else []
    date = letter["Date"].datetime
    said = f"On {date:%a, %b} {date.day}, {date:%Y} at {date:%H:%M} {letter['From']} wrote:"
    return "\n".join([said, *(f"> {line}".rstrip() for line in lines)]) + "\n"


def answer(
    office: Office, folder: Path, name: str, words: str, *, pictures: Sequence[Picture], now: datetime
) -> int:
    """Take in the answer to a letter and have it acted on; return its number.

    Raises ``FileNotFoundError`` where there is no such letter.
    """
    letter = message_from_bytes(letter_path(folder, name).read_bytes(), policy=default)
    reply = reply_to(letter, words, pictures=pictures, now=now)
    number = store(office, reply.as_bytes(), envelope_to=_address(reply), source=SOURCE, now=now)
    assert number is not None  # only mails of a mailbox can be known already
    work_off(office, now=now)
    _wait(number)
    return number


def outcome(number: int) -> str:
    """Return one sentence about what became of an answer; empty where there is no such answer."""
    mail = incoming.one(number)
    return mail.reason if mail is not None and mail.source == SOURCE else ""


def wait_for_letters() -> None:
    """Return when no letter is just being carried, or when patience ends."""
    _until(lambda: not lookups.letter_counts().get("sending", 0))


def _address(reply: EmailMessage) -> str:
    return str(reply["To"].addresses[0].addr_spec)


def _wait(number: int) -> None:
    # The town's own thread may have taken the mail up a moment before us.
    def is_settled() -> bool:
        mail = incoming.one(number)
        return mail is None or mail.state in SETTLED

    _until(is_settled)


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < until:
        time.sleep(0.1)
