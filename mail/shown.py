"""What does a letter say that another reader may see? Its subject and words, without its keys.

Whoever acts is shown exactly what the resident gets. The links in it are the resident's own keys, so they
are left out, and so is the footer with the mark of the reply address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.policy import compat32

from mail.composer import MARKERS

KEY = re.compile(r"https?://\S{1,200}?(?:[?&]t=|/a/)[a-z0-9]{20}\S{0,100}")
IN_ITS_PLACE = "[…]"
"""Instead of an address that opens the resident's page: half an address would be tapped in vain."""
FOOTER = "\n--\n"


@dataclass(frozen=True)
class Shown:
    """A letter for other eyes."""

    subject: str
    text: str


def shown(raw: bytes) -> Shown:
    """Return what one of our own letters says; ``raw`` is what the outbox keeps."""
    message = BytesParser(policy=compat32).parsebytes(raw)
    plain = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    payload = plain.get_payload(decode=True)
    text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    body = text.replace("\r\n", "\n").rpartition(FOOTER)[0] or text
    return Shown(
        str(make_header(decode_header(message["Subject"]))), KEY.sub(IN_ITS_PLACE, _without_head(body))
    )


def _without_head(body: str) -> str:
    """Leave out what stands above every letter: the marker line, and the town with the number."""
    blocks = body.strip().split("\n\n")
    if any(marker in blocks[0] for marker in MARKERS.values()):
        blocks.pop(0)
    return "\n\n".join(blocks[1:]).strip()
