"""Does the first line of a reply tell the system to act?

Strict, because a mistaken command changes somebody's request: only the first line with text, only when
the whole line is the command and its argument. "done", "Done." and "DONE!" are commands; "Done with the
north side" is a sentence. Without a number sign only the few plain words count; with one, an unknown word
is answered with an explanation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from inbox.command_words import LANGUAGES, VERBS, Verb

HAND_OFF = "handoff"
"""The name of the command that is an agency's word; its argument is that word."""

_LONGEST = 120
_MOST_LATER = 40
"""So many later lines with a number sign are looked at."""
_HASH = re.compile(r"[#＃]\s?(?P<word>[^\W\d_][\w-]{0,40})(?:[ \t\u00a0:]+(?P<argument>\S.*))?$")
_END = " \t\u00a0.!…,;"
_MARKS = "*_`\u200b\u200e\u200f\ufeff"
_AROUND = _MARKS + _END + "\r-–•>\"“”„'‘’[]()"


@dataclass(frozen=True)
class Command:
    """An act that was asked for.

    ``word``: its name in the code ("done", "assign", "handoff" ...). ``said``: as it was written, to be
    echoed. ``argument``: what stood behind it on the line, "" where nothing did. ``rest``: the text
    below, stripped.
    """

    word: str
    argument: str
    rest: str
    said: str = ""


@dataclass(frozen=True)
class Unknown:
    """A "#word" that nobody knows, or one that cannot be understood: nothing is done, it is explained.

    ``nearest``: the closest known word, with its number sign; "" where none is close. ``rest``: the text
    below. ``problem``: "word" (not known), "missing" (an argument is needed) or "surplus" (none is
    taken).
    """

    word: str
    nearest: str
    rest: str
    problem: str = "word"


def first_line(
    text: str, language: str = "en", *, agencies: Collection[str] = ()
) -> Command | Unknown | None:
    """Return what the first line with text of a reply asks for; None when it is not a command.

    ``text``: the reply without quotation. ``language``: of the letter that was answered; English words
    count too. ``agencies``: the ids and kinds of agencies in the rules ("county"), each a command as
    "#county".
    """
    line, rest = _split(text)
    match = _HASH.match(line)
    verb = _meant(_folded(match["word"]), language) if match else None
    if match and verb and verb.argument == "words":
        return _with_words(verb, f"#{match['word']}", match["argument"] or "", text)
    if not line or len(line) > _LONGEST:
        return None
    if match is None:
        verb = next((one for one in VERBS if _folded(line) in _plain_words(one, language)), None)
        return Command(verb.name, "", rest, line) if verb else None
    return _hashed(match["word"], (match["argument"] or "").strip(_END), rest, language, agencies)


def _with_words(verb: Verb, sign: str, argument: str, text: str) -> Command:
    """Return the command whose words begin on its own line, with the punctuation that ends them."""
    first, _, below = text.strip().partition("\n")
    first = first.strip(_MARKS + "\r")
    words = first[first.rfind(argument) :].strip() if argument else ""
    return Command(verb.name, "", f"{words}\n{below}".strip(), sign)


def misplaced(text: str, language: str = "en", *, agencies: Collection[str] = ()) -> Command | None:
    """Return the command that stands alone on a later line, where it does nothing; None when there is none.

    "Hello," above "#note" must not send to the resident what was meant for the town.
    """
    signs = (line.strip(_AROUND) for line in text.strip().split("\n")[1:])
    alone = islice((sign for sign in signs if sign.startswith(("#", "＃"))), _MOST_LATER)
    found = (first_line(sign, language, agencies=agencies) for sign in alone)
    # "#note - only the town reads it" stands in every letter of ours, and may come back unmarked.
    return next((one for one in found if isinstance(one, Command) and not one.rest), None)


def words_of(verb: Verb, language: str) -> tuple[str, ...]:
    """Return the words of an act in a language, each once: its own and the English ones."""
    return tuple(dict.fromkeys((*verb.words.get(language, ()), *verb.words["en"])))


def _hashed(
    word: str, argument: str, rest: str, language: str, agencies: Collection[str]
) -> Command | Unknown | None:
    said, sign = _folded(word), f"#{word}"
    verb = _meant(said, language)
    if verb is None:
        agency = next((one for one in agencies if _folded(one) == said), None)
        if agency is None:
            nearest = _nearest(said, language, agencies)
            return Unknown(sign, nearest, rest)
        return Unknown(sign, sign, rest, "surplus") if argument else Command(HAND_OFF, agency, rest, sign)
    if verb.argument == "required" and not argument:
        return Unknown(sign, sign, rest, "missing")
    if verb.argument == "none" and argument:
        return Unknown(sign, sign, rest, "surplus")
    return Command(verb.name, argument, rest, f"{sign} {argument}".strip())


def _meant(said: str, language: str) -> Verb | None:
    """Return the act with this word: in the language, else in English, else the only one in any other."""
    for spoken in dict.fromkeys((language, "en")):
        for verb in VERBS:
            if said in map(_folded, verb.words.get(spoken, ())):
                return verb
    others = {verb.name: verb for verb in VERBS for one in LANGUAGES if said in map(_folded, verb.words[one])}
    return next(iter(others.values())) if len(others) == 1 else None


def _plain_words(verb: Verb, language: str) -> set[str]:
    return {_folded(word) for spoken in (language, "en") for word in verb.plain.get(spoken, ())}


def _nearest(said: str, language: str, agencies: Iterable[str]) -> str:
    known = {_folded(word): word for verb in VERBS for word in words_of(verb, language)}
    known.update({_folded(one): one for one in agencies})
    found = get_close_matches(said, list(known), 1, 0.6)
    return f"#{known[found[0]]}" if found else ""


def _split(text: str) -> tuple[str, str]:
    """Return the first line with text, without bold type and final punctuation, and what follows."""
    head, _, rest = text.strip().partition("\n")
    return head.strip(_MARKS + _END + "\r") if len(head) <= 2 * _LONGEST else head, rest.strip()


def _folded(word: str) -> str:
    """Return the word without case and accents: "Público" as "publico", as telephones write it."""
    decomposed = unicodedata.normalize("NFKD", word.strip(_END).replace("’", "'").casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
