"""What do the two letters of the hand-written endpoint say? f-strings and the standard library's message."""

from __future__ import annotations

import html
import os
import secrets
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from typing import Any

from settings import ROOT

BASE = f"http://127.0.0.1:{os.environ['TOWNLINE_PORT']}"
TOWN, SENDER = "Town of Alder Falls", "townhall@alderfalls.example"
SERVICES = {
    "pothole": ("Pothole or damaged road", "road-foreman", "roads@alderfalls.example"),
    "missed-pickup": (
        "Missed trash or recycling",
        "transfer-station-manager",
        "transferstation@alderfalls.example",
    ),
}
"""Its name, who answers for it, and their address."""
_layout = (ROOT / "templates" / "mail" / "layout.html").read_text()
STYLE = _layout[_layout.index("<style>") : _layout.index("</style>") + 8]
FOOT = f"{TOWN}<br>Town Hall, 1 Church Street, Alder Falls<br>Phone: 603-555-0100<br>E-mail: {SENDER}"

Sent = dict[str, Any]
Mail = tuple[str, str, str, str, bytes]
"""Kind, recipient, subject, Message-ID, finished bytes."""


def letters(
    sent: Sent, number: str, own: str, desk: str, now: datetime, *, is_older: bool = False
) -> list[Mail]:
    """Write both letters, as ``EmailMessage`` or with the older classes of the same library."""
    mail = older if is_older else newer
    name, person, address = SERVICES[sent["service"]]
    words = sent["description"]
    lines = [("Where", sent["place"]), *sent["answers"].items()]
    to_staff = mail(
        number, now, address, f"[{number}] {name}: {sent['place']}",
        f"{TOWN} - Ref {number}\n\n{name.upper()}\n\nA resident sent this request. It is yours.\n\n"
        f"Finish it by: {now + timedelta(days=10):%A, %B %d, %Y}\n\nThe resident wrote:\n\n> {words}\n\n"
        + "\n".join(f"{label}: {value}" for label, value in lines)
        + f"\n\nOpen and answer:\n{BASE}/a/{desk}\n\nTHE RESIDENT\nE-mail: {sent['email']}\n\n"
        f"Not yours? Open it, then give it to a colleague or to the right agency in one step.\n\n"
        f"--\nYou get this as {person}. The link is for you alone. Please do not pass it on.\n\n{TOWN}\n",
        f"<h1>{html.escape(name)}</h1><p>A resident sent this request. It is yours.</p>"
        f"<p class=due><strong>Finish it by</strong><br>{now + timedelta(days=10):%A, %B %d, %Y}</p>"
        f"<blockquote class=words><cite>The resident wrote:</cite>{html.escape(words)}</blockquote><dl>"
        + "".join(f"<dt>{html.escape(label)}</dt><dd>{html.escape(value)}</dd>" for label, value in lines)
        + f'</dl><p><a class=button href="{BASE}/a/{desk}">Open and answer</a></p>'
        f"<h2>The resident</h2><p>E-mail: {html.escape(sent['email'])}</p>"
        f"<p class=foot>You get this as {person}. The link is for you alone.</p>",
    )  # fmt: skip
    to_resident = mail(
        number, now, sent["email"], f"[{number}] We have your request: {name}",
        f"{TOWN} - Ref {number}\n\nThank you. Your number is {number}.\n\nYou wrote:\n\n> {words}\n\n"
        f"WHAT HAPPENS NEXT\nPublic Works has your request now. A person there looks at it.\n"
        f"We aim to finish by: {now + timedelta(days=10):%A, %B %d, %Y}\n\nSee your request:\n"
        f"{BASE}/r/{number}?t={own}\n\nThere you can add something, take it back, or see what happened.\n",
        f"<h1>Thank you. Your number is {number}.</h1>"
        f"<blockquote class=words><cite>You wrote:</cite>{html.escape(words)}</blockquote>"
        f"<h2>What happens next</h2><p>Public Works has your request now. A person there looks at it.</p>"
        f"<p class=due><strong>We aim to finish by</strong><br>{now + timedelta(days=10):%A, %B %d, %Y}</p>"
        f'<p><a class=button href="{BASE}/r/{number}?t={own}">See your request</a></p>'
        f"<p class=small>There you can add something, take it back, or see what has happened.</p>",
    )  # fmt: skip
    return [("assigned", address, *to_staff), ("resident_receipt", sent["email"], *to_resident)]


def page(number: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{number}</title>{STYLE}</head>'
        f"<body><div class=sheet>{body}</div><div class=foot>{FOOT}</div></body></html>"
    )


def newer(number: str, now: datetime, to: str, subject: str, text: str, body: str) -> tuple[str, str, bytes]:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, f"{TOWN} <{SENDER}>", to
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{number}.{secrets.token_hex(8)}@alderfalls.example>"
    message["References"] = message["In-Reply-To"] = f"<{number}.thread@alderfalls.example>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text)
    message.add_alternative(page(number, body), subtype="html")
    return subject, message["Message-ID"], message.as_bytes()


def older(number: str, now: datetime, to: str, subject: str, text: str, body: str) -> tuple[str, str, bytes]:
    message = MIMEMultipart("alternative")
    mail_id = f"<{number}.{secrets.token_hex(8)}@alderfalls.example>"
    for name, value in (
        ("Subject", subject), ("From", f"{TOWN} <{SENDER}>"), ("To", to), ("Date", format_datetime(now)),
        ("Message-ID", mail_id), ("References", f"<{number}.thread@alderfalls.example>"),
        ("In-Reply-To", f"<{number}.thread@alderfalls.example>"), ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
    ):  # fmt: skip
        message[name] = value
    message.attach(MIMEText(text, "plain"))
    message.attach(MIMEText(page(number, body), "html"))
    return subject, mail_id, message.as_bytes()


def older_letters(sent: Sent, number: str, own: str, desk: str, now: datetime) -> list[Mail]:
    """Write both letters with the older classes, which parse no header."""
    return letters(sent, number, own, desk, now, is_older=True)


def _ready() -> list[Mail]:
    sent = {"service": "pothole", "description": "A hole.", "email": "resident@example.org",
            "place": "Old Turnpike", "answers": {"size": "large"}}  # fmt: skip
    return letters(sent, "26-0000", "t" * 20, "u" * 20, datetime.now(UTC))


READY = _ready()


def prepared_letters(sent: Sent, number: str, own: str, desk: str, now: datetime) -> list[Mail]:
    """Change nothing but the number in letters that were written beforehand."""
    address = SERVICES[sent["service"]][2]
    return [
        (kind, to, subject, mail_id.replace("26-0000", number), raw.replace(b"26-0000", number.encode()))
        for to, (kind, _to, subject, mail_id, raw) in zip((address, sent["email"]), READY, strict=True)
    ]
