"""Which headers begin here, and where do they end? Cut to what is ever read, and never decoded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MOST_HEADERS, LONGEST_HEADER = 1000, 64 * 1024
MOST_HEADER_BYTES = 1024 * 1024
"""Of all headers of one part together."""
KEPT_FREE = 100
CUT = LONGEST_HEADER + 1
NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
BLANK = b" \t\r\n"
ORDINARY = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|message-id|mime-version|content-[a-z-]{2,40}|x-[a-z-]{2,60}|received|"
    rb"reply-to|return-path|references|in-reply-to|sender|precedence|auto-submitted|list-[a-z-]{2,30}|"
    rb"user-agent|importance|delivered-to|dkim-signature|thread-[a-z]{2,20}|envelope-to|resent-[a-z-]{2,20})"
    rb"[ \t]*:",
    re.I,
)
OF_THE_LETTER = frozenset(
    {"from", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type", "reply-to",
     "sender", "content-transfer-encoding", "in-reply-to", "references", "auto-submitted", "return-path",
     "precedence"}
)  # fmt: skip

Header = tuple[str, bytes]


@dataclass
class Problems:
    """What was wrong on the way, each sentence once; and how many parts may still be opened."""

    sentences: list[str] = field(default_factory=list)
    parts: int = 0

    def add(self, sentence: str) -> None:
        if sentence not in self.sentences:
            self.sentences.append(sentence)


def headers_of(raw: bytes, start: int, end: int, problems: Problems) -> tuple[list[Header], int]:
    """Return the headers that begin there, and where the body begins."""
    gathered = _Headers(problems)
    place = start
    while place < end:
        next_line = raw.find(b"\n", place, end) + 1 or end
        if place + 2 >= next_line and raw[place:next_line] in (b"\n", b"\r\n", b"\r"):
            return gathered.joined(), next_line
        is_more = raw[place] in b" \t"
        name = None if is_more else NAME.match(raw, place, next_line)
        if name:
            gathered.begin(
                name[1].decode("ascii").lower(), raw[name.end() : min(next_line, name.end() + CUT)]
            )
        elif is_more:
            gathered.go_on(raw[place : min(next_line, place + CUT)])
        elif gathered.is_begun and ORDINARY.match(raw, next_line, min(end, next_line + 80)):
            gathered.go_on(b" " + raw[place : min(next_line, place + CUT)])  # it lost its indentation
        elif not raw.startswith((b"From ", b">From "), place):
            problems.add("its headers end without an empty line")
            return gathered.joined(), place
        place = next_line
    return gathered.joined(), end


class _Headers:
    """The headers of one part as they are gathered, none of them too long and not too many."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._found: list[tuple[str, list[bytes]]] = []
        self._of_all = 0
        self._of_this = 0

    @property
    def is_begun(self) -> bool:
        return bool(self._found)

    def begin(self, name: str, value: bytes) -> None:
        """Take one in; what makes the letter is still taken when others already fill the room."""
        is_wanted = name in OF_THE_LETTER
        most = MOST_HEADERS if is_wanted else MOST_HEADERS - KEPT_FREE
        if len(self._found) >= most or self._of_all > MOST_HEADER_BYTES * (2 if is_wanted else 1):
            self._problems.add("it has more headers than are read: at most 1,000, together at most 1 MB")
            self._of_this = CUT  # the lines that belong to it are not wanted either
            return
        self._found.append((name, []))
        self._of_this = 0
        self.go_on(value)

    def go_on(self, line: bytes) -> None:
        room = CUT - self._of_this
        if room > 0 and self._found:
            self._found[-1][1].append(line[:room])
            self._of_this += len(line)
            self._of_all += len(line)
            if self._of_this >= CUT:
                name = self._found[-1][0][:60]
                self._problems.add(f"its header {name} is longer than 64 kB; the rest of it was not read")

    def joined(self) -> list[Header]:
        return [(name, b"".join(lines).strip(BLANK)) for name, lines in self._found]
