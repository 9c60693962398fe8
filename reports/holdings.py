"""Which files does a published edition have, and what do feeds and programs get of it?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from casework.office import Office
from reports import as_data
from reports.feed import Item
from reports.naming import Naming
from reports.period import NoSuchPeriod, period_named
from reports.published import Published
from storage import archive, editions
from storage.tables import Edition

TYPES = {"pdf": "application/pdf", "html": "text/html", "csv": "text/csv", "json": "application/json"}


@dataclass(frozen=True)
class File:
    """One file of an edition; the size in bytes, 0 where it is made when it is asked for."""

    kind: str
    address: str
    size: int
    sha256: str = ""

    @property
    def type(self) -> str:
        return TYPES[self.kind]


def listed(one: Published) -> tuple[File, ...]:
    """Return the files of an edition without reading them."""
    row = one.row
    sizes = {"pdf": row.pdf_size, "html": row.page_size, "csv": row.csv_size, "json": 0}
    return tuple(
        File(kind, _address(one, kind), size)
        for kind, size in sizes.items()
        if size or (kind == "json" and row.csv_size)
    )


def hashed(one: Published) -> tuple[File, ...]:
    """Return the same with the hash of each file that is stored."""
    kept = _whole(one)
    return tuple(
        File(file.kind, file.address, file.size, sha256(content).hexdigest() if content else "")
        for file in listed(one)
        for content in [_stored(kept, file.kind)]
    )


def content(office: Office, one: Published, issues: Sequence[Published], kind: str) -> bytes | None:
    """Return a file: the stored bytes, or the figures as JSON; None where there is none of the kind."""
    return _as_json(office, one, issues) if kind == "json" else _stored(_whole(one), kind)


def changes(one: Published, issues: Sequence[Published]) -> tuple[as_data.Changed, ...]:
    """Return which published numbers are others than in the public issue before."""
    before = previous(one, issues)
    return as_data.changed(table(before), table(one)) if before else ()


def table(one: Published) -> tuple[as_data.Figure, ...]:
    """Return the published numbers of an edition."""
    return as_data.figures(archive.csv_of(one.row.id))


def previous(one: Published, issues: Sequence[Published]) -> Published | None:
    """Return the public issue before it; ``issues`` are the newest first."""
    return next((other for other in issues if other.row.issue < one.row.issue), None)


def facts(one: Published) -> dict[str, Any]:
    """Return what is kept with the figures: names of services and agencies, the plan, the letter."""
    return _whole(one).facts or {}


def naming(office: Office, one: Published, language: str) -> Naming:
    """Return the words for what its figures name by id: as they were kept, or by the rules in a language."""
    kept, book = facts(one), office.rulebook
    services, agencies = kept.get("services", {}), kept.get("agencies", {})
    if language != book.town.languages[0]:
        services = services | {name: service.name.said(language) for name, service in book.services.items()}
        agencies = agencies | {name: agency.name.said(language) for name, agency in book.agencies.items()}
    return Naming(
        town=kept.get("town", ""),
        title=one.title,
        services=services,
        agencies=agencies,
        email="",
        phone="",
        language=language,
    )


def item(office: Office, one: Published) -> Item:
    """Return the entry of an edition in the feed."""
    name = f"{one.title}: {one.part}" if one.part else one.title
    title = f"{name}, {one.period}"
    if one.is_corrected:
        title = _("%(title)s (corrected, issue %(number)d)", title=title, number=one.row.issue)
    page = office.base_url + url_for("archive.edition", **one.at)
    files = [
        (office.base_url + file.address, file.type, file.size)
        for file in listed(one)
        if file.kind in ("pdf", "csv")
    ]
    words = " ".join(part for part in (one.row.note, *one.row.sentences) if part)
    # Known for ever by its address, whatever language was asked for.
    return Item(page.partition("?")[0], title, page, one.since, words, files)


def _address(one: Published, kind: str) -> str:
    return url_for("archive.file", **one.at, name=f"{one.file_name}.{kind}")


def _whole(one: Published) -> Edition:
    kept = editions.one(one.row.id)
    assert kept is not None
    return kept


def _stored(kept: Edition, kind: str) -> bytes | None:
    return {"pdf": kept.pdf, "html": kept.html, "csv": kept.csv}.get(kind)


def _as_json(office: Office, one: Published, issues: Sequence[Published]) -> bytes:
    kept, town = facts(one), office.rulebook.town
    files = (file for file in hashed(one) if file.kind != "json")
    told = as_data.document(
        town={"name": kept.get("town", ""), "id": town.jurisdiction_id, "timezone": town.timezone},
        edition={
            "report": one.row.report,
            "title": one.row.title or one.title,
            "part": one.part,
            "period": _period(office, one.row.period),
            "issue": one.row.issue,
            "newest_issue": one.newest,
            "published_at": one.since.isoformat(),
            "note": one.row.note,
            "page": (office.base_url + url_for("archive.edition", **one.at)).partition("?")[0],
            "files": [_file(office, file) for file in files],
        },
        names={name: kept.get(name, {}) for name in ("services", "agencies")},
        figures=table(one),
        changes=changes(one, issues),
    )
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _file(office: Office, file: File) -> dict[str, str | int]:
    address = (office.base_url + file.address).partition("?")[0]
    return {"url": address, "type": file.type, "bytes": file.size, "sha256": file.sha256}


def _period(office: Office, key: str) -> dict[str, str]:
    try:
        period = period_named(key, office.rulebook.town)
    except NoSuchPeriod:
        return {"key": key}
    return {"key": key, "first_day": str(period.first_day), "last_day": str(period.last_day)}
