"""Does this condition hold here: yes, no, or can nobody tell?

Three answers, because "no map says" must never pass for "no" (Kleene's logic: no beats unknown in
``all``, yes beats unknown in ``any``). Whoever asks decides what an unknown means; the decision
sends it to the clerk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from urllib.parse import urlsplit

from routing.features import UNKNOWN, Feature
from routing.layers import AssetFound
from routing.moments import is_moment
from routing.rulebook import Condition, Service, Town

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
    road is one whose two sides belong to different owners.
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
    page: str
    town: Town
    now: datetime | None


def holds(condition: Condition, scene: Scene, wanted: bool = True) -> Answer:
    """Return whether the condition holds. ``wanted`` is False inside a ``not``.

    A service without a place never matches by place, on either side of a ``not``.
    """
    answers = [test(condition, scene) for test in PLAIN_TESTS]
    answers += (_placed(test, condition, scene, wanted) for test in PLACE_TESTS)
    answers += (holds(part, scene, wanted) for part in condition.all)
    if condition.any:
        answers.append(max((holds(part, scene, wanted) for part in condition.any), key=_rank))
    if condition.not_ is not None:
        answers.append(Answer(2 - holds(condition.not_, scene, not wanted).value))
    return min(answers, key=_rank)


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


def _service(condition: Condition, scene: Scene) -> Answer:
    service = scene.service
    fits = (not condition.service or service.code in condition.service) and (
        not condition.group or service.group in condition.group
    )
    return _is(fits)


def _answers(condition: Condition, scene: Scene) -> Answer:
    for code, wanted in condition.answer.items():
        given = {part.strip().casefold() for part in scene.answers.get(code, "").split(",")} - {""}
        given.add(scene.answers.get(code, "").strip().casefold())
        if not given & {word.casefold() for word in wanted}:
            return Answer.NO
    return Answer.YES


def _words(condition: Condition, scene: Scene) -> Answer:
    return _is(not condition.words or stands(condition.words, scene.text))


def _source(condition: Condition, scene: Scene) -> Answer:
    language = scene.language.casefold()
    spoken = {language, language.split("-")[0]}
    fits = (not condition.widget or (scene.widget or NONE) in condition.widget) and (
        not condition.language or bool(spoken & {tag.casefold() for tag in condition.language})
    )
    return _is(fits and (not condition.page or _is_below(scene.page, condition.page)))


def _is_below(page: str, wanted: Iterable[str]) -> bool:
    """Return whether the page is one of the wanted ones, or stands below one."""
    path = _path(page)
    return any(path == _path(start) or path.startswith(_path(start) + "/") for start in wanted if path)


def _path(page: str) -> str:
    try:
        return "/" + urlsplit(page).path.strip("/*") if page else ""
    except ValueError:
        return ""


def _time(condition: Condition, scene: Scene) -> Answer:
    if condition.time is None:
        return Answer.YES
    if scene.now is None:
        return Answer.UNKNOWN
    return _is(is_moment(condition.time, scene.town, scene.now))


def _area(condition: Condition, scene: Scene) -> Answer | None:
    if not condition.area:
        return None
    fits = (_named(words, scene.areas.get(layer, ())) for layer, words in condition.area.items())
    return _is(all(fits))


def _named(words: Iterable[str], areas: tuple[Feature, ...]) -> bool:
    here = {area.name.casefold() for area in areas} | {area.owner for area in areas}
    here.add(ANY if areas else NONE)
    return any(word.casefold() in here for word in words)


def _outside(condition: Condition, scene: Scene) -> Answer | None:
    return None if condition.outside is None else _is(scene.outside is condition.outside)


def _road(condition: Condition, scene: Scene) -> Answer | None:
    return _owned(condition.road_owner, (scene.road_owner,) if scene.road_owner is not None else ())


def _asset(condition: Condition, scene: Scene) -> Answer | None:
    return _owned(condition.asset_owner, tuple(asset.owner for asset in scene.assets))


def _owned(wanted: tuple[str, ...], owners: tuple[str, ...]) -> Answer | None:
    """Nothing found is ``none`` when a rule says what that means, and otherwise unknown."""
    if not wanted:
        return None
    if not owners:
        return _is(True) if NONE in wanted else Answer.UNKNOWN
    if set(owners) & set(wanted) or (ANY in wanted and set(owners) != {UNKNOWN}):
        return Answer.YES
    return Answer.UNKNOWN if UNKNOWN in owners and set(wanted) != {NONE} else Answer.NO


PLAIN_TESTS: tuple[Callable[[Condition, Scene], Answer], ...] = (_service, _answers, _words, _source, _time)
PLACE_TESTS: tuple[Callable[[Condition, Scene], Answer | None], ...] = (_area, _outside, _road, _asset)


def _placed(
    test: Callable[[Condition, Scene], Answer | None], condition: Condition, scene: Scene, wanted: bool
) -> Answer:
    answer = test(condition, scene)
    if answer is None:
        return Answer.YES
    if scene.service.location == "none":
        return _is(not wanted)
    # An address typed in words is presumed to lie in the town; who owns what there, nobody can tell,
    # except of a pole whose number was typed.
    is_told = test is _outside or (test is _asset and bool(scene.assets))
    return answer if scene.has_place or is_told else Answer.UNKNOWN


def stands(words: tuple[str, ...], text: str) -> bool:
    """Return whether any of the words or phrases stands in the text as a whole word, in any case."""
    return bool(words) and _pattern(words).search(text) is not None


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    phrases = (r"\s+".join(map(re.escape, phrase.split())) for phrase in words if phrase.strip())
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases) or '(?!)'})(?!\w)", re.IGNORECASE)
