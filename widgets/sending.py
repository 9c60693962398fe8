"""Is everything said, is it from our own form, and may it be sent now? Then it becomes a request."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, current_app, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from casework.drafting import complete, standing
from casework.errors import CaseworkError
from casework.opening import Submission, open_request
from casework.screening import Result, Verdict
from widgets import doubts, forms, pages, proof, uploads
from widgets.draft import source_page
from widgets.embedding import looks
from widgets.forms import Errors
from widgets.limits import allows
from widgets.tokens import FIELD, guarded
from widgets.turn import Turn, shown

PROOF = "proof"
"""The template of the step-up, which stands in the place of the check."""


def send(turn: Turn) -> Answer:
    """Check everything once more, open the request and lead to its receipt (303)."""
    journey = turn.journey
    # Who is about to send is not held up by what came in meanwhile.
    unfinished = journey.first_open(besides=("near",))
    if unfinished != "check":
        return shown(turn, unfinished, errors=journey.errors(unfinished))
    if faults := _faults(turn):
        return shown(turn, "check", errors=faults)
    names, gone = uploads.still_there(turn.office, turn.seal, journey.draft.all("photo"))
    if gone:
        # Said where they can be added again, and never found out by whoever reads the report.
        without = turn.with_draft(journey.draft.changed(photo=names, came="check"))
        return shown(without, "details", errors=[(uploads.FILES, sentence) for sentence in gone])
    if not allows("sends"):
        sentence = _(
            "Many reports came from your network just now. Nothing is lost: please send again in ten minutes."
        )
        return shown(turn, "check", errors=[("send", sentence)], status=429)
    token = turn.seal.read(turn.form_name, turn.sent.get(FIELD, ""))
    assert token is not None
    photos = uploads.stored(turn.office, turn.seal, journey.draft.all("photo"))
    submission = journey.submission(token.nonce, photos, source_page(request.args.get("from", "")))
    begun = journey.draft.text("draft")
    # The key in a letter to their own mailbox says more than any sign; a key that we never gave says nothing.
    is_begun = bool(begun) and standing(turn.office, begun) is not None
    verdict = None if is_begun else doubts.look(turn, submission, token)
    result = _result(turn, submission, verdict)
    if result is Result.PROVE:
        return _ask_for_proof(turn, submission)
    held_for = verdict.signs if verdict is not None and result is Result.HOLD else ()
    try:
        if is_begun:
            receipt = complete(turn.office, begun, submission, now=journey.now)
        else:
            receipt = open_request(turn.office, submission, now=journey.now, held_for=held_for)
    except CaseworkError as refused:
        return shown(turn, "check", errors=[("send", str(refused))], status=refused.status)
    if receipt.is_new:
        doubts.remember(submission.description, journey.now.timestamp())
    current_app.logger.info("request %s received", receipt.number)
    way = urlencode({"t": receipt.token, "new": "1", **looks()})
    return redirect(f"/r/{receipt.number}?{way}", 303)


def _result(turn: Turn, submission: Submission, verdict: Verdict | None) -> Result:
    """Return what is done with it, the answer to an earlier challenge counted in."""
    if verdict is None:
        return Result.ACCEPT
    challenge, answer = turn.sent.get(proof.CHALLENGE, ""), turn.sent.get(proof.ANSWER, "")
    is_proved = bool(challenge) and proof.is_done(
        turn.office.secret, challenge, answer, mark=submission.mark, now=turn.journey.now
    )
    result = verdict.settled(is_proved=is_proved, is_urgent=doubts.is_urgent(turn))
    # Who was asked and has no answer (no JavaScript, no https, no patience) is asked no second time.
    return Result.HOLD if result is Result.PROVE and challenge else result


def _ask_for_proof(turn: Turn, submission: Submission) -> Answer:
    """Show the small sum, with everything that was said in hidden fields."""
    challenge = proof.give(turn.office.secret, submission.mark, now=turn.journey.now)
    html = pages.render(
        turn.journey,
        "check",
        token=turn.token(),
        template=PROOF,
        challenge=challenge,
        trap=turn.sent.get(doubts.TRAP, ""),
    )
    response = Response(html, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _faults(turn: Turn) -> Errors:
    """Return what speaks against sending now, though every answer is good."""
    sentences = {
        "forged": _(
            "This form was not recognised as ours and was made ready anew. Please press Send once more."
        ),
        "expired": _(
            "This form was open for more than a day and was made ready anew. Please press Send once more."
        ),
    }
    meta = guarded(turn.seal, turn.form_name, now=turn.journey.now, sentences=sentences)
    if errors := forms.sending(turn.sent, meta):
        return [("send", sentence) for _field, sentence in errors]
    return []
