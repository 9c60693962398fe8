"""May this mail act? Only with a mark of ours, from who got it or stands in for them, and undisputed.

A From can be written by anybody, so neither alone suffices. What is not entitled changes nothing; it is
shown to the town with the reason, and a person may take it.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from casework import access
from casework.addressing import Addressed
from casework.office import Office
from inbox.message import Mail
from inbox.senders import has_doubtful_from
from mail.address import is_same_mailbox
from storage.tables import ServiceRequest


@dataclass(frozen=True)
class Entitlement:
    """``by`` is who acts, as the journal names them; "" where nobody may, and the sentence says why."""

    by: str
    sentence: str = ""
    author: str = ""
    """Who wrote it without doubt, though the request is not theirs any more; "" where that is not known."""

    @property
    def may_act(self) -> bool:
        return bool(self.by)


def entitled(
    office: Office, request: ServiceRequest, addressed: Addressed, mail: Mail, authenticity: str
) -> Entitlement:
    """Return who acts by this mail, or why nobody does.

    ``authenticity`` is what our own mail server found (see ``inbox.senders``): only its "fail" counts
    against a mail. What other servers wrote into it, or nobody, is no finding at all.
    """
    sender = mail.sender.email
    if not sender or has_doubtful_from(mail):
        return _refused(_("It does not say clearly who sent it."))
    if addressed.purpose is None:
        return _refused(_("It names the number of the request, but not the secret mark of a letter of ours."))
    if addressed.is_revoked:
        return _refused(_("It answers a letter whose link was withdrawn."))
    if authenticity == "fail":
        return _refused(
            _("The mail server found that it does not come from %(address)s.", address=mail.sender.email)
        )
    by = _actor(office, request, addressed, sender)
    if not by:
        return _refused(
            _(
                "It answers a letter of ours that did not go to %(address)s.",
                address=mail.sender.email,
            )
        )
    return by if isinstance(by, Entitlement) else Entitlement(by)


def _refused(sentence: str, author: str = "") -> Entitlement:
    return Entitlement("", sentence, author)


def _actor(office: Office, request: ServiceRequest, addressed: Addressed, sender: str) -> str | Entitlement:
    purpose, recipient = addressed.purpose, addressed.recipient
    assert purpose is not None
    if purpose == "employee":
        return _employee(office, request, recipient, sender)
    if not is_same_mailbox(access.address_of(office, request, purpose, recipient), sender):
        return ""
    if not access.may_act(office, request, purpose, recipient):
        return _refused(_("The town has taken this request back from the agency."), addressed.whose or "")
    return addressed.whose or ""


def _employee(office: Office, request: ServiceRequest, recipient: str, sender: str) -> str | Entitlement:
    """Return the employee who wrote: the recipient of the letter, or who stands in for them."""
    people, responsible = office.rulebook.people, access.chain(office, request.assignee)
    standing_in = access.chain(office, recipient)
    theirs = [one for one in standing_in if one in people and is_same_mailbox(people[one].email, sender)]
    if not theirs:
        return ""
    # The recipient may have passed the request on since; who stands in for both still may.
    actor = next((one for one in theirs if one in responsible), "")
    if actor or recipient in responsible:
        return f"person:{actor or theirs[0]}"
    return _refused(
        _("The request is now with a colleague, so the earlier letter only shows it."), f"person:{theirs[0]}"
    )
