"""What does a bad IMAP server do? A small one in the process, with faults on request.

It knows just the commands that the product speaks. ``cut`` ends the connection in the middle of these
mails, ``mute`` lists these mails and does not give them, ``refuse`` answers NO, ``silent_at`` stops
answering at a command, ``token`` is what opens it besides the password ``right``.
"""

from __future__ import annotations

import base64
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Imap:
    """The mailbox and its faults."""

    mails: dict[int, bytes] = field(default_factory=dict)
    uid_validity: int = 7
    cut: set[int] = field(default_factory=set)
    mute: set[int] = field(default_factory=set)
    refuse: set[int] = field(default_factory=set)
    silent_at: str = ""
    tokens: tuple[str, ...] = ()
    has_idle: bool = True
    is_telling: bool = False
    """Whether it says with every answer to a search how many mails there are, as servers do with new mail."""
    port: int = 0
    said: list[str] = field(default_factory=list)
    """Every command that came, without its mark."""
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def uid_next(self) -> int:
        return max(self.mails, default=0) + 1


class Hangup(Exception):
    """The connection ends here."""


class Talk:
    """One conversation."""

    def __init__(self, box: Imap, line: socket.socket) -> None:
        self.box, self.line = box, line
        self.file = line.makefile("rb")

    def run(self) -> None:
        self.say("* OK ready")
        with suppress(Hangup, OSError):
            while words := self.hear():
                mark, command, *rest = [*words.split(" ", 2), ""]
                self.one(mark, command.upper(), rest[0] if rest else "")

    def hear(self) -> str:
        return self.file.readline().decode("utf-8", "replace").rstrip("\r\n")

    def say(self, text: str | bytes) -> None:
        self.line.sendall((text if isinstance(text, bytes) else text.encode()) + b"\r\n")

    def one(self, mark: str, command: str, rest: str) -> None:
        if command == "UID":
            command, rest = f"UID {rest.split(' ')[0].upper()}", rest.partition(" ")[2]
        self.box.said.append(f"{command} {rest}".strip())
        if command == self.box.silent_at:
            self.box.over.wait(30)
            raise Hangup
        answers: dict[str, Callable[[str, str], Any]] = {
            "CAPABILITY": self.capability, "LOGIN": self.login, "AUTHENTICATE": self.authenticate,
            "EXAMINE": self.examine, "SELECT": self.examine, "UID SEARCH": self.search,
            "UID FETCH": self.fetch, "IDLE": self.idle, "LOGOUT": self.logout, "LIST": self.folders,
        }  # fmt: skip
        if command not in answers:
            raise Hangup  # a greeting of TLS, say
        answers[command](mark, rest)

    def capability(self, mark: str, _rest: str) -> None:
        self.say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2" + (" IDLE" if self.box.has_idle else ""))
        self.say(f"{mark} OK done")

    def login(self, mark: str, rest: str) -> None:
        is_right = rest.endswith(('"right"', " right"))
        self.say(f"{mark} OK in" if is_right else f"{mark} NO [AUTHENTICATIONFAILED] wrong")

    def authenticate(self, mark: str, _rest: str) -> None:
        self.say("+ ")
        said = base64.b64decode(self.hear()).decode()
        if said in (f"user=hall\x01auth=Bearer {token}\x01\x01" for token in self.box.tokens):
            self.say(f"{mark} OK in")
            return
        self.say("+ " + base64.b64encode(b'{"status":"400"}').decode())
        assert self.hear() == ""
        self.say(f"{mark} NO AUTHENTICATE failed")

    def examine(self, mark: str, rest: str) -> None:
        if "INBOX" not in rest:
            self.say(f"{mark} NO [NONEXISTENT] there is none")
            return
        self.say(f"* {len(self.box.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.box.uid_validity}] valid")
        self.say(f"* OK [UIDNEXT {self.box.uid_next}] next")
        self.say(f"{mark} OK [READ-ONLY] open")

    def folders(self, mark: str, _rest: str) -> None:
        for name in ("INBOX", "Requests", "Sent"):
            self.say(f'* LIST (\\HasNoChildren) "/" "{name}"')
        self.say(f"{mark} OK done")

    def search(self, mark: str, rest: str) -> None:
        found = re.search(r"(\d+)(?::(\d+|\*))?", rest)
        assert found is not None
        low, high = int(found[1]), found[2] or found[1]
        top = max(self.box.mails, default=0)
        uids = [uid for uid in self.box.mails if uid >= low and (high == "*" or uid <= int(high))]
        if high == "*" and top:
            uids = sorted({*uids, top})
        self.say("* SEARCH " + " ".join(map(str, uids)))
        if self.box.is_telling:
            self.say(f"* {len(self.box.mails)} EXISTS")
        self.say(f"{mark} OK done")

    def fetch(self, mark: str, rest: str) -> None:
        wanted, _space, items = rest.partition(" ")
        uids = [int(uid) for uid in wanted.split(",")]
        if any(uid in self.box.refuse for uid in uids) and "SIZE" not in items:
            self.say(f"{mark} NO [UNAVAILABLE] that mail is broken")
            return
        for place, uid in enumerate(self.box.mails, start=1):
            if uid in uids:
                self.give(place, uid, items)
        self.say(f"{mark} OK done")

    def give(self, place: int, uid: int, items: str) -> None:
        raw = self.box.mails[uid]
        if "SIZE" in items:
            self.say(f"* {place} FETCH (UID {uid} RFC822.SIZE {len(raw)})")
            return
        if uid in self.box.mute:
            return
        label = "BODY[HEADER]" if "HEADER" in items else "BODY[]"
        if "HEADER" in items:
            raw = raw.partition(b"\r\n\r\n")[0]
        if part := re.search(r"<(\d+)\.(\d+)>", items):
            raw, label = raw[int(part[1]) :][: int(part[2])], f"{label}<{part[1]}>"
        self.line.sendall(f"* {place} FETCH (UID {uid} {label} {{{len(raw)}}}\r\n".encode())
        if uid in self.box.cut and "HEADER" not in items:
            self.line.sendall(raw[: len(raw) // 2])
            raise Hangup
        self.line.sendall(raw + b")\r\n")

    def idle(self, mark: str, _rest: str) -> None:
        self.say("+ idling")
        before, stop = len(self.box.mails), threading.Event()

        def watch() -> None:
            while not stop.wait(0.02):
                if len(self.box.mails) > before:
                    self.say(f"* {len(self.box.mails)} EXISTS")
                    return

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        assert self.hear() in ("DONE", "")
        stop.set()
        thread.join()
        self.say(f"{mark} OK done")

    def logout(self, mark: str, _rest: str) -> None:
        self.say("* BYE")
        self.say(f"{mark} OK out")
        raise Hangup


@contextmanager
def serving(box: Imap) -> Iterator[Imap]:
    """Serve a mailbox on a free port of this machine."""
    door = socket.create_server(("127.0.0.1", 0))
    box.port = door.getsockname()[1]
    lines: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def talk(line: socket.socket) -> None:
        one = Talk(box, line)
        try:
            one.run()
        finally:
            one.file.close()
            line.close()

    def accept() -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            box.connections += 1
            lines.append(line)
            threads.append(threading.Thread(target=talk, args=(line,), daemon=True))
            threads[-1].start()

    keeper = threading.Thread(target=accept, daemon=True)
    keeper.start()
    try:
        yield box
    finally:
        box.over.set()
        with suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
        door.close()
        keeper.join(5)
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)
