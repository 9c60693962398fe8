"""Does mail go round? The town mails itself, reads it back, and tries its reply addresses and a bounce.

Three letters leave by the very way that every letter leaves, and are looked for where replies arrive:
in the mailbox, or among the mails that another feeder brought. They stay where they arrived, and the
town passes over them as mail of its own.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesHeaderParser

from casework.office import Office
from console.diagnosis import Finding
from inbox.imap import ImapServer, Mailbox, MailboxTrouble, open_mailbox
from mail.address import domain_of
from mail.delivery import Carrier, DeliveryError, Parcel, Refused
from mail.letter import Letter
from settings import Settings
from storage import incoming

PATIENCE = 60.0  # seconds for a letter to come back
NAP = 1.0  # seconds between two looks
LARGEST = 1024 * 1024  # bytes: a larger mail is none of ours
OURS = "doctor"
WORDS = (
    "This mail was written by `flask --app app doctor` to see whether mail goes round. "
    "Nobody needs to read or keep it."
)
Look = Callable[[], list[bytes]]
"""Returns the raw mails that arrived since the last look."""


@dataclass
class Trial:
    """One letter on its way round."""

    to: str
    mark: str = field(default_factory=lambda: f"{OURS}-{secrets.token_hex(8)}")
    refused: str = ""
    """What the mail server said instead of taking it; empty when it took it."""
    is_final: bool = False
    raw: bytes | None = None
    """As it arrived."""
    came_back: bool = False
    """Whether a mail server told us that it cannot arrive."""
    seconds: float = 0.0

    @property
    def is_open(self) -> bool:
        return self.raw is None and not self.came_back and not self.refused


def mailbox_finding(server: ImapServer | None, settings: Settings) -> Finding:
    """Return whether replies can be read."""
    if server is None:
        if settings.reads_mail:
            return Finding("mailbox", True, f"replies arrive by {_ways(settings)}")
        advice = "docs/mail.md says how to have replies read; until then people use the links"
        return Finding("mailbox", True, "none is set up: replies by mail are not read", advice)
    try:
        with open_mailbox(server) as box:
            found = f"{server.user} at {server.host}:{server.port} lets us in, folder {server.folder}"
            return Finding("mailbox", True, f"{found}, newest mail {box.last_uid()}")
    except MailboxTrouble as why:
        return Finding("mailbox", False, str(why))


def _ways(settings: Settings) -> str:
    ways = {
        "TOWNLINE_LISTEN_SMTP": settings.listen_smtp,
        "POST /mail/incoming": settings.mail_hook_key,
        "mail ingest": settings.mail_pipe,
        "the demonstration's mailbox": settings.demo,
    }
    return ", ".join(name for name, is_set in ways.items() if is_set)


def findings(
    office: Office,
    carrier: Carrier,
    server: ImapServer | None,
    *,
    settings: Settings,
    with_bounce: bool,
    patience: float = PATIENCE,
) -> Iterator[Finding]:
    """Mail ourselves and yield what came of it; takes up to ``patience`` seconds."""
    local, _at, domain = office.sender.rpartition("@")
    itself, plus = Trial(office.sender), Trial(f"{local}+{OURS}.{secrets.token_hex(4)}@{domain}")
    bounce = Trial(f"no-such-mailbox-{secrets.token_hex(6)}@{domain}")
    trials = [itself, plus, *([bounce] if with_bounce else [])]
    try:
        _go_round(office, carrier, server, trials, patience)
    except (MailboxTrouble, DeliveryError) as why:
        yield Finding("mail to ourselves", False, str(why))
        return
    where = f"by {_ways(settings)}, while the town is being served"
    if server:
        where = f"in folder {server.folder} of {server.user}"
    yield _itself(itself, where, patience)
    if itself.raw is None:
        return  # whatever else is missing has the same cause
    yield _plus(plus, settings.plus_addresses)
    if with_bounce:
        yield _bounce(bounce, patience)
    yield _authserv(itself.raw, settings.authserv_id)


def _itself(trial: Trial, where: str, patience: float) -> Finding:
    what = "mail to ourselves"
    if trial.raw is not None:
        return Finding(what, True, f"left for {trial.to} and was back after {trial.seconds:.0f} s")
    if trial.refused:
        return Finding(
            what, False, f"{trial.to}: {trial.refused}", "make this mailbox, or correct TOWNLINE_MAIL_FROM"
        )
    if trial.came_back:
        return Finding(
            what, False, f"a mail server answers that {trial.to} cannot be reached", "make this mailbox"
        )
    return Finding(
        what,
        False,
        f"left for {trial.to} and was not back within {patience:.0f} s",
        f"look where it went: mail to {trial.to} should arrive {where}; see also the junk folder",
    )


def _plus(trial: Trial, is_set: bool) -> Finding:
    what = "reply addresses"
    if trial.raw is not None:
        todo = "" if is_set else "TOWNLINE_PLUS_ADDRESSES=true makes use of it"
        return Finding(what, True, f"mail to {trial.to} arrives", todo)
    if not is_set:
        return Finding(what, True, "plus addresses do not arrive, and are not used")
    said = "came back" if trial.came_back else trial.refused or "did not arrive, while plain mail did"
    return Finding(
        what,
        False,
        f"mail to {trial.to} {said}",
        "have the mail server deliver plus addresses, or set TOWNLINE_PLUS_ADDRESSES=false",
    )


def _bounce(trial: Trial, patience: float) -> Finding:
    what = "bounces"
    if trial.refused and trial.is_final:
        return Finding(what, True, f"an address that does not exist is refused at once ({trial.refused})")
    if trial.came_back:
        return Finding(what, True, "a letter that cannot arrive comes back")
    if trial.raw is not None:
        said = f"mail to {trial.to}, which should not exist, was delivered"
        return Finding(what, True, said, "if you can do without the catch-all, switch it off")
    return Finding(
        what,
        False,
        trial.refused or f"mail to {trial.to}, which cannot exist, did not come back in {patience:.0f} s",
        "look into the junk folder: without bounces a dead mailbox is noticed late",
    )


def _authserv(raw: bytes, set_to: str) -> Finding:
    what = "findings about senders"
    header = BytesHeaderParser().parsebytes(raw)["Authentication-Results"]
    found = re.match(r"\s*(?:\([^)]*\)\s*)?\"?([A-Za-z0-9._-]{1,253})", str(header or ""))
    if found is None:
        said = "your mail server wrote none into our own mail; that is common for mail from inside"
        return Finding(what, True, said + (f", TOWNLINE_AUTHSERV_ID is {set_to}" if set_to else ""))
    if found[1].lower() == set_to.lower():
        return Finding(what, True, f"your mail server writes them as {found[1]}")
    said = f"your mail server writes them as {found[1]}"
    return Finding(what, not set_to, said, f"set TOWNLINE_AUTHSERV_ID={found[1]}")


# -- the round --


def _go_round(
    office: Office, carrier: Carrier, server: ImapServer | None, trials: list[Trial], patience: float
) -> None:
    if server is None:
        _send_and_wait(office, carrier, _from_table(datetime.now(UTC)), trials, patience)
        return
    with open_mailbox(server) as box:
        _send_and_wait(office, carrier, _from_mailbox(box), trials, patience)


def _send_and_wait(
    office: Office, carrier: Carrier, look: Look, trials: list[Trial], patience: float
) -> None:
    with carrier.round() as line:
        for trial in trials:
            try:
                line.carry(_parcel(office, trial))
            except Refused as why:
                trial.refused, trial.is_final = str(why), True
            except DeliveryError as why:
                trial.refused = str(why)
    began = time.monotonic()
    while any(trial.is_open for trial in trials) and time.monotonic() - began < patience:
        for raw in look():
            for trial in trials:
                if trial.is_open and trial.mark.encode() in raw:
                    _note(trial, raw, time.monotonic() - began)
        if any(trial.is_open for trial in trials):
            time.sleep(NAP)


def _note(trial: Trial, raw: bytes, seconds: float) -> None:
    # A bounce quotes our headers; only the letter itself has them as its own.
    if BytesHeaderParser().parsebytes(raw)["X-Loop"]:
        trial.raw, trial.seconds = raw, seconds
    else:
        trial.came_back = True


def _parcel(office: Office, trial: Trial) -> Parcel:
    letter = Letter(
        to=trial.to,
        subject=f"Does mail go round? {trial.mark}",
        text=f"{WORDS}\n\n{trial.mark}\n",
        html=f"<p>{WORDS}</p><p>{trial.mark}</p>",
        sender=office.sender,
        sender_name="Townline",
        message_id=f"<{trial.mark}@{domain_of(office.sender)}>",
    )
    return Parcel(letter.envelope_from, trial.to, letter.as_bytes(datetime.now(UTC)))


def _from_mailbox(box: Mailbox) -> Look:
    seen = box.last_uid()

    def look() -> list[bytes]:
        nonlocal seen
        uids = box.search(above=seen)
        sizes = box.sizes(uids) if uids else {}
        found = box.fetch([uid for uid in uids if sizes.get(uid, 0) < LARGEST]) if uids else {}
        seen = max(uids, default=seen)
        return list(found.values())

    return look


def _from_table(since: datetime) -> Look:
    return lambda: list(incoming.raw_since(since, most=LARGEST))
