"""How is the town's mailbox read? IMAP at the edge: look, fetch, wait; nothing is marked or removed.

Verified TLS, no wait without an end, and ``BODY.PEEK`` throughout, so that whoever else reads the
mailbox finds it as it was. What goes wrong is a ``MailboxTrouble`` with a sentence that names the
setting to change.
"""

from __future__ import annotations

import difflib
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from inbox.xoauth import NoToken, Token

Security = Literal["none", "starttls", "tls"]
LONGEST_NAME = 120
WINDOW = 50_000  # numbers asked about in one search: the library refuses an answer of a million bytes
PIECE = 256 * 1024  # bytes
SLICE = 1.0  # seconds: how soon somebody who waits notices that it is to end

# The library would write every line of a conversation into the log of whoever turns debugging on.
logging.getLogger("imapclient").setLevel(logging.WARNING)


class MailboxTrouble(Exception):
    """The mailbox cannot be read now; ``str()`` says why and what to do."""


class NotGiven(Exception):
    """The server is there, and does not give this one mail; ``str()`` is what it says instead."""


@dataclass(frozen=True)
class ImapServer:
    """Where the mailbox is, and how to open it: by ``password``, or by ``token`` where there is none."""

    host: str
    user: str
    port: int = 993
    security: Security = "tls"
    password: str = field(default="", repr=False)
    token: Token | None = field(default=None, repr=False)
    folder: str = "INBOX"
    timeout: float = 60.0
    """Seconds for connecting and for each answer."""
    authorities: str | None = None
    """A file of certificates to trust instead of the system's."""

    @property
    def name(self) -> str:
        """Return what its mails are filed under."""
        user = self.user if "@" in self.user else f"{self.user}@{self.host}"
        return f"imap:{user}/{self.folder}"[:LONGEST_NAME]


