"""What does the map of the step "where" ask the server: its squares, and names for words and positions?"""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from threading import Lock
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound

from casework.office import Office, the_office
from routing.layers import Layers
from widgets import where
from widgets.assets import packed
from widgets.embedding import looks
from widgets.limits import limited
from widgets.squares import Tile, bounds_of
from widgets.tiles import INKS, LARGEST, SMALLEST, Atlas

bp = Blueprint("townmap", __name__)

LONGEST_QUERY = 120
MOST_TILES = 256
"""Squares that are kept drawn, some 10 KB each at most."""
AROUND = 0.02
"""Degrees around the town that may still be looked at."""
FOR_EVER = "public, max-age=31536000, immutable"
EXTENSION = "townline_map"
DRAWING = "1"
"""Changes with the look of the squares, so that browsers ask for new ones."""


@dataclass
class TownMap:
    """The squares of one town's layers, drawn when they are first asked for."""

    layers: Layers
    _kept: OrderedDict[tuple[Tile, str], bytes] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    @cached_property
    def version(self) -> str:
        """Twelve hex digits that change with any layer."""
        said = repr((DRAWING, sorted(self.layers.versions.items())))
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @cached_property
    def atlas(self) -> Atlas:
        return Atlas(self.layers)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of what may be looked at, in degrees."""
        if (found := self.atlas.bounds) is None:
            return None
        west, south, east, north = found
        return west - AROUND, south - AROUND, east + AROUND, north + AROUND

    def square(self, tile: Tile, scheme: str) -> bytes:
        """Return a square as compressed SVG; ``NotFound`` far from the town."""
        if not self._is_near(tile) or scheme not in INKS:
            raise NotFound
        with self._lock:
            if (tile, scheme) in self._kept:
                self._kept.move_to_end((tile, scheme))
                return self._kept[tile, scheme]
        drawn = gzip.compress(self.atlas.draw(tile, scheme).encode(), 6, mtime=0)
        with self._lock:
            self._kept[tile, scheme] = drawn
            while len(self._kept) > MOST_TILES:
                self._kept.popitem(last=False)
        return drawn

    def _is_near(self, tile: Tile) -> bool:
        if self.bounds is None or not SMALLEST <= tile.zoom <= LARGEST or max(tile.x, tile.y) >= 2**tile.zoom:
            return False
        west, south, east, north = bounds_of(tile)
        return (
            west <= self.bounds[2] + (east - west)
            and east >= self.bounds[0] - (east - west)
            and south <= self.bounds[3] + (north - south)
            and north >= self.bounds[1] - (north - south)
        )


def the_map(office: Office) -> TownMap:
    """Return the map of the layers that are served now."""
    known: TownMap | None = current_app.extensions.get(EXTENSION)
    if known is None or known.layers is not office.layers:
        known = current_app.extensions[EXTENSION] = TownMap(office.layers)
    return known


def for_page(office: Office) -> dict[str, object]:
    """Return what the page of the step needs to open a map; ``map`` is None where there is none."""
    drawn, own = the_map(office), office.rulebook.town.map
    asks = {"places_at": f"/report/places?{urlencode(looks())}"}
    if drawn.bounds is None:
        return {"map": None, **asks}
    address = own.tiles if own else f"/map/{drawn.version}/{{scheme}}/{{z}}/{{x}}/{{y}}.svg"
    return {
        "map": {
            "tiles": address,
            "bounds": _corners(drawn.bounds),
            "town": _corners(drawn.atlas.bounds or drawn.bounds),
            "attribution": own.attribution if own else "",
            "smallest": SMALLEST,
            "largest": LARGEST,
        },
        **asks,
    }


def _corners(bounds: tuple[float, float, float, float]) -> str:
    """Return two corners as the map's script reads them: south, west, north and east."""
    west, south, east, north = bounds
    return f"{south:.5f},{west:.5f},{north:.5f},{east:.5f}"


@bp.get("/map/<version>/<scheme>/<int:zoom>/<int:x>/<int:y>.svg")
def square(version: str, scheme: str, zoom: int, x: int, y: int) -> Response:
    """Draw one square of the town."""
    drawn = the_map(the_office())
    compressed = drawn.square(Tile(zoom, x, y), scheme)
    response = packed(gzip.decompress(compressed), compressed, "image/svg+xml")
    # An old address gets today's square, but is not kept for ever.
    response.headers["Cache-Control"] = FOR_EVER if version == drawn.version else "no-cache"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@bp.post("/report/places")
@limited("places")
def places() -> Response:
    """Name the places that words (``q``) may become, or what is at a position (``lat`` and ``lon``).

    By POST, so that neither stands in an address that proxies and logs keep.
    """
    office = the_office()
    if "q" in request.form:
        answer = _places(office, request.form["q"][:LONGEST_QUERY])
    else:
        answer = _position(office, request.form.get("lat", ""), request.form.get("lon", ""))
    # A form in a sandbox is of no origin. What is told here is the town's own map and nobody's data.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _places(office: Office, words: str) -> Response:
    found = office.gazetteer.suggest(words)
    notes = {
        "address": "",
        "corner": _("Corner"),
        "landmark": "",
        "asset": _("Number on a pole or sign"),
        "road": _("The whole road: add a number or the next corner"),
    }
    said = ngettext("One suggestion", "%(num)d suggestions", len(found)) if found else _("No suggestions")
    named = zip(found, where.labels(found), strict=True)
    return jsonify(
        said=said,
        places=[{"words": p.words, "label": label, "note": notes[p.kind], "at": p.at} for p, label in named],
    )


def _position(office: Office, lat: str, lon: str) -> Response:
    try:
        at = float(lat), float(lon)
    except ValueError:
        abort(400)
    if not (isfinite(at[0]) and isfinite(at[1]) and abs(at[0]) <= 90 and abs(at[1]) <= 180):
        abort(400)
    is_outside = office.layers.outside(*at)
    near = None if is_outside else office.gazetteer.nearest(*at)
    said = where.near(office, *at) or _("The pin is placed; nothing with a name is near it.")
    return jsonify(said=said, words=near.words if near else "", inside=not is_outside)
