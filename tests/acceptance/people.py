"""How do people use mail? They find a letter in their mailbox and answer it, in the program they have."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import make_msgid
from pathlib import Path
from typing import Any

from tests.mailserver import Received


@dataclass(frozen=True)
class Person:
    """Somebody with a mailbox at Dovecot, who sends through Postfix."""

    address: str
    mailboxes: Path
    postfix: int
    wait: Callable[[Callable[[], Any], str], Any]
    """Asks until there is an answer, and tells all that it can find out where there is none."""

    def letters(self, *about: str) -> list[Received]:
        """Return the mails here that hold all these words, the oldest first."""
        folder = self.mailboxes / self.address.partition("@")[0] / "Maildir"
        files = sorted(
            [*folder.glob("new/*"), *folder.glob("cur/*")], key=lambda file: file.stat().st_mtime_ns
        )
        mails = [Received("", self.address, file.read_bytes()) for file in files]
        return [mail for mail in mails if all(word in _whole(mail) for word in about)]

    def letter(self, *about: str) -> Received:
        """Wait for the newest mail that holds all these words."""
        self.wait(lambda: self.letters(*about), f"a mail to {self.address} with {about}")
        return self.letters(*about)[-1]

    def answer(self, letter: Received, words: str, **more: str) -> EmailMessage:
        """Answer as mail programs do: the words on top, the whole letter quoted below; return the mail."""
        theirs = letter.message
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.address
        mail["To"] = str(theirs["Reply-To"] or theirs["From"])
        mail["Subject"] = f"Re: {theirs['Subject']}"
        mail["Message-ID"] = make_msgid(domain=self.address.partition("@")[2])
        mail["In-Reply-To"] = str(theirs["Message-ID"])
        mail["References"] = f"{theirs.get('References', '')} {theirs['Message-ID']}".strip()
        for name, value in more.items():
            mail[name.replace("_", "-")] = value
        quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
        mail.set_content(f"{words}\n\nOn Monday the town wrote:\n{quoted}\n", cte="quoted-printable")
        self.send(mail)
        return mail

    def send(self, mail: EmailMessage) -> None:
        to = str(mail["To"]).rpartition("<")[2].rstrip(">")
        with smtplib.SMTP("127.0.0.1", self.postfix, timeout=10) as postfix:
            postfix.sendmail(self.address, [to], mail.as_bytes())


def _whole(mail: Received) -> str:
    message = message_from_bytes(mail.raw, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    return f"{message['Subject']}\n{body.get_content() if body else ''}"
