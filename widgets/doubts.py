"""Which signs does this sending show? Looked up here, judged by ``casework.screening``."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from casework.opening import Submission
from casework.screening import Sending, Verdict, mark_of, score
from routing.decision import emergency_words
from storage import lately
from widgets.limits import sender
from widgets.tokens import Token
from widgets.traffic import traffic
from widgets.turn import Turn

TRAP = "website"
"""A field that no person sees."""
FROM_A_SANDBOX = "null"
"""How browsers name a page that WordPress shows from a bare address, and one that names nobody."""


def look(turn: Turn, submission: Submission, token: Token) -> Verdict:
    """Return the verdict upon a report that is about to be sent."""
    return _judged(turn, token, typed=_typed(submission), description=submission.description)


def look_at_follower(turn: Turn, words: str, token: Token) -> Verdict:
    """Return the verdict upon a "me too" and the words that came with it."""
    return _judged(turn, token, typed=words, description=words)


def _judged(turn: Turn, token: Token, *, typed: str, description: str) -> Verdict:
    office, now = turn.office, turn.journey.now
    moment, book = now.timestamp(), traffic()
    has_page, is_own_page = _page(turn)
    return score(
        Sending(
            text=typed,
            is_trapped=bool(turn.sent.get(TRAP, "")),
            seconds=max(0.0, moment - token.issued),
            is_own_page=is_own_page,
            has_page=has_page,
            same_form=lately.count_of_form(token.nonce),
            same_text=book.same_text(mark_of(description), sender(), now=moment),
            from_network=book.from_network(sender(), now=moment),
            today=book.today(office, now=now),
            most_a_day=office.rulebook.town.most_on_a_day,
        )
    )


def remember(description: str, moment: float) -> None:
    """Let later sendings be compared with this one."""
    traffic().taken_in(sender(), mark_of(description), now=moment)


def is_urgent(turn: Turn) -> bool:
    """Return whether its service is urgent, or its words call for the emergency line."""
    service = turn.journey.service
    words = turn.journey.draft.text("description")
    return (service is not None and service.urgent) or emergency_words(turn.office.rulebook, words)


def _typed(submission: Submission) -> str:
    answers = submission.answers.values()
    return "\n".join((submission.description, submission.place, submission.name, *answers))


def _page(turn: Turn) -> tuple[bool, bool]:
    """Return whether the browser says from which page it sends, and whether that page is ours."""
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    if origin == FROM_A_SANDBOX:
        return True, True  # The form's own token has said already that it is ours.
    if not origin:
        return False, True
    try:
        host = urlsplit(origin).netloc
        own = {request.host, *(urlsplit(site).netloc for site in _sites(turn))}
    except ValueError:
        return True, False
    return True, host in own


def _sites(turn: Turn) -> tuple[str, ...]:
    return (turn.office.base_url, *turn.office.rulebook.town.websites)
