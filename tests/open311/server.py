"""What does an agency's own system look like from outside? A GeoReport v2 server on loopback, with faults."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

HEADERS = {"json": "application/json", "xml": "text/xml"}


@dataclass
class Seen:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    fields: dict[str, str]
    headers: dict[str, str]


@dataclass
class GeoServer:
    """``behave`` says how the next posts are answered; ``standings`` what is answered about a number."""

    behave: str = "json"
    standings: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    _number: int = 0

    def __post_init__(self) -> None:
        town = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                town.seen.append(_seen(self, body))
                town.answer_post(self)

            def do_GET(self) -> None:
                town.seen.append(_seen(self, ""))
                town.answer_get(self)

            def log_message(self, *words: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/open311/v2"

    @property
    def posts(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.method == "POST"]

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # -- how posts are answered --

    def answer_post(self, handler: BaseHTTPRequestHandler) -> None:
        self._number += 1
        number = str(1000 + self._number)
        getattr(self, f"_{self.behave.replace('-', '_')}")(handler, number)

    def _json(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        send(handler, 201, json.dumps([{"service_request_id": number, "service_notice": "Thank you"}]))

    def _single(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        send(handler, 200, json.dumps({"service_request_id": int(number)}))

    def _xml(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        body = (
            '<?xml version="1.0" encoding="utf-8"?><service_requests><request>'
            f"<service_request_id>{number}</service_request_id><service_notice/></request></service_requests>"
        )
        send(handler, 200, body, "xml")

    def _token(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        send(handler, 200, json.dumps([{"token": f"t-{number}"}]))

    def _refused(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        send(handler, 400, json.dumps([{"code": 400, "description": "lat/long is outside the county"}]))

    def _refused_in_xml(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        error = (
            "<errors><error><code>403</code><description>api_key is unknown</description></error></errors>"
        )
        send(handler, 403, error, "xml")

    def _broken(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        send(handler, 500, "Internal Server Error")

    def _busy(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        send(handler, 503, "Try again later")

    def _gateway(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        send(handler, 504, "<html><body>Gateway Time-out</body></html>", "xml")

    def _hang(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        self.released.wait(30)

    def _cut(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        handler.close_connection = True  # it was read, and nothing is said

    def _cut_inside(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "500")
        handler.end_headers()
        handler.wfile.write(b'[{"service_')
        handler.close_connection = True

    def _moved(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        handler.send_response(307)
        handler.send_header("Location", "http://127.0.0.1:9/elsewhere/requests.json")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def _huge(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _piece in range(64):
                handler.wfile.write(b"[" * 1024 * 1024)
        except OSError:
            pass  # the other side has had enough, which is the point
        handler.close_connection = True

    def _nonsense(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        send(handler, 200, '{"hello": [1, 2')

    def _slow(self, handler: BaseHTTPRequestHandler, number: str) -> None:
        time.sleep(5)  # time enough to end its caller, also where two cores have much to do
        self._json(handler, number)

    # -- what is asked --

    def answer_get(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        kind, _slash, name = path.removeprefix("/open311/v2/").removesuffix(".json").partition("/")
        if kind == "tokens" and name in self.tokens:
            send(handler, 200, json.dumps([{"token": name, "service_request_id": self.tokens[name]}]))
        elif kind == "requests" and name in self.standings:
            send(handler, 200, json.dumps([{"service_request_id": name, **self.standings[name]}]))
        else:
            send(handler, 404, json.dumps([{"code": 404, "description": "not found"}]))


def _seen(handler: BaseHTTPRequestHandler, body: str) -> Seen:
    parts = urlsplit(handler.path)
    return Seen(
        handler.command, parts.path, _single(parts.query), _single(body), dict(handler.headers.items())
    )


def _single(encoded: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(encoded, keep_blank_values=True).items()}


def send(handler: BaseHTTPRequestHandler, status: int, body: str, kind: str = "json") -> None:
    raw = body.encode()
    handler.send_response(status)
    handler.send_header("Content-Type", HEADERS[kind])
    handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    handler.wfile.write(raw)
