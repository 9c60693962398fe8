"""What if the town takes a request from an agency? Nobody works twice, and the resident hears who has it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from flask_babel import force_locale
from flask_babel import gettext as _

from casework import access, letters
from casework.agencies import expect_nothing
from casework.change import Change
from casework.escalating import BY_TOWNLINE
from casework.outbox import post
from casework.telling import tell_resident
from lifecycle.journal import Kind
from lifecycle.status import Status
from storage.tables import Entry

Because = Literal["not_theirs", "ours", "ended"]
"""Why the agency need not do anything more: it was never theirs, the town does it, or it has ended."""


def holder(change: Change) -> str | None:
    """Return the agency for which the request waits at this moment."""
    return change.request.agency if change.status is Status.WAITING_AGENCY else None


def release(change: Change, agency_id: str | None, entry: Entry, *, because: Because) -> None:
    """Tell the agency that it need not act any more, and stop waiting; without an agency nothing is done.

    ``entry`` is what caused it. An agency without a mailbox hears nothing: whoever acts must call it.
    """
    if agency_id is None:
        return
    office, request = change.office, change.request
    if because != "ended":
        request.agency = None
    expect_nothing(change)
    agency = office.rulebook.agencies.get(agency_id)
    if agency is None or not agency.email or office.is_silent:
        return
    value = access.grant(change.session, office, request, "agency", agency.id, now=change.now)
    letter = letters.letter(
        office,
        "agency_taken_back",
        agency.email,
        letters.staff_language(office),
        request,
        agency=agency,
        because=because,
        link=access.desk_url(office, value),
    )
    key = f"agency_taken_back:{entry.id}"
    post(
        change.session,
        office,
        letter,
        kind="agency_taken_back",
        dedupe_key=key,
        now=change.now,
        request_id=request.id,
        entry_id=change.act,
        hold=change.hold,
    )


def tell_kept(change: Change, agency_id: str) -> None:
    """Tell the resident, who had read that the agency has it, that the town has it again."""
    office, language = change.office, change.request.language
    agency = office.rulebook.agencies.get(agency_id)
    town = office.rulebook.town.name.said(language)
    with force_locale(language.replace("-", "_")):
        theirs = agency.name.said(language) if agency else _("the agency")
        text = _(
            "We have taken your request back from %(agency)s. %(town)s sees to it.", agency=theirs, town=town
        )
    # Nobody has answered with it: it must not count as the town's first answer.
    entry = replace(change, by=BY_TOWNLINE, nonce=None).write(Kind.ANSWERED, text)
    tell_resident(change, "resident_returned", entry, agency=agency, said=text, text="")
