"""Does the name of a road in a text mean the place itself, or something called after it or near it?

``Mill Road School`` is not Mill Road, ``Cider Mill Road`` is another road, and ``near Mill Road`` is not
on it. So only words that are known to leave the road what it is may stand beside its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from routing.street_routes import COMMON, STATE_WORDS, STATES
from routing.street_words import DIRECTIONS, GENERIC, SUFFIXES, Token, several

BEFORE = several(
    """on in at of along between the my our this onto corner corners intersection junction crossing address
    location place home house where here its is whole entire en de del entre sobre el los calle esquina rue
    sur du le au"""
)
AFTER = several(
    """at near nearby by in on between just about around across past before after behind beside close next
    opposite from to toward towards heading going where when with the a there is has was are off over under
    along apt unit number please which that this here or for again still not it
    cerca en entre con frente al del desde hasta pres de du sur a"""
)
"""Behind a road, whatever follows one of these is no longer part of its name."""
PASSED = (
    DIRECTIONS | STATES | STATE_WORDS | several("corner intersection junction end side left right apartment")
)
"""These leave it open: ``Mill Road corner`` is the road, ``Mill Road Corner Store`` is not."""
LANDMARK = several(
    """near nearby off behind beside besides next close across opposite past beyond toward towards before
    after over under above below parallel by not outside away feet foot ft yard yards meter meters metre
    metres mile miles block blocks minute minutes front cerca detras frente junto lejos pres derriere face
    loin"""
)
"""Before a road, these say that the place is elsewhere."""
UPON = several("on onto along en sur")
JOINS = several("and y e et und")
ARTICLES = several("the a an el la le los las")
STRONG = several("road street lane avenue drive court circle boulevard terrace highway turnpike parkway")
PLAIN = (
    GENERIC
    | BEFORE
    | AFTER
    | LANDMARK
    | JOINS
    | ARTICLES
    | several(
        "dirt gravel paved main side back dead dead-end old new whole your their his her each every any"
    )
)
"""Before "road" or "street" these make no name of it."""
THINGS = several("light lights lamp lamps sign signs drain drains sweeper")
"""What belongs to any street: ``a broken street light`` names none."""
_INNER = re.compile(r"[^\S\n]*[.\-_'’]?[^\S\n]*")
_DASH = re.compile(r"\s+[-–—]+\s+")
_ZIP = re.compile(r"\d{5}")
LOOKED_BACK = 4


class Span(NamedTuple):
    """Where a road's name stands among the words: from ``begin`` up to ``end``."""

    begin: int
    end: int
    is_bare: bool
    """One word that could be anything, as in ``Buchanan``: it counts only where it stands by itself."""


def is_break(words: Sequence[Token], at: int) -> bool:
    """Return whether something parts this word from the one before: a comma, a bracket, the beginning.

    A full stop does not: it may end an abbreviation.
    """
    if at <= 0 or at >= len(words):
        return True
    return not _INNER.fullmatch(words[at].gap) or _DASH.fullmatch(words[at].gap) is not None


def _is_end(words: Sequence[Token], at: int) -> bool:
    """Return whether what stood before this word ends there, be it with a full stop."""
    if is_break(words, at):
        return True
    earlier = words[at - 1]
    is_short = earlier.word != earlier.written.casefold() or len(earlier.written) == 1
    return "." in words[at].gap and not is_short


def is_place(words: Sequence[Token], spans: Sequence[Span], at: int, beside: frozenset[str]) -> bool:
    """Return whether the name at ``spans[at]`` surely tells the place itself."""
    span = spans[at]
    left = spans[at - 1].end if at else 0
    right = spans[at + 1].begin if at + 1 < len(spans) else len(words)
    if span.is_bare:
        return _is_alone(words, span, beside)
    return _is_led(words, span.begin, left, bool(at)) and _is_closed(
        words, span.end, right, at + 1 < len(spans), beside
    )


def _is_alone(words: Sequence[Token], span: Span, beside: frozenset[str]) -> bool:
    before = is_break(words, span.begin) or _has_digit(words[span.begin - 1])
    return before and _is_end(words, span.end) and words[span.begin].word not in beside


def _has_digit(token: Token) -> bool:
    return any(letter.isdigit() for letter in token.word)


