"""How does a report become a request? Decided, numbered, written down and posted in one transaction.

This is the busiest verb, so all that can be done before the write lock is taken is done before:
deciding, promising, rendering the letters, making their bytes. Inside the lock there are only
inserts and one commit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework import access, gathering, held_letters, letters, recipients
from casework.agencies import handover_row, remind_at
from casework.errors import NotPossible
from casework.office import Office
from casework.outbox import row
from lifecycle.deadlines import due
from lifecycle.journal import Kind, is_public
from lifecycle.status import Status
from mail.address import token
from mail.letter import Letter
from routing.decision import Decision, Facts, decide
from routing.rulebook import Agency, Outcome, Person
from storage import factbook, lookups, numbers, tallies
from storage.database import after_commit, joining, writing
from storage.inserting import add_request, add_rows
from storage.photos import StoredPhoto
from storage.tables import DigestItem, Entry, Handover, OutgoingLetter, Photo, ServiceRequest

NUMBER_TRIES = 5


@dataclass(frozen=True)
class Submission:
    """What the resident sent, checked field by field, not yet decided."""

    nonce: str
    service: str
    description: str
    answers: Mapping[str, str]
    place: str
    at: tuple[float, float] | None
    """Latitude, longitude."""
    road: str | None
    """The owner word the resident chose when two roads were near."""
    photos: tuple[StoredPhoto, ...]
    name: str
    email: str
    phone: str
    may_share: bool
    language: str
    channel: str
    widget: str | None
    source_page: str

    @property
    def mark(self) -> str:
        """The form's nonce and what it says: sent again it is the same request, changed it is another.

        Who goes back, corrects the words and sends once more must not find the old words kept and the
        new ones lost.
        """
        said = repr(sorted((name, str(value)) for name, value in vars(self).items() if name != "nonce"))
        return f"{self.nonce}.{sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"

    def facts(self, now: datetime) -> Facts:
        """Return what routing may ask about."""
        return Facts(
            service=self.service,
            at=self.at,
            answers=self.answers,
            text=self.description,
            language=self.language,
            widget=self.widget,
            road=self.road,
            now=now,
            page=self.source_page,
            place=self.place,
        )


@dataclass(frozen=True)
class Receipt:
    """What the resident gets back: the public number and the token of their own page."""

    number: str
    token: str
    is_new: bool


@dataclass(frozen=True)
class _Draft:
    """Everything about to be written, without the ids that the database gives."""

    request: ServiceRequest
    entries: Sequence[Entry]
    photos: Sequence[Photo]
    links: Sequence[tuple[str, access.Purpose, str, str | None]]
    """Purpose in the token, in the row, whose it is, and the hash of the mark of their replies."""
    letters: Sequence[OutgoingLetter | DigestItem]
    handovers: Sequence[Handover]


def open_request(
    office: Office,
    submission: Submission,
    *,
    now: datetime,
    decision: Decision | None = None,
    together: Callable[[Session, int], None] | None = None,
    is_told: bool = True,
    held_for: Sequence[str] = (),
) -> Receipt:
    """Open a request and return its receipt; the same form sent twice returns the first one.

    ``decision`` is one that was made before, where the rules cannot make it. ``together`` is called
    with the request's id in the transaction that opens it, and undoes it by raising. With ``is_told``
    False the resident gets no receipt. ``held_for`` names the signs for which it waits for the clerk
    (``casework.held``). Joins an open ``writing()``. Raises ``NotPossible`` where the rules stop the
    report or still have a question.
    """
    earlier = lookups.number_by_nonce(submission.mark)
    if earlier is not None:
        return _receipt(office, earlier, is_new=False)
    if decision is None:
        facts = replace(submission.facts(now), absences=office.absences(now))
        decision = decide(office.rulebook, office.layers, facts, translate=_, say=letters.staff_says(office))
        _refuse_unless_offered(decision)
    for _try in range(NUMBER_TRIES):
        number = numbers.reserve(now.astimezone(office.zone).year)
        draft = _draft(office, submission, decision, number, now)
        if held_for:
            draft = _held(office, draft, held_for, now)
        if not is_told:
            kept = [one for one in draft.letters if one.kind != "resident_receipt"]
            draft = replace(draft, letters=kept)
        try:
            with joining() as session:
                request_id = _insert(session, office, draft, now)
                if together is not None:
                    together(session, request_id)
        except IntegrityError:
            # Either this very form arrived twice at the same moment, or another process took the number.
            earlier = lookups.number_by_nonce(submission.mark)
            if earlier is not None:
                return _receipt(office, earlier, is_new=False)
            numbers.forget()
            continue
        return _receipt(office, number, is_new=True)
    raise NotPossible(_("The request could not be given a number. Please send it once more."))


def count_told(office: Office, decision: Decision, service: str, *, now: datetime) -> None:
    """Count that somebody was told "call now" or "not the town's"; nothing else is kept."""
    with writing() as session:
        tallies.count(
            session,
            day=now.astimezone(office.zone).date(),
            service=service,
            outcome=decision.outcome.value,
            rule=decision.rule,
            target=decision.target or "",
        )


def _refuse_unless_offered(decision: Decision) -> None:
    if decision.outcome in (Outcome.STOP, Outcome.ASK):
        raise NotPossible(decision.because)
    if decision.outcome is Outcome.CARD and not decision.note_anyway:
        raise NotPossible(decision.because)


def receipt_of(office: Office, number: str) -> Receipt:
    """Return the receipt of a request that is there."""
    return _receipt(office, number, is_new=False)


def _receipt(office: Office, number: str, *, is_new: bool) -> Receipt:
    return Receipt(number, token(office.secret, "resident", number, access.RESIDENT), is_new)


def _draft(office: Office, submission: Submission, decision: Decision, number: str, now: datetime) -> _Draft:
    request = _request(office, submission, decision, number, now)
    photos = [
        Photo(sha256=photo.sha256, width=photo.width, height=photo.height, size=photo.size)
        for photo in submission.photos
    ]
    is_handoff = decision.outcome is Outcome.HANDOFF
    staff: access.Purpose = "agency" if is_handoff else "employee"
    recipient = request.agency if is_handoff and request.agency else request.assignee
    return _Draft(
        request,
        _first_entries(request, decision, now),
        photos,
        _links(office, request, staff, recipient),
        [] if office.is_silent else _first_letters(office, request, photos, decision, now),
        [] if office.is_silent else _first_handover(office, request, photos, now),
    )


def _held(office: Office, draft: _Draft, signs: Sequence[str], now: datetime) -> _Draft:
    """Return the same as it waits for the clerk: nobody hears of it, nothing is promised by the clock.

    Agency and decision stay written down; releasing goes by them.
    """
    request = draft.request
    request.status, request.held_at, request.held_signs = Status.RECEIVED, now, list(signs)
    request.handed_off_at = request.waiting_since = request.agency_remind_at = request.ladder_at = None
    links, told = held_letters.urgent(office, request, now=now)
    entries = [entry for entry in draft.entries if entry.kind != Kind.HANDED_OFF]
    for entry in entries:
        if entry.kind == Kind.ROUTED:
            entry.facts = {**entry.facts, "held": True}  # it is meant for somebody, and has not gone there
    entries.append(
        Entry(at=now, kind=Kind.HELD, is_public=False, by="townline", text="", facts={"signs": list(signs)})
    )
    return replace(draft, entries=entries, links=[draft.links[0], *links], letters=told, handovers=[])


def _links(
    office: Office, request: ServiceRequest, staff: access.Purpose, recipient: str
) -> list[tuple[str, access.Purpose, str, str | None]]:
    theirs = access.address_of(office, request, staff, recipient)
    # Who works for the town and reports something to themselves answers as who works for it.
    own = "" if theirs.lower() == request.resident_email.lower() else request.resident_email
    return [
        ("resident", "resident", access.RESIDENT, access.mark_hash(office, request.number, own)),
        (staff, staff, recipient, access.mark_hash(office, request.number, theirs)),
    ]


def _request(
    office: Office, submission: Submission, decision: Decision, number: str, now: datetime
) -> ServiceRequest:
    service = office.rulebook.services[submission.service]
    is_handoff = decision.outcome is Outcome.HANDOFF
    agency = office.rulebook.agencies[decision.target] if is_handoff and decision.target else None
    lat, lon = submission.at or (None, None)
    acknowledge_by = due(now, service.target.acknowledge, office.calendar)
    return ServiceRequest(
        number=number,
        nonce=submission.mark,
        service=service.code,
        status=Status.WAITING_AGENCY if is_handoff else Status.RECEIVED,
        description=submission.description,
        answers=dict(submission.answers),
        place=submission.place,
        lat=lat,
        lon=lon,
        resident_name=submission.name,
        resident_email=submission.email,
        resident_phone=submission.phone,
        may_share=submission.may_share,
        language=submission.language,
        channel=submission.channel,
        widget=submission.widget,
        source_page=submission.source_page,
        assignee=recipients.reachable(office, _meant(office, decision)),
        agency=decision.target if decision.outcome in (Outcome.HANDOFF, Outcome.CARD) else None,
        rule=decision.rule,
        decided=decision.outcome,
        because=decision.because,
        because_staff=decision.because_staff,
        rules_version=decision.rules_version,
        layer_versions=dict(decision.layer_versions),
        created_at=now,
        acknowledge_due_at=acknowledge_by,
        finish_due_at=due(now, service.target.finish, office.calendar),
        handed_off_at=now if is_handoff else None,
        reopened=0,
        agency_remind_at=None if agency is None or office.is_silent else remind_at(office, agency, now),
        agency_reminders=0,
        waiting_since=now if is_handoff else None,
        paused_minutes=0,
        ladder_step=0,
        # The first promise, so that nothing has to be computed here.
        ladder_at=None if is_handoff or office.is_silent else acknowledge_by,
    )


def _meant(office: Office, decision: Decision) -> str:
    return decision.services_assignee or office.rulebook.clerk


def _first_entries(request: ServiceRequest, decision: Decision, now: datetime) -> list[Entry]:
    def entry(kind: Kind, by: str, text: str = "", **facts: object) -> Entry:
        return Entry(at=now, kind=kind, is_public=is_public(kind), by=by, text=text, facts=facts)

    entries = [
        entry(Kind.RECEIVED, "resident"),
        entry(
            Kind.ROUTED,
            "townline",
            decision.because_staff,
            to=request.assignee,
            rule=decision.rule,
            decision=decision.record(),
        ),
    ]
    if decision.outcome is Outcome.HANDOFF:
        # The resident reads why in their own language on top of their page; town and agency in theirs.
        entries.append(
            entry(Kind.HANDED_OFF, "townline", agency=request.agency, because=decision.because_town)
        )
    return entries


def _first_letters(
    office: Office, request: ServiceRequest, photos: Sequence[Photo], decision: Decision, now: datetime
) -> list[OutgoingLetter | DigestItem]:
    rulebook = office.rulebook
    rows: list[OutgoingLetter | DigestItem] = []
    if decision.outcome is Outcome.HANDOFF and request.agency:
        agency = rulebook.agencies[request.agency]
        if agency.handoff == "mail":
            letter = letters.to_agency(
                office,
                request,
                photos,
                agency=agency,
                link=_agency_link(office, request, agency),
                because=decision.because_town,
            )
            key = f"opened:{request.number}:{agency.id}"
            rows.append(row(letter, kind="agency_handoff", dedupe_key=key, now=now))
    else:
        agency = None
        person = rulebook.people[request.assignee]
        link = access.desk_url(office, token(office.secret, "employee", request.number, person.id))
        rows.append(_to_assignee(office, request, photos, decision, person, link, now))
    if request.resident_email:
        receipt = receipt_letter(office, request, handed_to=agency)
        rows.append(
            row(receipt, kind="resident_receipt", dedupe_key=f"opened:{request.number}:resident", now=now)
        )
    return rows


def receipt_letter(office: Office, request: ServiceRequest, *, handed_to: Agency | None) -> Letter:
    """Return the letter that tells the resident: we have it, who looks at it, and until when."""
    rulebook = office.rulebook
    own = token(office.secret, "resident", request.number, access.RESIDENT)
    person = rulebook.people.get(request.assignee) or rulebook.people[rulebook.clerk]
    return letters.to_resident(
        office,
        "resident_receipt",
        request,
        link=access.tracking_url(office, request.number, own),
        because=request.because,
        department=rulebook.departments[person.department],
        due_finish=request.finish_due_at,
        handed_to=handed_to,
    )


def _to_assignee(
    office: Office,
    request: ServiceRequest,
    photos: Sequence[Photo],
    decision: Decision,
    person: Person,
    link: str,
    now: datetime,
) -> OutgoingLetter | DigestItem:
    """Return the letter to whoever has it, or the line of their digest that stands for it."""
    key = f"opened:{request.number}:{person.id}"
    line = gathering.line(office, person, request, kind="assigned", dedupe_key=key, now=now)
    if line is not None:
        return line
    is_stand_in = person.id != _meant(office, decision)
    reason = "deputy" if is_stand_in else "unsure" if decision.unsure else "new"
    letter = letters.to_assignee(office, request, photos, person=person, link=link, reason=reason, now=now)
    posted = row(letter, kind="assigned", dedupe_key=key, now=now)
    posted.next_at = posted.started_at = now + gathering.quiet(office, request, now=now)
    return posted


def _agency_link(office: Office, request: ServiceRequest, agency: Agency) -> str:
    return access.desk_url(office, token(office.secret, "agency", request.number, agency.id))


def _first_handover(
    office: Office, request: ServiceRequest, photos: Sequence[Photo], now: datetime
) -> list[Handover]:
    """Return the report for an agency that takes it into its own system."""
    if request.status != Status.WAITING_AGENCY or not request.agency:
        return []
    agency = office.rulebook.agencies[request.agency]
    if agency.handoff != "open311":
        return []
    link = _agency_link(office, request, agency)
    return [handover_row(office, request, agency, photos=len(photos), link=link, now=now)]


def _insert(session: Session, office: Office, draft: _Draft, now: datetime) -> int:
    request_id = add_request(session, draft.request)
    factbook.record_new(session, office.sorting, draft.request, request_id)
    number = draft.request.number
    links = [
        access.new_link(
            token(office.secret, purpose, number, recipient),
            request_id,
            kind,
            recipient,
            now=now,
            reply_hash=mark,
        )
        for purpose, kind, recipient, mark in draft.links
    ]
    children: list[Entry | Photo | OutgoingLetter | DigestItem | Handover] = [
        *draft.entries,
        *draft.photos,
        *draft.letters,
        *draft.handovers,
    ]
    for child in children:
        child.request_id = request_id
    add_rows(session, [*children, *links])
    if draft.letters:
        after_commit(session, office.nudge)
    if draft.handovers:
        after_commit(session, office.nudge_courier)
    return request_id
