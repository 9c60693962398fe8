"""How many mails a second are read in the process with limits? Against the standard library in this one."""

from __future__ import annotations

import email
import email.policy
import time
from collections.abc import Callable, Iterator

from benchmarks.lines import Line, MeasurementWrong, Plan, middle
from inbox.apart import READER, read_apart

GOAL = 200.0
MOST = 4000


def rows(plan: Plan) -> Iterator[Line]:
    """Yield small plain mails, and small ones with HTML and a picture."""
    try:
        yield _pairs(plan, "incoming mails, plain, one at a time", _plain, goal=GOAL)
        yield _pairs(plan, "incoming mails, HTML and a photo of 100 kB", _pictured)
    finally:
        READER.close()


def _pairs(plan: Plan, what: str, build: Callable[[int], bytes], goal: float | None = None) -> Line:
    mails = [build(number) for number in range(MOST)]
    read_apart(mails[0])
    ours, theirs = [], []
    for _ in range(plan.pairs):
        ours.append(_speed(mails, plan.seconds, _read))
        theirs.append(_speed(mails, plan.seconds, _by_the_library))
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return Line(
        what=what,
        ours=f"{middle(ours):,.0f}/s read, judged, quotation cut",
        reference=f"email.policy.default: {middle(theirs):,.0f}/s",
        ratio=middle(ratios),
        spread=(min(ratios), max(ratios)),
        goal=f">= {goal:.0f}/s" if goal else "",
        is_met=middle(ours) >= goal if goal else None,
        figures={"ours": ours, "theirs": theirs},
    )


def _speed(mails: list[bytes], seconds: float, read: Callable[[bytes], str]) -> float:
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        if "The lamp" not in read(mails[count % MOST]):
            raise MeasurementWrong(f"mail {count % MOST} was not read")
        count += 1
    return count / (time.perf_counter() - began)


def _read(raw: bytes) -> str:
    said = read_apart(raw)
    return said.reply.text if said.kind == "reply" and said.reply else ""


def _by_the_library(raw: bytes) -> str:
    """What a program without care does: parse in the serving process, take the first text."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    return f"{message['subject']} {message['from']} {body.get_content() if body else ''}"


def _head(number: int, kind: str) -> bytes:
    return (
        f"Received: from mail.home.example by mx.town.example; Mon, 2 Nov 2026 09:30:0{number % 10} -0500\r\n"
        f"From: =?utf-8?Q?Resident_{number}?= <resident{number}@home.example>\r\n"
        f"To: requests@town.example\r\n"
        f"Subject: Re: Street light, 26-{number:04}\r\nDate: Mon, 2 Nov 2026 09:30:00 -0500\r\n"
        f"Message-ID: <{number}@home.example>\r\nIn-Reply-To: <26-{number:04}.abc@town.example>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\n"
    ).encode()


TEXT = (
    b"The lamp is dark again.\r\n\r\nOn Mon, 2 Nov 2026 the town wrote:\r\n"
    + b"> We have repaired it.\r\n" * 15
)


def _plain(number: int) -> bytes:
    return _head(number, "text/plain; charset=utf-8") + b"\r\n" + TEXT


def _pictured(number: int) -> bytes:
    photo = (b"/9j/4AAQSkZJRgAB" + b"QUJD" * 15 + b"\r\n") * 1800
    return b"".join(
        (
            _head(number, 'multipart/mixed; boundary="edge"'),
            b'\r\n--edge\r\nContent-Type: multipart/alternative; boundary="in"\r\n\r\n--in\r\n',
            b"Content-Type: text/plain\r\n\r\n" + TEXT + b"\r\n--in\r\nContent-Type: text/html\r\n\r\n",
            b"<p>The lamp is dark again.</p><blockquote>We repaired it.</blockquote>\r\n--in--\r\n--edge\r\n",
            b"Content-Type: image/jpeg; name=lamp.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n",
            photo,
            b"--edge--\r\n",
        )
    )
