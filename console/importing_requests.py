"""How does a town's past come into Townline? ``requests import`` reads any CSV file by a map."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TextIO

import click
from flask.cli import AppGroup

from casework import unimporting
from casework.importing import Importer, Taken, bounds_of
from casework.office import Office, the_office
from casework.unimporting import Undone
from past.files import Table, opened
from past.flaws import CannotRead, Flaw, Found
from past.mapping import Map, paired, read_map
from past.reading import Reader, Understood
from past.request import PastRequest
from past.suggesting import suggested
from past.survey import check_positions, forms
from past.tally import Tally
from storage import factbook, imported
from storage.database import reading
from storage.imported import SeenNumbers

MOST_TOLD = 20
"""So many numbers are printed of what an undo leaves."""
BATCH = 500
"""Requests of one transaction: others write in between."""

requests = AppGroup("requests", help="The town's requests as a whole.")


@dataclass
class Course:
    """How far an import is, and what came of it."""

    tally: Tally
    rows: int = 0
    left_out: int = 0
    taken: Taken = field(default_factory=Taken)

    def add(self, taken: Taken) -> None:
        """Count what became of a batch."""
        self.taken.new += taken.new
        self.taken.changed += taken.changed
        self.taken.same += taken.same
        self.taken.reckoned += taken.reckoned
        self.left_out += len(taken.worked_on)
        for ending, many in taken.endings.items():
            self.taken.endings[ending] = self.taken.endings.get(ending, 0) + many
        for one in taken.worked_on:
            self.tally.add(one.line, Found(Flaw.WORKED_ON, value=one.number))


@requests.command("import")
@click.argument(
    "file", metavar="[CSV]", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--map", "maps", multiple=True, help="A file, or column=field for each column.")
@click.option("--source", help="The system that the file comes from; must be given with column=field.")
@click.option("--dry-run", is_flag=True, help="Read everything and say what would happen; write nothing.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write every problem there.")
@click.option("--suggest", is_flag=True, help="Print a map for this file, to be put right by hand.")
@click.option("--start-work", is_flag=True, help="Have people reminded of the open ones, a few a day.")
@click.option("--undo", metavar="SOURCE", help="Take out again what came from there; needs no CSV.")
@click.option("--yes", is_flag=True, help="With --undo: do not ask.")
def take(
    file: Path | None,
    maps: tuple[str, ...],
    source: str | None,
    dry_run: bool,
    report: Path | None,
    suggest: bool,
    start_work: bool,
    undo: str | None,
    yes: bool,
) -> None:
    """Bring in the requests that another system has kept, from any CSV file.

    No letters are sent. Run again, it takes only what is new or has changed.
    """
    office = the_office()
    if undo is not None:
        if file is not None or maps or source or report or suggest or start_work:
            raise click.UsageError("--undo stands alone, or with --dry-run or --yes")
        _undo(undo, is_dry=dry_run, is_sure=yes)
        return
    if file is None:
        raise click.UsageError("name the CSV file to be read")
    try:
        if suggest:
            named = source or re.sub(r"[^a-z0-9]+", "-", file.stem.casefold()).strip("-") or "import"
            for line in suggested(opened(file), office.rulebook, named):
                click.echo(line)
            return
        _check_report(report, (file, *map(Path, maps)))
        plan = _map(office, maps, source)
        _import(office, file, plan, is_dry=dry_run, report=report)
        if start_work:
            begun = Importer(office, plan.source, now=datetime.now(UTC)).start_work(is_dry=dry_run)
            would = "would be" if dry_run else "are"
            click.echo(f"Of {begun:,} open ones people {would} reminded from now on, a few a working day.")
    except CannotRead as refused:
        raise click.ClickException(str(refused)) from None


def _undo(source: str, *, is_dry: bool, is_sure: bool) -> None:
    found = unimporting.look(source)
    if not found.gone and not found.kept:
        with reading() as session:
            known = imported.sources(session)
        there = ", ".join(f"{name} ({many:,})" for name, many in known.items()) or "none"
        raise click.ClickException(f"nothing has come from {source}; there is: {there}")
    _told_undone(source, found, "would go" if is_dry else "go for good")
    if is_dry or not found.gone:
        return
    if not is_sure:
        click.confirm("Only a backup brings them back. Take them out?", abort=True)
    done = unimporting.undo(source)
    click.echo(f"{done.gone:,} are gone.")


def _told_undone(source: str, found: Undone, words: str) -> None:
    click.echo(f"{source}: {found.gone:,} requests {words}.")
    if found.kept:
        some = ", ".join(found.kept[:MOST_TOLD]) + (", …" if len(found.kept) > MOST_TOLD else "")
        click.echo(f"{len(found.kept):,} stay, for they have been worked on here: {some}")


def _map(office: Office, maps: Sequence[str], source: str | None) -> Map:
    files = [word for word in maps if Path(word).is_file()]
    if not maps:
        raise click.UsageError("say what the columns mean with --map; --suggest prints a map to begin with")
    if len(files) == len(maps) == 1:
        return read_map(Path(files[0]), office.rulebook)
    if files:
        raise click.UsageError("--map is one file, or column=field for each column, not both")
    if len(maps) == 1 and "=" not in maps[0]:
        raise click.ClickException(f"{maps[0]}: there is no such file")
    if not source:
        # Never the file's name: next month's file would bring everything in a second time.
        raise click.UsageError(
            "say with --source which system the file comes from, as in --source clerks-list, and the same "
            "for its next file: by it a request is known again"
        )
    return paired(maps, source, office.rulebook)


def _import(office: Office, file: Path, plan: Map, *, is_dry: bool, report: Path | None) -> None:
    now = datetime.now(UTC)
    table = opened(file, encoding=plan.encoding, separator=plan.separator)
    plan.check_header(table.header, str(file))
    bounds = bounds_of(office)
    read_as = forms(table, plan)
    check_positions(table, plan, bounds)
    if not is_dry:
        factbook.make_current(office.sorting)  # what is added belongs beside rows of the same form
    with ExitStack() as stack:
        course = Course(Tally(stack.enter_context(_written(report)) if report else None))
        began = time.perf_counter()
        try:
            reader = Reader(table, plan, read_as, bounds=bounds, now=now)
            importer = Importer(office, plan.source, now=now)
            for batch in _batches(reader, course, stack):
                if not course.taken.seen:
                    _warn_of_others(importer, batch)
                course.add(importer.look(batch) if is_dry else importer.take(batch))
        except BaseException:
            click.echo(
                "Stopped before the end. What is told below is in; run it again for the rest.", err=True
            )
            raise
        finally:
            _told(course, table, plan, time.perf_counter() - began, is_dry=is_dry)
    for heading, form in read_as.items():
        click.echo(f"Dates in {heading}: {form.pattern or form.order}, {form.zone.key} time.")
    if table.not_utf8:
        click.echo(f"Line {table.not_utf8} is not UTF-8, so the file was read as Windows-1252 (cp1252).")
    if course.taken.reckoned:
        unnamed = "" if "due" in plan.columns else "no column is named for due, so "
        click.echo(
            f"Promised dates that were reckoned: {course.taken.reckoned:,}; {unnamed}each service's present "
            'target was taken. "On time" says how these would have met it.'
        )
    if course.rows and course.left_out == course.rows:
        raise click.ClickException("no row could be taken; put the map right and run it again")


def _warn_of_others(importer: Importer, batch: Sequence[PastRequest]) -> None:
    """Say so where most of the first numbers are here already under another source's name."""
    others = importer.elsewhere(batch)
    named = sum(1 for one in batch if one.number)
    for source, many in others.items():
        if many * 2 >= named:
            click.echo(
                f"Warning: {many:,} of the first {named:,} numbers are here already from {source}. If this "
                f"is the same system, its source has to be {source}, or every request counts twice.",
                err=True,
            )


