"""Which service, which place and which language can be read out of a mail? Never more than is sure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from casework.office import Office
from inbox.message import Mail
from routing.decision import Decision, Facts, decide, emergency_words
from routing.finder import find
from routing.roads import RoadFound
from routing.rulebook import Outcome, Service
from routing.survey import neighbours, said_names

LONGEST_PLACE = 200
MOST_PIECES = 60
PIECES = re.compile(r"[\n;!?]+|(?<=[a-z0-9)])\.\s+(?=[A-ZÀ-Ý¿¡])")
"""Where one statement ends; not at the dot of "Mill Rd. near the barn"."""
LED = re.compile(
    r"\b(?:at|on|in|near|by|along|between|behind|opposite|outside|beside|corner|intersection|junction|"
    r"in front of|across from|next to|en|sur|rue|cerca|calle|esquina|frente|an|am|in der|bei|vor)\b",
    re.I,
)
"""Words with which the name of a place begins."""
COMMON = {
    "en": "the and is was there are have has please you your with for this that not our from it",
    "es": "el la los las que por favor hay una está para con del muy mi su usted gracias es no",
    "fr": "le la les des est il une pour avec vous merci dans sur pas votre nous depuis bonjour et",
    "de": "der die das und ist nicht ein eine bitte mit auf für ich wir sie den dem seit hallo guten",
}
"""The words by which four languages give themselves away."""


@dataclass(frozen=True)
class Guess:
    """What is known, and what is not.

    ``service`` only where the finder is sure, ``place`` only where it names a road of the layers.
    ``missing`` are phrases for the sender, in the language of the moment. ``is_complete``: nothing is
    missing, and the rules surely say that it is the town's own.
    """

    service: str | None
    likely: tuple[str, ...]
    """What the words may mean, the best first, for the clerk."""
    place: str
    decision: Decision | None
    is_danger: bool
    """A rule says stop, or a word calls for the emergency line."""
    missing: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        sure = self.decision is not None and not self.decision.unsure
        ours = sure and self.decision is not None and self.decision.outcome is Outcome.ACCEPT
        return ours and not self.missing and not self.is_danger


def guess(office: Office, text: str, *, language: str, now: datetime) -> Guess:
    """Return what the words surely say; call it in the sender's language."""
    rulebook = office.rulebook
    found = find(rulebook, text, office.finder_model)
    code = found.services[0][0] if found.sure and found.services else None
    service = rulebook.services.get(code) if code else None
    place = place_in(office, text)
    decision = None
    if service is not None:
        facts = Facts(
            service=service.code,
            at=None,
            text=text,
            language=language,
            now=now,
            place=place if service.location != "none" else "",
            absences=office.absences(now),
        )
        decision = decide(rulebook, office.layers, facts, translate=_)
    is_stop = decision is not None and decision.outcome is Outcome.STOP
    return Guess(
        service=service.code if service else None,
        likely=tuple(one for one, _score in found.services[:3]),
        place=place,
        decision=decision,
        is_danger=is_stop or emergency_words(rulebook, text),
        missing=tuple(_missing(service, place, decision, language)),
    )


def _missing(service: Service | None, place: str, decision: Decision | None, language: str) -> Iterable[str]:
    if service is None:
        yield _("what kind of problem it is")
    if not place and (service is None or service.location == "required"):
        yield _("where it is")
    if service is None:
        return
    for question in service.questions:
        if question.required:
            yield question.label.said(language)
    if decision is not None and decision.outcome in (Outcome.ASK, Outcome.CARD, Outcome.HANDOFF):
        yield _("a look at whose job it is, for it may not be the town's")


# -- where --


def place_in(office: Office, text: str) -> str:
    """Return the words of the text that surely name a road of the town's maps; "" where none do."""
    pieces = [" ".join(piece.split()) for piece in PIECES.split(text[:20_000])][:MOST_PIECES]
    for piece in pieces:
        road = _road(office, piece) if len(piece) > 3 else None
        if road is not None:
            return _shortest(office, piece, road)[:LONGEST_PLACE]
    return ""


def _road(office: Office, words: str) -> RoadFound | None:
    rulebook = office.rulebook
    return office.layers.named_road(words, said_names(rulebook, rulebook.town.name), neighbours(rulebook))


def _shortest(office: Office, piece: str, road: RoadFound) -> str:
    """Return the end of a statement that still names the same road the same way: "at 12 Mill Road"."""
    for led in reversed(list(LED.finditer(piece))):
        if _road(office, piece[led.start() :]) == road:
            return piece[led.start() :].rstrip(" .,")
    return piece.rstrip(" .,")


# -- in which language --


def language_of(mail: Mail, text: str, offered: Sequence[str]) -> str:
    """Return the one of the town's languages in which a mail is written; the first where nothing tells."""
    by_stem = {language.partition("-")[0].lower(): language for language in reversed(offered)}
    if len(by_stem) == 1:
        return offered[0]
    said = mail.header("content-language").strip()[:2].lower()
    if said in by_stem:
        return by_stem[said]
    words = re.findall(r"[^\W\d_]+", text[:5000].lower())
    scores = {stem: sum(word in COMMON[stem].split() for word in words) for stem in by_stem if stem in COMMON}
    best = max(scores, key=lambda stem: scores[stem], default="")
    rest = max((score for stem, score in scores.items() if stem != best), default=0)
    return by_stem[best] if best and scores[best] > rest else offered[0]
