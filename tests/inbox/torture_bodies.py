"""Awkward bodies: lying charsets, broken encodings, lost boundaries, wrapped lines, strange attachments."""

import base64

from tests.inbox.mails import (
    HEIC,
    JPEG,
    PDF,
    PNG,
    PROGRAM,
    ZIP,
    Case,
    file,
    joined,
    mail,
    nested,
    part,
    several,
    tnef,
)

STREET = "Die Straße ist gesperrt."
ROAD = "道路にあなを"
HTML = "<html><body><p>The lamp is <b>dark</b>.</p><script>alert(1)</script></body></html>"


def in_charset(declared: str, content: bytes) -> bytes:
    return mail(content, type=f"text/plain; charset={declared}", encoding="8bit")


CHARSETS: dict[str, tuple[str, bytes, str]] = {
    "utf-8 declared, cp1252 written": ("utf-8", STREET.encode("cp1252"), STREET),
    "us-ascii declared, utf-8 written": ("us-ascii", STREET.encode(), STREET),
    "us-ascii declared, cp1252 written": ("us-ascii", STREET.encode("cp1252"), STREET),
    "iso-8859-1 declared, utf-8 written": ("iso-8859-1", STREET.encode(), STREET),
    "iso-8859-1 declared, cp1252 written": ("iso-8859-1", b"\x93dark\x94 \x80 5", "“dark” € 5"),
    "iso-8859-15": ("iso-8859-15", b"5 \xa4", "5 €"),
    "nothing that exists": ("klingon", STREET.encode("cp1252"), STREET),
    "quoted and spaced": ('" UTF-8 "', STREET.encode(), STREET),
    "unknown-8bit": ("unknown-8bit", STREET.encode(), STREET),
    "x-mac-roman": ("x-mac-roman", STREET.encode("mac_roman"), STREET),
    "x-mac-cyrillic": ("x-mac-cyrillic", "яма".encode("mac_cyrillic"), "яма"),
    "iso-2022-jp": ("iso-2022-jp", ROAD.encode("iso-2022-jp"), ROAD),
    "iso-2022-jp, not declared": ("us-ascii", ROAD.encode("iso-2022-jp"), ROAD),
    "shift_jis": ("Shift_JIS", ROAD.encode("cp932"), ROAD),
    "euc-jp": ("EUC-JP", ROAD.encode("euc_jp"), ROAD),
    "gb2312": ("gb2312", "道路有洞".encode("gb18030"), "道路有洞"),
    "big5": ("big5", "道路".encode("big5"), "道路"),
    "ks_c_5601-1987": ("ks_c_5601-1987", "도로".encode("cp949"), "도로"),
    "koi8-r": ("koi8-r", "яма".encode("koi8-r"), "яма"),
    "utf-7": ("utf-7", "Straße".encode("utf-7"), "Straße"),
    "utf-7 with half a letter": ("utf-7", b"lamp +2AA- dark", "lamp ? dark"),
    "utf-16 with its mark": ("utf-16", STREET.encode("utf-16"), STREET),
    "a few broken letters in much utf-8": (
        "utf-8",
        ("ä" * 300).encode() + b"\xff" + ("ö" * 300).encode(),
        "ä" * 300 + "�" + "ö" * 300,
    ),
    "a codec that is no charset": ("zip", b"lamp", "lamp"),
    "null bytes in the text": ("utf-8", b"The\0 lamp\0 is dark.", "The lamp is dark."),
    "a byte order mark": ("utf-8", b"\xef\xbb\xbflamp", "lamp"),
}

