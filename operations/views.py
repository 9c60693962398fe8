"""What does the operator see? Pages behind one signed link: GET shows, and no POST changes a request.

Asking for a link mails one to the operator's own mailbox; trying rules decides past requests anew and
forgets the result; the buttons of "Mail" are about letters and mailboxes alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from casework.office import the_office
from casework.operating import HOURS, mail_operator_link
from operations import embed_views as embed_views  # its pages hang on the same blueprint
from operations import post, words
from operations.asking import question
from operations.atlas import atlas_of
from operations.checking import check, rules_file
from operations.overview import TURNS_SINCE, overview
from operations.pages import admitted, bp, page
from operations.plan import map_page, map_picture
from operations.trial import MOST_BYTES, Busy, Trial, try_rules
from operations.upload import NotTaken, candidate, shown
from routing.golden import golden_points
from routing.suggesting import suggest
from storage.turns import wrong_turns

SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


# -- the door --


@bp.get("/")
def door() -> ResponseReturnValue:
    """Ask for a link. Who asks learns nothing: not whose mailbox it is, not whether a letter went."""
    return render_template("operations/door.html", is_sent="sent" in request.args, hours=HOURS)


@bp.post("/")
def knock() -> ResponseReturnValue:
    mail_operator_link(the_office(), now=datetime.now(UTC))
    return redirect(url_for("operations.door", sent=1), HTTPStatus.SEE_OTHER)


# -- the pages --


@bp.get("/<token>/")
def home(token: str) -> ResponseReturnValue:
    until, office, now = admitted(token), the_office(), datetime.now(UTC)
    seen = overview(office, now=now)
    return page(
        "home",
        token,
        until,
        seen=seen,
        turns=len(wrong_turns(now - TURNS_SINCE)),
        letters_failed=seen.letters.get("failed", 0),
        letters_waiting=sum(seen.letters.get(state, 0) for state in ("queued", "sending", "uncertain")),
    )


@bp.get("/<token>/rules")
def rules(token: str) -> ResponseReturnValue:
    return _rules_page(token, admitted(token))


@bp.post("/<token>/rules")
def try_them(token: str) -> ResponseReturnValue:
    until, office = admitted(token), the_office()
    try:
        raw = candidate(request, MOST_BYTES)
    except NotTaken as refused:
        return _rules_page(token, until, mistake=str(refused), status=refused.status)
    try:
        trial = try_rules(office, raw, rules_file(), language=words.language())
    except Busy:
        return _rules_page(token, until, is_busy=True, written=shown(raw), status=503)
    return _rules_page(token, until, trial=trial, written=shown(raw))


def _rules_page(
    token: str,
    until: datetime,
    *,
    trial: Trial | None = None,
    mistake: str = "",
    written: str = "",
    is_busy: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    office = the_office()
    reading = check(office, today=datetime.now(office.zone).date())
    return page(
        "rules",
        token,
        until,
        status=status,
        reading=reading,
        is_served=reading.rulebook is not None and reading.rulebook.version == office.rulebook.version,
        golden=tuple(golden_points(office.rulebook, office.layers)),
        trial=trial,
        mistake=mistake,
        written=written,
        is_busy=is_busy,
        most_kb=MOST_BYTES // 1000,
    )


@bp.get("/<token>/map")
def plan(token: str) -> ResponseReturnValue:
    until, office = admitted(token), the_office()
    atlas = atlas_of(office.rulebook, office.layers)
    asked = question(office, atlas, request.args)
    return page("map", token, until, seen=map_page(office, atlas, asked))


@bp.get("/<token>/map.svg")
def picture(token: str) -> ResponseReturnValue:
    admitted(token)
    office = the_office()
    atlas = atlas_of(office.rulebook, office.layers)
    asked = question(office, atlas, request.args)
    drawn = render_template("operations/map.svg", **map_picture(office, atlas, asked))
    response = Response(drawn, mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = SVG_POLICY
    return response


@bp.get("/<token>/mail")
def mail(token: str) -> ResponseReturnValue:
    until, office = admitted(token), the_office()
    done = request.args.get("done", "")
    return page(
        "mail",
        token,
        until,
        post=post.post_of(office, now=datetime.now(UTC)),
        done=done if done in post.DONE else "",
        words_of=post.state_words,
        kind_of=post.state_kind,
        holders=post.holders,
    )


@bp.post("/<token>/mail")
def mend_mail(token: str) -> ResponseReturnValue:
    """Try a failed letter again, put it aside, or write to a mailbox again; twice is the same as once."""
    admitted(token)
    done = post.act(the_office(), request.form, now=datetime.now(UTC))
    return redirect(url_for("operations.mail", token=token, done=done), HTTPStatus.SEE_OTHER)


@bp.get("/<token>/turns")
def turns(token: str) -> ResponseReturnValue:
    until, office, now = admitted(token), the_office(), datetime.now(UTC)
    found = wrong_turns(now - TURNS_SINCE)
    return page(
        "turns",
        token,
        until,
        count=len(found),
        days=TURNS_SINCE.days,
        suggestions=suggest(office.rulebook, office.layers, found, days=TURNS_SINCE.days),
        turns=sorted(found, key=lambda turn: turn.when, reverse=True)[:100],
    )
