"""Can the planned reports be made and sent as they are written? Checked on the plain values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cronsim import CronSim, CronSimError

from routing.layers import Layers
from routing.nodes import Path, each
from routing.plans import CRON_START, HEAD, INTERNAL
from routing.problems import Findings, nearest

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12, "fiscal_year": 12}
LONGEST_PART = 64
"""So many characters of a ward's name are kept with its editions."""


def check_reports(findings: Findings) -> None:
    """Add a problem for every planned report whose keys contradict each other or name nobody."""
    data = findings.tree.data
    for path, plan in each(data, ("reports", "*")):
        if isinstance(plan, dict):
            _check_day(findings, path, plan)
            _check_cron(findings, path, plan)
            _check_attach(findings, path, plan)
            _check_recipients(findings, path, plan)
            _check_fiscal_year(findings, path, plan)
            _check_publish(findings, path, plan)
            _check_sections(findings, path, plan)
            _check_lead_lag(findings, path, plan)
    for path, name in each(data, ("reports", "*", "approve", "by")):
        _person(findings, path, name)
    _check_side_by_side(findings)


def _check_publish(findings: Findings, path: Path, plan: dict[str, Any]) -> None:
    audience = plan.get("audience", "council")
    if plan.get("publish") is True and audience in ("manager", "department"):
        said = f"a report for the {audience} is never published"
        findings.error((*path, "publish"), "not-public", said, "take publish out, or write audience: council")


def _check_side_by_side(findings: Findings) -> None:
    """What is published twice, in other pieces, can be subtracted: small numbers are hidden in each alone."""
    plans = [
        (path, plan.get("every", "month"), plan.get("audience", "council"))
        for path, plan in each(findings.tree.data, ("reports", "*"))
        if isinstance(plan, dict) and plan.get("publish") is True
    ]
    for at, (path, every, audience) in enumerate(plans):
        for other, other_every, other_audience in plans[:at]:
            if {audience, other_audience} == {"council", "ward"}:
                said = "wards beside the whole town"
            elif every != other_every:
                said = f"each {every} beside each {other_every}"
            else:
                continue
            findings.warning(
                (*path, "publish"),
                "published-twice",
                f'this tells of {said} in "{other[-1]}": subtracting one from the other tells hidden numbers',
                "publish only one of them (docs/decisions/0028)",
            )
            break


def _check_sections(findings: Findings, path: Path, plan: dict[str, Any]) -> None:
    audience = plan.get("audience", "council")
    if audience == "manager":
        return
    sections = plan.get("sections")
    for place, name in enumerate(sections if isinstance(sections, list) else [sections]):
        if name in INTERNAL:
            at = (*path, "sections", place) if isinstance(sections, list) else (*path, "sections")
            said = f'"{name}" is for the manager alone: it names employees, or what points at residents'
            findings.error(at, "managers-only", said, "take it out, or write audience: manager")


def _check_lead_lag(findings: Findings, path: Path, plan: dict[str, Any]) -> None:
    is_yearly = plan.get("every") in ("year", "fiscal_year") and plan.get("audience") == "manager"
    sections = plan.get("sections")
    if plan.get("lead_lag") is not True or (is_yearly and (not sections or "changes" in sections)):
        return
    said = "the search for what goes before what stands in the section changes of a manager's yearly report"
    findings.error(
        (*path, "lead_lag"), "no-lead-lag", said, "write every: year and audience: manager, or drop it"
    )


def check_wards(findings: Findings, layers: Layers) -> None:
    """The wards that a report names must stand in the layer of wards."""
    data = findings.tree.data
    town = data.get("town")
    layer = town.get("wards") if isinstance(town, dict) else None
    for path, plan in each(data, ("reports", "*")):
        if not isinstance(plan, dict) or plan.get("audience") != "ward":
            continue
        if layer is None:
            hint = "write wards: at town, with the layer of the wards"
            findings.error((*path, "audience"), "no-wards", "the town has no layer of wards", hint)
        elif isinstance(layer, str) and layers.has(layer):
            known = [feature.name for feature in layers.features(layer) if feature.name]
            _check_names(findings, (*path, "to"), plan.get("to"), known, "ward")
            _check_lengths(findings, (*path, "audience"), known)


def _check_lengths(findings: Findings, path: Path, known: list[str]) -> None:
    for name in known:
        if len(name) > LONGEST_PART:
            said = f'the name of the ward "{name[:40]}…" has {len(name)} characters'
            findings.error(path, "long-ward", said, f"at most {LONGEST_PART} can be kept with an edition")


