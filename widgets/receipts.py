"""The page around the form was loaded again right after sending: how is the receipt shown once more?

A frame starts anew then, at the form's first step, and it may keep nothing: no cookie, no storage. So the
receipt gives the town's page a signed mark to hold in its own history entry (static/embed.js), and the form
is asked for with it. The mark is no key: whoever has it sees the number and what happens next, for a day,
and nothing that the resident wrote.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request

from casework.office import Office
from storage import lookups
from widgets.embedding import looks
from widgets.progress import progress
from widgets.tokens import Seal


def again(office: Office, mark: str, *, now: datetime) -> Response | None:
    """Return the receipt that the mark stands for, or None where the form is to be shown as always."""
    number = Seal(office.secret).receipt(mark, now=now)
    case = lookups.case_by_number(number) if number else None
    if case is None:
        return None
    query = urlencode(looks())
    html = render_template(
        "widgets/receipt.html",
        case=progress(office, case, now=now),
        again=mark,
        anew=request.path + (f"?{query}" if query else ""),
    )
    response = make_response(html)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
