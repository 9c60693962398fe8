"""What is kept, row by row, for how long, and is it personal?

Every column says both (``info``); a test fails on an undecided one. Instants are aware UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lifecycle.journal import Kind
from lifecycle.status import Ending, Status
from storage.database import Base

WITH_REQUEST = "as long as the request"
WITH_EDITION = "as long as the edition: for ever"
FOR_EVER = "for ever, it names nobody"
AFTER_LINK = "400 days after the link has ended"
WHILE_NAMED = "as long as the rules file names the address"


def _plain(keep: str = WITH_REQUEST) -> dict[str, Any]:
    return {"personal": False, "keep": keep}


def _personal(keep: str = WITH_REQUEST) -> dict[str, Any]:
    return {"personal": True, "keep": keep}


class Moment(TypeDecorator[datetime]):
    """An instant: aware UTC in Python; a naive value is refused, never guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _one_of(column: str, values: Any, *, optional: bool = False) -> str:
    listed = ", ".join(f"'{value.value}'" for value in values)
    return f"{column} IN ({listed})" + (f" OR {column} IS NULL" if optional else "")


class ServiceRequest(Base):
    """One report by one resident, with a public number such as ``26-0412``."""

    __tablename__ = "requests"
    __table_args__ = (
        CheckConstraint(_one_of("status", Status), name="status_known"),
        CheckConstraint(_one_of("ending", Ending, optional=True), name="ending_known"),
        CheckConstraint("(status = 'ended') = (ending IS NOT NULL)", name="ended_has_one_ending"),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended_has_its_time"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="place_has_both_coordinates"),
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating_from_1_to_5"),
        Index("ix_requests_status_id", "status", "id"),
        Index("ix_requests_created_at", "created_at"),
        Index("ix_requests_ended_at", "ended_at"),
        Index("ix_requests_finish_due_at", "finish_due_at"),
        Index("ix_requests_agency_remind_at", "agency_remind_at"),
        Index("ix_requests_ladder_at", "ladder_at"),
        Index("ix_requests_held_at", "held_at"),
        Index("ix_requests_lat_lon", "lat", "lon"),
        # Since when the town itself takes requests, whatever was imported from before.
        Index("ix_requests_imported_from_created_at", "imported_from", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain())
    number: Mapped[str] = mapped_column(String(16), unique=True, info=_plain())
    nonce: Mapped[str] = mapped_column(String(64), unique=True, info=_plain())
    """The form's one-time mark: the same form sent twice gives the first receipt again."""

    service: Mapped[str] = mapped_column(String(64), info=_plain())
    status: Mapped[str] = mapped_column(String(20), info=_plain())
    ending: Mapped[str | None] = mapped_column(String(20), info=_plain())
    ending_reason: Mapped[str | None] = mapped_column(Text, info=_plain())
    duplicate_of: Mapped[str | None] = mapped_column(String(16), info=_plain())

    description: Mapped[str] = mapped_column(Text, info=_personal())
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, info=_personal())
    place: Mapped[str] = mapped_column(String(300), info=_personal())
    lat: Mapped[float | None] = mapped_column(info=_personal())
    lon: Mapped[float | None] = mapped_column(info=_personal())

    resident_name: Mapped[str] = mapped_column(String(120), info=_personal())
    resident_email: Mapped[str] = mapped_column(String(254), info=_personal())
    resident_phone: Mapped[str] = mapped_column(String(40), info=_personal())
    may_share: Mapped[bool] = mapped_column(info=_plain())
    """Consent to pass name and contact to the agency that is responsible."""
    language: Mapped[str] = mapped_column(String(16), info=_plain())
    channel: Mapped[str] = mapped_column(String(16), info=_plain())
    widget: Mapped[str | None] = mapped_column(String(64), info=_plain())
    source_page: Mapped[str] = mapped_column(String(300), info=_plain())
    """Origin and path of the town's page the widget stood on, never its query."""

    assignee: Mapped[str] = mapped_column(String(64), info=_plain())
    agency: Mapped[str | None] = mapped_column(String(64), info=_plain())
    """The agency it was handed to or redirected to."""
    agency_remind_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    """When a silent agency hears from us again; None while nothing is expected of any."""
    agency_reminders: Mapped[int] = mapped_column(default=0, info=_plain())
    """How often it was reminded of this hand-off."""
    agency_reference: Mapped[str | None] = mapped_column(String(120), info=_plain())
    """The number that the agency's own system gave it."""
    expected_on: Mapped[date | None] = mapped_column(info=_plain())
    """The day, in town time, on which whoever has it expects to be done."""
    rule: Mapped[str] = mapped_column(String(64), info=_plain())
    decided: Mapped[str] = mapped_column(String(16), info=_plain())
    because: Mapped[str] = mapped_column(Text, info=_plain())
    because_staff: Mapped[str] = mapped_column(Text, info=_plain())
    rules_version: Mapped[str] = mapped_column(String(12), info=_plain())
    layer_versions: Mapped[dict[str, str]] = mapped_column(JSON, info=_plain())

    created_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    acknowledge_due_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    finish_due_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    """Promised at submission and never computed again."""
    waiting_since: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    """Since when it waits for the resident or an agency; the town's clock stands still meanwhile."""
    paused_minutes: Mapped[int] = mapped_column(default=0, info=_plain())
    """Office minutes that it has spent waiting for others, the present wait left out."""
    ladder_step: Mapped[int] = mapped_column(default=0, info=_plain())
    """How many steps of the ladder have been climbed since anybody last did something; -1: it is
    older than the ladder."""
    ladder_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    """When somebody hears of it next if nothing happens; None while the clock stands still."""
    updates_stopped_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    """Since when the resident wants no more letters about it; the receipt was sent before."""
    answered_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    """The first human word; automatic receipts do not count."""
    handed_off_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    ended_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    reopened: Mapped[int] = mapped_column(default=0, info=_plain())
    rating: Mapped[int | None] = mapped_column(info=_plain())
    was_fixed: Mapped[bool | None] = mapped_column(info=_plain())
    held_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    """Since when it waits for the clerk's word that a person sent it; None when nobody doubts it."""
    held_signs: Mapped[list[str]] = mapped_column(JSON, default=list, info=_plain())
    """The names of the signs that made it wait (``casework.screening``), never what was typed."""
    imported_from: Mapped[str | None] = mapped_column(String(64), info=_plain())
    """The system or list that it was imported from; None for what came in here."""
    imported_number: Mapped[str | None] = mapped_column(String(120), info=_plain())
    """Its number there."""
    imported_mark: Mapped[str | None] = mapped_column(String(32), info=_plain())
    """What its row said, as a hash: only a row that says something else is taken again."""


