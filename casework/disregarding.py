"""Who has a letter already that was a mistake? They are told to disregard it, each in the way that fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from casework import access, letters
from casework.agencies import mail_to, pass_on
from casework.change import Change
from casework.follower_letters import tell_one_again
from casework.outbox import post
from casework.tongues import reads
from lifecycle.journal import Kind
from lifecycle.status import Status
from mail.letter import Letter
from storage.outbox import Told
from storage.tables import Entry


def tell_readers(change: Change, entry: Entry, undoing: Entry, gone: Sequence[Told]) -> None:
    """Correct every letter of an act that may have left; call it when the request is as it was before.

    ``entry`` is the act's, ``undoing`` the one that takes it back.
    """
    _agencies_own_system(change, entry, undoing)
    for letter in gone:
        _CORRECT.get(letter.kind, _tell_reader)(change, undoing, letter)


def _agencies_own_system(change: Change, entry: Entry, undoing: Entry) -> None:
    """Tell an agency's own system again what it was told to forget, and an agency with both ways the end."""
    request, agencies = change.request, change.office.rulebook.agencies
    gone = agencies.get(str(undoing.facts.get("not_recalled") or ""))
    if gone is not None and gone.email:
        _tell_agency(change, undoing, gone.id)
    again = agencies.get(request.agency or "")
    was_taken_back = entry.kind == Kind.REROUTED and change.status is Status.WAITING_AGENCY
    if was_taken_back and again is not None and again.handoff == "open311":
        pass_on(change, again)


def _tell_reader(change: Change, undoing: Entry, letter: Told) -> None:
    """Ask whoever got the letter to disregard it; not the one who has just undone it."""
    office, request = change.office, change.request
    kind, _colon, who = change.by.partition(":")
    actor = office.rulebook.people.get(who) if kind == "person" else office.rulebook.agencies.get(who)
    if actor is not None and actor.email == letter.recipient:
        return
    if letter.recipient == request.resident_email and letter.kind.startswith("resident_"):
        _tell_resident(change, undoing, letter)
        return
    person = next((one for one in office.rulebook.people.values() if one.email == letter.recipient), None)
    if person is not None:
        value = access.grant(change.session, office, request, "employee", person.id, now=change.now)
        language = reads(office, person)
        _post(
            change,
            letters.letter(
                office,
                "staff_correction",
                person.email,
                language,
                request,
                link=access.desk_url(office, value),
                by_name=letters.name_of(office, change.by, language),
                disregard=letter.subject,
                person=person,
            ),
            f"staff_correction:{undoing.id}:{letter.id}",
        )


def _tell_resident(change: Change, undoing: Entry, letter: Told) -> None:
    office, request = change.office, change.request
    value = access.grant(change.session, office, request, "resident", access.RESIDENT, now=change.now)
    link = access.tracking_url(office, request.number, value)
    correction = letters.to_resident(
        office, "resident_correction", request, link=link, disregard=letter.subject
    )
    _post(change, correction, f"resident_correction:{undoing.id}")


def _withdraw_handoff(change: Change, undoing: Entry, letter: Told) -> None:
    agencies = change.office.rulebook.agencies.values()
    agency = next((agency for agency in agencies if agency.email == letter.recipient), None)
    # It may still be theirs: told twice, the second telling is what is taken back.
    if agency is not None and change.request.agency != agency.id:
        _tell_agency(change, undoing, agency.id)


def _tell_agency(change: Change, undoing: Entry, agency_id: str) -> None:
    office, request = change.office, change.request
    agency = office.rulebook.agencies[agency_id]
    assert agency.email is not None, "only those with a mailbox are told"
    value = access.grant(change.session, office, request, "agency", agency.id, now=change.now)
    taken_back = letters.letter(
        office,
        "agency_taken_back",
        agency.email,
        letters.staff_language(office),
        request,
        agency=agency,
        because="not_theirs",
        link=access.desk_url(office, value),
    )
    _post(change, taken_back, f"agency_taken_back:{undoing.id}")


def _hand_off_again(change: Change, undoing: Entry, letter: Told) -> None:
    agency = change.office.rulebook.agencies.get(change.request.agency or "")
    if agency is not None and agency.email and agency.handoff == "mail":
        mail_to(change, agency, "agency_handoff")


def _tell_follower(change: Change, undoing: Entry, letter: Told) -> None:
    tell_one_again(change, undoing, letter.recipient, disregard=letter.subject)


_CORRECT: dict[str, Callable[[Change, Entry, Told], None]] = {
    "follower_update": _tell_follower,
    "agency_handoff": _withdraw_handoff,
    "agency_taken_back": _hand_off_again,
}
"""Letters whose correction is a letter of its own; all others ask to be disregarded."""


def _post(change: Change, letter: Letter, key: str) -> None:
    post(
        change.session,
        change.office,
        letter,
        kind=key.partition(":")[0],
        dedupe_key=key,
        now=change.now,
        request_id=change.request.id,
    )
