"""Does a block of fields (From, Sent, To, Subject) of a quoted mail begin in this line?

Outlook and its like put one over the mail that is answered, in the language of the program, often in bold
type, which becomes asterisks in plain text, and wrapped where an address was long.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from inbox.phrases_quoting import FIELDS

Field = tuple[str, str]
"""The kind of a field and its value."""

_KINDS = {label: kind for kind, labels in FIELDS.items() for label in labels}
_LABEL = re.compile(
    r"[\s>*_|]{0,8}(?P<label>[^\W\d_][^:：\n*<>@\d]{0,24}?)[\s*_]{0,4}[:：][\s*_\]]{0,4}(?P<value>.*)"
)
_ADDRESS = re.compile(r"[\w.+=-]{1,80}@[\w-]{1,60}|\[mailto:|<mailto:")
_DIGIT = re.compile(r"\d")
_REACH, _BETWEEN = 14, 2
"""Lines that a block may take, and lines between two fields (wrapped values, blank lines)."""


def field_of(line: str) -> Field | None:
    """Return the kind of the field ("from", "date", "to" ...) and its value, or None."""
    if ":" not in line and "：" not in line:
        return None
    match = _LABEL.match(line[:300])
    if match is None:
        return None
    kind = _KINDS.get(" ".join(match["label"].casefold().split()))
    return None if kind is None else (kind, match["value"].strip())


def block_length(lines: Sequence[str], fields: Sequence[Field | None], start: int) -> int:
    """Return how many lines the block of fields beginning at ``start`` takes; 0 when there is none.

    ``fields``: what ``field_of`` said of each line.
    """
    first = fields[start]
    if first is None or first[0] in {"cc", "other", "reply"}:
        return 0
    kinds, end, gap = {first[0]: first[1]}, start + 1, 0
    for place in range(start + 1, min(start + _REACH, len(lines))):
        found = fields[place]
        if found:
            if found[0] in kinds and found[0] != "other":
                break  # another block begins
            kinds[found[0]] = found[1]
            end, gap = place + 1, 0
            continue
        gap += 1
        if gap > _BETWEEN:
            break
    has_address = any(map(_ADDRESS.search, lines[start : end + 1]))
    return _measure(kinds, end - start, first, has_address=has_address)


def _measure(kinds: dict[str, str], length: int, first: Field, *, has_address: bool) -> int:
    """Return the length when what was found is a block of fields, and 0 when a person may have written it.

    "From: Main Street / To: Elm Street" is an answer; so an address, or a subject beside a sender or a
    date, is asked.
    """
    if len(kinds) >= 2 and ("from" in kinds or "date" in kinds):
        is_outlook = list(kinds)[:2] == ["from", "date"] and len(kinds) > 2 and _DIGIT.search(kinds["date"])
        return length if has_address or "subject" in kinds or is_outlook else 0
    is_sender = first[0] == "from" and _ADDRESS.search(first[1]) is not None
    return length if is_sender and len(first[1]) < 200 else 0