class Entry(Base):
    """One line of the journal; appended, never edited."""

    __tablename__ = "entries"
    __table_args__ = (
        CheckConstraint(_one_of("kind", Kind), name="kind_known"),
        Index("ix_entries_request_id_id", "request_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain())
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), info=_plain())
    at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    kind: Mapped[str] = mapped_column(String(24), info=_plain())
    is_public: Mapped[bool] = mapped_column(info=_plain())
    by: Mapped[str] = mapped_column(String(80), info=_plain())
    """Who did it: ``person:<id>``, ``agency:<id>``, ``resident`` or ``townline``."""
    text: Mapped[str] = mapped_column(Text, info=_personal())
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, info=_plain())
    nonce: Mapped[str | None] = mapped_column(String(64), unique=True, info=_plain())
    """The one-time mark of the form that caused it, so that a second click changes nothing."""


class Follower(Base):
    """A resident who saw an open request nearby and said "me too" instead of sending another."""

    __tablename__ = "followers"
    __table_args__ = (Index("ix_followers_request_id", "request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain())
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), info=_plain())
    nonce: Mapped[str] = mapped_column(String(64), unique=True, info=_plain())
    """The form's one-time mark: "me too" sent twice counts once."""
    email: Mapped[str] = mapped_column(String(254), info=_personal())
    """Where letters about it go; empty for one more voice that wants none."""
    words: Mapped[str] = mapped_column(Text, info=_personal())
    """The detail that was added, for the employee alone."""
    language: Mapped[str] = mapped_column(String(16), info=_plain())
    created_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    stopped_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    """Since when no more letters are wanted."""


