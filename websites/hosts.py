"""Which websites may show our pages inside theirs?"""

from __future__ import annotations

from urllib.parse import urlsplit


def demo_site(base_url: str) -> str:
    """Return the demonstration site's origin: ``localhost`` and ``127.0.0.1`` are different sites.

    On a machine with a name of its own there is no second one to take: the same origin serves both.
    """
    parts = urlsplit(base_url)
    if parts.hostname not in ("localhost", "127.0.0.1"):
        return base_url
    name = "127.0.0.1" if parts.hostname == "localhost" else "localhost"
    return f"{parts.scheme}://{name}" + (f":{parts.port}" if parts.port else "")


def hosts(websites: tuple[str, ...], base_url: str, *, is_demo: bool) -> tuple[str, ...]:
    """Return the origins whose pages may frame ours, besides ourselves."""
    return websites + ((demo_site(base_url),) if is_demo else ())
