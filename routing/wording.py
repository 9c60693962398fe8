"""How is this decision told: one sentence to the resident, a longer one to the staff?"""

from __future__ import annotations

from typing import Protocol

from babel import Locale
from babel.numbers import format_decimal

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


def because_staff(
    rulebook: Rulebook, scene: Scene, verdict: Verdict, road: RoadFound | None, say: Translate
) -> str:
    """Return what the staff reads: the rule, the road with its distances, the areas, what was missing.

    ``say`` speaks the town's first language, in which numbers are written too.
    """
    language = rulebook.town.languages[0]
    parts = [_rule_part(verdict, say)]
    if verdict.rule and verdict.rule.staff:
        parts.append(verdict.rule.staff.said(language))
    if scene.service.location != "none" and not scene.has_place:
        parts.append(say(sentences.PLACELESS))
    if verdict.unsure and scene.now is None and verdict.rule and asks_time(verdict.rule.when):
        parts.append(say(sentences.TIMELESS))
    if road:
        parts.append(_road_part(road, scene.road_owner, say, language) + ".")
    elif verdict.unsure and scene.has_place:
        parts.append(say(sentences.ROADLESS))
    parts += (_asset_part(asset, say, language) for asset in scene.assets)
    inside = dict.fromkeys(
        area.name or f"{layer}: {area.owner}"
        for layer, areas in scene.areas.items()
        if not rulebook.layers[layer].boundary  # that it lies in the town goes without saying
        for area in areas
    )
    if inside:
        parts.append(fill(say(sentences.INSIDE), {"areas": ", ".join(inside)}))
    if scene.outside:
        parts.append(say(sentences.BEYOND))
    return " ".join(parts)


def _metres(distance: float | None, language: str) -> str:
    return format_decimal(distance or 0, "0.0", locale=Locale.parse(language, sep="-"))


def _asset_part(asset: AssetFound, say: Translate, language: str) -> str:
    how = [say(sentences.TYPED)] if asset.is_typed else []
    if asset.distance_m is not None:
        how.append(fill(say(sentences.AWAY), {"metres": _metres(asset.distance_m, language)}))
    name = asset.name or say(sentences.UNNUMBERED)
    values = {"layer": asset.layer, "asset": name, "owner": asset.owner, "how": ", ".join(how)}
    return fill(say(sentences.ASSET), values)


def _rule_part(verdict: Verdict, say: Translate) -> str:
    if verdict.outcome is Outcome.ASK:
        return say(sentences.TWO_OWNERS)
    if verdict.rule:
        sentence = sentences.UNDECIDED if verdict.unsure else sentences.BY_RULE
        return fill(say(sentence), {"rule": verdict.rule.id})
    return say(sentences.UNCOVERED if verdict.unsure else sentences.BY_SERVICE)


def _road_part(road: RoadFound, taken: str | None, say: Translate, language: str) -> str:
    if road.by_name:
        said = fill(say(sentences.WRITTEN), {"roads": road_list(road, say)})
    else:
        nearest = _near(road.name, road.owner, road.distance_m, say, language)
        said = fill(say(sentences.NEAREST), nearest)
        if road.other_owner:
            other = _near(road.other_name, road.other_owner, road.other_distance_m, say, language)
            said = fill(say(sentences.NEXT), {"said": said, **other})
    if road.unsure and taken not in (None, road.owner):
        said = fill(say(sentences.TAKEN), {"said": said, "owner": str(taken)})
    return said


def _near(
    name: str | None, owner: str, distance: float | None, say: Translate, language: str
) -> dict[str, str]:
    return {
        "road": name or say(sentences.UNNAMED),
        "owner": owner,
        "metres": _metres(distance, language),
    }


def road_list(road: RoadFound, say: Translate = str) -> str:
    """Return every road that it could be, with its owner."""
    return ", ".join(f"{near.name or say(sentences.UNNAMED)} ({near.owner})" for near in road.candidates)
