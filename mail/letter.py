"""What is a letter? A value, and its finished bytes.

Bytes are made once and kept: every retry sends the same Message-ID, Date and boundary, because mail
servers remove doubles by exactly these. The message is built by the standard library's ``email``; a
header that carries a line break or control character is an error here and not a second header at
the receiver.

The older ``Message`` is used on purpose: ``EmailMessage`` parses every header that it is given, which
costs 2.6 ms a letter against 0.2 ms, twice in each submission. What its parser would refuse,
``_one_line`` and ``_mailbox`` refuse.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import base64mime
from email.header import Header
from email.message import Message
from email.policy import Compat32
from email.utils import format_datetime, formataddr
from hashlib import sha256
from typing import Any

LONGEST_LINE = 998  # octets; what RFC 5322 allows
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
MOST_REFERENCES = 10
LONGEST_REFERENCES = 1500  # octets; some servers cut a longer header in the middle of an id
LONGEST_SUBJECT = 200
LONGEST_NAME = 120
LONGEST_HEADER = 1500
LONGEST_ENCODED = 75
FORBIDDEN = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class _Plain(Compat32):
    """Writes a header of ASCII words as it stands; the library would take each one apart and fold it.

    Folding is not only slow: long References and List-Unsubscribe come out as encoded words, which
    breaks threads in Outlook.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        if isinstance(value, str) and value.isascii() and len(name) + len(value) + 2 <= LONGEST_LINE:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


POLICY = _Plain(linesep="\r\n", max_line_length=LONGEST_LINE, cte_type="7bit", mangle_from_=False)


