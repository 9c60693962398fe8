"""What do these raw bytes say? The one way from a mail as it arrived to a ``Mail``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from .addresses import BARE, WORD, addresses
from .bodies import charset
from .header_lines import Problems
from .letters import gather
from .message import NOBODY, Address, Mail, Unreadable
from .parts import Part, split
from .words import header_text, unfolded

__all__ = ["LARGEST", "Unreadable", "read"]

LARGEST = 60_000_000
"""Bytes of a mail; what mail servers let through is half of that."""
MESSAGE_ID = re.compile(r"<[^<>\s]{1,990}>")
QUOTED = re.compile(r'"(?:[^"\\]|\\.){0,1000}"')
MOST_REFERENCES = 100
DELIVERED = ("delivered-to", "x-original-to", "x-delivered-to", "envelope-to", "x-envelope-to", "x-rcpt-to")
SENDERS = ("from", "sender", "reply-to", "return-path", "x-envelope-from")


def read(raw: bytes) -> Mail:
    """Return what a mail says; raises ``Unreadable`` where these bytes are none.

    Linear in their number; at most 200 parts, 20 levels, 1,000 headers of 64 kB. What is broken in a
    mail is repaired as a mail program would, and named in ``Mail.problems``.
    """
    if not raw.strip():
        raise Unreadable("the mail is empty: not a single byte of it arrived")
    if len(raw) > LARGEST:
        raise Unreadable(f"the mail has {len(raw):,} bytes; more than {LARGEST:,} are not read")
    root, problems = split(raw)
    letter = gather(root, problems)
    attachments = letter.attachments()
    letters = _letters(root)
    return Mail(
        message_id=next(iter(_ids(root, "message-id")), ""),
        references=_references(root),
        sender=_sender(root, letters, problems),
        reply_to=_addresses(root, "reply-to", letters),
        to=(*_addresses(root, "to", letters), *_addresses(root, "cc", letters)),
        delivered_to=_delivered(root),
        subject=header_text(root.header("subject"), letters),
        date=_date(root, problems),
        text=letter.text,
        html=letter.html,
        attachments=attachments,
        headers=tuple((name, header_text(value, letters)) for name, value in root.headers),
        problems=tuple(problems.sentences),
        parts=problems.parts,
    )


def _letters(part: Part) -> str:
    """The first charset that any part declares: raw 8-bit headers are usually written in it."""
    if declared := charset(part):
        return declared
    return next((found for child in part.children if (found := _letters(child))), "")


def _every(part: Part, name: str) -> list[bytes]:
    return [value for key, value in part.headers if key == name]


def _addresses(part: Part, name: str, letters: str = "") -> tuple[Address, ...]:
    return tuple(one for value in _every(part, name) for one in addresses(unfolded(value, letters)))


def _sender(root: Part, letters: str, problems: Problems) -> Address:
    if len(_every(root, "from")) > 1:
        problems.add("it has several From headers; the first is taken")
    for name in SENDERS:
        found = _addresses(root, name, letters)
        if name == "from" and len(found) > 1:
            problems.add("its From names several senders; the first is taken")
        if chosen := next((one for one in found if one.email), None) or next(iter(found), None):
            if name == "from" and chosen.email:
                _doubt(root, chosen, letters, problems)
            if name != "from":
                problems.add(f"it has no From header; the sender is taken from {name.title()}")
            return chosen
    problems.add("it does not say who sent it")
    return NOBODY


def _doubt(root: Part, chosen: Address, letters: str, problems: Problems) -> None:
    """Say so where a mail server may have read another sender in From, and vouched for that one."""
    written = unfolded(next(iter(_every(root, "from"))), letters)[:10_000]
    plain = WORD.sub(" ", QUOTED.sub(" ", written)).replace("\0", " ")
    named = {found.strip("'.").lower() for found in BARE.findall(plain)}
    if named - {chosen.key}:
        problems.add("its From names several senders; the first is taken")
    elif not named and '"' not in chosen.email:
        problems.add("its From hides the address; it is taken nevertheless")


def _delivered(root: Part) -> tuple[str, ...]:
    found = (one.email for name in DELIVERED for one in _addresses(root, name) if one.email)
    return tuple(dict.fromkeys(found))


def _ids(part: Part, name: str) -> list[str]:
    return [one for value in _every(part, name) for one in _ids_in(unfolded(value))]


def _ids_in(said: str) -> list[str]:
    found = MESSAGE_ID.findall(said)
    if not found and "@" in said and len(said) < 500:
        return [f"<{word.strip('<>')}>" for word in said.split() if "@" in word]
    return found


def _references(root: Part) -> tuple[str, ...]:
    newest_first = [*_ids(root, "in-reply-to"), *reversed(_ids(root, "references"))]
    return tuple(dict.fromkeys(newest_first))[:MOST_REFERENCES]


def _date(root: Part, problems: Problems) -> datetime | None:
    said = unfolded(root.header("date"))[:200]
    if not said:
        return None
    try:
        found = parsedate_to_datetime(said)
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        if abs(found.utcoffset() or timedelta()) > timedelta(hours=15):
            raise ValueError(said)
        return found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        problems.add(f"its date is none: {said[:60]}")
        return None
