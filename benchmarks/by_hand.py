"""What would the same submission cost if it were written by hand, for this one purpose?

One Flask endpoint behind the same waitress with the same threads: fields checked with ``if``, letters
of the same content written with f-strings and ``EmailMessage``, the same rows in the same tables by raw
sqlite3 in WAL mode with ``synchronous=FULL``, one lock in the process, one commit, 303 to the receipt.
``POST /report`` builds the letters; ``POST /older`` does so with the older and faster ``MIMEText``;
``POST /prepared`` has their bytes ready and only changes the number, which no product can reach. Nothing is
routed, translated or reckoned.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import waitress
from flask import Flask, abort, redirect, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from benchmarks.by_hand_letters import SENDER, SERVICES, Mail, Sent, letters, older_letters, prepared_letters

DATABASE = Path(os.environ["TOWNLINE_DATA"]) / "townline.sqlite3"
SECRET = os.environ["TOWNLINE_SECRET"].encode()
CHOICES = {"size": ("small", "medium", "large"), "kind": ("trash", "recycling", "compost", "bin")}
LAYERS = json.dumps(
    dict.fromkeys(
        ("boundary", "neighbours", "village", "water-district", "parks", "roads", "lights"), "0" * 12
    )
)

app = Flask("by_hand")
numbers = count(1)
turn = threading.Lock()
kept = threading.local()


@app.get("/report")
def ready() -> str:
    return "ready"


@app.post("/report")
def built() -> Response:
    return submit(letters)


@app.post("/older")
def older() -> Response:
    return submit(older_letters)


@app.post("/prepared")
def prepared() -> Response:
    return submit(prepared_letters)


def submit(make_letters: Callable[[Sent, str, str, str, datetime], list[Mail]]) -> Response:
    sent = check(request.form)
    now = datetime.now(UTC)
    number = f"26-{next(numbers):04d}"
    own, desk = token("resident", number), token("employee", number)
    insert(sent, number, own, desk, make_letters(sent, number, own, desk, now), now)
    return redirect(f"/r/{number}?t={own}&new=1", 303)


def check(form: Any) -> Sent:
    """Return the fields, or end with 422 or 403."""
    sent: Sent = {name: form.get(name, "").strip() for name in ("service", "description", "email", "place")}
    if sent["service"] not in SERVICES or not 1 <= len(sent["description"]) <= 4000:
        abort(422)
    if not re.fullmatch(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+", sent["email"]) or len(sent["email"]) > 254:
        abort(422)
    sent["lat"] = sent["lon"] = None
    if sent["service"] == "pothole":
        answers = {"size": form.get("q-size", ""), "blocked": form.get("q-blocked", "")}
        if answers["blocked"] not in ("yes", "no", "") or answers["size"] not in CHOICES["size"]:
            abort(422)
        sent["lat"], sent["lon"] = float(form["lat"]), float(form["lon"])
        if not (43 < sent["lat"] < 44 and -73 < sent["lon"] < -72 and len(sent["place"]) <= 300):
            abort(422)
    else:
        answers = {"address": form.get("q-address", "").strip(), "kind": form.get("q-kind", "")}
        if not 1 <= len(answers["address"]) <= 300 or answers["kind"] not in CHOICES["kind"]:
            abort(422)
    sent["answers"] = answers
    try:
        name, sent["nonce"], issued = URLSafeSerializer(SECRET, salt="widgets.form").loads(form["token"])
    except BadSignature:
        abort(403)
    if name != "report/" or not 0 <= datetime.now(UTC).timestamp() - issued + 60 <= 86400:
        abort(403)
    return sent


def token(purpose: str, number: str) -> str:
    return hmac.new(SECRET, f"{purpose} {number}".encode(), hashlib.sha256).hexdigest()[:20]


# -- rows --


def connection() -> Any:
    if not hasattr(kept, "connection"):
        kept.connection = sqlite3.connect(DATABASE, isolation_level=None)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "busy_timeout = 10000",
        ):
            kept.connection.execute(f"PRAGMA {pragma}").close()
    return kept.connection


def insert(sent: Sent, number: str, own: str, desk: str, mails: list[Mail], now: datetime) -> None:
    db, at = connection(), f"{now:%Y-%m-%d %H:%M:%S.%f}"
    later = f"{now + timedelta(days=10):%Y-%m-%d %H:%M:%S.%f}"
    person = SERVICES[sent["service"]][1]
    with turn:
        db.execute("BEGIN IMMEDIATE")
        try:
            request_id = db.execute(
                "INSERT INTO requests (number, nonce, service, status, description, answers, place, lat, lon,"
                " resident_name, resident_email, resident_phone, may_share, language, channel, widget,"
                " source_page, assignee, rule, decided, because, because_staff, rules_version,"
                " layer_versions, created_at, acknowledge_due_at, finish_due_at, reopened) VALUES"
                " (?, ?, ?, 'received', ?, ?, ?, ?, ?, '', ?, '', 0, 'en', 'widget', 'report', '', ?,"
                " 'service', 'accept', 'Public Works of Town of Alder Falls takes care of this.',"
                " 'No rule applies; the service''s own assignee.', '342c11433ddb', ?, ?, ?, ?, 0)",
                (number, sent["nonce"], sent["service"], sent["description"], json.dumps(sent["answers"]),
                 sent["place"], sent["lat"], sent["lon"], sent["email"], person, LAYERS, at, later, later),
            ).lastrowid  # fmt: skip
            db.executemany(
                "INSERT INTO entries (request_id, at, kind, is_public, by, text, facts)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(request_id, at, "received", 1, "resident", "", "{}"),
                 (request_id, at, "routed", 0, "townline", "No rule applies; the service's own assignee.",
                  json.dumps({"to": person, "rule": "service"}))],
            )  # fmt: skip
            db.executemany(
                "INSERT INTO links (token_hash, request_id, purpose, recipient, serial, created_at,"
                " expires_at) VALUES (?, ?, ?, ?, 0, ?, ?)",
                [(hashlib.sha256(own.encode()).hexdigest(), request_id, "resident", "resident", at, later),
                 (hashlib.sha256(desk.encode()).hexdigest(), request_id, "employee", person, at, later)],
            )  # fmt: skip
            db.executemany(
                "INSERT INTO letters (dedupe_key, request_id, kind, recipient, envelope_from, subject,"
                " message_id, state, attempts, next_at, created_at, raw)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', 0, ?, ?, ?)",
                [(f"opened:{number}:{kind}", request_id, kind, to, SENDER, subject, mail_id, at, at, raw)
                 for kind, to, subject, mail_id, raw in mails],
            )  # fmt: skip
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise


if __name__ == "__main__":
    port = int(os.environ["TOWNLINE_PORT"])
    waitress.serve(app, host="127.0.0.1", port=port, threads=8, connection_limit=1000, asyncore_use_poll=True)
