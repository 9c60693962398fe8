"""How does the desk say it? Status, history and time in the words of those who do the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from casework.letters import ending_words, name_of
from casework.office import Office
from casework.spent_words import spent_of, spent_words
from casework.undoing import TIME_PUT_RIGHT
from languages.moments import moment
from lifecycle.journal import Kind
from lifecycle.status import Ending, Status
from mail.composer import plain
from routing.rulebook import Outcome
from storage.tables import Entry

TAGS = {Status.RECEIVED: "warn", Status.REOPENED: "warn", Status.ENDED: "soft"}
"""The colour of a status; every other is neutral."""


@dataclass(frozen=True)
class Due:
    """A promise as it stands now. ``kind`` is the tag's colour: danger, warn, good or soft."""

    label: str
    when: str
    state: str
    kind: str


def locale() -> Locale:
    return get_locale() or Locale("en")


def when(office: Office, at: datetime) -> str:
    """Return an instant in town time, as in "Mon, Nov 23, 2026, 4:30 PM"."""
    local = at.astimezone(office.zone)
    return moment(format_skeleton("yMMMEd", local, locale=locale()), local, locale())


def day(on: date) -> str:
    """Return a day, as in "Mon, Nov 23, 2026"."""
    return str(
        format_skeleton("yMMMEd", datetime(on.year, on.month, on.day, 12, tzinfo=UTC), locale=locale())
    )


def clock(office: Office, at: datetime) -> str:
    """Return the hour and minute in town time, for what is minutes away."""
    return format_time(at.astimezone(office.zone), "short", locale=locale())


def due(office: Office, label: str, at: datetime, *, kept_at: datetime | None, now: datetime) -> Due:
    """Return a promise in words: kept, kept late, open or late by how much."""
    if kept_at is not None:
        late = _("late by %(span)s", span=span(kept_at - at))
        state = (_("in time"), "good") if kept_at <= at else (late, "warn")
    elif now > at:
        state = (_("%(span)s late", span=span(now - at)), "danger")
    else:
        state = (_("%(span)s left", span=span(at - now)), "warn" if at - now < timedelta(days=1) else "soft")
    return Due(label, when(office, at), *state)


def paused(office: Office, label: str, at: datetime, *, is_agency: bool) -> Due:
    """Return a promise that stands still; ``at`` is until when it would hold if the wait ended now."""
    state = (
        _("paused while waiting for the agency") if is_agency else _("paused while waiting for the resident")
    )
    return Due(label, when(office, at), state, "soft")


def span(length: timedelta) -> str:
    """Return a length of time, roughly: minutes, hours or days."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return ngettext("%(num)d minute", "%(num)d minutes", max(minutes, 1))
    if minutes < 48 * 60:
        return ngettext("%(num)d hour", "%(num)d hours", minutes // 60)
    return ngettext("%(num)d day", "%(num)d days", minutes // (24 * 60))


def history(
    office: Office, entries: tuple[Entry, ...], undone: frozenset[int] = frozenset()
) -> list[dict[str, Any]]:
    """Return the journal for the ``timeline`` macro, newest first; ``undone`` are ids that say so."""
    return [
        {
            "title": _("%(what)s (undone)", what=title(office, entry))
            if entry.id in undone
            else title(office, entry),
            "when": when(office, entry.at),
            "iso": entry.at.isoformat(timespec="minutes"),
            "by": actor(office, entry.by),
            "text": _text(entry),
            "is_public": entry.is_public,
        }
        for entry in reversed(entries)
    ]


def _text(entry: Entry) -> str:
    """Return the words of an entry; of a hand-off first what the rules said, in the town's language."""
    parts = (
        (str(entry.facts.get("because") or ""), entry.text)
        if entry.kind == Kind.HANDED_OFF
        else (entry.text,)
    )
    return plain("\n\n".join(part for part in parts if part))


def actor(office: Office, by: str) -> str:
    """Return who did it: a role, an agency, the resident, or nobody for what happened by itself."""
    if by == "resident":
        return _("the resident")
    if by.startswith("follower:"):
        return _("another resident")
    return "" if by == "townline" else name_of(office, by, str(locale()))


