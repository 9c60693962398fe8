"""What does a real IMAP server do? Debian's Dovecot on loopback, started without root's powers or systemd.

``running`` starts one with mailboxes in a folder of its own; any user has the password ``right``, and an
access token ``good-token`` opens them too.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PROGRAM = Path("/usr/sbin/dovecot")
PASSWORD = "right"
needs_dovecot = pytest.mark.skipif(
    not PROGRAM.exists(),
    reason="Dovecot is not installed: script/setup --tests, or apt-get install dovecot-imapd",
)

SETTINGS = """
base_dir = {run}
state_dir = {run}
instance_name = {run}
protocols = imap lmtp
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login
log_path = {folder}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%n/Maildir
recipient_delimiter = +
auth_username_format = %Ln
imap_idle_notify_interval = 1 mins
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%n allow_all_users=yes
}}
protocol lmtp {{
  postmaster_address = postmaster@town.example
}}
"""


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Dovecot:
    """One running server."""

    folder: Path
    certificate: Path | None = None
    imap: int = field(default_factory=_free_port)
    imaps: int = field(default_factory=_free_port)
    lmtp: int = field(default_factory=_free_port)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "mail").mkdir(exist_ok=True)
        run = self.folder / "run"
        is_root = os.getuid() == 0
        user = pwd.getpwnam("nobody") if is_root else pwd.getpwuid(os.getuid())
        certificate = ""
        if self.certificate:
            certificate = f"ssl_cert = <{self.certificate}\nssl_key = <{self.certificate}"
        settings = self.folder / "dovecot.conf"
        settings.write_text(
            SETTINGS.format(
                run=run, folder=self.folder, user=user.pw_name, group="nogroup" if is_root else user.pw_gid,
                imap=self.imap, imaps=self.imaps if certificate else 0, lmtp=self.lmtp, password=PASSWORD,
                ssl="yes" if certificate else "no", certificate=certificate,
            )
        )  # fmt: skip
        # A command that ran in this process may have made everything new readable to root alone.
        for one in (settings, *([self.certificate] if self.certificate else [])):
            one.chmod(0o644)
        before = []
        if is_root:  # mail users may not be root
            for one in (self.folder, self.folder / "mail"):
                shutil.chown(one, "nobody", "nogroup")
            for parent in self.folder.parents:
                with suppress(OSError):
                    if str(parent).startswith("/tmp/"):
                        parent.chmod(parent.stat().st_mode | 0o711)
            before = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        with (self.folder / "out").open("wb") as out:
            self._process = subprocess.Popen(
                [*before, str(PROGRAM), "-F", "-c", str(settings)],
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 15
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.imap), timeout=1):
                return
            time.sleep(0.05)
        said = [
            file.read_text() for file in (self.folder / "out", self.folder / "dovecot.log") if file.exists()
        ]
        raise AssertionError("Dovecot did not start: " + "\n".join(said))

    def stop(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)  # somebody may still wait for news
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None

    def deliver(self, raw: bytes, to: str = "hall@town.example", sender: str = "sender@x.example") -> None:
        """Hand one mail over as a mail server would, by LMTP."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as door:
            door.sendmail(sender, [to], raw)

    def renumber(self, user: str = "hall", folder: str = "") -> None:
        """Have the mailbox number its mails anew, as after a restore from a backup."""
        for file in (self.folder / "mail" / user / "Maildir" / folder).glob("dovecot*"):
            file.unlink()


@contextmanager
def running(folder: Path, certificate: Path | None = None) -> Iterator[Dovecot]:
    server = Dovecot(folder, certificate)
    server.start()
    try:
        yield server
    finally:
        server.stop()
