"""Does the free text hold what leads to a person, and how is that said while there is time to change it?"""

from __future__ import annotations

from flask_babel import gettext as _

from casework.publishing import contacts


def sentences() -> dict[str, str]:
    """Return what to say of a text by what is in it: ``phone``, ``email`` or ``both``."""
    return {
        "phone": _("Your text seems to hold a phone number. If it is yours, it is safer as your contact."),
        "email": _("Your text seems to hold an e-mail address. If it is yours, it is safer as your contact."),
        "both": _(
            "Your text seems to hold an e-mail address and a phone number. They are safer as your contact."
        ),
    }


def hint(text: str) -> str:
    """Return the sentence for this text; empty for nearly everybody."""
    kinds = {span.kind for span in contacts(text)}
    if not kinds:
        return ""
    return sentences()["both" if len(kinds) > 1 else kinds.pop()]
