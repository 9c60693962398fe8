"""Have the letters left? ``mail status``, ``mail retry`` and ``mail dismiss``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from storage import handovers, lookups
from storage import outbox as rows
from storage.database import writing

mail = AppGroup("mail", help="The letters: what waits, what failed, and another try.")


@mail.command("status")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def status(as_json: bool) -> None:
    """Show the queue, and every letter and report that could not be delivered.

    Exit status 1 when there is one, or when the mail server takes none at all.
    """
    counts = lookups.letter_counts()
    failed, closed = lookups.letters_failed(), rows.closed_because()
    reports = handovers.not_taken()
    if as_json:
        rows_out = [
            {"id": row.id, "kind": row.kind, "to": row.recipient, "error": row.last_error} for row in failed
        ]
        said = {"counts": counts, "closed": closed, "failed": rows_out, "reports": [*map(asdict, reports)]}
        click.echo(json.dumps(said))
    else:
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
        for one in reports:
            click.echo(f"report {one.id} of {one.number} into the system of {one.agency}: {one.error}")
        if reports:
            click.echo("The clerk was told. When it is known: flask --app app mail dismiss --reports NUMBER")
    if failed or closed or reports:
        raise SystemExit(1)


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
