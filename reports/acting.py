"""What do the buttons of the operator's page "Reports" do? The same verbs as the console's commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from casework.office import Office
from reports import publishing, sending
from reports.edition import planned
from reports.order import recipients
from reports.period import period_named
from storage import editions, runs
from storage.tables import Edition

DONE = ("made", "waiting", "resent", "on-its-way", "published", "withdrawn", "unchanged", "aside")
"""What a button did, for the next page."""
BY = "operator"
LONGEST_WORD = 64


def act(office: Office, form: Mapping[str, str], *, now: datetime) -> str:
    """Do what a button says and return a word of ``DONE``.

    Raises ``NothingToSend``, ``NoSuchPeriod``, ``NotYet`` and ``RenderFailed`` with a sentence, and
    ``BadRequest`` for what no button of the page sends.
    """
    asked = form.get("do", "")
    if asked == "make":
        return _make(office, form, now)
    if asked == "resend":
        return _resend(office, _edition(form), form.get("to", ""), now)
    if asked in ("publish", "withdraw"):
        return _publish(
            office, _edition(form), is_public=asked == "publish", why=form.get("reason", ""), now=now
        )
    if asked == "aside":
        return "aside" if sending.put_aside(_edition(form), now=now) else "unchanged"
    raise BadRequest(_("Press one of the buttons on the page."))


def _make(office: Office, form: Mapping[str, str], now: datetime) -> str:
    said = [form.get(name, "").strip()[:LONGEST_WORD] for name in ("report", "period", "part")]
    report, key, part = said
    plan, period = planned(office, report), period_named(key, office.rulebook.town)
    sent = sending.send_now(office, plan.id, period, part=part or None, now=now)
    return "waiting" if any(one.waits_until for one in sent) else "made"


def _resend(office: Office, edition: Edition, to: str, now: datetime) -> str:
    """Send the newest issue of what ``edition`` is an issue of again; nobody gets it twice at once."""
    known = runs.deliveries([edition.id]).get(edition.id, ())
    everybody = recipients(office, planned(office, edition.report), edition.part)
    if to and to not in {*everybody, *(one.recipient for one in known)}:
        raise BadRequest(_("Press one of the buttons on the page."))
    under_way = {one.recipient for one in known if one.is_on_its_way}
    wanted = tuple(one for one in ((to,) if to else everybody) if one not in under_way)
    if not wanted:
        return "on-its-way"
    period = period_named(edition.period, office.rulebook.town)
    sending.send_again(office, edition.report, period, to=wanted, part=edition.part, now=now)
    return "resent"


def _publish(office: Office, edition: Edition, *, is_public: bool, why: str, now: datetime) -> str:
    row = publishing.issue_of(office, edition.report, edition.period, edition.part, edition.issue)
    if not publishing.publish(office, row, is_public=is_public, reason=why, by=BY, now=now):
        return "unchanged"
    return "published" if is_public else "withdrawn"


def _edition(form: Mapping[str, str]) -> Edition:
    said = form.get("edition", "")
    found = editions.one(int(said)) if said.isascii() and said.isdigit() and len(said) < 16 else None
    if found is None:
        raise BadRequest(_("Press one of the buttons on the page."))
    return found
