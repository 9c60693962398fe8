"""Mails that are large, deep or repetitive on purpose: each is read, cut or refused, and none takes long."""

import base64

from tests.inbox.mails import HEIC, JPEG, PNG, Case, file, joined, mail, nested, part, several, tnef

LARGE = 300_000


def header(value: str | bytes, name: str = "X-Bomb") -> Case:
    """A header that some readers take quadratic time for; the text behind it is still read."""
    said = value if isinstance(value, bytes) else value.encode()
    return Case(mail("Still here.", name.encode() + b": " + said), text="Still here.")


def text(pattern: str, *, type: str = "text/plain; charset=utf-8", subject: str = "Street light") -> Case:
    repeated = (pattern * (LARGE // len(pattern) + 1))[:LARGE]
    return Case(mail(repeated, type=type, subject=subject), seconds=6)


HEADERS: dict[str, Case] = {
    "a header of 5 MB": Case(
        mail("Still here.", "X-Bomb: " + "a" * 5_000_000),
        text="Still here.",
        subject="Street light",
        problem="longer than 64 kB",
    ),
    "a folded header of 900 kB": Case(
        mail("Still here.", "X-Bomb: a" + "\r\n a" * 180_000), text="Still here.", problem="longer than 64 kB"
    ),
    "headers of 5 MB": Case(
        mail("Still here.", *(f"X-{n}: {'a' * 500}" for n in range(10_000))),
        text="Still here.",
        subject="Street light",
        email="resident@home.example",
        problem="more headers than are read",
    ),
    "100,000 addresses in To": Case(
        lambda: mail(
            "Still here.",
            "To: " + ", ".join(f"a{n}@home.example" for n in range(40_000)),
            "Cc: " + ",\r\n ".join(f"Jo Doe <a{n}@home.example>" for n in range(60_000)),
        ),
        text="Still here.",
        problem="longer than 64 kB",
    ),
    "3,000 addresses in To": Case(
        mail("Still here.", "To: " + ",".join(f"a{n}@home.example" for n in range(3000))), text="Still here."
    ),
    "a subject of 60 kB": Case(mail(subject="a" * 60_000), subject="a" * 60_000),
    "a subject of 2,000 words": Case(mail(subject="=?utf-8?Q?=C3=A4?= " * 2000), subject="ä" * 2000),
    "encoded words that never end": header("=?utf-8?Q?" * 6000, "Subject-Bomb"),
    "encoded words that only begin": header("=?" * 30_000, "Subject-Bomb"),
    "encoded words with an end far away": header("=?x" * 20_000 + "?=", "Subject-Bomb"),
    "question marks": header("=?utf-8?Q?" + "?" * 60_000 + "?=", "Subject-Bomb"),
    "questions and hex": header("=?utf-8?Q?" + "?=AB" * 15_000, "Subject-Bomb"),
    "open quotes in an address": header('"\\' * 30_000, "Cc"),
    "open comments in an address": header("(" * 60_000, "Cc"),
    "balanced comments in an address": header("()" * 30_000, "Cc"),
    "nested comments in an address": header("(" * 30_000 + ")" * 30_000, "Cc"),
    "open brackets in an address": header("<" * 60_000, "Cc"),
    "colons in an address": header(":" * 60_000, "Cc"),
    "an address and colons": header("a@b.c" + ":" * 60_000, "Cc"),
    "at signs": header("@" * 60_000, "Cc"),
    "commas": header("," * 60_000, "Cc"),
    "dots and ats": header("a.@" * 20_000, "Cc"),
    "references": header("<a@b> " * 10_000, "References"),
    "references that never end": header("<" + "a" * 60_000, "References"),
    "a date of 60 kB": header("Mon, " * 12_000, "Date"),
    "a date of digits": header("1" * 60_000, "Date"),
    "parameters": header("text/plain" + "; a=b" * 12_000, "X-Type"),
    "findings of a server": header("town.example; dkim=pass " * 2500, "Authentication-Results"),
    "20,000 parameters of the content type": Case(
        mail("Still here.", type="text/plain" + "; a=b" * 12_000), text="Still here."
    ),
    "pieces of a name": Case(
        several(part("x", "application/pdf" + "".join(f"; name*{n}*=a%41" for n in range(900)))), text=""
    ),
    "quotes in the content type": Case(
        mail("Still here.", type='text/plain; a="' + '\\"' * 20_000), has=("Still",)
    ),
    "a charset of 60 kB": Case(
        mail("Still here.", type="text/plain; charset=" + "a" * 60_000), text="Still here."
    ),
    "empty quotes as charset": Case(mail("Still here.", type='text/plain; charset="'), text="Still here."),
}

BODIES: dict[str, Case] = {
    "nested 1,500 deep": Case(lambda: nested(1500), problem="deeper than 20"),
    "nested 1,500 deep, 4 MB": Case(lambda: nested(1500, b"x" * 4_000_000), problem="deeper than 20"),
    "10,000 parts": Case(lambda: several(*[part("x")] * 10_000), problem="more than 200 parts"),
    "10,000 empty parts": Case(lambda: several(*[b""] * 10_000), problem="more than 200 parts"),
    "5 MB of boundaries that are none": Case(
        lambda: mail(b"-" * 5_000_000, type="multipart/mixed; boundary=-"), problem="no boundary"
    ),
    "a boundary in each of 500,000 lines": Case(
        lambda: mail(b"--a\n" * 500_000, type="multipart/mixed; boundary=a"), problem="more than 200 parts"
    ),
    "a boundary of one line end": Case(
        mail("x\r\n--\r\ny", type='multipart/mixed; boundary=""'), problem="no boundary"
    ),
    "guessing a boundary in 3 MB of dashes": Case(
        lambda: mail(b"\n--a" * 750_000, type="multipart/mixed"), problem="no boundary"
    ),
    "20 MB of base64": Case(
        lambda: several(part("See."), file(JPEG + bytes(15_000_000), "image/jpeg", "a.jpg")),
        text="See.",
        attachments=(("a.jpg", "image/jpeg"),),
    ),
    "10 MB of base64 with garbage in each line": Case(
        lambda: several(
            part("See."), part(b"!" + b"QUFB*\r\n" * 1_400_000, "image/jpeg; name=a", encoding="base64")
        ),
        text="See.",
        seconds=6,
    ),
    "base64 of equals signs": Case(lambda: mail(b"=" * 3_000_000, encoding="base64"), text=""),
    "quoted-printable of equals signs": Case(
        lambda: mail(b"=" * 3_000_000, encoding="quoted-printable"), seconds=6
    ),
    "one line of 10 MB": Case(lambda: mail(b"a" * 10_000_000), problem="500,000 letters", seconds=10),
    "a million lines": Case(lambda: mail(b"a\n" * 1_000_000), seconds=10),
    "a million soft lines": Case(
        lambda: mail(b"a \n" * 600_000, type="text/plain; format=flowed"), seconds=10
    ),
    "half a million null bytes in the text": Case(lambda: mail(b"lamp" + bytes(500_000)), kind="reply"),
    "50,000 files in uuencode": Case(lambda: mail(b"begin 644 a\n`\nend\n" * 20_000), seconds=6),
    "uuencode that never ends": Case(lambda: mail(b"begin 644 a\n" * 100_000), seconds=6),
    "a winmail.dat of 10,000 files": Case(
        lambda: several(
            part("See."), file(tnef(*[("a.png", PNG)] * 10_000), "application/ms-tnef", "winmail.dat")
        ),
        text="See.",
        seconds=6,
    ),
    "a winmail.dat inside which lengths lie": Case(
        several(
            part("See."),
            file(
                b"\x78\x9f\x3e\x22\x01\x00" + b"\x01\x06\x90\x08\x00\xff\xff\xff\x7f" * 50,
                "application/ms-tnef",
                "winmail.dat",
            ),
        ),
        text="See.",
    ),
    "200 pictures": Case(
        lambda: several(part("See."), *[file(HEIC, "image/heic", "a.heic")] * 190), text="See."
    ),
    "the same Message-ID as another mail": Case(mail("Another text."), text="Another text."),
    "61 MB": Case(
        lambda: mail(b"a" * 61_000_000), kind="quarantined", reason="more than 60,000,000", seconds=6
    ),
    "200 charsets": Case(
        lambda: several(*(part(b"\xe4", f"text/plain; charset=x-{n}") for n in range(199))),
        text="ä\n" * 198 + "ä",
    ),
    "a report of 20,000 recipients": Case(
        lambda: mail(
            joined(
                part("x"),
                part(
                    b"Reporting-MTA: dns; a\r\n"
                    + b"\r\nFinal-Recipient: rfc822; a@b.c\r\nAction: failed\r\n" * 20_000,
                    "message/delivery-status",
                ),
            ),
            type="multipart/report; boundary=edge",
        ),
        kind="bounce",
    ),
    "a report of empty lines": Case(
        lambda: mail(
            joined(part("x"), part(b"\r\n" * 200_000, "message/delivery-status")),
            type="multipart/report; boundary=edge",
        )
    ),
    "a server's text of addresses": Case(
        lambda: mail(
            "It was not delivered: " + "a@b.example " * 30_000,
            "Return-Path: <>",
            subject="Undelivered Mail",
            sender="MAILER-DAEMON@works.example",
        ),
        kind="bounce",
        seconds=6,
    ),
    "a server's text of dots": Case(
        lambda: mail(
            "It was not delivered: " + "a." * 150_000,
            "Return-Path: <>",
            subject="Undelivered Mail",
            sender="MAILER-DAEMON@works.example",
        ),
        kind="bounce",
        seconds=6,
    ),
    "an absence of digits": Case(
        lambda: mail("until 1" + "1/" * 100_000, "Auto-Submitted: auto-replied", subject="Out of office"),
        kind="auto_reply",
    ),
    "an absence of dates": Case(
        lambda: mail("I am away until 3 November - " * 10_000, "Auto-Submitted: auto-replied"),
        kind="auto_reply",
    ),
    "an absence of white space": Case(
        lambda: mail("I am away until" + " " * 200_000 + "Monday", "Auto-Submitted: auto-replied"),
        kind="auto_reply",
    ),
    "an invitation of 3 MB": Case(
        lambda: mail(
            b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n" + b"X:" + b"a" * 3_000_000, type="text/calendar"
        ),
        kind="calendar",
    ),
    "HTML of 5 MB": Case(
        lambda: mail(b"<p>lamp</p>" * 450_000, type="text/html"), problem="50,000 tags", seconds=12
    ),
    "HTML nested 50,000 deep": Case(lambda: mail("<div>" * 50_000 + "lamp", type="text/html"), seconds=10),
    "HTML of open brackets": Case(lambda: mail("<" * 500_000, type="text/html"), seconds=10),
    "HTML of one attribute": Case(lambda: mail("<p " + "a=b " * 200_000, type="text/html"), seconds=10),
    "HTML with 20,000 quotations": Case(
        lambda: mail("<blockquote>" * 20_000 + "lamp", type="text/html"), seconds=10
    ),
    "a picture inside the HTML": Case(
        lambda: mail(
            '<p>lamp</p><img src="data:image/png;base64,' + base64.b64encode(PNG * 20_000).decode() + '">',
            type="text/html",
        ),
        text="lamp",
        seconds=10,
    ),
}

PATTERNS = (
    "> ",
    ">",
    "On Mon, Jo wrote:\n",
    "-- \n",
    "_" * 40 + "\n",
    "From: a@b.c\n",
    "Am 3.11. schrieb Jo:\n",
    "a@b.c ",
    "http://a.b/ ",
    " ",
    "\n",
    "\t\n",
    "* ",
    "=?",
    "é",
    "道",
    "<<",
    "((",
    "[[",
    '"',
    "1. ",
    ":\n",
    "> > ",
    "|",
    "\u200b",
)
REPEATED: dict[str, Case] = {
    f"300 kB of {pattern.strip() or pattern!r}": text(pattern) for pattern in PATTERNS
}

CASES: dict[str, Case] = {
    **{f"bomb: header: {name}": case for name, case in HEADERS.items()},
    **{f"bomb: {name}": case for name, case in BODIES.items()},
    **{f"bomb: {name}": case for name, case in REPEATED.items()},
}