class Photo(Base):
    """A picture, re-encoded without metadata; the file is named by its hash."""

    __tablename__ = "photos"
    __table_args__ = (Index("ix_photos_request_id", "request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain())
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), info=_plain())
    sha256: Mapped[str] = mapped_column(String(64), info=_personal())
    width: Mapped[int] = mapped_column(info=_plain())
    height: Mapped[int] = mapped_column(info=_plain())
    size: Mapped[int] = mapped_column(info=_plain())


class SignedLink(Base):
    """Who may open a request by a link: one token per recipient and purpose, only its hash kept."""

    __tablename__ = "links"
    __table_args__ = (
        CheckConstraint("purpose IN ('resident', 'employee', 'agency', 'follower')", name="purpose_known"),
        Index("ix_links_request_id", "request_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain())
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=_plain())
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), info=_plain())
    purpose: Mapped[str] = mapped_column(String(12), info=_plain())
    recipient: Mapped[str] = mapped_column(String(64), info=_plain())
    """A person id, an agency id, ``resident``, or a follower's id."""
    reply_hash: Mapped[str | None] = mapped_column(String(64), unique=True, info=_plain())
    """The hash of the token in the reply address, which is another one: it only tells whom a mail is from."""
    serial: Mapped[int] = mapped_column(default=0, info=_plain())
    """Counts the tokens made for this recipient; a revoked one is followed by the next."""
    created_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    expires_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    revoked_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())


class OutgoingLetter(Base):
    """One outgoing mail as finished bytes, committed with the fact that caused it."""

    __tablename__ = "letters"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'cancelled')", name="state_known"
        ),
        Index("ix_letters_state_next_at", "state", "next_at"),
        Index("ix_letters_request_id", "request_id"),
        Index("ix_letters_message_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain())
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True, info=_plain())
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), info=_plain())
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("editions.id"), info=_plain())
    kind: Mapped[str] = mapped_column(String(32), info=_plain())
    recipient: Mapped[str] = mapped_column(String(254), info=_personal())
    envelope_from: Mapped[str] = mapped_column(String(254), info=_plain())
    subject: Mapped[str] = mapped_column(Text, info=_personal())
    message_id: Mapped[str] = mapped_column(String(200), info=_plain())
    state: Mapped[str] = mapped_column(String(12), info=_plain())
    attempts: Mapped[int] = mapped_column(default=0, info=_plain())
    next_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    lease_until: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    lease: Mapped[str | None] = mapped_column(String(40), info=_plain())
    last_error: Mapped[str | None] = mapped_column(Text, info=_personal())
    created_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    sent_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, info=_personal())
    """Behind the short columns on purpose: SQLite reads those without touching the bytes."""
    # Added later, so behind the bytes, and deferred: only who carries the letter reads them.
    repeats: Mapped[int] = mapped_column(default=0, deferred=True, info=_plain())
    """How often the same bytes went again because nobody could tell whether they had arrived."""
    started_at: Mapped[datetime | None] = mapped_column(Moment, deferred=True, info=_plain())
    """Since when it is tried: a person may start it anew. None means since it was written."""
    entry_id: Mapped[int | None] = mapped_column(deferred=True, info=_plain())
    """The entry it tells of, for a letter that is held for a while so that the entry can be undone."""
    incoming_id: Mapped[int | None] = mapped_column(deferred=True, info=_plain())
    """The mail that caused it, for a letter that no person at a page caused."""


