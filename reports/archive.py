"""What has the council been told? The public pages of published editions: list, edition, files, feed.

Nothing here writes. Stored bytes go out as they are, with a hash by which each copy can be checked; a
page that has not changed is not sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from babel import Locale
from babel.dates import format_date
from flask import Blueprint, Response, abort, has_request_context, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _

from casework.office import Office, the_office
from reports import feed, holdings, published
from reports.as_made import policy
from reports.corrected import corrections
from reports.published import Published
from reports.wording import Speech

bp = Blueprint("archive", __name__, url_prefix="/reports")

PAGE_CACHE = "public, max-age=300"
FILE_CACHE = "public, max-age=600"
"""Short, though the bytes never change: an edition can be taken back."""
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


# -- the pages --


@bp.get("/")
def shelf() -> ResponseReturnValue:
    """List what is published: a year of it, report by report, the newest first."""
    office, language = the_office(), _language()
    years = published.years(office)
    year = request.args.get("year", "")
    if year and year not in years:
        abort(HTTPStatus.NOT_FOUND)
    shown = year or (years[0] if years else "")
    shelves = published.shelves(office, shown, language) if shown else ()
    return _page("archive", shelves=shelves, years=years, year=shown)


@bp.get("/<report>/<period>/")
@bp.get("/<report>/<period>/<part>/")
@bp.get("/<report>/<period>/issue-<int:issue>/")
@bp.get("/<report>/<period>/<part>/issue-<int:issue>/")
def edition(report: str, period: str, part: str = "", issue: int | None = None) -> ResponseReturnValue:
    """Show one edition, the newest issue where none is named, with what was corrected in it."""
    office, language = the_office(), _language()
    found = published.issues(office, report, period, part, language)
    gone = published.taken_back(office, report, period, part)
    one = next((one for one in found if issue in (None, one.row.issue)), None)
    if one is None:
        return _gone(office, report, period, [back for back in gone if issue in (None, back.issue)])
    before = holdings.previous(one, found)
    naming, say = holdings.naming(office, one, language), Speech(language.replace("-", "_"))
    lines = corrections(holdings.table(before), holdings.table(one), naming, say) if before else ()
    return _page(
        "archive_edition",
        one=one,
        issues=found,
        gone=gone,
        files=holdings.hashed(one),
        sentences=one.row.sentences,
        kept_language_name=naming.tongue(office.rulebook.town.languages[0]),
        corrections=lines,
        before=before,
    )


@bp.get("/<report>/<period>/issue-<int:issue>/<name>")
@bp.get("/<report>/<period>/<part>/issue-<int:issue>/<name>")
def file(report: str, period: str, issue: int, name: str, part: str = "") -> ResponseReturnValue:
    """Send a file of an edition: the stored bytes, or its figures as JSON."""
    office = the_office()
    found = published.issues(office, report, period, part, office.rulebook.town.languages[0])
    one = next((one for one in found if one.row.issue == issue), None)
    if one is None:
        gone = published.taken_back(office, report, period, part)
        return _gone(office, report, period, [back for back in gone if back.issue == issue])
    stem, _dot, kind = name.rpartition(".")
    if stem != one.file_name or kind not in published.KINDS:
        abort(HTTPStatus.NOT_FOUND)
    content = holdings.content(office, one, found, kind)
    if content is None:
        abort(HTTPStatus.NOT_FOUND)
    return _sent(one, kind, content)


@bp.get("/feed")
def news() -> ResponseReturnValue:
    """The feed of what was published last."""
    office, language = the_office(), _language()
    town = office.rulebook.town
    items = [holdings.item(office, one) for one in published.latest(office, language)]
    body = feed.feed(
        items,
        title=_("%(town)s: reports to the council", town=town.name.said(language)),
        author=town.name.said(language),
        email=town.email,
        page=office.base_url + url_for("archive.shelf"),
        own=office.base_url + url_for("archive.news"),
        language=language,
    )
    response = Response(body, content_type=f"{feed.MIMETYPE}; charset=utf-8")
    response.vary.add("Accept-Language")
    return _conditional(response, sha256(body).hexdigest(), PAGE_CACHE)


# -- what they have in common --


@bp.url_defaults
def _keep_language(_endpoint: str, values: dict[str, Any]) -> None:
    """A language that was chosen goes along to the next page."""
    asked = request.args.get("lang", "") if has_request_context() else ""
    if asked in the_office().rulebook.town.languages:
        values.setdefault("lang", asked)


@bp.after_request
def _for_everybody(response: Response) -> Response:
    """Anybody may read it from any page; it runs, sends and frames nothing."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    return response


