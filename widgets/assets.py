"""Where do styles and scripts come from, small, once, and kept by the browser for good?

Sources in ``static/`` stay readable. At first use they are minified by a library and compressed;
their address holds their hash, so a browser may keep them for ever. ``embed.js`` alone has a fixed
address, because it stands in other people's pages.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import rcssmin
import rjsmin
from flask import Response, request

from colours import accent

LOADER = "embed.js"
FORM = ("frame.js",)
BUNDLES: dict[str, tuple[str, ...]] = {
    "form.js": FORM,
    "where.js": (*FORM, "where.js"),
    "map.js": ("leaflet.js", "pinmap.js"),
    "map.css": ("leaflet.css", "pinmap.css"),
}
"""Served as one file each: the first view stays at three requests, the map is two more on opening."""
PACKAGED: dict[str, tuple[str, str]] = {
    name: ("XStatic-Leaflet", f"xstatic/pkg/leaflet/data/{name}") for name in ("leaflet.js", "leaflet.css")
}
"""What is not ours and stays in its package: name -> (distribution, path)."""
_SOURCE_MAP = re.compile(rb"\n//# sourceMappingURL=\S+\s*$")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*\.[a-z0-9]+")
_SHRINK: dict[str, Callable[[str], str]] = {".css": rcssmin.cssmin, ".js": rjsmin.jsmin}


@dataclass(frozen=True)
class Asset:
    """One file as it is sent. ``mark`` is the start of its hash."""

    name: str
    body: bytes
    packed: bytes
    mark: str
    type: str


class NoSuchAsset(LookupError):
    """Nothing in ``static/`` has this name."""


@lru_cache(maxsize=128)
def asset(folder: Path, name: str, colour: str = "") -> Asset:
    """Return the file ``name`` of ``folder``; a stylesheet in the town's ``colour`` (``#rrggbb``).

    Raises ``NoSuchAsset``.
    """
    if not _NAME.fullmatch(name):
        raise NoSuchAsset(name)
    body = _read(folder, name)
    if colour:
        # The first block of the sheet holds the accent and nothing else.
        body = accent.block(colour).encode() + body[body.index(b"}") + 1 :]
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return packed_up(name, body, "text/javascript" if kind.endswith("javascript") else kind)


@lru_cache(maxsize=8)
def loader(folder: Path, origins: tuple[str, ...]) -> Asset:
    """Return ``embed.js`` as it is sent: with the town's own ``origins``, whose links alone it upgrades.

    They stand in it and are not taken from the script's own address, which is another's where a website
    puts all its scripts into one file.
    """
    known = json.dumps(list(origins), separators=(",", ":"))
    return packed_up(LOADER, _read(folder, LOADER).replace(b'"@town"', known.encode()), "text/javascript")


def packed_up(name: str, body: bytes, kind: str) -> Asset:
    """Return a file as it is sent, under the mark of what stands in it."""
    return Asset(name, body, gzip.compress(body, 9, mtime=0), hashlib.sha256(body).hexdigest()[:12], kind)


def _read(folder: Path, name: str) -> bytes:
    try:
        return b"\n".join(_part(folder, part) for part in BUNDLES.get(name, (name,)))
    except (OSError, PackageNotFoundError) as error:
        raise NoSuchAsset(name) from error


def _part(folder: Path, name: str) -> bytes:
    if name in PACKAGED:
        # Minified by its makers; to do it again would take out the lines of their licence.
        package, path = PACKAGED[name]
        return _SOURCE_MAP.sub(b"", Path(str(distribution(package).locate_file(path))).read_bytes())
    body = (folder / name).read_bytes()
    shrink = _SHRINK.get(Path(name).suffix)
    return shrink(body.decode()).encode() if shrink is not None else body


def send(found: Asset, *, caching: str) -> Response:
    """Answer with the file, compressed where the browser takes it, or 304 when it has it already."""
    response = packed(found.body, found.packed, found.type)
    response.headers["Cache-Control"] = caching
    response.set_etag(found.mark)
    response.make_conditional(request)
    return response


def packed(body: bytes, compressed: bytes, kind: str) -> Response:
    """Answer with whichever of the two the browser takes."""
    takes_gzip = request.accept_encodings.quality("gzip") > 0
    response = Response(compressed if takes_gzip else body, mimetype=kind)
    if kind.startswith("text/"):
        response.content_type = f"{kind}; charset=utf-8"
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response
