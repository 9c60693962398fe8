"""What can be wrong with a row, and what is then done? Every kind has a sentence; none is passed over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    LEFT_OUT = "left out"
    NO_PLACE = "taken without a place"
    TAKEN = "taken"


class Flaw(StrEnum):
    """Kinds of problems, by the word that stands in ``--report``."""

    UNREADABLE = "unreadable-row"
    COLUMNS = "wrong-number-of-columns"
    NOT_LETTERS = "characters-lost"
    NO_NUMBER = "no-number"
    TWICE = "same-number-twice"
    SAME_AGAIN = "same-row-twice"
    NO_RECEIVED = "no-date-received"
    BAD_RECEIVED = "unreadable-date-received"
    NOT_YET = "received-in-the-future"
    TOO_OLD = "received-before-1970"
    BAD_CLOSED = "unreadable-date-closed"
    NO_CLOSED = "ended-without-a-date"
    CLOSES_LATER = "closed-in-the-future"
    CLOCK_ERROR = "closed-before-received"
    OPEN_YET_CLOSED = "open-with-a-closing-date"
    BAD_DUE = "unreadable-date-due"
    NO_DUE = "no-date-due"
    BAD_ANSWERED = "unreadable-date-answered"
    NO_SUCH_TIME = "hour-skipped-by-the-clock"
    TWO_SUCH_TIMES = "hour-struck-twice"
    NO_SERVICE = "unknown-service"
    NO_STATUS = "unknown-status"
    NO_AGENCY = "redirected-to-nobody-known"
    NO_ASSIGNEE = "unknown-assignee"
    NO_COORDINATES = "no-coordinates"
    BAD_COORDINATES = "unreadable-coordinates"
    FAR_AWAY = "far-from-the-town"
    SWAPPED = "latitude-and-longitude-swapped"
    TOO_LONG = "text-shortened"
    WORKED_ON = "changed-there-and-worked-on-here"


@dataclass(frozen=True)
class About:
    deed: Deed
    said: str
    """What is wrong, and what was done where that is not clear."""


ABOUT: dict[Flaw, About] = {
    Flaw.UNREADABLE: About(
        Deed.LEFT_OUT, "it cannot be read as CSV; a quotation mark left open takes the lines behind it along"
    ),
    Flaw.COLUMNS: About(Deed.LEFT_OUT, "it has more or fewer columns than the header"),
    Flaw.NOT_LETTERS: About(Deed.TAKEN, "bytes that are no letters in this encoding were replaced"),
    Flaw.NO_NUMBER: About(Deed.TAKEN, "it has no number; it is known again by what it says"),
    Flaw.TWICE: About(Deed.LEFT_OUT, "its number stands in an earlier row, which was taken"),
    Flaw.SAME_AGAIN: About(Deed.LEFT_OUT, "an earlier row without a number says the same"),
    Flaw.NO_RECEIVED: About(Deed.LEFT_OUT, "it does not say when it was received"),
    Flaw.BAD_RECEIVED: About(Deed.LEFT_OUT, "when it was received is not a date of that column's form"),
    Flaw.NOT_YET: About(Deed.LEFT_OUT, "it is received in the future"),
    Flaw.TOO_OLD: About(Deed.LEFT_OUT, "it is received before 1970"),
    Flaw.BAD_CLOSED: About(Deed.LEFT_OUT, "when it was closed is not a date of that column's form"),
    Flaw.NO_CLOSED: About(Deed.LEFT_OUT, "it has ended, but nothing says when"),
    Flaw.CLOSES_LATER: About(Deed.LEFT_OUT, "it is closed in the future"),
    Flaw.CLOCK_ERROR: About(
        Deed.TAKEN, "closed before it was received: kept, flagged, counted as ended at once"
    ),
    Flaw.OPEN_YET_CLOSED: About(Deed.TAKEN, "it is open and has a closing date: taken as open"),
    Flaw.BAD_DUE: About(Deed.TAKEN, "the due date cannot be read: the service's present target was taken"),
    Flaw.NO_DUE: About(Deed.TAKEN, "there is no due date: the service's present target was taken"),
    Flaw.BAD_ANSWERED: About(Deed.TAKEN, "when it was first answered cannot be read: left away"),
    Flaw.NO_SUCH_TIME: About(
        Deed.TAKEN, "this hour was skipped when the clocks went forward: read as an hour later"
    ),
    Flaw.TWO_SUCH_TIMES: About(
        Deed.TAKEN, "this hour struck twice when the clocks went back: the first was taken, where possible"
    ),
    Flaw.NO_SERVICE: About(Deed.LEFT_OUT, "the map knows no service for this value, and has no else"),
    Flaw.NO_STATUS: About(Deed.LEFT_OUT, "the map knows no outcome for this value, and has no else"),
    Flaw.NO_AGENCY: About(Deed.LEFT_OUT, "it was passed on, but the map knows no agency for it"),
    Flaw.NO_ASSIGNEE: About(
        Deed.TAKEN, "the map knows nobody for this value: the service's own person was taken"
    ),
    Flaw.NO_COORDINATES: About(Deed.NO_PLACE, "latitude or longitude is empty, or both are 0"),
    Flaw.BAD_COORDINATES: About(Deed.NO_PLACE, "latitude and longitude are not degrees (WGS84)"),
    Flaw.FAR_AWAY: About(Deed.NO_PLACE, "the place is far outside the town's maps"),
    Flaw.SWAPPED: About(Deed.TAKEN, "latitude and longitude were the wrong way round: put right"),
    Flaw.TOO_LONG: About(Deed.TAKEN, "its text is longer than can be kept: shortened"),
    Flaw.WORKED_ON: About(
        Deed.LEFT_OUT, "it has changed there, but somebody has worked on it here since: left as it is here"
    ),
}
LEAVING_OUT = frozenset(flaw for flaw, about in ABOUT.items() if about.deed is Deed.LEFT_OUT)


@dataclass(frozen=True)
class Found:
    """One flaw in one row."""

    flaw: Flaw
    column: str = ""
    value: str = ""


class CannotRead(Exception):
    """The file or the map cannot be used at all; ``str()`` is a sentence that says where and what to do."""
