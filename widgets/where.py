"""Which place of the town do the typed words mean, and is that told before it is used?

One place that is surely meant becomes the position, and is told at the check; several are asked about;
where there is none, the words stay what they are, and a road in them may still decide whose job it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from casework.office import Office
from routing.addresses import Spot, metres
from routing.gazetteer import Place
from widgets.draft import Draft
from widgets.forms import Errors

ASK = "?"
"""In ``which``: the list was shown, and nothing is picked yet."""
NONE = "none"
"""In ``which``: none of these; the place is as it was written."""


@dataclass(frozen=True)
class Choice:
    """One of several places: the value of its field, and its words."""

    value: str
    label: str


def settle(office: Office, draft: Draft) -> tuple[Draft, Errors]:
    """Return the draft with the position that its words mean, or with the question which one is meant."""
    words, picked = draft.text("place"), (draft.all("which") or [""])[-1]
    draft = draft.changed(which="")
    known = draft.text("spot_of")
    if known and known != words:
        draft = forgotten(draft) if spot(draft) else draft.changed(spot="", spot_of="")
    elif known and not picked:
        return draft, []
    elif known and picked == NONE:
        return forgotten(draft).changed(spot_of=words), []
    if not words or draft.text("lat") or draft.text("lon"):
        return draft, []
    return _looked_up(office, draft, words, picked if known == words else "")


def _looked_up(office: Office, draft: Draft, words: str, picked: str) -> tuple[Draft, Errors]:
    found = office.gazetteer.find(words)
    if found.sure:
        return _placed(draft, found.sure, words), []
    for place in found.choices:
        if picked == _value(place):
            return _placed(draft, place, words), []
    if not found.choices:
        return draft, []
    sentence = _("Pick the one that you mean, or say that it is none of these.")
    return draft.changed(which=ASK, spot_of=words), [("which", sentence)] if picked else []


def is_asking(draft: Draft) -> bool:
    """Whether the words may mean several places, and the resident was not asked or did not say."""
    return draft.text("which") == ASK


def choices(office: Office, draft: Draft) -> list[Choice]:
    """Return the places to choose from; none where nothing is asked."""
    found = office.gazetteer.find(draft.text("place")).choices if is_asking(draft) else ()
    return [Choice(_value(place), label) for place, label in zip(found, labels(found), strict=True)]


def labels(places: Sequence[Place]) -> list[str]:
    """Return the words of each place; where two have the same, with the side on which it lies."""
    times = Counter(place.words for place in places)
    return [_sided(place, places) if times[place.words] > 1 else place.words for place in places]


def _sided(place: Place, places: Sequence[Place]) -> str:
    same = [other.at for other in places if other.words == place.words and other.at]
    if place.at is None or not same:
        return place.words
    north = place.at[0] - sum(lat for lat, _lon in same) / len(same)
    east = place.at[1] - sum(lon for _lat, lon in same) / len(same)
    if abs(north) >= abs(east):
        said = _("%(place)s, to the north") if north >= 0 else _("%(place)s, to the south")
    else:
        said = _("%(place)s, to the east") if east >= 0 else _("%(place)s, to the west")
    return said % {"place": place.words}


def spot(draft: Draft) -> str:
    """Return the words of the place whose position was found on the town's map; empty for any other.

    The position stands beside them, so that one set later (a photo's, a pin's) is not called so.
    """
    at, _sep, words = draft.text("spot").partition("|")
    return words if words and at == f"{draft.text('lat')},{draft.text('lon')}" else ""


def apart(office: Office, draft: Draft) -> float:
    """Return how many metres lie between the position and the house or corner that the words surely mean.

    0 where they mean none, or one of which nobody can tell where on it: a road, a park.
    """
    sure = office.gazetteer.find(draft.text("place")).sure if draft.at else None
    if draft.at is None or sure is None or sure.at is None or sure.kind not in ("address", "corner"):
        return 0.0
    return metres(Spot("", *draft.at), Spot("", *sure.at))


def forgotten(draft: Draft) -> Draft:
    """Return the draft without a position."""
    return draft.changed(lat="", lon="", spot="", spot_of="")


def unplaced(draft: Draft) -> Draft:
    """Return the draft without a position, and with words that are not looked up again."""
    return forgotten(draft).changed(spot_of=draft.text("place"))


def _value(place: Place) -> str:
    return "{:.6f},{:.6f}".format(*place.at) if place.at else ""


def _placed(draft: Draft, place: Place, words: str) -> Draft:
    lat, _sep, lon = _value(place).partition(",")
    return draft.changed(lat=lat, lon=lon, spot=f"{lat},{lon}|{place.words}", spot_of=words)


# -- in words --


def told(office: Office, draft: Draft) -> str:
    """Return what is known of the position: found by words, or near which house, corner or road."""
    if draft.at is None:
        return ""
    if found := spot(draft):
        return _("Found on the town's map: %(place)s.", place=found)
    return near(office, *draft.at) or _("A position was added.")


def near(office: Office, lat: float, lon: float) -> str:
    """Return a sentence on what is at a position; empty where nothing with a name is near."""
    if office.layers.outside(lat, lon):
        return _("The position is outside the town.")
    found = office.gazetteer.nearest(lat, lon)
    if found is None:
        return ""
    sentences = {
        "address": _("The position is by %(place)s.", place=found.words),
        "corner": _("The position is at the corner of %(place)s.", place=found.words),
        "landmark": _("The position is in %(place)s.", place=found.words),
        "road": _("The position is on %(place)s.", place=found.words),
    }
    return sentences[found.kind]
