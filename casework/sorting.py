"""By what does this town sort its requests when it counts them? Its clock, its departments, its wards."""

from __future__ import annotations

from hashlib import sha256

from figures.hexagons import Grid
from routing.layers import Layers
from routing.rulebook import Rulebook
from storage.factbook import Sorting


def grid_of(rulebook: Rulebook, layers: Layers) -> Grid:
    """Return the hexagons by which this town counts places: as wide at its latitude as they are high."""
    found = [feature.geometry.bounds for layer in rulebook.layers for feature in layers.features(layer)]
    if not found:
        return Grid()
    south, north = min(bounds[1] for bounds in found), max(bounds[3] for bounds in found)
    return Grid(round((south + north) / 2))


def residents_of(rulebook: Rulebook, layers: Layers) -> dict[str, int]:
    """Return how many people live in each ward of which it is known."""
    found: dict[str, int] = {}
    for feature in layers.features(rulebook.town.wards or ""):
        if feature.name and feature.residents and feature.residents > 0:
            found[feature.name] = found.get(feature.name, 0) + round(feature.residents)
    return found


def sorting_of(rulebook: Rulebook, layers: Layers) -> Sorting:
    """Return what only the town can say about where a request is counted."""
    wards = rulebook.town.wards

    def department(assignee: str) -> str:
        person = rulebook.people.get(assignee)
        return person.department if person else ""

    def ward(lat: float, lon: float) -> str:
        found = layers.areas(wards, lat, lon) if wards else ()
        return found[0].name if found else ""

    people = repr(sorted((person.id, person.department) for person in rulebook.people.values()))
    map_of_wards = layers.versions.get(wards, "") if wards else ""
    told = f"{rulebook.town.timezone}|{wards or ''}|{map_of_wards}|{people}"
    return Sorting(rulebook.town.zone, sha256(told.encode()).hexdigest()[:32], department, ward)
