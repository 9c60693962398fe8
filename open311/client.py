"""How does a report get into an agency's own system? GeoReport v2 over HTTP, at the edge.

Verified TLS, no redirects, an answer of limited size, and no wait without an end. What goes wrong is
a value with a sentence, see ``open311.outcome``; the key stands in what is posted and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from open311 import answer
from open311.outcome import Arrived, Later, Outcome, Refused, Standing, Unclear

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

CONNECT = 10.0  # seconds
READ = 30.0  # seconds without a word
ALTOGETHER = 60.0  # seconds for the whole of an answer, however slowly it drips
LARGEST = 1024 * 1024  # bytes of an answer
PIECE = 64 * 1024
NOT_NOW = frozenset({408, 425, 429, 503})
"""What was answered so was not taken, and may be sent again."""


class _TooLarge(Exception):
    """The answer is longer than anything a report could cause."""


class Courier:
    """Carries reports to agencies; ``keys`` are agency -> api_key."""

    def __init__(self, keys: Mapping[str, str], *, read_timeout: float = READ) -> None:
        self._keys = dict(keys)
        self._read_timeout = read_timeout

    def __repr__(self) -> str:
        return f"Courier({len(self._keys)} keys)"

    def post(self, agency: str, endpoint: str, fields: Mapping[str, str]) -> Outcome:
        """Post one report and return what became of it; never raises for what the network does."""
        import urllib3.exceptions as trouble

        host = urlsplit(endpoint).hostname or endpoint
        key = self._keys.get(agency, "")
        form = urlencode({**fields, **({"api_key": key} if key else {})})
        try:
            status, body = self._ask("POST", f"{endpoint}/requests.json", form)
        except trouble.SSLError as refused:
            return Later(f"{host}: its certificate is not in order ({_short(refused)})", is_away=True)
        except (trouble.NewConnectionError, trouble.ConnectTimeoutError) as refused:
            return Later(f"{host} does not answer ({type(refused).__name__})", is_away=True)
        except (trouble.HTTPError, OSError, _TooLarge) as cut:
            return Unclear(f"{host} took the report and the connection was cut ({type(cut).__name__})")
        outcome = _judged(host, status, body)
        if isinstance(outcome, Arrived) and not outcome.reference:
            number = self.number_for(endpoint, outcome.receipt, fields.get("jurisdiction_id", ""))
            return Arrived(number, outcome.receipt)
        return outcome

    def number_for(self, endpoint: str, receipt: str, jurisdiction_id: str) -> str:
        """Return the number that a receipt has become, or nothing yet."""
        try:
            found = self._rows(f"{endpoint}/tokens/{quote(receipt, safe='')}", jurisdiction_id)
            return answer.reference(found)
        except answer.NotUnderstood:
            return ""

    def standing(self, endpoint: str, reference: str, jurisdiction_id: str) -> Standing | None:
        """Return how a report stands there, or None when that cannot be learned now."""
        found = self._rows(f"{endpoint}/requests/{quote(reference, safe='')}", jurisdiction_id)
        row = next((row for row in found if row.get("service_request_id", reference) == reference), None)
        if row is None or "status" not in row:
            return None
        return Standing(
            status=row["status"].strip().lower(),
            words=row.get("status_notes", "").replace("\x00", "").strip()[: answer.LONGEST_WORDS],
            expected=row.get("expected_datetime", "").strip(),
        )

    def _rows(self, address: str, jurisdiction_id: str) -> list[answer.Row]:
        import urllib3.exceptions as trouble

        query = "?" + urlencode({"jurisdiction_id": jurisdiction_id}) if jurisdiction_id else ""
        try:
            status, body = self._ask("GET", f"{address}.json{query}", None)
            return answer.rows(body) if status == 200 else []
        except (trouble.HTTPError, OSError, _TooLarge, answer.NotUnderstood):
            return []  # asked again at its next turn; the agency's silence is followed elsewhere

    def _ask(self, method: str, address: str, form: str | None) -> tuple[int, bytes]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Townline"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with _pool(self._read_timeout) as pool:
            response = pool.urlopen(
                method,
                address,
                body=form,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                return response.status, _limited(response)
            finally:
                response.close()


def _pool(read_timeout: float) -> PoolManager:
    # Loaded when the first report leaves: most towns have no agency with a system of its own.
    import urllib3

    return urllib3.PoolManager(
        num_pools=1,
        cert_reqs="CERT_REQUIRED",
        timeout=urllib3.Timeout(connect=min(CONNECT, read_timeout), read=read_timeout),
    )


def _limited(response: BaseHTTPResponse) -> bytes:
    body, began = b"", time.monotonic()
    reading: Any = response
    while piece := reading.read1(PIECE, decode_content=False):
        body += piece
        if len(body) > LARGEST or time.monotonic() - began > ALTOGETHER:
            raise _TooLarge
    return body


def _judged(host: str, status: int, body: bytes) -> Outcome:
    try:
        found = answer.rows(body)
        said = answer.errors(found)
    except answer.NotUnderstood as refused:
        found, said = [], ""
        if 200 <= status < 300:
            return Unclear(f"{host} said yes, but what it answered cannot be understood: {refused}")
    if 200 <= status < 300:
        return _yes(host, found, said)
    because = f": {said}" if said else ""
    if status in NOT_NOW:
        return Later(f"{host} cannot take it now (HTTP {status}){because}")
    if status >= 500:
        # A server may store first and fail afterwards; a gateway does not know what its server did.
        return Unclear(f"{host} cannot tell whether it took it (HTTP {status}){because}")
    if 300 <= status < 400:
        return Refused(f"{host} has moved (HTTP {status}): correct the endpoint in rules.yaml")
    if status in (401, 403):
        return Refused(f"{host} does not let us in (HTTP {status}){because}: check the key")
    return Refused(f"{host} refused it (HTTP {status}){because}")


def _yes(host: str, found: list[answer.Row], said: str) -> Outcome:
    try:
        number, receipt = answer.reference(found), answer.receipt(found)
    except answer.NotUnderstood as refused:
        return Unclear(f"{host} said yes, but {refused}")
    if number or receipt:
        return Arrived(number, receipt)
    if said:
        return Refused(f"{host} refused it: {said}")
    return Unclear(f"{host} said yes, but gave it no number")


def _short(error: Exception) -> str:
    return answer.one_line(str(error), 120)
