"""Which letters does an edition cause? To its recipients, to who approves it, to the clerk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from casework.office import Office
from casework.tongues import read_at
from mail.address import domain_of, message_id
from mail.letter import LONGEST_NAME, Attachment, Letter, one_line
from reports import workbook
from reports.inviting import Invitation
from reports.making import Made
from reports.order import Order, file_name, part_name
from reports.period import Period
from routing.rulebook import ReportPlan
from storage.editions import Claimed, Waiting


def told(office: Office, plan: ReportPlan, edition: Made, order: Order) -> dict[str, Any]:
    """Return what the letter says, as plain values that are kept with the edition."""
    return {
        "title": edition.title,
        "part": part_name(office, plan, order.part),
        "period_words": edition.period_words,
        "tiles": [list(tile) for tile in edition.tiles],
        "sentences": list(edition.sentences),
        "has_pdf": edition.pdf is not None,
        "is_without_pdf": plan.attach.pdf and edition.pdf is None,
        "issue": order.issue,
        "note": order.note,
        "change_count": len(edition.changes),
    }


def files(
    plan: ReportPlan,
    period: Period,
    order: Order,
    *,
    pdf: bytes | None,
    html: bytes,
    sheet: bytes,
    mark: str = "",
) -> tuple[Attachment, ...]:
    """Return what is attached: the PDF with the figures inside it or beside it, or the page instead."""
    name = file_name(plan, period, order) + mark
    page = (
        Attachment(f"{name}.html", "text/html", html)
        if pdf is None
        else Attachment(f"{name}.pdf", "application/pdf", pdf)
    )
    is_inside = pdf is not None and plan.attach.csv == "embedded"
    table = () if is_inside or plan.attach.csv == "none" else (Attachment(f"{name}.csv", "text/csv", sheet),)
    book = workbook.workbook(sheet) if plan.attach.xlsx else None
    return (page, *table, *([Attachment(f"{name}.xlsx", workbook.MIME, book)] if book else []))


def edition_letter(
    office: Office,
    to: str,
    saying: dict[str, Any],
    attached: Sequence[Attachment],
    period: Period,
    *,
    is_preview: bool = False,
    invited: Invitation | None = None,
    public_page: str = "",
) -> Letter:
    """Return the letter that brings an edition, with a link to the analytics for the manager.

    ``public_page`` is where everybody reads it; empty where nobody else does.
    """
    # Editions that were sent by an earlier version say less.
    known = {"part": "", "issue": 1, "note": "", "change_count": 0, "is_without_pdf": not saying["has_pdf"]}
    link = f"{invited.url}?period={period.key}" if invited else ""
    words = known | saying | {"is_preview": is_preview, "analytics": link, "public_page": public_page}
    return _composed(office, "edition", to, period.key, attached, **words)


def draft_letter(
    office: Office,
    to: str,
    saying: dict[str, Any],
    attached: Sequence[Attachment],
    *,
    plan: ReportPlan,
    period: Period,
    link: str,
    until: datetime,
    recipients: Sequence[str],
    is_reminder: bool = False,
) -> Letter:
    """Return the letter that asks for a word on a draft, or reminds of it."""
    assert plan.approve is not None
    return _composed(
        office,
        "edition_draft",
        to,
        period.key,
        attached,
        title=saying["title"],
        part=saying.get("part", ""),
        period_words=saying["period_words"],
        sentences=saying["sentences"],
        link=link,
        until=until,
        is_sent_then=plan.approve.then == "send",
        recipients=list(recipients),
        is_reminder=is_reminder,
        issue=saying.get("issue", 1),
        note=saying.get("note", ""),
        change_count=saying.get("change_count", 0),
    )


def skipped_letter(office: Office, to: str, waiting: Waiting, saying: dict[str, Any], who: str) -> Letter:
    """Return the letter that says that an edition is not sent; ``who`` skipped it, "" when nobody spoke."""
    return _composed(
        office,
        "edition_skipped",
        to,
        waiting.period,
        report=waiting.report,
        part=waiting.part,
        period=waiting.period,
        title=saying["title"],
        part_name=saying.get("part", ""),
        period_words=saying["period_words"],
        who=who,
    )


def missed_letter(office: Office, plan: ReportPlan, missed: Sequence[tuple[str, str]]) -> Letter:
    """Return the letter that tells the clerk of editions that nobody makes any more: (period, part)."""
    return _composed(
        office,
        "edition_missed",
        _clerk(office),
        missed[0][0],
        report=plan.id,
        title=plan.title.said(office.rulebook.town.languages[0]),
        missed=[(period, part) for period, part in missed],
        catch_up=plan.catch_up,
    )


def failure_letter(
    office: Office, claimed: Claimed, why: str, *, is_refused: bool = False, is_gone: bool = False
) -> Letter:
    """Return the letter that tells the clerk that an edition could not be made.

    ``is_refused`` where its plan has changed, so that trying again does not help; ``is_gone`` where that has
    taken its part away, so that nothing will.
    """
    return _composed(
        office,
        "edition_failed",
        _clerk(office),
        claimed.period,
        report=claimed.report,
        part=claimed.part,
        period=claimed.period,
        error=why,
        is_refused=is_refused,
        is_gone=is_gone,
    )


def _clerk(office: Office) -> str:
    return office.rulebook.people[office.rulebook.clerk].email


def _composed(
    office: Office, name: str, to: str, mark: str, files: Sequence[Attachment] = (), **context: Any
) -> Letter:
    town = office.rulebook.town
    # What is in an edition is written in the town's first language, and so is the letter that brings it.
    language = town.languages[0] if name == "edition" else read_at(office, to)
    words = office.composer.compose(name, language, town=town, base_url=office.base_url, **context)
    return Letter(
        to=to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        sender=office.sender,
        sender_name=one_line(town.name.said(language), LONGEST_NAME),
        message_id=message_id(f"report-{mark}", domain_of(office.sender)),
        attachments=tuple(files),
    )
