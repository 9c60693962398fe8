"""How did a figure come about? Its definition, its arithmetic and the requests behind it, as plain lines.

For whoever has to answer for the figure: so it speaks of requests by number, and is never published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from casework.office import Office
from figures.counted import ENDINGS, Promise
from figures.reckoning import Headlines
from figures.shapes import TOWN, AgencyLine, Scope, Snapshot
from figures.survival import HOUR, Watch
from figures.town import agencies, backlog, satisfaction
from reports.making import NotYet
from reports.period import Period, frame_of
from storage import counting, explaining, factbook
from storage.database import reading
from storage.explaining import BEHIND, MOST, Seen
from storage.ledger import Ledger

FIGURES = tuple(BEHIND)
MEANINGS = {
    "received": "reports received in the period, without spam and what is held",
    "issues": "of those received, the ones that did not end as duplicates",
    "finished": "the ending that stands lies in the period and is the town's: fixed, no action, not found, "
    "duplicate, withdrawn",
    "redirected": "ended in the period as another agency's job; never a closure",
    "passed_on": "handed over and not given back, or ended as another's job, in the period",
    "handed_off": "each hand-off to an agency in the period: a request that one gave back and another got "
    "counts twice",
    "open_before": "received before the period, not ended by its start",
    "open_after": "received before the period's end, not ended by then",
    "with_agency": "of those open at the end, the ones that an agency has",
    "overdue": "of those open at the end, the ones past their promised date that no agency has",
    "half": "Kaplan-Meier with delayed entry: each request is watched from the age it had at the period's "
    "start until it was finished, passed on or withdrawn, or until the period's end; the curve ends where "
    "those watched, divided by the share not yet done, are under ten",
    "ninety": "as half, up to nine in ten",
    "on_time": "of those promised for the period, without what was a duplicate, withdrawn or passed on by "
    "then: finished by then",
    "first_answer": "of those received in the period and not passed on: until half had the first word of a "
    "person; those without one wait until they ended, or until now",
    "reopened": "of the first endings from 30 days before the start to 30 days before the end: opened again "
    "within 30 days",
    "satisfaction": "of those finished in the period by the town's own work: ratings of 4 and 5 of 5",
}


def explained(
    office: Office, period: Period, figure: str, *, scope: Scope = TOWN, now: datetime
) -> Iterator[str]:
    """Yield the lines; raises ``NotYet``. ``figure`` is one of ``FIGURES``."""
    if period.end > now:
        raise NotYet(period)
    factbook.make_current(office.sorting)
    frame = frame_of(period)
    frame = replace(frame, line=(frame.this,), line_before=())
    with reading() as session:
        groups = counting.counted(session, frame, as_of=now, scope=scope)
        headlines = Headlines(groups, frame)
        this = headlines.of(frame.this)
        watch = headlines.answers(frame.this) if figure == "first_answer" else headlines.watch(frame.this)
        told = {
            "overdue": backlog(groups.open).overdue,
            "reopened": groups.reopened,
            "satisfaction": satisfaction(groups.ratings, this),
            "agencies": agencies(groups),
        }
        total, rows = explaining.behind(Ledger.opened(session, scope), figure, frame.this)
    yield f"{figure} for {period.key}{_scope(scope)}, {period.first_day} to {period.last_day}"
    yield f"  what it is: {MEANINGS[figure]}"
    yield from _arithmetic(figure, this, watch, told)
    yield from _rows(rows, total, period.zone, is_promise_told=figure == "on_time")


def _scope(scope: Scope) -> str:
    return f" of {scope.kind} {scope.name}" if scope.kind else ""


def _arithmetic(figure: str, this: Snapshot, watch: Watch, told: dict[str, Any]) -> Iterator[str]:
    if figure in ("half", "ninety", "first_answer"):
        yield from _steps(watch, 0.9 if figure == "ninety" else 0.5)
    elif figure == "on_time":
        share = _percent(this.on_time, this.due)
        yield f"  {this.on_time} finished by the promised date of {this.due} due{share}"
    elif figure == "open_after":
        yield (
            f"  {this.open_before} open before + {this.received} received - {this.finished} finished "
            f"- {this.redirected} redirected = {this.open_after}"
        )
    elif figure == "finished":
        parts = " + ".join(f"{count} {name}" for name, count in this.outcomes.items())
        yield f"  {parts} = {this.finished}"
    elif figure == "issues":
        yield f"  {this.received} received - {this.received - this.issues} duplicates = {this.issues}"
    elif figure == "reopened":
        ended, again = told["reopened"]
        yield f"  {again} opened again of {ended} first endings{_percent(again, ended)}"
    elif figure == "satisfaction":
        found = told["satisfaction"]
        yield f"  {found.good} good of {found.rated} ratings{_percent(found.good, found.rated)}"
        yield f"  {found.rated} ratings of {found.asked} finished{_percent(found.rated, found.asked)}"
    elif figure == "handed_off":
        yield from _by_agency(told["agencies"])
    elif figure == "overdue":
        yield f"  {told['overdue']}"
    else:
        yield f"  {getattr(this, figure)}"


def _by_agency(lines: Sequence[AgencyLine]) -> Iterator[str]:
    handed = [line for line in lines if line.handed_off]
    for line in handed:
        half = "" if line.hours is None else f", half within {line.hours} hours of the receipt"
        yield (
            f"  {line.agency}: {line.handed_off} handed over, {line.returned} given back, "
            f"{line.confirmed} confirmed{half}"
        )
    yield f"  {sum(line.handed_off for line in handed)} together"


def _percent(part: int, whole: int) -> str:
    return f" = {part / whole:.1%}" if whole else ""


def _steps(watch: Watch, share: float) -> Iterator[str]:
    """Yield the curve until the share was done: what a person can follow with a pocket calculator."""
    waits = watch.waits((share,))
    if waits is None:
        yield f"  {watch.watched} under watch: too few at one age, so nothing is said"
        return
    (wait,) = waits
    hours = wait.seconds // HOUR
    yield f"  {watch.watched} under watch"
    yield "   hours   done  watched  not yet done"
    left = 1.0
    for age, done, at_risk in watch.steps():
        if age > hours:
            if not wait.is_reached:
                yield f"  {age:6}  {done:5}  {at_risk:7}  too few: {at_risk} / {left:.4f} is under ten"
            break
        left *= 1 - done / at_risk
        yield f"  {age:6}  {done:5}  {at_risk:7}  {left:12.4f}"
    said = f"{hours} hours ({hours / 24:.1f} days)"
    yield f"  {share:.0%} done {'within ' + said if wait.is_reached else 'not within ' + said}"


def _rows(rows: Sequence[Seen], total: int, zone: ZoneInfo, *, is_promise_told: bool) -> Iterator[str]:
    yield f"  {total} requests" + (f", the first {MOST} of them" if total > len(rows) else "") + ":"
    for seen in rows:
        ending = ENDINGS[seen.ending]
        parts = [
            f"{seen.number:>10}",
            seen.service,
            f"received {_moment(seen.created, zone)}",
            f"promised {_moment(seen.due, zone)}",
            ("on time" if seen.promise == Promise.KEPT else "late") if is_promise_told else "",
            f"first word {_moment(seen.answered, zone)}" if seen.answered else "",
            f"{ending} {_moment(seen.ended, zone)}" if ending and seen.ended else "open",
            f"passed on {_moment(seen.gone, zone)}" if seen.gone and seen.gone != seen.ended else "",
        ]
        yield "  " + "  ".join(part for part in parts if part)


def _moment(seconds: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")
