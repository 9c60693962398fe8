"""What did a condition ask, and what was found there? In words for a clerk, without a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from routing.conditions import Asked
from routing.layers import AssetFound, RoadFound
from routing.matching import PLACE_KEYS, Scene, is_told, stands
from routing.moments import Times, is_holiday, is_open
from routing.survey import Survey
from routing.town import WEEKDAYS, Town

NO_POINT = "no point on the map"


def question(asked: Asked) -> str:
    """Return what was asked as the rules file has it: ``road_owner: county``, ``area parks: any``."""
    return f"{asked.key}{' ' + asked.name if asked.name else ''}: {_wanted(asked.wanted)}"


def evidence(asked: Asked, seen: Survey) -> str:
    """Return what was found: layer, feature, metres, the answer given, the words that stood there."""
    scene = seen.scene
    if asked.key in PLACE_KEYS:
        if scene.service.location == "none":
            return "this service asks for no place"
        if asked.key == "road_owner":
            return _road(seen)
        if not (scene.has_place or is_told(asked.key, scene)):
            return NO_POINT
    return FINDERS[asked.key](asked, scene)


def _wanted(wanted: object) -> str:
    if isinstance(wanted, bool):
        return "true" if wanted else "false"
    if isinstance(wanted, Times):
        return ", ".join(_times(wanted))
    return ", ".join(map(str, wanted)) if isinstance(wanted, tuple) else str(wanted)


def _times(times: Times) -> Iterable[str]:
    if times.office:
        yield f"office {times.office}"
    if times.holiday is not None:
        yield "a holiday" if times.holiday else "no holiday"
    if times.weekdays:
        yield " or ".join(times.weekdays)
    if times.months:
        yield f"month {' or '.join(map(str, times.months))}"
    if times.between:
        yield f"{times.between[0]:%H:%M} to {times.between[1]:%H:%M}"


def _service(_asked: Asked, scene: Scene) -> str:
    return scene.service.code


def _group(_asked: Asked, scene: Scene) -> str:
    return scene.service.group


def _given(asked: Asked, scene: Scene) -> str:
    return scene.answers.get(asked.name, "").strip() or "not answered"


def _words(asked: Asked, scene: Scene) -> str:
    said = [word for word in asked.wanted if stands((word,), scene.text)]
    if said:
        return ", ".join(f"“{word}”" for word in said)
    return "none of it in the text" if scene.text.strip() else "no text"


def _widget(_asked: Asked, scene: Scene) -> str:
    return scene.widget or "no widget"


def _language(_asked: Asked, scene: Scene) -> str:
    return scene.language


def _page(_asked: Asked, scene: Scene) -> str:
    return scene.page or "no page"


def _time(_asked: Asked, scene: Scene) -> str:
    return "no moment given" if scene.now is None else _moment(scene.town, scene.now)


def _moment(town: Town, now: datetime) -> str:
    here = now.astimezone(town.zone)
    office = "open" if is_open(town, now) else "closed"
    holiday = ", a holiday" if is_holiday(town, here.date()) else ""
    return f"{WEEKDAYS[here.weekday()]} {here:%Y-%m-%d %H:%M}, office {office}{holiday}"


def _area(asked: Asked, scene: Scene) -> str:
    here = scene.areas.get(asked.name, ())
    names = (", ".join(dict.fromkeys(word for word in (area.name, area.owner) if word)) for area in here)
    return "; ".join(names) or "no area of this layer here"


def _outside(_asked: Asked, scene: Scene) -> str:
    if not scene.has_place:
        return f"{NO_POINT}; words alone count as inside the town"
    return "outside the town" if scene.outside else "inside the town"


def _asset(_asked: Asked, scene: Scene) -> str:
    return "; ".join(map(_one_asset, scene.assets)) or "none near enough"


def _one_asset(asset: AssetFound) -> str:
    far = "" if asset.distance_m is None else f", {asset.distance_m:.1f} m"
    typed = ", by its typed number" if asset.is_typed else ""
    return f"{asset.layer} {asset.name or 'without a number'}, {asset.owner}{far}{typed}"


def _road(seen: Survey) -> str:
    road = seen.road
    if road is None:
        return "no road near enough" if seen.scene.has_place else f"{NO_POINT}, and no name of a road"
    found = _roads(road)
    # Only a picked road is taken as one of several; without a pick the first is, and it stands first.
    is_picked = road.unsure and len(seen.owners) == 1
    return f"{found}; taken as {seen.owners[0]}" if is_picked else found


def _roads(road: RoadFound) -> str:
    if road.by_name:
        said = " or ".join(f"{near.name}, {near.owner}" for near in road.candidates)
        return f"{said}, by the name that was written"
    said = f"{road.layer}: {road.name or 'a road without a name'}, {road.owner}, {road.distance_m:.1f} m"
    if road.other_owner is None:
        return said
    other = road.other_name or "a road without a name"
    return f"{said}; next {other}, {road.other_owner}, {road.other_distance_m:.1f} m"


FINDERS: Mapping[str, Callable[[Asked, Scene], str]] = {
    "service": _service, "group": _group, "answer": _given, "words": _words, "widget": _widget,
    "language": _language, "page": _page, "time": _time,
    "area": _area, "outside": _outside, "asset_owner": _asset,
}  # fmt: skip