class Mailbox:
    """One folder, open for reading. Every method may raise ``MailboxTrouble``."""

    def __init__(self, client: IMAPClient, server: ImapServer, *, uid_validity: int, uid_next: int) -> None:
        self._client = client
        self._server = server
        self.name = server.name
        self.uid_validity = uid_validity
        self._uid_next = uid_next
        self._was_told()  # how many there are is said at the opening too, and is no news

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):
            self._client.logout()
        with suppress(Exception):
            self._client.shutdown()

    def search(self, *, above: int, since: datetime | None = None) -> list[int]:
        """Return the numbers of all mails above ``above``, in order, without what came before ``since``."""
        age = ["SINCE", since.date()] if since else []
        found: set[int] = set()
        self._was_told()
        with self._line("looking for new mail"):
            # The numbers of mails that came after the folder was opened are above what it said then.
            low, window = above + 1, WINDOW
            while low < self._uid_next:
                high = low + window - 1
                some = self._client.search(["UID", f"{low}:{high}", *age])
                found.update(int(uid) for uid in some)
                low, window = high + 1, WINDOW if some else window * 2
            found.update(int(uid) for uid in self._client.search(["UID", f"{low}:*", *age]))
        # "n:*" always means the last mail too, however low its number.
        self._uid_next = max(self._uid_next, *(uid + 1 for uid in found)) if found else self._uid_next
        return sorted(uid for uid in found if uid > above)

    def last_uid(self) -> int:
        """Return the number of the newest mail that was ever here."""
        return self._uid_next - 1

    def has(self, uid: int) -> bool:
        with self._line(f"asking for mail {uid}"):
            return uid in self._client.search(["UID", str(uid)])

    def sizes(self, uids: list[int]) -> dict[int, int]:
        """Return the bytes of each mail, as far as the server tells."""
        return {uid: int(size) for uid, size in self._asked(uids, b"RFC822.SIZE").items()}

    def fetch(self, uids: list[int]) -> dict[int, bytes]:
        """Return the raw mails; one that the server does not give is missing."""
        given = self._asked(uids, b"BODY[]", "BODY.PEEK[]")
        return {uid: raw for uid, raw in given.items() if isinstance(raw, bytes)}

    def fetch_alone(self, uid: int, *, most: int) -> bytes:
        """Return one mail, piece by piece; raises ``NotGiven``."""
        found = bytearray()
        while len(found) <= most:
            piece = self._piece(uid, len(found))
            found += piece
            if len(piece) < PIECE:
                return bytes(found)
        raise NotGiven(f"it has more than {most // 2**20} MB")

    def head(self, uid: int) -> bytes:
        """Return its headers, or nothing where not even those are given."""
        head = self._asked([uid], b"BODY[HEADER]", "BODY.PEEK[HEADER]<0.65536>").get(uid)
        return head if isinstance(head, bytes) else b""

    def wait(self, seconds: float, is_over: Callable[[], bool]) -> None:
        """Return when something happens in the folder, when ``is_over``, or after ``seconds``."""
        if self._was_told():
            return
        until = time.monotonic() + seconds
        with self._line("waiting for new mail"):
            if not self._client.has_capability("IDLE"):
                while time.monotonic() < until and not is_over():
                    time.sleep(min(SLICE, max(0.0, until - time.monotonic())))
                return
            self._client.idle()
            while (left := until - time.monotonic()) > 0 and not is_over():
                began = time.monotonic()
                nap = min(SLICE, left)
                heard = self._client.idle_check(timeout=nap)
                # Woken early without a word: the server hung up, which the end of waiting brings out.
                if any(_is_news(line) for line in heard) or time.monotonic() - began < nap / 2:
                    break
            self._client.idle_done()

    # -- in the words of the protocol --

    def _was_told(self) -> bool:
        """Return whether the server spoke of new mail between its answers since this was last asked.

        It says so once, and would not again while we wait.
        """
        _word, told = self._client._imap.response("EXISTS")
        return any(told or ())

    def _piece(self, uid: int, start: int) -> bytes:
        try:
            given = self._client.fetch([uid], [f"BODY.PEEK[]<{start}.{PIECE}>"])
        except (IMAPClientAbortError, OSError) as cut:
            raise self._trouble(f"fetching mail {uid}", cut) from cut
        except IMAPClientError as refused:
            raise NotGiven(_words(refused)) from refused
        except (ValueError, TypeError, LookupError, AssertionError) as odd:
            raise NotGiven(f"its answer makes no sense ({odd})") from odd
        raw = _part(given.get(uid, {}), b"BODY[]")
        if not isinstance(raw, bytes):
            raise NotGiven("the mail server lists it and does not give it")
        return raw

    def _asked(self, uids: list[int], key: bytes, asked: str = "") -> dict[int, Any]:
        try:
            given = self._client.fetch(uids, [asked or key.decode()])
        except (IMAPClientAbortError, OSError) as cut:
            raise self._trouble("fetching mail", cut) from cut
        except (IMAPClientError, ValueError, TypeError, LookupError, AssertionError):
            return {}  # refused as a whole, or answered in a way that makes no sense: each is asked for alone
        return {uid: found for uid in uids if (found := _part(given.get(uid, {}), key)) is not None}

    @contextmanager
    def _line(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (IMAPClientError, OSError, ValueError, TypeError, LookupError, AssertionError) as cut:
            raise self._trouble(doing, cut) from cut

    def _trouble(self, doing: str, cut: BaseException) -> MailboxTrouble:
        where = f"{self._server.host}:{self._server.port}"
        if isinstance(cut, TimeoutError):
            return MailboxTrouble(
                f"the mail server {where} fell silent while {doing}; it is asked again in a while"
            )
        return MailboxTrouble(
            f"the mail server {where} broke off while {doing} ({_words(cut)}); it is asked again in a while"
        )


def open_mailbox(server: ImapServer) -> Mailbox:
    """Connect, log in and open the folder; raises ``MailboxTrouble``."""
    client = _connect(server)
    try:
        _log_in(client, server)
        answer = _select(client, server)
        return Mailbox(
            client,
            server,
            uid_validity=int(answer.get(b"UIDVALIDITY", 0)),
            uid_next=int(answer.get(b"UIDNEXT", 0)) or _uid_next(client),
        )
    except BaseException:
        with suppress(Exception):
            client.shutdown()
        raise


def _uid_next(client: IMAPClient) -> int:
    return int(max(client.search(["UID", "1:*"]), default=0)) + 1


def _connect(server: ImapServer) -> IMAPClient:
    where = f"{server.host}:{server.port}"
    client: IMAPClient | None = None
    try:
        trust = ssl.create_default_context(cafile=server.authorities)
        is_tls = server.security == "tls"
        client = IMAPClient(
            server.host,
            server.port,
            ssl=is_tls,
            ssl_context=trust if is_tls else None,
            timeout=server.timeout,
        )
        if server.security == "starttls":
            client.starttls(trust)
        return client
    except Exception as refused:
        if client is not None:
            with suppress(Exception):
                client.shutdown()
        raise MailboxTrouble(_no_connection(where, server, refused)) from refused


def _no_connection(where: str, server: ImapServer, refused: Exception) -> str:
    match refused:
        case ssl.SSLCertVerificationError():
            return (
                f"the mail server {where} could not prove that it is {server.host} "
                f"({refused.verify_message}); "
                "write the name that stands in its certificate into TOWNLINE_IMAP_HOST, or its authority's "
                "file into TOWNLINE_IMAP_AUTHORITIES"
            )
        case ssl.SSLError():
            return (
                f"the mail server {where} does not speak TLS there ({refused.reason}); check "
                "TOWNLINE_IMAP_PORT and TOWNLINE_IMAP_SECURITY (993 is tls, 143 is starttls)"
            )
        case socket.gaierror():
            return f"there is no machine called {server.host}; check TOWNLINE_IMAP_HOST"
        case FileNotFoundError():
            return f"TOWNLINE_IMAP_AUTHORITIES: there is no file {server.authorities}"
        case ConnectionRefusedError():
            return f"nobody listens at {where}; check TOWNLINE_IMAP_HOST and TOWNLINE_IMAP_PORT"
        case TimeoutError():
            return (
                f"the mail server {where} does not answer within {server.timeout:g} seconds; check "
                "TOWNLINE_IMAP_HOST, TOWNLINE_IMAP_PORT and TOWNLINE_IMAP_SECURITY"
            )
        case IMAPClientError():
            return (
                f"the mail server {where} does not do what is set ({_words(refused)}); check "
                "TOWNLINE_IMAP_SECURITY"
            )
    return f"the mail server {where} cannot be reached: {_words(refused)}"


def _log_in(client: IMAPClient, server: ImapServer) -> None:
    where = f"{server.host}:{server.port}"
    try:
        if server.password:
            _by_password(client, server)
        elif server.token is not None:
            _by_token(client, server, server.token)
    except NoToken as refused:
        raise MailboxTrouble(f"no access token for {server.user} at {where}: {refused}") from refused
    except LoginError as refused:
        to_check = "TOWNLINE_IMAP_USER and TOWNLINE_IMAP_PASSWORD"
        if not server.password:
            to_check = "TOWNLINE_IMAP_USER, and that the token may read its mail by IMAP"
        raise MailboxTrouble(
            f"the mail server {where} refused the login of {server.user} ({_words(refused)}); "
            f"check {to_check}"
        ) from refused
    except (IMAPClientError, OSError) as refused:
        raise MailboxTrouble(
            f"the mail server {where} broke off at the login: {_words(refused)}"
        ) from refused


def _by_password(client: IMAPClient, server: ImapServer) -> None:
    if client.has_capability("LOGINDISABLED") and client.has_capability("AUTH=PLAIN"):
        client.plain_login(server.user, server.password)
    elif not (server.user + server.password).isascii() and client.has_capability("AUTH=PLAIN"):
        client.plain_login(server.user, server.password)  # LOGIN knows only ASCII
    else:
        client.login(server.user, server.password)


def _by_token(client: IMAPClient, server: ImapServer, token: Token) -> None:
    try:
        client.sasl_login("XOAUTH2", _answers(token.sasl(server.user)))
    except LoginError:
        token.forget()  # it may have been withdrawn before its time
        client.sasl_login("XOAUTH2", _answers(token.sasl(server.user)))


def _answers(sasl: str) -> Callable[[bytes], bytes]:
    # A refusal comes as a challenge with the reason, to be answered with nothing.
    said = [sasl.encode()]
    return lambda _challenge: said.pop() if said else b""


def _select(client: IMAPClient, server: ImapServer) -> dict[bytes, Any]:
    where = f"{server.host}:{server.port}"
    try:
        # Read-only: the server itself then sees to it that we change nothing.
        answer: dict[bytes, Any] = client.select_folder(server.folder, readonly=True)
        return answer
    except (IMAPClientAbortError, OSError) as cut:
        raise MailboxTrouble(f"the mail server {where} broke off at the folder: {_words(cut)}") from cut
    except IMAPClientError as refused:
        raise MailboxTrouble(
            f"{server.user} has no folder {server.folder!r} at {where} ({_words(refused)})"
            f"{_nearest(client, server)}"
        ) from refused


def _nearest(client: IMAPClient, server: ImapServer) -> str:
    """Return which folder may be meant, for the end of a sentence."""
    try:
        names = [name for flags, _separator, name in client.list_folders() if b"\\Noselect" not in flags]
    except (IMAPClientError, OSError, ValueError):
        return "; check TOWNLINE_IMAP_FOLDER"
    plain = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(server.folder.casefold(), plain, n=1, cutoff=0.5)
    if near:
        return f"; did you mean TOWNLINE_IMAP_FOLDER={plain[near[0]]}?"
    return f"; there are: {', '.join(sorted(names)[:20])}"


def _part(found: dict[bytes, Any], key: bytes) -> Any:
    """Return a part of an answer, also where it says from which byte on it begins."""
    return next((value for name, value in found.items() if name.split(b"<")[0] == key), None)


def _is_news(line: Any) -> bool:
    return len(line) > 1 and line[1] in (b"EXISTS", b"RECENT")


def _words(refused: BaseException) -> str:
    text = str(refused) or type(refused).__name__
    text = text.removeprefix("b'").removesuffix("'")
    return " ".join(text.split())[:300]
