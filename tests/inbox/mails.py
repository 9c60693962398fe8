"""How is a raw mail made for a test? By code, so that each says itself what is wrong with it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field

DATE = "Mon, 2 Nov 2026 09:30:00 -0500"
SENDER = "Resident <resident@home.example>"
TOWN = "requests@town.example"
LOOP_SIGN = "town.example"

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(range(40)) + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(40))
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(40)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(60)
PROGRAM = b"MZ\x90\x00" + bytes(60)


@dataclass(frozen=True)
class Case:
    """One raw mail and what must be told of it; None is not asked."""

    raw: bytes | Callable[[], bytes]
    kind: str = "reply"
    subject: str | None = None
    name: str | None = None
    email: str | None = None
    text: str | None = None
    """The whole text, without white space at its ends."""
    has: tuple[str, ...] = ()
    """Words in the text."""
    lacks: tuple[str, ...] = ()
    attachments: tuple[tuple[str, str], ...] | None = None
    """(name, type) in order."""
    problem: str = ""
    """Words in one of the problems."""
    reason: str = ""
    """Words in the reason."""
    seconds: float = 3.0
    more: dict[str, object] = field(default_factory=dict)
    """Other fields of the mail and what they must be."""

    def bytes(self) -> bytes:
        return self.raw() if callable(self.raw) else self.raw


def mail(
    body: str | bytes = "The lamp is dark.",
    *more: str | bytes,
    subject: str | bytes | None = "Street light",
    sender: str | bytes | None = SENDER,
    type: str | None = "text/plain; charset=utf-8",
    encoding: str | None = None,
    end: bytes = b"\r\n",
) -> bytes:
    """Return a mail with these header lines on top, as they stand; strings become UTF-8."""
    lines = [*more]
    for name, value in (("From", sender), ("To", TOWN), ("Subject", subject), ("Date", DATE),
                        ("Message-ID", "<one@home.example>"), ("MIME-Version", "1.0"), ("Content-Type", type),
                        ("Content-Transfer-Encoding", encoding)):  # fmt: skip
        if value is not None:
            lines.append(f"{name}: ".encode() + (value.encode() if isinstance(value, str) else value))
    head = end.join(line.encode() if isinstance(line, str) else line for line in lines)
    return head + end + end + (body.encode() if isinstance(body, str) else body)


def part(
    body: str | bytes, type: str | None = "text/plain; charset=utf-8", *more: str, encoding: str | None = None
) -> bytes:
    """Return one part: its headers, an empty line, its body."""
    lines = [f"Content-Type: {type}"] if type else []
    lines += [f"Content-Transfer-Encoding: {encoding}"] if encoding else []
    content = body.encode() if isinstance(body, str) else body
    return "".join(f"{line}\r\n" for line in (*lines, *more)).encode() + b"\r\n" + content


def file(content: bytes, type: str, name: str | None = None, *more: str) -> bytes:
    """Return a part that is a file, in base64."""
    disposition = [f'Content-Disposition: attachment; filename="{name}"'] if name else []
    return part(base64.encodebytes(content), type, *disposition, *more, encoding="base64")


def joined(*parts: bytes, boundary: str = "edge") -> bytes:
    """Return the parts with their boundary between and behind them."""
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts) + mark + b"--\r\n"


def several(
    *parts: bytes, kind: str = "mixed", boundary: str = "edge", more: tuple[str, ...] = (), **rest: str
) -> bytes:
    """Return a mail of several parts; ``rest`` goes into the content type."""
    said = "".join(f"; {name.replace('_', '-')}={value}" for name, value in rest.items())
    return mail(
        joined(*parts, boundary=boundary), *more, type=f'multipart/{kind}; boundary="{boundary}"{said}'
    )


def nested(depth: int, body: bytes = b"deep") -> bytes:
    """Return a mail whose text lies so many multiparts deep."""
    opened = b"".join(
        f'--b{level}\r\nContent-Type: multipart/mixed; boundary="b{level + 1}"\r\n\r\n'.encode()
        for level in range(depth)
    )
    return mail(opened + f"--b{depth}\r\n\r\n".encode() + body, type='multipart/mixed; boundary="b0"')


def tnef(*files: tuple[str, bytes], text: str = "") -> bytes:
    """Return a winmail.dat that carries these files and this text."""

    def attribute(level: int, name: int, kind: int, data: bytes) -> bytes:
        head = bytes([level]) + name.to_bytes(2, "little") + kind.to_bytes(2, "little")
        return head + len(data).to_bytes(4, "little") + data + (sum(data) & 0xFFFF).to_bytes(2, "little")

    packed = b"\x78\x9f\x3e\x22\x01\x00"
    packed += attribute(1, 0x9006, 0x0008, b"\x00\x00\x01\x00")
    packed += attribute(1, 0x9007, 0x0006, b"\xe4\x04\x00\x00\x00\x00\x00\x00")
    if text:
        packed += attribute(1, 0x800C, 0x0002, text.encode("cp1252") + b"\0")
    for name, content in files:
        packed += attribute(2, 0x9002, 0x0006, bytes(14))
        packed += attribute(2, 0x8010, 0x0001, name.encode() + b"\0")
        packed += attribute(2, 0x800F, 0x0006, content)
    return packed
