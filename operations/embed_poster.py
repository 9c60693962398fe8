"""What hangs on the wall, lies on the counter, sticks on the pole? A QR code with words, as a PDF.

The code holds the same address that stands below it in letters, so nobody depends on a camera; phone and
mailbox stand beside, so nobody depends on the net. Drawn by segno as vectors, made by ``paper.pdf``.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import segno
from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.utils import secure_filename

from casework.office import Office
from colours.accent import readable
from operations.embed_choice import Choice
from operations.embed_fitting import HEIGHTS, Said, fit
from operations.embed_ladder import contact, short
from paper.pdf import pdf_of

SHEETS = ("poster", "card", "stickers")
SIZES = {"letter": "Letter", "a4": "A4"}
"""In the address -> as paper is called in style sheets."""
STICKERS_ON_PAGE = 12
LARGEST_CODE = 1000
"""Characters in a code; more cannot be read from a pole."""


@dataclass(frozen=True)
class Sheet:
    """What is printed on which paper."""

    kind: str
    size: str


def sheet_of(given: Mapping[str, str]) -> Sheet:
    """Return the sheet that an address asks for, else a poster on Letter paper."""
    kind, size = given.get("sheet", ""), given.get("size", "")
    return Sheet(kind if kind in SHEETS else SHEETS[0], size if size in SIZES else "letter")


def code_svg(url: str) -> bytes:
    """Return the QR code of an address as a picture; a quarter of it may be dirty, and it still reads."""
    code = segno.make(url[:LARGEST_CODE], error="q", micro=False, boost_error=False)
    drawn = io.BytesIO()
    code.save(
        drawn, kind="svg", border=4, xmldecl=False, svgns=True, dark="#000", light="#fff", omitsize=True
    )
    return drawn.getvalue()


def poster(choice: Choice, office: Office, sheet: Sheet, *, now: datetime) -> tuple[str, bytes]:
    """Return the name and the bytes of the PDF. Raises ``paper.pdf.NoRenderer`` and ``RenderFailed``.

    The same sheet on the same day is the same file, byte for byte.
    """
    day = now.astimezone(office.zone).replace(hour=12, minute=0, second=0, microsecond=0)
    name = secure_filename("-".join(filter(None, (sheet.kind, choice.show, choice.language)))) or sheet.kind
    return f"{name}.pdf", pdf_of(html_of(choice, office, sheet), created=day.astimezone(UTC))


def html_of(choice: Choice, office: Office, sheet: Sheet) -> str:
    """Return the sheet as the page that becomes the PDF."""
    language = choice.language or office.rulebook.town.languages[0]
    own = choice.widget.accent if choice.widget else None
    heading = choice.title or choice.words(office)
    codes = _codes(choice, office, sheet)
    with force_locale(language.replace("-", "_")):
        contacts = contact(choice, office)
        widest = max(codes, key=lambda one: len(one.address))
        number = _("Number %(asset)s", asset=widest.asset) if widest.asset else ""
        town = office.rulebook.town.name.said(language)
        said = Said(town, heading, _call(choice), number, widest.address, tuple(contacts))
        return render_template(
            "operations/poster.html",
            sheet=sheet,
            paper=SIZES[sheet.size],
            half=HEIGHTS[sheet.size] / 2 - 0.2,
            fit=fit(sheet.kind, sheet.size, said),
            said_in=language,
            town=office.rulebook.town,
            heading=heading,
            call=_call(choice),
            colour=readable(choice.accent or own or office.rulebook.town.accent)[0],
            contacts=contacts,
            codes=codes,
        )


def _call(choice: Choice) -> str:
    return {
        "status": _("Point your phone's camera at the code to see how far your request is."),
        "recent": _("Point your phone's camera at the code to see what was reported near here."),
        "whose": _("Point your phone's camera at the code to find out whose job it is."),
    }.get(choice.kind, _("Point your phone's camera at the code. You need no account and no app."))


@dataclass(frozen=True)
class Code:
    """One code: its picture, the address below it, and the number of the pole or hydrant."""

    picture: str
    address: str
    asset: str


def _codes(choice: Choice, office: Office, sheet: Sheet) -> list[Code]:
    """One for each asset, on a sheet of stickers; else one, or two of the same to cut apart."""
    if sheet.kind == "stickers":
        assets = choice.assets or ("",) * STICKERS_ON_PAGE
        return [_code(choice, office, asset) for asset in assets]
    one = _code(choice, office, choice.prefill().get("asset", ""))
    return [one, one] if sheet.kind == "card" else [one]


def _code(choice: Choice, office: Office, asset: str) -> Code:
    url = choice.bare_url(office.base_url, asset)
    picture = "data:image/svg+xml;base64," + base64.b64encode(code_svg(url)).decode()
    return Code(picture, short(url), asset)
