"""What stands on the map's page: the picture, its legend, and what the rules say of a spot?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from casework.office import Office
from operations import words
from operations.asking import SIZES, Question, height_of
from operations.atlas import Atlas
from operations.drawing import area_styles, draw, highlighted, scale
from operations.labels import labels
from operations.window import HEIGHT, WIDTH, Window
from routing.decision import Decision
from routing.rulebook import Outcome, Service
from routing.trace import Trace, explain

CLOSER, FARTHER = 0.5, 2.0
STEP = 0.5  # of the picture's width and height
FAR = 2500.0  # metres across; from here on every pole of a street would touch the next
SHEET = "operations-map.css"


@dataclass(frozen=True)
class Key:
    """One line of the legend; ``kind`` is road, area or asset."""

    kind: str
    style: int
    text: str


@dataclass(frozen=True)
class Candidate:
    """One road that was weighed."""

    road: str
    owner: str
    metres: str


@dataclass(frozen=True)
class MapPage:
    """The page's values."""

    asked: Question
    trace: Trace | None
    who: str
    outcome: str
    candidates: tuple[Candidate, ...]
    legend: tuple[Key, ...]
    views: dict[str, str]
    """Link -> the window it leads to, as it travels in the address."""
    services: tuple[tuple[str, list[Service]], ...]
    is_partial: bool
    sizes: tuple[tuple[int, int], ...]


def map_page(office: Office, atlas: Atlas, asked: Question) -> MapPage:
    """Return the page's values; a spot is decided and its whole trace told."""
    trace = None
    if asked.is_asked and not asked.mistakes:
        trace = explain(office.rulebook, office.layers, asked.facts(words.language()))
    decision = trace.decision if trace else None
    return MapPage(
        asked=asked,
        trace=trace,
        who=_who(office, decision) if decision else "",
        outcome=words.outcome(decision.outcome) if decision else "",
        candidates=_candidates(office, decision) if decision else (),
        legend=_legend(office, atlas),
        views=_views(atlas, asked.window),
        services=_services(office),
        is_partial=draw(atlas, asked.window).is_partial,
        sizes=tuple((width, height_of(width)) for width in SIZES),
    )


def map_picture(office: Office, atlas: Atlas, asked: Question) -> dict[str, Any]:
    """Return what the SVG's template draws."""
    window, pin, found = asked.window, None, None
    if asked.at is not None:
        found = office.layers.nearest_road(*asked.at)
        pin = window.unit(*asked.at) if window.holds(*asked.at) else None
    drawn = draw(atlas, window)
    metres, units = scale(window)
    weighed = atlas.candidates(found, *asked.at) if asked.at is not None else []
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "sheet": _sheet(),
        "drawn": drawn,
        "weighed": highlighted(weighed, window),
        "labels": labels(drawn, lambda strand: words.on_the_map(office.rulebook, strand), pin),
        "pin": pin,
        "dot_radius": 8 if window.across < FAR else 4,
        "scale_units": units,
        "scale_words": _metres(metres),
    }


def _sheet() -> str:
    return (Path(current_app.root_path) / "static" / SHEET).read_text(encoding="utf-8")


def _metres(metres: int) -> str:
    feet = metres / 0.3048
    if metres >= 1000:
        return _("%(km)d km (%(miles).1f mi)", km=metres // 1000, miles=feet / 5280)
    return _("%(metres)d m (%(feet)d ft)", metres=metres, feet=round(feet, -1))


def _who(office: Office, decision: Decision) -> str:
    if decision.outcome is Outcome.STOP:
        return _("call %(number)s", number=decision.target or "")
    if decision.outcome is Outcome.ASK:
        return _("or").join(f" {option.label} " for option in decision.options).strip()
    if decision.outcome is not Outcome.ACCEPT:
        return words.target(office, decision.target)
    person = office.rulebook.people[decision.services_assignee]
    department = office.rulebook.departments[person.department]
    return f"{person.name.said(words.language())}, {department.name.said(words.language())}"


def _candidates(office: Office, decision: Decision) -> tuple[Candidate, ...]:
    road = decision.road
    if road is None:
        return ()
    near = [(one.name, one.owner, one.distance_m) for one in road.candidates]
    if len(near) == 1 and road.other_owner is not None and road.other_distance_m is not None:
        near.append((road.other_name or "", road.other_owner, road.other_distance_m))
    return tuple(
        Candidate(
            name or _("a road without a name"),
            words.owner(office.rulebook, owner),
            _("by its name") if metres is None else _("%(metres).1f m", metres=metres),
        )
        for name, owner, metres in near
    )


def _legend(office: Office, atlas: Atlas) -> tuple[Key, ...]:
    roads = [
        Key("road", one.style, f"{words.owner(office.rulebook, one.word)} ({one.count})")
        for one in atlas.owners.values()
    ]
    areas = [Key("area", style, layer.replace("-", " ")) for layer, style in area_styles(atlas).items()]
    assets = [Key("asset", 1, sheet.layer.id.replace("-", " ")) for sheet in atlas.of("assets")]
    return (*roads, *areas, *assets)


def _views(atlas: Atlas, window: Window) -> dict[str, str]:
    views = {
        "in": window.zoomed(CLOSER),
        "out": window.zoomed(FARTHER),
        "north": window.moved(0, -STEP),
        "south": window.moved(0, STEP),
        "west": window.moved(-STEP, 0),
        "east": window.moved(STEP, 0),
    } | ({"whole": atlas.whole} if atlas.whole else {})
    return {name: view.written() for name, view in views.items()}


def _services(office: Office) -> tuple[tuple[str, list[Service]], ...]:
    book, language = office.rulebook, words.language()
    return tuple(
        (group.name.said(language), listed)
        for group in book.groups.values()
        if (listed := [one for one in book.services.values() if one.group == group.id])
    )
