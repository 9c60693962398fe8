"""How does the one process answer? Waitress with threads, the clock beside it, and a kind stop.

Waitress buffers slow clients in one thread of its own, so sixty slow senders cost nothing. Its own
SIGTERM drops the request in flight; ours stops listening, lets what is under way finish, stops the
clock and then ends.
"""

from __future__ import annotations

import logging
import signal
import time
from types import FrameType
from typing import Any

import click
from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

from clock.ticker import Clock
from settings import Settings
from widgets import limits

log = logging.getLogger("townline.serving")
PATIENCE = 8.0  # seconds for requests under way
GRACE = 2.0  # seconds for those of which only a part has come


class Stop:
    """Remembers that a signal asked for the end, and wakes the loop."""

    def __init__(self) -> None:
        self.is_asked = False
        self._servers: list[Any] = []

    def listen(self, servers: list[Any]) -> None:
        self._servers = servers
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.is_asked = True
        for server in self._servers:
            server.pull_trigger()


def run(app: Flask, settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status."""
    sockets: dict[int, Any] = {}
    server = _listen(app, settings, sockets)
    servers: list[Any] = [item for item in sockets.values() if isinstance(item, BaseWSGIServer)]
    stop = Stop()
    stop.listen(servers)
    clock = Clock(app)
    _start(clock, settings)
    _say_where(settings, int(servers[0].socket.getsockname()[1]))
    while not stop.is_asked:
        wasyncore.loop(timeout=1, map=sockets, use_poll=True, count=1)
    log.info("stopping: what is under way may finish")
    _drain(servers, sockets)
    server.task_dispatcher.shutdown(timeout=1)
    clock.stop()
    log.info("stopped")
    return 0


def _start(clock: Clock, settings: Settings) -> None:
    try:
        clock.start()
    except OSError as refused:
        raise click.ClickException(
            f"TOWNLINE_LISTEN_SMTP: cannot listen on {settings.listen_smtp} ({refused.strerror}). "
            "Another program may be using it: write another port."
        ) from refused


def _listen(app: Flask, settings: Settings, sockets: dict[int, Any]) -> Any:
    believed: dict[str, Any] = {}
    if settings.proxy:
        headers = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
        believed = {"trusted_proxy": settings.proxy, "trusted_proxy_headers": headers}
        app.config[limits.PROXY] = True
    try:
        return create_server(
            app,
            map=sockets,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            ident="townline",
            # 300 slow senders must not fill the house, and idle ones are shown out soon.
            connection_limit=1000,
            channel_timeout=20,
            cleanup_interval=5,
            asyncore_use_poll=True,
            max_request_header_size=32 * 1024,
            # Flask refuses what is too large with a page of ours; this is the wall behind it.
            max_request_body_size=2 * app.config["MAX_CONTENT_LENGTH"],
            clear_untrusted_proxy_headers=True,
            **believed,
        )
    except OSError as refused:
        raise click.ClickException(
            f"TOWNLINE_PORT: cannot listen on {settings.host}:{settings.port} ({refused.strerror}). "
            "Another program may be using it: write another port."
        ) from refused


def _drain(servers: list[Any], sockets: dict[int, Any]) -> None:
    """Stop accepting, then keep the loop turning until every answer has left or patience ends."""
    for server in servers:
        _let_in(server, sockets)
        server.accepting = False
        server.del_channel()
        server.socket.close()
    wasyncore.loop(timeout=0.1, map=sockets, use_poll=True, count=5)  # read what they have already sent
    began = time.monotonic()
    while (waited := time.monotonic() - began) < PATIENCE:
        if not any(_is_busy(item, is_patient=waited < GRACE) for item in sockets.values()):
            break
        wasyncore.loop(timeout=0.1, map=sockets, use_poll=True, count=1)


def _let_in(server: Any, sockets: dict[int, Any]) -> None:
    """Take in whoever already stands in the kernel's queue: closing the door would drop them."""
    known = -1
    while known != len(sockets):
        known = len(sockets)
        server.handle_accept()


def _is_busy(item: Any, *, is_patient: bool) -> bool:
    """Return whether an answer is owed; a request that is still being sent counts for a short while."""
    if not isinstance(item, HTTPChannel):
        return False
    return bool(item.requests or item.total_outbufs_len or (is_patient and item.request))


def _say_where(settings: Settings, port: int) -> None:
    click.echo(f"Townline answers on {settings.url}")
    click.echo(f"  the form           {settings.url}/report")
    if settings.demo:
        click.echo(f"  a town's website   http://localhost:{port}/demo/")
        click.echo(f"  the mailbox        http://localhost:{port}/demo/mailbox")
        click.echo("This is a demonstration: its town, people and requests are made up.")
    click.echo("Stop with Ctrl-C.")
