"""What does a real mail server do with our letters? Debian's Postfix on loopback, started without systemd.

It lives in a folder of its own and takes mail from this machine alone. What it cannot hand on comes back
as Postfix writes it, to the address on the envelope.
"""

from __future__ import annotations

import os
import shutil
import signal
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.journeys.town import free_port

PROGRAM = Path("/usr/sbin/postfix")
DAEMONS = Path("/usr/lib/postfix/sbin")
HAS_POSTFIX = PROGRAM.exists() and os.getuid() == 0
WHY_NOT = (
    "Postfix is not installed, or this is not root, whom its master process needs; so no mail went through a "
    "real mail server: script/setup --tests, as root"
)

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx.alderfalls.example
mydestination =
local_transport = error:nobody lives on this machine
alias_maps =
alias_database =
relay_domains = {domains}
transport_maps = inline:{{ {transports} }}
relay_transport = lmtp:[127.0.0.1]:{lmtp}
default_transport = error:no mail leaves this machine
disable_dns_lookups = yes
smtp_host_lookup = native
recipient_delimiter = +
lmtp_destination_recipient_limit = 1
in_flow_delay = 0
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
maximal_queue_lifetime = 60s
bounce_queue_lifetime = 60s
maillog_file = {folder}/log/maillog
maillog_file_prefixes = {folder}
smtpd_client_connection_rate_limit = 0
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {refusals} }}, permit_mynetworks, reject
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """One running server. ``elsewhere`` names addresses that it hands on to another port of this machine."""

    def __init__(
        self,
        folder: Path,
        *,
        lmtp: int,
        domains: tuple[str, ...],
        elsewhere: dict[str, int],
        refused: tuple[str, ...],
    ) -> None:
        self.folder = folder
        self.port = free_port()
        etc = folder / "etc"
        for part in (folder, etc, folder / "queue", folder / "data", folder / "log"):
            part.mkdir(exist_ok=True)
            part.chmod(0o755)
        shutil.chown(folder / "data", "postfix")
        (etc / "main.cf").write_text(
            MAIN.format(
                folder=folder,
                daemons=DAEMONS,
                lmtp=lmtp,
                domains=" ".join(domains),
                transports=", ".join(
                    f"{{ {address} = smtp:[127.0.0.1]:{port} }}" for address, port in elsewhere.items()
                ),
                refusals=", ".join(f"{{ {address} = 550 5.1.1 no such mailbox }}" for address in refused),
            )
        )
        (etc / "master.cf").write_text(MASTER.format(port=self.port))

    def start(self) -> None:
        done = self._postfix("start")
        until = time.monotonic() + 15
        while time.monotonic() < until:
            with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", self.port, timeout=5):
                return
            time.sleep(0.05)
        raise AssertionError(f"Postfix did not start: {done.stdout}{done.stderr}\n{self.log()}")

    def stop(self) -> None:
        """End it and all its daemons."""
        with suppress(OSError, ValueError):
            master = int((self.folder / "queue" / "pid" / "master.pid").read_text())
            os.kill(master, signal.SIGTERM)
            for _turn in range(100):
                os.kill(master, 0)
                time.sleep(0.05)
            os.killpg(master, signal.SIGKILL)

    def log(self) -> str:
        file = self.folder / "log" / "maillog"
        return file.read_text(errors="replace") if file.exists() else "(it wrote no log)"

    def queue(self) -> str:
        """Return what it has not handed on yet, for the words of a failed test."""
        return subprocess.run(
            ["/usr/sbin/postqueue", "-c", str(self.folder / "etc"), "-p"], capture_output=True, text=True
        ).stdout

    def _postfix(self, word: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAM), "-c", str(self.folder / "etc"), word], capture_output=True, text=True, timeout=60
        )


@contextmanager
def running(
    *, lmtp: int, domains: tuple[str, ...], elsewhere: dict[str, int], refused: tuple[str, ...]
) -> Iterator[Postfix]:
    # Its daemons run as users of their own, who may not look into the folders of a test.
    folder = Path(tempfile.mkdtemp(prefix="townline-postfix-"))
    server = Postfix(folder, lmtp=lmtp, domains=domains, elsewhere=elsewhere, refused=refused)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
