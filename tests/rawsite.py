"""A page on this very machine that answers as each test wants it to, byte for byte."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

Answer = bytes | Callable[[socket.socket], None]


class RawSite:
    """Answers by path with raw bytes, or with whatever a function does to the connection."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._is_open = True
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def says(self, path: str, body: bytes | str, *headers: str, status: str = "200 OK") -> str:
        """Have ``path`` answer with this page; returns its address."""
        raw = body.encode() if isinstance(body, str) else body
        lines = [
            f"HTTP/1.1 {status}",
            *(headers or ("Content-Type: text/html",)),
            f"Content-Length: {len(raw)}",
        ]
        self.answers[path] = "\r\n".join([*lines, "Connection: close", "", ""]).encode() + raw
        return self.url(path)

    def leads(self, path: str, to: str, status: str = "302 Found") -> str:
        return self.says(path, "", f"Location: {to}", status=status)

    def close(self) -> None:
        self._is_open = False
        self._listening.close()

    def _serve(self) -> None:
        while self._is_open:
            with suppress(OSError):
                connection, _ = self._listening.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            raw = b""
            while b"\r\n\r\n" not in raw and (piece := connection.recv(65536)):
                raw += piece
            self.asked.append(raw)
            answer = self.answers.get(raw.split(b" ")[1].decode(), b"HTTP/1.1 404 Not Found\r\n\r\n")
            if callable(answer):
                answer(connection)
            else:
                connection.sendall(answer)


def drip(head: bytes, piece: bytes = b"a", pause: float = 0.05) -> Callable[[socket.socket], None]:
    """Answer letter by letter, for ever."""

    def slowly(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return slowly


@pytest.fixture
def raw_site() -> Iterator[RawSite]:
    site = RawSite()
    yield site
    site.close()