def title(office: Office, entry: Entry) -> str:
    """Return what happened, in the past tense."""
    said = _SAID.get(Kind(entry.kind))
    return said(office, entry.facts) if said else entry.kind


def agency_name(office: Office, facts: dict[str, Any]) -> str:
    agency = office.rulebook.agencies.get(facts.get("agency") or "")
    return agency.name.said(str(locale())) if agency else _("the agency")


def person_name(office: Office, facts: dict[str, Any]) -> str:
    person = office.rulebook.people.get(facts.get("to") or "")
    return person.name.said(str(locale())) if person else str(facts.get("to") or "")


def _ended(office: Office, facts: dict[str, Any]) -> str:
    ending = ending_words(Ending(facts["ending"]), str(locale())) if facts.get("ending") else ""
    return _("Ended: %(outcome)s", outcome=ending)


def _rated(office: Office, facts: dict[str, Any]) -> str:
    parts = []
    if facts.get("was_fixed") is not None:
        parts.append(_("fixed") if facts["was_fixed"] else _("not fixed yet"))
    if facts.get("rating"):
        parts.append(_("%(rating)d of 5", rating=facts["rating"]))
    return _("The resident says: %(verdict)s", verdict=", ".join(parts))


def _rerouted(office: Office, facts: dict[str, Any]) -> str:
    service = office.rulebook.services.get(facts.get("after", {}).get("service") or "")
    name = service.name.said(str(locale())) if service else ""
    if facts.get("effect") == "stays":
        return _("Put right: %(service)s. It stayed where it was", service=name)
    if facts.get("effect") == "colleague":
        return _("Put right: %(service)s. It went to %(name)s", service=name, name=person_name(office, facts))
    return _("Put right: %(service)s. It is for %(agency)s", service=name, agency=agency_name(office, facts))


def _accepted(office: Office, facts: dict[str, Any]) -> str:
    if not facts.get("expected"):
        return _("The agency took it")
    day = format_date(date.fromisoformat(facts["expected"]), "medium", locale=locale())
    return _("The agency took it, and expects to be done by %(day)s", day=day)


def _refused(office: Office, facts: dict[str, Any]) -> str:
    if not facts.get("whose"):
        return _("The agency says: not ours")
    whose = agency_name(office, {"agency": facts["whose"]})
    return _("The agency says: not ours, it is for %(agency)s", agency=whose)


def _arrived(office: Office, facts: dict[str, Any]) -> str:
    agency = agency_name(office, facts)
    if not facts.get("reference"):
        return _("%(agency)s has it in its own system", agency=agency)
    return _(
        "%(agency)s has it in its own system, as number %(number)s",
        agency=agency,
        number=plain(str(facts["reference"])),
    )


def _not_arrived(office: Office, facts: dict[str, Any]) -> str:
    agency = agency_name(office, facts)
    if facts.get("instead") == "mail":
        return _("It did not get into the system of %(agency)s and went by mail instead", agency=agency)
    return _("It did not get into the system of %(agency)s", agency=agency)


def _routed(office: Office, facts: dict[str, Any]) -> str:
    """Return where the rules sent it: what went straight to an agency never was with a colleague."""
    decided = facts.get("decision") or {}
    agency = office.rulebook.agencies.get(decided.get("target") or "")
    if facts.get("held"):
        name = agency_name(office, {"agency": agency.id}) if agency else person_name(office, facts)
        return _("Meant for %(name)s", name=name)
    if decided.get("outcome") == Outcome.HANDOFF and agency:
        return _("The rules sent it to %(agency)s", agency=agency_name(office, {"agency": agency.id}))
    return _("It went to %(name)s", name=person_name(office, facts))


def _reassigned(office: Office, facts: dict[str, Any]) -> str:
    name = person_name(office, facts)
    if facts.get("reason") in ("mailbox_suspended", "letter_failed"):
        return _("To %(name)s, for the mailbox before gives letters back", name=name)
    return _("Given to %(name)s", name=name)


