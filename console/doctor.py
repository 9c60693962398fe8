"""Is this machine fit to serve a town? Each line: what was checked, how it is, what to do."""

from __future__ import annotations

import ctypes.util
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from casework.office import the_office
from console.agency_keys import keys_idle, keys_missing
from console.diagnosis import Finding
from console.health import SEE_REPORTS, reasons_at
from mail.delivery import DeliveryError
from mail.folder import FolderCarrier
from routing.reader import read
from settings import Settings, SettingsError
from storage import schema

LEAST_SPACE = 500 * 1024 * 1024


def _settings() -> Settings:
    settings: Settings = current_app.config["TOWNLINE_SETTINGS"]
    return settings


def _folder() -> Finding:
    data = _settings().data
    try:
        with tempfile.TemporaryFile(dir=data):
            free = shutil.disk_usage(data).free
    except OSError as refused:
        return Finding(
            "data folder", False, f"{data}: {refused.strerror}", "run script/run, or mend its rights"
        )
    enough = free > LEAST_SPACE
    return Finding("data folder", enough, f"{data}, {free // 2**20:,} MB free", "" if enough else "make room")


def _secret() -> Finding:
    try:
        _settings().key()
    except SettingsError as refused:
        return Finding("secret", False, str(refused), "see the sentence")
    return Finding("secret", True, "there is one, and it is long enough")


def _rules() -> Finding:
    reading = read(_settings().rules)
    found = f"{len(reading.errors)} mistakes, {len(reading.warnings)} warnings"
    todo = "" if reading.ok else f"flask --app app rules check --rules {_settings().rules}"
    return Finding("rules", reading.ok, found, todo)


def _agencies() -> Finding:
    settings = _settings()
    rulebook, keys = read(settings.rules).rulebook, settings.open311_key
    if rulebook is None:
        return Finding("agencies' systems", False, "the rules cannot be read", "see rules")
    idle, missing = keys_idle(rulebook, keys), keys_missing(rulebook, keys)
    # Some systems need no key, so a missing one is worth a word and no alarm.
    found = " ".join((*idle, *missing)) or "every one has its key, or there is none"
    return Finding("agencies' systems", not idle, found, "correct the variable" if idle else "")


def _database() -> Finding:
    try:
        current = schema.current()
    except Exception as refused:  # whatever the driver says is the finding
        return Finding("database", False, str(refused).splitlines()[0], "run script/run once")
    if current != schema.newest():
        return Finding(
            "database", False, f"at version {current}", "run script/run, or `flask --app app setup`"
        )
    return Finding("database", True, f"version {current}, SQLite {sqlite3.sqlite_version}")


def _mail() -> Finding:
    settings, carrier = _settings(), current_app.extensions["townline_carrier"]
    if isinstance(carrier, FolderCarrier):
        todo = "" if settings.demo else "set TOWNLINE_SMTP_HOST: nobody gets these letters"
        return Finding("mail server", settings.demo, "none: letters become files", todo)
    try:
        with carrier.round():
            return Finding("mail server", True, f"{settings.smtp_host}:{settings.smtp_port} lets us in")
    except DeliveryError as refused:
        return Finding(
            "mail server",
            False,
            str(refused),
            "check TOWNLINE_SMTP_HOST, TOWNLINE_SMTP_PORT, TOWNLINE_SMTP_SECURITY and TOWNLINE_SMTP_USER",
        )


def _pango() -> Finding:
    missing = [
        name
        for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
        if not ctypes.util.find_library(name)
    ]
    if missing:
        return Finding(
            "PDF", False, f"missing: {', '.join(missing)}", "script/run names the packages to install"
        )
    return Finding("PDF", True, "Pango is there")


def _well() -> Finding:
    reasons = reasons_at(datetime.now(UTC))
    is_report = bool(reasons) and all(reason.endswith(SEE_REPORTS) for reason in reasons)
    todo = f"flask --app app {'report list' if is_report else 'mail status'}" if reasons else ""
    return Finding(
        "letters and reports", not reasons, "; ".join(reasons) or "nothing waits, nothing failed", todo
    )


def _address() -> Finding:
    settings = _settings()
    if settings.demo or settings.base_url.startswith("https://"):
        return Finding("address", True, settings.url)
    return Finding(
        "address", False, settings.url, "set TOWNLINE_BASE_URL to the https address residents reach"
    )


def _mailbox() -> Finding:
    from console.doctor_mail import mailbox_finding  # A serving process carries no IMAP library for it.

    return mailbox_finding(current_app.extensions["townline_mailbox"], _settings())


CHECKS: tuple[Callable[[], Finding], ...] = (
    _folder, _secret, _rules, _agencies, _database, _address, _mail, _mailbox, _pango, _well,
)  # fmt: skip


def examine(*, with_mail: bool = False, with_bounce: bool = False) -> Iterator[Finding]:
    """Yield every finding; one that fails does not stop the next. ``with_mail`` mails ourselves."""
    sound = True
    for check in CHECKS:
        finding = check()
        sound = sound and (finding.ok or finding.what not in NEEDED_FOR_MAIL)
        yield finding
    if with_mail and sound and _can_mail_itself():
        from console.doctor_mail import findings

        yield from findings(
            the_office(),
            current_app.extensions["townline_carrier"],
            current_app.extensions["townline_mailbox"],
            settings=_settings(),
            with_bounce=with_bounce,
        )


NEEDED_FOR_MAIL = frozenset({"secret", "rules", "database", "mail server", "mailbox"})


def _can_mail_itself() -> bool:
    return bool(_settings().smtp_host) and _settings().reads_mail


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--no-mail", is_flag=True, help="Send no mail to ourselves.")
@click.option("--bounce", is_flag=True, help="Also write to an address that does not exist.")
@with_appcontext
def doctor(as_json: bool, no_mail: bool, bounce: bool) -> None:
    """Check folder, secret, rules, database, mail and PDF. Exit status 1 when something is to be done.

    Where replies are read it mails itself, and waits up to a minute for that mail to come back.
    """
    if not as_json and not no_mail and _can_mail_itself():
        click.echo("Mailing ourselves; that may take a minute.", err=True)
    findings = list(examine(with_mail=not no_mail, with_bounce=bounce))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{'right' if finding.ok else 'WRONG'}  {finding.what}: {finding.found}")
            if finding.todo:
                click.echo(f"       to do: {finding.todo}")
    if not all(finding.ok for finding in findings):
        raise SystemExit(1)
