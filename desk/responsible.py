"""Which agency is it for, if it is not ours? The likely ones first, each with the reason why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from casework.correction import Correction
from casework.foreseeing import decide_again, standing
from casework.office import Office
from desk import words
from lifecycle.journal import Kind
from routing.rulebook import Agency, Condition, Outcome
from storage import lookups
from storage.lookups import Case

MOST_REASONS = 2
AT_THE_PLACE, ON_THE_MAP, CHOSEN, IN_THE_RULES = range(4)
"""How much a reason says, the strongest first."""


@dataclass
class Choice:
    """One agency. ``happens`` says what follows when it is chosen."""

    id: str
    name: str
    kind: str
    phone: str
    happens: str
    has_refused: bool = False
    reasons: dict[int, str] = field(default_factory=dict)
    weight: int = 0

    @property
    def why(self) -> list[str]:
        return [self.reasons[rank] for rank in sorted(self.reasons)][:MOST_REASONS]


def agencies(office: Office, case: Case, *, now: datetime) -> tuple[list[Choice], list[Choice]]:
    """Return the agencies that something speaks for, the strongest reason first, and all the others."""
    choices = {agency.id: _choice(agency) for agency in office.rulebook.agencies.values()}
    for agency_id, rank, reason, weight in _evidence(office, case, now):
        if agency_id in choices and rank not in choices[agency_id].reasons:
            choices[agency_id].reasons[rank] = reason
            choices[agency_id].weight += weight
    for entry in case.in_force:
        if entry.kind == Kind.AGENCY_REFUSED and entry.facts.get("agency") in choices:
            choices[entry.facts["agency"]].has_refused = True
    likely = [choice for choice in choices.values() if choice.reasons and not choice.has_refused]
    likely.sort(key=lambda choice: (min(choice.reasons), -choice.weight))
    others = [choice for choice in choices.values() if choice not in likely]
    others.sort(key=lambda choice: choice.has_refused)
    return likely, others


def kind_words(agency: Agency) -> str:
    return {
        "county": _("County"),
        "state": _("State"),
        "village": _("Village"),
        "utility": _("Utility"),
        "district": _("District"),
        "park": _("Parks"),
        "conservation": _("Conservation"),
        "animal-welfare": _("Animal welfare"),
        "neighbour": _("Neighboring town"),
        "private": _("Private"),
    }[agency.kind]


def _choice(agency: Agency) -> Choice:
    if agency.handoff == "mail":
        happens = _("We hand it over by mail and tell the resident.")
    elif agency.handoff == "open311":
        happens = _("We hand it over into their own system and tell the resident.")
    elif agency.phone:
        happens = _("The request ends. The resident is told to call %(phone)s.", phone=agency.phone)
    else:
        happens = _("The request ends. The resident is told whom to contact.")
    # A card's number already stands in what happens.
    phone = agency.phone if agency.phone and agency.handoff != "none" else ""
    return Choice(agency.id, agency.name.said(str(words.locale())), kind_words(agency), phone, happens)


Evidence = Iterator[tuple[str, int, str, int]]
"""Agency id, rank of the reason, the reason, its weight among reasons of this rank."""


def _evidence(office: Office, case: Case, now: datetime) -> Evidence:
    yield from _decided(office, case, now)
    yield from _on_the_map(office, case)
    for agency_id, count in lookups.agencies_chosen(case.request.service, besides=case.request.id):
        reason = ngettext(
            "Chosen once before for this service.", "Chosen %(num)d times before for this service.", count
        )
        yield agency_id, CHOSEN, reason, count
    yield from _in_the_rules(office, case.request.service)


def _decided(office: Office, case: Case, now: datetime) -> Evidence:
    now_at = standing(case.request)
    if now_at.service not in office.rulebook.services:
        return
    decision = decide_again(
        office, case.request, Correction(now_at.service, now_at.at, now_at.place), now=now
    )
    if decision.outcome in (Outcome.CARD, Outcome.HANDOFF) and decision.target:
        yield decision.target, AT_THE_PLACE, _("The rules name them for this very place."), 1


def _on_the_map(office: Office, case: Case) -> Evidence:
    at = standing(case.request).at
    if at is None:
        return
    for name, owner, metres in _roads(office, at):
        said = _("The map: %(road)s is theirs, %(metres)d m away.", road=name, metres=metres)
        yield from _named(office, "road_owner", owner, said)
    for asset in office.layers.assets_at(at, case.request.answers):
        said = _("The map: what stands there (%(name)s) is theirs.", name=asset.name or asset.layer)
        yield from _named(office, "asset_owner", asset.owner, said)
    for layer, areas in office.layers.all_areas(*at).items():
        for area in areas:
            said = _("The map: the place lies in %(area)s.", area=area.name or area.owner)
            yield from _in_area(office, layer, {area.name, area.owner, "any"}, said)


def _roads(office: Office, at: tuple[float, float]) -> Iterator[tuple[str, str, float]]:
    """Yield name, owner and metres of every road that it could be, the likeliest first."""
    road = office.layers.nearest_road(*at)
    if road is None:
        return
    for near in road.candidates:
        yield near.name or _("a road without a name"), near.owner, near.distance_m or 0
    if road.other_owner:
        yield road.other_name or _("a road without a name"), road.other_owner, road.other_distance_m or 0


def _named(office: Office, key: str, owner: str, said: str) -> Evidence:
    """Yield the agencies of rules that ask for this owner."""
    for target, condition in _conditions(office):
        if owner in getattr(condition, key):
            yield target, ON_THE_MAP, said, 1


def _in_area(office: Office, layer: str, wanted: set[str], said: str) -> Evidence:
    for target, condition in _conditions(office):
        if wanted & set(condition.area.get(layer, ())):
            yield target, ON_THE_MAP, said, 1


def _in_the_rules(office: Office, code: str) -> Evidence:
    service = office.rulebook.services.get(code)
    group = {service.group} if service else set()
    for target, condition in _conditions(office):
        if code in condition.service or group & set(condition.group):
            yield target, IN_THE_RULES, _("The rules name them for such requests."), 1


def _conditions(office: Office) -> Iterator[tuple[str, Condition]]:
    """Yield every condition under which an agency is named, those inside ``all`` and ``any`` too."""
    for rule in office.rulebook.rules:
        target = rule.card or rule.handoff
        if target:
            yield from ((target, condition) for condition in _parts(rule.when))


def _parts(condition: Condition) -> Iterator[Condition]:
    yield condition
    for part in (*condition.all, *condition.any):
        yield from _parts(part)
