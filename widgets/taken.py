"""Was a photo taken at another place than the resident said, and is that the place they mean?

The place is offered, never taken: a photo may be an old one, or of something seen from afar. It travels
signed in hidden fields, stands in no address, and is gone when the report is sent without it.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from casework.office import Office
from routing.addresses import Spot, metres
from storage.positions import Position
from widgets import townmap, where
from widgets.draft import Draft
from widgets.journey import Journey
from widgets.tokens import Seal

FAR = 50.0
"""Metres: what is nearer is the same place, as telephones measure it."""


@dataclass(frozen=True)
class Offer:
    """A sentence that says about where, and the value of the button that accepts it."""

    sentence: str
    value: str


def offered(journey: Journey) -> Offer | None:
    """Return the place of a photo that is news, the latest first; None where there is nothing to ask."""
    office, draft = journey.office, journey.draft
    if journey.service is None or journey.service.location == "none":
        return None
    seal = Seal(office.secret)
    known = [place for value in draft.all("asked") if (place := _place(seal, draft, value))]
    known += [journey.at] if journey.at else []
    for value in reversed(draft.all("taken")):
        at = _place(seal, draft, value)
        if at and all(_apart(at, other) > FAR for other in known) and _is_here(office, at):
            return Offer(_sentence(office, at), value)
    return None


def accepted(draft: Draft, office: Office, value: str) -> Draft:
    """Return the draft with that photo's position; as it was where the mark is not one of its own."""
    at = _place(Seal(office.secret), draft, value)
    if at is None:
        return draft
    lat, lon = (f"{part:.6f}" for part in at)
    # Which road it is was answered for another position.
    return where.forgotten(draft).changed(lat=lat, lon=lon, road="", asked=draft.all("taken"))


def pruned(draft: Draft, more: list[str]) -> Draft:
    """Return the draft with ``more`` marks, each once."""
    marks = {field: list(dict.fromkeys(draft.all(field))) for field in ("taken", "asked")}
    return draft.changed(taken=list(dict.fromkeys([*marks["taken"], *more])), asked=marks["asked"])


def _place(seal: Seal, draft: Draft, value: str) -> Position | None:
    """Return the place of a mark whose photo is still among those of the draft."""
    found = seal.taken(value)
    photos = {photo.sha256 for name in draft.all("photo") if (photo := seal.photo(name))}
    return found[1] if found and found[0] in photos else None


def _apart(one: Position, other: Position) -> float:
    return metres(Spot("", *one), Spot("", *other))


def _is_here(office: Office, at: Position) -> bool:
    """Whether it can be the town's: last summer's beach is not offered."""
    lat, lon = at
    if office.layers.outside(lat, lon):
        return False
    bounds = townmap.the_map(office).bounds
    return bounds is None or (bounds[0] <= lon <= bounds[2] and bounds[1] <= lat <= bounds[3])


def _sentence(office: Office, at: Position) -> str:
    found = office.gazetteer.nearest(*at)
    lat, lon = (f"{part:.5f}" for part in at)
    words = found.words if found else _("Position: %(lat)s, %(lon)s", lat=lat, lon=lon)
    return _("Your photo was taken about here: %(place)s.", place=words)
