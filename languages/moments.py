"""How does a language write a day and a time of it side by side?"""

from __future__ import annotations

from datetime import datetime

from babel import Locale
from babel.dates import format_time, get_datetime_format


def moment(day: str, local: datetime, locale: Locale | str) -> str:
    """Return ``day`` (as it is already written) with the time of ``local``: ``Monday, 2:30 PM``.

    The comma is the language's own, and so are 12 and 24 hours: ``es`` says 14:30, ``es_US`` 2:30 p.m.
    """
    between = get_datetime_format("medium", locale=locale)
    return str(between).replace("{1}", day).replace("{0}", format_time(local, "short", locale=locale))
