"""How do people answer our letters? Replies as raw bytes, quoting what the outbox really holds."""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from sqlalchemy import select

from casework import arriving
from casework.arriving import Worked
from casework.office import Office
from inbox.message import Mail
from inbox.reading import read
from storage import incoming
from storage.database import reading
from storage.tables import IncomingMail, OutgoingLetter

TOWN = "town@alderfalls.example"
_numbers = count(1)


def reading_mail(office: Office, **changes) -> Office:
    """Return the office with a mailbox that is read."""
    return replace(office, **{"reads_mail": True, **changes})


@dataclass(frozen=True)
class Received:
    """A letter of ours in somebody's mailbox."""

    row: OutgoingLetter
    mail: Mail

    @property
    def request_id(self) -> int:
        assert self.row.request_id is not None
        return self.row.request_id

    @property
    def reply_to(self) -> str:
        return self.mail.reply_to[0].email if self.mail.reply_to else self.mail.sender.email

    @property
    def links(self) -> list[str]:
        return [word for word in self.mail.text.split() if word.startswith("http")]


def letters_to(request_id: int | None, address: str | None) -> list[Received]:
    """Return what somebody got about a request (or about none), oldest first."""
    with reading() as session:
        about = OutgoingLetter.request_id == request_id
        wanted = select(OutgoingLetter).where(about, OutgoingLetter.recipient == address)
        rows = session.scalars(wanted.order_by(OutgoingLetter.id)).all()
    return [Received(row, read(incoming.letter_bytes(row.id))) for row in rows]


def kinds_to(request_id: int, address: str) -> list[str]:
    return [one.row.kind for one in letters_to(request_id, address)]


def reply_to(letter: Received, text: str, **changes) -> bytes:
    """Return an ordinary reply to a letter: its words on top, the whole letter quoted below."""
    quoted = "\n".join(f"> {line}" for line in letter.mail.text.splitlines())
    body = f"{text}\n\nOn Wed, Oct 14, 2026 at 12:10, the town wrote:\n{quoted}\n"
    defaults = {
        "sender": letter.row.recipient,
        "to": letter.reply_to,
        "subject": f"Re: {letter.mail.subject}",
        "in_reply_to": letter.mail.message_id,
    }
    return written(body, **{**defaults, **changes})


def written(
    body: str,
    *,
    sender: str,
    to: str = TOWN,
    subject: str = "Hello",
    message_id: str | None = None,
    in_reply_to: str = "",
    headers: tuple[str, ...] = (),
    files: tuple[tuple[str, str, bytes], ...] = (),
) -> bytes:
    """Return a mail as raw bytes; ``headers`` stand above all others, as a server puts them there."""
    message_id = f"<mail-{next(_numbers)}@sender.example>" if message_id is None else message_id
    lines = [
        *headers,
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {' '.join(subject.split())}",
        "Date: Wed, 14 Oct 2026 16:30:00 +0000",
        "MIME-Version: 1.0",
    ]
    if message_id:
        lines.append(f"Message-ID: {message_id}")
    if in_reply_to:
        lines += [f"In-Reply-To: {in_reply_to}", f"References: {in_reply_to}"]
    plain = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    if not files:
        return ("\n".join(lines) + "\n" + plain + "\n" + body).encode()
    return _with_files("\n".join(lines), plain + "\n" + body, files)


def _with_files(head: str, body: str, files: tuple[tuple[str, str, bytes], ...]) -> bytes:
    parts = [body]
    for name, kind, content in files:
        parts.append(
            f'Content-Type: {kind}; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
            f"Content-Transfer-Encoding: base64\n\n{encodebytes(content).decode()}"
        )
    inner = "".join(f"--frontier\n{part}\n" for part in parts)
    return f'{head}\nContent-Type: multipart/mixed; boundary="frontier"\n\n{inner}--frontier--\n'.encode()


def arrive(office: Office, raw: bytes, now: datetime, *, to: str = "", **origin) -> int:
    """Have a mail arrive and be worked off; return its number."""
    mail_id = arriving.store(office, raw, envelope_to=to, source="pipe", now=now, **origin)
    assert mail_id is not None
    arriving.work_off(office, now=now)
    return mail_id


def fate(mail_id: int) -> IncomingMail:
    """Return what became of a mail."""
    found = incoming.one(mail_id)
    assert found is not None
    return found


def worked(office: Office, now: datetime) -> Worked:
    return arriving.work_off(office, now=now)
