"""What does a newcomer look at first? A made-up town's website with our snippet in it, and every letter.

The site stands on ``localhost`` while the snippet points to ``127.0.0.1``: two different sites to a
browser, so the form is truly embedded. The mailbox shows the letters that went out, each as its
reader would see it. None of this exists unless the demonstration is on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from casework.delivering import deliver_due
from casework.office import the_office
from console import demo_replies, design
from console.demo_replies import Picture
from console.mailbox import Opened, letters, opened
from websites.hosts import demo_site
from widgets.embedding import asset_url

bp = Blueprint("demo_site", __name__, url_prefix="/demo")
bp.register_blueprint(design.bp)

PAGES = {
    "": "home",
    "public-works": "public_works",
    "trash-recycling": "trash_recycling",
    "requests": "requests",
}
NEWEST = 200
# Without scripts of its own, so that the page around may measure it: neither policy lets any run in it.
LETTER_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-top-navigation-by-user-activation "
    "allow-popups allow-popups-to-escape-sandbox"
)
MAILBOX_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src data:",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


@bp.get("/")
@bp.get("/<page>")
def site(page: str = "") -> Answer:
    """One page of the made-up town's website."""
    if page not in PAGES:
        abort(404)
    base = the_office().base_url
    other = demo_site(base)
    if request.host == urlsplit(base).netloc and other != base:
        return redirect(f"{other}{request.path}")
    response = Response(
        render_template(
            f"demo/{PAGES[page]}.html", base=base, page=page, sheet_of_site=asset_url("demo-site.css")
        )
    )
    # What a careful town's own server would send: it allows our script and our frame, by name.
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; img-src 'self' data:; script-src {base}; frame-src {base}"
    )
    # The visitor's position stays with this page unless it names whom it lends it to.
    response.headers["Permissions-Policy"] = f'geolocation=(self "{base}"), camera=(), microphone=()'
    return response


# -- the mailbox --


def _folder() -> Path:
    folder: Path = current_app.config["TOWNLINE_SETTINGS"].data / "letters"
    return folder


def _open(name: str) -> Opened:
    try:
        return opened(_folder(), name)
    except FileNotFoundError:
        abort(404)


@bp.get("/mailbox")
def mailbox() -> Response:
    """Every letter that went out, newest first, and what became of an answer that was just sent."""
    number = request.args.get("answered", default=0, type=int)
    page = render_template(
        "demo/mailbox.html",
        letters=letters(_folder(), most=NEWEST),
        number=number,
        outcome=demo_replies.outcome(number) if number else "",
    )
    response = Response(page)
    response.headers["Content-Security-Policy"] = MAILBOX_POLICY
    return response


@bp.get("/mailbox/<name>")
def letter(name: str) -> Response:
    """One letter as its reader sees it."""
    return _letter_page(name)


@bp.post("/mailbox/<name>/answer")
def answer(name: str) -> Answer:
    """Take in what the letter's reader writes back, as a mail."""
    if not _is_from_here():
        abort(403)
    words = request.form.get("words", "").strip()
    files = request.files.getlist("photo")
    pictures = [Picture(file.filename, file.read()) for file in files if file.filename]
    if not words and not pictures:
        return _letter_page(name, mistake=_("Write something first."), status=422)
    office = the_office()
    try:
        number = demo_replies.answer(office, _folder(), name, words, pictures=pictures, now=datetime.now(UTC))
    except FileNotFoundError:
        abort(404)
    # The letters that it caused are there when the list is shown, whoever of us and the postman was first.
    deliver_due(office, current_app.extensions["townline_carrier"], now=datetime.now(UTC))
    demo_replies.wait_for_letters()
    return redirect(url_for("demo_site.mailbox", answered=number), 303)


def _is_from_here() -> bool:
    """Return whether a form was sent by our own page: another site must not answer in a visitor's name."""
    # Our own pages send no referrer, and with it "null" for their origin.
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.host


def _letter_page(name: str, *, mistake: str = "", status: int = 200) -> Response:
    is_read = the_office().reads_mail
    page = render_template(
        "demo/letter.html", name=name, letter=_open(name), is_read=is_read, mistake=mistake
    )
    response = Response(page, status=status)
    response.headers["Content-Security-Policy"] = MAILBOX_POLICY
    return response


@bp.get("/mailbox/<name>/body")
def body(name: str) -> Response:
    """The letter's HTML alone, for the frame: no scripts, pictures inside, links open the whole window."""
    html = _open(name).html
    if not html:
        abort(404)
    response = Response(html)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@bp.get("/mailbox/<name>/attached/<int:number>")
def attached(name: str, number: int) -> Response:
    """One attachment, to be saved."""
    files = _open(name).attachments
    if number >= len(files):
        abort(404)
    file = files[number]
    response = Response(file.data, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