class HeaderRefused(ValueError):
    """A header value that could become more than one header, or that no server accepts."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        super().__init__(f"the {name} of a letter {why}, so the letter was not built")


@dataclass(frozen=True)
class InlineImage:
    """A picture shown inside the letter; ``cid`` is its name there."""

    cid: str
    jpeg: bytes


@dataclass(frozen=True)
class Attachment:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """One mail to one recipient."""

    to: str
    subject: str
    text: str
    html: str
    sender: str
    sender_name: str
    message_id: str
    """With its angle brackets, as it stands in the header."""
    references: tuple[str, ...] = ()
    """Message-IDs, the conversation's own first and the newest last."""
    reply_to: str | None = None
    envelope: str | None = None
    """Where the mail server says that it could not be delivered; the sender where it is None."""
    list_id: str | None = None
    """What updates of this kind are called, as in ``updates.26-0412.example.gov``."""
    unsubscribe: str | None = None
    """The address that stops them with one POST (RFC 8058)."""
    images: tuple[InlineImage, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def envelope_from(self) -> str:
        """Return the envelope sender; raises ``HeaderRefused``, because the mail server gets it as it is."""
        return _mailbox("envelope sender", self.envelope or self.sender)

    def as_bytes(self, at: datetime) -> bytes:
        """Return the finished message, dated ``at``; raises ``HeaderRefused``."""
        message_id = _id("Message-ID", self.message_id)
        if not message_id.strip() or not self.subject.strip():
            raise HeaderRefused("subject" if message_id.strip() else "Message-ID", "is empty")
        references = _references(self.references)
        message = self._body()
        headers: dict[str, str | None] = {
            "Subject": _words("subject", self.subject, LONGEST_SUBJECT),
            "From": _mailbox("sender", self.sender, self.sender_name),
            "To": _mailbox("recipient", self.to),
            "Reply-To": _mailbox("reply address", self.reply_to) if self.reply_to else None,
            "Date": format_datetime(at),
            "Message-ID": message_id,
            "References": " ".join(references),
            "In-Reply-To": references[-1] if references else None,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "X-Loop": _one_line("X-Loop", self.sender),
            **self._list_headers(),
            "MIME-Version": "1.0",
        }
        for name, value in headers.items():
            if value:
                message[name] = value
        return message.as_bytes(policy=POLICY)

    def _list_headers(self) -> dict[str, str | None]:
        if not self.list_id or not self.unsubscribe:
            return {}
        return {
            "List-Id": _angled("List-Id", self.list_id),
            "List-Unsubscribe": _angled("List-Unsubscribe", self.unsubscribe),
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    def _body(self) -> Message[Any, Any]:
        page = _text("html", self.html)
        if self.images:
            page = self._many("related", page, *(_picture(n, i) for n, i in enumerate(self.images, start=1)))
        body = self._many("alternative", _text("plain", self.text), page)
        if self.attachments:
            body = self._many("mixed", body, *(_file(attachment) for attachment in self.attachments))
        return body

    def _many(self, kind: str, *parts: Message[Any, Any]) -> Message[Any, Any]:
        # The library draws boundaries by chance; ours follow from the Message-ID, so that the same
        # letter built twice is the same letter.
        mark = sha256(f"{kind} {self.message_id}".encode()).hexdigest()[:24]
        many = Message(POLICY)
        many["Content-Type"] = f'multipart/{kind}; boundary="=_{mark}"'
        for part in parts:
            many.attach(part)
        return many


def _text(subtype: str, text: str) -> Message[Any, Any]:
    part = Message(POLICY)
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    # The library's own encoder is written in Python and takes ten times as long as the one in C.
    raw = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    part.set_payload(b2a_qp(raw, istext=True).decode("ascii"))
    return part


def _binary(content_type: str, content: bytes, disposition: str, name: str) -> Message[Any, Any]:
    part = Message(POLICY)
    part["Content-Type"] = _one_line("content type", content_type)
    part["Content-Transfer-Encoding"] = "base64"
    part.add_header("Content-Disposition", disposition, filename=_one_line("file name", name))
    part.set_payload(base64mime.body_encode(content))
    return part


def _picture(number: int, image: InlineImage) -> Message[Any, Any]:
    part = _binary("image/jpeg", image.jpeg, "inline", f"photo-{number}.jpg")
    part["Content-ID"] = f"<{_one_line('picture name', image.cid)}>"
    return part


def _file(attachment: Attachment) -> Message[Any, Any]:
    content_type = _one_line("content type", attachment.content_type)
    return _binary(content_type, attachment.content, "attachment", attachment.name)


def one_line(value: str, longest: int = LONGEST_SUBJECT) -> str:
    """Return a resident's words fit for a subject: one line, no control characters, not too long."""
    cleaned = " ".join(FORBIDDEN.sub(" ", value).split())
    return cleaned if len(cleaned) <= longest else cleaned[: longest - 1].rstrip() + "…"


def _one_line(name: str, value: str, longest: int = LONGEST_HEADER) -> str:
    if FORBIDDEN.search(value):
        raise HeaderRefused(name, "contains a line break or a control character")
    if len(value) > longest:
        raise HeaderRefused(name, f"is longer than {longest:,} characters")
    return value


def _references(ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that fit: the conversation's own, by which all its letters are found, and the newest."""
    for one in ids:
        _id("References", one)
    kept, left = list(ids[:1]), LONGEST_REFERENCES - len(ids[0]) if ids else 0
    for one in reversed(ids[1:]):
        left -= len(one) + 1
        if left < 0 or len(kept) == MOST_REFERENCES:
            break
        kept.insert(1, one)
    return tuple(kept)


def _id(name: str, value: str) -> str:
    if not value.isascii():
        raise HeaderRefused(name, "has a character that no id may have")
    return _one_line(name, value)


def _angled(name: str, value: str) -> str:
    if not value.isascii() or set(value) & set("<> ,"):
        raise HeaderRefused(name, "is not one address")
    return f"<{_one_line(name, value, LONGEST_LINE - len(name) - 4)}>"


def _words(name: str, value: str, longest: int) -> str:
    _one_line(name, value, longest)
    # A resident may write an encoded word themselves, and hide in it what FORBIDDEN keeps out.
    return value if value.isascii() and "=?" not in value else _encoded(value)


def _encoded(words: str) -> str:
    """Return words beyond ASCII as RFC 2047 has them: in pieces of at most 75 characters, on one line."""
    return Header(words, "utf-8", maxlinelen=LONGEST_ENCODED).encode(linesep="")


def _mailbox(name: str, address: str, display: str = "") -> str:
    _one_line(name, display, LONGEST_NAME)
    if not ADDRESS.fullmatch(_one_line(name, address, 254)):
        raise HeaderRefused(name, "is not an e-mail address")
    is_plain = display.isascii() and "=?" not in display
    return formataddr((display, address)) if is_plain else f"{_encoded(display)} <{address}>"
