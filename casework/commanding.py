"""Which verb does the first line of a mail call? Everything that a signed page can do, a reply can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from flask_babel import gettext as _

from casework import answering, held, receiving, redirecting, timing, undoing
from casework.day_named import day_named
from casework.errors import CaseworkError, NotPossible
from casework.office import Office
from inbox.commands import Command, Unknown, first_line
from inbox.time_written import EXAMPLE, spent
from inbox.time_written import not_understood as not_read
from lifecycle.status import Ending
from routing.rulebook import Agency, Person
from storage import lookups


class How(TypedDict):
    """Whose mail does it, when, and its one-time mark."""

    by: str
    now: datetime
    nonce: str | None


@dataclass(frozen=True)
class Doing:
    """What every verb is called with."""

    office: Office
    request_id: int
    how: How
    language: str

    @property
    def it(self) -> tuple[Office, int]:
        return self.office, self.request_id

    @property
    def agencies(self) -> list[str]:
        """The words that hand it to an agency: the ids and kinds of those in the rules."""
        known = self.office.rulebook.agencies
        return sorted({*known, *(agency.kind for agency in known.values())})

    @property
    def unmarked(self) -> How:
        """Without the mark, for the lesser of two acts in one mail: the one that is confirmed has it."""
        return {**self.how, "nonce": None}


class NotUnderstood(CaseworkError):
    """The first line looks like a command and is none; nothing was done."""

    status = 422


class Helped(CaseworkError):
    """The sender asked what they can write; nothing was done."""

    def __init__(self) -> None:
        super().__init__(_("You asked what you can write. Nothing was changed."))


def not_understood(unknown: Unknown) -> NotUnderstood:
    """Return why a first line with a number sign does nothing."""
    word = unknown.word
    if unknown.problem == "missing":
        return NotUnderstood(
            _("%(word)s needs one thing more on the same line, as the list below shows.", word=word)
        )
    if unknown.problem == "surplus":
        return NotUnderstood(
            _("%(word)s stands alone on its line. Please write everything else below it.", word=word)
        )
    if unknown.nearest:
        return NotUnderstood(
            _("We do not know %(word)s. Did you mean %(nearest)s?", word=word, nearest=unknown.nearest)
        )
    return NotUnderstood(_("We do not know %(word)s.", word=word))


Verb = Callable[[Doing, str, str], None]
"""Called with what stood behind the word, and with the text below it."""


def _ended(ending: Ending) -> Verb:
    def run(doing: Doing, argument: str, text: str) -> None:
        other = argument.strip("#[] ") or None
        answering.finish(
            *doing.it,
            ending=ending,
            text=text,
            **doing.how,
            duplicate_of=other,
        )

    return run


def _note(doing: Doing, _argument: str, text: str) -> None:
    answering.note(*doing.it, text=text, **doing.how)


def _public(doing: Doing, _argument: str, text: str) -> None:
    answering.answer(*doing.it, text=text, **doing.how)


def _ask(doing: Doing, _argument: str, text: str) -> None:
    answering.ask_resident(*doing.it, text=text, **doing.how)


def _reopen(doing: Doing, _argument: str, text: str) -> None:
    receiving.reopen(*doing.it, text=text, **doing.how)


def _start(doing: Doing, _argument: str, text: str) -> None:
    answering.start(*doing.it, **(doing.unmarked if text else doing.how))
    if text:
        plain(doing, text)


def _seen(doing: Doing, _argument: str, text: str) -> None:
    answering.acknowledge(*doing.it, **(doing.unmarked if text else doing.how))
    if text:
        plain(doing, text)


def _assign(doing: Doing, argument: str, text: str) -> None:
    person = _person(doing.office, argument)
    redirecting.reassign(
        *doing.it,
        to=person.id,
        text=text,
        **doing.how,
    )


def _hand_off(doing: Doing, argument: str, text: str) -> None:
    agency = _agency(doing.office, argument)
    redirecting.redirect(
        *doing.it,
        agency=agency.id,
        text=text,
        **doing.how,
    )


def _time(doing: Doing, argument: str, text: str) -> None:
    """Note time; a second command below it is done as well: one mail ends the request and says how long.

    Words alone below it are kept with the hours: only the town reads them.
    """
    noted = spent(argument)
    if noted is None:
        raise NotUnderstood(
            _('"%(words)s" is no length of time that we understand. Write it as in: #time %(example)s',
              words=not_read(argument), example=EXAMPLE)
        )  # fmt: skip
    below = first_line(text, doing.language[:2], agencies=doing.agencies)
    if isinstance(below, Unknown):
        raise not_understood(below)
    if below is None:
        timing.note_time(*doing.it, spent=noted, text=text, **doing.how)
        return
    if below.word in ("time", "undo", "help"):
        raise NotUnderstood(
            _("%(word)s cannot stand below #time. Please send it on its own.", word=below.said)
        )
    timing.note_time(*doing.it, spent=noted, text="", **doing.unmarked)
    run(doing, "employee", below)


def _undo(doing: Doing, _argument: str, _text: str) -> None:
    act = undoing.newest(*doing.it, by=doing.how["by"], now=doing.how["now"])
    if act is None:
        raise NotPossible(_("There is nothing of yours that could still be undone."))
    undoing.undo(
        *doing.it,
        entry_id=act.entry.id,
        **doing.how,
    )


def _help(_doing: Doing, _argument: str, _text: str) -> None:
    raise Helped


def _today(doing: Doing) -> date:
    return doing.how["now"].astimezone(doing.office.zone).date()


def _accept(doing: Doing, argument: str, text: str) -> None:
    redirecting.agency_accept(
        *doing.it,
        text=text,
        **doing.how,
        expected_on=day_named(argument, doing.language, today=_today(doing)) if argument else None,
    )


def _refuse(doing: Doing, argument: str, text: str) -> None:
    redirecting.agency_refuse(
        *doing.it,
        text=text,
        **doing.how,
        whose=_agency(doing.office, argument).id if argument else None,
    )


def _finish_by_agency(doing: Doing, _argument: str, text: str) -> None:
    redirecting.agency_finish(*doing.it, text=text, **doing.how)


def _release(doing: Doing, _argument: str, text: str) -> None:
    case = lookups.case(doing.request_id)
    if case is None or case.request.held_at is None:
        raise NotPossible(_("This request is not held, so there is nothing to release."))
    held.release(*doing.it, **doing.how)
    if text:
        answering.note(*doing.it, text=text, **doing.unmarked)


EMPLOYEE: Mapping[str, Verb] = {
    "done": _ended(Ending.FIXED),
    "close": _ended(Ending.FIXED),
    "noaction": _ended(Ending.NO_ACTION),
    "notfound": _ended(Ending.NOT_FOUND),
    "duplicate": _ended(Ending.DUPLICATE),
    "spam": _ended(Ending.SPAM),
    "release": _release,
    "public": _public,
    "note": _note,
    "ask": _ask,
    "time": _time,
    "seen": _seen,
    "start": _start,
    "assign": _assign,
    "handoff": _hand_off,
    "reopen": _reopen,
    "undo": _undo,
    "help": _help,
}
AGENCY: Mapping[str, Verb] = {
    "accept": _accept,
    "done": _finish_by_agency,
    "close": _finish_by_agency,
    "refuse": _refuse,
    "undo": _undo,
    "help": _help,
}
BY_PURPOSE = {"employee": EMPLOYEE, "agency": AGENCY}


def run(doing: Doing, purpose: str, command: Command) -> None:
    """Call the verb of a command; raises ``CaseworkError`` with a sentence for the sender."""
    verb = BY_PURPOSE[purpose].get(command.word)
    if verb is None:
        raise NotUnderstood(_("%(word)s is not yours to do by mail.", word=command.said or command.word))
    verb(doing, command.argument, command.rest)


def plain(doing: Doing, text: str) -> None:
    """Do what the service says of an employee's words without a command: to the resident, or a note."""
    case = lookups.case(doing.request_id)
    service = doing.office.rulebook.services.get(case.request.service) if case else None
    (_note if service and service.reply == "internal" else _public)(doing, "", text)