class IncomingMail(Base):
    """One mail as it arrived, kept before anybody reads it."""

    __tablename__ = "incoming"
    __table_args__ = (
        UniqueConstraint("source", "uid_validity", "uid", name="uq_incoming_source_uid"),
        CheckConstraint(
            "state IN ('stored', 'working', 'applied', 'drafted', 'ignored', 'unverified', 'quarantined')",
            name="state_known",
        ),
        Index("ix_incoming_state_next_at", "state", "next_at"),
        Index("ix_incoming_request_id", "request_id"),
        Index("ix_incoming_sha256", "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain())
    source: Mapped[str] = mapped_column(String(120), info=_plain())
    """Which feeder brought it: a mailbox as ``imap:user@host/folder``, ``pipe``, ``smtp``, ``http``."""
    uid_validity: Mapped[int | None] = mapped_column(BigInteger, info=_plain())
    uid: Mapped[int | None] = mapped_column(BigInteger, info=_plain())
    """Its number in that mailbox; None for feeders that bring each mail once."""
    sha256: Mapped[str] = mapped_column(String(64), info=_plain())
    envelope_to: Mapped[str] = mapped_column(String(254), info=_personal())
    state: Mapped[str] = mapped_column(String(12), info=_plain())
    attempts: Mapped[int] = mapped_column(default=0, info=_plain())
    next_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    lease_until: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    lease: Mapped[str | None] = mapped_column(String(40), info=_plain())
    received_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    settled_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    kind: Mapped[str | None] = mapped_column(String(16), info=_plain())
    """What it is: ``reply``, ``bounce``, ``auto_reply`` and so on."""
    reason: Mapped[str] = mapped_column(Text, default="", info=_personal())
    """Why it ended as it did, one sentence."""
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), info=_plain())
    recipient: Mapped[str | None] = mapped_column(String(80), info=_plain())
    """Whose reply address it came to: ``person:<id>``, ``agency:<id>`` or ``resident``."""
    effect: Mapped[str | None] = mapped_column(String(64), unique=True, info=_plain())
    """The hash of request, Message-ID and words: what has been applied once is never applied again."""
    from_address: Mapped[str] = mapped_column(String(254), default="", info=_personal())
    subject: Mapped[str] = mapped_column(Text, default="", info=_personal())
    message_id: Mapped[str] = mapped_column(Text, default="", info=_plain())
    text: Mapped[str] = mapped_column(Text, default="", info=_personal())
    """What its sender newly wrote."""
    full_text: Mapped[str] = mapped_column(Text, default="", deferred=True, info=_personal())
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, info=_personal())


class Mailbox(Base):
    """How far a mailbox has been read."""

    __tablename__ = "mailboxes"

    name: Mapped[str] = mapped_column(String(120), primary_key=True, info=_plain(FOR_EVER))
    uid_validity: Mapped[int | None] = mapped_column(BigInteger, info=_plain(FOR_EVER))
    uid: Mapped[int] = mapped_column(BigInteger, default=0, info=_plain(FOR_EVER))
    """Everything up to this number has been stored."""
    read_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(FOR_EVER))
    error: Mapped[str | None] = mapped_column(Text, info=_plain(FOR_EVER))


class Recipient(Base):
    """Is anybody behind this mailbox of an employee or agency? What the last mails tell."""

    __tablename__ = "recipients"

    address: Mapped[str] = mapped_column(String(254), primary_key=True, info=_personal(WHILE_NAMED))
    """In lower case."""
    since: Mapped[datetime] = mapped_column(Moment, info=_plain(WHILE_NAMED))
    """When Townline first knew of it."""
    written_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WHILE_NAMED))
    """When the last letter to it left."""
    unanswered_since: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WHILE_NAMED))
    """When the first letter left to which no person has shown a sign yet; None while there is none."""
    human_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WHILE_NAMED))
    """The last sign of a person: a reply, or a button pressed."""
    automatic_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WHILE_NAMED))
    bounced_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WHILE_NAMED))
    bounce: Mapped[str | None] = mapped_column(Text, info=_personal(WHILE_NAMED))
    """What the other mail server said."""
    suspended_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WHILE_NAMED))
    """Since when nothing is sent there; the deputy gets it instead."""
    asked_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WHILE_NAMED))
    """When "is this still you?" was last asked."""


class Absence(Base):
    """Somebody is away, first and last day included, in town time; added to what the rules say."""

    __tablename__ = "absences"
    __table_args__ = (Index("ix_absences_person", "person"),)

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain(FOR_EVER))
    person: Mapped[str] = mapped_column(String(64), info=_plain(FOR_EVER))
    first: Mapped[date] = mapped_column(info=_plain(FOR_EVER))
    last: Mapped[date] = mapped_column(info=_plain(FOR_EVER))
    said_by: Mapped[str] = mapped_column(String(80), info=_plain(FOR_EVER))
    """``person:<id>`` by link or command, or ``townline`` from an out-of-office answer that was confirmed."""
    created_at: Mapped[datetime] = mapped_column(Moment, info=_plain(FOR_EVER))
    ended_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(FOR_EVER))
    """When it was taken back before its last day."""
    passes_on: Mapped[bool] = mapped_column(default=False, info=_plain(FOR_EVER))
    """Whether what they have open goes to the deputy on the first day; else only what is new."""
    passed_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(FOR_EVER))
    """When all of that had been passed on."""


