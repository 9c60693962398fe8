"""What does a town's own website look like to the form? A small server on a port of its own."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Website:
    """Pages of another site: ``localhost`` and ``127.0.0.1`` reach the same ones as two sites."""

    def __init__(self) -> None:
        self.bodies: dict[str, str] = {}
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = bodies.get(self.path)
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(
                    f'<!doctype html><html lang="en"><title>A site</title><link rel="icon" href="data:,">'
                    f"<body>{body}</body></html>".encode()
                )

            def log_message(self, format: str, *values: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()

    def show(self, path: str, body: str) -> None:
        """Put a page on the site."""
        self.bodies[path] = body

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
