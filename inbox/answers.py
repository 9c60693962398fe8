"""How does what was understood travel from the process that reads mails to the one that acts?

As JSON followed by the attachments' bytes: nothing in it can make the receiver run anything, whatever
became of the process that read a hostile mail.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from .away import Away
from .bounces import Bounce
from .message import Address, Attachment, Mail
from .quotation import Reply
from .understood import KINDS, Understood


def pack(said: Understood) -> tuple[bytes, list[bytes]]:
    """Return the JSON and the contents of the attachments, which follow it in this order."""
    mail = said.mail
    answer = {
        "kind": said.kind,
        "reason": said.reason,
        "mail": _mail(mail) if mail else None,
        "reply": vars(said.reply) if said.reply else None,
        "bounce": vars(said.bounce) if said.bounce else None,
        "away": [said.away.until.isoformat() if said.away.until else None, said.away.language]
        if said.away
        else None,
    }
    return json.dumps(answer, separators=(",", ":")).encode(), [
        one.content for one in mail.attachments
    ] if mail else []


def _mail(mail: Mail) -> dict[str, Any]:
    plain = {field.name: getattr(mail, field.name) for field in fields(mail)}
    plain["sender"] = [mail.sender.name, mail.sender.email]
    for name in ("reply_to", "to"):
        plain[name] = [[one.name, one.email] for one in plain[name]]
    plain["date"] = mail.date.isoformat() if mail.date else None
    plain["attachments"] = [
        [one.name, one.type, len(one.content), one.cid, one.is_inline] for one in mail.attachments
    ]
    return plain


def unpack(said: bytes, contents: bytes) -> Understood:
    """Return the value again; raises ``ValueError`` (or KeyError, TypeError) where it is none."""
    answer: dict[str, Any] = json.loads(said)
    if answer["kind"] not in KINDS or not isinstance(answer["reason"], str):
        raise ValueError(f"there is no kind of mail called {answer['kind']!r}")
    mail, reply, bounce, away = (answer[name] for name in ("mail", "reply", "bounce", "away"))
    return Understood(
        answer["kind"],
        answer["reason"],
        _unpacked(mail, contents) if mail else None,
        Reply(**reply) if reply else None,
        _bounce(bounce) if bounce else None,
        Away(date.fromisoformat(away[0]) if away[0] else None, away[1]) if away else None,
    )


def _unpacked(mail: dict[str, Any], contents: bytes) -> Mail:
    for name in ("reply_to", "to"):
        mail[name] = tuple(Address(*one) for one in mail[name])
    for name in ("references", "delivered_to", "problems"):
        mail[name] = tuple(mail[name])
    mail["sender"] = Address(*mail["sender"])
    mail["date"] = datetime.fromisoformat(mail["date"]) if mail["date"] else None
    mail["headers"] = _pairs(mail["headers"])
    attachments, place = [], 0
    for name, kind, size, cid, is_inline in mail["attachments"]:
        attachments.append(Attachment(name, kind, contents[place : place + size], cid, is_inline))
        place += size
    return Mail(**(mail | {"attachments": tuple(attachments)}))


def _bounce(said: dict[str, Any]) -> Bounce:
    recipients = tuple((email, action, status) for email, action, status in said["recipients"])
    return Bounce(**(said | {"recipients": recipients, "original_headers": _pairs(said["original_headers"])}))


def _pairs(said: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in said)