PLAIN: dict[str, Case] = {
    **{
        f"charset: {name}": Case(in_charset(said, raw), text=text)
        for name, (said, raw, text) in CHARSETS.items()
    },
    "charset: in the HTML alone": Case(
        mail(b'<meta charset="iso-8859-2"><p>\xb1</p>', type="text/html"), text="ą"
    ),
    "base64: with garbage between": Case(
        mail("VGhlIGxh*!\r\nbXAgaXMg#ZGFyay4=\r\n", encoding="base64"), text="The lamp is dark."
    ),
    "base64: without padding": Case(mail("VGhlIGxhbXA", encoding="BASE64"), text="The lamp"),
    "base64: pieces joined": Case(mail("VGhl\r\nIA==\r\nbGFtcA==", encoding="base64"), text="The lamp"),
    "base64: one letter too many": Case(mail("VGhlIGxhbXAgx", encoding="base64"), has=("The lamp",)),
    "base64: a list's footer behind it": Case(
        mail("VGhlIGxhbXAK\r\n________________\r\nThe list\r\n", encoding="base64"), text="The lamp"
    ),
    "quoted-printable: broken": Case(
        mail("Stra=C3=9Fe =ZZ 5=\r\n0 % = off=", encoding="quoted-printable"), has=("Straße =ZZ 50 %",)
    ),
    "quoted-printable: lower case, soft ends": Case(
        mail("Stra=c3=\r\n=9fe", encoding="Quoted-Printable"), text="Straße"
    ),
    "an encoding that does not exist": Case(mail("The lamp", encoding="rot13"), text="The lamp"),
    "an encoding declared, nothing encoded": Case(
        mail("The lamp", encoding="quoted-printable"), text="The lamp"
    ),
    "flowed": Case(
        mail("The lamp \r\nis dark.\r\n> quoted \r\n> lines\r\n-- \r\nJo", type="text/plain; format=flowed"),
        text="The lamp is dark.\n> quoted lines\n-- \nJo",
    ),
    "flowed with DelSp": Case(
        mail("The la \r\nmp is dark.\r\n From here", type="text/plain; format=flowed; delsp=yes"),
        text="The lamp is dark.\nFrom here",
    ),
    "no content type": Case(mail(type=None), text="The lamp is dark."),
    "a content type that is none": Case(mail(type="text"), text="The lamp is dark."),
    "no body": Case(mail(""), text="", attachments=()),
    "neither body nor subject": Case(
        mail("", subject=None), kind="ignored", reason="no text and no attachment"
    ),
    "not a byte": Case(b"", kind="quarantined", reason="empty"),
    "only zeros": Case(bytes(5000), kind="quarantined", reason="no mail"),
    "a picture instead of a mail": Case(JPEG * 50, kind="quarantined", reason="no mail"),
    "a web page instead of a mail": Case(
        b"<!doctype html>\n<p>Hello</p>", kind="quarantined", reason="no mail"
    ),
    "a uuencoded file": Case(
        mail("See:\r\nbegin 644 lamp.txt\r\n#9&%R\r\n`\r\nend\r\nThanks"),
        text="See:\nThanks",
        attachments=(("lamp.txt", "text/plain"),),
    ),
    "a uuencoded file without an end": Case(
        mail("See:\r\nbegin 644 lamp.txt\r\n#9&%R\r\n"), has=("begin 644",)
    ),
}

