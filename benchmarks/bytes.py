"""How much does a resident's phone have to load? Counted as it travels, compressed by the server."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from benchmarks.lines import Line, MeasurementWrong, Plan
from benchmarks.servers import TOWN, Served, empty_town

MOST_LOADER, MOST_VIEW, MOST_REQUESTS, MOST_MAP = 2.0, 12.0, 3, 50.0


def rows(plan: Plan) -> Iterator[Line]:
    """Yield the size of the loader and of the first view."""
    town = Served(TOWN, empty_town(plan.folder / "bytes" / "town"))
    town.start()
    try:
        loader, _text = _sent(town, "/static/embed.js")
        yield _kilobytes("embed.js, gzip", loader, MOST_LOADER)
        yield from _map(town)
        for path in ("/report", "/report?embed=1"):
            yield from _view(town, path)
    finally:
        town.stop()


def _view(town: Served, path: str) -> Iterator[Line]:
    page, text = _sent(town, path)
    found = References()
    found.feed(text)
    sizes = {path: page} | {name: _sent(town, name)[0] for name in dict.fromkeys(found.addresses)}
    yield _kilobytes(f"first view {path}, HTML+CSS+JS, gzip", sum(sizes.values()), MOST_VIEW, sizes)
    yield Line(
        what=f"first view {path}, requests",
        ours=str(len(sizes)),
        ratio=len(sizes) / MOST_REQUESTS,
        goal=f"<= {MOST_REQUESTS}",
        is_met=len(sizes) <= MOST_REQUESTS,
    )


def _map(town: Served) -> Iterator[Line]:
    """Yield what the resident's phone loads when the map is opened, its squares not counted."""
    _size, text = _sent(town, "/report/other")
    names = re.findall(r'data-(?:script|style)="([^"]+)"', text)
    if len(names) != 2:
        raise MeasurementWrong("the step of the place names no map")
    sizes = {name: _sent(town, name)[0] for name in names}
    yield _kilobytes("opening the map, JS+CSS, gzip", sum(sizes.values()), MOST_MAP, sizes)


class References(HTMLParser):
    """Collects what a browser loads by itself with the page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        loads = tag in ("script", "img", "iframe") or (
            tag == "link" and {"stylesheet", "icon", "preload"} & set((given.get("rel") or "").split())
        )
        address = (given.get("src") or given.get("href") or "") if loads else ""
        if address.startswith(("http:", "https:", "//")):
            raise MeasurementWrong(f"the first view loads {address}, which is not ours")
        if address and not address.startswith("data:"):
            self.addresses.append(address)


def _sent(town: Served, path: str) -> tuple[int, str]:
    """Return the bytes of a body as it travels, and the text in it."""
    status, body, headers = town.get(path, Accept_Encoding="gzip")
    if status != 200:
        raise MeasurementWrong(f"{path} answered {status}")
    packed = headers.get("content-encoding") == "gzip"
    return len(body), (gzip.decompress(body) if packed else body).decode()


def _kilobytes(what: str, size: int, most: float, parts: dict[str, int] | None = None) -> Line:
    return Line(
        what=what,
        ours=f"{size / 1024:.2f} KB",
        ratio=size / 1024 / most,
        goal=f"<= {most:.0f} KB",
        is_met=size / 1024 <= most,
        figures={"bytes": size, "parts": parts or {}},
    )
