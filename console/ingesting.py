"""What does a raw mail say, and how does one get in by hand? ``mail read``, ``ingest`` and ``original``."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import click

from casework.arriving import loop_signs, store, work_off
from casework.office import the_office
from inbox.apart import NoReader, read_apart
from inbox.understood import Understood
from mail.composer import MARKERS
from settings import SettingsError
from storage import incoming

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and comes back."""
ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
AT_ONCE = 5
"""Mails that this call works on, its own among them; the server does the rest within a minute."""
HEAD = 256 * 1024
LONGEST_SHOWN = 60


@click.command("read")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each mail, on a line of its own.")
def read(files: tuple[Path, ...], as_json: bool) -> None:
    """Say what raw mails are: FILES, or all files of a folder. Nothing is stored and nothing is done."""
    signs = _signs()
    for file in _each(files):
        try:
            understood = read_apart(file.read_bytes(), loop_signs=signs, markers=tuple(MARKERS.values()))
        except (NoReader, OSError) as why:
            raise click.ClickException(f"{file}: {why}") from why
        found = described(file, understood)
        click.echo(json.dumps(found, ensure_ascii=True) if as_json else _lines(found))


@click.command("ingest")
@click.option("--to", "envelope_to", default="", help="The address that the mail was sent to (envelope).")
def ingest(envelope_to: str) -> None:
    """Take one raw mail from standard input into the town.

    For the alias of a mail server. Exit status 0 means that it is kept; 75 that it could not be, and
    should be brought again.
    """
    raw = sys.stdin.buffer.read()
    if not raw.strip():
        raise click.ClickException("standard input was empty, so there is no mail to keep")
    try:
        office = the_office()
        now = datetime.now(UTC)
        mail_id = store(office, raw, envelope_to=envelope_to or _envelope(raw), source="pipe", now=now)
    except Exception as why:
        # Whatever it is: a mail that is not kept must stay where it is, and come again.
        click.echo(f"the mail could not be kept, bring it again: {why}", err=True)
        raise SystemExit(TRY_AGAIN) from why
    try:
        work_off(office, now=now, most=AT_ONCE)
    except Exception as why:
        # It is kept; the server works on it within a minute.
        click.echo(f"mail {mail_id} is kept; it will be worked on later ({type(why).__name__})", err=True)


@click.command("original")
@click.argument("number", type=int)
def original(number: int) -> None:
    """Write mail NUMBER as it came to standard output."""
    found = incoming.one(number)
    if found is None:
        raise click.ClickException(f"there is no mail {number}")
    sys.stdout.buffer.write(found.raw)


def described(file: Path, understood: Understood) -> dict[str, Any]:
    """Return what a raw mail is, as ``mail read --json`` prints it."""
    mail, reply = understood.mail, understood.reply
    return {
        "file": str(file),
        "kind": understood.kind,
        "from": mail.sender.email if mail else "",
        "subject": mail.subject if mail else "",
        "text": reply.text if reply else "",
        "full_text": mail.text if mail else "",
        "attachments": [
            {"name": one.name, "type": one.type, "bytes": len(one.content)} for one in mail.attachments
        ]
        if mail
        else [],
        "reason": understood.reason,
    }


def _each(paths: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found += sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    return found


def _signs() -> tuple[str, ...]:
    """Return by what the town's own letters are known, where there is a town."""
    try:
        return loop_signs(the_office())
    except SettingsError:
        return ()  # a mail can be read on any machine


def _lines(found: dict[str, Any]) -> str:
    subject = found["subject"][:LONGEST_SHOWN]
    lines = [
        f"{found['file']}: {found['kind']} - {found['reason']}",
        f"  from {found['from'] or '(nobody)'}: {subject}",
    ]
    lines += [f"  | {line}" for line in found["text"].splitlines()]
    lines += [f"  + {one['name']} ({one['type']}, {one['bytes']} bytes)" for one in found["attachments"]]
    return "\n".join(lines)


def _envelope(raw: bytes) -> str:
    """Return to whom the mail server says that the mail was sent, from the headers that it adds."""
    head = re.split(rb"\r?\n\r?\n", raw[:HEAD], maxsplit=1)[0]
    headers = BytesHeaderParser(policy=compat32).parsebytes(head)
    for name in ENVELOPE:
        address = parseaddr(str(headers.get(name, "")))[1]
        if "@" in address:
            return address
    return ""
