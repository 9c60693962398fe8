"""How many letters may incoming mail cause? As many as a person means: what could be a loop runs slowly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from inbox.command_words import LANGUAGES
from inbox.commands import Command, first_line
from storage import incoming as rows
from storage.incoming import Caused, Verdict
from storage.tables import OutgoingLetter

MOST_LETTERS = 3
"""So many letters about one request does incoming mail cause to one reader in an hour."""
MOST_CONFIRMED = 20
"""So many of those that only confirm, where each mail did something and says something else."""
AN_HOUR = timedelta(hours=1)
AUTOMATIC = frozenset({"acted", "mail_explained", "resident_after_end", "mail_quarantined"})
"""Letters that nobody wrote: beyond the limit they are left out. All others only wait for the next hour."""
NO_LETTERS = re.compile(r"[\W\d_]+")


def slow_down(session: Session, mail_id: int, verdict: Verdict, *, before: int, now: datetime) -> None:
    """Hold back, of the letters behind letter ``before``, what this mail must not cause within an hour.

    What confirms or explains a mail that a person wrote stands in the way of nobody's words.
    """
    for letter in rows.letters_caused(session, verdict.request_id, after=before):
        lately = rows.caused_lately(session, verdict.request_id, letter.recipient, since=now - AN_HOUR)
        by_hand = _by_hand(lately, mail_id, verdict)
        persons = by_hand & _that_acted(lately, mail_id, verdict)
        weighed = _weighed(lately, besides=persons)
        if letter.kind not in AUTOMATIC:
            _wait(letter, _weighed(lately, besides=by_hand))
        elif _too_many(lately, weighed, is_person=mail_id in persons):
            session.delete(letter)
            session.flush()
            continue
        letter.incoming_id = mail_id
        session.flush()


def _too_many(lately: Sequence[Caused], weighed: Collection[datetime], *, is_person: bool) -> bool:
    if is_person:
        return sum(one.kind in AUTOMATIC for one in lately) >= MOST_CONFIRMED
    return len(weighed) >= MOST_LETTERS


def _weighed(lately: Sequence[Caused], *, besides: Collection[int]) -> list[datetime]:
    """Return when the letters leave that count, without those that only answer one of these mails."""
    return [one.leaves_at for one in lately if one.kind not in AUTOMATIC or one.mail_id not in besides]


def _by_hand(lately: Sequence[Caused], mail_id: int, verdict: Verdict) -> set[int]:
    """Return the mails that command something, or whose words their sender used once.

    A machine without any sign of one says the same again, with another number or date in it.
    """
    said = {one.mail_id: (one.whose, one.text) for one in lately}
    said[mail_id] = (verdict.recipient or "", verdict.seen.get("text", ""))
    times = Counter((whose, _folded(text)) for whose, text in said.values())
    return {
        one
        for one, (whose, text) in said.items()
        if _is_command(text) or (_folded(text) and times[whose, _folded(text)] == 1)
    }


def _that_acted(lately: Sequence[Caused], mail_id: int, verdict: Verdict) -> set[int]:
    acted = {one.mail_id for one in lately if one.state == "applied"} - {mail_id}
    return acted | {mail_id} if verdict.state == "applied" else acted


def _is_command(text: str) -> bool:
    """Return whether somebody commands: who ends a request twice writes the same one word."""
    return any(isinstance(first_line(text, language), Command) for language in LANGUAGES)


def _folded(words: str) -> str:
    return NO_LETTERS.sub(" ", words.casefold()).strip()


def _wait(letter: OutgoingLetter, lately: Collection[datetime]) -> None:
    """Have a letter leave an hour after the third before it."""
    if len(lately) >= MOST_LETTERS:
        free_at = sorted(lately)[-MOST_LETTERS] + AN_HOUR
        if letter.next_at < free_at:
            letter.next_at = letter.started_at = free_at
