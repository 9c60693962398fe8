"""How is a stored page served so that it does what it was made to do, and nothing else?

Its own styles are allowed by their hashes. Nothing is fetched, run, sent or framed, whatever a resident
may have brought into it.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

CLOSED = (
    "default-src 'none'; img-src data:; font-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; sandbox"
)


def policy(page: bytes) -> str:
    """Return the Content-Security-Policy of a stored page: its styles, and no others."""
    found = _Styles()
    found.feed(page.decode("utf-8", "replace"))
    found.close()
    allowed = [_hash(words) for words in dict.fromkeys((*found.sheets, *found.inline))]
    if found.inline:
        allowed.insert(0, "'unsafe-hashes'")
    return f"{CLOSED}; style-src {' '.join(allowed) or chr(39) + 'none' + chr(39)}"


class _Styles(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[str] = []
        self.inline: list[str] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inline += [value for name, value in attrs if name == "style" and value]
        if tag == "style":
            self._is_inside = True
            self.sheets.append("")

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.sheets[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._is_inside = False


def _hash(words: str) -> str:
    return f"'sha256-{b64encode(sha256(words.encode()).digest()).decode()}'"
