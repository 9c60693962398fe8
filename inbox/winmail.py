"""What is inside a winmail.dat? Outlook's own wrapping (TNEF), opened with limits or kept closed."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from .charsets import decode
from .header_lines import Problems
from .message import Attachment
from .names import tame
from .sniffing import extension, sniff

LARGEST = 30_000_000
MOST = 100
MOST_STEPS = 2_000_000_000
"""Attributes times bytes: the library copies what is left for each attribute."""


def attachments(body: bytes, problems: Problems) -> list[Attachment]:
    """Return what it contains, or nothing where it cannot be opened (then it stays what it is)."""
    opened = _opened(body, problems)
    found = []
    for number, one in enumerate(getattr(opened, "attachments", ())[:MOST], start=1):
        data = one.data if isinstance(one.data, bytes) else b""
        if data:
            kind = sniff(data)
            found.append(Attachment(_name(one) or f"attachment-{number}.{extension(kind)}", kind, data))
    return found


def text(body: bytes) -> tuple[str, str]:
    """Return the (plain text, HTML) that it carries; both may be ""."""
    opened = _opened(body, Problems())
    return _words(getattr(opened, "body", "")), _words(getattr(opened, "htmlbody", ""))


def _opened(body: bytes, problems: Problems) -> Any:
    from tnefparse import TNEF  # here, since few mails carry one

    logging.getLogger("tnefparse").setLevel(logging.CRITICAL)
    if len(body) > LARGEST or _attributes(body) * len(body) > MOST_STEPS:
        problems.add("its winmail.dat is too large or has too many pieces, and was not opened")
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return TNEF(body, do_checksum=False)
    except Exception:
        # The library raises whatever its arithmetic meets in a damaged file; the file itself is kept.
        problems.add("its winmail.dat is damaged and was not opened")
        return None


def _attributes(body: bytes) -> int:
    """Count them: level, name, type, length, that many bytes, checksum."""
    count, place = 0, 6
    while place + 11 <= len(body):
        place += 11 + int.from_bytes(body[place + 5 : place + 9], "little")
        count += 1
    return count


def _name(one: Any) -> str:
    try:
        said = one.long_filename()
    except Exception:
        return ""  # a name that cannot be decoded; another is made up
    return tame(_words(said))


def _words(said: object) -> str:
    if isinstance(said, bytes):
        return decode(said.rstrip(b"\0"))
    return said.strip("\0") if isinstance(said, str) else ""
