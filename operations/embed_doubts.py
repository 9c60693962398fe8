"""Does the town know the place and the numbers that were chosen? What it does not know is told, and kept.

A sticker is printed and stays for years, so a slip in its number is worth a sentence before.
"""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from casework.office import Office
from operations.embed_choice import Choice
from routing.survey import neighbours, said_names

MOST_NAMED = 8


def doubts(choice: Choice, office: Office) -> dict[str, str]:
    """Return a sentence for each field with something that the town's own layers do not know."""
    found = {"place": _place(choice.place, office), "assets": _assets(choice.assets, office)}
    return {field: sentence for field, sentence in found.items() if sentence}


def _place(words: str, office: Office) -> str:
    book, layers = office.rulebook, office.layers
    if not words or not (layers.addresses or layers.of_kind("roads")):
        return ""
    found = office.gazetteer.find(words)
    if found.sure or layers.named_road(words, said_names(book, book.town.name), neighbours(book)):
        return ""
    if found.choices:
        return _(
            "The town's map does not know this place. Did you mean %(place)s? Staff will read the words.",
            place=found.choices[0].words,
        )
    return _("The town's map does not know this place. It can be used; staff then read the words.")


def _assets(numbers: tuple[str, ...], office: Office) -> str:
    if not numbers or not office.layers.of_kind("assets"):
        return ""
    unknown = [one for one in numbers if not office.gazetteer.has_number(one)]
    if not unknown:
        return ""
    named = ", ".join(unknown[:MOST_NAMED]) + (" …" if len(unknown) > MOST_NAMED else "")
    return ngettext(
        "The town's map has no pole or hydrant with this number: %(named)s. Look again before you print.",
        "The town's map has no poles or hydrants with these %(num)d numbers: %(named)s. "
        "Look again before you print.",
        len(unknown),
        named=named,
    )