class DigestItem(Base):
    """One line that waits for somebody's hourly or daily mail instead of being a mail of its own."""

    __tablename__ = "digest_items"
    __table_args__ = (
        UniqueConstraint("dedupe_key", name="uq_digest_items_dedupe_key"),
        Index("ix_digest_items_person_sent_at", "person", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain())
    person: Mapped[str] = mapped_column(String(64), info=_plain())
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), info=_plain())
    dedupe_key: Mapped[str] = mapped_column(String(160), info=_plain())
    kind: Mapped[str] = mapped_column(String(32), info=_plain())
    """The letter it stands for."""
    line: Mapped[str] = mapped_column(Text, info=_personal())
    created_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    sent_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())


class Draft(Base):
    """A request that came by mail and misses something; it is completed by its sender, or by the clerk."""

    __tablename__ = "drafts"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'completed', 'passed_on', 'dropped')", name="state_known"),
        Index("ix_drafts_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain())
    incoming_id: Mapped[int | None] = mapped_column(ForeignKey("incoming.id"), unique=True, info=_plain())
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=_plain())
    state: Mapped[str] = mapped_column(String(12), info=_plain())
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, info=_personal())
    """What the widget's form already knows: service, description, place, name, email, photos."""
    created_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    due_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    """When the clerk gets it as it is."""
    request_id: Mapped[int | None] = mapped_column(ForeignKey("requests.id"), info=_plain())


class Handover(Base):
    """One report on its way into an agency's own system, committed with the hand-off that caused it."""

    __tablename__ = "handovers"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'cancelled')", name="state_known"
        ),
        Index("ix_handovers_state_next_at", "state", "next_at"),
        Index("ix_handovers_request_id", "request_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain())
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True, info=_plain())
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), info=_plain())
    agency: Mapped[str] = mapped_column(String(64), info=_plain())
    endpoint: Mapped[str] = mapped_column(String(300), info=_plain())
    """The base address of its GeoReport v2 service, as the rules named it that day."""
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, info=_personal())
    """What is posted, name -> value, without the key."""
    state: Mapped[str] = mapped_column(String(12), info=_plain())
    attempts: Mapped[int] = mapped_column(default=0, info=_plain())
    repeats: Mapped[int] = mapped_column(default=0, info=_plain())
    """How often the same report went again because nobody could tell whether it had arrived."""
    next_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    lease_until: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    lease: Mapped[str | None] = mapped_column(String(40), info=_plain())
    last_error: Mapped[str | None] = mapped_column(Text, info=_personal())
    created_at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    sent_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    reference: Mapped[str | None] = mapped_column(String(120), info=_plain())
    """Its ``service_request_id`` there; None until it has one."""
    receipt: Mapped[str | None] = mapped_column(String(200), info=_plain())
    """The ``token`` of a system that gives numbers later."""
    their_status: Mapped[str | None] = mapped_column(String(20), info=_plain())
    their_words: Mapped[str | None] = mapped_column(Text, info=_personal())
    """``status_notes`` as last read."""
    ask_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain())
    """When its status is asked for next; None when there is nothing more to learn."""


class OperatorLink(Base):
    """Who may see the operator's pages: a link that a command printed or mailed; only its hash is kept."""

    __tablename__ = "operator_links"

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain(FOR_EVER))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=_plain(FOR_EVER))
    created_at: Mapped[datetime] = mapped_column(Moment, info=_plain(FOR_EVER))
    expires_at: Mapped[datetime] = mapped_column(Moment, info=_plain(FOR_EVER))
    revoked_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(FOR_EVER))


class AnalyticsLink(Base):
    """Who may see the analytics: a link that came with a manager's report; only its hash is kept."""

    __tablename__ = "analytics_links"

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain(FOR_EVER))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=_plain(FOR_EVER))
    report: Mapped[str] = mapped_column(String(64), info=_plain(FOR_EVER))
    part: Mapped[str] = mapped_column(String(64), default="", info=_plain(FOR_EVER))
    """The department; empty for the whole town."""
    recipient: Mapped[str] = mapped_column(String(254), info=_personal(AFTER_LINK))
    """The address to which it went: it opens nothing once the plan names others."""
    created_at: Mapped[datetime] = mapped_column(Moment, info=_plain(FOR_EVER))
    expires_at: Mapped[datetime] = mapped_column(Moment, info=_plain(FOR_EVER))
    revoked_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(FOR_EVER))


