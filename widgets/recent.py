"""What was reported near here lately, and what became of it? A list and a map, from public copies alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Literal, cast
from urllib.parse import urlencode

from flask import Response, jsonify, render_template, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response as Answer

from casework.in_public import PublicRequest, in_public
from casework.office import Office
from routing.rulebook import Group, Service, Widget
from storage import followers, nearby
from storage.nearby import Wanted
from widgets.embedding import looks
from widgets.pinned_map import Pinned, draw
from widgets.seen import Seen, report_address, seen

WEEKS = 4
PER_PAGE = 10
"""Requests on a page: it often stands among other things on a page of the town."""
WITHIN = 2000.0
"""Metres around the place that the page names."""
LONGEST_ADDRESS = 300
CENTRE = {"lat": 40, "lng": 40, "address": LONGEST_ADDRESS}
"""What a page says of the place, and how much of it is read."""
STATES = ("all", "open", "ended")
FEED = 200
"""Requests in the feed for other programs."""


@dataclass(frozen=True)
class Chosen:
    """What the reader wants to see, from the address. ``at`` is (latitude, longitude)."""

    group: str
    state: Literal["all", "open", "ended"]
    page: int
    at: tuple[float, float] | None

    def query(self, **changes: str | int) -> str:
        """Return the address's query with something changed."""
        kept = {"group": self.group, "state": self.state if self.state != "all" else ""}
        values = {**looks(), **dict(_centre_fields()), **kept, **changes}
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class Shown:
    """One page of the list: the copies, their words, and how many there are in all."""

    copies: tuple[PublicRequest, ...]
    items: tuple[Seen, ...]
    count: int


def page(office: Office, widget: Widget) -> Answer:
    """Show one page of the list, or the feed."""
    if request.method == "POST":
        raise MethodNotAllowed(["GET", "HEAD"])
    chosen, now = _chosen(office), datetime.now(UTC)
    services = [one for one in office.rulebook.offered(widget.id) if one.public]
    wanted = Wanted(
        services=tuple(one.code for one in services if not chosen.group or one.group == chosen.group),
        since=now - timedelta(weeks=WEEKS),
        state=chosen.state,
        at=chosen.at,
        within=WITHIN,
    )
    if request.args.get("format") == "geojson":
        return _feed(office, wanted, now)
    return _page(office, widget, chosen, _found(office, wanted, chosen, now), _groups(office, services))


def _found(office: Office, wanted: Wanted, chosen: Chosen, now: datetime) -> Shown:
    ids, count = nearby.recent(wanted, first=(chosen.page - 1) * PER_PAGE, most=PER_PAGE)
    voices = followers.counts(ids)
    found = [(case.request.id, in_public(office, case, now=now)) for case in nearby.cases(ids)]
    copies = [(key, one) for key, one in found if one is not None]
    items = tuple(seen(office, one, voices=voices.get(key, 0)) for key, one in copies)
    return Shown(tuple(one for _key, one in copies), items, count)


def _chosen(office: Office) -> Chosen:
    state, args = request.args.get("state", ""), request.args
    number = args.get("page", default=1, type=int)
    return Chosen(
        group=args.get("group", "")[:64],
        state=cast(Literal["all", "open", "ended"], state if state in STATES else "all"),
        page=min(max(number, 1), 500),
        at=_centre(args.get("lat", ""), args.get("lng", "")) or _named(office, args.get("address", "")),
    )


def _centre(lat: str, lon: str) -> tuple[float, float] | None:
    try:
        at = float(lat), float(lon)
    except ValueError:
        return None
    return at if all(map(isfinite, at)) and abs(at[0]) <= 89 and abs(at[1]) <= 180 else None


def _named(office: Office, words: str) -> tuple[float, float] | None:
    """Return the one place that a page's own words mean; None where they may mean several."""
    found = office.gazetteer.find(words[:LONGEST_ADDRESS]).sure if words else None
    return found.at if found else None


def _groups(office: Office, services: list[Service]) -> list[Group]:
    used = {one.group for one in services}
    return [group for group in office.rulebook.groups.values() if group.id in used]


def _page(office: Office, widget: Widget, chosen: Chosen, found: Shown, groups: list[Group]) -> Response:
    html = render_template(
        "widgets/recent.html",
        widget=widget,
        items=found.items,
        count=found.count,
        chosen=chosen,
        pages=max(1, -(-found.count // PER_PAGE)),
        groups=groups,
        kept=[*looks().items(), *_centre_fields()],
        map=_map(office, found.copies, chosen),
        here=request.path,
        report_at=report_address(),
        weeks=WEEKS,
    )
    response = Response(html, mimetype="text/html")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _centre_fields() -> list[tuple[str, str]]:
    return [(name, request.args[name][:most]) for name, most in CENTRE.items() if request.args.get(name)]


def _map(office: Office, copies: Sequence[PublicRequest], chosen: Chosen) -> Pinned | None:
    points = [(str(number), one.at) for number, one in enumerate(copies, start=1) if one.at is not None]
    return draw(office.layers, points, around=chosen.at, within=WITHIN)


def _feed(office: Office, wanted: Wanted, now: datetime) -> Response:
    """Return the same as GeoJSON (RFC 7946), the newest first; positions as rounded as the pins."""
    ids, _count = nearby.recent(wanted, first=0, most=FEED)
    copies = [one for case in nearby.cases(ids) if (one := in_public(office, case, now=now)) is not None]
    response = jsonify(type="FeatureCollection", features=[_feature(one) for one in copies])
    response.mimetype = "application/geo+json"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _feature(one: PublicRequest) -> dict[str, object]:
    point = {"type": "Point", "coordinates": [one.at[1], one.at[0]]} if one.at else None
    return {
        "type": "Feature",
        "id": one.number,
        "geometry": point,
        "properties": {
            "number": one.number,
            "service": one.service,
            "place": one.place,
            "words": one.words,
            "created_at": one.created_at.isoformat(timespec="seconds"),
            "status": one.status.value,
            "ending": one.ending.value if one.ending else None,
        },
    }
