"""What do a header's parameters say (``; name=value``), in all the ways in which they are written?"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from .charsets import decode
from .words import clean, decode_words

MOST = 200
CONTINUED = re.compile(r"([^*]{1,60})(?:\*(\d{1,3}))?(\*)?\Z")


def parse(value: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the value before the first ";" in lower case, and (lower-case name, raw value) in order."""
    first, *rest = _pieces(value)
    found = []
    for piece in rest[:MOST]:
        name, _, said = piece.partition("=")
        if name.strip():
            found.append((name.strip().lower(), _plain(said)))
    return first.strip().strip("\"'").lower(), found


def _pieces(value: str) -> list[str]:
    """Split at ";" outside quotes; a quote that is never closed quotes nothing."""
    pieces, start, place = [], 0, 0
    may_quote = True
    while place < len(value):
        letter = value[place]
        if letter == ";":
            pieces.append(value[start:place])
            start = place + 1
        elif letter == '"' and may_quote:
            end = _closing(value, place + 1)
            may_quote = end >= 0
            place = end if end >= 0 else place
        place += 1
    return [*pieces, value[start:]]


def _closing(value: str, place: int) -> int:
    while place < len(value):
        if value[place] == "\\":
            place += 1
        elif value[place] == '"':
            return place
        place += 1
    return -1


def _plain(said: str) -> str:
    said = said.strip()
    if len(said) > 1 and said[0] == '"' and said[-1] == '"':
        # Windows paths carry backslashes that escape nothing.
        return re.sub(r'\\(["\\])', r"\1", said[1:-1])
    return said.strip('"')


def parameter(parameters: list[tuple[str, str]], name: str, charset: str = "") -> str:
    """Return one parameter as text: plain, RFC 2231 (also in pieces), or with encoded words; or ""."""
    pieces: dict[int, tuple[str, bool]] = {}
    for key, said in parameters:
        found = CONTINUED.match(key)
        if found and found[1].strip() == name:
            is_extended = bool(found[3])
            pieces.setdefault(int(found[2]) if found[2] else -1, (said, is_extended))
    if not pieces:
        return ""
    if -1 in pieces and not pieces[-1][1]:
        return clean(decode_words(pieces[-1][0]))
    chosen = [pieces[-1]] if -1 in pieces else [pieces[number] for number in sorted(pieces)]
    return clean(_extended(chosen, charset))


def _extended(pieces: list[tuple[str, bool]], charset: str) -> str:
    """Join ``charset'language'percent-encoded``; the charset stands in the first piece only."""
    content = b""
    for number, (said, is_extended) in enumerate(pieces):
        if is_extended:
            if number == 0 and said.count("'") >= 2:
                charset, _, said = said.split("'", 2)
            content += unquote_to_bytes(said)
        else:
            content += said.encode("utf-8", "replace")
    text = decode(content, charset or "utf-8")
    return decode_words(text) if "=?" in text else text
