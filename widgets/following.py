"""How does a resident say "me too"? One small form on the way through the large one, and one press."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, current_app, redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer
from wtforms import StringField
from wtforms.validators import Email, Length, Optional

from casework import me_too
from casework.errors import LONGEST_TEXT, CaseworkError
from casework.me_too import MeToo
from casework.screening import Result
from storage import followers, lookups
from widgets import doubts, forms, pages
from widgets.draft import UNSEEN
from widgets.embedding import looks
from widgets.forms import LONGEST, Errors
from widgets.journey import mailable
from widgets.limits import allows
from widgets.seen import seen
from widgets.tokens import FIELD, guarded
from widgets.turn import Turn, shown

EMAIL, WORDS = "follow-email", "follow-words"
"""Names of their own: what is typed here is not what the large form would send."""


def follow(turn: Turn) -> Answer:
    """Show the small form, or take it."""
    return _take(turn) if turn.sent.get("join") else ask(turn)


def ask(turn: Turn, *, errors: Errors | None = None, status: int = 0) -> Answer:
    """Ask whether they want to hear about it; both questions may stay unanswered."""
    number = turn.sent.get("follow", "")
    one = me_too.candidate(turn.office, number, now=turn.journey.now)
    if one is None:
        gone = _("This request has ended meanwhile. Please go on with yours.")
        return shown(turn, "near", errors=[("main", gone)])
    request_id = lookups.request_id(number) or 0
    html = pages.render(
        turn.journey,
        "near",
        token=turn.token(),
        errors=errors,
        template="follow",
        one=seen(turn.office, one, voices=followers.count(request_id)),
        back="near" if turn.journey.service else None,
        email=_typed(turn, EMAIL),
        words=_typed(turn, WORDS) if turn.sent.get("join") else turn.journey.draft.text("description"),
        near=(),
        step_number=0,
    )
    response = Response(html, status or (422 if errors else 200), mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _typed(turn: Turn, name: str) -> str:
    return UNSEEN.sub("", turn.sent.get(name, "")).replace("\r\n", "\n").strip()


def _take(turn: Turn) -> Answer:
    errors = _errors(turn)
    if errors:
        return ask(turn, errors=errors)
    if not allows("sends"):
        sentence = _("Very much was sent from your network just now. Please send it again in ten minutes.")
        return ask(turn, errors=[("main", sentence)], status=429)
    token = turn.seal.read(turn.form_name, turn.sent.get(FIELD, ""))
    assert token is not None, "it has just been checked"
    words = _typed(turn, WORDS)
    one = MeToo(
        nonce=token.nonce,
        email=mailable(_typed(turn, EMAIL)),
        words=words,
        language=turn.journey.language,
        is_doubtful=doubts.look_at_follower(turn, words, token).result is not Result.ACCEPT,
    )
    number = turn.sent.get("follow", "")
    try:
        receipt = me_too.follow(turn.office, number, one, now=turn.journey.now)
    except CaseworkError as refused:
        return ask(turn, errors=[("main", str(refused))], status=refused.status)
    if receipt.is_new:
        doubts.remember(words, turn.journey.now.timestamp())
    current_app.logger.info("request %s is followed by one more", receipt.number)
    way = urlencode({"t": receipt.token, "new": "1", **looks()})
    return redirect(f"/r/{receipt.number}?{way}", 303)


def _errors(turn: Turn) -> Errors:
    forged = _("This form was made ready anew. Please press the button once more.")
    meta = guarded(
        turn.seal, turn.form_name, now=turn.journey.now, sentences={"forged": forged, "expired": forged}
    )
    if errors := forms.sending(turn.sent, meta):
        return [("main", sentence) for _field, sentence in errors]
    sentence = _("This e-mail address does not look right. Write it as in name@example.com.")
    most = _("This is too long: please use at most %(most)s characters.", most=f"{LONGEST_TEXT:,}")
    fields = {
        EMAIL: StringField(
            filters=[lambda value: (value or "").strip()],
            validators=[
                Optional(),
                Length(max=LONGEST["email"], message=sentence),
                Email(sentence, allow_smtputf8=False),
            ],
        ),
        WORDS: StringField(validators=[Length(max=LONGEST_TEXT, message=most)]),
    }
    return forms.check(fields, turn.sent)
