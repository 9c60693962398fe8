"""Have the letters left, and is anybody behind each mailbox? ``mail status``, ``retry``, ``dismiss``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from casework.office import the_office
from casework.recipients import Mailbox, health, restore
from console import ingesting
from console.health import unread_mailbox
from storage import drafts, handovers, incoming, lookups, mailboxes
from storage import outbox as rows
from storage.database import writing
from storage.tables import OutgoingLetter

mail = AppGroup("mail", help="The letters: what waits, what failed, and another try; and what comes in.")
for command in (ingesting.read, ingesting.ingest, ingesting.original):
    mail.add_command(command)


@mail.command("status")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option(
    "--restore", "address", metavar="ADDRESS", help="Write to a mailbox again that gave letters back."
)
def status(as_json: bool, address: str | None) -> None:
    """Show the queue, every letter and report that failed or came back, and how each mailbox is doing.

    Exit status 1 when a letter failed, when the mail server takes none at all, or when the town's own
    mailbox cannot be read.
    """
    now, office = datetime.now(UTC), the_office()
    if address is not None:
        _restore(address, now)
        return
    failed, closed, boxes = lookups.letters_failed(), rows.closed_because(), health(office, now=now)
    reports = handovers.not_taken()
    if as_json:
        click.echo(json.dumps(_as_json(failed, closed, boxes, reports)))
    else:
        _say_letters(failed, closed)
        _say_mailboxes(boxes)
        _say_reports(reports)
    unread = unread_mailbox(now)
    if unread and not as_json:
        click.echo(f"The town's mailbox is not read: {unread}")
    if failed or closed or unread or reports:
        raise SystemExit(1)


def _restore(address: str, now: datetime) -> None:
    if not restore(address, now=now):
        raise click.ClickException(f"{address} gave no letter back, so there is nothing to undo.")
    click.echo(f"{address} is written to again.")


def _as_json(
    failed: Sequence[OutgoingLetter],
    closed: str | None,
    boxes: Sequence[Mailbox],
    reports: Sequence[handovers.NotTaken],
) -> dict[str, object]:
    return {
        "counts": lookups.letter_counts(),
        "closed": closed,
        "failed": [
            {"id": row.id, "kind": row.kind, "to": row.recipient, "error": row.last_error} for row in failed
        ],
        "reports": [asdict(one) for one in reports],
        "arrived": incoming.counts(),
        "read": [
            {"mailbox": row.name, "read_at": _iso(row.read_at), "error": row.error}
            for row in mailboxes.every()
        ],
        "drafts": drafts.count_open(),
        "mailboxes": [
            {
                "address": box.address,
                "people": box.people,
                "agencies": box.agencies,
                "state": box.state,
                "last_letter": _iso(box.row.written_at if box.row else None),
                "last_human_sign": _iso(box.row.human_at if box.row else None),
                "last_automatic": _iso(box.row.automatic_at if box.row else None),
                "bounce": box.row.bounce if box.row else None,
            }
            for box in boxes
        ],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _say_reports(reports: Sequence[handovers.NotTaken]) -> None:
    for one in reports:
        click.echo(f"report {one.id} of {one.number} into the system of {one.agency}: {one.error}")
    if reports:
        click.echo("The clerk was told. When it is known: flask --app app mail dismiss --reports NUMBER")


def _say_letters(failed: Sequence[OutgoingLetter], closed: str | None) -> None:
    counts = lookups.letter_counts()
    for state in ("queued", "sending", "sent", "uncertain", "failed", "cancelled"):
        click.echo(f"{counts.get(state, 0):7d}  {state}")
    for row in failed:
        click.echo(f"letter {row.id} ({row.kind}) to {row.recipient}: {row.last_error}")
    if closed:
        click.echo(f"No letter leaves: {closed}")
        click.echo("Put the settings of the mail server right, restart, then: flask --app app mail retry")
    if failed:
        click.echo("Put right what is named above, then: flask --app app mail retry")
        click.echo("What cannot be put right: flask --app app mail dismiss NUMBER")


def _say_mailboxes(boxes: Sequence[Mailbox]) -> None:
    arrived = incoming.counts()
    told = ", ".join(f"{arrived[state]} {state}" for state in sorted(arrived))
    click.echo(
        f"Mails that arrived: {told or 'none'}. Requests by mail that miss something: {drafts.count_open()}."
    )
    click.echo(f"{'state':<11} {'last letter':<11} {'last person':<11} mailbox")
    for box in boxes:
        letter = box.row.written_at if box.row else None
        human = box.row.human_at if box.row else None
        whose = ", ".join((*box.people, *box.agencies))
        click.echo(f"{box.state:<11} {_day(letter):<11} {_day(human):<11} {box.address} ({whose})")
        if box.row and box.row.bounce:
            click.echo(f"            it said: {box.row.bounce}")
    dead = next((box.address for box in boxes if box.row and box.row.bounced_at), None)
    if dead:
        click.echo(f"Is it mended? Then: flask --app app mail status --restore {dead}")


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at else "-"


@mail.command("retry")
def retry() -> None:
    """Queue every failed letter once more; the same bytes go out again."""
    with writing() as session:
        count = rows.queue_again(session, now=datetime.now(UTC))
    click.echo(f"{count} letters are queued again.")


@mail.command("dismiss")
@click.argument("letters", type=int, nargs=-1, required=True)
@click.option("--reports", is_flag=True, help="The numbers are of reports into agencies' own systems.")
def dismiss(letters: tuple[int, ...], reports: bool) -> None:
    """Put failed LETTERS (their numbers as in status) aside: somebody knows that they will not arrive."""
    with writing() as session:
        done = (handovers if reports else rows).dismiss(session, letters)
    what = "report" if reports else "letter"
    for number in sorted(set(letters) - set(done)):
        click.echo(f"{what} {number} is not among those that failed, so it was left as it is.", err=True)
    click.echo(f"{len(done)} {what}s were put aside.")
    if len(done) < len(set(letters)):
        raise SystemExit(1)