class Edition(Base):
    """One issue of a report for one period; what was sent is kept as it was sent."""

    __tablename__ = "editions"
    __table_args__ = (
        UniqueConstraint("report", "part", "period", "issue", name="uq_editions_report_part_period_issue"),
        CheckConstraint(
            "state IN ('due', 'building', 'waiting', 'sent', 'skipped', 'failed')", name="state_known"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain(WITH_EDITION))
    report: Mapped[str] = mapped_column(String(64), info=_plain(WITH_EDITION))
    part: Mapped[str] = mapped_column(String(64), default="", info=_plain(WITH_EDITION))
    """The department or ward it is about; empty for the whole town."""
    period: Mapped[str] = mapped_column(String(16), info=_plain(WITH_EDITION))
    issue: Mapped[int] = mapped_column(default=1, info=_plain(WITH_EDITION))
    state: Mapped[str] = mapped_column(String(12), info=_plain(WITH_EDITION))
    attempts: Mapped[int] = mapped_column(default=0, info=_plain(WITH_EDITION))
    next_at: Mapped[datetime] = mapped_column(Moment, info=_plain(WITH_EDITION))
    lease_until: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WITH_EDITION))
    lease: Mapped[str | None] = mapped_column(String(40), info=_plain(WITH_EDITION))
    last_error: Mapped[str | None] = mapped_column(Text, info=_plain(WITH_EDITION))
    due_at: Mapped[datetime] = mapped_column(Moment, info=_plain(WITH_EDITION))
    sent_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WITH_EDITION))
    rules_version: Mapped[str] = mapped_column(String(12), default="", info=_plain(WITH_EDITION))
    approve_until: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WITH_EDITION))
    """Until when it waits for a word; then the plan says whether it goes out all the same."""
    decided_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WITH_EDITION))
    decided_by: Mapped[str] = mapped_column(String(80), default="", info=_plain(WITH_EDITION))
    """Who approved or skipped it: ``person:<id>``, or ``townline`` when the time ran out."""
    note: Mapped[str] = mapped_column(Text, default="", info=_plain(WITH_EDITION))
    """The clerk's own sentences on the first page."""
    changes: Mapped[list[Any]] = mapped_column(JSON, default=list, info=_plain(WITH_EDITION))
    """What differs from the issue before it: figure, then and now."""
    published_at: Mapped[datetime | None] = mapped_column(Moment, info=_plain(WITH_EDITION))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON, info=_plain(WITH_EDITION))
    sha256: Mapped[str | None] = mapped_column(String(64), info=_plain(WITH_EDITION))
    csv: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True, info=_plain(WITH_EDITION))
    html: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True, info=_plain(WITH_EDITION))
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True, info=_plain(WITH_EDITION))


class Tally(Base):
    """How often a resident was told "not the town's" or "call now": a count, nothing about them."""

    __tablename__ = "tallies"

    day: Mapped[date] = mapped_column(primary_key=True, info=_plain(FOR_EVER))
    service: Mapped[str] = mapped_column(String(64), primary_key=True, info=_plain(FOR_EVER))
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True, info=_plain(FOR_EVER))
    rule: Mapped[str] = mapped_column(String(64), primary_key=True, info=_plain(FOR_EVER))
    target: Mapped[str] = mapped_column(String(64), primary_key=True, info=_plain(FOR_EVER))
    count: Mapped[int] = mapped_column(default=0, info=_plain(FOR_EVER))


def _counted(name: str, *columns: str, among: str = "", is_counted: bool = True) -> Index:
    """Return an index of those facts that are counted, which nearly all are, or of the others."""
    where = text(f"counted = {int(is_counted)}{among}")
    return Index(f"ix_facts_{name}", *columns, sqlite_where=where, postgresql_where=where)


