"""What does a header say? Raw bytes and encoded words (RFC 2047), also the malformed ones, become text."""

from __future__ import annotations

import binascii
import re
import string

from .charsets import decode

WORD_CHARSET = re.compile(r"[\w.:()+-]{1,60}(?:\*[\w-]{0,40})?\Z")
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
"""Never part of what a header says: control characters and those that turn the writing direction."""
FOLD = re.compile(r"[ \t]*[\r\n]+[ \t]*|\t")
HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
LOOK_AHEAD = 400
NOT_BASE64 = bytes(set(range(256)) - set(string.ascii_letters.encode() + string.digits.encode() + b"+/"))


def header_text(value: bytes, charset: str = "") -> str:
    """Return one header as a line of text; ``charset`` is what the body declares, for raw 8-bit headers."""
    return clean(decode_words(unfolded(value, charset)))


def unfolded(value: bytes, charset: str = "") -> str:
    """Return a header as one line, its encoded words still encoded."""
    if value.isascii() and b"\x1b" not in value:
        text = value.decode("ascii")
    else:
        text = _raw(value, charset)
    return FOLD.sub(" ", text).strip()


def clean(text: str) -> str:
    """Return the text as one line without control characters."""
    return CONTROLS.sub("", FOLD.sub(" ", text)).strip()


def _raw(value: bytes, charset: str) -> str:
    try:
        return value.decode("utf-8") if b"\x1b" not in value else decode(value, "")
    except UnicodeError:
        return decode(value, charset)


def decode_words(text: str) -> str:
    """Return the text with its encoded words decoded; what is no encoded word stays as it is.

    Neighbours in one charset are joined as bytes first, since senders split letters of several bytes.
    Linear: the place only moves forward, and a missing end is looked for once.
    """
    if "=?" not in text:
        return text
    done: list[str] = []
    held: list[bytes] = []
    held_charset = ""
    place = end = 0
    while (start := text.find("=?", place)) >= 0:
        word = _word_at(text, start)
        between = text[place:start]
        if word is None:
            done += [_joined(held, held_charset), between, "=?"]
            held, place = [], start + 2
            end = text.find("?=", place) if 0 <= end < place else end
            if end < 0:
                break
            continue
        charset, content, place = word
        if held and (between.strip(" \t") or charset != held_charset):
            done.append(_joined(held, held_charset))
            held = []
            done.append("" if not between.strip(" \t") else between)
        elif not held:
            # White space between two encoded words is not part of the text; before the first it is.
            done.append(between)
        held.append(content)
        held_charset = charset
    done += [_joined(held, held_charset), text[place:]]
    return "".join(done)


def _joined(held: list[bytes], charset: str) -> str:
    return decode(b"".join(held), charset) if held else ""


def _word_at(text: str, start: int) -> tuple[str, bytes, int] | None:
    """Return (charset, bytes, place behind it) of the encoded word that starts there, or None."""
    charset_end = text.find("?", start + 2, start + 110)
    if charset_end < 0 or not WORD_CHARSET.match(text[start + 2 : charset_end]):
        return None
    encoding = text[charset_end + 1 : charset_end + 2].lower()
    if encoding not in ("q", "b") or text[charset_end + 2 : charset_end + 3] != "?":
        return None
    first = charset_end + 3
    end = _end(text, first, encoding)
    if end < 0:
        return None
    charset = text[start + 2 : charset_end].partition("*")[0].lower()
    encoded = text[first:end]
    content = _unquoted(encoded) if encoding == "q" else base64_bytes(encoded.encode("ascii", "ignore"))
    return charset, content, end + 2


def _end(text: str, first: int, encoding: str) -> int:
    """Return where the word ends. "?=" may also be an unencoded question mark before "=20"."""
    end = text.find("?=", first)
    while encoding == "q" and end >= 0 and HEX_PAIR.match(text, end + 2):
        later = text.find("?=", end + 2, end + LOOK_AHEAD)
        if later < 0 or " " in text[end + 2 : later]:
            break
        end = later
    return end


def _unquoted(encoded: str) -> bytes:
    raw = encoded.encode("utf-8", "replace").replace(b"_", b" ").replace(b" =\n", b"")
    return binascii.a2b_qp(raw.replace(b"\n", b""), header=False)


def base64_bytes(encoded: bytes) -> bytes:
    """Return what can be decoded of base64, whatever stands between and however it ends."""
    encoded = encoded.translate(None, b" \t\r\n")
    try:
        return binascii.a2b_base64(encoded, strict_mode=True)
    except (binascii.Error, ValueError):
        pass
    # "=" inside means that pieces were encoded one by one and joined: each is decoded for itself.
    return b"".join(_base64_piece(piece) for piece in encoded.split(b"=") if piece)


def _base64_piece(piece: bytes) -> bytes:
    letters = piece.translate(None, NOT_BASE64)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
