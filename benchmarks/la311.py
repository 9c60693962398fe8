"""What does an import of a large city's real requests take, and are its figures those of the file itself?

The file is read here once more with the ``csv`` module alone, row by row, and every figure of a monthly and
a yearly report is counted from it; one that differs is a measurement gone wrong. Its dirty rows are counted
the same way: closed before they were created, closed without a date, cancelled, passed on.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.lines import Line, MeasurementWrong, Plan, Skipped
from benchmarks.servers import empty_town, memory
from settings import ROOT

SAMPLE = ROOT.parent / "shared" / "data" / "la311" / "la311_sample.csv.gz"
SECRET = "la311-" + "s" * 40
FASTEST, MOST_GROWTH = 3000, 15
PERIODS = (("monthly", "2018-01"), ("monthly", "2018-12"), ("monthly", "2020-01"), ("yearly", "2018"))
SERVICES = {
    "Bulky Items": "bulky", "Metal/Household Appliances": "appliances", "Electronic Waste": "appliances",
    "Graffiti Removal": "graffiti", "Illegal Dumping Pickup": "dumping",
    "Single Streetlight Issue": "street-light", "Multiple Streetlight Issue": "street-light",
}  # fmt: skip
CHANNELS = {"Call": "phone", "Mobile App": "app", "Self Service": "web", "Driver Self Report": "crew"}
ENDINGS = {"Closed": "fixed", "Cancelled": "withdrawn"}
OPEN = ("Open", "Pending")
OWNER_IS_AGENCY = {"LADWP": "water-power"}

MAP = {
    "source": "la311",
    "number": "srnumber",
    "received": "created",
    "closed": "closed",
    "service": {"column": "request_type", "values": SERVICES, "else": "other"},
    "status": {
        "column": "status",
        "values": {**ENDINGS, **dict.fromkeys(OPEN, "open"), "Referred Out": {"redirected": "referred"}},
    },
    "agency": {"column": "owner", "values": OWNER_IS_AGENCY},
    "channel": {"column": "source", "values": CHANNELS, "else": "other"},
    "lat": "lat",
    "lon": "lon",
}
HOURS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-17:00")
TARGET = {"acknowledge": "8 office hours", "finish": "3 working days"}
RULES = {
    "town": {
        "name": "A City", "jurisdiction_id": "city.example", "timezone": "America/Los_Angeles",
        "languages": ["en"], "websites": ["https://www.city.example"], "website": "https://www.city.example",
        "phone": "213-555-0100", "email": "hall@city.example", "address": "City Hall",
        "office_hours": HOURS, "holidays": {"country": "US"},
        "emergency": {"call": "911", "say": "Call 911.", "words": ["fire"]},
    },
    "departments": {"office": {"name": "Office", "head": "clerk"}},
    "clerk": "clerk",
    "people": {
        name: {"name": name, "email": f"{name}@city.example", "department": "office", "deputy": other}
        for name, other in (("clerk", "deputy"), ("deputy", "clerk"))
    },
    "agencies": {
        name: {"name": name, "kind": "utility", "phone": "213-555-0111", "website": "https://a.example",
               "handoff": "none"}
        for name in ("water-power", "referred")
    },
    "groups": {"all": "Everything"},
    "services": {
        name: {"name": name, "group": "all", "description": name, "words": [name], "assignee": "clerk",
               "target": TARGET}
        for name in sorted({*SERVICES.values(), "other"})
    },
    "widgets": {"report": {"title": "Report", "intro": "Here."}},
    "reports": {
        name: {"title": name, "every": every, "send": {"on": "business day 3", "at": "07:00"},
               "audience": "manager", "to": ["clerk"]}
        for name, every in (("monthly", "month"), ("yearly", "year"))
    },
}  # fmt: skip
"""A town that has these services; JSON is YAML too."""


@dataclass
class Done:
    """One run of a command."""

    said: str
    seconds: float
    processor: float
    peak: float
    """Megabytes."""


def rows(plan: Plan) -> Iterator[Line]:
    """Yield speed, memory, dirty rows, and how many figures agree with the file."""
    if not SAMPLE.exists():
        raise Skipped(f"{SAMPLE} is not there; it is real data for development and no part of the project")
    folder = plan.folder / "la311"
    data = empty_town(folder / "town")
    for name, said in (("rules.yaml", RULES), ("map.yaml", MAP)):
        (folder / name).write_text(json.dumps(said), encoding="utf-8")
    (folder / "all.csv").write_bytes(gzip.decompress(SAMPLE.read_bytes()))
    lines = (folder / "all.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "few.csv").write_text("".join(lines[:4001]), encoding="utf-8")
    truth = Truth.of(folder / "all.csv")

    few = _import(data, folder / "few.csv")
    whole = _import(data, folder / "all.csv")
    again = _import(data, folder / "all.csv")
    yield _speed(whole, len(lines) - 1 - 4000)
    yield from _memory(few, whole)
    yield _dirt(whole, truth)
    if "0  new, 0 changed" not in again.said:
        raise MeasurementWrong(f"the same file a second time was not taken as the same: {again.said}")
    yield Line(
        what="the same file a second time",
        ours=f"{_rate(again):,.0f} rows/s, nothing changed",
        reference=f"{len(lines) - 1:,} rows looked up",
    )
    for report, period in PERIODS:
        yield _figures(data, folder, truth, report, period)


def _speed(whole: Done, new: int) -> Line:
    rate = _rate(whole)
    return Line(
        what="import of 311 requests, 4,000 of them there already",
        ours=f"{rate:,.0f} rows/s, {new:,} new",
        reference=f"{new / whole.processor:,.0f} a second of processor time",
        ratio=rate / FASTEST,
        goal=f">= {FASTEST:,}/s",
        is_met=rate >= FASTEST,
        figures={"seconds": whole.seconds, "processor": whole.processor, "said": whole.said},
    )


def _memory(few: Done, whole: Done) -> Iterator[Line]:
    if not whole.peak:
        return
    growth = whole.peak - few.peak
    yield Line(
        what="memory of the import at its highest",
        ours=f"{whole.peak:.0f} MB",
        reference=f"with a ninth of the rows {few.peak:.0f} MB",
        ratio=growth / MOST_GROWTH,
        goal=f"<= {MOST_GROWTH} MB+",
        is_met=growth <= MOST_GROWTH,
    )


def _dirt(whole: Done, truth: Truth) -> Line:
    said = {
        kind: int(many.replace(",", ""))
        for many, kind in re.findall(r"^ +([\d,]+)  ([a-z-]+): ", whole.said, re.M)
    }
    wanted = {"closed-before-received": truth.backwards, "ended-without-a-date": truth.endless}
    if said != wanted:
        raise MeasurementWrong(f"the import tells of {said}, but the file has {wanted}")
    return Line(
        what="dirty rows, told by kind",
        ours=", ".join(f"{many} {kind}" for kind, many in said.items()),
        reference="the csv module counts the same",
    )


# -- the file itself --


@dataclass(frozen=True)
class Fate:
    """One row of the file, as the definitions see it: naive town time, and what came of it."""

    created: datetime
    ended: datetime | None
    ending: str
    service: str
    channel: str


@dataclass(frozen=True)
class Truth:
    """The file, counted without Townline."""

    fates: tuple[Fate, ...]
    backwards: int
    endless: int

    @classmethod
    def of(cls, file: Path) -> Truth:
        """Read it with the csv module alone."""
        fates, backwards, endless = [], 0, 0
        with open(file, encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                is_open = row["status"] in OPEN
                if not is_open and not row["closed"]:
                    endless += 1
                    continue
                created = datetime.fromisoformat(row["created"])
                ended = None if is_open else datetime.fromisoformat(row["closed"])
                if ended is not None and ended < created:
                    backwards += 1
                    ended = created
                is_theirs = row["owner"] in OWNER_IS_AGENCY and row["status"] == "Closed"
                ending = "redirected" if is_theirs else ENDINGS.get(row["status"], "redirected")
                fates.append(
                    Fate(
                        created,
                        ended,
                        "" if is_open else ending,
                        SERVICES.get(row["request_type"], "other"),
                        CHANNELS.get(row["source"], "other"),
                    )
                )
        return cls(tuple(fates), backwards, endless)

    def figures(self, period: str) -> dict[str, Any]:
        """Count what a report of ``2018-12`` or ``2018`` has to say."""
        received = [one for one in self.fates if one.created.isoformat().startswith(f"{period}-")]
        ended = [one for one in self.fates if one.ended and one.ended.isoformat().startswith(f"{period}-")]
        endings = Counter(one.ending for one in ended)
        closed = {
            name: endings[name] for name in ("fixed", "no_action", "not_found", "duplicate", "withdrawn")
        }
        last = period + "-99"

        def is_open_after(one: Fate) -> bool:
            return one.created.isoformat() < last and (one.ended is None or one.ended.isoformat() > last)

        return {
            "received": len(received),
            "outcomes": closed,
            "redirected": endings["redirected"],
            "open_after": sum(is_open_after(one) for one in self.fates),
            "services": dict(Counter(one.service for one in received)),
            "channels": dict(Counter(one.channel for one in received)),
        }


def _figures(data: Path, folder: Path, truth: Truth, report: str, period: str) -> Line:
    out = folder / f"{report}-{period}"
    done = _run(data, "report", "build", report, "--period", period, "--out", str(out), "--format", "json")
    (file,) = out.glob("*.json")
    found = json.loads(file.read_text(encoding="utf-8"))["figures"]
    this = found["this"]
    ours = {
        **{name: this[name] for name in ("received", "outcomes", "redirected", "open_after")},
        "services": {
            row["name"]: row["snapshot"]["received"]
            for row in found["services"]
            if row["snapshot"]["received"]
        },
        "channels": found["channels"],
    }
    wanted = truth.figures(period)
    if ours != wanted:
        raise MeasurementWrong(f"{period}: the report says {ours}, but the file has {wanted}")
    closed = sum(this["outcomes"].values())
    many = 3 + sum(len(wanted[name]) for name in ("outcomes", "services", "channels"))
    return Line(
        what=f"{many} figures of {period} agree with the file",
        ours=f"{this['received']:,} in, {closed:,} closed, {this['redirected']} passed on",
        reference=f"still open {this['open_after']:,}; counted in {done.seconds:.1f} s with the start",
    )


# -- commands --


def _rate(done: Done) -> float:
    found = re.search(r"([\d,]+) rows read in ([\d.]+) s", done.said)
    if found is None:
        raise MeasurementWrong(f"the import does not tell its time: {done.said}")
    return int(found[1].replace(",", "")) / max(float(found[2]), 0.05)


def _import(data: Path, file: Path) -> Done:
    return _run(data, "requests", "import", str(file), "--map", str(data.parent / "map.yaml"))


def _run(data: Path, *words: str) -> Done:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TOWNLINE_")}
    ours = {"DATA": str(data), "RULES": str(data.parent / "rules.yaml"), "SECRET": SECRET}
    ours["BASE_URL"] = "https://311.city.example"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    with open(data.parent / "said.txt", "w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", *words],
            cwd=ROOT, env=clean | {f"TOWNLINE_{name}": value for name, value in ours.items()},
            stdout=said, stderr=said,
        )  # fmt: skip
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, _peak(process.pid))
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        said.seek(0)
        told = said.read()
    if process.returncode:
        raise MeasurementWrong(f"flask {' '.join(words[:2])} ended with {process.returncode}: {told[-800:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Done(told, seconds, used, peak)


def _peak(pid: int) -> float:
    try:
        return memory(pid)["peak"]
    except (Skipped, KeyError, OSError):
        return 0.0  # it ended in between