class Fact(Base):
    """What of one request is counted: whole numbers only, kept beside it and made anew from it at will.

    Instants are seconds since 1970; days are ordinals (``date.toordinal``) and hours of the day in town
    time; words stand in ``fact_words``, 0 for none.
    """

    __tablename__ = "facts"
    __table_args__ = (
        # Each holds all that its question asks, in the order in which it is grouped: a million rows are
        # counted in a tenth of a second, without touching one; see ``storage.counting_streams``.
        _counted("created_day", "created_day", "created_hours", "created_hour", "gone_month", "way"),
        _counted("ended_day", "ended_day", "ending"),
        _counted("due_day", "due_day", "promise"),
        _counted("gone_month", "gone_month", "way", "lasted"),
        _counted("created_month", "created_month", "replied", among=" AND passed IS NULL"),
        _counted("service", "service", "way", "lasted", "gone"),
        _counted("department", "department", "way", "lasted", "gone"),
        _counted("ward", "ward", "way", "lasted", "gone"),
        _counted("service_replied", "service", "replied", "created_day", among=" AND passed IS NULL"),
        _counted("department_replied", "department", "replied", "created_day", among=" AND passed IS NULL"),
        _counted("ward_replied", "ward", "replied", "created_day", among=" AND passed IS NULL"),
        _counted("channel", "channel", "language", "widget", "page", "created_day"),
        _counted("promised", "service", "promised", "created_day"),
        _counted("square", "square", "service", "created_day", among=" AND square IS NOT NULL"),
        _counted("rating", "rating", "fixed", "gone", among=" AND way = 1 AND rating + fixed > 0"),
        # And those that are not.
        _counted("left_out", "created_day", "ending", "held", is_counted=False),
    )

    request_id: Mapped[int] = mapped_column(
        ForeignKey("requests.id"), primary_key=True, autoincrement=False, info=_plain()
    )
    created: Mapped[int] = mapped_column(BigInteger, info=_plain())
    created_day: Mapped[int] = mapped_column(info=_plain())
    created_hour: Mapped[int] = mapped_column(info=_plain())
    due: Mapped[int] = mapped_column(BigInteger, info=_plain())
    due_day: Mapped[int] = mapped_column(info=_plain())
    answered: Mapped[int | None] = mapped_column(BigInteger, info=_plain())
    passed: Mapped[int | None] = mapped_column(BigInteger, info=_plain())
    """When it left the town's hands for good; None while it is, or was finished, the town's own."""
    ended: Mapped[int | None] = mapped_column(BigInteger, info=_plain())
    """When the ending that stands was reached, never before ``created``; None while it is open."""
    ended_day: Mapped[int | None] = mapped_column(info=_plain())
    first_ended: Mapped[int | None] = mapped_column(BigInteger, info=_plain())
    first_reopened: Mapped[int | None] = mapped_column(BigInteger, info=_plain())
    ending: Mapped[int] = mapped_column(info=_plain())
    """0 while it is open, else the place in ``figures.counted.ENDINGS``."""
    service: Mapped[int] = mapped_column(info=_plain())
    department: Mapped[int] = mapped_column(info=_plain())
    ward: Mapped[int] = mapped_column(info=_plain())
    agency: Mapped[int] = mapped_column(info=_plain())
    """Who has it, or has it to the end."""
    channel: Mapped[int] = mapped_column(info=_plain())
    language: Mapped[int] = mapped_column(info=_plain())
    widget: Mapped[int] = mapped_column(info=_plain())
    page: Mapped[int] = mapped_column(info=_plain())
    assignee: Mapped[int] = mapped_column(info=_plain())
    reopened: Mapped[int] = mapped_column(info=_plain())
    rating: Mapped[int] = mapped_column(info=_plain())
    """1 to 5; 0 for none."""
    fixed: Mapped[int] = mapped_column(info=_plain())
    """What the resident said: 2 fixed, 1 not fixed, 0 nothing."""
    lat: Mapped[int | None] = mapped_column(info=_personal())
    lon: Mapped[int | None] = mapped_column(info=_personal())
    """Ten-thousandths of a degree, so about ten metres."""
    held: Mapped[int] = mapped_column(info=_plain())
    """1 while it waits for the clerk's word that a person sent it: it is not counted."""
    clock_error: Mapped[int] = mapped_column(info=_plain())
    """1 where the record says that it ended before it came in."""
    counted: Mapped[int] = mapped_column(info=_plain())
    """0 for what is left out everywhere: spam, and what is held."""
    gone: Mapped[int | None] = mapped_column(BigInteger, info=_plain())
    """When the town had no more to do with it: ``passed``, else ``ended``."""
    way: Mapped[int] = mapped_column(info=_plain())
    """How it went, see ``figures.counted.Way``."""
    promise: Mapped[int] = mapped_column(info=_plain())
    """What became of the promised date, see ``figures.counted.Promise``."""
    # What follows is reckoned from the above so that it can be grouped, see ``storage.fact_order``.
    created_month: Mapped[int] = mapped_column(info=_plain())
    """The month of its day in town time: twelve times the year, and 0 for January."""
    created_hours: Mapped[int] = mapped_column(info=_plain())
    """Hours from 1970 to the one in which it came in, as they begin with the midnight of its day."""
    gone_month: Mapped[int | None] = mapped_column(info=_plain())
    lasted: Mapped[int | None] = mapped_column(info=_plain())
    """Hours from ``created`` to ``gone``, a begun one counted as full."""
    replied: Mapped[int | None] = mapped_column(info=_plain())
    """Twice the hours until the first word of a person, and one; without one, twice those until its end."""
    promised: Mapped[int] = mapped_column(info=_plain())
    """Hours from ``created`` to ``due``."""
    square: Mapped[int | None] = mapped_column(BigInteger, info=_personal())
    """About a hundred metres wide, see ``figures.hexagons.square``."""


