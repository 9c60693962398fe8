"""Where is it, as everybody may read it? The road, and never a house."""

from __future__ import annotations

from flask_babel import gettext as _

from casework.office import Office
from casework.public_words import without_houses, words_of
from storage.tables import ServiceRequest

ON_IT = 40.0
"""Metres from a road's middle within which a place is "on" it."""


def public_place(office: Office, request: ServiceRequest) -> str:
    """Return where it is, to the road: "Mill Road", "near Mill Road", or the words without numbers."""
    if request.lat is not None and request.lon is not None:
        road = office.layers.nearest_road(request.lat, request.lon)
        if road is not None and road.name:
            is_on = road.distance_m is not None and road.distance_m <= ON_IT
            return road.name if is_on else _("near %(road)s", road=road.name)
    named = office.layers.named_road(request.place) if request.place else None
    if named is not None and named.name:
        return named.name
    return " ".join(words_of(office, request, without_houses(request.place)).split()).strip(" ,;-")
