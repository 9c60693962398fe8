"""Whose addresses does a header name? Quotes, comments, groups and broken ones, in one pass."""

from __future__ import annotations

import re

from .message import Address
from .words import clean, decode_words

MOST = 1000
BARE = re.compile(r"[^\s<>()\",;:]{1,200}@[^\s<>()\",;:]{1,250}")
WORD = re.compile(r"=\?[^?\s]{1,60}\?[qQbB]\?[^?]{0,400}\?=")
ESCAPED = re.compile(r"\\(.)")


class _One:
    """What has been read of one address."""

    def __init__(self) -> None:
        self.phrase: list[str] = []
        self.angle: str | None = None
        self.comments: list[str] = []

    def take(self, opened: str, inside: str) -> None:
        if opened == '"':
            self.phrase.append(ESCAPED.sub(r"\1", inside).replace(",", "\0"))
        elif opened == "(":
            self.comments.append(inside)
        elif self.angle is None:
            self.angle = inside

    @property
    def is_empty(self) -> bool:
        return not (self.angle or self.comments or "".join(self.phrase).strip())


def addresses(value: str) -> tuple[Address, ...]:
    """Return the addresses of an unfolded header, at most 1,000; broken ones with what can be told."""
    found: list[Address] = []
    waiting = ""
    for one in _split(value):
        said = "".join(one.phrase)
        if one.angle is None and not one.comments and "@" not in decode_words(said):
            # "Smith, John <j@x>": the comma belongs to a name that nobody quoted.
            waiting = f"{waiting},{said}" if waiting else said
            continue
        if waiting and one.angle is not None and said.strip():
            one.phrase.insert(0, f"{waiting},")
        elif waiting:
            found.append(Address(name(waiting), ""))
        waiting = ""
        found.append(_address(one))
    if waiting:
        found.append(Address(name(waiting), ""))
    return tuple(found[:MOST])


def _split(value: str) -> list[_One]:
    """Divide at commas and semicolons outside quotes, comments and angle brackets."""
    items: list[_One] = []
    one, place = _One(), 0
    unclosed: set[str] = set()
    while place < len(value) and len(items) <= MOST:
        letter = value[place]
        if letter == "=" and (word := WORD.match(value, place)):
            one.phrase.append(word[0])  # what is encoded may contain any of the signs below
            place = word.end()
            continue
        if letter in CLOSING and letter not in unclosed:
            end = CLOSING[letter](value, place)
            if end > 0:
                one.take(letter, value[place + 1 : end])
                place = end
            else:
                unclosed.add(letter)  # looked for once, so that a row of them takes no longer
                one.phrase.append(letter.strip("<"))
        elif letter in ",;":
            items.append(one)
            one = _One()
        elif letter == ":" and one.angle is None and not BARE.search("".join(one.phrase[-300:])):
            one = _One()  # what stood before it is the name of a group, or "mailto"
        else:
            one.phrase.append(letter)
        place += 1
    return [item for item in (*items, one) if not item.is_empty]


def _closing(value: str, start: int) -> int:
    """Return where a quoted text ends; 0 where it does not, or only far away."""
    place = start + 1
    last = min(len(value), start + 2000)
    while place < last:
        if value[place] == "\\":
            place += 1
        elif value[place] == '"':
            return place
        place += 1
    return 0


def _closing_comment(value: str, start: int) -> int:
    depth = 0
    for place in range(start, min(len(value), start + 2000)):
        if value[place] == "\\":
            continue
        depth += (value[place] == "(") - (value[place] == ")")
        if depth == 0:
            return place
    return 0


def _closing_angle(value: str, start: int) -> int:
    return value.find(">", start, start + 2000)


CLOSING = {'"': _closing, "(": _closing_comment, "<": _closing_angle}


def _address(one: _One) -> Address:
    phrase = "".join(one.phrase).replace("\0", ",").strip()
    comment = " ".join(one.comments).strip()
    if one.angle is not None:
        email = _email(one.angle)
        if not email and (bare := BARE.search(phrase)):
            email, phrase = _email(bare[0]), phrase.replace(bare[0], "")
        return Address(name(phrase.strip("<> ") or comment), email)
    said = decode_words(phrase)
    bare = BARE.search(said)
    if bare is None:
        return Address(name(phrase), "")
    rest = f"{said[: bare.start()]} {said[bare.end() :]}".replace("<", " ").replace(">", " ")
    return Address(name(rest) or name(comment), _email(bare[0]))


def name(phrase: str) -> str:
    """Return a display name decoded, unquoted and on one line."""
    text = clean(decode_words(phrase))
    for quote in ('"', "'"):
        if len(text) > 1 and text[0] == text[-1] == quote:
            text = text[1:-1].strip()
    return text[:500]


def _email(written: str) -> str:
    text = clean(decode_words(written)).strip("<> ")
    for quote in ('"', "'"):
        if len(text) > 1 and text[0] == text[-1] == quote:
            text = text[1:-1]
    if text.lower().startswith("mailto:"):
        text = text[7:]
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]  # a route, which nobody follows any more
    text = "".join(text.split()) if '"' not in text else text
    return text.rstrip(".,;")[:320]
