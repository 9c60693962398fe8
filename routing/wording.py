"""How is this decision told: one sentence to the resident, a longer one to the staff?"""

from __future__ import annotations

from typing import Protocol

from routing import sentences
from routing.layers import AssetFound, RoadFound
from routing.matching import Scene, asks_time
from routing.rulebook import Outcome, Rule, Rulebook
from routing.sentences import Translate, fill


class Verdict(Protocol):
    """What was decided, as far as words need it."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def target(self) -> str | None: ...
    @property
    def rule(self) -> Rule | None: ...
    @property
    def unsure(self) -> bool: ...


def because(
    rulebook: Rulebook, language: str, scene: Scene, verdict: Verdict, road_name: str, translate: Translate
) -> str:
    """Return the sentence that the resident reads, in the language where the town gives it."""
    rule = verdict.rule
    values = _values(rulebook, language, scene, verdict, road_name, translate)
    if not verdict.unsure and rule is not None:
        if rule.stop is not None:
            return fill(rule.stop.say.said(language), values)
        if rule.say is not None:
            return fill(rule.say.said(language), values)
    # Only a layer that names the nearest one is about neighbours; a school district tells nothing here.
    near = [
        area for layer, here in scene.areas.items() if rulebook.layers[layer].nearest_within for area in here
    ]
    if scene.outside and near and not verdict.rule:
        values["area"] = near[0].name
    return fill(translate(_default(scene, verdict, bool(near))), values)


def notice(language: str, verdict: Verdict) -> str:
    """Return the town's one more sentence to the resident, or nothing."""
    rule = verdict.rule
    return rule.notice.said(language) if rule and rule.notice and not verdict.unsure else ""


def by_name(road_name: str, translate: Translate) -> str:
    """Return which road's name was read out of the resident's words."""
    return fill(translate(sentences.BY_NAME), {"road": road_name})


def _default(scene: Scene, verdict: Verdict, is_near: bool) -> str:
    if verdict.unsure:
        if not scene.has_place:
            return sentences.NO_PLACE
        if scene.outside:
            return sentences.OUTSIDE_NEAR if is_near else sentences.OUTSIDE
        return sentences.NO_ANSWER
    if verdict.outcome is Outcome.ASK and (scene.is_border or scene.is_named):
        return sentences.ASK_BORDER if scene.is_border else sentences.ASK_NAMED
    return {
        Outcome.STOP: sentences.STOP,
        Outcome.ASK: sentences.ASK,
        Outcome.CARD: sentences.ELSEWHERE,
        Outcome.HANDOFF: sentences.ELSEWHERE,
    }.get(verdict.outcome, sentences.OURS)


def _values(
    rulebook: Rulebook, language: str, scene: Scene, verdict: Verdict, road_name: str, translate: Translate
) -> dict[str, str]:
    agency = rulebook.agencies.get(verdict.target or "")
    is_ours = verdict.outcome is Outcome.ACCEPT and verdict.target is not None
    person = rulebook.person_for((is_ours and verdict.target) or scene.service.assignee)
    return {
        "road": road_name or translate(sentences.THIS_ROAD),
        "area": _area(rulebook, scene, verdict) or translate(sentences.THIS_AREA),
        "agency": agency.name.said(language) if agency else "",
        "service": scene.service.name.said(language),
        "town": rulebook.town.name.said(language),
        "department": rulebook.departments[person.department].name.said(language),
    }


def _area(rulebook: Rulebook, scene: Scene, verdict: Verdict) -> str:
    """The area that the rule asked for, else the first that is not the town itself."""
    asked = list(verdict.rule.when.area) if verdict.rule else []
    others = [layer for layer in scene.areas if not rulebook.layers[layer].boundary]
    for layer in (*asked, *others):
        for area in scene.areas.get(layer, ()):
            if area.name:
                return area.name
    return ""


def because_staff(rulebook: Rulebook, scene: Scene, verdict: Verdict, road: RoadFound | None) -> str:
    """Return what the staff reads: the rule, the road with its distances, the areas, what was missing."""
    parts = [_rule_part(verdict)]
    if verdict.rule and verdict.rule.staff:
        parts.append(verdict.rule.staff.said())
    if scene.service.location != "none" and not scene.has_place:
        parts.append("The place came without coordinates.")
    if verdict.unsure and scene.now is None and verdict.rule and asks_time(verdict.rule.when):
        parts.append("The rule asks for the time, and no moment was given.")
    if road:
        parts.append(_road_part(road, scene.road_owner))
    elif verdict.unsure and scene.has_place:
        parts.append("No road of the road layers is near enough to tell.")
    parts += (
        f"{asset.layer}: {asset.name or 'without a number'} ({asset.owner}), {_how_found(asset)}."
        for asset in scene.assets
    )
    inside = [
        f"{layer}: {', '.join(area.name or area.owner for area in areas)}"
        for layer, areas in scene.areas.items()
        if areas
    ]
    if inside:
        parts.append(f"Inside {'; '.join(inside)}.")
    if scene.outside:
        parts.append("Outside the town's boundary.")
    return " ".join(parts)


def _how_found(asset: AssetFound) -> str:
    away = "" if asset.distance_m is None else f"{asset.distance_m:.1f} m away"
    return ", ".join(part for part in ("by its typed number" if asset.is_typed else "", away) if part)


def _rule_part(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.ASK:
        return "The answer depends on which of two owners' roads is meant."
    if verdict.unsure and verdict.rule:
        return f'To the clerk: rule "{verdict.rule.id}" could not be decided.'
    if verdict.unsure:
        return "To the clerk: no rule covers this place."
    return f'Rule "{verdict.rule.id}".' if verdict.rule else "No rule applies; the service's own assignee."


def _road_part(road: RoadFound, taken: str | None) -> str:
    if road.by_name:
        return f"Found by the name that was written: {road_list(road)}{_taken(road, taken)}."
    said = f"Nearest road: {road.name or 'without a name'} ({road.owner}), {road.distance_m:.1f} m away"
    if road.other_owner:
        other = f"{road.other_name or 'without a name'} ({road.other_owner})"
        said += f"; next owner: {other}, {road.other_distance_m:.1f} m"
    return said + _taken(road, taken) + "."


def _taken(road: RoadFound, taken: str | None) -> str:
    return f"; taken as {taken}" if road.unsure and taken not in (None, road.owner) else ""


def road_list(road: RoadFound) -> str:
    """Return every road that it could be, with its owner."""
    return ", ".join(f"{near.name or 'without a name'} ({near.owner})" for near in road.candidates)
