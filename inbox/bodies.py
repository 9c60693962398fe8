"""What does one part contain? Its transfer encoding undone, its letters decoded, its lines unwrapped."""

from __future__ import annotations

import binascii
import re

from .charsets import decode
from .parameters import parameter
from .parts import Part
from .words import base64_bytes, unfolded

META = re.compile(rb"charset\s{0,5}=\s{0,5}[\"']?\s{0,5}([\w.:-]{1,40})", re.I)
UUENCODED = re.compile(rb"(?:\A|\n)begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n")
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
MOST_UUENCODED = 20


def content(part: Part) -> bytes:
    """Return the part's bytes with their transfer encoding undone; what is broken in it is left out."""
    encoding = unfolded(part.header("content-transfer-encoding")).lower().split(";")[0]
    encoding = "".join(encoding.split()).strip("\"'")
    if encoding == "base64":
        return base64_bytes(_without_line_end(part.body))
    if encoding == "quoted-printable":
        return binascii.a2b_qp(part.body)
    if encoding in ("uuencode", "x-uuencode", "uue", "x-uue"):
        found = UUENCODED.search(part.body)
        return _uudecoded(part.body, found.end())[0] if found else part.body
    return part.body


def _without_line_end(body: bytes) -> bytes:
    """Some lists append a line of words to an encoded body: only lines of base64 count before it."""
    footer = body.find(b"\n_____")
    return body[:footer] if footer > 0 else body


def charset(part: Part) -> str:
    return parameter(part.parameters, "charset")


def text(part: Part, body: bytes | None = None) -> str:
    """Return the text of a part with "\\n" between its lines and without control characters."""
    body = content(part) if body is None else body
    declared = charset(part)
    if part.type == "text/html" and not declared and (found := META.search(body, 0, 4096)):
        declared = found[1].decode("ascii")
    said = decode(body, declared).replace("\r\n", "\n").replace("\r", "\n")
    said = NOT_TEXT.sub("", said.replace("\x0c", "\n"))
    if part.type == "text/plain" and parameter(part.parameters, "format").lower() == "flowed":
        return unflowed(said, has_delsp=parameter(part.parameters, "delsp").lower() == "yes")
    return said


def unflowed(said: str, *, has_delsp: bool) -> str:
    """Join the lines that a sender's program wrapped (RFC 3676), quoted ones within their depth."""
    done: list[str] = []
    held: list[str] = []
    held_depth = 0
    for line in said.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        rest = line[depth:]
        rest = rest[1:] if rest.startswith(" ") else rest
        if held and (depth != held_depth or rest == "-- "):
            done.append(_quoted("".join(held).rstrip(" "), held_depth))
            held = []
        held_depth = depth
        is_soft = rest.endswith(" ") and rest != "-- "
        held.append(rest[:-1] if is_soft and has_delsp else rest)
        if not is_soft:
            done.append(_quoted("".join(held), depth))
            held = []
    if held:
        done.append(_quoted("".join(held).rstrip(" "), held_depth))
    return "\n".join(done)


def _quoted(line: str, depth: int) -> str:
    return f"{'>' * depth} {line}".rstrip() if depth else line


def uuencoded(body: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Take the uuencoded files out of a text: (the text without them, (name, content) of each)."""
    found: list[tuple[str, bytes]] = []
    kept, place = [], 0
    while len(found) < MOST_UUENCODED and (begin := UUENCODED.search(body, place)):
        decoded, end = _uudecoded(body, begin.end())
        if end < 0:
            break
        kept.append(body[place : begin.start()])
        found.append((decode(begin[1]), decoded))
        place = end
    return b"".join([*kept, body[place:]]), found


def _uudecoded(body: bytes, place: int) -> tuple[bytes, int]:
    """Return the file that begins there and where it ends; -1 where it does not end."""
    pieces: list[bytes] = []
    while place < len(body):
        line_end = body.find(b"\n", place) + 1 or len(body)
        line = body[place:line_end].strip(b"\r\n")
        place = line_end
        if line == b"end":
            return b"".join(pieces), place
        try:
            pieces.append(binascii.a2b_uu(line))
        except binascii.Error:
            return b"", -1
    return b"", -1
