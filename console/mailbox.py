"""What stands in the letters that went out to the local mailbox? Files read as mail programs read them."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email import message_from_binary_file
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import cast

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\.eml")


@dataclass(frozen=True)
class Envelope:
    """What a list of letters shows. ``sent_at`` is None where the letter has no readable date."""

    name: str
    sender: str
    to: str
    subject: str
    sent_at: datetime | None


@dataclass(frozen=True)
class Attached:
    name: str
    data: bytes


@dataclass(frozen=True)
class Opened:
    """One letter, opened. ``html`` has its pictures inside; empty when the letter is plain text."""

    envelope: Envelope
    text: str
    html: str
    attachments: tuple[Attached, ...]


def letters(folder: Path, *, most: int) -> list[Envelope]:
    """Return the newest letters first; none where the folder does not exist yet."""
    files = sorted(folder.glob("*.eml"), key=lambda file: file.name, reverse=True)[:most]
    found = []
    for file in files:
        with file.open("rb") as stream:
            head = BytesParser(policy=default).parse(stream, headersonly=True)
        found.append(_envelope(file.name, head))
    return found


def letter_path(folder: Path, name: str) -> Path:
    """Return where a letter lies; ``FileNotFoundError`` when there is none of this name."""
    path = folder / name
    if not NAME.fullmatch(name) or not path.exists():
        raise FileNotFoundError(name)
    return path


def opened(folder: Path, name: str) -> Opened:
    """Return one letter; ``FileNotFoundError`` when there is none of this name."""
    with letter_path(folder, name).open("rb") as stream:
        message = message_from_binary_file(stream, policy=default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    files = tuple(
        Attached(part.get_filename() or "attachment", _bytes(part))
        for part in message.iter_attachments()
        if part.get_content_disposition() == "attachment"
    )
    return Opened(
        _envelope(name, message),
        text.get_content() if text is not None else "",
        _whole(html.get_content(), message) if html is not None else "",
        files,
    )


def _envelope(name: str, message: EmailMessage) -> Envelope:
    date = message["Date"]
    return Envelope(
        name,
        str(message["From"] or ""),
        str(message["To"] or ""),
        str(message["Subject"] or ""),
        date.datetime if date is not None else None,
    )


def _bytes(part: EmailMessage) -> bytes:
    return cast(bytes, part.get_payload(decode=True)) or b""


def _whole(html: str, message: EmailMessage) -> str:
    """Put the pictures that travel with the letter into it, and have links leave the frame."""
    pictures = {
        str(part["Content-ID"]).strip("<> "): part
        for part in message.walk()
        if part["Content-ID"] is not None
    }

    def inside(found: re.Match[str]) -> str:
        part = pictures.get(found[1])
        if part is None:
            return found[0]
        return f"data:{part.get_content_type()};base64,{b64encode(_bytes(part)).decode()}"

    filled = re.sub(r"cid:([^\"'\s>)]+)", inside, html)
    return re.sub(r"(<head[^>]*>)", r'\1<base target="_top">', filled, count=1)
