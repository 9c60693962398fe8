"""Who takes the letters that are measured? A mail server in a process of its own, as fast as one can be.

It forgets each letter, or with the word ``keep`` behind it makes sure of it on the disk before it answers,
as mail servers must. It says its port on the first line of its standard output. When its standard input
ends it says how many letters it took, and ends.
"""

from __future__ import annotations

import os
import socketserver
import subprocess
import sys
import tempfile
import threading
from contextlib import nullcontext
from itertools import count


class Sink:
    """The measurement's end of it."""

    def __init__(self, *words: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.mail_sink", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def taken(self) -> int:
        """End it; return how many letters it took."""
        said, _nothing = self._process.communicate(timeout=20)
        return int(said)


class _Conversation(socketserver.StreamRequestHandler):
    taken = count()
    is_keeping = "keep" in sys.argv[1:]

    def handle(self) -> None:
        self._say(b"220 sink ESMTP")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word in (b"EHLO", b"HELO"):
                self._say(b"250-sink\r\n250 8BITMIME")
            elif word == b"DATA":
                self._say(b"354 go on")
                with tempfile.TemporaryFile() if self.is_keeping else nullcontext() as file:
                    while (line := self.rfile.readline()) not in (b".\r\n", b""):
                        if file:
                            file.write(line)
                    if file:
                        file.flush()
                        os.fsync(file.fileno())
                next(self.taken)
                self._say(b"250 2.0.0 forgotten")
            elif word == b"QUIT":
                self._say(b"221 bye")
                return
            else:
                self._say(b"250 2.0.0 fine")

    def _say(self, words: bytes) -> None:
        self.wfile.write(words + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    disable_nagle_algorithm = True


def main() -> None:
    """Take letters until the standard input ends."""
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        print(next(_Conversation.taken), flush=True)


if __name__ == "__main__":
    main()
