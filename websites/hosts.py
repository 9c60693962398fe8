"""Which websites may show our pages inside theirs, and which addresses are our own?"""

from __future__ import annotations

from urllib.parse import urlsplit

from websites.addresses import NotAsked, asked


def demo_site(base_url: str) -> str:
    """Return the demonstration site's origin: ``localhost`` and ``127.0.0.1`` are different sites.

    On a machine with a name of its own there is no second one to take: the same origin serves both.
    """
    parts = urlsplit(base_url)
    if parts.hostname not in ("localhost", "127.0.0.1"):
        return base_url
    name = "127.0.0.1" if parts.hostname == "localhost" else "localhost"
    return f"{parts.scheme}://{name}" + (f":{parts.port}" if parts.port else "")


def own_origins(base_url: str) -> tuple[str, ...]:
    """Return the origins at which the form is our own, as browsers write them; the first is the town's.

    More than one only on a machine without a name of its own: its two names mean the same system.
    """
    return tuple(dict.fromkeys(_as_browsers_write(one) for one in (base_url, demo_site(base_url))))


def _as_browsers_write(base_url: str) -> str:
    try:
        return asked(base_url, allow_loopback=True).origin
    except NotAsked:
        # A name that only an inner network knows, such as town_hall: it is compared as it was written.
        return base_url


def hosts(websites: tuple[str, ...], base_url: str, *, is_demo: bool) -> tuple[str, ...]:
    """Return the origins whose pages may frame ours, besides ourselves."""
    return websites + ((demo_site(base_url),) if is_demo else ())
