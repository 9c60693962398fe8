"""What is a mail, once it is read? Plain values, nothing of the wire left in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


class Unreadable(ValueError):
    """These bytes are no mail, or more than is ever read; ``str()`` is a sentence for the clerk."""


@dataclass(frozen=True)
class Address:
    """One person or box. ``name`` is decoded and unquoted; either may be empty in a broken mail."""

    name: str
    email: str
    """As it was written; compare ``.key``."""

    @property
    def key(self) -> str:
        return self.email.lower()

    @property
    def domain(self) -> str:
        return self.key.rpartition("@")[2]

    def __str__(self) -> str:
        if not self.name:
            return self.email
        return f"{self.name} <{self.email}>" if self.email else self.name


NOBODY = Address("", "")


@dataclass(frozen=True)
class Attachment:
    """One thing that came along.

    ``type`` is what the bytes are, not what the mail says of them; ``name`` is free of folders and
    control characters and never empty; ``cid`` is the name by which the HTML shows it, or "".
    """

    name: str
    type: str
    content: bytes
    cid: str = ""
    is_inline: bool = False


@dataclass(frozen=True)
class Mail:
    """What a mail says. Everything is decoded; nothing in it is believed to be true."""

    message_id: str
    """With its angle brackets, or ""."""
    references: tuple[str, ...]
    """In-Reply-To first, then References from the newest to the oldest; each id once."""
    sender: Address
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    """To, then Cc."""
    delivered_to: tuple[str, ...]
    """The addresses for which our own server took it, as far as it says so."""
    subject: str
    date: datetime | None
    """Aware; None where it is missing or nonsense."""
    text: str
    """The whole text: the plain parts, else the HTML turned into text."""
    html: str
    """The HTML as it may be shown (sanitised), or ""."""
    attachments: tuple[Attachment, ...]
    headers: tuple[tuple[str, str], ...]
    """(lower-case name, decoded value), from the top; each at most 64 kB."""
    problems: tuple[str, ...]
    """What was wrong with it, one sentence each."""
    parts: int

    def header(self, name: str) -> str:
        """Return the first header of that (lower-case) name, or ""."""
        return next((value for key, value in self.headers if key == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        """Return all headers of that (lower-case) name, from the top."""
        return tuple(value for key, value in self.headers if key == name)
