"""What is a letter? A value, and its finished bytes.

Bytes are made once and kept: every retry sends the same Message-ID, Date and boundary, because mail
servers remove doubles by exactly these. The message is built by the standard library; a header that
carries a line break or control character is an error here and not a second header at the receiver.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

# The plain SMTP policy folds long References and List-Unsubscribe as encoded words, which breaks
# threads in Outlook; 998 octets is what RFC 5322 allows a line.
POLICY = SMTP.clone(max_line_length=998)
LONGEST_SUBJECT = 200
LONGEST_HEADER = 1500
FORBIDDEN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


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
    reply_to: str | None = None
    images: tuple[InlineImage, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def as_bytes(self, at: datetime) -> bytes:
        """Return the finished message, dated ``at``; raises ``HeaderRefused``."""
        message = EmailMessage(policy=POLICY)
        message["Subject"] = _one_line("subject", self.subject, LONGEST_SUBJECT)
        message["From"] = _mailbox("sender", self.sender, self.sender_name)
        message["To"] = _mailbox("recipient", self.to)
        if self.reply_to:
            message["Reply-To"] = _mailbox("reply address", self.reply_to)
        message["Date"] = format_datetime(at)
        message["Message-ID"] = _one_line("Message-ID", self.message_id)
        if self.references:
            message["References"] = _one_line("References", " ".join(self.references[:10]))
            message["In-Reply-To"] = _one_line("In-Reply-To", self.references[-1])
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["X-Loop"] = _one_line("X-Loop", self.sender)
        self._fill(message)
        return message.as_bytes()

    def _fill(self, message: EmailMessage) -> None:
        message.set_content(self.text, cte="quoted-printable")
        message.add_alternative(self.html, subtype="html", cte="quoted-printable")
        page = message.get_body(("html",))
        assert isinstance(page, EmailMessage)
        for number, image in enumerate(self.images, start=1):
            page.add_related(
                image.jpeg,
                "image",
                "jpeg",
                cid=f"<{_one_line('picture name', image.cid)}>",
                filename=f"photo-{number}.jpg",
                disposition="inline",
            )
        for attachment in self.attachments:
            maintype, _, subtype = attachment.content_type.partition("/")
            message.add_attachment(
                attachment.content, maintype, subtype, filename=_one_line("file name", attachment.name)
            )
        self._name_boundaries(message)

    def _name_boundaries(self, message: EmailMessage) -> None:
        # The library draws boundaries by chance; ours follow from the Message-ID, so that the same
        # letter built twice is the same letter.
        for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
            mark = sha256(f"{self.message_id}{number}".encode()).hexdigest()[:24]
            part.set_boundary(f"=_{mark}")


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


def _mailbox(name: str, address: str, display: str = "") -> Address:
    _one_line(name, address, 254)
    _one_line(name, display, 120)
    try:
        return Address(display, addr_spec=address)
    except (ValueError, IndexError) as refused:
        raise HeaderRefused(name, "is not an e-mail address") from refused
