"""What does the link in our answer to a mail open? The form, filled in with what the mail said.

Opening it changes nothing, however often. Who sends the form completes the draft, once; after that
the link leads to the request that it has become.
"""

from __future__ import annotations

from flask import Response, redirect, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from casework.drafting import standing
from casework.office import Office
from storage.photos import StoredPhoto
from widgets import pages
from widgets.draft import Draft
from widgets.embedding import looks
from widgets.journey import Journey
from widgets.tokens import Seal

TYPED = ("description", "service", "place", "name", "email")


def begun_by_mail(office: Office, value: str, journey: Journey) -> Answer:
    """Show the first step at which something is missing; a link that is not ours opens the empty form."""
    begun = standing(office, value)
    if begun is None:
        return _private(redirect(url_for("widgets.first", _external=False, **looks()), 302))
    if begun.receipt is not None:
        way = url_for("tracking.show", number=begun.receipt.number, t=begun.receipt.token)
        return _private(redirect(way, 302))
    seal = Seal(office.secret)
    values: MultiDict[str, str] = MultiDict({name: str(begun.fields.get(name, "")) for name in TYPED})
    values["draft"] = value
    if values["service"] not in {one.code for one in office.rulebook.offered(journey.widget)}:
        values["service"] = ""  # It is offered no more.
    photos = [seal.name_photo(StoredPhoto(*photo)) for photo in begun.fields["photos"]]
    values.setlist("photo", photos)
    filled = Journey(office, Draft.read(values), journey.now, journey.language, journey.widget, journey.page)
    token = seal.issue("report/", now=journey.now)
    return _private(Response(pages.render(filled, filled.first_open(), token=token), mimetype="text/html"))


def _private(response: Answer) -> Answer:
    """The link is a key, and behind it stand a name and an address."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
