"""What do the signs of a held request say, in a sentence that a clerk can judge by?"""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from casework.screening import Sign


def in_words(signs: Iterable[str]) -> list[str]:
    """Return one sentence for each sign, in the reader's language; names of later versions are left out."""
    words = {
        Sign.TRAP: _("A field was filled in that no person sees."),
        Sign.FAST: _("The form was gone through in less than three seconds."),
        Sign.STRANGE_PAGE: _("It was sent from a page that is not ours."),
        Sign.NO_PAGE: _("The browser did not say from which page it was sent."),
        Sign.SAME_FORM: _("Other requests were made from the very same form."),
        Sign.SAME_FORM_OFTEN: _("Many other requests were made from the very same form."),
        Sign.LINK: _("The text holds a link."),
        Sign.LINKS: _("The text holds three links or more."),
        Sign.MARKUP: _("The text holds tags, as web pages and forums use them."),
        Sign.SAME_TEXT: _("The same text came from another network within a day."),
        Sign.SAME_TEXT_OFTEN: _("The same text came from many networks within a day."),
        Sign.BUSY: _("Ten or more requests came from its network within ten minutes."),
        Sign.FLOOD: _("Thirty or more requests came from its network within ten minutes."),
        Sign.DAY_FULL: _("More requests had come on this day than the town takes without looking."),
    }
    return [words[Sign(sign)] for sign in signs if sign in set(Sign)]
