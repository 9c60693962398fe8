"""What exactly is to be made: of which department or ward, which issue, with which note?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from casework.office import Office
from reports.period import Period
from routing.plans import HEAD
from routing.rulebook import ReportPlan


@dataclass(frozen=True)
class Order:
    """What an edition is made of beside its plan and period."""

    part: str = ""
    """The department's id or the ward's name; empty for the whole town."""
    issue: int = 1
    note: str = ""
    """The clerk's own sentences for the first page."""
    before: Mapping[str, Any] | None = None
    """The facts of the issue before it, for the list of what has changed; None for a first issue."""
    frozen: Mapping[str, Any] | None = None
    """The facts of a draft that was approved with a note: it is drawn anew, and not counted anew."""


WHOLE = Order()


def parts_of(office: Office, plan: ReportPlan) -> tuple[str, ...]:
    """Return the parts of which the report has editions of their own; one nameless part for the town."""
    if not plan.has_parts:
        return ("",)
    if isinstance(plan.to, Mapping):
        return tuple(plan.to)
    if plan.audience == "department":
        return tuple(office.rulebook.departments)
    names = (feature.name for feature in office.layers.features(office.rulebook.town.wards or ""))
    return tuple(sorted({name for name in names if name}))


def part_name(office: Office, plan: ReportPlan, part: str) -> str:
    """Return a part as people call it; empty for the whole town."""
    department = office.rulebook.departments.get(part) if plan.audience == "department" else None
    return department.name.said(office.rulebook.town.languages[0]) if department else part


def recipients(office: Office, plan: ReportPlan, part: str) -> tuple[str, ...]:
    """Return each recipient's address once, in the plan's order; a person id stands for their address."""
    book = office.rulebook
    named = (
        book.departments[part].head if name == HEAD and part in book.departments else name
        for name in plan.recipients(part)
    )
    return addresses(office, tuple(named))


def addresses(office: Office, to: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses of persons and addresses, each once."""
    people = office.rulebook.people
    found = (people[one].email if one in people else one for one in to)
    return tuple({address.lower(): address for address in found}.values())


def audience_of(facts: Mapping[str, Any] | None) -> str:
    """Return for whom an edition was made; what an earlier version made was for the council."""
    return str((facts or {}).get("plan", {}).get("audience", "council"))


def file_name(plan: ReportPlan, period: Period, order: Order = WHOLE) -> str:
    """Return what the files of an edition are called, without their endings."""
    return name_of(plan.id, order.part, period.key, order.issue)


def name_of(report: str, part: str, period: str, issue: int) -> str:
    """Return the same of an edition that may be of no plan any more."""
    words = [report, *([plain_name(part)] if part else []), period]
    return "-".join(words + ([f"issue-{issue}"] if issue > 1 else []))


def plain_name(name: str) -> str:
    """Return the name of a part as it stands in the names of files and in addresses."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    said = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")
    # A name in other letters than these still needs a file of its own.
    return said or sha256(name.encode()).hexdigest()[:8]
