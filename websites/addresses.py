"""May this address be asked for a page? Only plain web addresses of machines on the public internet.

Whoever holds an operator's link can name any address, and the answer tells something about what stands
there. So nothing inside the town's network may be reached through us: every address that a name leads to
is looked at, and the connection goes to that very address, never to the name again.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urlsplit

PORTS = {"http": 80, "https": 443}
LONGEST = 2000
"""Characters of an address; browsers and servers agree on about as many."""

NEVER_4 = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
"""Private, carrier's, link-local, test, relay, multicast and reserved (IANA's special-purpose registry)."""
GLOBAL_6 = ip_network("2000::/3")
NEVER_6 = tuple(
    ip_network(block)
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
"""Inside 2000::/3: IETF protocols with Teredo and ORCHID, documentation, 6to4, AS112."""
NAT64 = ip_network("64:ff9b::/96")

_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*", re.A)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")

Resolve = Callable[[str, int], Iterable[str]]


class NotAsked(Exception):
    """This address is not asked. ``because`` is one of a few words; ``host`` says whose it was."""

    def __init__(self, because: str, host: str = "") -> None:
        self.because = because
        self.host = host
        super().__init__(f"{host or 'that address'}: {because}")


@dataclass(frozen=True)
class Asked:
    """One address, taken apart once: what is resolved, sent as Host and checked are the same."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query, as sent."""

    @property
    def origin(self) -> str:
        named = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{named}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")

    @property
    def url(self) -> str:
        return self.origin + self.target


def asked(url: str, *, allow_loopback: bool = False) -> Asked:
    """Take a web address apart. Raises ``NotAsked`` for what is none, and for other ports than 80 and 443.

    ``allow_loopback`` is for tests, whose pages stand on this machine at any port.
    """
    if len(url) > LONGEST or _FORBIDDEN.search(url):
        raise NotAsked("not-an-address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAsked("not-an-address") from None
    if parts.scheme not in PORTS:
        raise NotAsked("not-the-web")
    if parts.username is not None or parts.password is not None:
        raise NotAsked("with-password", host)
    host = _spelled(host)
    port = port if port is not None else PORTS[parts.scheme]
    if port not in PORTS.values() and not allow_loopback:
        raise NotAsked("other-port", host)
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]")
    return Asked(parts.scheme, host, port, target)


def _spelled(host: str) -> str:
    """Return the name as it is asked for: small letters, punycode, no dot at its end."""
    host = host.rstrip(".").lower()
    if ":" in host:
        if "%" in host:  # a zone such as %eth0 names a network of this machine
            raise NotAsked("not-an-address")
        try:
            return str(IPv6Address(host))
        except ValueError:
            raise NotAsked("not-an-address") from None
    try:
        plain = host.encode("idna").decode("ascii")
    except UnicodeError:
        raise NotAsked("not-an-address") from None
    if not _HOST.fullmatch(plain) or len(plain) > 253:
        raise NotAsked("not-an-address")
    return plain


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, whatever it is wrapped in."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        return _is_public_6(found)
    return _is_public_4(found)


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in block for block in NEVER_4)


def _is_public_6(address: IPv6Address) -> bool:
    if address.scope_id:
        return False
    if address in NAT64:
        return _is_public_4(IPv4Address(int(address) & 0xFFFFFFFF))
    # ::ffff:10.0.0.1 and ::10.0.0.1 lie outside 2000::/3, and so does all that is local.
    return address in GLOBAL_6 and address.is_global and not any(address in block for block in NEVER_6)


def resolve(host: str, port: int) -> list[str]:
    """Return every IP address of a name, as the system resolves it. Raises ``OSError``."""
    return list(
        dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    )


def public_address(wanted: Asked, *, allow_loopback: bool = False, resolver: Resolve = resolve) -> str:
    """Return the one IP address to connect to; the name is resolved here and nowhere else.

    Raises ``NotAsked`` when any of its addresses is not public: a name that leads outside and inside
    at once is either a mistake or a trap.
    """
    try:
        found = list(resolver(wanted.host, wanted.port))
    except (OSError, UnicodeError):
        raise NotAsked("no-such-name", wanted.host) from None
    if not found:
        raise NotAsked("no-such-name", wanted.host)
    for address in found:
        if not (is_public(address) or (allow_loopback and _is_loopback(address))):
            raise NotAsked("not-public", wanted.host)
    # Most machines speak IPv4 to everybody, and IPv6 not always.
    return next((address for address in found if ":" not in address), found[0])


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