def _check_report(report: Path | None, read: Sequence[Path]) -> None:
    if report is not None and report.exists() and any(map(report.samefile, filter(Path.exists, read))):
        raise CannotRead(f"{report} is read by this import; name another file for --report")


@contextmanager
def _written(report: Path) -> Iterator[TextIO]:
    """Open the report; it takes the place of an older one only when it is whole."""
    # What is no plain file, such as /dev/stdout, cannot be renamed to.
    is_direct = report.exists() and not report.is_file()
    place = report if is_direct else report.resolve()
    beside = place if is_direct else place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        file = open(beside, "w", encoding="utf-8", newline="")  # noqa: SIM115 - closed before the renaming
    except OSError as error:
        raise CannotRead(f"{report} cannot be written ({error.strerror})") from None
    try:
        with file:
            yield file
        if not is_direct:
            beside.replace(place)
    finally:
        if not is_direct:
            beside.unlink(missing_ok=True)


def _batches(reader: Reader, course: Course, stack: ExitStack) -> Iterator[list[PastRequest]]:
    seen = SeenNumbers()
    stack.callback(seen.close)
    rows = (one.request for one in _counted(reader, course, seen) if one.request is not None)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _counted(reader: Reader, course: Course, seen: SeenNumbers) -> Iterator[Understood]:
    """Yield what the rows say, and count what is wrong with them, a number named twice included."""
    for one in reader:
        course.rows += 1
        request = one.request
        if request is not None and seen.first_line(request.identity, request.line) is not None:
            flaw = Flaw.TWICE if request.number else Flaw.SAME_AGAIN
            one.request, one.flaws = None, [Found(flaw, value=request.number)]
        course.left_out += one.is_left_out
        course.tally.note(one)
        yield one


def _told(course: Course, table: Table, plan: Map, seconds: float, *, is_dry: bool) -> None:
    taken = course.taken
    would = "would be " if is_dry else ""
    each = f", {course.rows / seconds:,.0f} a second" if seconds > 0 and course.rows else ""
    click.echo(f"{table.path.name} from {plan.source}: {course.rows:,} rows read in {seconds:.1f} s{each}.")
    endings = ", ".join(
        f"{many:,} {word}" for word, many in sorted(taken.endings.items(), key=lambda one: (-one[1], one[0]))
    )
    click.echo(
        f"{taken.new:>9,}  {would}new, {taken.changed:,} changed" + (f": {endings}" if endings else "")
    )
    click.echo(f"{taken.same:>9,}  there already, as they are")
    click.echo(f"{course.left_out:>9,}  left out")
    problems = list(course.tally.lines())
    click.echo("Problems:" if problems else "No problems.")
    for line in problems:
        click.echo(line)