def aside(doing: Doing, purpose: str, text: str) -> None:
    """Keep words that somebody else was written, and not the resident; raises ``NotUnderstood``."""
    if purpose == "employee":
        _note(doing, "", text)
        return
    raise NotUnderstood(
        _("It is written to somebody else, with us in copy, so we sent nothing to the resident. "
          "To answer the resident, write to the address of our letter.")
    )  # fmt: skip


def _person(office: Office, wanted: str) -> Person:
    """Return the colleague whose id, role or address was written; raises ``NotPossible``."""
    people, said = office.rulebook.people.values(), wanted.strip(" @<>").casefold()
    found = [
        one
        for one in people
        if said in {one.id.casefold(), one.email.casefold()}
        or said in {one.name.said(language).casefold() for language in office.rulebook.town.languages}
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(one.id for one in (found or people))
    raise NotPossible(
        _("Nobody is called %(wanted)s here. Write one of: %(known)s", wanted=wanted, known=known)
    )


def _agency(office: Office, wanted: str) -> Agency:
    """Return the agency of this id, or the only one of this kind; raises ``NotPossible``."""
    agencies, said = office.rulebook.agencies, wanted.strip(" #").casefold()
    own = next((one for one in agencies.values() if one.id.casefold() == said), None)
    alike = [one for one in agencies.values() if one.kind.casefold() == said]
    if own is not None or len(alike) == 1:
        return own or alike[0]
    known = ", ".join(f"#{one.id}" for one in (alike or agencies.values()))
    if alike:
        raise NotPossible(_("There are several. Write which one: %(known)s", known=known))
    raise NotPossible(_("There is no such agency. Write one of: %(known)s", known=known))