def _check_day(findings: Findings, path: Path, plan: dict[str, Any]) -> None:
    send = plan.get("send")
    on = send.get("on") if isinstance(send, dict) else None
    _kind, _, number = on.rpartition(" ") if isinstance(on, str) else ("", "", "")
    if plan.get("every") == "week" and number.isdigit() and int(number) > 7:
        said = f"a week has no {on}"
        findings.error((*path, "send", "on"), "no-such-day", said, 'write "monday" or "business day 2"')


def _check_cron(findings: Findings, path: Path, plan: dict[str, Any]) -> None:
    send, every = plan.get("send"), plan.get("every", "month")
    line = send.get("cron") if isinstance(send, dict) else send
    if not isinstance(line, str):
        return
    try:
        is_rare = any(next(CronSim(line, start)) >= end for start, end in zip(*_starts(every), strict=True))
    except (CronSimError, StopIteration):
        return  # told where the line is read
    if is_rare:
        unit = str(every).replace("_", " ")
        said = f'"{line}" does not come true in every {unit}, so two editions would go out at once'
        at = (*path, "send", "cron") if isinstance(send, dict) else (*path, "send")
        findings.error(at, "rare-cron", said, "let it come true more often, or change every")


def _starts(every: Any) -> tuple[list[datetime], list[datetime]]:
    """Return when the next periods begin and end: five years of months, a year of weeks."""
    if every == "week":
        days = [CRON_START + timedelta(days=4 + 7 * week) for week in range(54)]
        return days[:-1], days[1:]
    step = MONTHS_OF.get(every, 1) if isinstance(every, str) else 1
    months = [
        CRON_START.replace(year=2026 + count // 12, month=count % 12 + 1) for count in range(0, 73, step)
    ]
    return months[:-1], months[1:]


def _check_fiscal_year(findings: Findings, path: Path, plan: dict[str, Any]) -> None:
    town = findings.tree.data.get("town")
    if plan.get("every") == "fiscal_year" and isinstance(town, dict) and "fiscal_year" not in town:
        said = "the town does not say when its fiscal year begins, so it begins in january"
        findings.warning((*path, "every"), "no-fiscal-year", said, "write fiscal_year: july at town")


def _check_attach(findings: Findings, path: Path, plan: dict[str, Any]) -> None:
    attach = plan.get("attach")
    if isinstance(attach, dict) and attach.get("pdf") is False and attach.get("csv") == "embedded":
        said = "the figures cannot be embedded where there is no PDF"
        findings.error((*path, "attach", "csv"), "no-pdf", said, "write csv: attached, or pdf: true")


def _check_recipients(findings: Findings, path: Path, plan: dict[str, Any]) -> None:
    to, audience = plan.get("to"), plan.get("audience", "council")
    if isinstance(to, dict):
        if audience not in ("department", "ward"):
            said = f"recipients by part are given, but the report for the {audience} has no parts"
            findings.error((*path, "to"), "no-parts", said, "write a list of recipients")
            return
        if audience == "department":
            departments = findings.tree.data.get("departments")
            known = list(departments) if isinstance(departments, dict) else []
            _check_names(findings, (*path, "to"), to, known, "department")
    for tail, name in _named(to):
        if name == HEAD and audience != "department":
            said = f'"{HEAD}" is somebody only in a report for departments'
            findings.error(
                (*path, "to", *tail), "no-head", said, "name a person, or write audience: department"
            )
        elif name != HEAD and "@" not in name:
            _person(findings, (*path, "to", *tail), name)


def _named(to: Any) -> list[tuple[Path, str]]:
    """Return every recipient with its place below ``to``."""
    if isinstance(to, str):
        return [((), to)]
    if isinstance(to, list):
        return [((place,), name) for place, name in enumerate(to) if isinstance(name, str)]
    rows = to.items() if isinstance(to, dict) else ()
    return [((part, *tail), name) for part, row in rows for tail, name in _named(row)]


def _check_names(findings: Findings, path: Path, to: Any, known: list[str], kind: str) -> None:
    for name in to if isinstance(to, dict) else ():
        if name not in known:
            said = f'no {kind} "{name}"'
            findings.error((*path, name), f"unknown-{kind}", said, nearest(str(name), known))


def _person(findings: Findings, path: Path, name: Any) -> None:
    people = findings.tree.data.get("people")
    known = list(people) if isinstance(people, dict) else []
    if isinstance(name, str) and name not in known:
        findings.error(path, "unknown-person", f'no person "{name}"', nearest(name, known))