def _is_led(words: Sequence[Token], begin: int, left: int, has_left: bool) -> bool:
    """Return whether what stands before the name leaves it the place."""
    if begin == left and has_left:
        return True
    if begin > 0 and _is_joint(words[begin]):
        return False  # "Elm / Mill Road": the other road is not known, so neither is the place
    if is_break(words, begin):
        return True
    if _has_digit(words[begin - 1]) or (
        begin > 1 and len(words[begin - 1].word) == 1 and _has_digit(words[begin - 2])
    ):
        return True
    back = _back(words, begin, left)
    if _is_landmark(back):
        return False
    if back[0].word in JOINS:
        return has_left and len(back) == 1 and begin - 1 == left
    if back[0].word == "from":
        return len(back) == 1
    return back[0].word in BEFORE


def _is_landmark(back: Sequence[Token]) -> bool:
    """Return whether the place is only near the road; ``on`` ends it: ``by the barn on Mill Road``."""
    said = [token.word for token in back]
    upon = next((at for at, spoken in enumerate(said) if spoken in UPON), len(said))
    return "not" in said or any(spoken in LANDMARK for spoken in said[:upon])


def _back(words: Sequence[Token], begin: int, left: int) -> list[Token]:
    """Return the few words before the name, the nearest first, as far as nothing parts them from it."""
    found = []
    for at in range(begin - 1, max(left, begin - LOOKED_BACK) - 1, -1):
        found.append(words[at])
        if is_break(words, at):
            break
    return found


def _is_closed(words: Sequence[Token], end: int, right: int, has_right: bool, beside: frozenset[str]) -> bool:
    """Return whether what stands behind the name leaves it the place."""
    at = end
    while True:
        if at == right and has_right:
            return True
        if at < len(words) and _is_joint(words[at]):
            return False
        if _is_end(words, at) or _has_digit(words[at]):
            return True
        said = words[at].word
        if said in JOINS:
            return has_right and all(token.word in ARTICLES for token in words[at + 1 : right])
        if said in AFTER:
            return True
        if said not in beside and said not in PASSED:
            return False
        at += 1


def _is_joint(token: Token) -> bool:
    """Return whether a sign joins it to what stands before, as in ``Mill Road & Elm Lane``."""
    return any(sign in token.gap for sign in "&+/@")


def has_stranger(words: Sequence[Token], spans: Sequence[Span]) -> bool:
    """Return whether the text names a road that the layers do not know: ``Foo Street, Mill Road``."""
    taken = {at for span in spans for at in range(span.begin, span.end)}
    return any(
        at not in taken and at - 1 not in taken and not is_break(words, at) and _is_street(words, at)
        for at in range(1, len(words))
    )


def is_away(words: Sequence[Token], spans: Sequence[Span], beside: frozenset[str]) -> bool:
    """Return whether an address in another town is told: ``12 Mill Road, Springfield VT 05156``.

    Before the code of a state stands a town. Where that is not ours, however it is called, the road
    is not ours either, though one of ours has the same name.
    """
    taken = {at for span in spans for at in range(span.begin, span.end)}
    return any(
        _is_state(words, at)
        and at - 1 not in taken
        and words[at - 1].word not in beside
        and not _has_digit(words[at - 1])
        for at in range(1, len(words))
    )


def _is_state(words: Sequence[Token], at: int) -> bool:
    """Return whether this is the code of a state at the end of an address: ``VT``, ``VT 05156``."""
    token = words[at]
    code = token.written.casefold()
    if code not in STATES or not token.written.isupper():
        return False
    has_zip = at + 1 < len(words) and _ZIP.fullmatch(words[at + 1].word) is not None
    # "IN", "OR" and "ME" are words as well; a comma or a postal code makes addresses of them.
    return has_zip or (is_break(words, at + 1) and (code not in COMMON or "," in token.gap))


def says(words: Sequence[Token], spans: Sequence[Span], name: Sequence[str]) -> bool:
    """Return whether the words of the name stand in the text one after the other, outside any road's name."""
    taken = {at for span in spans for at in range(span.begin, span.end)}
    return bool(name) and any(
        all(words[at + step].word == said and at + step not in taken for step, said in enumerate(name))
        for at in range(len(words) - len(name) + 1)
    )


def _is_street(words: Sequence[Token], at: int) -> bool:
    token, named = words[at], words[at - 1]
    is_capital = token.written[0].isupper() and named.written[0].isupper()
    if token.word not in STRONG and not (token.word in SUFFIXES and is_capital):
        return False
    is_thing = at + 1 < len(words) and words[at + 1].word in THINGS
    return not is_thing and named.word not in PLAIN and not _has_digit(named)
