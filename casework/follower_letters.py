"""What do those read who said "me too"? The town's public words about it, each in their own language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import force_locale

from casework import access, letters
from casework.change import Change
from casework.office import Office
from casework.outbox import post
from casework.public_place import public_place
from casework.public_words import is_public, words_of
from lifecycle.journal import Kind
from routing.rulebook import Agency
from storage import followers
from storage.tables import Entry, Follower, ServiceRequest

UPDATE = "follower_update"
RECEIPT = "follower_receipt"
SaidIn = Callable[[str], str]
"""Language -> the text of a letter in it."""
WHAT = {
    "resident_answer": "answer",
    "resident_finished": "ended",
    "resident_redirected": "redirected",
    "resident_returned": "returned",
    "reopened": "reopened",
    "withdrawn": "withdrawn",
}
"""Which letters to the resident, or turns of a request, followers hear of. Not a question to the resident:
nobody else can answer it."""


def tell_followers(
    change: Change, name: str, entry: Entry, *, said_in: SaidIn | None = None, **context: Any
) -> int:
    """Post to everybody who follows the request what ``name`` tells the resident; return to how many.

    ``said_in`` returns the text in a follower's language, where it is not somebody's own words.
    """
    if name not in WHAT or not is_public(change.office, change.request):
        return 0
    readers = followers.reading_along(change.session, change.request.id)
    for follower in readers:
        if said_in is not None:
            context["text"] = said_in(follower.language)
        words, by_name = _said(change, follower.language, entry, context)
        ending = context.get("ending")
        _post(
            change,
            follower,
            entry,
            what=WHAT[name],
            text=words,
            by_name=by_name,
            agency=context.get("agency"),
            handed_off=context.get("handed_off", False),
            said_by=by_name if context.get("said_by") else "",
            ending_words=letters.ending_words(ending, follower.language) if ending else "",
            duplicate_of=context.get("duplicate_of") or "",
        )
    return len(readers)


def tell_one_again(change: Change, undoing: Entry, address: str, *, disregard: str) -> None:
    """Ask a follower to disregard a letter that was a mistake."""
    known = followers.with_address(change.session, change.request.id, address)
    if known:
        _post(change, known[0], undoing, what="correction", text="", agency=None, disregard=disregard)


def welcome(change: Change, follower: Follower, entry: Entry) -> None:
    """Post the first letter: that they follow it, and where its page is."""
    _post(change, follower, entry, kind=RECEIPT)


def _said(change: Change, language: str, entry: Entry, context: dict[str, Any]) -> tuple[str, str]:
    """Return the words of a turn without anything private, and who says them."""
    office, request = change.office, change.request
    text, by_name = str(context.get("text") or ""), letters.name_of(office, change.by, language)
    if entry.kind == Kind.AGENCY_ACCEPTED:
        # What stands there without words of theirs is ours, and said in the reader's language.
        text, by_name = letters.acceptance(office, change.by, entry.text, language, request.expected_on)
    elif entry.kind == Kind.AGENCY_REFUSED:
        named: Agency | None = office.rulebook.agencies.get(str(entry.facts.get("whose") or ""))
        text = letters.refusal(entry.text, named, language)
    elif entry.kind in (Kind.REOPENED, Kind.WITHDRAWN):
        text = ""  # the resident's own words
    with force_locale(language.replace("-", "_")):
        return words_of(office, request, text), by_name


def _about(office: Office, request: ServiceRequest, language: str) -> str:
    """Return what it is and where, as everybody may read it: who follows several tells them apart by it."""
    service = office.rulebook.services.get(request.service)
    with force_locale(language.replace("-", "_")):
        place = public_place(office, request)
    return ", ".join(filter(None, (service.name.said(language) if service else request.service, place)))


def _post(change: Change, follower: Follower, entry: Entry, *, kind: str = UPDATE, **context: Any) -> None:
    office, request = change.office, change.request
    value = access.grant(change.session, office, request, "follower", str(follower.id), now=change.now)
    letter = letters.letter(
        office,
        kind,
        follower.email,
        follower.language,
        request,
        link=access.tracking_url(office, request.number, value),
        stop_link=access.stop_url(office, request.number, value),
        about=_about(office, request, follower.language),
        **context,
    )
    post(
        change.session,
        office,
        letter,
        kind=kind,
        dedupe_key=f"{kind}:{entry.id}:{follower.id}",
        now=change.now,
        request_id=request.id,
        entry_id=change.act,
        hold=change.hold if kind == UPDATE else office.hold * 0,
    )