STRUCTURES: dict[str, Case] = {
    "plain and HTML: plain is read": Case(
        several(part("Plain lamp."), part("<p>HTML lamp.</p>", "text/html"), kind="alternative"),
        text="Plain lamp.",
    ),
    "plain and HTML: the plain one is empty": Case(
        several(part(" \r\n"), part("<p>HTML lamp.</p>", "text/html"), kind="alternative"), text="HTML lamp."
    ),
    "plain and HTML: the plain one apologises": Case(
        several(
            part("Your program cannot display HTML mails."),
            part("<p>The lamp.</p>", "text/html"),
            kind="alternative",
        ),
        text="The lamp.",
    ),
    "HTML alone": Case(
        mail(HTML, type="text/html; charset=utf-8"), text="The lamp is dark.", lacks=("alert",)
    ),
    "HTML that never closes": Case(
        mail("<p>The lamp<table><tr><td>is dark", type="text/html"), has=("The lamp",)
    ),
    "an inline picture": Case(
        several(
            part('<p>See <img src="cid:lamp@1"></p>', "text/html"),
            file(PNG, "image/png; name=lamp.png", None, "Content-ID: <lamp@1>"),
            kind="related",
        ),
        text="See",
        attachments=(("lamp.png", "image/png"),),
    ),
    "text, a picture, more text": Case(
        several(part("Before."), file(JPEG, "image/jpeg", "lamp.jpg"), part("After.")),
        text="Before.\nAfter.",
        attachments=(("lamp.jpg", "image/jpeg"),),
    ),
    "a HEIC picture": Case(
        several(part("See."), file(HEIC, "image/heic", "IMG_1.HEIC")),
        attachments=(("IMG_1.HEIC", "image/heic"),),
    ),
    "a HEIC picture that says JPEG": Case(
        several(file(HEIC, "image/jpeg", "IMG_1.jpg")), attachments=(("IMG_1.jpg", "image/heic"),)
    ),
    "a program that says picture": Case(
        several(file(PROGRAM, "image/jpeg", "lamp.jpg")),
        attachments=(("lamp.jpg", "application/x-msdownload"),),
        problem="declared as image/jpeg",
    ),
    "a picture that is text": Case(
        several(file(b"hello", "image/png", "lamp.png")),
        attachments=(("lamp.png", "text/plain"),),
        problem="declared as image/png",
    ),
    "a picture that says bytes": Case(
        several(file(PNG, "application/octet-stream", "lamp")), attachments=(("lamp", "image/png"),)
    ),
    "HTML that says plain text": Case(
        several(file(HTML.encode(), "image/gif", "a.gif")), attachments=(("a.gif", "text/html"),)
    ),
    "a zip, never opened": Case(
        several(file(ZIP, "application/pdf", "a.pdf")), attachments=(("a.pdf", "application/zip"),)
    ),
    "a PDF": Case(
        several(part("See."), file(PDF, "application/pdf", "permit.pdf")),
        attachments=(("permit.pdf", "application/pdf"),),
    ),
    "a mail that is one picture": Case(
        mail(base64.encodebytes(JPEG), type="image/jpeg; name=lamp.jpg", encoding="base64"),
        text="",
        attachments=(("lamp.jpg", "image/jpeg"),),
    ),
    "a picture that calls itself text": Case(
        mail(base64.encodebytes(JPEG), type="text/plain", encoding="base64"),
        text="",
        attachments=(("attachment-1.jpg", "image/jpeg"),),
        problem="unknown bytes",
    ),
    "a name in RFC 2231": Case(
        several(file(PDF, "application/pdf; name*=utf-8'de'Stra%C3%9Fe.pdf")),
        attachments=(("Straße.pdf", "application/pdf"),),
    ),
    "a name in RFC 2231, in pieces": Case(
        several(file(PDF, "application/pdf; name*1*=%9Fe.pdf; name*0*=utf-8''Stra%C3")),
        attachments=(("Straße.pdf", "application/pdf"),),
    ),
    "a name in RFC 2231, plain pieces": Case(
        several(file(PDF, 'application/pdf; name*0="long"; name*1="er.pdf"')),
        attachments=(("longer.pdf", "application/pdf"),),
    ),
    "a name in RFC 2047": Case(
        several(file(PDF, 'application/pdf; name="=?utf-8?Q?Stra=C3=9Fe.pdf?="')),
        attachments=(("Straße.pdf", "application/pdf"),),
    ),
    "a name in raw bytes": Case(
        several(file(PDF, "application/pdf", "Straße.pdf")), attachments=(("Straße.pdf", "application/pdf"),)
    ),
    "a name with spaces that nobody quoted": Case(
        several(file(PDF, "application/pdf; name=my lamp.pdf")),
        attachments=(("my lamp.pdf", "application/pdf"),),
    ),
    "a name that climbs out": Case(
        several(file(PDF, "application/pdf", "../../etc/passwd")),
        attachments=(("passwd", "application/pdf"),),
    ),
    "a name that climbs out of Windows": Case(
        several(file(PDF, "application/pdf", "C:\\\\temp\\\\a.pdf")),
        attachments=(("a.pdf", "application/pdf"),),
    ),
    "a name that turns the writing direction": Case(
        several(file(PDF, "application/pdf", "a\u202efdp.exe")),
        attachments=(("afdp.exe", "application/pdf"),),
    ),
    "a name of nothing but dots": Case(
        several(file(PDF, "application/pdf", "..")), attachments=(("attachment-1.pdf", "application/pdf"),)
    ),
    "no name": Case(
        several(part("See."), file(PNG, "image/png")), attachments=(("attachment-1.png", "image/png"),)
    ),
    "a forwarded mail": Case(
        several(part("See below."), part(mail(subject="A dark lamp"), "message/rfc822")),
        text="See below.",
        attachments=(("A dark lamp.eml", "message/rfc822"),),
    ),
    "a forwarded mail with a picture": Case(
        several(
            part("See."), part(several(file(PNG, "image/png", "x.png"), boundary="in"), "message/rfc822")
        ),
        text="See.",
        attachments=(("Street light.eml", "message/rfc822"),),
    ),
    "a winmail.dat with two files": Case(
        several(
            part("See."), file(tnef(("a.png", PNG), ("b.pdf", PDF)), "application/ms-tnef", "winmail.dat")
        ),
        text="See.",
        attachments=(("a.png", "image/png"), ("b.pdf", "application/pdf")),
    ),
    "a winmail.dat that is the whole letter": Case(
        mail(
            base64.encodebytes(tnef(("a.png", PNG), text="The lamp is dark.")),
            type="application/ms-tnef",
            encoding="base64",
        ),
        text="The lamp is dark.",
        attachments=(("a.png", "image/png"),),
    ),
    "a winmail.dat without files": Case(
        several(part("See."), file(tnef(), "application/ms-tnef", "winmail.dat")),
        attachments=(("winmail.dat", "application/ms-tnef"),),
    ),
    "a winmail.dat cut off": Case(
        several(part("See."), file(tnef(("a.png", PNG))[:90], "application/ms-tnef", "winmail.dat")),
        text="See.",
    ),
    "a winmail.dat of garbage": Case(
        several(
            part("See."), file(b"\x78\x9f\x3e\x22" + bytes(range(255)), "application/ms-tnef", "winmail.dat")
        ),
        attachments=(("winmail.dat", "application/ms-tnef"),),
    ),
    "a signature that can be seen through": Case(
        several(
            part("Signed."),
            file(b"\x30\x82\x01\x00" + bytes(60), "application/pkcs7-signature", "smime.p7s"),
            kind="signed",
            protocol='"application/pkcs7-signature"',
        ),
        text="Signed.",
        attachments=(("smime.p7s", "application/pkcs7-signature"),),
    ),
    "an opaque signature": Case(
        mail(
            base64.encodebytes(b"\x30\x82\x01\x00" + bytes(60)),
            encoding="base64",
            type="application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
        ),
        text="",
        attachments=(("smime.p7m", "application/pkcs7-mime"),),
        problem="sealed",
        reason="sealed",
    ),
    "an encrypted mail": Case(
        mail(
            base64.encodebytes(b"\x30\x82\x01\x00" + bytes(60)),
            encoding="base64",
            type="application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
        ),
        text="",
        problem="encrypted",
        reason="encrypted",
    ),
    "a mail encrypted by PGP": Case(
        several(
            part("Version: 1", "application/pgp-encrypted"),
            part("-----BEGIN PGP MESSAGE-----\r\n", None),
            kind="encrypted",
        ),
        problem="encrypted",
    ),
    "boundary: not declared": Case(
        mail(joined(part("The lamp."), file(PNG, "image/png", "a.png")), type="multipart/mixed"),
        text="The lamp.",
        attachments=(("a.png", "image/png"),),
        problem="guessed",
    ),
    "boundary: another one declared": Case(
        mail(joined(part("The lamp.")), type="multipart/mixed; boundary=other"),
        text="The lamp.",
        problem="guessed",
    ),
    "boundary: declared twice": Case(
        mail(joined(part("The lamp.")), type="multipart/mixed; boundary=other; boundary=edge"),
        text="The lamp.",
    ),
    "boundary: the same inside and outside": Case(
        several(
            joined(part("The lamp.")).join((b'Content-Type: multipart/mixed; boundary="edge"\r\n\r\n', b""))
        ),
        has=("The lamp.",),
    ),
    "boundary: one begins like the other": Case(
        several(
            part(joined(part("Inner."), boundary="edge2"), 'multipart/mixed; boundary="edge2"'),
            part("Outer."),
        ),
        text="Inner.\nOuter.",
    ),
    "boundary: never there": Case(
        mail("The lamp is dark.", type="multipart/mixed; boundary=edge"), problem="no boundary"
    ),
    "boundary: no end": Case(
        mail(joined(part("The lamp."), part("Cut"))[:-10], type="multipart/mixed; boundary=edge"),
        has=("The lamp.",),
    ),
    "boundary: with an equals sign and spaces": Case(
        mail(joined(part("The lamp."), boundary="a =_b"), type='multipart/mixed; boundary="a =_b"'),
        text="The lamp.",
    ),
    "boundary: in RFC 2231": Case(
        mail(joined(part("The lamp.")), type="multipart/mixed; boundary*0=ed; boundary*1=ge"),
        text="The lamp.",
    ),
    "a part without headers": Case(several(b"\r\nThe lamp."), text="The lamp."),
    "a multipart with nothing in it": Case(
        mail("--edge--\r\n", type="multipart/mixed; boundary=edge"), text=""
    ),
    "nested 15 deep": Case(nested(15, b"The lamp."), text="The lamp."),
    "nested 25 deep": Case(nested(25), problem="deeper than 20"),
    "only an attachment, no text": Case(
        several(file(JPEG, "image/jpeg", "a.jpg")), text="", attachments=(("a.jpg", "image/jpeg"),)
    ),
    "enriched text": Case(
        mail("<bold>The lamp</bold> is dark.", type="text/enriched"), text="The lamp is dark."
    ),
    "a text with a name, alone": Case(
        several(part("The lamp.", "text/plain; name=msg.txt", "Content-Disposition: inline")),
        text="The lamp.",
    ),
    "a text with a name beside another": Case(
        several(part("See."), part("dark", "text/plain; name=log.txt", "Content-Disposition: inline")),
        text="See.",
        attachments=(("log.txt", "text/plain"),),
    ),
    "a text that is attached to nothing": Case(
        mail("The lamp.", "Content-Disposition: attachment"), text="The lamp."
    ),
    "a list's footer in a part of its own": Case(
        several(part("The lamp."), part("The list")), text="The lamp.\nThe list"
    ),
    "two content types": Case(
        mail(joined(part("The lamp.")), "Content-Type: multipart/mixed; boundary=edge"), text="The lamp."
    ),
    "an encoding with spaces": Case(mail("VGhlIGxhbXA=", encoding=" Base 64 ; x=y"), text="The lamp"),
    "a digest": Case(
        several(part(mail(subject="One"), None), kind="digest"), attachments=(("One.eml", "message/rfc822"),)
    ),
}

CASES: dict[str, Case] = {
    **{f"body: {name}": case for name, case in PLAIN.items()},
    **{f"parts: {name}": case for name, case in STRUCTURES.items()},
}
