"""What can go wrong with a request, in the words of the person who will read it?

::

    CaseworkError
    ├── NoSuchRequest    the number or id is unknown
    ├── LinkRefused      a signed link that is unknown, expired, revoked or for reading only
    ├── WrongMove        the table of moves does not allow it now
    ├── TextMissing      an answer without words
    ├── TextTooLong      more than 4,000 characters
    └── NotPossible      anything else that this request, person or agency does not allow
"""

from __future__ import annotations

from flask_babel import gettext as _

from lifecycle.status import Move, Status

LONGEST_TEXT = 4000


class CaseworkError(Exception):
    """The request was not changed; ``str()`` is one sentence for whoever asked."""

    status = 409
    """The HTTP status that says it best."""


class NoSuchRequest(CaseworkError):
    status = 404

    def __init__(self, request_id: int | str) -> None:
        self.request_id = request_id
        super().__init__(_("There is no such request."))


class LinkRefused(CaseworkError):
    """``reason`` is ``unknown``, ``expired``, ``revoked`` or ``read_only``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.status = {"unknown": 404, "read_only": 403}.get(reason, 410)
        super().__init__(
            {
                "unknown": _("This link is not one of ours, or a part of it was lost on the way."),
                "expired": _("This link has expired."),
                "revoked": _("This link was withdrawn."),
                "read_only": _("This request is now with a colleague, so this link only shows it."),
            }[reason]
        )


def status_words(status: Status) -> str:
    """Return a status as a person says it, to stand behind "it is"."""
    return {
        Status.RECEIVED: _("received"),
        Status.ACKNOWLEDGED: _("acknowledged"),
        Status.IN_PROGRESS: _("in progress"),
        Status.WAITING_RESIDENT: _("waiting for the resident"),
        Status.WAITING_AGENCY: _("waiting for the agency"),
        Status.ENDED: _("ended"),
        Status.REOPENED: _("reopened"),
    }[status]


class WrongMove(CaseworkError):
    def __init__(self, number: str, status: Status, move: Move) -> None:
        self.number, self.move_status, self.move = number, status, move
        super().__init__(
            _(
                "Request %(number)s is %(status)s, so this cannot be done now.",
                number=number,
                status=status_words(status),
            )
        )


class TextMissing(CaseworkError):
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Write a few words first."))


class TextTooLong(CaseworkError):
    status = 422

    def __init__(self, length: int) -> None:
        self.length = length
        super().__init__(
            _(
                "The text has %(length)d characters; at most %(limit)d can be kept.",
                length=length,
                limit=LONGEST_TEXT,
            )
        )


class NotPossible(CaseworkError):
    """The sentence says why."""
