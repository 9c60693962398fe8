"""What does a text say, taken apart into terms that can be compared?

A term is a word cut to its stem (``w:``), two such words side by side (``p:``), or four letters in a row
inside a longer word (``l:``), which forgives spelling. Whatever looks like a number, an e-mail address,
a telephone number or a web address is no term: it says nothing about the kind of problem, and it may
say who somebody is.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

LONGEST_TEXT = 5000
"""Characters that are looked at; what a text is about is said before that."""
LETTERS = 4
SHORTEST_CUT = 3

STOP_WORDS = frozenset([
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "cannot", "could", "did", "do",
    "does", "for", "from", "get", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in", "into",
    "is", "it", "its", "just", "like", "me", "my", "near", "no", "not", "of", "off", "on", "or", "our",
    "out", "over", "please", "she", "so", "some", "somebody", "someone", "something", "that", "the",
    "their", "them", "then", "there", "these", "they", "this", "to", "up", "us", "very", "was", "we",
    "were", "what", "when", "where", "which", "who", "will", "with", "would", "you", "your",
    # Spanish and French, without accents; none of them says anything in an English text either.
    "al", "algo", "alguien", "ante", "aqui", "con", "como", "cual", "cuando", "de", "del", "desde", "donde",
    "el", "ella", "ellos", "en", "es", "esa", "ese", "eso", "esta", "estan", "estaba", "este", "esto", "fue",
    "ha", "han", "hace", "hasta", "hay", "la", "las", "le", "les", "lo", "los", "mi", "mis", "muy", "nos",
    "nuestra", "nuestro", "para", "pero", "por", "porque", "puede", "que", "se", "ser", "si", "sin", "son",
    "su", "sus", "tiene", "toda", "todas", "todo", "todos", "un", "una", "unas", "uno", "unos", "ya", "yo",
    "au", "aux", "avec", "avoir", "ca", "ce", "cela", "ces", "cet", "cette", "chez", "dans", "depuis", "des",
    "devant", "du", "elle", "elles", "est", "et", "ete", "etre", "eux", "fait", "il", "ils", "je", "leur",
    "leurs", "ma", "mes", "moi", "mon", "ne", "notre", "nous", "ont", "ou", "par", "pas", "plus", "pour",
    "qu", "quelqu", "quelque", "qui", "sa", "sans", "ses", "sont", "sous", "sur", "toujours", "tous", "tout",
    "toute", "toutes", "tres", "une", "votre", "vous", "y", "c", "d", "j", "l", "m", "n", "s", "t",
])  # fmt: skip
_SUFFIXES = (
    "ingly", "edly", "ings", "ing", "ies", "ied", "est", "ers", "ed", "es", "er", "ly", "s", "y", "e",
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_LEAVE = re.compile(
    r"\b(?:(?:(?:many|with) )?(?:thank you|thanks|thank u|thx)|(?:(?:muchas|mil) )?gracias|merci)\b"
)
LEAVE_WORDS = 12
"""So many words at the end, from "thank you" on, are taken for leave-taking and a signature."""
_WISHES = frozenset(["want", "wanted", "say", "said", "wish", "send", "big", "huge", "great", "good", "job"])
_DIGIT = re.compile(r"\d")


def stems(text: str, left_out: frozenset[str] = STOP_WORDS) -> list[tuple[str, str]]:
    """Return (stem, the word itself) of every word that is not left out, in order."""
    parts = text[:LONGEST_TEXT].casefold().split()
    said = _without_leave(" ".join(part for part in parts if not _is_address(part)))
    plain = unicodedata.normalize("NFKD", said)
    letters = "".join(one for one in plain[: 2 * LONGEST_TEXT] if not unicodedata.combining(one))
    return [
        (stem(word), word)
        for word in _WORD.findall(letters)
        if word not in left_out and not _DIGIT.search(word)
    ]


def _without_leave(said: str) -> str:
    """Cut off a polite ending: who asks for a lamp and says thank you does not praise anybody."""
    for found in _LEAVE.finditer(said):
        before = set(_WORD.findall(said[: found.start()])) - STOP_WORDS - _WISHES
        if before and len(said[found.start() :].split()) <= LEAVE_WORDS:
            return said[: found.start()]
    return said


def _is_address(part: str) -> bool:
    return "@" in part or part.startswith(("http:", "https:", "www."))


def terms(text: str) -> dict[str, str]:
    """Return each term of the text once, with the word or words it was taken from."""
    kept = stems(text)
    found: dict[str, str] = {}
    for cut, word in kept:
        found.setdefault(f"w:{cut}", word)
        if len(cut) > 3:
            padded = f"<{cut}>"
            for at in range(len(padded) - LETTERS + 1):
                found.setdefault(f"l:{padded[at : at + LETTERS]}", word)
    for (first, word), (second, next_word) in pairwise(kept):
        found.setdefault(f"p:{first} {second}", f"{word} {next_word}")
    return found


def stem(word: str) -> str:
    """Cut the ending that tells forms of one word apart."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= SHORTEST_CUT:
            return word.removesuffix(suffix)
    return word