def _noted(office: Office, facts: dict[str, Any]) -> str:
    spent = spent_of(facts)
    if TIME_PUT_RIGHT in facts:
        before = spent_words(spent_of(facts[TIME_PUT_RIGHT]), str(locale()))
        if not spent:
            return _("Noted time removed: %(before)s", before=before)
        now = spent_words(spent, str(locale()))
        return _("Noted time put right: %(now)s instead of %(before)s", now=now, before=before)
    if not spent:
        return _("Internal note")
    return _("Time noted: %(spent)s", spent=spent_words(spent, str(locale())))


def _came_by_mail(office: Office, facts: dict[str, Any]) -> str:
    """Return what came by mail without an act."""
    if facts.get("what") == "delayed":
        return _("A letter is late; the mail server goes on trying")
    whose = str(facts.get("whose") or "")
    name = actor(office, whose) if whose else ""
    if facts.get("what") == "automatic":
        return _("An automatic answer from %(name)s", name=name)
    if facts.get("what") == "files":
        return _("Came along with a mail from %(name)s", name=name)
    return _("A mail from %(name)s that changed nothing", name=name)


_SAID: dict[Kind, Callable[[Office, dict[str, Any]], str]] = {
    Kind.RECEIVED: lambda office, facts: _("The request came in"),
    Kind.ROUTED: _routed,
    Kind.ACKNOWLEDGED: lambda office, facts: _("Acknowledged"),
    Kind.STARTED: lambda office, facts: _("Work has begun"),
    Kind.ANSWERED: lambda office, facts: _("Answer to the resident"),
    Kind.NOTED: _noted,
    Kind.ASKED_RESIDENT: lambda office, facts: _("Question to the resident"),
    Kind.RESIDENT_REPLIED: lambda office, facts: _("The resident wrote"),
    Kind.FOLLOWED: lambda office, facts: (
        _("Another resident adds something") if facts.get("is_more") else _("Another resident says the same")
    ),
    Kind.REASSIGNED: _reassigned,
    Kind.REROUTED: _rerouted,
    Kind.HANDED_OFF: lambda office, facts: _("Handed over to %(agency)s", agency=agency_name(office, facts)),
    Kind.AGENCY_ACCEPTED: _accepted,
    Kind.AGENCY_REFUSED: _refused,
    Kind.AGENCY_REMINDED: lambda office, facts: _(
        "%(agency)s was reminded", agency=agency_name(office, facts)
    ),
    Kind.REMINDED: lambda office, facts: _("%(name)s was reminded", name=person_name(office, facts)),
    Kind.ESCALATED: lambda office, facts: _(
        "Nobody had acted: %(name)s was told", name=person_name(office, facts)
    ),
    Kind.AGENCY_SILENT: lambda office, facts: _(
        "No word from %(agency)s: the clerk was told", agency=agency_name(office, facts)
    ),
    Kind.HANDOVER_ARRIVED: _arrived,
    Kind.HANDOVER_FAILED: _not_arrived,
    Kind.AGENCY_FINISHED: lambda office, facts: _("The agency says: done"),
    Kind.REDIRECTED: lambda office, facts: _(
        "Ended: the resident is sent to %(agency)s", agency=agency_name(office, facts)
    ),
    Kind.FINISHED: _ended,
    Kind.REOPENED: lambda office, facts: _("Opened again"),
    Kind.WITHDRAWN: lambda office, facts: _("The resident took it back"),
    Kind.RATED: _rated,
    Kind.UNDONE: lambda office, facts: _("Undone"),
    Kind.MAIL_ARRIVED: lambda office, facts: _came_by_mail(office, facts),
    Kind.MAIL_UNVERIFIED: lambda office, facts: _("A mail that nobody vouches for"),
    Kind.UPDATES_STOPPED: lambda office, facts: _("The resident wants no letters about it"),
    Kind.UPDATES_RESUMED: lambda office, facts: _("The resident wants letters again"),
    Kind.HELD: lambda office, facts: _("Held: it may be the work of a program"),
    Kind.RELEASED: lambda office, facts: _("Released"),
    Kind.LETTER_FAILED: lambda office, facts: _("A letter could not be delivered"),
    Kind.MAIL_BOUNCED: lambda office, facts: (
        _("A letter to the resident came back") if facts.get("who") == "resident" else _("A letter came back")
    ),
}
