"""Does this condition hold here: yes, no, or can nobody tell?

Three answers, because "no map says" must never pass for "no" (Kleene's logic: no beats unknown in
``all``, yes beats unknown in ``any``). Whoever asks decides what an unknown means; the decision
sends it to the clerk.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from routing.conditions import Asked
from routing.features import UNKNOWN, Feature
from routing.layers import AssetFound
from routing.moments import Times, is_moment
from routing.rulebook import Condition, Service, Town

Words = tuple[str, ...]
ANY, NONE = "any", "none"
"""Words that a condition may use instead of names: something is here, nothing is here."""


class Answer(Enum):
    NO = 0
    UNKNOWN = 1
    YES = 2

    def __bool__(self) -> bool:
        raise TypeError("compare an Answer by name: unknown is neither yes nor no")


def _is(true: bool) -> Answer:
    return Answer.YES if true else Answer.NO


@dataclass(frozen=True)
class Scene:
    """Everything that conditions may ask about one submission, already looked up.

    ``road_owner`` None means that no road is near; ``UNKNOWN`` that nobody can tell.
    ``has_place`` is False when the place was needed but came without coordinates. ``is_border``: the
    road is one whose two sides belong to different owners. ``is_named``: the road was found by its name
    in a place that was only typed.
    """

    service: Service
    has_place: bool
    answers: Mapping[str, str]
    text: str
    language: str
    widget: str | None
    areas: Mapping[str, tuple[Feature, ...]]
    outside: bool
    assets: tuple[AssetFound, ...]
    road_owner: str | None
    is_border: bool
    is_named: bool
    page: str
    town: Town
    now: datetime | None


class Judged(NamedTuple):
    """How one condition, or one thing that it asks, was answered.

    A leaf has ``asked``. Everything else has ``parts`` and the ``group`` by which they are folded:
    ``all``, ``any`` or ``not``.
    """

    answer: Answer
    asked: Asked | None = None
    group: str = "all"
    parts: tuple[Judged, ...] = ()


def holds(condition: Condition, scene: Scene) -> Answer:
    """Return whether the condition holds."""
    return judge(condition, scene).answer


def judge(condition: Condition, scene: Scene, wanted: bool = True) -> Judged:
    """Return whether the condition holds, with the answer to everything that it asks.

    ``wanted`` is False inside a ``not``: a service without a place never matches by place, on either
    side of it.
    """
    parts = [Judged(_answer(asked, scene, wanted), asked) for asked in condition.asked]
    parts += [judge(part, scene, wanted) for part in condition.all]
    if condition.any:
        either = tuple(judge(part, scene, wanted) for part in condition.any)
        parts.append(Judged(max((part.answer for part in either), key=_rank), None, "any", either))
    if condition.not_ is not None:
        inner = judge(condition.not_, scene, not wanted)
        parts.append(Judged(opposite(inner.answer), None, "not", (inner,)))
    lowest = min((part.answer for part in parts), key=_rank, default=Answer.YES)
    return Judged(lowest, None, "all", tuple(parts))


def opposite(answer: Answer) -> Answer:
    """Return what ``not`` makes of the answer: unknown stays unknown."""
    return Answer(2 - answer.value)


def _rank(answer: Answer) -> int:
    return answer.value


def asks_road(condition: Condition) -> bool:
    """Return whether the condition, anywhere in it, asks who owns the road."""
    return bool(condition.road_owner) or any(map(asks_road, _parts(condition)))


def asks_time(condition: Condition) -> bool:
    """Return whether the condition, anywhere in it, asks for the moment."""
    return condition.time is not None or any(map(asks_time, _parts(condition)))


def _parts(condition: Condition) -> tuple[Condition, ...]:
    return (*condition.all, *condition.any, *((condition.not_,) if condition.not_ else ()))


def _service(_name: str, wanted: Words, scene: Scene) -> Answer:
    return _is(scene.service.code in wanted)


def _group(_name: str, wanted: Words, scene: Scene) -> Answer:
    return _is(scene.service.group in wanted)


def _given(question: str, wanted: Words, scene: Scene) -> Answer:
    said = scene.answers.get(question, "")
    given = {part.strip().casefold() for part in said.split(",")} - {""}
    given.add(said.strip().casefold())
    return _is(bool(given & {word.casefold() for word in wanted}))


def _words(_name: str, wanted: Words, scene: Scene) -> Answer:
    return _is(stands(wanted, scene.text))


def _widget(_name: str, wanted: Words, scene: Scene) -> Answer:
    return _is((scene.widget or NONE) in wanted)


def _language(_name: str, wanted: Words, scene: Scene) -> Answer:
    language = scene.language.casefold()
    spoken = {language, language.split("-")[0]}
    return _is(bool(spoken & {tag.casefold() for tag in wanted}))


def _page(_name: str, wanted: Words, scene: Scene) -> Answer:
    return _is(_is_below(scene.page, wanted))


def _is_below(page: str, wanted: Iterable[str]) -> bool:
    """Return whether the page is one of the wanted ones, or stands below one."""
    path = _path(page)
    return any(path == _path(start) or path.startswith(_path(start) + "/") for start in wanted if path)


def _path(page: str) -> str:
    try:
        return "/" + urlsplit(page).path.strip("/*") if page else ""
    except ValueError:
        return ""


def _time(_name: str, wanted: Times, scene: Scene) -> Answer:
    return Answer.UNKNOWN if scene.now is None else _is(is_moment(wanted, scene.town, scene.now))


def _area(layer: str, wanted: Words, scene: Scene) -> Answer:
    areas = scene.areas.get(layer, ())
    here = {area.name.casefold() for area in areas} | {area.owner for area in areas}
    here.add(ANY if areas else NONE)
    return _is(any(word.casefold() in here for word in wanted))


def _outside(_name: str, wanted: bool, scene: Scene) -> Answer:
    return _is(scene.outside is wanted)


def _road(_name: str, wanted: Words, scene: Scene) -> Answer:
    return _owned(wanted, (scene.road_owner,) if scene.road_owner is not None else ())


def _asset(_name: str, wanted: Words, scene: Scene) -> Answer:
    return _owned(wanted, tuple(asset.owner for asset in scene.assets))


def _owned(wanted: Words, owners: Words) -> Answer:
    """Nothing found is ``none`` when a rule says what that means, and otherwise unknown."""
    if not owners:
        return _is(True) if NONE in wanted else Answer.UNKNOWN
    if set(owners) & set(wanted) or (ANY in wanted and set(owners) != {UNKNOWN}):
        return Answer.YES
    return Answer.UNKNOWN if UNKNOWN in owners and set(wanted) != {NONE} else Answer.NO


TESTS: Mapping[str, Callable[[str, Any, Scene], Answer]] = {
    "service": _service, "group": _group, "answer": _given, "words": _words, "widget": _widget,
    "language": _language, "page": _page, "time": _time,
    "area": _area, "outside": _outside, "road_owner": _road, "asset_owner": _asset,
}  # fmt: skip
PLACE_KEYS = frozenset({"area", "outside", "road_owner", "asset_owner"})


def _answer(asked: Asked, scene: Scene, wanted: bool) -> Answer:
    if asked.key in PLACE_KEYS:
        if scene.service.location == "none":
            return _is(not wanted)
        if not (scene.has_place or is_told(asked.key, scene)):
            return Answer.UNKNOWN
    return TESTS[asked.key](asked.name, asked.wanted, scene)


def is_told(key: str, scene: Scene) -> bool:
    """Return whether words alone answer this about the place.

    An address typed in words is presumed to lie in the town. Who owns what there, nobody can tell,
    except of a road that it names and of a pole whose number was typed.
    """
    return (
        key == "outside"
        or (key == "asset_owner" and bool(scene.assets))
        or (key == "road_owner" and scene.is_named)
    )


def stands(words: tuple[str, ...], text: str) -> bool:
    """Return whether any of the words or phrases stands in the text as a whole word.

    In any case, with or without its accents, and with either apostrophe: so do people type.
    """
    return bool(words) and _pattern(words).search(_plain(text)) is not None


def _plain(text: str) -> str:
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text.replace("’", "'"))
    return unicodedata.normalize("NFC", "".join(one for one in parts if not unicodedata.combining(one)))


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    plain = map(_plain, words)
    phrases = (r"\s+".join(map(re.escape, phrase.split())) for phrase in plain if phrase.strip())
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases) or '(?!)'})(?!\w)", re.IGNORECASE)
