"""What opens a mail server that takes no passwords? An access token, had from a command or a refresh token.

XOAUTH2 is one string (``sasl``); where the token comes from is one of two sources. An access token is
kept until shortly before it expires, in memory only; no token is ever logged.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlencode

log = logging.getLogger("townline.mail")
EARLY = 60.0  # seconds before its end a token is not used any more
UNSAID = 300.0  # seconds that a token is kept of which nobody says how long it holds
PATIENCE = 30.0  # seconds for the command, and for each answer of the token server
LONGEST = 16 * 1024  # characters of a token
LARGEST = 256 * 1024  # bytes of an answer


class NoToken(Exception):
    """No access token could be had; ``str()`` says why and what to do, and names no secret."""


@dataclass(frozen=True)
class Fresh:
    """An access token and for how many seconds it holds."""

    text: str = field(repr=False)
    seconds: float = UNSAID


Source = Callable[[], Fresh]
"""Fetches a token; raises ``NoToken``."""


def sasl(user: str, token: str) -> str:
    """Return the initial answer of XOAUTH2, not yet in base64."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


class Token:
    """The access token of the moment, shared by all connections."""

    def __init__(self, source: Source, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._lock = Lock()
        self._text = ""
        self._until = 0.0

    def sasl(self, user: str) -> str:
        """Return what logs ``user`` in; raises ``NoToken``."""
        with self._lock:
            if not self._text or self._clock() >= self._until:
                fresh = self._source()
                self._text = _checked(fresh.text)
                self._until = self._clock() + max(0.0, fresh.seconds - EARLY)
            return sasl(user, self._text)

    def forget(self) -> None:
        """Fetch a new one next time: this one was refused."""
        with self._lock:
            self._text = ""


def _checked(text: str) -> str:
    if not text:
        raise NoToken("what came instead of a token is empty")
    if len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        raise NoToken("what came instead of a token is not one word of plain letters")
    return text


def from_command(command: str, *, patience: float = PATIENCE) -> Source:
    """Return a source that runs a command and takes the first line it prints."""

    def fetch() -> Fresh:
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
                shlex.split(command),
                capture_output=True,
                timeout=patience,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, ValueError) as refused:
            raise NoToken(f"TOWNLINE_MAIL_TOKEN_COMMAND cannot be run: {refused}") from refused
        except subprocess.TimeoutExpired as late:
            raise NoToken(f"TOWNLINE_MAIL_TOKEN_COMMAND did not end within {patience:g} seconds") from late
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            because = f": {said[-1][:200]}" if said else ""
            raise NoToken(f"TOWNLINE_MAIL_TOKEN_COMMAND ended with {done.returncode}{because}")
        lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
        return Fresh(lines[0].strip() if lines else "")

    return fetch


def from_refresh_token(
    url: str,
    *,
    client_id: str,
    refresh_token: str,
    client_secret: str = "",
    keep: Path | None = None,
    patience: float = PATIENCE,
) -> Source:
    """Return a source that asks the token server at ``url``, over verified TLS and without redirects.

    Where the server hands out a new refresh token with each answer, the newest is kept in the file
    ``keep``: the first one ends some day, at Microsoft after 90 days.
    """
    newest = [_remembered(keep, refresh_token) or refresh_token]

    def fetch() -> Fresh:
        try:
            return ask()
        except NoToken:
            if newest[0] == refresh_token:
                raise
            newest[0] = refresh_token  # what was kept may have been withdrawn, and this one not
            return ask()

    def ask() -> Fresh:
        fields = {"grant_type": "refresh_token", "refresh_token": newest[0], "client_id": client_id}
        if client_secret:
            fields["client_secret"] = client_secret
        status, answer = _post(url, fields, patience)
        if status != 200 or not isinstance(answer.get("access_token"), str):
            raise NoToken(_refusal(status, answer))
        given = answer.get("refresh_token")
        if isinstance(given, str) and given and given != newest[0]:
            newest[0] = given
            _remember(keep, refresh_token, given)
        return Fresh(answer["access_token"], _seconds(answer.get("expires_in")))

    return fetch


def _remembered(keep: Path | None, first: str) -> str:
    """Return the newest refresh token that grew out of ``first``; empty where there is none."""
    if keep is None:
        return ""
    try:
        kept = json.loads(keep.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    is_ours = isinstance(kept, dict) and kept.get("of") == _mark(first)
    return str(kept.get("newest", "")) if is_ours else ""


def _remember(keep: Path | None, first: str, newest: str) -> None:
    if keep is None:
        return
    draft = keep.with_name(f".{keep.name}.part")
    try:
        number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(number, "w", encoding="utf-8") as file:
            json.dump({"of": _mark(first), "newest": newest}, file)
        os.replace(draft, keep)
    except OSError as refused:
        log.warning("the new refresh token could not be kept in %s (%s)", keep, refused.strerror)


def _mark(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _post(url: str, fields: dict[str, str], patience: float) -> tuple[int, dict[str, Any]]:
    import urllib3  # slow to import, and most towns never need it

    try:
        with urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=patience, read=patience), retries=False
        ) as pool:
            answer = pool.request(
                "POST",
                url,
                body=urlencode(fields),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                redirect=False,
                preload_content=False,
            )
            body = answer.read(LARGEST)
            answer.release_conn()
    except (urllib3.exceptions.HTTPError, OSError) as refused:
        raise NoToken(f"TOWNLINE_MAIL_TOKEN_URL does not answer ({type(refused).__name__})") from refused
    try:
        said = json.loads(body)
    except ValueError:
        said = {}
    return answer.status, said if isinstance(said, dict) else {}


def _refusal(status: int, answer: dict[str, Any]) -> str:
    error = str(answer.get("error", ""))[:60]
    if error == "invalid_grant":
        return "TOWNLINE_MAIL_REFRESH_TOKEN is not accepted any more (invalid_grant); sign in anew"
    if error in ("invalid_client", "unauthorized_client"):
        return f"TOWNLINE_MAIL_CLIENT_ID or TOWNLINE_MAIL_CLIENT_SECRET is not accepted ({error})"
    return f"the token server answered {status}{f' ({error})' if error else ''} without a token"


def _seconds(value: object) -> float:
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return UNSAID
