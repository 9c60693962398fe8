"""What would the headers of a page keep out of it?

Content-Security-Policy and Permissions-Policy, read as browsers read them. Only what matters to a form of
ours in the page: its script, its frame, a form that leads to it, and the place of the reader's device.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

Policy = dict[str, tuple[str, ...]]

FALLBACK = {
    "script": ("script-src-elem", "script-src", "default-src"),
    "frame": ("frame-src", "child-src", "default-src"),
    "form": ("form-action",),
}
"""What is loaded -> the directives that may speak for it; the first one that is there decides."""
PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>\d+|\*))?(?P<path>/.*)?",
    re.I,
)


def policies(lines: Iterable[str]) -> tuple[Policy, ...]:
    """Return each policy of all header lines; commas divide policies, semicolons directives."""
    found = []
    for text in ",".join(lines).split(","):
        policy: Policy = {}
        for directive in text.split(";"):
            words = directive.split()
            if words and words[0].lower() not in policy:  # of two the first one counts
                policy[words[0].lower()] = tuple(words[1:])
        if policy:
            found.append(policy)
    return tuple(found)


def blocking(found: Iterable[Policy], what: str, url: str, page: str, nonce: str = "") -> str:
    """Return the directive that keeps ``url`` out of ``page``, or nothing where it may be loaded.

    ``what`` is script, frame or form. Every policy of a page has to agree.
    """
    for policy in found:
        name = next((one for one in FALLBACK[what] if one in policy), None)
        if name is not None and not _allows(policy[name], what, url, page, nonce):
            return name
    return ""


def _allows(sources: tuple[str, ...], what: str, url: str, page: str, nonce: str) -> bool:
    words = [source.lower() if source.startswith("'") else source for source in sources]
    if what == "script":
        if nonce and f"'nonce-{nonce}'" in sources:
            return True
        if "'strict-dynamic'" in words:
            return False  # then a list of hosts counts for nothing
    return any(_matches(source, url, page) for source in words)


def _matches(source: str, url: str, page: str) -> bool:
    wanted, own = urlsplit(url), urlsplit(page)
    if source == "'self'":
        return _same_or_safer(own.scheme, wanted.scheme) and _place(own) == _place(wanted)
    if source == "*":
        return wanted.scheme in ("http", "https") or wanted.scheme == own.scheme
    if re.fullmatch(r"[a-z][a-z0-9+.-]*:", source, re.I):
        return _same_or_safer(source[:-1].lower(), wanted.scheme)
    parts = _SOURCE.fullmatch(source)
    if parts is None:
        return False
    if not _same_or_safer((parts["scheme"] or own.scheme).lower(), wanted.scheme):
        return False
    return (
        _host(parts["host"].lower(), (wanted.hostname or "").lower())
        and _port(parts["port"], parts["scheme"], wanted.port or PORTS[wanted.scheme], wanted.scheme)
        and _path(parts["path"] or "", wanted.path or "/")
    )


def _place(parts: object) -> tuple[object, object]:
    host, port, scheme = (getattr(parts, name) for name in ("hostname", "port", "scheme"))
    return host, None if port in (None, PORTS.get(scheme)) else port


def _same_or_safer(named: str, wanted: str) -> bool:
    return named == wanted or (named, wanted) in (("http", "https"), ("ws", "wss"))


def _host(pattern: str, host: str) -> bool:
    if pattern == "*":
        return True
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _port(pattern: str | None, scheme: str | None, port: int, wanted: str) -> bool:
    if pattern == "*":
        return True
    if pattern is None:
        return port == PORTS[wanted]
    return int(pattern) == port or (int(pattern) == 80 and port == 443 and (scheme or "http") == "http")


def _path(pattern: str, path: str) -> bool:
    if pattern in ("", "/"):
        return True
    return path.startswith(pattern) if pattern.endswith("/") else path == pattern


def keeps_place(lines: Iterable[str], origin: str) -> bool:
    """Whether a Permissions-Policy keeps the reader's place from a frame of ``origin``.

    Without a word about geolocation the frame may ask, where its ``allow`` says so.
    """
    said = None
    for found in re.finditer(r"(?:^|,)\s*geolocation\s*=\s*(\*|\([^)]*\)|[\w-]+)", ",".join(lines)):
        said = found[1]
    if said is None or said == "*":
        return False
    words = said.strip("()").split()
    return "*" not in words and f'"{origin}"' not in words