def _page(name: str, *, status: int = HTTPStatus.OK, **context: Any) -> Response:
    body = render_template(
        f"reports/{name}.html",
        kept_language=the_office().rulebook.town.languages[0],
        languages=_languages(),
        says_size=size_words,
        says_day=day_words,
        files_of=holdings.listed,
        **context,
    )
    response = Response(body, status=status)
    if status != HTTPStatus.OK:
        response.headers["Cache-Control"] = "no-store"
        return response
    return _conditional(response, sha256(body.encode()).hexdigest(), PAGE_CACHE)


def _conditional(response: Response, tag: str, caching: str) -> Response:
    response.headers["Cache-Control"] = caching
    response.set_etag(tag)
    whole = len(response.get_data())
    response.make_conditional(request, accept_ranges=True, complete_length=whole)
    return response


def _gone(office: Office, report: str, period: str, gone: Sequence[published.TakenBack]) -> Response:
    """Say that an edition was taken back, and why; what never was public is not there at all."""
    if not gone:
        abort(HTTPStatus.NOT_FOUND)
    language = _language()
    return _page(
        "archive_gone",
        status=HTTPStatus.GONE,
        gone=gone,
        title=published.title_of(office, report, language, None),
        period=published.period_of(office, period, language),
    )


def _language() -> str:
    return str(get_locale() or "en").replace("_", "-")


def _languages() -> tuple[tuple[str, str, str], ...]:
    """Return this page in each of the town's languages: (tag, its own name, address)."""
    known = the_office().rulebook.town.languages
    assert request.endpoint is not None
    where = {**(request.view_args or {}), **({"year": year} if (year := request.args.get("year")) else {})}
    return tuple(
        (tag, _own_name(tag), url_for(request.endpoint, **where, lang=tag)) for tag in known if len(known) > 1
    )


def _own_name(tag: str) -> str:
    locale = Locale.parse(tag, sep="-")
    name = locale.get_display_name(locale) or tag
    return name[:1].upper() + name[1:]


def _sent(one: Published, kind: str, content: bytes) -> Response:
    response = Response(content, mimetype=holdings.TYPES[kind])
    way = "attachment" if kind == "csv" else "inline"
    response.headers["Content-Disposition"] = f'{way}; filename="{one.file_name}.{kind}"'
    if kind == "html":
        response.headers["Content-Security-Policy"] = policy(content)
        response.headers["Content-Language"] = the_office().rulebook.town.languages[0]
    if kind == "pdf":
        # Browsers draw a PDF by a page of their own, which a policy for ours would leave blank.
        response.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
    if one.is_replaced:
        newest = url_for("archive.edition", **one.newest_at)
        response.headers["Link"] = f'<{newest}>; rel="successor-version"'
    return _conditional(response, sha256(content).hexdigest(), FILE_CACHE)


def size_words(size: int) -> str:
    """Return a size as readers know it: "2 MB", "180 KB"."""
    if size < 1_000_000:
        return _("%(size)s KB", size=format_decimal(max(1, round(size / 1000))))
    return _("%(size)s MB", size=format_decimal(round(size / 1_000_000, 1)))


def day_words(moment: datetime) -> str:
    """Return the day of an instant in town time."""
    return str(format_date(moment.astimezone(the_office().zone), "long", locale=get_locale() or Locale("en")))
