"""Until when is the sender of an automatic answer away?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from .away_words import BACK, LANGUAGES, MONTHS, RANGE, SINCE, UNTIL, WEEKDAYS
from .message import Mail

SEARCHED = 5000
"""Letters; what stands further down is the quoted letter or a disclaimer."""
BEFORE = 45
"""Letters before a date in which its meaning is looked for."""
LONGEST = timedelta(days=400)
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
DATE = re.compile(
    r"(?<![\w/.-])(?:"
    r"(?P<iso_y>20\d\d)-(?P<iso_m>\d\d)-(?P<iso_d>\d\d)"
    r"|(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?:(?P=sep)(?P<y>20\d\d|\d\d)?)?"
    rf"|(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º|ª)?\s{{0,2}}(?:of\s|de\s|d[' ])?\s?(?P<m>{MONTH})\b\.?,?"
    r"(?:\s(?:de\s|del\s)?(?P<dy>20\d\d))?"
    rf"|(?P<m2>{MONTH})\.?\s{{1,2}}(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(?P<m2y>20\d\d))?"
    r")(?![\w/-])",
    re.I,
)
CUES = {cue: re.compile(words, re.I) for cue, words in (("until", UNTIL), ("back", BACK), ("since", SINCE))}
WEEKDAY = re.compile(rf"(?:{UNTIL}|{BACK})[\w\s,'’.]{{0,12}}?\b(?P<day>{'|'.join(WEEKDAYS)})\b", re.I)


@dataclass(frozen=True)
class Away:
    """``until`` is the last day away, where the text names one; "back on the 16th" is the 15th."""

    until: date | None
    language: str
    """en, es, fr, de, it, nl or pt; "" where it cannot be told."""


def read_away(mail: Mail, *, today: date | None = None) -> Away | None:
    """Return what an automatic answer says of an absence, or None where it speaks of none.

    ``today`` completes dates without a year; by default it is the mail's own date.
    """
    said = f"{mail.subject}\n{mail.text[:SEARCHED]}"
    language = _language(said)
    if not language:
        return None
    sent = mail.date.date() if mail.date else None
    return Away(_until(said, language, today or sent), language)


def _language(said: str) -> str:
    """The language with most of its words of absence in the text."""
    counts = {language: len(pattern.findall(said)) for language, pattern in LANGUAGES.items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] else ""


def _until(said: str, language: str, today: date | None) -> date | None:
    found = [
        (match.start(), match.end(), day)
        for match in DATE.finditer(said)
        if (day := _day(match, language, today)) is not None
    ]
    meant: list[date] = []
    for start, _, day in found:
        before = said[max(0, start - BEFORE) : start]
        cue = _cue(before)
        if cue == "back":
            meant.append(day - timedelta(days=1))
        elif cue == "until" or _closes_range(said, start, found):
            meant.append(day)
    if meant:
        return max(meant)
    return _weekday(said, today)


def _cue(before: str) -> str:
    """Which word stands last before the date?"""
    places = {
        cue: max((match.end() for match in pattern.finditer(before)), default=-1)
        for cue, pattern in CUES.items()
    }
    cue = max(places, key=lambda name: places[name])
    return cue if places[cue] >= 0 else ""


def _closes_range(said: str, start: int, found: list[tuple[int, int, date]]) -> bool:
    """Whether the date is the second of "3 to 14 November" or "3.11. - 14.11."."""
    between = said[max(0, start - 16) : start]
    return bool(
        re.search(rf"\d(?:st|nd|rd|th|\.)?[^\d\n]{{0,12}}?\s?(?:{RANGE})\s?\Z", between, re.I)
    ) or any(
        end <= start and re.fullmatch(rf"\s*(?:{RANGE})\s*", said[end:start], re.I)
        for _, end, _ in found[-60:]
        if start - end < 12
    )


def _weekday(said: str, today: date | None) -> date | None:
    """ "Back on Monday", where no date is named: the next such day after the mail."""
    found = WEEKDAY.search(said)
    if found is None or today is None:
        return None
    ahead = (WEEKDAYS[found["day"].lower()] - today.weekday() - 1) % 7 + 1
    day = today + timedelta(days=ahead)
    return day - timedelta(days=1) if re.match(BACK, found[0], re.I) else day


def _day(match: re.Match[str], language: str, today: date | None) -> date | None:
    """Return the date that was matched, completed by a year and only if it lies near the mail."""
    year, month, day = _numbers(match, language)
    years = [year] if year else [today.year, today.year + 1] if today else []
    for candidate in years:
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if today is None or timedelta(days=-1) <= found - today <= LONGEST:
            return found
    return None


def _numbers(match: re.Match[str], language: str) -> tuple[int, int, int]:
    """Return (year or 0, month, day)."""
    if match["iso_y"]:
        return int(match["iso_y"]), int(match["iso_m"]), int(match["iso_d"])
    if match["a"]:
        first, second = int(match["a"]), int(match["b"])
        # Americans write the month first; a number above 12 shows who did not.
        is_american = language == "en" and match["sep"] == "/" and first <= 12
        month, day = (first, second) if is_american or second > 12 else (second, first)
        year = int(match["y"] or 0)
        return (year + 2000 if 0 < year < 100 else year), month, day
    month = MONTHS[(match["m"] or match["m2"]).lower()]
    return int(match["dy"] or match["m2y"] or 0), month, int(match["d"] or match["d2"])