class FactHandOff(Base):
    """What of one hand-off is counted, kept and made anew with the request's own row: each counts."""

    __tablename__ = "fact_hand_offs"
    __table_args__ = (
        # All that is asked of them, so that the rows themselves are never touched.
        Index("ix_fact_hand_offs_at", "at", "counted", "agency", "hours", "returned", "confirmed"),
    )

    request_id: Mapped[int] = mapped_column(
        ForeignKey("requests.id"), primary_key=True, autoincrement=False, info=_plain()
    )
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=_plain())
    """1 for the first hand-off of the request."""
    at: Mapped[int] = mapped_column(BigInteger, info=_plain())
    """The receipt, where another system handed it over and nobody knows when."""
    hours: Mapped[int | None] = mapped_column(info=_plain())
    """Begun hours since the receipt; None where nobody knows."""
    agency: Mapped[int] = mapped_column(info=_plain())
    returned: Mapped[int] = mapped_column(info=_plain())
    """1 when the agency gave it back."""
    confirmed: Mapped[int] = mapped_column(info=_plain())
    """1 when the agency said that it has it, or has done it."""
    counted: Mapped[int] = mapped_column(info=_plain())
    """As in ``facts``."""


class FactWord(Base):
    """What a number in ``facts`` stands for."""

    __tablename__ = "fact_words"
    __table_args__ = (UniqueConstraint("kind", "word", name="uq_fact_words_kind_word"),)

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain(FOR_EVER))
    kind: Mapped[str] = mapped_column(String(16), info=_plain(FOR_EVER))
    word: Mapped[str] = mapped_column(String(300), info=_plain(FOR_EVER))


class FactBasis(Base):
    """By which clock, map of wards and form the facts were made; when it changes, all are made anew."""

    __tablename__ = "fact_basis"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=_plain(FOR_EVER))
    mark: Mapped[str] = mapped_column(String(120), info=_plain(FOR_EVER))


class GivenNumber(Base):
    """The highest number of a year that a letter named, though its request is gone: nobody else gets it."""

    __tablename__ = "given_numbers"

    prefix: Mapped[str] = mapped_column(String(3), primary_key=True, info=_plain(FOR_EVER))
    highest: Mapped[int] = mapped_column(info=_plain(FOR_EVER))


class TimeEntry(Base):
    """What one visit cost: the hours that an employee wrote down, and the materials.

    The journal knows a row by its number, also once the row is taken back: so no number is given twice.
    """

    __tablename__ = "time_entries"
    __table_args__ = (Index("ix_time_entries_request_id", "request_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True, info=_plain())
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), info=_plain())
    nonce: Mapped[str | None] = mapped_column(String(64), unique=True, info=_plain())
    at: Mapped[datetime] = mapped_column(Moment, info=_plain())
    person: Mapped[str] = mapped_column(String(64), info=_plain())
    minutes: Mapped[int] = mapped_column(info=_plain())
    vehicle_minutes: Mapped[int] = mapped_column(default=0, info=_plain())
    materials: Mapped[int] = mapped_column(default=0, info=_plain())
    """In hundredths of the town's currency."""
